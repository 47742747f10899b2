"""The search of `search.py` in WebAssembly: the same ways, some fifty times as fast.

`data/router.wasm` is built from `kernels/router.c`. Where wasmtime is not installed, `search.py` does
the work itself; tests hold the two to the same ways, bit by bit.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec

from msgspec import Struct

from diagramkit.layout import wasm
from diagramkit.layout.routing.grid import Grid

_NONE = 0xFFFFFFFF
_ASKED = struct.Struct(
    "<6Id"
)  # Columns, rows, wires; places of the grid, whole numbers, reals; haste.


class Start(Struct, frozen=True):
    """Where a wire may begin: a state (`place * 4 + heading`) and its price."""

    state: int
    price: float


class Goal(Struct, frozen=True):
    """Where a wire may end: a place, the heading it must have there, what that costs, and where it is."""

    place: int
    entry: int
    fee: float
    x: float
    y: float


class Request(Struct, frozen=True):
    """A wire to route: its trunk (0: none of its own), where it may begin and end."""

    trunk: int
    starts: Sequence[Start]
    goals: Sequence[Goal]


class Way(Struct, frozen=True):
    """A way that was found: the number of its goal, and the states it runs through."""

    goal: int
    states: Sequence[int]


@cache
def available() -> bool:
    """Whether WebAssembly is to be had."""
    return find_spec("wasmtime") is not None


def route(grid: Grid, requests: Sequence[Request], haste: float) -> list[Way | None]:
    """A way for each wire, in their order; None where there is none. The grid has no stretches then. `haste` is `search.haste_for`'s."""
    module = wasm.kernel("layout.routing", "router")
    at = module.call("route", _ask(module, grid, requests, haste))
    (words,) = struct.unpack("<I", module.get(at, 4))
    answer = module.get(at + 4, 4 * words)
    module.end()
    return _ways(array("I", answer), len(requests))


def _ask(module: wasm.Instance, grid: Grid, requests: Sequence[Request], haste: float) -> int:
    """Where in the module's memory then is what is asked. What the grid's stretches cost is there alone then: that is
    megabytes, and nobody asks the grid for it again."""
    columns, rows = len(grid.xs), len(grid.ys)
    ints, reals = array("I"), array("d")
    for request in requests:
        ints.extend((request.trunk, len(request.starts), len(request.goals)))
        ints.extend(start.state for start in request.starts)
        reals.extend(start.price for start in request.starts)
        for goal in request.goals:
            ints.extend((goal.place, goal.entry))
            reals.extend((goal.fee, goal.x, goal.y))
    numbers = columns + rows + rows * (columns + 1) + columns * (rows + 1)
    head, *places = module.begin(_ASKED.size, 8 * numbers, 4 * len(ints), 8 * len(reals))
    asked = _ASKED.pack(columns, rows, len(requests), *places, haste)
    module.put((head, *places[1:]), asked, ints, reals)
    lines, at = array("d", [*grid.xs, *grid.ys]), places[0]
    for part in (grid.level, grid.upright):
        for line in part:
            lines.extend(line)
        part.clear()
        module.put((at,), lines)
        at, lines = at + 8 * len(lines), array("d")
    return head


def _ways(answer: array[int], count: int) -> list[Way | None]:
    found: list[Way | None] = []
    at = 0
    for _ in range(count):
        goal, length = answer[at : at + 2]
        at += 2 + length
        found.append(None if goal == _NONE else Way(goal, answer[at - length : at].tolist()))
    return found
