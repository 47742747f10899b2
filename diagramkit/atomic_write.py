"""Atomic writes: a file or folder gets its new content completely or not at all, even if the process dies.

`atomic_write` also survives a loss of power. `write_staged` only prepares a file, for the caller to move.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path


def atomic_write(path: Path, data: bytes | Iterable[bytes], prefix: str) -> None:
    """Replace the content of `path` with `data`, one block of bytes or several chunks.

    The data is written to a temporary file in the same folder, whose name begins with `prefix`, flushed to the disk,
    and moved into place. Without the flush, the new name could reach the disk before the data does, and a loss of
    power would leave an empty file.

    Raises `OSError`; then `path` is unchanged and no temporary file is left.
    """
    temporary = write_staged(path.parent, data, prefix)
    with _removed_on_failure(temporary):
        handle = os.open(temporary, os.O_RDWR)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
        os.replace(temporary, path)


def write_staged(folder: Path, data: bytes | Iterable[bytes], prefix: str) -> str:
    """Write `data` to a new file in `folder` and return its path. The caller moves it to its final path.

    Raises `OSError`; then no file is left.
    """
    try:
        handle, temporary = tempfile.mkstemp(dir=folder, prefix=prefix)
    except FileNotFoundError:
        folder.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=folder, prefix=prefix)
    with _removed_on_failure(temporary):
        with os.fdopen(handle, "wb") as file:
            for chunk in (data,) if isinstance(data, bytes) else data:
                file.write(chunk)
        # `mkstemp` makes files that only the user can read; give this one the usual permissions.
        os.chmod(temporary, 0o666 & ~_umask())  # noqa: PTH101 - thousands of files: `pathlib` interns every name
    return temporary


def replace_folder(folder: Path, contents: Mapping[str, bytes], prefix: str) -> None:
    """Replace a folder with one that has the files `contents`, by name.

    The new folder is prepared next to it, in a temporary folder whose name begins with `prefix`. Raises `OSError`; then
    `folder` is as it was before.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=prefix, ignore_cleanup_errors=True) as temporary:
        new, previous = Path(temporary) / "new", Path(temporary) / "previous"
        new.mkdir()
        for name, data in contents.items():
            (new / name).write_bytes(data)
        with suppress(FileNotFoundError):
            os.replace(folder, previous)
        try:
            os.replace(new, folder)
        except BaseException as error:  # Also Ctrl-C.
            if folder.exists():  # Another process has written the folder in the meantime.
                if isinstance(error, OSError):
                    return
            elif previous.exists():
                os.replace(previous, folder)
            raise


@contextmanager
def _removed_on_failure(temporary: str) -> Iterator[None]:
    """Remove the temporary file if the block raises."""
    try:
        yield
    except BaseException:  # Also Ctrl-C.
        with suppress(OSError):
            os.unlink(temporary)
        raise


def _umask() -> int:
    """Return the process's umask, which can only be read by setting it."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
