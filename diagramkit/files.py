"""Files written whole or not at all: beside their place first, then moved into it."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from diagramkit import timing, whole
from diagramkit.problems import Span, fail, reason

_BESIDE = ".diagramkit-"
_LEFT = re.compile(r"\.diagramkit-[a-z0-9_]{8}")
_OLD = 60  # Seconds after which nobody writes a file any more.


@timing.step("write")
def write(path: str, data: bytes) -> bool:
    """Write `data`; False where the file already holds just that, and is left alone.

    Raises `DiagramError` (unwritable); then the file is as it was.
    """
    if read(path) == data:
        return False
    try:
        whole.put(Path(path), data, _BESIDE)
    except OSError as error:
        said = reason(error)
        raise fail(
            "unwritable", f"cannot be written: {said}; choose another output folder", Span(path)
        ) from None
    return True


def as_bytes(text: str) -> bytes:
    """A text as UTF-8. A file's name in it that is none, or that this process took for none (its locale knows
    ASCII alone), is the bytes that it has on the disk (PEP 383)."""
    return text.encode("utf-8", "surrogateescape")


def as_text(data: bytes) -> str:
    """What `as_bytes` wrote, as this process names files."""
    return os.fsdecode(data)


def sweep(folders: Iterable[str]) -> None:
    """Remove from folders what processes left that were killed while they wrote."""
    before = time.time() - _OLD
    for folder in sorted(folders):
        with suppress(OSError):
            left = [one for one in os.scandir(folder or os.curdir) if _LEFT.fullmatch(one.name)]
            for one in left:
                if one.stat().st_mtime < before:
                    Path(one.path).unlink()


def read(path: str) -> bytes | None:
    """What the file holds, or None where it cannot be read."""
    try:
        return Path(path).read_bytes()
    except OSError:
        return None
