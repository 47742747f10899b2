"""Numbered edges: a circle with the number on the edge, and what it says in a list."""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec import Struct, field, structs

from diagramkit.graph import Edge, Graph
from diagramkit.measure.text_layout import plain_lines, without_markdown

_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
_NUMBERED = re.compile(rf"\s*(?:\(?(\d{{1,2}})\s*[.):](?!\d)|([{_CIRCLED}]))\s*(.*)", re.S)


class Steps(Struct, frozen=True):
    """The number of each edge that has one, by the edge's place in the graph; and the list."""

    numbers: Mapping[int, int] = field(default_factory=dict)
    listed: tuple[tuple[int, str], ...] = ()


def find_steps(graph: Graph) -> Steps:
    """The steps that the labels number (`1. HTTPS`, `(2) reads`, `③ writes`); where none does,
    the edges that have a label, in source order."""
    said = {
        at: _parted(edge.label)
        for at, edge in enumerate(graph.edges)
        if edge.stroke != "invisible" and _NUMBERED.match(edge.label)
    }
    if not said:
        labelled = [at for at, edge in enumerate(graph.edges) if plain_lines(edge.label) and edge.stroke != "invisible"]
        said = {at: (n, graph.edges[at].label) for n, at in enumerate(labelled, 1)}
    texts: dict[int, list[str]] = {}
    for at, (number, words) in said.items():
        edge = graph.edges[at]
        text = " ".join(plain_lines(without_markdown(words, edge.markdown))) or _ends(graph, edge)
        if text not in texts.setdefault(number, []):
            texts[number].append(text)
    return Steps(
        {at: number for at, (number, _) in said.items()},
        tuple((number, "; ".join(texts[number])) for number in sorted(texts)),
    )


def replace_labels(graph: Graph, steps: Steps) -> Graph:
    """The graph with numbers in place of the labels of its steps."""
    edges = tuple(
        structs.replace(edge, label=str(steps.numbers[at])) if at in steps.numbers else edge
        for at, edge in enumerate(graph.edges)
    )
    return structs.replace(graph, edges=edges)


def _parted(label: str) -> tuple[int, str]:
    match = _NUMBERED.match(label)
    assert match
    number = int(match[1]) if match[1] else _CIRCLED.index(match[2]) + 1
    return number, match[3]


def _ends(graph: Graph, edge: Edge) -> str:
    names = {item.id: " ".join(plain_lines(item.label)) or item.id for item in graph.nodes}
    names |= {item.id: " ".join(plain_lines(item.label)) or item.id for item in graph.groups}
    return f"{names.get(edge.source, edge.source)} to {names.get(edge.target, edge.target)}"
