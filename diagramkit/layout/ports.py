"""Where edges may end at each node: points on its sides, and how far these may move."""

from __future__ import annotations

import math
from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from diagramkit.drawing import Point
from diagramkit.graph import Edge, Side
from diagramkit.layout.result import OUTWARD, SIDES, RoutedEdge
from diagramkit.measure.figures import Figure, Figures
from diagramkit.style import outlines, shapes

Port = tuple[float, float]
"""The distance from a node's anchor to the end of an edge at a side, and how far it may move along the side, in points.
"""

_CORNER_MARGIN = 10.0  # Points between a port and the end of its side.
_AXIS_TOLERANCE = 0.05  # Points: segments are treated as horizontal or vertical up to this difference.
_SLIDE_STEP = 0.25  # Points.
_MAX_SLIDE = 160  # Steps by which a slanted line may be longer or shorter to end at the border of a shape.


def node_ports(figure: Figure) -> tuple[Port, ...]:
    """Return the ports of a node, one for each of `SIDES`.

    They are at the middles of the sides of its icon or shape, and at the bottom below its label.
    """
    if figure.icon is None:
        return _shape_ports(figure)
    half_w, half_h = figure.w / 2, figure.h / 2
    left, top, right = figure.inset
    horizontal_range = max(half_w - _CORNER_MARGIN, 0.0)
    vertical_range = max(half_h - 12, 0.0)
    return (
        (half_w - right, vertical_range),
        _port_below_label(figure),
        (half_w - left, vertical_range),
        (half_h - top, horizontal_range),
    )


def _port_below_label(figure: Figure) -> Port:
    """Return the port below a label, which is below its icon or shape."""
    return figure.down, min(max(figure.w / 2 - _CORNER_MARGIN, 0.0), max(figure.label.width / 2 - 4, 6.0))


def _shape_ports(figure: Figure) -> tuple[Port, ...]:
    """Return the ports of a node without an icon."""
    shape, half_w, half_h = shapes.get(figure.node.shape), figure.w / 2, figure.h / 2
    ports = []
    for side in SIDES:
        if side == "bottom" and figure.has_label_below:
            ports.append(_port_below_label(figure))
            continue
        horizontal = side in ("top", "bottom")
        half, distance = (half_w, half_h) if horizontal else (half_h, half_w)
        movable = max(half - shape.corner, 0.0) if side in shape.straight else half * shape.movable
        ports.append((distance - depth_at(shape.name, figure.w, figure.h, side, 0.0), movable))
    return tuple(ports)


def depth_at(shape: str, w: float, h: float, side: Side, offset: float) -> float:
    """Return how far inside its box a shape's border is, `offset` points from the middle of `side`."""
    return outlines.depth(shapes.get(shape).outline, w, h, side, offset)


def attach_ends(figures: Figures, anchors: Mapping[str, Point], edge: Edge, routed: RoutedEdge) -> RoutedEdge:
    """Return the route with its ends lengthened or shortened so that they are on the borders of the shapes."""
    points, curve = list(routed.points), list(routed.curve)
    ends = ((edge.source, routed.source_side, 0, 1), (edge.target, routed.target_side, -1, -2))
    for end, side, index, neighbor in ends:
        figure = figures.nodes.get(end)
        if figure is None or figure.icon is not None or (side == "bottom" and figure.has_label_below):
            continue
        shape = _PlacedShape(figure, anchors[end], side)
        points[index] = shape.border_point(points[index], points[neighbor])
        if curve:
            curve[index] = points[index]  # It is in line with the control point.
    return replace(routed, points=tuple(points), curve=tuple(curve))


class _PlacedShape(Struct, frozen=True):
    """A node without an icon, its anchor, and one of its sides."""

    figure: Figure
    anchor: Point
    side: Side

    def border_point(self, end: Point, neighbor: Point) -> Point:
        """Return the point on the border at which a line ends that leads to `end` from its neighbor.

        A slanted line is continued to the border; otherwise, the end moves perpendicularly to the side.
        """
        (x, y), (px, py) = end, neighbor
        if min(abs(px - x), abs(py - y)) < _AXIS_TOLERANCE:
            return self._below(end)
        length = math.hypot(px - x, py - y)
        for step in range(-_MAX_SLIDE, _MAX_SLIDE):
            share = step * _SLIDE_STEP / length  # From outside the shape to its inside.
            point = (x - (px - x) * share, y - (py - y) * share)
            if self._depth(point) >= self._depth(self._below(point)):
                return point
        return self._below(end)

    def _depth(self, point: Point) -> float:
        """Return how far a point is inside the box, from the side."""
        (x, y), (dx, dy) = self.anchor, OUTWARD[self.side]
        half = self.figure.w / 2 if dx else self.figure.h / 2
        return half - (point[0] - x) * dx - (point[1] - y) * dy

    def _below(self, point: Point) -> Point:
        """Return the point on the border that is perpendicularly below or above a point, as seen from the side."""
        (x, y), (dx, dy) = self.anchor, OUTWARD[self.side]
        figure = self.figure
        offset = point[0] - x if dy else point[1] - y
        depth = depth_at(figure.node.shape, figure.w, figure.h, self.side, offset)
        if dx:
            return x + dx * (figure.w / 2 - depth), point[1]
        return point[0], y + dy * (figure.h / 2 - depth)
