"""A line that means something else than Mermaid reads."""

from __future__ import annotations

from msgspec import Struct


class MisreadLine(Struct, frozen=True):
    """A line by its number from 0, what to write instead, and why.

    The lines behind it, before the line `end`, are a part of it, and have no mistakes of their own.
    """

    number: int
    new: str
    message: str
    end: int = 0
