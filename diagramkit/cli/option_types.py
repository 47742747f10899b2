"""The types of values of options that several commands have."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable


def number(name: str, unit: str, minimum: float, maximum: float) -> Callable[[str], float]:
    """Return a function that reads the value of an option, a number from `minimum` to `maximum`."""

    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not minimum <= value <= maximum:
            raise argparse.ArgumentTypeError(
                f"invalid {name} '{text}': expected {unit} from {minimum:g} to {maximum:g}"
            )
        return value

    return read
