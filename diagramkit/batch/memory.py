"""Memory that was freed, given back to the system: a process that drew something vast is small again."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache
from typing import Any


def trim_heap() -> None:
    """Give back what is free in between, not at the end alone: glibc keeps that, in case it is wanted again
    (malloc_trim(3)). Takes a millisecond or two; does nothing where the C library is another."""
    _trim()(0)


@cache
def _trim() -> Callable[[int], Any]:
    if sys.platform != "linux":
        return int
    import ctypes

    try:
        trim: Callable[[int], Any] = ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError):
        return int
    return trim
