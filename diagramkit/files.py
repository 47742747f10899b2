"""Reading, writing and removing files.

Every write is atomic: a file gets its new content completely or not at all. All files of users are written and removed
here, where `write_scope` checks that they are in the project or at a location that the command line names.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import stat
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from msgspec import Struct

from diagramkit import atomic_write, timing, write_scope
from diagramkit.diagnostics import DiagramError, Span, fail, os_error_reason

_PREFIX = ".diagramkit-"
"""How the names of temporary files begin."""
_TEMPORARY = re.compile(r"\.diagramkit-([a-z0-9]{8})?[a-z0-9_]{8}")
_IMPOSSIBLE = (errno.ENAMETOOLONG, errno.EINVAL)
"""The errors about a path that no file can have."""
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

    If `path` is a link, its target is written. Raises `DiagramError` (outside, unwritable); then the file is unchanged.
    """
    real_path = _resolve_file(path)
    if read(real_path) == data:
        return False
    try:
        atomic_write.atomic_write(Path(real_path), data, _PREFIX)
    except OSError as error:
        raise _unwritable(path, error) from None
    return True


def write_folder(path: str, contents: Mapping[str, bytes]) -> None:
    """Replace a folder with one that has the files `contents`, by name.

    Raises `DiagramError` (outside, unwritable); then the folder is as it was before.
    """
    real_path = write_scope.resolve(path)
    try:
        atomic_write.replace_folder(Path(real_path), contents, _PREFIX)
    except OSError as error:
        raise _unwritable(path, error) from None


def remove(path: str) -> None:
    """Remove a file; of a link, the link itself. Raises `DiagramError` (outside, unwritable)."""
    real_path = write_scope.resolve_entry(path)
    try:
        os.unlink(real_path)
    except OSError as error:
        raise fail("unwritable", f"cannot be removed: {os_error_reason(error)}", Span(path)) from None


def _resolve_file(path: str) -> str:
    """Return the real path of a file to write.

    Raises `DiagramError`: outside, or unwritable if a device or pipe is there, which must not be replaced with a file.
    """
    real_path = write_scope.resolve(path)
    try:
        mode = os.stat(real_path).st_mode
    except OSError:
        return real_path
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise fail("unwritable", "is not a regular file; choose another path", Span(path))
    return real_path


def digest_of(path: str) -> str:
    """Return the SHA-256 digest of a file, or "" if it cannot be read."""
    digest = hashlib.sha256()
    try:
        with _open(path) as file:
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
        path = atomic_write.write_staged(Path(write_scope.resolve(folder)), data, _PREFIX + run)
    except (OSError, DiagramError):
        return None
    return StagedFile(path, len(data), hashlib.sha256(data).hexdigest())


@timing.step("write")
def move(path: str, staged: StagedFile) -> bool:
    """Move a staged file to `path`. Return False, and leave the file there alone, if it has the same content.

    The file is not flushed to the disk, which would take 8 % of the total time and more on slow disks. A file that a
    loss of power damages no longer matches its recorded digest, so the next run draws it again.

    Raises `DiagramError` (outside, unwritable); then the file at `path` is unchanged.
    """
    real_path = _resolve_file(path)
    try:
        if _has_content(real_path, staged):
            os.unlink(staged.path)
            return False
        os.makedirs(os.path.dirname(real_path), exist_ok=True)  # noqa: PTH120 - thousands are moved
        os.replace(staged.path, real_path)
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
    for folder in folders:
        with suppress(OSError, DiagramError):
            for entry in os.scandir(write_scope.resolve(folder)):
                match = _TEMPORARY.fullmatch(entry.name)
                if match and (match[1] == run or entry.stat().st_mtime < oldest):
                    Path(entry.path).unlink()


def can_exist(path: str | Path) -> bool:
    """Return whether there can be a file at a path.

    A source may name others: with NUL or a lone surrogate, or longer than any. `pathlib` and `realpath` fail for them.
    """
    try:
        os.lstat(path)
    except ValueError:
        return False
    except OSError as error:
        return error.errno not in _IMPOSSIBLE
    return True


def read(path: str) -> bytes | None:
    """Return the content of a file, or None if it cannot be read or is not a regular file."""
    try:
        return content(path)
    except OSError:
        return None


def content(path: str | Path) -> bytes:
    """Return the content of a file. Raises `OSError`, also if it is a pipe or a device."""
    with _open(path) as file:
        return file.read()


def _open(path: str | Path) -> BinaryIO:
    """Open a file to read it. Opening a pipe would wait until something is written to it; a device may have no end."""
    mode = os.stat(path).st_mode
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):  # Opening a folder fails with a reason of its own.
        raise OSError(errno.EINVAL, "Not a regular file", str(path))
    return open(path, "rb")  # noqa: PTH123 - thousands of files: `pathlib` interns every name


def parse_json(data: bytes | str) -> Any:
    """Return the value in a JSON text. Raises `ValueError`, also if it is nested too deeply for Python."""
    try:
        return json.loads(data)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
