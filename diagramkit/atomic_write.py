"""Files put in their place whole or not at all, whatever happens meanwhile; by `put`, a loss of power too."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def atomic_write(path: Path, data: bytes | Iterable[bytes], prefix: str) -> None:
    """Make `path` hold `data`, whole or in pieces: written beside under a name that begins with `prefix`, brought to the
    disk (else the new name may be there before what it names, and a loss of power leaves nothing), moved into place.
    Raises `OSError`; then the file is as it was, and nothing is left beside it."""
    temporary = write_staged(path.parent, data, prefix)
    with _or_gone(temporary):
        handle = os.open(temporary, os.O_RDWR)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
        os.replace(temporary, path)


def write_staged(folder: Path, data: bytes | Iterable[bytes], prefix: str) -> str:
    """The path of a new file in `folder` that holds `data`, to be moved to its place. Raises `OSError`; then nothing
    is left."""
    try:
        handle, temporary = tempfile.mkstemp(dir=folder, prefix=prefix)
    except FileNotFoundError:
        folder.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=folder, prefix=prefix)
    with _or_gone(temporary):
        with os.fdopen(handle, "wb") as file:
            for piece in (data,) if isinstance(data, bytes) else data:
                file.write(piece)
        os.chmod(temporary, 0o666 & ~_umask())  # noqa: PTH101 - of thousands: `pathlib` keeps a place for each name
    return temporary


@contextmanager
def _or_gone(temporary: str) -> Iterator[None]:
    """What is done with a file, which is not left where that fails."""
    try:
        yield
    except BaseException:  # Ctrl-C, too.
        with suppress(OSError):
            os.unlink(temporary)
        raise


def _umask() -> int:
    """The process's umask, which can only be read by setting it."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
