"""Edits of an architecture diagram, whose statements are lines: the changes of its text that may do each edit."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from diagramkit.diagnostics import Span
from diagramkit.graph import Edge, Graph
from diagramkit.sources.mermaid import write_architecture
from diagramkit.sources.source_edits import hint_comments
from diagramkit.sources.source_edits.edit_kinds import (
    AddEdge,
    AddGroup,
    AddNode,
    DeleteEdge,
    DeleteNode,
    Edit,
    MoveInto,
    Pin,
    RelabelEdge,
    Rename,
    SourceEditError,
    Unpin,
)
from diagramkit.sources.source_edits.mermaid_region import Change, MermaidRegion

_TITLE = re.compile(r"\[(?:\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|[^\[\]]+)\]")
_EDGE_TITLE = re.compile(r"--|-\s*\[[^\]]*\]\s*-")
_IN = re.compile(r"(?<!\s)\s+in\s+[A-Za-z0-9_][-\w]*")
_ID = re.compile(r"[A-Za-z0-9_](?:[-\w]*\w)?")


def candidates(region: MermaidRegion, graph: Graph, edit: Edit) -> Iterator[list[Change]]:
    """Yield the changes that may do an edit. Raises `SourceEditError` if there are none."""
    if type(edit) not in _CANDIDATES:
        raise SourceEditError("architecture diagrams cannot be changed like this; change it by hand")
    yield from _CANDIDATES[type(edit)](region, graph, edit)


def _declaration(region: MermaidRegion, name: str) -> tuple[int, int]:
    """Return where the line that declares something begins and ends."""
    pattern = rf"(?m)^[ \t]*(?:group|service|junction)[ \t]+{re.escape(name)}(?![-\w])[^\n]*$"
    match = re.search(pattern, region.text)
    if match is None:
        raise SourceEditError(f"the line of '{name}' is unknown")
    return match.span()


def _line_of(region: MermaidRegion, span: Span) -> tuple[int, int]:
    """Return the line with a place in the file."""
    start = 0
    for _ in range(span.line - region.origin.line):
        start = region.text.index("\n", start) + 1
    end = region.text.find("\n", start)
    return start, len(region.text) if end < 0 else end


def _without_line(place: tuple[int, int]) -> Change:
    return max(place[0] - 1, 0), place[1], ""


def _with_title(region: MermaidRegion, place: tuple[int, int], label: str, pattern: re.Pattern[str]) -> Change:
    start, end = place
    title = write_architecture.title(label)
    match = pattern.search(region.text, start, end)
    if pattern is _EDGE_TITLE:
        title = f"-{title}-" if title else "--"
    if match:
        return *match.span(), title
    parent = _IN.search(region.text, start, end)
    position = parent.start() if parent else start + len(region.text[start:end].rstrip())
    return position, position, title


def _rename(region: MermaidRegion, _: Graph, edit: Rename) -> Iterator[list[Change]]:
    yield [_with_title(region, _declaration(region, edit.id), edit.label, _TITLE)]


def _relabel_edge(region: MermaidRegion, graph: Graph, edit: RelabelEdge) -> Iterator[list[Change]]:
    yield [_with_title(region, _line_of(region, graph.edges[edit.index].span), edit.label, _EDGE_TITLE)]


def _add_node(region: MermaidRegion, _: Graph, edit: AddNode) -> Iterator[list[Change]]:
    _require_id(edit.id)
    parent = f" in {edit.group}" if edit.group else ""
    line = f"service {edit.id}{write_architecture.title(edit.label)}{parent}"
    yield [hint_comments.appended(region.text, line)]


def _add_group(region: MermaidRegion, _: Graph, edit: AddGroup) -> Iterator[list[Change]]:
    _require_id(edit.id)
    parent = f" in {edit.parent}" if edit.parent else ""
    line = f"group {edit.id}{write_architecture.title(edit.label)}{parent}"
    yield [hint_comments.appended(region.text, line)]


def _require_id(name: str) -> None:
    if not _ID.fullmatch(name):
        raise SourceEditError(f"'{name}' cannot be an id in an architecture diagram")


def _add_edge(region: MermaidRegion, graph: Graph, edit: AddEdge) -> Iterator[list[Change]]:
    edge = Edge(edit.source, edit.target, Span(""), edit.label, edit.stroke, edit.tail, edit.head)
    ids = {item.id: item.id for item in graph.nodes_and_groups}
    line = write_architecture.edge_text(edge, graph, ids)
    if not line:
        raise SourceEditError("an architecture diagram cannot have this edge")
    yield [hint_comments.appended(region.text, line)]


def _move(region: MermaidRegion, _: Graph, edit: MoveInto) -> Iterator[list[Change]]:
    start, end = _declaration(region, edit.id)
    parent = _IN.search(region.text, start, end)
    new = f" in {edit.group}" if edit.group else ""
    position = start + len(region.text[start:end].rstrip())
    yield [(*parent.span(), new)] if parent else [(position, position, new)]


def _delete_node(region: MermaidRegion, graph: Graph, edit: DeleteNode) -> Iterator[list[Change]]:
    edges = [edge.span for edge in graph.edges if edit.id in (edge.source, edge.target)]
    changes = [_without_line(_line_of(region, span)) for span in edges]
    hints = hint_comments.without(region.text, graph, edit.id)
    yield [*changes, _without_line(_declaration(region, edit.id)), *hints]


def _delete_edge(region: MermaidRegion, graph: Graph, edit: DeleteEdge) -> Iterator[list[Change]]:
    yield [_without_line(_line_of(region, graph.edges[edit.index].span))]


def _pin(region: MermaidRegion, _: Graph, edit: Pin | Unpin) -> Iterator[list[Change]]:
    yield hint_comments.changes(region.text, edit)


_CANDIDATES: dict[type, Callable[[MermaidRegion, Graph, Any], Iterator[list[Change]]]] = {
    Rename: _rename,
    RelabelEdge: _relabel_edge,
    AddNode: _add_node,
    AddEdge: _add_edge,
    AddGroup: _add_group,
    MoveInto: _move,
    DeleteNode: _delete_node,
    DeleteEdge: _delete_edge,
    Pin: _pin,
    Unpin: _pin,
}
