"""Draw edges as curves or straight lines wherever these are free of obstacles.

Every edge is first routed with horizontal and vertical segments, without collisions. Its ends, and the sides on which
it ends, do not change; a direct line between them replaces the route if it is free.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable

from msgspec import Struct
from msgspec.structs import replace

from diagramkit.drawing import Box, Point, flattened
from diagramkit.graph import Graph
from diagramkit.layout.result import OUTWARD, Layout, RoutedEdge
from diagramkit.options import Lines

_CONTROL_DISTANCE = 0.5  # Distance of the control points from the ends, relative to the longer axis.
_MIN_CONTROL_DISTANCE = 24.0  # Points.
_MIN_DEPARTURE = 0.35  # The minimum cosine between a straight line and the normal of its node's side.
_LABEL_GAP = 5.0  # Points.
CLEARANCE = 7.0  # Points between a line and anything that it does not connect.


class Obstacles(Struct, frozen=True):
    """Boxes that lines and labels must avoid, with the ids of their nodes ('' for titles), and group borders."""

    boxes: tuple[tuple[Box, str], ...]
    borders: tuple[Box, ...]


class CurvedEdges(Struct, frozen=True):
    """The edges as they are drawn, and the curves of some of them by edge number."""

    edges: tuple[RoutedEdge, ...]
    curves: dict[int, tuple[Point, ...]]


def apply_line_style(obstacles: Obstacles, graph: Graph, layout: Layout, lines: Lines) -> CurvedEdges:
    """Return the edges of a layout drawn as `lines` specifies.

    Loops keep their routes, and so do edges for which there is no free line.
    """
    convert: Callable[[RoutedEdge], tuple[Point, ...] | None]
    convert = _as_curve if lines == "curved" else _as_line
    edges, curves = list(layout.edges), dict[int, tuple[Point, ...]]()
    polylines = [tuple(routed.points) for routed in edges]
    for index, routed in enumerate(layout.edges):
        edge = graph.edges[routed.number]
        path = convert(routed) if edge.source != edge.target else None
        if path is None:
            continue
        polyline = flattened(path) if lines == "curved" else path
        ends = (edge.source, edge.target)
        others = [other.label for number, other in enumerate(edges) if number != index and other.label]
        padded_boxes = [box.grown(CLEARANCE / 2) for box, owner in obstacles.boxes if owner not in ends]
        own_boxes = [box.grown(-1.0) for box, owner in obstacles.boxes if owner in ends]
        if _crosses(polyline, padded_boxes + others) or _crosses(polyline, own_boxes):
            continue
        other_lines = [other for number, other in enumerate(polylines) if number != index]
        occupied = [box for box, _ in obstacles.boxes] + others
        label = _label_box(polyline, routed.label, occupied, obstacles.borders, [*other_lines, polyline])
        if routed.label and label is None:
            continue
        polylines[index] = polyline
        points = routed.points if lines == "curved" else path
        edges[index] = replace(routed, points=points, label=label)
        if lines == "curved":
            curves[routed.number] = path
    return CurvedEdges(tuple(edges), curves)


def _as_curve(routed: RoutedEdge) -> tuple[Point, ...] | None:
    """Return a cubic curve from end to end that is perpendicular to the nodes' sides; None if the route is straight."""
    (ax, ay), (bx, by) = routed.points[0], routed.points[-1]
    if len(routed.points) == 2:
        return None  # Straight as it is.
    distance = max(_MIN_CONTROL_DISTANCE, _CONTROL_DISTANCE * max(abs(bx - ax), abs(by - ay)))
    (ux, uy), (vx, vy) = OUTWARD[routed.source_side], OUTWARD[routed.target_side]
    return (
        (ax, ay),
        (ax + ux * distance, ay + uy * distance),
        (bx + vx * distance, by + vy * distance),
        (bx, by),
    )


def _as_line(routed: RoutedEdge) -> tuple[Point, ...] | None:
    """Return the straight line from end to end if it leads away from both nodes, else None."""
    (ax, ay), (bx, by) = routed.points[0], routed.points[-1]
    dx, dy = bx - ax, by - ay
    length = max((dx * dx + dy * dy) ** 0.5, 1e-9)
    (ux, uy), (vx, vy) = OUTWARD[routed.source_side], OUTWARD[routed.target_side]
    departure, arrival = (dx * ux + dy * uy) / length, -(dx * vx + dy * vy) / length
    if len(routed.points) == 2 or min(departure, arrival) < _MIN_DEPARTURE:
        return None
    return (ax, ay), (bx, by)


def _crosses(line: Iterable[Point], boxes: list[Box]) -> bool:
    """Return whether a polyline runs through one of the boxes."""
    points = list(line)
    return any(box.crossed_by(a, b) for a, b in itertools.pairwise(points) for box in boxes)


def _label_box(
    polyline: tuple[Point, ...],
    label: Box | None,
    occupied: list[Box],
    borders: tuple[Box, ...],
    polylines: list[tuple[Point, ...]],
) -> Box | None:
    """Return a free box for a label next to the line, preferably near its middle; None if there is none."""
    if label is None:
        return None
    w, h = label.w, label.h
    for fraction in (0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8):
        x, y = _point_at(polyline, fraction)
        for dx, dy in ((0, -1), (0, 1), (1, 0), (-1, 0), (1, -1), (-1, -1), (1, 1), (-1, 1)):
            for gap in (_LABEL_GAP, 12.0, 22.0):
                box = Box(x - w / 2 + dx * (w / 2 + gap), y - h / 2 + dy * (h / 2 + gap), w, h)
                padded = box.grown(1.5)
                if any(padded.overlaps(other) for other in occupied):
                    continue
                if any(padded.overlaps(border) and not border.contains(padded) for border in borders):
                    continue
                if not any(_crosses(other, [padded]) for other in polylines):
                    return box
    return None


def _point_at(polyline: tuple[Point, ...], fraction: float) -> Point:
    """Return the point at a fraction of a polyline's length."""
    lengths = [((b[0] - a[0]) ** 2 + (b[1] - a[1]) ** 2) ** 0.5 for a, b in itertools.pairwise(polyline)]
    remaining = sum(lengths) * fraction
    for (a, b), length in zip(itertools.pairwise(polyline), lengths, strict=True):
        if remaining <= length and length:
            return a[0] + (b[0] - a[0]) * remaining / length, a[1] + (b[1] - a[1]) * remaining / length
        remaining -= length
    return polyline[-1]
