"""Edges as curves or straight lines, wherever nothing stands in the way of one.

Every edge is first routed at right angles, where it meets nothing. Its ends, and the sides on
which it ends, are kept; between them it takes the shorter way if that is free.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable

from msgspec import Struct

from diagramkit.drawing import Box, Point, flattened
from diagramkit.graph import Lines
from diagramkit.layout.routing.labels import Spot
from diagramkit.layout.routing.scene import CLEARANCE, OUTWARD, Path, Scene
from diagramkit.measure.text import Block

_PULL = 0.5  # How far a curve's control points lie out, as a part of the way it goes.
_LEAST_PULL = 24.0
_STEEP = 0.35  # The least part of a straight line's way that must lead out of its node's side.
_BESIDE = 5.0


class Bent(Struct, frozen=True):
    """Paths as they are drawn, the curves of some by their edges' numbers, and the labels' spots."""

    paths: list[Path]
    curves: dict[int, tuple[Point, ...]]
    spots: dict[int, Spot]


def bent(
    scene: Scene, paths: list[Path], spots: dict[int, Spot], labels: dict[int, Block], lines: Lines
) -> Bent:
    """The paths of a laid out picture as `lines` wants them. Loops and blocked edges stay."""
    shape: Callable[[Path], tuple[Point, ...] | None] = _curve if lines == "curved" else _straight
    drawn, curves, placed = list(paths), dict[int, tuple[Point, ...]](), dict(spots)
    ways = {path.wire.number: tuple(path.points) for path in paths}
    for at, path in enumerate(paths):
        number, edge = path.wire.number, path.wire.edge
        way = shape(path) if edge.source != edge.target else None
        if way is None:
            continue
        line = flattened(way) if lines == "curved" else way
        blocks = [thing.box for thing in scene.obstacles
                  if thing.owner not in (edge.source, edge.target)]  # fmt: skip
        own = [thing.box for thing in scene.obstacles if thing.owner in (edge.source, edge.target)]
        others = [spot.box for other, spot in placed.items() if other != number]
        if _hits(line, [box.grown(CLEARANCE / 2) for box in blocks] + others):
            continue
        if _hits(line, [box.grown(-1.0) for box in own]):
            continue
        foreign = [ways[other] for other in ways if other != number]
        everything = [thing.box for thing in scene.obstacles] + others
        spot = _spot(line, labels.get(number), everything, scene.rails, [*foreign, line])
        if number in labels and spot is None:
            continue
        if spot:
            placed[number] = spot
        ways[number] = line
        if lines == "curved":
            curves[number] = way
        else:
            drawn[at] = Path(path.wire, list(way), path.tail_side, path.head_side)
    return Bent(drawn, curves, placed)


def _curve(path: Path) -> tuple[Point, ...] | None:
    """One cubic from end to end that leaves and reaches its nodes at right angles."""
    (ax, ay), (bx, by) = path.points[0], path.points[-1]
    if len(path.points) == 2:
        return None  # Straight as it is.
    pull = max(_LEAST_PULL, _PULL * max(abs(bx - ax), abs(by - ay)))
    (ux, uy), (vx, vy) = OUTWARD[path.tail_side], OUTWARD[path.head_side]
    return (
        (ax, ay), (ax + ux * pull, ay + uy * pull), (bx + vx * pull, by + vy * pull), (bx, by),
    )  # fmt: skip


def _straight(path: Path) -> tuple[Point, ...] | None:
    """The line from end to end, if it leads away from both nodes."""
    (ax, ay), (bx, by) = path.points[0], path.points[-1]
    dx, dy = bx - ax, by - ay
    length = max((dx * dx + dy * dy) ** 0.5, 1e-9)
    (ux, uy), (vx, vy) = OUTWARD[path.tail_side], OUTWARD[path.head_side]
    leaves, reaches = (dx * ux + dy * uy) / length, -(dx * vx + dy * vy) / length
    if len(path.points) == 2 or min(leaves, reaches) < _STEEP:
        return None
    return (ax, ay), (bx, by)


def _hits(line: Iterable[Point], boxes: list[Box]) -> bool:
    points = list(line)
    return any(box.crossed_by(a, b) for a, b in itertools.pairwise(points) for box in boxes)


def _spot(
    line: tuple[Point, ...],
    label: Block | None,
    taken: list[Box],
    rails: tuple[Box, ...],
    lines: list[tuple[Point, ...]],
) -> Spot | None:
    """A free place for a label beside the line, near its middle first."""
    if label is None:
        return None
    w, h = label.width, label.height
    for share in (0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8):
        x, y = _at(line, share)
        for dx, dy in ((0, -1), (0, 1), (1, 0), (-1, 0), (1, -1), (-1, -1), (1, 1), (-1, 1)):
            for far in (_BESIDE, 12.0, 22.0):
                box = Box(x - w / 2 + dx * (w / 2 + far), y - h / 2 + dy * (h / 2 + far), w, h)
                roomy = box.grown(1.5)
                if any(roomy.overlaps(other) for other in taken):
                    continue
                if any(roomy.overlaps(rail) and not rail.holds(roomy) for rail in rails):
                    continue
                if not any(_hits(other, [roomy]) for other in lines):
                    return Spot(box, 0.0)
    return None


def _at(line: tuple[Point, ...], share: float) -> Point:
    """The point at a part of the line's length."""
    lengths = [
        ((b[0] - a[0]) ** 2 + (b[1] - a[1]) ** 2) ** 0.5 for a, b in itertools.pairwise(line)
    ]
    left = sum(lengths) * share
    for (a, b), length in zip(itertools.pairwise(line), lengths, strict=True):
        if left <= length and length:
            return a[0] + (b[0] - a[0]) * left / length, a[1] + (b[1] - a[1]) * left / length
        left -= length
    return line[-1]
