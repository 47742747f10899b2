"""Where the time goes: how long each step of the pipeline takes, where somebody asks."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec, TypeVar

from msgspec import Struct, field

_P = ParamSpec("_P")
_R = TypeVar("_R")

STEPS = (
    "read",
    "resolve",
    "measure",
    "compile",
    "lay out",
    "draw",
    "raster and encode",
    "write",
)
"""The steps that are timed, in their order; what is between them is the `rest`."""


class Times(Struct):
    """Seconds spent in each step, and not in a step within it; and in all."""

    spent: dict[str, float] = field(default_factory=lambda: dict.fromkeys(STEPS, 0.0))
    whole: float = 0.0
    within: list[float] = field(default_factory=list)


_times: Times | None = None


@contextmanager
def watched() -> Iterator[Times]:
    """Time the steps that this process does meanwhile."""
    global _times  # noqa: PLW0603 - the pipeline's steps know of no one who watches
    _times = made = Times()
    start = time.perf_counter()
    try:
        yield made
    finally:
        made.whole = time.perf_counter() - start
        _times = None


def step(name: str) -> Callable[[Callable[_P, _R]], Callable[_P, _R]]:
    """Marks a function as a step of the pipeline."""

    def mark(function: Callable[_P, _R]) -> Callable[_P, _R]:
        @wraps(function)
        def timed(*args: _P.args, **kwargs: _P.kwargs) -> _R:
            if _times is None:
                return function(*args, **kwargs)
            times, start = _times, time.perf_counter()
            times.within.append(0.0)
            try:
                return function(*args, **kwargs)
            finally:
                took = time.perf_counter() - start
                times.spent[name] += took - times.within.pop()
                if times.within:
                    times.within[-1] += took

        return timed

    return mark
