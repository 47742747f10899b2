"""Returning freed memory to the operating system, so that a process shrinks after it drew a very large diagram."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache
from typing import Any


def trim_heap() -> None:
    """Return free memory within the heap, not only at its end, to the operating system.

    By default, glibc keeps that memory for later allocations (malloc_trim(3)). The call takes one or two milliseconds.
    It does nothing with other C libraries.
    """
    _malloc_trim()(0)


@cache
def _malloc_trim() -> Callable[[int], Any]:
    """Return glibc's `malloc_trim`, or a function that does nothing if there is none."""
    if sys.platform != "linux":
        return int
    import ctypes

    try:
        malloc_trim: Callable[[int], Any] = ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError):
        return int
    return malloc_trim
