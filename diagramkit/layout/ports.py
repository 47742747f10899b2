"""Where edges may end at each node: points on its sides, and how far these may move."""

from __future__ import annotations

import math
from collections.abc import Mapping

from msgspec.structs import replace

from diagramkit.drawing import SLANT, Box, Point
from diagramkit.graph import Edge, Side
from diagramkit.layout.result import OUTWARD, SIDES, RoutedEdge
from diagramkit.measure.figures import Figure, Figures

Port = tuple[float, float]
"""The distance from a node's anchor to the end of an edge at a side, and how far it may move along the side, in points.
"""

_CORNER_MARGIN = 10.0  # Points between a port and the end of its side.
_MOVABLE_SHARE = 0.55  # The part of a slanted or round side on which ports may move.
# Sides that are straight and parallel to the box: every point on them is at the same depth.
_STRAIGHT_SIDES = {
    "square": ("top", "bottom", "left", "right"),
    "round": ("top", "bottom", "left", "right"),
    "subroutine": ("top", "bottom", "left", "right"),
    "document": ("top", "left", "right"),
    "stadium": ("top", "bottom"),
    "cylinder": ("left", "right"),
    "hexagon": ("top", "bottom"),
    "odd": ("top", "bottom", "right"),
    "lean_right": ("top", "bottom"),
    "lean_left": ("top", "bottom"),
    "trapezoid": ("top", "bottom"),
    "inv_trapezoid": ("top", "bottom"),
}
_SLANTED_SHAPES = ("stadium", "hexagon", "lean_right", "lean_left", "trapezoid", "inv_trapezoid")
_MAX_LID_HEIGHT = 9.0  # The maximum height of a cylinder's lid, in points.


def node_ports(figure: Figure) -> tuple[Port, ...]:
    """Return the ports of a node, one for each of `SIDES`.

    They are at the middles of the sides of its icon or shape, and at the bottom below its label.
    """
    if figure.icon is None:
        return _shape_ports(figure)
    half_w, half_h = figure.w / 2, figure.h / 2
    left, top, right = figure.inset
    horizontal_range = max(half_w - _CORNER_MARGIN, 0.0)
    label_range = min(horizontal_range, max(figure.label.width / 2 - 4, 6.0))
    vertical_range = max(half_h - 12, 0.0)
    return (
        (half_w - right, vertical_range),
        (figure.down, label_range),
        (half_w - left, vertical_range),
        (half_h - top, horizontal_range),
    )


def _shape_ports(figure: Figure) -> tuple[Port, ...]:
    """Return the ports of a node without an icon."""
    shape, half_w, half_h = figure.node.shape, figure.w / 2, figure.h / 2
    ports = []
    for side in SIDES:
        dx, dy = OUTWARD[side]
        half = half_w if dy else half_h
        is_straight = side in _STRAIGHT_SIDES.get(shape, ())
        movable = max(half - _CORNER_MARGIN, 0.0) if is_straight else half * _MOVABLE_SHARE
        if is_straight and shape in _SLANTED_SHAPES:
            movable = max(half - max(_CORNER_MARGIN, min(SLANT, half) + 2), 0.0)
        if shape == "junction":
            movable = 0.0
        ports.append(((half_w if dx else half_h) - depth_at(shape, figure.w, figure.h, side, 0.0), movable))
    return tuple(ports)


def depth_at(shape: str, w: float, h: float, side: Side, offset: float) -> float:
    """Return how far inside its box a shape's border is, `offset` points from the middle of `side`."""
    horizontal = side in ("top", "bottom")
    half, half_depth = (w / 2, h / 2) if horizontal else (h / 2, w / 2)
    share = min(abs(offset) / half, 1.0) if half else 0.0
    bulge = 1 - math.sqrt(1 - share * share)
    if shape in _ROUND_SHAPES:
        return half_depth * bulge
    if horizontal:
        lid = min(_MAX_LID_HEIGHT, h / 5) * bulge if shape == "cylinder" else 0.0
        return half_depth * share if shape == "diamond" else lid
    if shape in _SLANTS:
        top, bottom = _SLANTS[shape][side == "right"]
        return SLANT * (top + (bottom - top) * (0.5 + offset / h))
    depths = {
        "diamond": half_depth * share,
        "stadium": half * bulge,
        "hexagon": min(SLANT, w / 4) * share,
        "odd": SLANT * (1 - share) if side == "left" else 0.0,
    }
    return depths.get(shape, 0.0)


_ROUND_SHAPES = ("circle", "doublecircle", "ellipse", "junction")
# The horizontal offset of the corners of slanted sides in units of `SLANT`: left and right side, each top and bottom.
_SLANTS: dict[str, tuple[tuple[int, int], tuple[int, int]]] = {
    "lean_right": ((1, 0), (0, 1)),
    "lean_left": ((0, 1), (1, 0)),
    "trapezoid": ((1, 0), (1, 0)),
    "inv_trapezoid": ((0, 1), (0, 1)),
}


def attach_ends(figures: Figures, anchors: Mapping[str, Point], edge: Edge, routed: RoutedEdge) -> RoutedEdge:
    """Return the route with its ends lengthened or shortened so that they are on the borders of the shapes."""
    points = list(routed.points)
    ends = ((edge.source, routed.source_side, 0), (edge.target, routed.target_side, -1))
    for end, side, index in ends:
        figure = figures.nodes.get(end)
        if figure is None or figure.icon is not None:
            continue
        (x, y), (px, py) = anchors[end], points[index]
        dx, dy = OUTWARD[side]
        offset = px - x if dy else py - y
        depth = depth_at(figure.node.shape, figure.w, figure.h, side, offset)
        points[index] = (x + dx * (figure.w / 2 - depth), py) if dx else (px, y + dy * (figure.h / 2 - depth))
    return replace(routed, points=tuple(points))


def icon_and_label_boxes(figures: Figures, node: str, anchors: Mapping[str, Point]) -> tuple[Box, Box | None]:
    """Return the box of a node's icon or shape, and that of its label if it is below it, else None."""
    figure, (x, y) = figures.nodes[node], anchors[node]
    icon = Box(x - figure.w / 2, y - figure.h / 2, figure.w, figure.h)
    if figure.icon is None or not figure.label.lines:
        return icon, None
    label = figure.label
    return icon, Box(x - label.width / 2, y + figure.down - label.height, label.width, label.height)
