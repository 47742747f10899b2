"""Flowcharts: what each construct means."""

from __future__ import annotations

import pytest

from diagramkit import pipeline
from diagramkit.diagnostics import DiagramError, Span
from diagramkit.graph import Pattern
from diagramkit.options import Options
from diagramkit.sources.mermaid.read import parse
from diagramkit.sources.mermaid.source_text import Origin
from tests.support.mermaid import read


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
        ('A@{ label: "x\u2028y\u2029z" }', "x\u2028y\u2029z"),
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


def test_two_codes_for_the_same_letter_give_different_ids() -> None:
    graph = read('graph LR\nsubgraph "#97;" [x]\nA\nend\nsubgraph "#097;" [y]\nB\nend')
    assert len({group.id for group in graph.groups}) == 2


def test_statements_apply_to_several_ids_and_to_the_default_ids_of_links() -> None:
    graph = read(
        'graph LR\na --> b\na --> b\nclick a,b "https://x.org"\n'
        'classDef c stroke:#f00\nclass L_a_b_2 c\nd@{ img: "i.png" }'
    )
    assert [node.link for node in graph.nodes] == ["https://x.org", "https://x.org", None]
    assert [edge.style for edge in graph.edges] == [(), (("stroke", "#f00"),)]
    assert (graph.nodes[2].label, graph.nodes[2].image) == ("", "i.png")


def test_an_interpolation_keeps_the_style_of_its_edge() -> None:
    body = "A --> B\n  linkStyle 0 stroke:red\n  linkStyle default color:blue\n"
    styled = read(f"graph LR\n  {body}").edges[0].style
    assert styled
    for numbers in ("0", "default"):
        assert read(f"graph LR\n  {body}  linkStyle {numbers} interpolate basis\n").edges[0].style == styled
