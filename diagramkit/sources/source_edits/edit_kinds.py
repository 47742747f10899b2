"""The edits of a diagram that can be written into its source, and what each makes of the graph."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from msgspec import Struct, structs

from diagramkit.diagnostics import Span
from diagramkit.graph import Edge, Graph, Group, Head, Hint, Node, Stroke

_NOWHERE = Span("")


class SourceEditError(ValueError):
    """An edit cannot be written into this source. The message says why."""


class Pin(Struct, frozen=True):
    """Pin a node or group to a rank and a line within the group around it."""

    id: str
    rank: int
    line: int


class Unpin(Struct, frozen=True):
    """Remove the pin of a node or group."""

    id: str


class Rename(Struct, frozen=True):
    """Give a node another label, or a group another title. Lines are separated by `<br/>`."""

    id: str
    label: str


class RelabelEdge(Struct, frozen=True):
    """Give an edge another label; `index` is its index in the graph. An empty label removes it."""

    index: int
    label: str


class AddNode(Struct, frozen=True):
    """Add a node to a group, or outside of all groups."""

    id: str
    label: str
    group: str | None = None
    shape: str = "square"


class AddEdge(Struct, frozen=True):
    """Add an edge."""

    source: str
    target: str
    label: str = ""
    stroke: Stroke = "normal"
    tail: Head = "none"
    head: Head = "arrow"


class AddGroup(Struct, frozen=True):
    """Add a group to a group, or outside of all groups."""

    id: str
    label: str
    parent: str | None = None


class MoveInto(Struct, frozen=True):
    """Move a node or group into another group, or outside of all groups."""

    id: str
    group: str | None


class DeleteNode(Struct, frozen=True):
    """Delete a node with its edges."""

    id: str


class DeleteEdge(Struct, frozen=True):
    """Delete an edge; `index` is its index in the graph."""

    index: int


class DeleteGroup(Struct, frozen=True):
    """Delete a group with its edges. Its members go into the group around it."""

    id: str


Edit: TypeAlias = (
    "Pin | Unpin | Rename | RelabelEdge | AddNode | AddEdge | AddGroup | MoveInto | DeleteNode | DeleteEdge"
    " | DeleteGroup"
)


def result_of(graph: Graph, edit: Edit) -> Graph:
    """Return the graph after an edit. Raises `SourceEditError` if the graph does not contain what the edit concerns."""
    return _RESULTS[type(edit)](graph, edit)


def _pinned(graph: Graph, edit: Pin) -> Graph:
    _require(graph, edit.id)
    pin = Hint("pin", (edit.id,), _NOWHERE, (edit.rank, edit.line))
    return structs.replace(graph, hints=(*_without_pin(graph, edit.id), pin))


def _unpinned(graph: Graph, edit: Unpin) -> Graph:
    _require(graph, edit.id)
    return structs.replace(graph, hints=_without_pin(graph, edit.id))


def _without_pin(graph: Graph, name: str) -> tuple[Hint, ...]:
    return tuple(hint for hint in graph.hints if hint.kind != "pin" or hint.members != (name,))


def _renamed(graph: Graph, edit: Rename) -> Graph:
    _require(graph, edit.id)
    nodes = tuple(structs.replace(each, label=edit.label) if each.id == edit.id else each for each in graph.nodes)
    groups = tuple(structs.replace(each, label=edit.label) if each.id == edit.id else each for each in graph.groups)
    return structs.replace(graph, nodes=nodes, groups=groups)


def _relabeled(graph: Graph, edit: RelabelEdge) -> Graph:
    edges = [*graph.edges]
    edges[edit.index] = structs.replace(edges[edit.index], label=edit.label)
    return structs.replace(graph, edges=tuple(edges))


def _with_node(graph: Graph, edit: AddNode) -> Graph:
    _require_new(graph, edit.id)
    node = Node(edit.id, edit.label, edit.shape, _NOWHERE, edit.group, source_shape=edit.shape)
    return structs.replace(graph, nodes=(*graph.nodes, node))


def _with_edge(graph: Graph, edit: AddEdge) -> Graph:
    _require(graph, edit.source)
    _require(graph, edit.target)
    edge = Edge(edit.source, edit.target, _NOWHERE, edit.label, edit.stroke, edit.tail, edit.head)
    return structs.replace(graph, edges=(*graph.edges, edge))


def _with_group(graph: Graph, edit: AddGroup) -> Graph:
    _require_new(graph, edit.id)
    group = Group(edit.id, edit.label, _NOWHERE, edit.parent)
    return structs.replace(graph, groups=(*graph.groups, group))


def _moved(graph: Graph, edit: MoveInto) -> Graph:
    _require(graph, edit.id)
    nodes = tuple(structs.replace(each, group=edit.group) if each.id == edit.id else each for each in graph.nodes)
    groups = tuple(structs.replace(each, parent=edit.group) if each.id == edit.id else each for each in graph.groups)
    return structs.replace(graph, nodes=nodes, groups=groups)


def _without_node(graph: Graph, edit: DeleteNode) -> Graph:
    _require(graph, edit.id)
    nodes = tuple(each for each in graph.nodes if each.id != edit.id)
    return structs.replace(graph, nodes=nodes, edges=_edges_without(graph, edit.id)).with_possible_hints()


def _without_edge(graph: Graph, edit: DeleteEdge) -> Graph:
    edges = tuple(each for index, each in enumerate(graph.edges) if index != edit.index)
    return structs.replace(graph, edges=edges)


def _without_group(graph: Graph, edit: DeleteGroup) -> Graph:
    _require(graph, edit.id)
    parent = next(each.parent for each in graph.groups if each.id == edit.id)
    nodes = tuple(structs.replace(each, group=parent) if each.group == edit.id else each for each in graph.nodes)
    groups = tuple(
        structs.replace(each, parent=parent) if each.parent == edit.id else each
        for each in graph.groups
        if each.id != edit.id
    )
    edges = _edges_without(graph, edit.id)
    return structs.replace(graph, nodes=nodes, groups=groups, edges=edges).with_possible_hints()


def _edges_without(graph: Graph, name: str) -> tuple[Edge, ...]:
    return tuple(each for each in graph.edges if name not in (each.source, each.target))


def _require(graph: Graph, name: str) -> None:
    if all(each.id != name for each in graph.nodes_and_groups):
        raise SourceEditError(f"there is no node or group '{name}' in this diagram")


def _require_new(graph: Graph, name: str) -> None:
    if any(each.id == name for each in graph.nodes_and_groups):
        raise SourceEditError(f"the id '{name}' is already in use")


_RESULTS: dict[type, Callable[[Graph, Any], Graph]] = {
    Pin: _pinned,
    Unpin: _unpinned,
    Rename: _renamed,
    RelabelEdge: _relabeled,
    AddNode: _with_node,
    AddEdge: _with_edge,
    AddGroup: _with_group,
    MoveInto: _moved,
    DeleteNode: _without_node,
    DeleteEdge: _without_edge,
    DeleteGroup: _without_group,
}
