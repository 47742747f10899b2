"""Moves parallel stretches apart, so that no two edges lie on each other.

Every straight stretch of a path is a variable: an upright one can move sideways, a level one
up and down, as far as obstacles and ports allow. Stretches that overlap are put in an order
that crosses least, then pushed apart (after Wybrow, Marriott and Stuckey, GD 2009, section 4).
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct, field

from diagramkit.drawing import Box, Point
from diagramkit.layout.routing.scene import CLEARANCE, OUTWARD, STUB, Path, Scene, Side, Terminal

GAP = 12.0
"""The distance between parallel edges, where there is room."""
_LEAST_GAP = 4.0
_SHORTEST_STUB = 11.0
_RAIL = 6.0
_SAME = 0.6


class Stretch(Struct):
    """A straight part of a path. `axis` 0: upright, placed by its x; 1: level, by its y.

    `at` is its place, `start` and `end` what it spans on the other axis. `turns` says on which side (-1, 1; 0 for a port) the path goes on at each.
    """

    path: int
    index: int
    axis: int
    at: float
    start: float
    end: float
    turns: tuple[int, int]
    trunk: str | None
    weight: float


class Bundle(Struct):
    """Stretches that move as one: a trunk, or a single stretch. `low` and `high` are how far they may go."""

    parts: list[Stretch]
    at: float = 0.0
    low: float = -1e9
    high: float = 1e9
    weight: float = 1.0
    home: float = field(default=0.0)


def nudge(scene: Scene, paths: list[Path]) -> None:
    """Spread the stretches of `paths`, whose points are changed in place."""
    for _ in range(2):
        for axis in (0, 1):
            _spread(scene, paths, axis)


def _spread(scene: Scene, paths: list[Path], axis: int) -> None:
    stretches = [
        stretch for number, path in enumerate(paths) for stretch in _stretches(number, path, axis)
    ]
    bundles = _bundles(stretches)
    pairs = _conflicts(bundles)
    if not pairs:
        return
    walls = _Walls.of(scene, axis)
    for cluster in _clusters(len(bundles), pairs):
        members = [bundles[index] for index in cluster]
        for bundle in members:
            rooms = [_bounds(walls, paths[part.path], part) for part in bundle.parts]
            bundle.low = min(max(low for low, _ in rooms), bundle.at)
            bundle.high = max(min(high for _, high in rooms), bundle.at)
        inside = set(cluster)
        _push([(bundles[a], bundles[b]) for a, b in pairs if a in inside], members)
    for bundle in bundles:
        for stretch in bundle.parts:
            points = paths[stretch.path].points
            for at in (stretch.index, stretch.index + 1):
                x, y = points[at]
                points[at] = (bundle.at, y) if axis == 0 else (x, bundle.at)


class _Walls(Struct, frozen=True):
    """What stands beside stretches along one axis: of each obstacle and each border where it begins and ends
    along the stretches, and its two sides."""

    obstacles: list[tuple[float, float, float, float]]
    rails: list[tuple[float, float, float, float]]

    @classmethod
    def of(cls, scene: Scene, axis: int) -> _Walls:
        """Those of a scene."""
        return cls(
            [_spans(obstacle.box, axis) for obstacle in scene.obstacles],
            [_spans(rail, axis) for rail in scene.rails],
        )


def _spans(box: Box, axis: int) -> tuple[float, float, float, float]:
    along, across = (box.y, box.bottom), (box.x, box.right)
    if axis:
        along, across = across, along
    return along[0] - CLEARANCE, along[1] + CLEARANCE, *across


def _stretches(number: int, path: Path, axis: int) -> Iterator[Stretch]:
    points = path.points
    last = len(points) - 2
    for index in range(last + 1):
        a, b = points[index], points[index + 1]
        if abs(a[axis] - b[axis]) > 0.01 or (abs(a[1 - axis] - b[1 - axis]) < 0.01 and last > 0):
            continue
        start, end = sorted((a[1 - axis], b[1 - axis]))
        turns = [_turn(points, index, -1, axis), _turn(points, index, 1, axis)]
        if a[1 - axis] > b[1 - axis]:
            turns.reverse()
        yield Stretch(
            number, index, axis, a[axis], start, end, (turns[0], turns[1]), path.wire.trunk, 4.0 if last == 0 else 1.0,
        )  # fmt: skip


def _turn(points: list[Point], index: int, way: int, axis: int) -> int:
    """On which side the path goes on before (-1) or behind (1) the stretch at `index`."""
    corner = index if way < 0 else index + 1
    beyond = corner + way
    if not 0 <= beyond < len(points):
        return 0
    step = points[beyond][axis] - points[corner][axis]
    return (step > 0.01) - (step < -0.01)


def _bounds(walls: _Walls, path: Path, stretch: Stretch) -> tuple[float, float]:
    """How far a stretch may go each way: to what stands beside it, and as its ends allow."""
    index, axis, at, last = stretch.index, stretch.axis, stretch.at, len(path.points) - 2
    low, high = _room(walls, at, stretch.start, stretch.end)
    if index == 0:
        low, high = _at_port(path.wire.tail, path.tail_side, axis, low, high)
    elif index == 1:
        low, high = _off_port(path.wire.tail, path.tail_side, axis, low, high)
    if index == last:
        low, high = _at_port(path.wire.head, path.head_side, axis, low, high)
    elif index == last - 1:
        low, high = _off_port(path.wire.head, path.head_side, axis, low, high)
    return min(low, at), max(high, at)


def _room(walls: _Walls, at: float, start: float, end: float) -> tuple[float, float]:
    """The free room around `at` between obstacles, and between borders it does not lie on."""
    low, high = -1e9, 1e9
    for begin, stop, near, far in walls.obstacles:
        if begin < end and stop > start:
            if far <= at + 0.01:
                if far + CLEARANCE > low:
                    low = min(at, far + CLEARANCE)
            elif near >= at - 0.01 and near - CLEARANCE < high:
                high = max(at, near - CLEARANCE)
    for begin, stop, *borders in walls.rails:
        if begin < end and stop > start:
            for border in borders:
                if at - border > _RAIL:
                    low = max(low, border + _RAIL)
                elif border - at > _RAIL:
                    high = min(high, border - _RAIL)
    return low, high


def _at_port(
    terminal: Terminal, side: Side, axis: int, low: float, high: float
) -> tuple[float, float]:
    """A stretch that ends at a port moves along the port's side, no further than it reaches."""
    middle, reach = terminal.ports[side][axis], terminal.reach[side]
    return max(low, middle - reach), min(high, middle + reach)


def _off_port(
    terminal: Terminal, side: Side, axis: int, low: float, high: float
) -> tuple[float, float]:
    """A stretch next to the one at a port leaves that one room for its arrow head."""
    at = terminal.stub(side)[axis] - OUTWARD[side][axis] * STUB
    if side in ("right", "bottom"):
        return max(low, at + _SHORTEST_STUB), high
    return low, min(high, at - _SHORTEST_STUB)


def _bundles(stretches: list[Stretch]) -> list[Bundle]:
    """Stretches of one trunk that lie on each other become one variable."""
    bundles: list[Bundle] = []
    of_trunk: dict[str, list[Bundle]] = {}
    for stretch in sorted(stretches, key=lambda s: (s.at, s.start, s.path, s.index)):
        for bundle in of_trunk.get(stretch.trunk or "", ()):
            if any(
                abs(part.at - stretch.at) < _SAME
                and part.start < stretch.end + 0.5
                and stretch.start < part.end + 0.5
                for part in bundle.parts
            ):
                bundle.parts.append(stretch)
                break
        else:
            bundles.append(Bundle([stretch]))
            if stretch.trunk:
                of_trunk.setdefault(stretch.trunk, []).append(bundles[-1])
    for bundle in bundles:
        bundle.at = bundle.home = bundle.parts[0].at
        bundle.weight = sum(part.weight for part in bundle.parts)
    return bundles


def _conflicts(bundles: list[Bundle]) -> list[tuple[int, int]]:
    """Pairs that are too near, each in the order in which they should lie."""
    order = sorted(range(len(bundles)), key=lambda index: (bundles[index].at, index))
    pairs = []
    for place, a in enumerate(order):
        for b in order[place + 1 :]:
            if bundles[b].at - bundles[a].at >= GAP - 0.01:
                break
            if _overlap(bundles[a], bundles[b]):
                first = _compare(bundles[a], bundles[b]) <= 0
                pairs.append((a, b) if first else (b, a))
    return pairs


def _overlap(a: Bundle, b: Bundle) -> bool:
    return any(
        s.start < t.end + CLEARANCE and t.start < s.end + CLEARANCE and s.path != t.path
        for s in a.parts
        for t in b.parts
    )


def _compare(a: Bundle, b: Bundle) -> int:
    """Which lies first: by place, and where they are at one place, by which order crosses less."""
    if abs(a.at - b.at) > _SAME:
        return -1 if a.at < b.at else 1
    straight = sum(_crossings(s, t) for s in a.parts for t in b.parts)
    swapped = sum(_crossings(t, s) for s in a.parts for t in b.parts)
    return (straight > swapped) - (straight < swapped)


def _crossings(first: Stretch, second: Stretch) -> int:
    """How often the two cross if `first` lies on the lower side of `second`."""
    count = 0
    for end, turn in ((first.start, first.turns[0]), (first.end, first.turns[1])):
        count += second.start - 0.01 < end < second.end + 0.01 and turn > 0
    for end, turn in ((second.start, second.turns[0]), (second.end, second.turns[1])):
        count += first.start - 0.01 < end < first.end + 0.01 and turn < 0
    return count


def _clusters(count: int, pairs: list[tuple[int, int]]) -> list[list[int]]:
    near: dict[int, set[int]] = {}
    for a, b in pairs:
        near.setdefault(a, set()).add(b)
        near.setdefault(b, set()).add(a)
    seen: set[int] = set()
    found = []
    for index in range(count):
        if index in near and index not in seen:
            stack, cluster = [index], []
            seen.add(index)
            while stack:
                at = stack.pop()
                cluster.append(at)
                fresh = sorted(near[at] - seen)
                seen.update(fresh)
                stack += fresh
            found.append(sorted(cluster))
    return found


def _push(pairs: list[tuple[Bundle, Bundle]], members: list[Bundle]) -> None:
    """Push each pair apart, again and again, until all are; with less room if it must be."""
    gap = GAP
    while True:
        for bundle in members:
            bundle.at = bundle.home
        for _ in range(60):
            worst = 0.0
            for a, b in pairs:
                lack = gap - (b.at - a.at)
                if lack > 0.01:
                    worst = max(worst, lack)
                    _part(a, b, lack)
            if worst < 0.25:
                return
        if gap <= _LEAST_GAP:
            return
        gap = max(gap * 0.8, _LEAST_GAP)


def _part(a: Bundle, b: Bundle, lack: float) -> None:
    share = lack * b.weight / (a.weight + b.weight)
    moved = a.at - max(a.low, a.at - share)
    a.at -= moved
    rest = min(b.high, b.at + lack - moved) - b.at
    b.at += rest
    a.at = max(a.low, a.at - max(0.0, lack - moved - rest))
