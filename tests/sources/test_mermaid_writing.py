"""Flowcharts that are written as Mermaid and read again are the same graphs."""

from __future__ import annotations

import pytest

from diagramkit.diagnostics import DiagramError
from diagramkit.graph import Graph
from diagramkit.sources.mermaid.read import parse
from diagramkit.sources.mermaid.source_text import Origin
from diagramkit.sources.mermaid.write import to_mermaid
from tests.support import corpus
from tests.support.mermaid import read
from tests.support.project import DATA, PATTERN_NAMES, SAMPLE_NAMES, patterns, samples


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
        "x] --> b[y",
        "}%%]init---($$v",
        "x]--|]--a[|b[ :#",
        "A[x] --> B[y] --> C[z",
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


def test_the_standard_form_of_a_flowchart_is_exactly_as_stored() -> None:
    source, standard = ((DATA / "tidy" / name).read_text("utf-8") for name in ("everything.mmd", "tidy.mmd"))
    assert to_mermaid(read(source)) == standard
    assert to_mermaid(read(standard)) == standard


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
                edge.classes,
            )
            for edge in graph.edges
        ],
        {
            (group.id, group.label, group.parent, group.direction, group.style, group.classes, group.link)
            for group in graph.groups
        },
        graph.accessible_title or None,
        " ".join((graph.title or "").split()),
    )
