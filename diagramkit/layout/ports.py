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
"""How far from a node's anchor edges end at a side, and how far along the side that may move, in points."""

_MARGIN = 10.0  # How far from the end of a side a port stays.
_MOVABLE = 0.55  # The part of a slanted or round side along which ports may move.
# Sides of shapes on which every point is as far out as the middle.
_FLAT = {
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
_SLANTED = ("stadium", "hexagon", "lean_right", "lean_left", "trapezoid", "inv_trapezoid")
_LID = 9.0  # The height of a cylinder's lid, at most.


def node_ports(figure: Figure) -> tuple[Port, ...]:
    """The ports of a node, one for each of `SIDES`: the middles of its icon's or shape's sides, and below its label."""
    if figure.icon is None:
        return _of_shape(figure)
    half_w, half_h = figure.w / 2, figure.h / 2
    left, top, right = figure.inset
    level = max(half_w - _MARGIN, 0.0)
    low = min(level, max(figure.label.width / 2 - 4, 6.0))
    upright = max(half_h - 12, 0.0)
    return (
        (half_w - right, upright),
        (figure.down, low),
        (half_w - left, upright),
        (half_h - top, level),
    )


def _of_shape(figure: Figure) -> tuple[Port, ...]:
    shape, half_w, half_h = figure.node.shape, figure.w / 2, figure.h / 2
    ports = []
    for side in SIDES:
        dx, dy = OUTWARD[side]
        half = half_w if dy else half_h
        flat = side in _FLAT.get(shape, ())
        reach = max(half - _MARGIN, 0.0) if flat else half * _MOVABLE
        if flat and shape in _SLANTED:
            reach = max(half - max(_MARGIN, min(SLANT, half) + 2), 0.0)
        if shape == "junction":
            reach = 0.0
        ports.append(((half_w if dx else half_h) - depth_at(shape, figure.w, figure.h, side, 0.0), reach))
    return tuple(ports)


def depth_at(shape: str, w: float, h: float, side: Side, offset: float) -> float:
    """How far inside its box a shape's border lies at `offset` from the middle of `side`."""
    level = side in ("top", "bottom")
    half, other = (w / 2, h / 2) if level else (h / 2, w / 2)
    share = min(abs(offset) / half, 1.0) if half else 0.0
    bulge = 1 - math.sqrt(1 - share * share)
    if shape in _ROUND:
        return other * bulge
    if level:
        lid = min(_LID, h / 5) * bulge if shape == "cylinder" else 0.0
        return other * share if shape == "diamond" else lid
    if shape in _SLANTS:
        top, low = _SLANTS[shape][side == "right"]
        return SLANT * (top + (low - top) * (0.5 + offset / h))
    depths = {
        "diamond": other * share,
        "stadium": half * bulge,
        "hexagon": min(SLANT, w / 4) * share,
        "odd": SLANT * (1 - share) if side == "left" else 0.0,
    }
    return depths.get(shape, 0.0)


_ROUND = ("circle", "doublecircle", "ellipse", "junction")
# How many slants the corners of leaning sides lie inwards: left and right, at the top and below.
_SLANTS: dict[str, tuple[tuple[int, int], tuple[int, int]]] = {
    "lean_right": ((1, 0), (0, 1)),
    "lean_left": ((0, 1), (1, 0)),
    "trapezoid": ((1, 0), (1, 0)),
    "inv_trapezoid": ((0, 1), (0, 1)),
}


def attach_ends(figures: Figures, anchors: Mapping[str, Point], edge: Edge, routed: RoutedEdge) -> RoutedEdge:
    """The path lengthened or shortened so that both ends lie on the shapes' own borders."""
    points = list(routed.points)
    ends = ((edge.source, routed.source_side, 0), (edge.target, routed.target_side, -1))
    for end, side, at in ends:
        figure = figures.nodes.get(end)
        if figure is None or figure.icon is not None:
            continue
        (x, y), (px, py) = anchors[end], points[at]
        dx, dy = OUTWARD[side]
        offset = px - x if dy else py - y
        depth = depth_at(figure.node.shape, figure.w, figure.h, side, offset)
        points[at] = (x + dx * (figure.w / 2 - depth), py) if dx else (px, y + dy * (figure.h / 2 - depth))
    return replace(routed, points=tuple(points))


def icon_and_label_boxes(figures: Figures, node: str, anchors: Mapping[str, Point]) -> tuple[Box, Box | None]:
    """A node's icon (or shape) and, where it stands below, its label."""
    figure, (x, y) = figures.nodes[node], anchors[node]
    icon = Box(x - figure.w / 2, y - figure.h / 2, figure.w, figure.h)
    if figure.icon is None or not figure.label.lines:
        return icon, None
    label = figure.label
    return icon, Box(x - label.width / 2, y + figure.down - label.height, label.width, label.height)
