"""Where edge labels go: beside their edge, off everything else."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping

from msgspec import Struct

from diagramkit.drawing import Box, Places, Point
from diagramkit.layout.routing.scene import Path, Scene
from diagramkit.measure.text import Block

_BESIDE = 4.0
_AMBIGUOUS = 60.0  # What it costs to stand where several edges run as one.
_Stretch = tuple[Point, Point]
_Candidate = tuple[float, int, int, float, bool]
"""What it costs, its number, that of its stretch, the part of that before it, whether on the first side."""
_SHARES = (0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8, 0.1, 0.9)


class Spot(Struct, frozen=True):
    """A place for a label: what it covers, and how bad it is (0: good)."""

    box: Box
    cost: float


CONFLICT = 100.0
"""A spot of this cost or more lies on something."""


def place(
    scene: Scene, paths: list[Path], labels: Mapping[int, Block], limits: Box
) -> Iterator[tuple[int, Spot]]:
    """The number of each wire that has a label, in their order, with a spot for it: one by one, as they are asked
    for, since whoever tries many layouts needs few of all."""
    solid, taken = [obstacle.box for obstacle in scene.obstacles], list[Box]()
    stretches = [
        (path.wire.number, pair) for path in paths for pair in itertools.pairwise(path.points)
    ]
    things, ways = Places(solid), Places([_box(*pair) for _, pair in stretches])
    for path in sorted(paths, key=lambda path: path.wire.number):
        label = labels.get(path.wire.number)
        if label is None:
            continue
        own, near = list(itertools.pairwise(path.points)), dict[int, _Near]()
        best: Spot | None = None
        for one in sorted(_candidates(own, label)):
            base, index = one[0], one[2]
            if best and base >= best.cost:
                break
            box, at = _stand(own[index], label, *one[3:])
            if index not in near:
                area = _around(*own[index], label)
                beside = [stretches[at] for at in ways.touching(area, 0)]
                near[index] = _Near(
                    [
                        pair
                        for number, pair in beside
                        if number != path.wire.number and area.crossed_by(*pair)
                    ],
                    [
                        *(solid[at] for at in things.touching(area)),
                        *(box for box in taken if area.overlaps(box)),
                    ],
                    [rail for rail in scene.rails if area.overlaps(rail) and not rail.holds(area)],
                )
            cost = base + _cost(box, at, own, near[index], limits)
            if best is None or cost < best.cost:
                best = Spot(box, cost)
        assert best is not None
        taken.append(best.box)
        yield path.wire.number, best


def _candidates(stretches: list[_Stretch], label: Block) -> Iterator[_Candidate]:
    """Where a label may stand beside its edge."""
    longest = max((_length(a, b) for a, b in stretches), default=0.0)
    number = 0
    for index, (a, b) in enumerate(stretches):
        length = _length(a, b)
        along = label.width if abs(a[1] - b[1]) < 0.01 else label.height
        short = 12.0 * max(0.0, along + 8 - length) / 10
        base = short + 3.0 * (1 - length / longest if longest else 0)
        for rank, share in enumerate(_SHARES):
            away = base + 0.6 * rank
            yield away, number, index, share, True
            yield away + 1, number + 1, index, share, False
            number += 2


def _stand(stretch: _Stretch, label: Block, share: float, first: bool) -> tuple[Box, Point]:
    """The box of a label, above or to the right of a stretch (`first`) or on its other side, and the point of the
    stretch that it stands at."""
    (a, b), w, h = stretch, label.width, label.height
    x, y = a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share
    if abs(a[1] - b[1]) < 0.01:
        return Box(x - w / 2, y - h - _BESIDE + 1 if first else y + _BESIDE, w, h), (x, y)
    return Box(x + _BESIDE + 1 if first else x - w - _BESIDE - 1, y - h / 2, w, h), (x, y)


def _on(point: Point, stretch: _Stretch) -> bool:
    """Whether a point lies on a stretch of another edge, so that its label would belong to both."""
    (ax, ay), (bx, by) = stretch
    x, y = point
    return (
        min(ax, bx) - 1 <= x <= max(ax, bx) + 1
        and min(ay, by) - 1 <= y <= max(ay, by) + 1
        and (abs(ax - bx) < 0.01 or abs(ay - by) < 0.01)
    )


def _length(a: Point, b: Point) -> float:
    return abs(a[0] - b[0]) + abs(a[1] - b[1])


class _Near(Struct, frozen=True):
    """What a label beside one stretch could lie on."""

    foreign: list[_Stretch]
    things: list[Box]
    rails: list[Box]


def _around(a: Point, b: Point, label: Block) -> Box:
    """All that a label beside a stretch could touch."""
    left, right = min(a[0], b[0]) - label.width - 12, max(a[0], b[0]) + label.width + 12
    top, bottom = min(a[1], b[1]) - label.height - 12, max(a[1], b[1]) + label.height + 12
    return Box(left, top, right - left, bottom - top)


def _box(a: Point, b: Point) -> Box:
    """The box around a stretch."""
    (ax, ay), (bx, by) = a, b
    return Box(min(ax, bx), min(ay, by), abs(ax - bx), abs(ay - by))


def _cost(box: Box, at: Point, own: list[_Stretch], near: _Near, limits: Box) -> float:
    roomy = box.grown(2)
    cost = 1000.0 * sum(roomy.overlaps(other) for other in near.things)
    cost += 400.0 * sum(roomy.crossed_by(a, b) for a, b in near.foreign)
    cost += 300.0 * sum(box.crossed_by(a, b) for a, b in own)
    cost += 200.0 * sum(_on_border(roomy, rail) for rail in near.rails)
    cost += _AMBIGUOUS * any(_on(at, stretch) for stretch in near.foreign)
    return cost + (0 if limits.holds(box) else 150.0)


def _on_border(box: Box, rail: Box) -> bool:
    return box.overlaps(rail) and not rail.holds(box)
