"""Determines the shapes and the connection sites at which edges are attached on a slide.

Every shape first has the connection sites of the preset rectangle: the middle of its top, left, bottom and right side.
Sites 0 to 3 must be these, because LibreOffice before 7.5 knows no others: it takes an index up to 3 for the side of a
rectangle. For a higher one it leaves the end where it is, but lets the line leave in any direction. For a straight
line, that does no harm: a point where it meets a shape elsewhere becomes another site. An edge with bends is attached
there to an anchor instead: an invisible rectangle in the same group, which has the middle of a side at this point.
An anchor also has the glow, just as invisible, that makes these versions put the bends of a line where the edge has
them (see `connectors.clearances`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from msgspec import Struct

from diagramkit.drawing import Box, Drawing, EdgeDrawing, Point, bounds
from diagramkit.writers.pptx.connectors import Connector, clearances, fit_connector, has_bends, keeps_its_route

_TOLERANCE = 0.01  # Points.
_SIDES = 4
_TOP, _LEFT, _BOTTOM, _RIGHT = range(_SIDES)  # The connection sites of the preset rectangle.
_MIN_HALF = 0.5  # Points: half of the shortest side of an anchor.


class End(Struct, frozen=True):
    """The end of an edge: the key of the shape that it is attached to, and the index of the connection site there."""

    key: str
    site: int


class Anchor(Struct, frozen=True):
    """An invisible rectangle that belongs to a shape and has the middle of a side where an edge ends.

    LibreOffice before 7.5 bends the line as if the rectangle were larger by `clearance` on each side.
    """

    key: str
    box: Box
    clearance: float = 0.0


class Attachments:
    """What the edges of a drawing are attached to.

    Shapes have keys: `group ID`, `node ID` and `label ID`, and `anchor NUMBER` for anchors. The writer of the shapes
    stores their `ids` by these keys.
    """

    def __init__(self, drawing: Drawing) -> None:
        self.ids: dict[str, int] = {}
        self._sites: dict[str, list[Point]] = {}
        self._anchors: dict[tuple[str, int, Point, float], Anchor] = {}
        self._boxes = {f"group {group.id}": group.box for group in drawing.groups}
        for node in drawing.nodes:
            self._boxes[f"node {node.id}"] = node.solid
            if node.has_label_below and node.texts:
                self._boxes[f"label {node.id}"] = bounds([line.box for line in node.texts])
        self.connectors = [None if edge.curve else _connector(edge) for edge in drawing.edges]
        self._ends = [
            self._both_ends(edge) if connector else None
            for edge, connector in zip(drawing.edges, self.connectors, strict=True)
        ]

    def sites(self, key: str) -> list[Point]:
        """Return the connection sites of a shape: the middle of each side, then the other points where edges end."""
        return self._sites.get(key) or _sides(self._boxes[key])

    def ends(self, number: int) -> tuple[End, End] | None:
        """Return the ends of an edge by its number, or None if it is not attached."""
        return self._ends[number]

    def anchors(self, name: str) -> list[Anchor]:
        """Return the anchors of a node or group by its id, those at its label included."""
        keys = {f"group {name}", f"node {name}", f"label {name}"}
        return [anchor for (key, *_), anchor in self._anchors.items() if key in keys]

    def _both_ends(self, edge: EdgeDrawing) -> tuple[End, End]:
        first, last = clearances(edge.points)
        return self._attach(edge.source, edge.points, first), self._attach(edge.target, edge.points[::-1], last)

    def _attach(self, name: str, points: Sequence[Point], clearance: float) -> End:
        """Return the end of an edge, whose points begin there, at a node or group; add a site or an anchor for it."""
        point = points[0]
        key = f"node {name}"
        if key not in self._boxes:
            key = f"group {name}"
        elif f"label {name}" in self._boxes and not self._boxes[key].grown(1).contains(Box(*point, 0, 0)):
            key = f"label {name}"
        sites, is_bent = self._sites.setdefault(key, _sides(self._boxes[key])), has_bends(points)
        for number, site in enumerate(sites[: _SIDES if is_bent else None]):
            if math.dist(site, point) < _TOLERANCE and not clearance:
                return End(key, number)
        if is_bent:
            side = _side(points)
            new = Anchor(f"anchor {len(self._anchors)}", _anchor_box(self._boxes[key], side, point), clearance)
            return End(self._anchors.setdefault((key, side, point, clearance), new).key, side)
        sites.append(point)
        return End(key, len(sites) - 1)


def _sides(box: Box) -> list[Point]:
    """Return the middle of each side, in the order of the sites of the preset rectangle."""
    cx, cy = box.center
    return [(cx, box.y), (box.x, cy), (cx, box.bottom), (box.right, cy)]


def _side(points: Sequence[Point]) -> int:
    """Return the side of a shape at which an edge begins, by the index of its connection site."""
    (ax, ay), (bx, by) = points[:2]
    if abs(bx - ax) > abs(by - ay):
        return _RIGHT if bx > ax else _LEFT
    return _BOTTOM if by > ay else _TOP


def _anchor_box(box: Box, side: int, point: Point) -> Box:
    """Return the largest rectangle in the box of a shape that has the middle of a side at a point."""
    x, y = point
    half_width = max(min(x - box.x, box.right - x), _MIN_HALF)
    half_height = max(min(y - box.y, box.bottom - y), _MIN_HALF)
    if side in (_LEFT, _RIGHT):
        width = max(box.right - x if side == _LEFT else x - box.x, _MIN_HALF)
        return Box(x if side == _LEFT else x - width, y - half_height, width, 2 * half_height)
    height = max(box.bottom - y if side == _TOP else y - box.y, _MIN_HALF)
    return Box(x - half_width, y if side == _TOP else y - height, 2 * half_width, height)


def _connector(edge: EdgeDrawing) -> Connector | None:
    """Return the connector for an edge, or None if every program could not be trusted to keep its route."""
    connector = fit_connector(edge.points)
    return connector if connector and keeps_its_route(edge.points) else None
