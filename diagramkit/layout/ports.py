"""Where edges may end at each node and group: points on their sides, and how far these may move."""

from __future__ import annotations

import math

from diagramkit.drawing import SLANT, Box, Point
from diagramkit.layout.place import Placement
from diagramkit.layout.routing.scene import OUTWARD, Path, Side, Terminal
from diagramkit.measure.figures import Figure, Figures

_MARGIN = 10.0  # How far from the end of a side a port stays.
_GROUP_MARGIN = 20.0
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
_LID = 9.0  # The height of a cylinder's lid, at most.


def of_group(placement: Placement, group: str, other: str, number: int) -> Terminal:
    """The ports of a group for an edge of that number: they lie opposite the edge's `other` end."""
    box = placement.groups[group]
    x, y = (
        placement.anchors[other] if other in placement.anchors else placement.groups[other].center
    )
    pad = min(_GROUP_MARGIN, box.w / 4, box.h / 4)
    x = min(max(x, box.x + pad), box.right - pad)
    y = min(max(y, box.y + pad), box.bottom - pad)
    ports: dict[Side, Point] = {
        "top": (x, box.y), "bottom": (x, box.bottom), "left": (box.x, y), "right": (box.right, y),
    }  # fmt: skip
    reach = {
        side: max(0.0, min(abs(at - low), abs(high - at)) - pad / 2)
        for side, at, low, high in (
            ("top", x, box.x, box.right), ("bottom", x, box.x, box.right),
            ("left", y, box.y, box.bottom), ("right", y, box.y, box.bottom),
        )
    }  # fmt: skip
    return Terminal(f"{group}#{number}", ports, reach)  # type: ignore[arg-type]  # Sides are four words.


def of_node(measured: Figures, placement: Placement, node: str) -> Terminal:
    """The ports of a node: the middles of its icon's or shape's sides, and below its label."""
    figure, (x, y) = measured.nodes[node], placement.anchors[node]
    if figure.icon is None:
        return _of_shape(figure, x, y)
    half_w, half_h = figure.w / 2, figure.h / 2
    left, top, right = figure.inset
    ports: dict[Side, Point] = {
        "top": (x, y - half_h + top), "bottom": (x, y + figure.down),
        "left": (x - half_w + left, y), "right": (x + half_w - right, y),
    }  # fmt: skip
    level = max(half_w - _MARGIN, 0.0)
    low = min(level, max(figure.label.width / 2 - 4, 6.0))
    upright = max(half_h - 12, 0.0)
    reach: dict[Side, float] = {"top": level, "bottom": low, "left": upright, "right": upright}
    return Terminal(node, ports, reach, {"left": left, "top": top, "right": right})


def _of_shape(figure: Figure, x: float, y: float) -> Terminal:
    shape, half_w, half_h = figure.node.shape, figure.w / 2, figure.h / 2
    ports: dict[Side, Point] = {}
    reach: dict[Side, float] = {}
    depths: dict[Side, float] = {}
    for side, (dx, dy) in OUTWARD.items():
        depth = depth_at(shape, figure.w, figure.h, side, 0.0)
        ports[side] = (x + dx * (half_w - depth), y + dy * (half_h - depth))
        half = half_w if dy else half_h
        flat = side in _FLAT.get(shape, ())
        reach[side] = max(half - _MARGIN, 0.0) if flat else half * _MOVABLE
        if flat and shape in ("stadium", "hexagon", "lean_right", "lean_left", "trapezoid",
                              "inv_trapezoid"):  # fmt: skip
            reach[side] = max(half - max(_MARGIN, min(SLANT, half) + 2), 0.0)
        depths[side] = depth
    if shape == "junction":
        reach = dict.fromkeys(reach, 0.0)
    return Terminal(figure.node.id, ports, reach, depths)


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
    "lean_right": ((1, 0), (0, 1)), "lean_left": ((0, 1), (1, 0)),
    "trapezoid": ((1, 0), (1, 0)), "inv_trapezoid": ((0, 1), (0, 1)),
}  # fmt: skip


def touch(measured: Figures, placement: Placement, path: Path) -> None:
    """Lengthen or shorten a path, in place, so that both ends lie on the shapes' own borders."""
    edge = path.wire.edge
    for end, side, at in ((edge.source, path.tail_side, 0), (edge.target, path.head_side, -1)):
        figure = measured.nodes.get(end)
        if figure is None or figure.icon is not None:
            continue
        (x, y), (px, py) = placement.anchors[end], path.points[at]
        dx, dy = OUTWARD[side]
        offset = px - x if dy else py - y
        depth = depth_at(figure.node.shape, figure.w, figure.h, side, offset)
        path.points[at] = (
            (x + dx * (figure.w / 2 - depth), py) if dx else (px, y + dy * (figure.h / 2 - depth))
        )


def boxes(measured: Figures, node: str, placement: Placement) -> tuple[Box, Box | None]:
    """A node's icon (or shape) and, where it stands below, its label."""
    figure, (x, y) = measured.nodes[node], placement.anchors[node]
    icon = Box(x - figure.w / 2, y - figure.h / 2, figure.w, figure.h)
    if figure.icon is None or not figure.label.lines:
        return icon, None
    label = figure.label
    return icon, Box(x - label.width / 2, y + figure.down - label.height, label.width, label.height)
