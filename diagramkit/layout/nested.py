"""Groups with a direction of their own: each is laid out alone, then placed as one large node."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from diagramkit.compile import Gaps
from diagramkit.drawing import Point
from diagramkit.graph import Direction, Edge, Graph, Group, Node
from diagramkit.layout.engine import Engine
from diagramkit.layout.place import Piece, Placement, finish, place
from diagramkit.measure.figures import Figure, Figures
from diagramkit.measure.text import EMPTY
from diagramkit.problems import Span
from diagramkit.style.theme import Sizes

_AROUND = 8.0  # Half of the least distance between two groups, in points.


def turned(piece: Piece, way: Direction) -> list[Group]:
    """The outermost groups that run another way than `way`, and hold something to lay out."""
    found: dict[str, Group] = {}
    parents = {group.id: group.parent for group in piece.graph.groups}
    for group in piece.graph.groups:
        if group.direction and group.direction != way and len(_members(piece.graph, group.id)) > 1:
            found[group.id] = group
    return [group for group in found.values() if not _above(group.id, parents) & set(found)]


def placed(
    piece: Piece, sizes: Sizes, way: Direction, gaps: Gaps, engine: Engine, where: Span
) -> Placement:
    """Lay out a piece, each of its groups the way it says. Raises `DiagramError`."""
    inner: dict[str, Placement] = {}
    graph, figures = piece.graph, piece.figures
    for group in turned(piece, way):
        assert group.direction
        part = _inside(piece, group)
        inner[group.id] = placed(part, sizes, group.direction, gaps, engine, where)
        graph, figures = _without(graph, figures, group, inner[group.id])
    if not inner:
        return place(piece, sizes, way, gaps, engine, where)
    outer = place(Piece(graph, figures), sizes, way, gaps, engine, where)
    return _joined(piece, outer, inner, sizes)


def _members(graph: Graph, group: str) -> list[str]:
    """The ids of all nodes in a group, at any depth."""
    own = list(graph.members(group))
    for other in graph.groups:
        if other.parent == group:
            own += _members(graph, other.id)
    return own


def _above(group: str, parents: Mapping[str, str | None]) -> set[str]:
    found: set[str] = set()
    at = parents[group]
    while at is not None and at not in found:
        found.add(at)
        at = parents.get(at)
    return found


def _family(graph: Graph, group: Group) -> set[str]:
    parents = {other.id: other.parent for other in graph.groups}
    return {group.id, *(other for other in parents if group.id in _above(other, parents))}


def _inside(piece: Piece, group: Group) -> Piece:
    """A group and what is in it as a piece of its own."""
    graph, family = piece.graph, _family(piece.graph, group)
    nodes = tuple(node for node in graph.nodes if node.group in family)
    ends = {node.id for node in nodes} | (family - {group.id})
    kept = [n for n, edge in enumerate(graph.edges) if {edge.source, edge.target} <= ends]
    groups = tuple(
        replace(other, parent=None) if other.id == group.id else other
        for other in graph.groups
        if other.id in family
    )
    part = replace(
        graph, nodes=nodes, groups=groups, edges=tuple(graph.edges[number] for number in kept)
    )
    return Piece(part, _measured(piece.figures, part, kept))


def _without(
    graph: Graph, figures: Figures, group: Group, inside: Placement
) -> tuple[Graph, Figures]:
    """The graph with one large node in place of the group, at which the edges into it end."""
    family = _family(graph, group)
    hidden = family | {node.id for node in graph.nodes if node.group in family}
    box = inside.groups[group.id].grown(_AROUND)
    block = Node(group.id, "", "square", group.span, group.parent)
    figure = Figure(block, None, box.w, box.h, EMPTY, box.h / 2, box.h / 2, box.w / 2, block=True)
    nodes: list[Node] = []
    for node in graph.nodes:
        if node.group not in family:
            nodes.append(node)
        elif block not in nodes:
            nodes.append(block)
    kept, edges = [], list[Edge]()
    for number, edge in enumerate(graph.edges):
        if {edge.source, edge.target} <= hidden:
            continue
        source = group.id if edge.source in hidden else edge.source
        target = group.id if edge.target in hidden else edge.target
        kept.append(number)
        edges.append(replace(edge, source=source, target=target))
    groups = tuple(other for other in graph.groups if other.id not in family)
    outside = replace(graph, nodes=tuple(nodes), edges=tuple(edges), groups=groups)
    with_block = replace(figures, nodes={**figures.nodes, group.id: figure})
    return outside, _measured(with_block, outside, kept)


def _measured(figures: Figures, part: Graph, kept: list[int]) -> Figures:
    """The figures of a part, whose edges have the numbers `kept` in the whole."""
    return Figures(
        {node.id: figures.nodes[node.id] for node in part.nodes},
        {group.id: figures.headings[group.id] for group in part.groups},
        {new: figures.labels[old] for new, old in enumerate(kept) if old in figures.labels},
    )


def _joined(
    piece: Piece, outer: Placement, inner: Mapping[str, Placement], sizes: Sizes
) -> Placement:
    anchors: dict[str, Point] = dict(outer.anchors)
    spare: dict[str, Point] = dict(outer.spare)
    for group, inside in inner.items():
        x, y = anchors.pop(group)
        cx, cy = inside.groups[group].center
        moved = inside.moved(x - cx, y - cy)
        anchors.update(moved.anchors)
        spare.update(moved.spare)
    return finish(piece, anchors, sizes, spare)
