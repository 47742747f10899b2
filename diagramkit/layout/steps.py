"""Numbered edges: a circle with the number on each edge, and a list of their meanings."""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec import Struct, field, structs

from diagramkit.graph import Edge, Graph
from diagramkit.sources.label_text import names, plain_lines

_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
_NUMBERED = re.compile(rf"\s*(?:\(?(\d{{1,2}})\s*[.):](?!\d)|([{_CIRCLED}]))\s*(.*)", re.S)


class Steps(Struct, frozen=True):
    """The step number of each numbered edge by the edge's index, and the entries of the list (number, text)."""

    numbers: Mapping[int, int] = field(default_factory=dict)
    entries: tuple[tuple[int, str], ...] = ()


def find_steps(graph: Graph) -> Steps:
    """Return the steps that labels number (`1. HTTPS`, `(2) reads`, `③ writes`).

    If no label has a number, the edges with labels are numbered in source order.
    """
    numbered = {
        index: _parse_number(edge.label)
        for index, edge in enumerate(graph.edges)
        if edge.stroke != "invisible" and _NUMBERED.match(edge.label)
    }
    if not numbered:
        labeled = [
            index
            for index, edge in enumerate(graph.edges)
            if plain_lines(edge.label, edge.markdown) and edge.stroke != "invisible"
        ]
        numbered = {index: (n, graph.edges[index].label) for n, index in enumerate(labeled, 1)}
    texts: dict[int, list[str]] = {}
    for index, (number, label_text) in numbered.items():
        edge = graph.edges[index]
        text = " ".join(plain_lines(label_text, edge.markdown)) or _end_names(graph, edge)
        if text not in texts.setdefault(number, []):
            texts[number].append(text)
    return Steps(
        {index: number for index, (number, _) in numbered.items()},
        tuple((number, "; ".join(texts[number])) for number in sorted(texts)),
    )


def replace_labels(graph: Graph, steps: Steps) -> Graph:
    """Return the graph with the labels of its steps replaced by their numbers."""
    edges = tuple(
        structs.replace(edge, label=str(steps.numbers[index])) if index in steps.numbers else edge
        for index, edge in enumerate(graph.edges)
    )
    return structs.replace(graph, edges=edges)


def _parse_number(label: str) -> tuple[int, str]:
    """Return the number of a label and the rest of its text."""
    match = _NUMBERED.match(label)
    assert match
    number = int(match[1]) if match[1] else _CIRCLED.index(match[2]) + 1
    return number, match[3]


def _end_names(graph: Graph, edge: Edge) -> str:
    """Return the names of an edge's ends."""
    known = names(graph)
    return f"{known.get(edge.source, edge.source)} to {known.get(edge.target, edge.target)}"
