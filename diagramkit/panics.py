"""Panics of native code written in Rust, such as resvg."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class PanicError(ValueError):
    """Native code gave up; its message is that of the code."""


@contextmanager
def as_errors() -> Iterator[None]:
    """Raise `PanicError` for a panic in the block.

    PyO3 reports a panic with a `PanicException`, which is not an `Exception`, so that it would end the program.
    """
    try:
        yield
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # The class cannot be imported.
            raise
        raise PanicError(" ".join(str(error).split())) from None
