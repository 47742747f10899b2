"""Finds the PowerPoint connector that runs like a given edge: its preset, rotation, flips and adjustments.

The presets are those of ECMA-376 Part 1, 20.1.9, and its file `presetShapeDefinitions.xml`. `bentConnectorN` starts
horizontally in the top left corner of its box, ends in the bottom right corner and has N - 1 bends. Its adjustments
`adj1`, `adj2` ... are the positions of its inner segments, alternately as parts of the box's width and height, in
units of 1/100,000. A connector that starts vertically is rotated by 90 degrees; one that runs left or up is flipped.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

from msgspec import Struct

from diagramkit.drawing import Box, Point

_TOLERANCE = 0.01  # Points.
_MAX_STANDARD_BENDS = 2  # With at most this many, LibreOffice finds the same bends.
_MIN_CLEARANCE = 1.0  # Points; smaller ones would not be noticed.
_MIN_SIDE = 0.1  # Points; positions cannot be expressed as parts of a side without length.
_PRESETS = {
    0: "straightConnector1",
    1: "bentConnector2",
    2: "bentConnector3",
    3: "bentConnector4",
    4: "bentConnector5",
}
"""The preset for each number of bends."""
_QUARTER_TURN = 90


class Connector(Struct, frozen=True):
    """A preset with its placement.

    The preset is drawn in `box`, flipped, and then rotated about the center of `box` by `rotation` degrees.
    `adjustments` are in units of 1/100,000.
    """

    preset: str
    box: Box
    rotation: int = 0
    flip_x: bool = False
    flip_y: bool = False
    adjustments: tuple[int, ...] = ()


def fit_connector(points: Sequence[Point]) -> Connector | None:
    """Return the connector that runs through `points`.

    Return None if no preset can: if there are more than four bends, or bends that are not right angles.
    """
    points = _without_redundant(points)
    bends = len(points) - 2
    if bends > max(_PRESETS) or (bends and not _is_orthogonal(points)):
        return None
    (ax, ay), (bx, by) = points[0], points[-1]
    starts_vertically = bool(bends) and abs(points[1][0] - ax) < _TOLERANCE
    # Coordinates along the first segment and across it, as in the preset before its rotation.
    along = [y if starts_vertically else x for x, y in points]
    across = [-x if starts_vertically else y for x, y in points]
    min_side = _MIN_SIDE if bends else 0.0
    width, height = (max(abs(values[-1] - values[0]), min_side) for values in (along, across))
    flip_x, flip_y = along[-1] < along[0], across[-1] < across[0]
    adjustments = []
    for number in range(1, bends):
        values, side, flip = (along, width, flip_x) if number % 2 else (across, height, flip_y)
        part = (values[number] - values[0]) / (-side if flip else side)
        adjustments.append(round(part * 100_000))
    center_x, center_y = (ax + bx) / 2, (ay + by) / 2
    return Connector(
        _PRESETS[bends],
        Box(center_x - width / 2, center_y - height / 2, width, height),
        _QUARTER_TURN if starts_vertically else 0,
        flip_x,
        flip_y,
        tuple(adjustments),
    )


def keeps_its_route(points: Sequence[Point]) -> bool:
    """Return whether LibreOffice keeps the bends of an attached connector that runs through `points`.

    It routes connectors itself and only moves the inner segments to where the file has them. If an edge leaves a shape
    towards its end and also arrives in that direction, LibreOffice gives it no more than two bends, or one if it
    arrives across its first segment, however many the file has.
    """
    points = _without_redundant(points)
    if len(points) - 2 <= _MAX_STANDARD_BENDS:
        return True
    return not (_is_towards_the_end(points, 0) and _is_towards_the_end(points, -2))


def _is_towards_the_end(points: Sequence[Point], number: int) -> bool:
    """Return whether a segment runs in the direction in which the end of the whole line is from its start."""
    (ax, ay), (bx, by) = points[number], points[number + 1]
    (x, y), (end_x, end_y) = points[0], points[-1]
    return (bx - ax) * (end_x - x) > 0 if abs(bx - ax) > abs(by - ay) else (by - ay) * (end_y - y) > 0


def clearances(points: Sequence[Point]) -> tuple[float, float]:
    """Return how far LibreOffice has to keep a connector with two bends away from each of its ends, often 0.

    LibreOffice before 7.5 ignores adjustments. It puts both bends in the middle between the shapes at the ends; if the
    line returns to the side from which it came, at the outer one of the two sides. But it counts what surrounds a
    shape, such as a glow, as a part of it: this moves the bends by half of its radius, or by all of it if the line
    returns.
    """
    points = _without_redundant(points)
    if len(points) != 4 or not _is_orthogonal(points):
        return 0.0, 0.0
    start, end = math.dist(*points[:2]), math.dist(*points[2:])
    axis = int(abs(points[1][0] - points[0][0]) < _TOLERANCE)
    returns = (points[1][axis] - points[0][axis]) * (points[2][axis] - points[3][axis]) > 0
    first = min(start, end) if returns else abs(start - end)
    if first < _MIN_CLEARANCE:
        return 0.0, 0.0
    return (first, 0.0) if (start <= end) == returns else (0.0, first)


def has_bends(points: Sequence[Point]) -> bool:
    """Return whether a polyline turns anywhere."""
    return len(_without_redundant(points)) > 2


def _without_redundant(points: Sequence[Point]) -> list[Point]:
    """Return the ends of a polyline and the points at which it turns."""
    corners = [points[0]]
    for point, after in zip(points[1:], [*points[2:], None], strict=True):
        (bx, by), (x, y) = corners[-1], point
        if abs(bx - x) < _TOLERANCE and abs(by - y) < _TOLERANCE and after is not None:
            continue
        if after is not None:
            cross = (x - bx) * (after[1] - y) - (y - by) * (after[0] - x)
            dot = (x - bx) * (after[0] - x) + (y - by) * (after[1] - y)
            if abs(cross) < _TOLERANCE and dot >= 0:
                continue
        corners.append(point)
    return corners


def _is_orthogonal(points: Sequence[Point]) -> bool:
    """Return whether the segments are alternately horizontal and vertical."""
    horizontal = [abs(a[1] - b[1]) < _TOLERANCE for a, b in itertools.pairwise(points)]
    vertical = [abs(a[0] - b[0]) < _TOLERANCE for a, b in itertools.pairwise(points)]
    return all(
        (first_horizontal and next_vertical) or (first_vertical and next_horizontal)
        for first_horizontal, first_vertical, next_horizontal, next_vertical in zip(
            horizontal, vertical, horizontal[1:], vertical[1:], strict=False
        )
    )
