"""Reading and writing files. Every write is atomic: a file gets its new content completely or not at all."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from diagramkit import atomic_write, timing
from diagramkit.diagnostics import DiagramError, Span, fail, os_error_reason

_PREFIX = ".diagramkit-"
"""How the names of temporary files begin."""
_TEMPORARY = re.compile(r"\.diagramkit-([a-z0-9]{8})?[a-z0-9_]{8}")
_MAX_WRITE_TIME = 60  # Seconds after which no process is still writing a temporary file.


class StagedFile(Struct, frozen=True):
    """A finished file under a temporary name, in its target folder or a folder above it.

    `size` is in bytes, and `digest` is the SHA-256 digest.
    """

    path: str
    size: int
    digest: str


@timing.step("write")
def write(path: str, data: bytes) -> bool:
    """Write `data`. Return False, and leave the file alone, if it already contains exactly that.

    Raises `DiagramError` (unwritable); then the file is unchanged.
    """
    if read(path) == data:
        return False
    try:
        atomic_write.atomic_write(Path(path), data, _PREFIX)
    except OSError as error:
        raise _unwritable(path, error) from None
    return True


def digest_of(path: str) -> str:
    """Return the SHA-256 digest of a file, or "" if it cannot be read."""
    digest = hashlib.sha256()
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - see `read`
            while chunk := file.read(1 << 20):
                digest.update(chunk)
    except OSError:
        return ""
    return digest.hexdigest()


@timing.step("write")
def stage(folder: str, run: str, data: bytes) -> StagedFile | None:
    """Write `data` to a temporary file in `folder`, to be moved into place later. Return None if that fails.

    `run` identifies this run of the program with 8 lowercase letters and digits. It is part of the file's name, so
    that `sweep` can remove the staged files that the run did not move.
    """
    try:
        path = atomic_write.write_staged(Path(folder), data, _PREFIX + run)
    except OSError:
        return None
    return StagedFile(path, len(data), hashlib.sha256(data).hexdigest())


@timing.step("write")
def move(path: str, staged: StagedFile) -> bool:
    """Move a staged file to `path`. Return False, and leave the file there alone, if it has the same content.

    The file is not flushed to the disk, which would take 8 % of the total time and more on slow disks. A file that a
    loss of power damages no longer matches its recorded digest, so the next run draws it again.

    Raises `DiagramError` (unwritable); then the file at `path` is unchanged.
    """
    try:
        if _has_content(path, staged):
            os.unlink(staged.path)
            return False
        os.makedirs(os.path.dirname(path) or os.curdir, exist_ok=True)  # noqa: PTH120 - thousands are moved
        os.replace(staged.path, path)
    except OSError as error:
        if error.errno == errno.EXDEV and (data := read(staged.path)) is not None:
            changed = write(path, data)  # The target folder is on another file system.
            Path(staged.path).unlink(missing_ok=True)
            return changed
        raise _unwritable(path, error) from None
    return True


def _has_content(path: str, staged: StagedFile) -> bool:
    """Return whether the file at `path` has the content of a staged file."""
    try:
        if os.stat(path).st_size != staged.size:
            return False
    except OSError:
        return False
    return hashlib.sha256(read(path) or b"").hexdigest() == staged.digest


def _unwritable(path: str, error: OSError) -> DiagramError:
    message = f"cannot be written: {os_error_reason(error)}; choose another output folder"
    return fail("unwritable", message, Span(path))


def as_bytes(text: str) -> bytes:
    """Encode a text as UTF-8, in which a file name stands for the bytes that it has on the disk.

    Python represents bytes of file names that it cannot decode as lone surrogates (PEP 383). That concerns names that
    are not valid UTF-8 and, in a process with an ASCII locale, all other non-ASCII names.
    """
    return text.encode("utf-8", "surrogateescape")


def as_text(data: bytes) -> str:
    """Decode what `as_bytes` encoded, with file names as this process represents them."""
    return os.fsdecode(data)


def sweep(folders: Iterable[str], run: str) -> None:
    """Remove leftover temporary files from `folders`.

    These are the staged files that this run did not move, and the files of processes that were killed long enough ago.
    """
    oldest = time.time() - _MAX_WRITE_TIME
    for folder in sorted(folders):
        with suppress(OSError):
            for entry in os.scandir(folder or os.curdir):
                match = _TEMPORARY.fullmatch(entry.name)
                if match and (match[1] == run or entry.stat().st_mtime < oldest):
                    Path(entry.path).unlink()


def read(path: str) -> bytes | None:
    """Return the content of a file, or None if it cannot be read."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - thousands of files: `pathlib` interns every name
            return file.read()
    except OSError:
        return None
