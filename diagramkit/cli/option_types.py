"""The types of values of options that several commands have."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable

_MAX_PORT = 65535


def number(name: str, unit: str, minimum: float, maximum: float) -> Callable[[str], float]:
    """Return a function that reads the value of an option, a number from `minimum` to `maximum`."""

    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not minimum <= value <= maximum:
            raise argparse.ArgumentTypeError(
                f"invalid {name} '{text}': expected {unit} from {minimum:.10g} to {maximum:.10g}"
            )
        return value

    return read


def port(text: str) -> int:
    """Return the value of an option that is a port, or 0 for any free one. Raises `ArgumentTypeError`."""
    if not text.isdecimal() or not 0 <= int(text) <= _MAX_PORT:
        raise argparse.ArgumentTypeError(f"invalid port '{text}': expected a number from 0 to {_MAX_PORT}")
    return int(text)
