"""DOT kept for a report: of a layout that failed, and of one in a process that died at it."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from io import FileIO
from pathlib import Path

from diagramkit import cache

_KEPT, _NOTED = "report-", "running-"
_END = b"\0"  # Behind a note: what is left of a longer one before it is not read.
_MOST, _MOST_NOTED = (
    20,
    300,
)  # Of processes that were killed with those that started them, notes are left.

_here: list[FileIO] = []
"""Where this process notes what it lays out: open in one that may die of it."""


def enable_notes() -> None:
    """Note each graph before it is laid out: whoever started this process reads it, should this one die."""
    with suppress(OSError):
        _here[:] = [FileIO(_place(os.getpid()), "w")]


def is_enabled() -> bool:
    """Whether this process notes its graphs."""
    return bool(_here)


def note_dot(dot: str) -> None:
    """A graph is about to be laid out."""
    for file in _here:
        with suppress(OSError):
            file.seek(0)
            file.write(dot.encode("utf-8") + _END)


def save_dot(dot: str) -> str:
    """Keep a graph; what to tell of it, behind a message: nothing where it cannot be kept."""
    data = dot.encode("utf-8")
    path = cache.keep(f"{_KEPT}{hashlib.sha256(data).hexdigest()[:16]}.dot", data)
    cache.trim(_KEPT, _MOST)
    cache.trim(_NOTED, _MOST_NOTED)
    return f"; for a report, its DOT is in {path}" if path else ""


def save_dot_of_process(process: int | None) -> str:
    """As `keep`, of what a process that has ended was at; nothing is left of it then."""
    path = _place(process or 0)
    try:
        noted = path.read_bytes()
        path.unlink()
    except OSError:
        return ""
    dot, ended, _ = noted.partition(_END)
    return save_dot(dot.decode("utf-8")) if ended else ""


def delete_note(process: int | None) -> None:
    """Let nothing be left of a process that has ended as it should."""
    with suppress(OSError):
        _place(process or 0).unlink()


def _place(process: int) -> Path:
    return cache.folder() / f"{_NOTED}{process}.dot"
