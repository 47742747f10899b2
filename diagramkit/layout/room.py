"""Makes room where a label has none: the picture is cut open and moved apart there.

Everything beyond a straight cut moves away from it by the same length. Right angles stay right,
what stood in line stays in line, and no edge changes its way; only stretches across the cut and
groups around it grow. Two cuts, one along each axis, leave an empty rectangle where they meet.
A node that the cut runs through stays whole: edges on its far part get a jog.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from diagramkit.drawing import Box, Point
from diagramkit.layout.place import Placement
from diagramkit.layout.routing.scene import OUTWARD, Path, Side
from diagramkit.measure.text import Block

_SPARE = 8.0  # How much more room than its own size a label gets, in points.
_NEAR = 0.75  # How near to a stretch it is cut open, beside it.
_DEEPER = (18.0, 25.0, 45.0)
_LEAST_JOG = 9.0
_STEP = 7.0
_SHARES = (0.5, 0.3, 0.7, 0.15, 0.85)


class Cut(Struct, frozen=True):
    """Where the picture is parted: across `axis` (0: x, 1: y) at `at`, `by` points apart.

    `jog` is how far from its node an edge turns aside that is torn: behind its arrow head.
    """

    axis: int
    at: float
    by: float
    jog: float = 11.0


def cuts(path: Path, label: Block) -> Iterator[tuple[Cut, ...]]:
    """The cuts that may give a path's label its room, the smallest first."""
    found: list[tuple[float, tuple[Cut, ...]]] = []
    w, h = label.width + _SPARE, label.height + _SPARE
    for a, b in zip(path.points, path.points[1:], strict=False):
        axis = 0 if abs(a[1] - b[1]) < 0.01 else 1  # Along which axis the stretch runs.
        along, beside = (w, h) if axis == 0 else (h, w)
        length = abs(a[axis] - b[axis])
        lack = max(along - length, 0.0)
        for share in _SHARES:
            at = a[axis] + (b[axis] - a[axis]) * share
            for side in (-_NEAR, _NEAR):
                aside = Cut(1 - axis, a[1 - axis] + side, beside)
                found.append((beside, (aside,)))
                found.append((beside + along, (Cut(axis, at, along), aside)))
                if 0 < lack < along:
                    found.append((beside + lack, (Cut(axis, at, lack), aside)))
            found.append((along, (Cut(axis, at, along),)))
    ordered = list(dict.fromkeys(some for _, some in sorted(found, key=lambda pair: pair[0])))
    yield from ordered
    for jog in _DEEPER:
        yield from (tuple(replace(cut, jog=jog) for cut in some) for some in ordered)
        for a, b in zip(path.points, path.points[1:], strict=False):
            axis = 0 if abs(a[1] - b[1]) < 0.01 else 1
            longer = Cut(axis, (a[axis] + b[axis]) / 2, (w, h)[axis] + 2 * jog)
            beside = (h, w)[axis]
            yield longer, Cut(1 - axis, a[1 - axis] - _NEAR, beside, jog)
            yield longer, Cut(1 - axis, a[1 - axis] + _NEAR, beside, jog)


def opened(
    placement: Placement, paths: list[Path], some: tuple[Cut, ...]
) -> tuple[Placement, list[Path]] | None:
    """Placement and paths behind the cuts; None where an edge is too short to follow."""
    for cut in some:
        torn = _torn(placement, paths, cut)
        moved = [_moved_path(placement, path, cut, torn) for path in paths]
        whole = [path for path in moved if path is not None]
        if len(whole) < len(paths):
            return None
        placement, paths = _moved_placement(placement, cut), whole
    return placement, paths


def _moved_placement(placement: Placement, cut: Cut) -> Placement:
    return Placement(
        {name: _moved_point(at, cut) for name, at in placement.anchors.items()},
        {name: _moved_box(box, cut) for name, box in placement.groups.items()},
        _moved_box(placement.bounds, cut),
        {name: _moved_point(at, cut) for name, at in placement.spare.items()},
    )


def _moved_point(point: Point, cut: Cut) -> Point:
    return _shifted(point, cut, point[cut.axis] > cut.at)


def _moved_box(box: Box, cut: Cut) -> Box:
    """Each of its two borders moves if it lies beyond the cut."""
    left, top = _moved_point((box.x, box.y), cut)
    right, bottom = _moved_point((box.right, box.bottom), cut)
    return Box(left, top, right - left, bottom - top)


def _ends(path: Path) -> tuple[tuple[str, Side, int], tuple[str, Side, int]]:
    edge = path.wire.edge
    return (edge.source, path.tail_side, 0), (edge.target, path.head_side, -1)


def _torn(placement: Placement, paths: list[Path], cut: Cut) -> dict[tuple[str, Side], list[float]]:
    """Where ports lie on the other side of the cut than their node's middle, by node and side:
    their places along the side, the first to turn away first."""
    found: dict[tuple[str, Side], set[float]] = {}
    for path in paths:
        for end, side, at in _ends(path):
            anchor = placement.anchors.get(end)
            if anchor is None or (side in ("left", "right")) == (cut.axis == 0):
                continue
            place = path.points[at][cut.axis]
            if (place > cut.at) != (anchor[cut.axis] > cut.at):
                found.setdefault((end, side), set()).add(round(place, 2))
    return {
        key: sorted(places, reverse=placement.anchors[key[0]][cut.axis] <= cut.at)
        for key, places in found.items()
    }


def _moved_path(
    placement: Placement, path: Path, cut: Cut, torn: dict[tuple[str, Side], list[float]]
) -> Path | None:
    """A path's corners move by where they are, its ends with their nodes."""
    points = [_moved_point(point, cut) for point in path.points]
    jogs: list[list[Point]] = [[], []]
    for number, (end, side, at) in enumerate(_ends(path)):
        if end not in placement.anchors:
            continue
        beyond = placement.anchors[end][cut.axis] > cut.at
        port = _shifted(path.points[at], cut, beyond)
        place = round(path.points[at][cut.axis], 2)
        if place in torn.get((end, side), ()):
            rank = torn[end, side].index(place)
            length = _length(points[at], points[1 if at == 0 else -2])
            straight = len(points) == 2
            deep = min(cut.jog + _STEP * rank, length - (_STEP if straight else 2.0))
            if deep < _LEAST_JOG or (straight and length < 2 * deep + _STEP):
                return None
            dx, dy = OUTWARD[side]
            jogs[number] = [
                (port[0] + dx * deep, port[1] + dy * deep),
                (points[at][0] + dx * deep, points[at][1] + dy * deep),
            ]
        points[at] = port
    return replace(path, points=[points[0], *jogs[0], *points[1:-1], *jogs[1][::-1], points[-1]])


def _length(a: Point, b: Point) -> float:
    return abs(a[0] - b[0]) + abs(a[1] - b[1])


def _shifted(point: Point, cut: Cut, beyond: bool) -> Point:
    if not beyond:
        return point
    x, y = point
    return (x + cut.by, y) if cut.axis == 0 else (x, y + cut.by)
