"""Edges as curves or straight lines, wherever nothing stands in the way of one.

Every edge is first routed at right angles, where it meets nothing. Its ends, and the sides on
which it ends, are kept; between them it takes the shorter way if that is free.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable

from msgspec import Struct
from msgspec.structs import replace

from diagramkit.drawing import Box, Point, flattened
from diagramkit.graph import Graph, Lines
from diagramkit.layout.result import OUTWARD, Layout, RoutedEdge

_PULL = 0.5  # How far a curve's control points lie out, as a part of the way it goes.
_LEAST_PULL = 24.0
_STEEP = 0.35  # The least part of a straight line's way that must lead out of its node's side.
_BESIDE = 5.0
CLEARANCE = 7.0  # How near a line may come to what it does not join.


class Obstacles(Struct, frozen=True):
    """What lines and labels must keep clear of: boxes with the ids of their nodes ('' for titles), group borders."""

    boxes: tuple[tuple[Box, str], ...]
    borders: tuple[Box, ...]


class CurvedEdges(Struct, frozen=True):
    """Edges as they are drawn, and the curves of some by their edges' numbers."""

    edges: tuple[RoutedEdge, ...]
    curves: dict[int, tuple[Point, ...]]


def apply_line_style(scene: Obstacles, graph: Graph, layout: Layout, lines: Lines) -> CurvedEdges:
    """The edges of a layout as `lines` wants them. Loops and blocked edges stay."""
    shape: Callable[[RoutedEdge], tuple[Point, ...] | None]
    shape = _curve if lines == "curved" else _straight
    drawn, curves = list(layout.edges), dict[int, tuple[Point, ...]]()
    paths = [tuple(routed.points) for routed in drawn]
    for at, routed in enumerate(layout.edges):
        edge = graph.edges[routed.number]
        path = shape(routed) if edge.source != edge.target else None
        if path is None:
            continue
        line = flattened(path) if lines == "curved" else path
        ends = (edge.source, edge.target)
        others = [other.label for k, other in enumerate(drawn) if k != at and other.label]
        blocks = [box.grown(CLEARANCE / 2) for box, owner in scene.boxes if owner not in ends]
        own = [box.grown(-1.0) for box, owner in scene.boxes if owner in ends]
        if _hits(line, blocks + others) or _hits(line, own):
            continue
        foreign = [other for k, other in enumerate(paths) if k != at]
        taken = [box for box, _ in scene.boxes] + others
        label = _spot(line, routed.label, taken, scene.borders, [*foreign, line])
        if routed.label and label is None:
            continue
        paths[at] = line
        points = routed.points if lines == "curved" else path
        drawn[at] = replace(routed, points=points, label=label)
        if lines == "curved":
            curves[routed.number] = path
    return CurvedEdges(tuple(drawn), curves)


def _curve(routed: RoutedEdge) -> tuple[Point, ...] | None:
    """One cubic from end to end that leaves and reaches its nodes at right angles."""
    (ax, ay), (bx, by) = routed.points[0], routed.points[-1]
    if len(routed.points) == 2:
        return None  # Straight as it is.
    pull = max(_LEAST_PULL, _PULL * max(abs(bx - ax), abs(by - ay)))
    (ux, uy), (vx, vy) = OUTWARD[routed.source_side], OUTWARD[routed.target_side]
    return (
        (ax, ay),
        (ax + ux * pull, ay + uy * pull),
        (bx + vx * pull, by + vy * pull),
        (bx, by),
    )


def _straight(routed: RoutedEdge) -> tuple[Point, ...] | None:
    """The line from end to end, if it leads away from both nodes."""
    (ax, ay), (bx, by) = routed.points[0], routed.points[-1]
    dx, dy = bx - ax, by - ay
    length = max((dx * dx + dy * dy) ** 0.5, 1e-9)
    (ux, uy), (vx, vy) = OUTWARD[routed.source_side], OUTWARD[routed.target_side]
    leaves, reaches = (dx * ux + dy * uy) / length, -(dx * vx + dy * vy) / length
    if len(routed.points) == 2 or min(leaves, reaches) < _STEEP:
        return None
    return (ax, ay), (bx, by)


def _hits(line: Iterable[Point], boxes: list[Box]) -> bool:
    points = list(line)
    return any(box.crossed_by(a, b) for a, b in itertools.pairwise(points) for box in boxes)


def _spot(
    line: tuple[Point, ...],
    label: Box | None,
    taken: list[Box],
    borders: tuple[Box, ...],
    lines: list[tuple[Point, ...]],
) -> Box | None:
    """A free place for a label beside the line, near its middle first."""
    if label is None:
        return None
    w, h = label.w, label.h
    for share in (0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8):
        x, y = _at(line, share)
        for dx, dy in ((0, -1), (0, 1), (1, 0), (-1, 0), (1, -1), (-1, -1), (1, 1), (-1, 1)):
            for far in (_BESIDE, 12.0, 22.0):
                box = Box(x - w / 2 + dx * (w / 2 + far), y - h / 2 + dy * (h / 2 + far), w, h)
                roomy = box.grown(1.5)
                if any(roomy.overlaps(other) for other in taken):
                    continue
                if any(roomy.overlaps(rail) and not rail.holds(roomy) for rail in borders):
                    continue
                if not any(_hits(other, [roomy]) for other in lines):
                    return box
    return None


def _at(line: tuple[Point, ...], share: float) -> Point:
    """The point at a part of the line's length."""
    lengths = [((b[0] - a[0]) ** 2 + (b[1] - a[1]) ** 2) ** 0.5 for a, b in itertools.pairwise(line)]
    left = sum(lengths) * share
    for (a, b), length in zip(itertools.pairwise(line), lengths, strict=True):
        if left <= length and length:
            return a[0] + (b[0] - a[0]) * left / length, a[1] + (b[1] - a[1]) * left / length
        left -= length
    return line[-1]
