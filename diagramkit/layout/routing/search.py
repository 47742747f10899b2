"""The way of one edge through the grid: A* over places and headings.

Cost is length, plus what a reader pays: bends, crossings, running along a border or in
another edge's track. Where an edge may share a trunk, the shared stretch costs less.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from diagramkit.drawing import Point
from diagramkit.layout.routing.grid import Grid
from diagramkit.layout.routing.scene import OUTWARD, SIDES, Path, Scene, Side, Terminal, Wire

BEND = 45.0
CROSSING = 40.0
TOGETHER = 2.5
SHARED = 0.75
ALONG = 3.0
_IN_LINE = 24.0
_BACKWARD = 120.0
_SIDEWAYS = 70.0
_ANY_SIDE = 25.0

_FLOW: dict[str, Side] = {"down": "bottom", "right": "right", "up": "top", "left": "left"}
_OPPOSITE: dict[Side, Side] = {"top": "bottom", "bottom": "top", "left": "right", "right": "left"}
# Headings by number: right, down, left, up.
_STEPS = ((1, 0), (0, 1), (-1, 0), (0, -1))
_HEADING: dict[Side, int] = {"right": 0, "bottom": 1, "left": 2, "top": 3}


@dataclass(slots=True)
class Traffic:
    """Which wires run on which stretch: keys are (row, column) with the stretch's first end."""

    level: dict[tuple[int, int], list[Wire]] = field(default_factory=dict)
    upright: dict[tuple[int, int], list[Wire]] = field(default_factory=dict)

    def add(self, wire: Wire, places: list[tuple[int, int]]) -> None:
        """Note a wire that runs through `places`, each (column, row)."""
        for (i, j), (k, m) in itertools.pairwise(places):
            if j == m:
                self.level.setdefault((j, min(i, k)), []).append(wire)
            else:
                self.upright.setdefault((min(j, m), i), []).append(wire)


def route(scene: Scene, grid: Grid) -> list[Path | None]:
    """A path for each wire, in the wires' order; None where no way was found."""
    traffic = Traffic()
    found: dict[int, Path | None] = {}
    for index in sorted(range(len(scene.wires)), key=lambda at: _span(scene.wires[at])):
        wire = scene.wires[index]
        result = _Search(grid, traffic, wire, scene.flow).run()
        if result is None:
            found[index] = None
            continue
        path, places = result
        traffic.add(wire, places)
        found[index] = path
    return [found[index] for index in range(len(scene.wires))]


def _span(wire: Wire) -> tuple[float, int]:
    """Short edges first: they have the least choice."""
    tail, head = _middle(wire.tail.ports), _middle(wire.head.ports)
    return round(abs(tail[0] - head[0]) + abs(tail[1] - head[1]), 1), wire.number


def _middle(ports: Mapping[Side, Point]) -> Point:
    points = list(ports.values())
    return sum(x for x, _ in points) / len(points), sum(y for _, y in points) / len(points)


def _flow_of(wire: Wire, flow: str) -> Side | None:
    """The side on which a wire should leave: towards its head where the two stand in a row or
    a column, else with the diagram's flow; None where it runs against that."""
    (ax, ay), (bx, by) = _middle(wire.tail.ports), _middle(wire.head.ports)
    dx, dy = bx - ax, by - ay
    if abs(dy) < _IN_LINE < abs(dx):
        return "right" if dx > 0 else "left"
    if abs(dx) < _IN_LINE < abs(dy):
        return "bottom" if dy > 0 else "top"
    side = _FLOW[flow]
    ahead = dx * OUTWARD[side][0] + dy * OUTWARD[side][1]
    return side if ahead > 0 else None


class _Search:
    def __init__(self, grid: Grid, traffic: Traffic, wire: Wire, flow: str) -> None:
        self.grid, self.traffic, self.wire = grid, traffic, wire
        self.flow = _flow_of(wire, flow)
        self.goals: dict[tuple[int, int], list[tuple[int, float, Side]]] = {}
        for side, place in self._stubs(wire.head):
            price = self._end_cost(side, _OPPOSITE[self.flow] if self.flow else None)
            self.goals.setdefault(place, []).append((_HEADING[_OPPOSITE[side]], price, side))
        self.targets = [(grid.xs[i], grid.ys[j]) for i, j in self.goals]

    def run(self) -> tuple[Path, list[tuple[int, int]]] | None:
        """The cheapest way, as a path and as the places it runs through."""
        heap: list[tuple[float, float, int, int, int]] = []
        cost: dict[tuple[int, int, int], float] = {}
        came: dict[tuple[int, int, int], tuple[int, int, int] | None] = {}
        starts: dict[tuple[int, int, int], Side] = {}
        for side, (i, j) in self._stubs(self.wire.tail):
            state = (i, j, _HEADING[side])
            price = self._end_cost(side, self.flow)
            cost[state], came[state], starts[state] = price, None, side
            heapq.heappush(heap, (price + self._least(i, j), price, *state))
        finish: tuple[float, tuple[int, int, int], Side] | None = None
        while heap:
            estimate, price, i, j, heading = heapq.heappop(heap)
            if finish and estimate >= finish[0]:
                break
            state = (i, j, heading)
            if price > cost[state]:
                continue
            for inward, fee, side in self.goals.get((i, j), ()):
                if (inward - heading) % 4 == 2:
                    continue
                total = price + fee + (0 if inward == heading else BEND)
                if finish is None or total < finish[0]:
                    finish = (total, state, side)
            for price_to, after in self._moves(state):
                total = price + price_to
                if total < cost.get(after, 1e18) - 1e-9:
                    cost[after], came[after] = total, state
                    heapq.heappush(heap, (total + self._least(*after[:2]), total, *after))
        if finish is None:
            return None
        return self._path(finish[1], finish[2], came, starts)

    def _stubs(self, end: Terminal) -> Iterator[tuple[Side, tuple[int, int]]]:
        """The places at which edges stand a stub away from each port."""
        for side in SIDES:
            if side in end.ports:
                x, y = end.stub(side)
                yield side, (self.grid.column(x), self.grid.row(y))

    def _end_cost(self, side: Side, flow: Side | None) -> float:
        if flow is None:
            return _ANY_SIDE
        if side == flow:
            return 0.0
        return _BACKWARD if side == _OPPOSITE[flow] else _SIDEWAYS

    def _least(self, i: int, j: int) -> float:
        x, y = self.grid.xs[i], self.grid.ys[j]
        return SHARED * min(abs(x - a) + abs(y - b) for a, b in self.targets)

    def _moves(self, state: tuple[int, int, int]) -> Iterator[tuple[float, tuple[int, int, int]]]:
        i, j, heading = state
        for turn in (0, 1, 3):
            after = (heading + turn) % 4
            dx, dy = _STEPS[after]
            price = self._stretch(i, j, dx, dy)
            if price is None:
                continue
            if turn:
                price += BEND
            else:
                price += self._crossed(i, j, dx)
            yield price, (i + dx, j + dy, after)

    def _stretch(self, i: int, j: int, dx: int, dy: int) -> float | None:
        """What the stretch from (i, j) costs, or None where it is blocked or outside."""
        grid = self.grid
        if dx:
            at = min(i, i + dx)
            if at < 0 or at + 1 >= len(grid.xs) or grid.level[j][at]:
                return None
            length = grid.xs[at + 1] - grid.xs[at]
            others, along = self.traffic.level.get((j, at)), grid.along_level[j][at]
        else:
            at = min(j, j + dy)
            if at < 0 or at + 1 >= len(grid.ys) or grid.upright[i][at]:
                return None
            length = grid.ys[at + 1] - grid.ys[at]
            others, along = self.traffic.upright.get((at, i)), grid.along_upright[i][at]
        factor = ALONG if along else 1.0
        if others:
            mine = self.wire.trunk
            if mine and all(other.trunk == mine for other in others):
                factor *= SHARED
            else:
                factor *= TOGETHER
        return length * factor

    def _crossed(self, i: int, j: int, dx: int) -> float:
        """What it costs to go straight on at (i, j), where other wires may cross."""
        if dx:
            others = (
                *self.traffic.upright.get((j, i), ()),
                *self.traffic.upright.get((j - 1, i), ()),
            )
        else:
            others = (*self.traffic.level.get((j, i), ()), *self.traffic.level.get((j, i - 1), ()))
        mine = self.wire.trunk
        return CROSSING if any(not mine or other.trunk != mine for other in others) else 0.0

    def _path(
        self,
        last: tuple[int, int, int],
        head_side: Side,
        came: dict[tuple[int, int, int], tuple[int, int, int] | None],
        starts: dict[tuple[int, int, int], Side],
    ) -> tuple[Path, list[tuple[int, int]]]:
        states = [last]
        while (before := came[states[-1]]) is not None:
            states.append(before)
        states.reverse()
        tail_side = starts[states[0]]
        places = [(i, j) for i, j, _ in states]
        points = [
            self.wire.tail.ports[tail_side],
            *((self.grid.xs[i], self.grid.ys[j]) for i, j in places),
            self.wire.head.ports[head_side],
        ]
        return Path(self.wire, corners(points), tail_side, head_side), places


def corners(points: list[Point]) -> list[Point]:
    """The points without those between two others of one line, and without repeats."""
    kept: list[Point] = []
    for point in points:
        if kept and abs(kept[-1][0] - point[0]) < 0.01 and abs(kept[-1][1] - point[1]) < 0.01:
            continue
        if len(kept) > 1:
            (ax, ay), (bx, by) = kept[-2], kept[-1]
            if (abs(ax - bx) < 0.01 and abs(bx - point[0]) < 0.01) or (
                abs(ay - by) < 0.01 and abs(by - point[1]) < 0.01
            ):
                kept[-1] = point
                continue
        kept.append(point)
    return kept
