"""Edges as PowerPoint's own connectors: which preset, turned and adjusted how, runs as an edge does.

The presets are those of ECMA-376 Part 1, 20.1.9 and `presetShapeDefinitions.xml`: `bentConnectorN` starts
level in the top left corner of its box and ends in the lower right one, with N - 1 bends between; `adj1`,
`adj2`, … say in parts of 100,000 of the box's width and height, in turn, where it bends. A connector that
starts upright is one turned by 90 degrees; one that runs left or up is flipped.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from msgspec import Struct

from diagramkit.drawing import Box, Point

_SAME = 0.01
_LEAST = 0.1  # Points: a box of no width has no parts in which to say a bend.
_PRESETS = {
    0: "straightConnector1",
    1: "bentConnector2",
    2: "bentConnector3",
    3: "bentConnector4",
    4: "bentConnector5",
}
_QUARTER = 90


class Connector(Struct, frozen=True):
    """A preset and how it lies: `box` before it is turned about its middle by `turn` degrees, flipped
    first; `adjust` in parts of 100,000."""

    preset: str
    box: Box
    turn: int = 0
    flip_x: bool = False
    flip_y: bool = False
    adjust: tuple[int, ...] = ()


def connector(points: Sequence[Point]) -> Connector | None:
    """The connector that runs through `points`; None where no preset does: with more than four bends, or
    with bends that are no right angles."""
    points = _corners(points)
    bends = len(points) - 2
    if bends > max(_PRESETS) or (bends and not _square(points)):
        return None
    (ax, ay), (bx, by) = points[0], points[-1]
    upright = bool(bends) and abs(points[1][0] - ax) < _SAME
    # Along the first stretch and across it, as the preset has them before it is turned.
    along = [y if upright else x for x, y in points]
    across = [-x if upright else y for x, y in points]
    least = _LEAST if bends else 0.0
    wide, high = (max(abs(line[-1] - line[0]), least) for line in (along, across))
    flip_x, flip_y = along[-1] < along[0], across[-1] < across[0]
    adjust = []
    for number in range(1, bends):
        line, length, flip = (along, wide, flip_x) if number % 2 else (across, high, flip_y)
        part = (line[number] - line[0]) / (-length if flip else length)
        adjust.append(round(part * 100_000))
    middle_x, middle_y = (ax + bx) / 2, (ay + by) / 2
    return Connector(
        _PRESETS[bends],
        Box(middle_x - wide / 2, middle_y - high / 2, wide, high),
        _QUARTER if upright else 0,
        flip_x,
        flip_y,
        tuple(adjust),
    )


def _corners(points: Sequence[Point]) -> list[Point]:
    """The points at which the way turns, and its ends."""
    kept = [points[0]]
    for at, after in zip(points[1:], [*points[2:], None], strict=True):
        (bx, by), (x, y) = kept[-1], at
        if abs(bx - x) < _SAME and abs(by - y) < _SAME and after is not None:
            continue
        if after is not None:
            turn = (x - bx) * (after[1] - y) - (y - by) * (after[0] - x)
            onward = (x - bx) * (after[0] - x) + (y - by) * (after[1] - y)
            if abs(turn) < _SAME and onward >= 0:
                continue
        kept.append(at)
    return kept


def _square(points: Sequence[Point]) -> bool:
    """Whether stretches are level and upright in turn."""
    level = [abs(a[1] - b[1]) < _SAME for a, b in itertools.pairwise(points)]
    upright = [abs(a[0] - b[0]) < _SAME for a, b in itertools.pairwise(points)]
    return all(
        (one and after) or (other and before)
        for one, other, before, after in zip(level, upright, level[1:], upright[1:], strict=False)
    )
