"""The user's cache folder: what is dear to make and always the same (compiled module, font).

A cache that cannot be read or written costs time, never a result: everything in it can be
made again, and is keyed by the versions it depends on.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path

from diagramkit import atomic_write


@cache
def folder() -> Path:
    """Where the cache is: `DIAGRAMKIT_CACHE`, else the system's place for caches; where nothing can be written
    there (a CI's home is often read-only), a folder of this user's alone among the temporary ones."""
    chosen = os.environ.get("DIAGRAMKIT_CACHE")
    if chosen:
        return Path(chosen)
    import platformdirs

    usual = Path(platformdirs.user_cache_dir("diagramkit", appauthor=False))
    return usual if _writable(usual) else _temporary() or usual


def _writable(path: Path) -> bool:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(path, os.W_OK)


def _temporary() -> Path | None:
    """A folder that nobody else can have put anything in: what is kept there is run."""
    if not hasattr(os, "getuid"):
        return None
    import tempfile

    path = Path(tempfile.gettempdir(), f"diagramkit-{os.getuid()}")
    try:
        with suppress(FileExistsError):
            path.mkdir(mode=0o700)
        state = path.lstat()
    except OSError:
        return None
    mine = state.st_uid == os.getuid() and stat.S_ISDIR(state.st_mode) and not state.st_mode & 0o077
    return path if mine else None


def remember(name: str, make: Callable[[], bytes]) -> bytes:
    """The bytes kept under `name`; made and kept where there are none."""
    path = folder() / name
    try:
        found = path.read_bytes()
    except OSError:
        found = b""
    if found:
        return found
    made = make()
    keep(name, made)
    return made


def trim(prefix: str, most: int) -> None:
    """Keep no more than `most` files whose names begin with `prefix`: the oldest go."""
    try:
        with os.scandir(folder()) as entries:
            found = [
                (entry.stat().st_mtime_ns, entry.name, entry.path) for entry in entries if entry.name.startswith(prefix)
            ]
        for _, _, path in sorted(found)[: max(len(found) - most, 0)]:
            os.unlink(path)
    except OSError:  # Another process does the same, or there is no cache.
        return


def keep(name: str, data: bytes | Iterable[bytes]) -> Path | None:
    """Keep `data`, whole or in pieces, under `name`: written beside and moved into place. None where it cannot be."""
    path = folder() / name
    try:
        atomic_write.atomic_write(path, data, f".{name[:20]}-")
    except OSError:
        return None
    return path
