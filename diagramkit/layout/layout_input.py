"""The input of layout engines: boxes, groups and edges with their sizes, but without text.

`compile.layout_input` reads a `LayoutInput` from the `diagrams.Diagram` of a graph. Sizes are in points; nodes, groups
and edges are in source order and refer to each other by their indexes in it.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from msgspec import Struct

from diagramkit.graph import Direction

LayoutEnd: TypeAlias = tuple[Literal["node", "group"], int]
"""An end of an edge: whether it is a node or a group, and its index."""


class LayoutNode(Struct, frozen=True):
    """A node's box, icon and label together.

    `name` is its name in the diagram, `id` the one in the graph, and `group` the index of the innermost group around it
    (-1 for none). Edges end at the anchor, which is `up` below the top of the box and `half` right of its left side:
    `width` is twice `half`, and `height` is the sum of `up` and `down`.
    """

    name: str
    id: str
    group: int
    width: float
    height: float
    half: float
    up: float
    down: float


class LayoutGroup(Struct, frozen=True):
    """A group: `name` in the diagram, `id` in the graph, `parent` the index of the group around it (-1 for none).

    Its title takes `title_width` by `title_height` at its top; `direction` is the group's own direction, if it has one.
    A `lane` reaches across the whole picture, and lanes are in source order.
    """

    name: str
    id: str
    parent: int
    title_width: float
    title_height: float
    direction: Direction | None
    lane: bool


class LayoutEdge(Struct, frozen=True):
    """An edge: its `number` in the graph, its ends, and the size of its label (0 by 0 without one).

    An end is a group if the source says so. Both ends may be the same, and one may be inside the other.
    `minimum_length` is in ranks; an `invisible` edge orders nodes and is not drawn.
    """

    number: int
    source: LayoutEnd
    target: LayoutEnd
    label_width: float
    label_height: float
    minimum_length: int
    invisible: bool


class LayoutInput(Struct, frozen=True):
    """A graph to lay out; `direction` is None if the source does not specify one."""

    nodes: tuple[LayoutNode, ...]
    groups: tuple[LayoutGroup, ...]
    edges: tuple[LayoutEdge, ...]
    direction: Direction | None
