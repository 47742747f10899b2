"""Files written whole or not at all: beside their place first, then moved into it."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from diagramkit import atomic_write, timing
from diagramkit.diagnostics import DiagramError, Span, fail, os_error_reason

_BESIDE = ".diagramkit-"
_LEFT = re.compile(r"\.diagramkit-([a-z0-9]{8})?[a-z0-9_]{8}")
_OLD = 60  # Seconds after which nobody writes a file any more.


class StagedFile(Struct, frozen=True):
    """A file that is written and waits, in the folder where it is to go or above it: its path, its size in bytes,
    and its digest (SHA-256)."""

    path: str
    size: int
    digest: str


@timing.step("write")
def write(path: str, data: bytes) -> bool:
    """Write `data`; False where the file already holds just that, and is left alone.

    Raises `DiagramError` (unwritable); then the file is as it was.
    """
    if read(path) == data:
        return False
    try:
        atomic_write.atomic_write(Path(path), data, _BESIDE)
    except OSError as error:
        raise _unwritable(path, error) from None
    return True


@timing.step("write")
def write_pieces(path: str, pieces: Iterable[bytes]) -> str:
    """As `write`, what comes in pieces, whatever the file holds; its digest (SHA-256)."""
    digest = hashlib.sha256()

    def counted() -> Iterator[bytes]:
        for piece in pieces:
            digest.update(piece)
            yield piece

    try:
        atomic_write.atomic_write(Path(path), counted(), _BESIDE)
    except OSError as error:
        raise _unwritable(path, error) from None
    return digest.hexdigest()


def digest_of(path: str) -> str:
    """A file's digest (SHA-256); nothing where it cannot be read."""
    digest = hashlib.sha256()
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - as everywhere here
            while piece := file.read(1 << 20):
                digest.update(piece)
    except OSError:
        return ""
    return digest.hexdigest()


@timing.step("write")
def staged(folder: str, run: str, data: bytes) -> StagedFile | None:
    """`data` written into a folder, to be moved to its place later; None where that cannot be done. `run` (8 small
    letters and digits) is in its name: what is never moved is swept with that."""
    try:
        path = atomic_write.write_staged(Path(folder), data, _BESIDE + run)
    except OSError:
        return None
    return StagedFile(path, len(data), hashlib.sha256(data).hexdigest())


@timing.step("write")
def move(path: str, waiting: StagedFile) -> bool:
    """Move a file that waits to its place; False where the one there holds just that already, and is left alone.

    It is not waited for until it is on the disk, 8 % of the whole and more on slow ones: what a loss of power leaves
    of it has not its digest, and is drawn again.

    Raises `DiagramError` (unwritable); then the file is as it was.
    """
    try:
        if _holds(path, waiting):
            os.unlink(waiting.path)
            return False
        os.makedirs(os.path.dirname(path) or os.curdir, exist_ok=True)  # noqa: PTH120 - thousands are moved
        os.replace(waiting.path, path)
    except OSError as error:
        if error.errno == errno.EXDEV and (data := read(waiting.path)) is not None:
            made = write(path, data)  # The folder of its place is a file system of its own.
            Path(waiting.path).unlink(missing_ok=True)
            return made
        raise _unwritable(path, error) from None
    return True


def _holds(path: str, waiting: StagedFile) -> bool:
    try:
        if os.stat(path).st_size != waiting.size:
            return False
    except OSError:
        return False
    return hashlib.sha256(read(path) or b"").hexdigest() == waiting.digest


def _unwritable(path: str, error: OSError) -> DiagramError:
    message = f"cannot be written: {os_error_reason(error)}; choose another output folder"
    return fail("unwritable", message, Span(path))


def as_bytes(text: str) -> bytes:
    """A text as UTF-8. A file's name in it that is none, or that this process took for none (its locale knows
    ASCII alone), is the bytes that it has on the disk (PEP 383)."""
    return text.encode("utf-8", "surrogateescape")


def as_text(data: bytes) -> str:
    """What `as_bytes` wrote, as this process names files."""
    return os.fsdecode(data)


def sweep(folders: Iterable[str], run: str) -> None:
    """Remove from folders what processes left that were killed while they wrote, and all that this run had written
    beside its place and did not move."""
    before = time.time() - _OLD
    for folder in sorted(folders):
        with suppress(OSError):
            for one in os.scandir(folder or os.curdir):
                found = _LEFT.fullmatch(one.name)
                if found and (found[1] == run or one.stat().st_mtime < before):
                    Path(one.path).unlink()


def read(path: str) -> bytes | None:
    """What the file holds, or None where it cannot be read."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - of thousands: `pathlib` keeps a place for each name
            return file.read()
    except OSError:
        return None
