"""What edges must go around, and where they may end.

Points, y down. `Obstacle`s are boxes that no edge may run through; `Rail`s are the borders
of groups, which an edge may cross but should not run along.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct, field

from diagramkit.drawing import Box, Point
from diagramkit.graph import Edge

Side = Literal["top", "bottom", "left", "right"]
Flow = Literal["down", "right", "up", "left"]
SIDES: tuple[Side, ...] = ("right", "bottom", "left", "top")

OUTWARD: dict[Side, tuple[int, int]] = {
    "top": (0, -1), "bottom": (0, 1), "left": (-1, 0), "right": (1, 0),
}  # fmt: skip

CLEARANCE = 7.0
"""How near an edge may come to what it does not join."""
STUB = 14.0
"""How far an edge leaves its node before it may turn: an arrow head and a bend fit in it."""


class Obstacle(Struct, frozen=True):
    """A box that no edge may cross, and the node or group it belongs to."""

    box: Box
    owner: str


class Terminal(Struct, frozen=True):
    """Where the edges of a node (or group) may end: a point on each of its sides, how far along
    the side they may be moved from there, and how deep inside its border the point lies."""

    id: str
    ports: Mapping[Side, Point]
    reach: Mapping[Side, float]
    depth: Mapping[Side, float] = field(default_factory=dict)

    def stub(self, side: Side) -> Point:
        """Where an edge that ends at `side` may first turn, `STUB` away from the border."""
        (x, y), (dx, dy) = self.ports[side], OUTWARD[side]
        away = STUB + self.depth.get(side, 0.0)
        return x + dx * away, y + dy * away


class Wire(Struct, frozen=True):
    """An edge to route: its number in the graph, its ends, and how it may share its way.

    Wires of one `trunk` may run together where they leave their common node, or arrive.
    """

    number: int
    edge: Edge
    tail: Terminal
    head: Terminal
    trunk: str | None


class Scene(Struct, frozen=True):
    """All that routing needs to know."""

    obstacles: tuple[Obstacle, ...]
    rails: tuple[Box, ...]
    wires: tuple[Wire, ...]
    flow: Flow


class Path(Struct):
    """A routed wire: its corners from tail to head, and the sides on which it ends."""

    wire: Wire
    points: list[Point]
    tail_side: Side
    head_side: Side
