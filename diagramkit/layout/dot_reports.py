"""Save the DOT of failed layouts for bug reports, including layouts that crashed their process.

A worker process can note the DOT of each layout in a file before it starts. If the process dies, its parent saves the
noted DOT.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from io import FileIO
from pathlib import Path

from diagramkit import cache

_REPORT_PREFIX, _NOTE_PREFIX = "report-", "running-"
_END = b"\0"  # Ends a note: the rest of a longer note may follow it.
_MAX_REPORTS = 20
_MAX_NOTES = 300  # If a process is killed together with its parent, its note remains.

_note_files: list[FileIO] = []
"""The open file in which this process notes its layouts; empty if notes are not enabled."""


def enable_notes() -> None:
    """Note each graph before its layout, so that the parent process can read it if this process dies."""
    with suppress(OSError):
        _note_files[:] = [FileIO(_note_path(os.getpid()), "w")]


def is_enabled() -> bool:
    """Return whether this process notes its graphs."""
    return bool(_note_files)


def note_dot(dot: str) -> None:
    """Note the graph that is about to be laid out."""
    for file in _note_files:
        with suppress(OSError):
            file.seek(0)
            file.write(dot.encode("utf-8") + _END)


def clear_note() -> None:
    """Forget the graph that was noted: its diagram is done, and the next one may fail before its layout."""
    for file in _note_files:
        with suppress(OSError):
            file.truncate(0)


def save_dot(dot: str) -> str:
    """Save a graph, and return a text to append to a message; it is empty if the graph cannot be saved."""
    data = dot.encode("utf-8")
    path = cache.store(f"{_REPORT_PREFIX}{hashlib.sha256(data).hexdigest()[:16]}.dot", data)
    cache.trim(_REPORT_PREFIX, _MAX_REPORTS)
    cache.trim(_NOTE_PREFIX, _MAX_NOTES)
    return f"; the DOT for a bug report is in {path}" if path else ""


def save_dot_of_process(process: int | None) -> str:
    """Save the graph that a dead process was laying out, delete its note, and return the text of `save_dot`."""
    path = _note_path(process or 0)
    try:
        note = path.read_bytes()
        path.unlink()
    except OSError:
        return ""
    dot, complete, _ = note.partition(_END)
    return save_dot(dot.decode("utf-8")) if complete else ""


def delete_note(process: int | None) -> None:
    """Delete the note of a process that ended normally."""
    with suppress(OSError):
        _note_path(process or 0).unlink()


def _note_path(process: int) -> Path:
    """Return the path of a process's note."""
    return cache.folder() / f"{_NOTE_PREFIX}{process}.dot"
