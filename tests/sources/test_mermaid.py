"""Flowcharts: what each construct means, where each mistake is reported, and that no text crashes the reader.

Also: a graph that is written as Mermaid and read again is the same.
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagramkit import pipeline
from diagramkit.diagnostics import DiagramError, Span
from diagramkit.graph import Graph, Pattern
from diagramkit.options import Options
from diagramkit.sources import fixes
from diagramkit.sources.mermaid.read import parse
from diagramkit.sources.mermaid.source_text import Origin
from diagramkit.sources.mermaid.write import to_mermaid
from tests.support import corpus
from tests.support.project import DATA, PATTERN_NAMES, SAMPLE_NAMES, patterns, samples


def read(text: str) -> Graph:
    return parse(text, Origin("d.mmd"))


def edges(text: str) -> list[tuple[str, str, str, str, str, str]]:
    return [(edge.source, edge.target, edge.label, edge.stroke, edge.tail, edge.head) for edge in read(text).edges]


@pytest.mark.parametrize(
    ("body", "shape", "label"),
    [
        ("A", "square", "A"),
        ("A[x]", "square", "x"),
        ("A(x)", "round", "x"),
        ("A([x])", "stadium", "x"),
        ("A[[x]]", "subroutine", "x"),
        ("A[(x)]", "cylinder", "x"),
        ("A((x))", "circle", "x"),
        ("A(((x)))", "doublecircle", "x"),
        ("A>x]", "odd", "x"),
        ("A{x}", "diamond", "x"),
        ("A{{x}}", "hexagon", "x"),
        ("A[/x/]", "lean_right", "x"),
        ("A[\\x\\]", "lean_left", "x"),
        ("A[/x\\]", "trapezoid", "x"),
        ("A[\\x/]", "inv_trapezoid", "x"),
        ("A(-x-)", "ellipse", "x"),
        ('A["a (b) [c]"]', "square", "a (b) [c]"),
        ("A[/v1/users/]", "lean_right", "v1/users"),
        ("A[a #quot;b#quot; #35;1]", "square", 'a "b" #1'),
        ('A["`**bold** text`"]', "square", "**bold** text"),
        ('A@{ shape: cyl, label: "x" }', "cylinder", "x"),
        ("A[日本]:::hot", "square", "日本"),
    ],
)
def test_brackets_give_a_node_its_shape_and_label(body: str, shape: str, label: str) -> None:
    node = read(f"graph LR\n  {body}\n").nodes[0]
    assert (node.id, node.shape, node.label) == ("A", shape, label)


@pytest.mark.parametrize(
    ("link", "stroke", "tail", "head", "length"),
    [
        ("-->", "normal", "none", "arrow", 1),
        ("---->", "normal", "none", "arrow", 3),
        ("---", "normal", "none", "none", 1),
        ("--o", "normal", "none", "circle", 1),
        ("--x", "normal", "none", "cross", 1),
        ("<-->", "normal", "arrow", "arrow", 1),
        ("o--o", "normal", "circle", "circle", 1),
        ("x--x", "normal", "cross", "cross", 1),
        ("-.->", "dotted", "none", "arrow", 1),
        ("-.-", "dotted", "none", "none", 1),
        ("-..->", "dotted", "none", "arrow", 2),
        ("==>", "thick", "none", "arrow", 1),
        ("===", "thick", "none", "none", 1),
        ("<==>", "thick", "arrow", "arrow", 1),
        ("~~~", "invisible", "none", "none", 1),
        ("<---", "normal", "none", "none", 2),
    ],
)
def test_a_link_gives_an_edge_its_stroke_heads_and_length(
    link: str, stroke: str, tail: str, head: str, length: int
) -> None:
    edge = read(f"graph LR\nA {link} B").edges[0]
    assert (edge.stroke, edge.tail, edge.head) == (stroke, tail, head)
    assert edge.length == length


@pytest.mark.parametrize(
    "line",
    ["A -->|yes| B", 'A -->|"yes"| B', "A -- yes --> B", "A --yes--> B", 'A -- "yes" --> B'],
)
def test_a_link_can_be_labeled_in_two_notations(line: str) -> None:
    assert edges(f"graph LR\n{line}") == [("A", "B", "yes", "normal", "none", "arrow")]


def test_links_of_all_strokes_can_have_labels() -> None:
    assert edges("graph LR\nA -. no .-> B\nC == go ==> D\nE <-- both --> F") == [
        ("A", "B", "no", "dotted", "none", "arrow"),
        ("C", "D", "go", "thick", "none", "arrow"),
        ("E", "F", "both", "normal", "arrow", "arrow"),
    ]


def test_chains_and_lists_of_nodes_make_edges_in_the_same_order_as_in_mermaid() -> None:
    assert [(source, target) for source, target, *_ in edges("graph LR\nA & B --> C & D --> E")] == [
        ("A", "C"),
        ("A", "D"),
        ("B", "C"),
        ("B", "D"),
        ("C", "E"),
        ("D", "E"),
    ]


def test_a_node_belongs_to_the_first_subgraph_to_close_that_mentions_it() -> None:
    graph = read(
        "graph TB\nsubgraph Outer\n  A\n  subgraph Inner\n    B --> A\n  end\nend\nsubgraph Later\n  B\n  C\nend\n"
    )
    assert {node.id: node.group for node in graph.nodes} == {
        "A": "Inner",
        "B": "Inner",
        "C": "Later",
    }
    assert {group.id: group.parent for group in graph.groups} == {
        "Outer": None,
        "Inner": "Outer",
        "Later": None,
    }


@pytest.mark.parametrize(
    ("heading", "group", "title"),
    [
        ("subgraph VPC", "VPC", "VPC"),
        ('subgraph "us-east-1"', "us-east-1", "us-east-1"),
        ('subgraph "Knowledge Base"', "subGraph0", "Knowledge Base"),
        ("subgraph Data layer", "subGraph0", "Data layer"),
        ("subgraph pub [Public subnet]", "pub", "Public subnet"),
        ('subgraph pub ["Public (a)"]', "pub", "Public (a)"),
    ],
)
def test_the_heading_of_a_subgraph_gives_its_id_and_title(heading: str, group: str, title: str) -> None:
    (result,) = read(f"graph LR\n{heading}\n  A\nend\n").groups
    assert (result.id, result.label) == (group, title)


def test_an_edge_to_a_subgraph_does_not_add_a_node() -> None:
    graph = read("graph LR\nsubgraph G\n  A\nend\nB --> G\n")
    assert [node.id for node in graph.nodes] == ["A", "B"]
    assert graph.edges[0].target == "G"


def test_front_matter_directives_comments_and_accessibility_texts_are_read() -> None:
    graph = read(
        "---\ntitle: Orders\n---\n%%{init: {'theme': 'dark'}}%%\nflowchart RL\n"
        "%% a comment --> here\naccDescr: How orders flow\nA --> B; B --> C\n"
    )
    assert (graph.title, graph.description, graph.direction) == ("Orders", "How orders flow", "RL")
    assert len(graph.edges) == 2


def test_positions_are_those_in_the_file() -> None:
    graph = parse("graph LR\n  A --> B\n", Origin("s.yaml", 5, 3))
    assert str(graph.nodes[1].span) == "s.yaml:6:11"
    assert str(graph.edges[0].span) == "s.yaml:6:7"


@pytest.mark.parametrize(
    ("text", "position", "code", "advice"),
    [
        ("", "1:1", "empty-diagram", "flowchart LR"),
        ("sequenceDiagram\nA->>B: hi", "1:1", "unsupported-diagram", "a sequence diagram"),
        ("Flowchart LR\nA", "1:1", "mermaid-syntax", "'flowchart'"),
        ("graph LR A-->B\n", "1:10", "mermaid-syntax", "move it to a new line"),
        ("graph XY\nA", "1:7", "mermaid-syntax", "TB, BT, LR or RL"),
        ("graph LR\nA -> B", "2:3", "mermaid-arrow", "-->"),
        ("graph LR\nA => B", "2:3", "mermaid-arrow", "==>"),
        (
            "graph LR\nA[Amazon EC2 (Web: 80)]",
            "2:14",
            "mermaid-unquoted",
            '["Amazon EC2 (Web: 80)"]',
        ),
        ("graph LR\nA[x", "2:2", "mermaid-unclosed", "]"),
        ("graph LR\nA[]", "2:2", "mermaid-empty-label", "empty"),
        ("graph LR\nA[/health]", "2:2", "mermaid-unclosed", '["/health"]'),
        ("graph LR\nsubgraph X\nA", "2:1", "mermaid-end", "end"),
        ("graph LR\nend", "2:1", "mermaid-end", "does not close a subgraph"),
        ("graph LR\nA --> end", "2:7", "mermaid-reserved", "end_1"),
        ("graph LR\nA -->", "2:3", "mermaid-syntax", "no target"),
        ("graph LR\nA --> “B”", "2:7", "mermaid-syntax", "curly"),
        ("graph LR\nA --> B %% no", "2:9", "mermaid-syntax", "comment"),
        ("graph LR\n" + "subgraph s\n" * 101 + "end\n" * 101, "102:1", "too-deep", "nest fewer"),
        ("graph LR\nA@{ shape: cilinder }", "2:2", "mermaid-shape", "cylinder"),
    ],
)
def test_mistakes_are_reported_with_their_position_and_advice(text: str, position: str, code: str, advice: str) -> None:
    with pytest.raises(DiagramError) as caught:
        read(text)
    problem = caught.value.problems[0]
    assert (str(problem.span), problem.code) == (f"d.mmd:{position}", code)
    assert advice in problem.message


def test_every_mistake_is_reported_in_one_run() -> None:
    with pytest.raises(DiagramError) as caught:
        read("graph LR\nA -> B\nC --> D\nE[(x]\nF --> end\n")
    assert [problem.span.line for problem in caught.value.problems] == [2, 4, 5]


@pytest.mark.parametrize("name", [*PATTERN_NAMES, *SAMPLE_NAMES])
def test_a_written_graph_reads_back_as_the_same_graph(name: str) -> None:
    graph = {**patterns(), **samples()}[name].graph
    again = read(to_mermaid(graph))
    assert facts(again) == facts(graph)


def test_every_diagram_of_the_corpus_reads_back_as_the_same_graph() -> None:
    for name, text in corpus.diagrams():
        try:
            graph = parse(text, Origin("d.mmd"))
        except DiagramError:
            continue
        assert facts(read(to_mermaid(graph))) == facts(graph), (name, to_mermaid(graph))


@pytest.mark.parametrize(
    "label",
    [
        'My style: "x"',
        "classDef a:#quot;",
        "the direction LR",
        "%%{init: x}%%",
        "<b c=",
        "a #35; b",
        "`code`",
        "direction\n\nTB",
    ],
)
@pytest.mark.parametrize(
    "template", ['a["{}"]', 'subgraph "{}"\na\nend', 'a -->|"{}"| b', 'a@{{ shape: doc, label: "{}" }}']
)
def test_text_that_looks_like_syntax_stays_text(label: str, template: str) -> None:
    encoded = "".join(f"#{ord(char)};" for char in label)
    graph = read("flowchart LR\n" + template.format(encoded))
    again = read(to_mermaid(graph))
    labels = [
        [
            *(node.label for node in version.nodes),
            *(group.label for group in version.groups),
            *(edge.label for edge in version.edges),
        ]
        for version in (graph, again)
    ]
    assert label in labels[0]
    assert list(map(_normalize_breaks, labels[1])) == list(map(_normalize_breaks, labels[0]))


@pytest.mark.parametrize(
    "body",
    [
        "y --> href:;",
        'subgraph "call"\na\nend',
        'subgraph "#34;a"\nb\nend',
        "a --> %%b --> c",
        "a:::call;",
        "style a fill:call;",
        'a:mystyle["#34;"]',
        "a --> direction\nLRb --> c",
        "a e#35;1@--> b",
        'a -->|" "| b',
        'click a " "',
    ],
)
def test_ids_that_are_mermaid_keywords_are_written_so_that_they_can_be_read_again(body: str) -> None:
    graph = read(f"flowchart LR\n{body}")
    again = read(to_mermaid(graph))
    # The value `call` is a keyword and cannot be written.
    assert [(node.label, node.shape, node.style) for node in again.nodes] == [
        (node.label, node.shape, node.style if node.style != (("fill", "call"),) else ()) for node in graph.nodes
    ]
    assert len(again.edges) == len(graph.edges)
    assert [group.label for group in again.groups] == [group.label for group in graph.groups]


def test_a_node_and_a_group_keep_different_ids_if_one_is_written_in_codes() -> None:
    graph = read('flowchart LR\na --> b\nsubgraph "#97;"\nc\nend')
    assert [node.id for node in graph.nodes] == ["a", "b", "c"]
    assert [group.id for group in graph.groups] == ["#97;"]


@pytest.mark.parametrize("title", ["\ufeff", " ", "\u2028", "#32;"])
def test_a_group_with_a_blank_title_gets_an_id_and_is_drawn(title: str) -> None:
    graph = read(f'flowchart LR\nsubgraph "{title}"\na\nend')
    (group,) = graph.groups
    assert group.id.strip()
    assert graph.nodes[0].group == group.id
    pipeline.draw(Pattern(graph, "p", "", "P", "", Span("p")), Options())


@pytest.mark.parametrize("body", ["a e1@--> b\ne1 --> c", "a --> b\nL_a_b_0 --> c"])
def test_an_edge_to_a_link_id_is_not_drawn_but_the_rest_is(body: str) -> None:
    graph = read(f"graph LR\n{body}")
    assert [node.id for node in graph.nodes] == ["a", "b", "c"]
    picture = pipeline.draw(Pattern(graph, "p", "", "P", "", Span("p")), Options())
    assert [(edge.source, edge.target) for edge in picture.edges] == [("a", "b")]


def test_javascript_white_space_is_white_space() -> None:
    graph = read("flowchart LR\na --\ufeffx\ufeff-->\ufeffb")
    assert [(edge.source, edge.target, edge.head) for edge in graph.edges] == [("a", "b", "arrow")]
    with pytest.raises(DiagramError, match="has no end"):
        read("flowchart LR\na --\ufeff")


def _normalize_breaks(label: str) -> str:
    """Return the label with all line breaks in the same notation."""
    return label.replace("\n", "<br/>")


def facts(graph: Graph) -> object:
    """Return everything that must survive writing and reading a graph, in a form that can be compared."""
    return (
        graph.direction or "TB",
        {
            (
                node.id,
                _normalize_breaks(node.label),
                node.shape,
                node.group,
                node.link,
                node.icon,
                node.image,
                node.markdown,
                node.classes,
                node.style,
            )
            for node in graph.nodes
        },
        [
            (
                edge.source,
                edge.target,
                _normalize_breaks(edge.label),
                edge.stroke,
                edge.tail,
                edge.head,
                edge.length,
                edge.id,
                edge.style,
            )
            for edge in graph.edges
        ],
        {(group.id, group.label, group.parent, group.direction, group.style) for group in graph.groups},
        graph.accessible_title or None,
    )


def test_every_diagram_of_the_corpus_is_a_graph_or_has_mistakes_at_lines_that_exist() -> None:
    for name, text in corpus.diagrams():
        try:
            parse(text, Origin("d.mmd"))
        except DiagramError as error:
            lines = text.count("\n") + 1
            assert all(1 <= problem.span.line <= lines for problem in error.problems), name


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("Flowchart LR\nA", "flowchart LR\nA"),
        ("graph lr\nA", "graph LR\nA"),
        ("graph LR A-->B\n", "graph LR\n    A-->B\n"),
        ("graph LR\nA[EC2 (Web: 80)] --> B[x]", 'graph LR\nA["EC2 (Web: 80)"] --> B[x]'),
        ("graph LR\nA((a (b))) --> B", 'graph LR\nA(("a (b)")) --> B'),
        ("graph LR\nA -> B -> C", "graph LR\nA --> B --> C"),
        ("graph LR\nA->B", "graph LR\nA-->B"),
        ("graph LR\nA => B", "graph LR\nA ==> B"),
        ("graph LR\nA -- x -> B", "graph LR\nA -- x --> B"),
        ("graph LR\nA → B", "graph LR\nA --> B"),
        ("graph LR\nA <-- B", "graph LR\nB --> A"),
        ("graph LR\n  A --> B %% why", "graph LR\n  %% why\n  A --> B"),
        ("graph LR\nA[“x (y)”]", 'graph LR\nA["x (y)"]'),
        ("graph LR\nA --> “B b”", 'graph LR\nA --> B_b["B b"]'),
        ('graph LR\n"A" --> B', 'graph LR\nA["A"] --> B'),
        ("graph LR\nA[/health]", 'graph LR\nA["/health"]'),
        ('graph LR\nA[say "hi"]', 'graph LR\nA["say #quot;hi#quot;"]'),
        ("graph LR\nA [x]", "graph LR\nA[x]"),
        ("graph LR\nA --> end", 'graph LR\nA --> end_1["end"]'),
        ("graph LR\nA& B --> C", "graph LR\nA & B --> C"),
        ("graph LR\nA\nclass A, B hot", "graph LR\nA\nclass A,B hot"),
        ("graph LR\nclassdef a fill:#f00", "graph LR\nclassDef a fill:#f00"),
        ("graph LR\nsubgraph a (b)\nA\nend", 'graph LR\nsubgraph "a (b)"\nA\nend'),
        (
            "graph LR\nsubgraph a\n  subgraph b\n    A",
            "graph LR\nsubgraph a\n  subgraph b\n    A\n  end\nend",
        ),
    ],
)
def test_fixes_produce_valid_mermaid(wrong: str, right: str) -> None:
    text = wrong
    for _ in range(9):
        try:
            read(text)
        except DiagramError as error:
            text, applied = fixes.apply_fixes(text, error.problems)
            assert applied, error
        else:
            break
    assert text == right


FRAGMENTS = st.sampled_from(
    [
        "A",
        "B",
        "graph",
        "LR",
        "TB",
        "subgraph",
        "end",
        "direction",
        "style",
        "click",
        "class",
        "-->",
        "---",
        "-.->",
        "==>",
        "~~~",
        "--",
        "-.",
        "==",
        "->",
        "&",
        "|",
        "|x|",
        "[",
        "]",
        "(",
        ")",
        "{",
        "}",
        "[(",
        ")]",
        "((",
        "))",
        "[/",
        "/]",
        "\\]",
        ">",
        '"',
        "`",
        ";",
        "\n",
        " ",
        ":::",
        "@{",
        "%%",
        "%%{",
        "}%%",
        "#quot;",
        "---\n",
        "é",
        "日",
        "\t",
        "\r",
        "\0",
        "<br/>",
        "o",
        "x",
        "fill:#fff",
        "accDescr",
        ":",
        "“",
    ]
)


@given(st.lists(FRAGMENTS, max_size=40).map("".join) | st.text(max_size=120))
@settings(max_examples=400, deadline=None)
def test_any_text_is_a_graph_or_has_problems_at_lines_that_exist(text: str) -> None:
    for source in (text, f"graph LR\n{text}"):
        try:
            graph = read(source)
        except DiagramError as error:
            lines = source.count("\n") + 1
            assert error.problems
            assert all(1 <= problem.span.line <= lines for problem in error.problems)
        else:
            known = {node.id for node in graph.nodes} | {group.id for group in graph.groups}
            assert all({edge.source, edge.target} <= known for edge in graph.edges)


@pytest.mark.parametrize("data", ["", "# nothing", "[a]", "- a"])
def test_empty_metadata_of_a_node_changes_nothing(data: str) -> None:
    (node,) = read(f"flowchart LR\nA@{{\n{data}\n}}").nodes
    assert (node.label, node.shape) == ("A", "square")


@pytest.mark.parametrize(
    ("body", "label"),
    [
        ("A@{ label: 0x1F }", "31"),
        ('A["x\r\ny"]', "x\ny"),
        ('A["\ufdd0x\ufdd1"]', "\ufffdx\ufffd"),
        ('A["<b c="]\nB["d"]', "<b c="),
    ],
)
def test_labels_are_normalized_as_in_mermaid(body: str, label: str) -> None:
    assert read(f"graph LR\n{body}").nodes[0].label == label


def test_several_style_statements_for_the_same_item_add_up() -> None:
    graph = read(
        "graph LR\nA e1@--> B\nstyle A fill:#f00\nstyle A stroke:#0f0\nclassDef c stroke-dasharray:4\\,2\n"
        "class e1 c\nsubgraph g\nB\nend\nstyle g fill:#00f\nstyle g color:#111"
    )
    assert graph.nodes[0].style == (("fill", "#f00"), ("stroke", "#0f0"))
    assert graph.edges[0].style == (("stroke-dasharray", "4,2"),)
    assert graph.groups[0].style == (("fill", "#00f"), ("color", "#111"))


def test_markdown_labels_of_edges_and_groups_survive_writing() -> None:
    graph = read('graph LR\nA -->|"`**x**`"| B\nsubgraph "`**g**`"\nA\nend')
    again = read(to_mermaid(graph))
    assert [(edge.label, edge.markdown) for edge in again.edges] == [("**x**", True)]
    assert [group.label for group in again.groups] == [group.label for group in graph.groups]


def test_nested_groups_keep_their_parents_when_their_ids_are_replaced() -> None:
    graph = read('graph LR\nsubgraph "a b" ["x"]\nsubgraph "c#quot;" ["y"]\nA\nend\nend\nsubgraph "c" ["z"]\nB\nend')
    again = read(to_mermaid(graph))
    parents = {group.id: group.parent for group in again.groups}
    ids = {group.label: group.id for group in again.groups}
    assert parents[ids["y"]] == ids["x"]
    assert next(node.group for node in again.nodes if node.id == "A") == ids["y"]
    assert len(parents) == 3


def test_two_codes_for_the_same_letter_give_different_ids() -> None:
    graph = read('graph LR\nsubgraph "#97;" [x]\nA\nend\nsubgraph "#097;" [y]\nB\nend')
    assert len({group.id for group in graph.groups}) == 2


def test_a_link_with_mismatched_parts_is_read_with_a_warning() -> None:
    (warning,) = read("graph LR\nA <-- x --x B").warnings
    assert "do not match" in warning.message


def test_the_standard_form_of_a_flowchart_is_exactly_as_stored() -> None:
    source, standard = ((DATA / "tidy" / name).read_text("utf-8") for name in ("everything.mmd", "tidy.mmd"))
    assert to_mermaid(read(source)) == standard
    assert to_mermaid(read(standard)) == standard


def test_statements_apply_to_several_ids_and_to_the_default_ids_of_links() -> None:
    graph = read(
        'graph LR\na --> b\na --> b\nclick a,b "https://x.org"\n'
        'classDef c stroke:#f00\nclass L_a_b_2 c\nd@{ img: "i.png" }'
    )
    assert [node.link for node in graph.nodes] == ["https://x.org", "https://x.org", None]
    assert [edge.style for edge in graph.edges] == [(), (("stroke", "#f00"),)]
    assert (graph.nodes[2].label, graph.nodes[2].image) == ("", "i.png")
