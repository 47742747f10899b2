"""The lines on which edges may run, and which stretches of them are blocked.

An orthogonal visibility graph, as in Wybrow, Marriott and Stuckey, "Orthogonal Connector
Routing" (GD 2009): lines through ports, beside obstacles and midway between them.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from itertools import pairwise

from diagramkit.drawing import Box
from diagramkit.layout.routing.scene import CLEARANCE, SIDES, STUB, Scene, Side, Terminal

_SAME = 1.5
_ALONG = 3.0
_BORDER = 12.0
_RIM = 22.0
_NO_WAY = array("d", [-1.0])


class Grid:
    """Coordinates of the lines (`xs` upright, `ys` level) and what is blocked on them.

    `level[j][i + 1]` is what the stretch of line `ys[j]` from `xs[i]` to `xs[i + 1]` costs, its
    length and more beside a group's border; negative where it is blocked, as at both ends of the
    line. `upright[i][j + 1]` likewise.
    """

    def __init__(self, scene: Scene) -> None:
        terminals = {end.id: end for wire in scene.wires for end in (wire.tail, wire.head)}
        self._stubs: dict[str, list[tuple[Side, int]]] = {}
        xs, ys = set[float](), set[float]()
        for end in terminals.values():
            _port_lines(end, xs, ys)
        boxes = [obstacle.box for obstacle in scene.obstacles]
        for box in boxes:
            xs |= {box.x - STUB, box.right + STUB}
            ys |= {box.y - STUB, box.bottom + STUB}
        for rail in scene.rails:
            xs |= {rail.x - STUB, rail.right + STUB}
            ys |= {rail.y - STUB, rail.bottom + STUB}
        xs |= _middles([(box.x, box.right) for box in boxes])
        ys |= _middles([(box.y, box.bottom) for box in boxes])
        fixed_x = {round(x, 3) for end in terminals.values() for x, _ in end.ports.values()}
        fixed_y = {round(y, 3) for end in terminals.values() for _, y in end.ports.values()}
        self.xs = _thinned(xs, fixed_x)
        self.ys = _thinned(ys, fixed_y)
        level, upright = _lengths(self.xs), _lengths(self.ys)
        self.level = [level[:] for _ in self.ys]
        self.upright = [upright[:] for _ in self.xs]
        for rail in scene.rails:
            self._mark(rail)
            self._fence(rail)
        for box in boxes:
            self._block(box.grown(CLEARANCE))

    def stubs(self, end: Terminal) -> Sequence[tuple[Side, int]]:
        """The places at which edges stand a stub away from each port; a place is `row * columns + column`."""
        found = self._stubs.get(end.id)
        if found is None:
            columns, found = len(self.xs), []
            for side in SIDES:
                if side in end.ports:
                    x, y = end.stub(side)
                    found.append((side, self.row(y) * columns + self.column(x)))
            self._stubs[end.id] = found
        return found

    def column(self, x: float) -> int:
        """The number of the upright line nearest to `x`."""
        return _nearest(self.xs, x)

    def row(self, y: float) -> int:
        """The number of the level line nearest to `y`."""
        return _nearest(self.ys, y)

    def _block(self, box: Box) -> None:
        left, right = _inside(self.xs, box.x, box.right)
        top, bottom = _inside(self.ys, box.y, box.bottom)
        first, last = _stretches(self.xs, box.x, box.right)
        for line in self.level[top:bottom]:
            line[first + 1 : last + 1] = _NO_WAY * (last - first)
        first, last = _stretches(self.ys, box.y, box.bottom)
        for line in self.upright[left:right]:
            line[first + 1 : last + 1] = _NO_WAY * (last - first)

    def _mark(self, rail: Box) -> None:
        near = CLEARANCE + 1
        for y in (rail.y, rail.bottom):
            top, bottom = _inside(self.ys, y - near, y + near)
            first, last = _stretches(self.xs, rail.x, rail.right)
            for j in range(top, bottom):
                for i in range(first, last):
                    self.level[j][i + 1] = _ALONG * (self.xs[i + 1] - self.xs[i])
        for x in (rail.x, rail.right):
            left, right = _inside(self.xs, x - near, x + near)
            first, last = _stretches(self.ys, rail.y, rail.bottom)
            for i in range(left, right):
                for j in range(first, last):
                    self.upright[i][j + 1] = _ALONG * (self.ys[j + 1] - self.ys[j])

    def _fence(self, rail: Box) -> None:
        """Make it cost to cross a group's border: no way should lead through a group for nothing."""
        first, last = _inside(self.ys, rail.y, rail.bottom)
        for x in (rail.x, rail.right):
            at = bisect_right(self.xs, x)
            if 0 < at < len(self.xs):
                for j in range(first, last):
                    self.level[j][at] += _BORDER
        first, last = _inside(self.xs, rail.x, rail.right)
        for y in (rail.y, rail.bottom):
            at = bisect_right(self.ys, y)
            if 0 < at < len(self.ys):
                for i in range(first, last):
                    self.upright[i][at] += _BORDER


def _lengths(values: list[float]) -> array[float]:
    """The lengths of the stretches between `values`, with a blocked one at each end."""
    return _NO_WAY + array("d", (b - a for a, b in pairwise(values))) + _NO_WAY


def _port_lines(end: Terminal, xs: set[float], ys: set[float]) -> None:
    for side in end.ports:
        x, y = end.stub(side)
        xs.add(x)
        ys.add(y)


def _middles(spans: list[tuple[float, float]]) -> set[float]:
    """The middle of each gap between spans that are neighbours, and lines around them all."""
    found: set[float] = set()
    if not spans:
        return found
    ordered = sorted(spans)
    for low, (_, end) in enumerate(ordered):
        starts = [start for start, _ in ordered[low + 1 :] if start > end]
        if starts:
            found.add((end + min(starts)) / 2)
    found.add(ordered[0][0] - _RIM)
    found.add(max(end for _, end in spans) + _RIM)
    return found


def _thinned(values: Iterable[float], fixed: set[float]) -> list[float]:
    """The values in order, without those that are nearly another; `fixed` ones all stay."""
    kept: list[float] = []
    for value in sorted({round(value, 3) for value in values}):
        if kept and value - kept[-1] < _SAME:
            if value in fixed and kept[-1] not in fixed:
                kept[-1] = value
                continue
            if value not in fixed or value - kept[-1] < 0.01:
                continue
        kept.append(value)
    return kept


def _nearest(values: list[float], value: float) -> int:
    at = bisect_left(values, value)
    if at == len(values) or (at and value - values[at - 1] < values[at] - value):
        return at - 1
    return at


def _inside(values: list[float], low: float, high: float) -> tuple[int, int]:
    """The numbers of the values strictly between `low` and `high`."""
    return bisect_right(values, low + 0.01), bisect_left(values, high - 0.01)


def _stretches(values: list[float], low: float, high: float) -> tuple[int, int]:
    """The numbers of the stretches that share more than a point with (low, high)."""
    first = max(bisect_right(values, low + 0.01) - 1, 0)
    return first, max(min(bisect_left(values, high - 0.01), len(values) - 1), first)
