"""Reading Mermaid: what each construct means, where each mistake is, and that nothing crashes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagramkit import pipeline
from diagramkit.diagnostics import DiagramError, Span
from diagramkit.graph import Graph, Pattern
from diagramkit.pipeline import Options
from diagramkit.sources import fixes
from diagramkit.sources.mermaid.read import parse
from diagramkit.sources.mermaid.source_text import Origin
from diagramkit.sources.mermaid.write import to_mermaid
from tests.conftest import DATA, PATTERN_NAMES, SAMPLE_NAMES, patterns, samples
from tests.mermaid import corpus


def read(text: str) -> Graph:
    return parse(text, Origin("d.mmd"))


def edges(text: str) -> list[tuple[str, str, str, str, str, str]]:
    return [(e.source, e.target, e.label, e.stroke, e.tail, e.head) for e in read(text).edges]


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
def test_shapes_and_labels(body: str, shape: str, label: str) -> None:
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
def test_links(link: str, stroke: str, tail: str, head: str, length: int) -> None:
    edge = read(f"graph LR\nA {link} B").edges[0]
    assert (edge.stroke, edge.tail, edge.head) == (stroke, tail, head)
    assert edge.length == length


@pytest.mark.parametrize(
    "line",
    ["A -->|yes| B", 'A -->|"yes"| B', "A -- yes --> B", "A --yes--> B", 'A -- "yes" --> B'],
)
def test_both_ways_to_label_a_link(line: str) -> None:
    assert edges(f"graph LR\n{line}") == [("A", "B", "yes", "normal", "none", "arrow")]


def test_labels_on_other_strokes() -> None:
    assert edges("graph LR\nA -. no .-> B\nC == go ==> D\nE <-- both --> F") == [
        ("A", "B", "no", "dotted", "none", "arrow"),
        ("C", "D", "go", "thick", "none", "arrow"),
        ("E", "F", "both", "normal", "arrow", "arrow"),
    ]


def test_chains_and_lists_make_edges_in_mermaids_order() -> None:
    assert [(e[0], e[1]) for e in edges("graph LR\nA & B --> C & D --> E")] == [
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
def test_subgraph_headings(heading: str, group: str, title: str) -> None:
    found = read(f"graph LR\n{heading}\n  A\nend\n").groups[0]
    assert (found.id, found.label) == (group, title)


def test_an_edge_to_a_subgraph_makes_no_node() -> None:
    graph = read("graph LR\nsubgraph G\n  A\nend\nB --> G\n")
    assert [node.id for node in graph.nodes] == ["A", "B"]
    assert graph.edges[0].target == "G"


def test_front_matter_directives_comments_and_accessibility() -> None:
    graph = read(
        "---\ntitle: Orders\n---\n%%{init: {'theme': 'dark'}}%%\nflowchart RL\n"
        "%% a comment --> here\naccDescr: How orders flow\nA --> B; B --> C\n"
    )
    assert (graph.title, graph.description, graph.direction) == ("Orders", "How orders flow", "RL")
    assert len(graph.edges) == 2


def test_places_are_those_of_the_file() -> None:
    graph = parse("graph LR\n  A --> B\n", Origin("s.yaml", 5, 3))
    assert str(graph.nodes[1].span) == "s.yaml:6:11"
    assert str(graph.edges[0].span) == "s.yaml:6:7"


@pytest.mark.parametrize(
    ("text", "place", "code", "advice"),
    [
        ("", "1:1", "empty-diagram", "flowchart LR"),
        ("sequenceDiagram\nA->>B: hi", "1:1", "unsupported-diagram", "a sequence diagram"),
        ("Flowchart LR\nA", "1:1", "mermaid-syntax", "'flowchart'"),
        ("graph LR A-->B\n", "1:10", "mermaid-syntax", "line of its own"),
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
        ("graph LR\nend", "2:1", "mermaid-end", "closes nothing"),
        ("graph LR\nA --> end", "2:7", "mermaid-reserved", "end_1"),
        ("graph LR\nA -->", "2:3", "mermaid-syntax", "nowhere"),
        ("graph LR\nA --> “B”", "2:7", "mermaid-syntax", "word processor"),
        ("graph LR\nA --> B %% no", "2:9", "mermaid-syntax", "comment"),
        ("graph LR\n" + "subgraph s\n" * 101 + "end\n" * 101, "102:1", "too-deep", "nest fewer"),
        ("graph LR\nA@{ shape: cilinder }", "2:2", "mermaid-shape", "cylinder"),
    ],
)
def test_mistakes_are_named_with_their_place_and_their_mend(text: str, place: str, code: str, advice: str) -> None:
    with pytest.raises(DiagramError) as caught:
        read(text)
    problem = caught.value.problems[0]
    assert (str(problem.span), problem.code) == (f"d.mmd:{place}", code)
    assert advice in problem.message


def test_every_mistake_is_reported_in_one_run() -> None:
    with pytest.raises(DiagramError) as caught:
        read("graph LR\nA -> B\nC --> D\nE[(x]\nF --> end\n")
    assert [problem.span.line for problem in caught.value.problems] == [2, 4, 5]


@pytest.mark.parametrize("name", [*PATTERN_NAMES, *SAMPLE_NAMES])
def test_what_is_written_reads_back_as_the_same_graph(name: str) -> None:
    graph = {**patterns(), **samples()}[name].graph
    again = read(to_mermaid(graph))
    assert facts(again) == facts(graph)


def test_the_corpus_written_and_read_again_is_the_same() -> None:
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
    "around", ['a["{}"]', 'subgraph "{}"\na\nend', 'a -->|"{}"| b', 'a@{{ shape: doc, label: "{}" }}']
)
def test_what_looks_like_something_else_in_a_text_stays_text(label: str, around: str) -> None:
    coded = "".join(f"#{ord(sign)};" for sign in label)
    graph = read("flowchart LR\n" + around.format(coded))
    again = read(to_mermaid(graph))
    labels = [
        [
            *(n.label for n in one.nodes),
            *(g.label for g in one.groups),
            *(e.label for e in one.edges),
        ]
        for one in (graph, again)
    ]
    assert label in labels[0]
    assert [list(map(_lines, some)) for some in labels[1:]] == [list(map(_lines, labels[0]))]


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
def test_ids_that_are_words_of_mermaids_are_written_so_that_they_can_be_read(body: str) -> None:
    graph = read(f"flowchart LR\n{body}")
    again = read(to_mermaid(graph))
    assert [(n.label, n.shape, n.style) for n in again.nodes] == [
        (n.label, n.shape, n.style if n.style != (("fill", "call"),) else ()) for n in graph.nodes
    ]
    assert len(again.edges) == len(graph.edges)
    assert [group.label for group in again.groups] == [group.label for group in graph.groups]


def test_a_node_and_a_group_of_one_name_in_codes_are_two() -> None:
    graph = read('flowchart LR\na --> b\nsubgraph "#97;"\nc\nend')
    assert [node.id for node in graph.nodes] == ["a", "b", "c"]
    assert [group.id for group in graph.groups] == ["#97;"]


@pytest.mark.parametrize("title", ["\ufeff", " ", "\u2028", "#32;"])
def test_a_group_without_a_title_has_a_name_of_its_own(title: str) -> None:
    graph = read(f'flowchart LR\nsubgraph "{title}"\na\nend')
    (group,) = graph.groups
    assert group.id.strip()
    assert graph.nodes[0].group == group.id
    pipeline.draw(Pattern(graph, "p", "", "P", "", Span("p")), Options())


@pytest.mark.parametrize("body", ["a e1@--> b\ne1 --> c", "a --> b\nL_a_b_0 --> c"])
def test_an_edge_to_a_link_is_an_edge_to_nothing_and_the_rest_is_drawn(body: str) -> None:
    graph = read(f"graph LR\n{body}")
    assert [node.id for node in graph.nodes] == ["a", "b", "c"]
    picture = pipeline.draw(Pattern(graph, "p", "", "P", "", Span("p")), Options())
    assert [(edge.source, edge.target) for edge in picture.edges] == [("a", "b")]


def test_javascripts_blanks_are_blanks() -> None:
    graph = read("flowchart LR\na --\ufeffx\ufeff-->\ufeffb")
    assert [(edge.source, edge.target, edge.head) for edge in graph.edges] == [("a", "b", "arrow")]
    with pytest.raises(DiagramError, match="has no end"):
        read("flowchart LR\na --\ufeff")


def _lines(label: str) -> str:
    """A label whose line breaks are all written in one way."""
    return label.replace("\n", "<br/>")


def facts(graph: Graph) -> object:
    return (
        graph.direction or "TB",
        {
            (
                n.id,
                _lines(n.label),
                n.shape,
                n.group,
                n.link,
                n.icon,
                n.image,
                n.markdown,
                n.classes,
                n.style,
            )
            for n in graph.nodes
        },
        [(e.source, e.target, _lines(e.label), e.stroke, e.tail, e.head, e.length, e.id, e.style) for e in graph.edges],
        {(g.id, g.label, g.parent, g.direction, g.style) for g in graph.groups},
        graph.accessible_title or None,
    )


def test_every_diagram_of_the_corpus_is_a_graph_or_has_its_mistakes_within_it() -> None:
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
def test_the_mends_make_what_mermaid_takes(wrong: str, right: str) -> None:
    text = wrong
    for _ in range(9):
        try:
            read(text)
        except DiagramError as error:
            text, done = fixes.apply_fixes(text, error.problems)
            assert done, error
        else:
            break
    assert text == right


WORDS = st.sampled_from(
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


@given(st.lists(WORDS, max_size=40).map("".join) | st.text(max_size=120))
@settings(max_examples=400, deadline=None)
def test_any_text_is_a_graph_or_a_problem_within_it(text: str) -> None:
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
def test_data_of_a_node_that_says_nothing_changes_nothing(data: str) -> None:
    (node,) = read(f"flowchart LR\nA@{{\n{data}\n}}").nodes
    assert (node.label, node.shape) == ("A", "square")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("A@{ label: 0x1F }", "31"),
        ('A["x\r\ny"]', "x\ny"),
        ('A["\ufdd0x\ufdd1"]', "\ufffdx\ufffd"),
        ('A["<b c="]\nB["d"]', "<b c="),
    ],
)
def test_labels_that_are_written_otherwise(body: str, said: str) -> None:
    assert read(f"graph LR\n{body}").nodes[0].label == said


def test_what_is_said_of_a_thing_in_several_lines_adds_up() -> None:
    graph = read(
        "graph LR\nA e1@--> B\nstyle A fill:#f00\nstyle A stroke:#0f0\nclassDef c stroke-dasharray:4\\,2\n"
        "class e1 c\nsubgraph g\nB\nend\nstyle g fill:#00f\nstyle g color:#111"
    )
    assert graph.nodes[0].style == (("fill", "#f00"), ("stroke", "#0f0"))
    assert graph.edges[0].style == (("stroke-dasharray", "4,2"),)
    assert graph.groups[0].style == (("fill", "#00f"), ("color", "#111"))


def test_markdown_is_markdown_on_edges_and_titles_too_when_written_again() -> None:
    graph = read('graph LR\nA -->|"`**x**`"| B\nsubgraph "`**g**`"\nA\nend')
    again = read(to_mermaid(graph))
    assert [(edge.label, edge.markdown) for edge in again.edges] == [("**x**", True)]
    assert [group.label for group in again.groups] == [group.label for group in graph.groups]


def test_groups_in_groups_keep_each_other_when_their_ids_are_replaced() -> None:
    graph = read('graph LR\nsubgraph "a b" ["x"]\nsubgraph "c#quot;" ["y"]\nA\nend\nend\nsubgraph "c" ["z"]\nB\nend')
    again = read(to_mermaid(graph))
    parents = {group.id: group.parent for group in again.groups}
    named = {group.label: group.id for group in again.groups}
    assert parents[named["y"]] == named["x"]
    assert next(node.group for node in again.nodes if node.id == "A") == named["y"]
    assert len(parents) == 3


def test_codes_that_are_one_letter_are_one_name_only_once() -> None:
    graph = read('graph LR\nsubgraph "#97;" [x]\nA\nend\nsubgraph "#097;" [y]\nB\nend')
    assert len({group.id for group in graph.groups}) == 2


def test_a_link_of_two_halves_that_differ_is_drawn_with_a_warning() -> None:
    (warning,) = read("graph LR\nA <-- x --x B").warnings
    assert "do not belong together" in warning.message


def test_tidy_mermaid_is_written_to_the_letter() -> None:
    given, tidy = ((DATA / "tidy" / name).read_text("utf-8") for name in ("everything.mmd", "tidy.mmd"))
    assert to_mermaid(read(given)) == tidy
    assert to_mermaid(read(tidy)) == tidy


def test_several_are_spoken_of_at_once_and_links_by_their_usual_ids() -> None:
    graph = read(
        'graph LR\na --> b\na --> b\nclick a,b "https://x.org"\nclassDef c stroke:#f00\nclass L_a_b_2 c\nd@{ img: "i.png" }'
    )
    assert [node.link for node in graph.nodes] == ["https://x.org", "https://x.org", None]
    assert [edge.style for edge in graph.edges] == [(), (("stroke", "#f00"),)]
    assert (graph.nodes[2].label, graph.nodes[2].image) == ("", "i.png")
