"""The result of every layout engine: positions of nodes, groups, titles and edges.

All lengths are in points, x to the right, y down; the origin is arbitrary.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field

from diagramkit.drawing import Box, Point
from diagramkit.graph import Direction
from diagramkit.graph import Side as Side  # noqa: PLC0414 - exported for users of layouts

SIDES: tuple[Side, ...] = ("right", "bottom", "left", "top")
"""The sides of a node or group, in the order in which layout engines number them."""

OUTWARD: dict[Side, tuple[int, int]] = {
    "right": (1, 0),
    "bottom": (0, 1),
    "left": (-1, 0),
    "top": (0, -1),
}
"""The unit vector that points away from a node at each of its sides."""


class RoutedEdge(Struct, frozen=True):
    """An edge's route: its corners from source to target, the sides at which it ends, and its label's box.

    `curve` is set if the edge is drawn as a curve instead: its start, then two control points and an end for each cubic
    Bezier.
    """

    number: int
    points: tuple[Point, ...]
    source_side: Side
    target_side: Side
    label: Box | None = None
    curve: tuple[Point, ...] = ()


class Title(Struct, frozen=True):
    """A group's title.

    `shift` is how far it is moved along the border, in points. `crossed` says whether edges still run through it, and
    `narrow` whether it is broken into more lines.
    """

    shift: float = 0.0
    crossed: bool = False
    narrow: bool = False


class Slot(Struct, frozen=True):
    """Where a node or group is within the group around it, or the picture.

    `rank` is its first rank along the flow, `rank_count` how many it has, and `line` its place across the flow among
    the members in this rank. Both count from 1, as in the layout hint `pin`.
    """

    rank: int
    rank_count: int
    line: int


class Layout(Struct, frozen=True):
    """The layout of a whole graph.

    `anchors` has the middle of each icon or shape by node id; `groups` and `titles` are by group id; `edges` has a
    route for each edge that is drawn. `violated_hints` has the indexes of the layout hints that do not hold. `slots`
    has the slots of the nodes and groups that have one, by id.
    """

    direction: Direction
    anchors: Mapping[str, Point]
    groups: Mapping[str, Box]
    titles: Mapping[str, Title]
    edges: tuple[RoutedEdge, ...]
    violated_hints: tuple[int, ...] = ()
    slots: Mapping[str, Slot] = field(default_factory=dict)
