"""Timing of the pipeline's steps, for `diagramkit render --profile`."""

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
"""The steps that are timed, in their order. Everything between them is reported as `rest`."""


class Times(Struct):
    """The seconds spent in each step, without the steps nested in it, and in total.

    `nested` is a stack with one entry for each running step: the seconds spent so far in steps within it.
    """

    by_step: dict[str, float] = field(default_factory=lambda: dict.fromkeys(STEPS, 0.0))
    total: float = 0.0
    nested: list[float] = field(default_factory=list)


_times: Times | None = None


@contextmanager
def measure() -> Iterator[Times]:
    """Time the steps that this process executes within the block."""
    global _times  # noqa: PLW0603 - the pipeline's steps do not know who measures them
    _times = times = Times()
    start = time.perf_counter()
    try:
        yield times
    finally:
        times.total = time.perf_counter() - start
        _times = None


def step(name: str) -> Callable[[Callable[_P, _R]], Callable[_P, _R]]:
    """Return a decorator that times a function as the step `name` of the pipeline."""

    def decorate(function: Callable[_P, _R]) -> Callable[_P, _R]:
        @wraps(function)
        def timed(*args: _P.args, **kwargs: _P.kwargs) -> _R:
            if _times is None:
                return function(*args, **kwargs)
            times, start = _times, time.perf_counter()
            times.nested.append(0.0)
            try:
                return function(*args, **kwargs)
            finally:
                elapsed = time.perf_counter() - start
                times.by_step[name] += elapsed - times.nested.pop()
                if times.nested:
                    times.nested[-1] += elapsed

        return timed

    return decorate
