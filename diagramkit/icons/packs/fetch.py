"""What a pack is brought from: a folder, a zip, an npm tarball or package, an Iconify set.

Nothing is unpacked onto the disk: files are read into memory, one by one, within limits. Names that
lead out of the archive, links, and files larger than they may be make the whole archive refused.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import subprocess
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from msgspec import Struct

from diagramkit.diagnostics import DiagramError, Span, fail, os_error_reason

NPM = "npm:"
_SPEC = re.compile(r"((?:@[a-z0-9][a-z0-9._-]*/)?[a-z0-9][a-z0-9._-]*)(?:@([0-9A-Za-z][\w.+-]*))?")
_MOST_FILES = 50_000
_MOST_BYTES = 512_000_000
_LARGEST = 64_000_000
_WANTED = (".svg", ".png", ".json")
_PATIENCE = 120  # Seconds that npm may take.


class PackArchive(Struct, frozen=True):
    """Files of a pack by their path, and where they are from. `integrity` as npm writes it."""

    name: str
    version: str
    source: str
    files: tuple[tuple[str, bytes], ...]
    integrity: str | None = None


def fetch(source: str, integrity: str | None = None) -> PackArchive:
    """The files of a pack. `integrity`: what its archive must have, where that is known.

    Raises `DiagramError` (no-such-pack, bad-pack, pack-differs, no-npm, …).
    """
    if source.startswith(NPM):
        return _npm(source, integrity)
    path = Path(source)
    if path.is_dir():
        return PackArchive(_plain(path.resolve().name), "0", source, tuple(_folder(path, source)))
    try:
        raw = path.read_bytes()
    except OSError as error:
        message = f"there is no such pack ({os_error_reason(error)}); name a folder, a .zip, a .tgz, an Iconify .json, or npm:NAME@VERSION"
        raise fail("no-such-pack", message, Span(source)) from None
    _compare(raw, integrity, source)
    return _archive(path.name, source, raw)


def integrity_of(raw: bytes) -> str:
    """The hash of an archive as npm writes it."""
    return "sha512-" + base64.b64encode(hashlib.sha512(raw).digest()).decode("ascii")


def _compare(raw: bytes, expected: str | None, source: str) -> None:
    found = integrity_of(raw)
    if expected and found != expected:
        message = f"is not what it was: its hash is {found[:22]}…, not {expected[:22]}…; nothing was written"
        raise fail("pack-differs", message, Span(source))


def _archive(file: str, source: str, raw: bytes) -> PackArchive:
    try:
        if file.endswith(".json"):
            files: list[tuple[str, bytes]] = [(file, raw)]
        elif file.endswith((".tgz", ".tar.gz")):
            files = list(_tar(raw, source))
        elif file.endswith(".zip"):
            files = list(_zip(raw, source))
        else:
            message = "is no pack; name a folder, a .zip, a .tgz, an Iconify .json, or npm:NAME@VERSION"
            raise fail("bad-pack", message, Span(source))
    except (
        zipfile.BadZipFile,
        tarfile.TarError,
        EOFError,
        OSError,
        ValueError,
        RuntimeError,
        NotImplementedError,
    ) as error:
        message = f"cannot be unpacked: {error or 'it ends too early'}; fetch it again"
        raise fail("bad-pack", message, Span(source)) from None
    said = _package(files)
    stem = re.sub(r"\.(?:tar\.gz|tgz|zip|json)$", "", file)
    return PackArchive(
        _plain(said.get("name") or stem),
        said.get("version") or "0",
        source,
        tuple(files),
        integrity_of(raw),
    )


def _package(files: list[tuple[str, bytes]]) -> dict[str, str]:
    """Name and version from a package.json at the top."""
    for name, raw in files:
        if PurePosixPath(name).parts[-1] == "package.json" and name.count("/") <= 1:
            try:
                found = json.loads(raw)
            except ValueError:
                return {}
            return {key: str(found[key]) for key in ("name", "version") if key in found}
    return {}


def _plain(name: str) -> str:
    """A pack's name: of letters, digits and hyphens. `@iconify-json/logos` is `logos`."""
    name = name.rpartition("/")[2]
    return re.sub(r"[^a-z0-9._-]+", "-", name.lower()).strip("-._")[:64] or "pack"


def _wanted(name: str) -> bool:
    path = PurePosixPath(name)
    hidden = any(part.startswith((".", "__MACOSX")) for part in path.parts)
    return path.suffix.lower() in _WANTED and not hidden


class _Limits:
    """Counts what was read, and refuses names that lead elsewhere."""

    def __init__(self, source: str) -> None:
        self.source, self.files, self.bytes = source, 0, 0

    def name(self, name: str, is_link: bool) -> None:
        windows, posix = PureWindowsPath(name), PurePosixPath(name)
        if (
            posix.is_absolute()
            or windows.drive
            or windows.root
            or ".." in (*posix.parts, *windows.parts)
            or "\0" in name
        ):
            raise self.refused(f"holds the name {name[:80]!r}, which leads out of it")
        if is_link:
            raise self.refused(f"holds a link, {name[:80]!r}")

    def size(self, name: str, size: int) -> None:
        self.files += 1
        self.bytes += size
        if size > _LARGEST:
            raise self.refused(f"holds {name[:80]!r}, which is larger than {_LARGEST // 1_000_000} MB")
        if self.files > _MOST_FILES or self.bytes > _MOST_BYTES:
            raise self.refused(f"holds more than {_MOST_FILES} files or {_MOST_BYTES // 1_000_000} MB")

    def refused(self, message: str) -> DiagramError:
        return fail("bad-pack", f"{message}; nothing was written", Span(self.source))


def _zip(raw: bytes, source: str) -> Iterator[tuple[str, bytes]]:
    limits = _Limits(source)
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        for entry in archive.infolist():
            limits.name(entry.filename, (entry.external_attr >> 28) == 0o12)
        for entry in archive.infolist():
            if not entry.is_dir() and _wanted(entry.filename):
                limits.size(entry.filename, entry.file_size)
                with archive.open(entry) as file:
                    yield entry.filename, file.read(entry.file_size + 1)[: entry.file_size]


def _tar(raw: bytes, source: str) -> Iterator[tuple[str, bytes]]:
    limits = _Limits(source)
    with tarfile.open(fileobj=io.BytesIO(raw), mode="r:gz") as archive:
        for entry in archive:
            limits.name(entry.name, entry.issym() or entry.islnk())
            if entry.isfile() and _wanted(entry.name):
                limits.size(entry.name, entry.size)
                file = archive.extractfile(entry)
                assert file is not None
                data = file.read()
                if len(data) != entry.size:
                    raise EOFError("it ends too early")
                yield entry.name, data


def _folder(folder: Path, source: str) -> Iterator[tuple[str, bytes]]:
    limits, root = _Limits(source), folder.resolve()
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if not _wanted(name) or path.is_dir():
            continue
        if not path.resolve().is_relative_to(root):
            raise limits.refused(f"holds a link out of it, {name[:80]!r}")
        limits.size(name, path.stat().st_size)
        try:
            yield name, path.read_bytes()
        except OSError as error:
            raise fail("bad-pack", f"cannot be read: {os_error_reason(error)}", Span(f"{source}/{name}")) from None


def _npm(source: str, integrity: str | None) -> PackArchive:
    match = _SPEC.fullmatch(source.removeprefix(NPM))
    if not match:
        message = f"'{source}' names no npm package; write npm:NAME or npm:NAME@VERSION"
        raise fail("no-such-pack", message, Span(source))
    spec = f"{match[1]}@{match[2] or 'latest'}"
    told = _ask_npm(["view", spec, "name", "version", "dist.integrity", "--json"], source)
    found: Any = told[-1] if isinstance(told, list) and told else told
    expected = found.get("dist.integrity") if isinstance(found, dict) else None
    if not expected:
        raise fail("no-such-pack", "npm tells no integrity hash of it; name another version", Span(source))
    if integrity and integrity != expected:
        message = f"npm has another hash for it ({expected[:22]}…) than the one listed ({integrity[:22]}…)"
        raise fail("pack-differs", message, Span(source))
    with tempfile.TemporaryDirectory(prefix="diagramkit-") as folder:
        exact = f"{match[1]}@{found['version']}"
        _ask_npm(["pack", exact, "--ignore-scripts", "--json", "--pack-destination", folder], source)
        raw = next(Path(folder).glob("*.tgz")).read_bytes()
    _compare(raw, expected, source)
    brought = _archive("package.tgz", source, raw)
    return PackArchive(_plain(match[1]), found["version"], NPM + exact, brought.files, expected)


def _ask_npm(arguments: list[str], source: str) -> Any:
    """What npm answers, as JSON."""
    import shutil

    npm = shutil.which("npm")
    if npm is None:
        message = "npm is not installed; install Node.js, or fetch the package's .tgz and name that file"
        raise fail("no-npm", message, Span(source))
    try:
        done = subprocess.run(  # noqa: S603 - a fixed command; the package's name was checked
            [npm, *arguments],
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            check=False,
            cwd=tempfile.gettempdir(),
            encoding="utf-8",
            errors="replace",
        )
        answer = json.loads(done.stdout or "null")
    except subprocess.TimeoutExpired:
        raise fail("no-such-pack", f"npm did not answer in {_PATIENCE} seconds", Span(source)) from None
    except ValueError:
        answer = None
    if done.returncode or not answer:
        error = answer.get("error", {}) if isinstance(answer, dict) else {}
        said = error.get("summary") or error.get("code") or "it answered nothing"
        message = f"npm cannot fetch it: {' '.join(str(said).split())[:200]}"
        raise fail("no-such-pack", message, Span(source))
    return answer
