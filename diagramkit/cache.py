"""The cache folder of the user: results that are expensive to compute and never change, such as compiled modules.

Every cached result can be computed again, and its name includes the versions it depends on. A cache that cannot be
read or written therefore costs time but never changes a result.
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
    """Return the cache folder: `DIAGRAMKIT_CACHE` if it is set, otherwise the operating system's cache location.

    If that location is read-only, as a home folder in CI often is, use a private folder among the temporary files.
    """
    configured = os.environ.get("DIAGRAMKIT_CACHE")
    if configured:
        return Path(configured)
    import platformdirs

    default = Path(platformdirs.user_cache_dir("diagramkit", appauthor=False))
    return default if _is_writable(default) else _temporary_folder() or default


def _is_writable(path: Path) -> bool:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(path, os.W_OK)


def _temporary_folder() -> Path | None:
    """Return a temporary folder to which only this user can write, or None if there is none.

    Nobody else may be able to put files into it, because the compiled code in the cache is executed.
    """
    if not hasattr(os, "getuid"):
        return None
    import tempfile

    path = Path(tempfile.gettempdir(), f"diagramkit-{os.getuid()}")
    try:
        with suppress(FileExistsError):
            path.mkdir(mode=0o700)
        info = path.lstat()
    except OSError:
        return None
    is_private = info.st_uid == os.getuid() and stat.S_ISDIR(info.st_mode) and not info.st_mode & 0o077
    return path if is_private else None


def on_slow_preparation(announce: Callable[[str], None]) -> None:
    """Have `announce` called with a sentence before something is prepared that takes seconds and is cached."""
    global _announce  # noqa: PLW0603 - the cache belongs to the process
    _announce = announce


def announce(sentence: str) -> None:
    """Say that something slow is being prepared, to whom `on_slow_preparation` named."""
    _announce(sentence)


def _say_nothing(_: str) -> None:
    """Do what a program that uses the Python API expects."""


_announce: Callable[[str], None] = _say_nothing


def get_or_create(name: str, create: Callable[[], bytes], max_files: int | None = None) -> bytes:
    """Return the bytes that are cached as `name`. If there are none, create and store them.

    Then, files of which the names have the same first word are removed, the oldest first, if there are `max_files`.
    """
    path = folder() / name
    try:
        cached = path.read_bytes()
    except OSError:
        cached = b""
    if cached:
        return cached
    created = create()
    if max_files is not None:
        trim(name.partition("-")[0] + "-", max_files)
    store(name, created)
    return created


def trim(prefix: str, max_files: int) -> None:
    """Remove the oldest files whose names begin with `prefix`, so that at most `max_files` of them are left."""
    try:
        with os.scandir(folder()) as entries:
            files = [
                (entry.stat().st_mtime_ns, entry.name, entry.path) for entry in entries if entry.name.startswith(prefix)
            ]
        for _, _, path in sorted(files)[: max(len(files) - max_files, 0)]:
            os.unlink(path)
    except OSError:  # Another process trims the cache too, or there is no cache.
        return


def store(name: str, data: bytes | Iterable[bytes]) -> Path | None:
    """Store `data`, one block of bytes or several chunks, as `name`. Return its path, or None if that fails."""
    path = folder() / name
    try:
        atomic_write.atomic_write(path, data, f".{name[:20]}-")
    except OSError:
        return None
    return path
