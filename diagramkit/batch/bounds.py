"""Limits on the time and memory of work in a separate process."""

from __future__ import annotations

from msgspec import Struct


class Bounds(Struct, frozen=True):
    """Limits for reading one source, or drawing one diagram, in a separate process.

    `timeout` is in seconds; `memory` is in bytes and applies on Linux only. None means no limit.
    """

    timeout: float | None = None
    memory: int | None = None


UNLIMITED = Bounds()
"""No limits on time and memory."""
