"""The shapes of edges: lines with rounded corners and hops, arrowheads, and the background of labels.

Lengths are in points, paths are SVG path data.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from diagramkit.drawing import Box, Drawing, EdgeDrawing, Hop, Point
from diagramkit.writers.svg_paths import number, polygon

_LABEL_PADDING = 2.0  # Of the background of a label, on its left and right.
_MAX_PLAIN_WIDTH = 2.0  # Wider lines have larger arrowheads.


def label_background(box: Box) -> Box:
    """Return the background of an edge label whose text covers `box`."""
    return Box(box.x - _LABEL_PADDING, box.y, box.w + 2 * _LABEL_PADDING, box.h)


def line_path(edge: EdgeDrawing, corner: float) -> str:
    """Return the line of an edge with its hops, and with corners rounded by the radius `corner`.

    The radius is less where half of an adjacent segment is shorter.
    """
    if edge.curve:
        start, *rest = edge.curve
        return f"M{_coordinates(start)}C{' '.join(map(_coordinates, rest))}"
    points = _shortened(edge)
    parts = [f"M{_coordinates(points[0])}", *(_hop(hop) for hop in edge.hops if hop.segment == 0)]
    for index, (before, bend, after) in enumerate(zip(points, points[1:], points[2:], strict=False), 1):
        cut = min(corner, math.dist(before, bend) / 2, math.dist(bend, after) / 2)
        start, end = toward(bend, before, cut), toward(bend, after, cut)
        parts.append(f"L{_coordinates(start)}Q{_coordinates(bend)} {_coordinates(end)}")
        parts += [_hop(hop) for hop in edge.hops if hop.segment == index]
    parts.append(f"L{_coordinates(points[-1])}")
    return "".join(parts)


def ends(edge: EdgeDrawing) -> tuple[tuple[Point, Point], tuple[Point, Point]]:
    """Return the tip of the tail and of the head of an edge, each with the point of the line that it comes from."""
    line = edge.curve or edge.points
    return (edge.points[0], line[1]), (edge.points[-1], line[-2])


def head_length(drawing: Drawing, edge: EdgeDrawing) -> float:
    """Return the length of an edge's arrowheads."""
    return drawing.head_length + 2 * _excess_width(edge)


def arrow_path(tip: Point, before: Point, length: float) -> str:
    """Return the two wings of an arrowhead whose line comes from the point `before`."""
    back, half = length * 0.85, length * 0.5
    left, right = _beside(tip, before, ((back, half), (back, -half)))
    return polygon(left, tip, right).rstrip("Z")


def cross_path(tip: Point, before: Point, length: float) -> str:
    """Return a cross near the end of a line that comes from the point `before`."""
    near, far, half = 2, 2 + length, length * 0.5
    a, b, c, d = _beside(tip, before, ((near, half), (far, -half), (near, -half), (far, half)))
    return polygon(a, b).rstrip("Z") + polygon(c, d).rstrip("Z")


def toward(a: Point, b: Point, distance: float) -> Point:
    """Return the point at a distance from `a` in the direction of `b`."""
    ux, uy = _unit(a, b)
    return a[0] + ux * distance, a[1] + uy * distance


def _beside(tip: Point, before: Point, distances: Iterable[tuple[float, float]]) -> list[Point]:
    """Return points near the end of a line, each at its distances back from the tip and sideways from the line."""
    ux, uy = _unit(before, tip)
    return [(tip[0] - ux * back - uy * aside, tip[1] - uy * back + ux * aside) for back, aside in distances]


def _excess_width(edge: EdgeDrawing) -> float:
    return max((edge.width or 0.0) - _MAX_PLAIN_WIDTH, 0.0)


def _shortened(edge: EdgeDrawing) -> tuple[Point, ...]:
    """Return the points of an edge, shortened at arrowheads if its line is too wide for their tips."""
    back = _excess_width(edge)
    points = list(edge.points)
    if back and edge.head == "arrow":
        points[-1] = toward(points[-1], points[-2], min(back, math.dist(*points[-2:]) / 2))
    if back and edge.tail == "arrow":
        points[0] = toward(points[0], points[1], min(back, math.dist(*points[:2]) / 2))
    return tuple(points)


def _hop(hop: Hop) -> str:
    """Return half an ellipse; over a single line it is half a circle."""
    half = math.dist(hop.start, hop.end) / 2
    vertical = abs(hop.start[0] - hop.end[0]) < 0.01
    radii = (hop.radius, half) if vertical else (half, hop.radius)
    arc = f"A{_coordinates(radii)} 0 0 {int(hop.clockwise)} "
    return f"L{_coordinates(hop.start)}{arc}{_coordinates(hop.end)}"


def _coordinates(point: Point) -> str:
    return f"{number(point[0])} {number(point[1])}"


def _unit(a: Point, b: Point) -> Point:
    """Return the unit vector from `a` to `b`."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = max(math.hypot(dx, dy), 1e-9)
    return dx / length, dy / length
