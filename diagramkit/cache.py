"""The user's cache folder: what is dear to make and always the same (compiled module, font).

A cache that cannot be read or written costs time, never a result: everything in it can be
made again, and is keyed by the versions it depends on.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from pathlib import Path

from diagramkit import whole


@cache
def folder() -> Path:
    """Where the cache is: `DIAGRAMKIT_CACHE`, else the system's place for caches."""
    chosen = os.environ.get("DIAGRAMKIT_CACHE")
    if chosen:
        return Path(chosen)
    import platformdirs

    return Path(platformdirs.user_cache_dir("diagramkit", appauthor=False))


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
            found = [(entry.stat().st_mtime_ns, entry.name, entry.path)
                     for entry in entries if entry.name.startswith(prefix)]  # fmt: skip
        for _, _, path in sorted(found)[: max(len(found) - most, 0)]:
            os.unlink(path)
    except OSError:  # Another process does the same, or there is no cache.
        return


def keep(name: str, data: bytes) -> Path | None:
    """Keep `data` under `name`: written beside and moved into place. None where it cannot be."""
    path = folder() / name
    try:
        whole.put(path, data, f".{name[:20]}-")
    except OSError:
        return None
    return path
