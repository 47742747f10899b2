"""The way of one edge through the grid: A* over places and headings.

Cost is length, plus what a reader pays: bends, crossings, running along a border or in
another edge's track. Where an edge may share a trunk, the shared stretch costs less.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct, field

from diagramkit.drawing import Point
from diagramkit.layout.routing import kernel
from diagramkit.layout.routing.grid import Grid
from diagramkit.layout.routing.scene import OUTWARD, Path, Scene, Side, Wire

BEND = 45.0
MATES_BEND = 41.0  # Where another of the same trunk turns.
CROSSING = 40.0
TOGETHER = 2.5
SHARED = 0.75
_IN_LINE = 24.0
_BACKWARD = 120.0
_SIDEWAYS = 70.0
_ANY_SIDE = 25.0
_MUCH = 4e6  # Wires times places from which finding the best ways takes seconds.
_HASTE = 4.0

_FLOW: dict[str, Side] = {"down": "bottom", "right": "right", "up": "top", "left": "left"}
_OPPOSITE: dict[Side, Side] = {"top": "bottom", "bottom": "top", "left": "right", "right": "left"}
# Headings by number: right, down, left, up.
_STEPS = ((1, 0), (0, 1), (-1, 0), (0, -1))
_HEADING: dict[Side, int] = {"right": 0, "bottom": 1, "left": 2, "top": 3}


class Traffic(Struct):
    """The trunks (None: a wire of its own) that run on each stretch. A stretch is known by the
    number of the place at its lower end, `row * columns + column`."""

    columns: int
    level: dict[int, list[str | None]] = field(default_factory=dict)
    upright: dict[int, list[str | None]] = field(default_factory=dict)

    bends: dict[int, list[str]] = field(default_factory=dict)

    def add(self, wire: Wire, places: list[int]) -> None:
        """Note a wire that runs through `places`."""
        for stretches, at in self._stretches(places):
            stretches.setdefault(at, []).append(wire.trunk)
        for at in _bends(places) if wire.trunk else ():
            self.bends.setdefault(at, []).append(wire.trunk or "")

    def remove(self, wire: Wire, places: list[int]) -> None:
        """Forget a wire again."""
        for stretches, at in self._stretches(places):
            stretches[at].remove(wire.trunk)
        for at in _bends(places) if wire.trunk else ():
            self.bends[at].remove(wire.trunk or "")

    def _stretches(self, places: list[int]) -> Iterator[tuple[dict[int, list[str | None]], int]]:
        for a, b in itertools.pairwise(places):
            yield (self.level if abs(a - b) == 1 else self.upright), min(a, b)


def _bends(places: list[int]) -> list[int]:
    """The places where a way turns."""
    return [at for before, at, after in zip(places, places[1:], places[2:], strict=False)
            if after - at != at - before]  # fmt: skip


def route(scene: Scene, grid: Grid) -> list[Path | None]:
    """A path for each wire, in the wires' order; None where no way was found.

    Wires that may share a trunk are routed a second time, when the others of it are known, so
    that they part where these part.
    """
    order = sorted(range(len(scene.wires)), key=lambda at: _span(scene.wires[at]))
    wires = [scene.wires[at] for at in order]
    searches = _by_kernel if kernel.available() else _by_hand
    found = dict(zip(order, searches(grid, wires, scene.flow), strict=True))
    return [found[index] for index in range(len(scene.wires))]


def haste_for(grid: Grid, wires: Sequence[Wire]) -> float:
    """How much the rest of a way counts beside what is paid: 1 finds the cheapest ways, more finds good ones
    soon (Pohl's weighted A*, 1970)."""
    return _HASTE if len(wires) * len(grid.xs) * len(grid.ys) > _MUCH else 1.0


def _by_hand(grid: Grid, wires: list[Wire], flow: str) -> list[Path | None]:
    """The ways of wires in the order in which they are to be routed."""
    traffic, haste = Traffic(len(grid.xs)), haste_for(grid, wires)
    found: list[tuple[Path, list[int]] | None] = []
    for wire in wires:
        result = Search(grid, traffic, wire, flow, haste).run()
        found.append(result)
        if result:
            traffic.add(wire, result[1])
    for index, wire in enumerate(wires):
        before = found[index]
        if wire.trunk and before:
            traffic.remove(wire, before[1])
            after = found[index] = Search(grid, traffic, wire, flow, haste).run() or before
            traffic.add(wire, after[1])
    return [result[0] if result else None for result in found]


def _by_kernel(grid: Grid, wires: list[Wire], flow: str) -> list[Path | None]:
    """The same ways, found in WebAssembly."""
    searches = [Search(grid, Traffic(len(grid.xs)), wire, flow) for wire in wires]
    numbers = {
        trunk: number for number, trunk in enumerate(sorted({w.trunk for w in wires if w.trunk}), 1)
    }
    requests = [search.request(numbers.get(search.wire.trunk or "", 0)) for search in searches]
    ways = kernel.route(grid, requests, haste_for(grid, wires))
    return [
        search.path(way.states, search.targets[way.goal].side) if way else None
        for search, way in zip(searches, ways, strict=True)
    ]


def _span(wire: Wire) -> tuple[float, int]:
    """Short edges first: they have the least choice."""
    tail, head = _middle(wire.tail.ports), _middle(wire.head.ports)
    return round(abs(tail[0] - head[0]) + abs(tail[1] - head[1]), 1), wire.number


def _middle(ports: Mapping[Side, Point]) -> Point:
    xs, ys = zip(*ports.values(), strict=True)
    return sum(xs) / len(xs), sum(ys) / len(ys)


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


def _least_bends(heading: int, entry: int, sx: int, sy: int) -> int:
    """The fewest bends from `heading` to a goal that lies towards (sx, sy), entered as `entry`."""
    (ux, uy), (ex, ey) = _STEPS[heading], _STEPS[entry]
    ahead, aside = sx * ux + sy * uy, sx * uy - sy * ux
    if heading == entry:
        return (2 if aside else 0) if ahead >= 0 else 4
    if (heading - entry) % 4 == 2:
        return 2 if aside else 4
    onward = sx * ex + sy * ey
    return 1 if ahead >= 0 and onward >= 0 else 3


# By heading, entry, and the signs of what is left to go (plus one).
_BENDS = [
    [[[MATES_BEND * _least_bends(heading, entry, sx, sy) for sy in (-1, 0, 1)] for sx in (-1, 0, 1)]
     for entry in range(4)]
    for heading in range(4)
]  # fmt: skip


class _Goal(Struct, frozen=True):
    """A place where the wire may arrive, the heading it must then have, and what that costs."""

    x: float
    y: float
    entry: int
    fee: float
    side: Side


class Search:
    """One wire's search. A state is `place * 4 + heading`."""

    def __init__(
        self, grid: Grid, traffic: Traffic, wire: Wire, flow: str, haste: float = 1.0
    ) -> None:
        self.grid, self.traffic, self.wire, self.haste = grid, traffic, wire, haste
        self.flow = _flow_of(wire, flow)
        self.shared = SHARED if wire.trunk else 1.0
        self.goals: dict[int, list[_Goal]] = {}
        for side, place in grid.stubs(wire.head):
            fee = self._end_cost(side, _OPPOSITE[self.flow] if self.flow else None)
            row, column = divmod(place, len(grid.xs))
            goal = _Goal(grid.xs[column], grid.ys[row], _HEADING[_OPPOSITE[side]], fee, side)
            self.goals.setdefault(place, []).append(goal)
        self.targets = [goal for goals in self.goals.values() for goal in goals]
        self.guesses: dict[int, float] = {}

    def run(self) -> tuple[Path, list[int]] | None:
        """The cheapest way, as a path and as the places it runs through."""
        heap: list[tuple[float, float, int]] = []
        cost: dict[int, float] = {}
        came: dict[int, int] = {}
        done: set[int] = set()
        for side, place in self.grid.stubs(self.wire.tail):
            state = place * 4 + _HEADING[side]
            price = self._end_cost(side, self.flow)
            cost[state] = price
            heapq.heappush(heap, (price + self.haste * self._least(state), price, state))
        finish: tuple[float, int, Side] | None = None
        pop, push, goals, least, never = (
            heapq.heappop,
            heapq.heappush,
            self.goals,
            self._least,
            1e18,
        )
        while heap:
            estimate, price, state = pop(heap)
            if finish and estimate >= finish[0]:
                break
            if price > cost[state] or (self.haste > 1 and state in done):
                continue
            done.add(state)
            if state >> 2 in goals:
                finish = self._arrived(state, price, finish)
            for price_to, after in self._moves(state):
                total = price + price_to
                if total < cost.get(after, never) - 1e-9:
                    cost[after], came[after] = total, state
                    push(heap, (total + self.haste * least(after), total, after))
        if finish is None:
            return None
        states = [finish[1]]
        while states[-1] in came:
            states.append(came[states[-1]])
        states.reverse()
        return self.path(states, finish[2]), [state >> 2 for state in states]

    def _arrived(
        self, state: int, price: float, finish: tuple[float, int, Side] | None
    ) -> tuple[float, int, Side] | None:
        """The cheapest end so far, where `state` stands on a goal's place."""
        for goal in self.goals[state >> 2]:
            turn = (goal.entry - state) % 4
            total = price + goal.fee + (BEND if turn else 0.0)
            if turn != 2 and (finish is None or total < finish[0]):
                finish = (total, state, goal.side)
        return finish

    def _end_cost(self, side: Side, flow: Side | None) -> float:
        if flow is None:
            return _ANY_SIDE
        if side == flow:
            return 0.0
        return _BACKWARD if side == _OPPOSITE[flow] else _SIDEWAYS

    def _least(self, state: int) -> float:
        """What is left to pay from `state`, at least: the way, its bends and its end."""
        known = self.guesses.get(state)
        if known is not None:
            return known
        j, i = divmod(state >> 2, len(self.grid.xs))
        x, y, bends = self.grid.xs[i], self.grid.ys[j], _BENDS[state & 3]
        best = 1e18
        for goal in self.targets:
            dx, dy = goal.x - x, goal.y - y
            rest = (
                (abs(dx) + abs(dy)) * self.shared
                + bends[goal.entry][(dx > 0) - (dx < 0) + 1][(dy > 0) - (dy < 0) + 1]
                + goal.fee
            )
            best = min(best, rest)
        self.guesses[state] = best
        return best

    def _moves(self, state: int) -> list[tuple[float, int]]:
        """The states that can follow, each with its price."""
        grid, columns, found = self.grid, len(self.grid.xs), []
        place, heading = state >> 2, state & 3
        j, i = divmod(place, columns)
        mine, mates = self.wire.trunk, self.traffic.bends.get(place, ())
        for turn in (0, 1, 3):
            after = (heading + turn) % 4
            if after == 0:
                to, low, price = place + 1, place, grid.level[j][i + 1]
            elif after == 2:
                to = low = place - 1
                price = grid.level[j][i]
            elif after == 1:
                to, low, price = place + columns, place, grid.upright[i][j + 1]
            else:
                to = low = place - columns
                price = grid.upright[i][j]
            if price < 0:
                continue
            others = (self.traffic.upright if after & 1 else self.traffic.level).get(low)
            if others:
                price *= SHARED if self._all_mine(others) else TOGETHER
            if turn:
                price += MATES_BEND if mine and mine in mates else BEND
            else:
                price += self._crossed(place, after)
            found.append((price, to * 4 + after))
        return found

    def _all_mine(self, trunks: list[str | None]) -> bool:
        mine = self.wire.trunk
        return mine is not None and all(trunk == mine for trunk in trunks)

    def _crossed(self, place: int, heading: int) -> float:
        """What it costs to go straight on at `place`, where other wires may cross."""
        if heading & 1:
            a, b = self.traffic.level.get(place), self.traffic.level.get(place - 1)
        else:
            upright = self.traffic.upright
            a, b = upright.get(place), upright.get(place - self.traffic.columns)
        clear = (not a or self._all_mine(a)) and (not b or self._all_mine(b))
        return 0.0 if clear else CROSSING

    def request(self, trunk: int) -> kernel.Request:
        """What the kernel must know of this wire, whose trunk has a number."""
        goals = [
            kernel.Goal(place, goal.entry, goal.fee, goal.x, goal.y)
            for place, goals in self.goals.items()
            for goal in goals
        ]
        starts = [
            kernel.Start(place * 4 + _HEADING[side], self._end_cost(side, self.flow))
            for side, place in self.grid.stubs(self.wire.tail)
        ]
        return kernel.Request(trunk, starts, goals)

    def path(self, states: Sequence[int], head_side: Side) -> Path:
        """The path through states, from the tail's side by which it begins."""
        starts = {
            place * 4 + _HEADING[side]: side for side, place in self.grid.stubs(self.wire.tail)
        }
        tail_side, columns = starts[states[0]], len(self.grid.xs)
        places = [state >> 2 for state in states]
        points = [
            self.wire.tail.ports[tail_side],
            *((self.grid.xs[at % columns], self.grid.ys[at // columns]) for at in places),
            self.wire.head.ports[head_side],
        ]
        return Path(self.wire, corners(points), tail_side, head_side)


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
