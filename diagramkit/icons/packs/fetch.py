"""Fetches packs from a folder, a zip, an npm tarball or package, or an Iconify set.

Nothing is unpacked to the disk: files are read into memory one by one, within limits. An archive is rejected as a
whole if it contains paths that point outside it, links, or files that exceed the limits.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import lzma
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from msgspec import Struct

from diagramkit.diagnostics import DiagramError, Span, fail, os_error_reason
from diagramkit.extras import install_command
from diagramkit.files import content, parse_json

NPM = "npm:"
_SPEC = re.compile(r"((?:@[a-z0-9][a-z0-9._-]*/)?[a-z0-9][a-z0-9._-]*)(?:@([0-9A-Za-z][\w.+-]*))?")
_MAX_FILES = 50_000
_MAX_TOTAL_BYTES = 512_000_000
_MAX_FILE_BYTES = 64_000_000
_MAX_UNPACKED_BYTES = 2_000_000_000
_EXTENSIONS = (".svg", ".png", ".json")
_NPM_TIMEOUT = 120  # Seconds.
_SOURCES = "a folder, a .zip, a .tgz, an Iconify .json, or npm:NAME@VERSION"


class PackArchive(Struct, frozen=True):
    """The files of a pack by their paths, and the source that they are from.

    `integrity` is the hash of the archive as npm writes it; None for folders.
    """

    name: str
    version: str
    source: str
    files: tuple[tuple[str, bytes], ...]
    integrity: str | None = None


def fetch(source: str, integrity: str | None = None, folder: Path = Path()) -> PackArchive:
    """Return the files of a pack. `integrity` is the expected hash of its archive, if it is known.

    `folder` is the folder that a relative path is relative to. Raises `DiagramError` (no-such-pack, bad-pack,
    pack-differs, no-npm).
    """
    if source.startswith(NPM):
        return _npm(source, integrity)
    path = folder / source
    if path.is_dir():
        return PackArchive(_pack_name(path.resolve().name), "0", source, tuple(_folder_files(path, source)))
    try:
        raw = content(path)
    except OSError as error:
        message = f"there is no such pack ({os_error_reason(error)}); expected {_SOURCES}"
        raise fail("no-such-pack", message, Span(source)) from None
    _verify(raw, integrity, source)
    return _read_archive(path.name, source, raw)


def source_in_project(source: str, folder: Path, root: Path) -> str | None:
    """Return a source as the settings of the project in `root` name it, or None if only this machine can fetch it.

    A path, which is relative to `folder`, must be inside the project and becomes relative to it.
    """
    if source.startswith(NPM):
        return source
    path = (folder / source).resolve()
    return path.relative_to(root.resolve()).as_posix() if path.is_relative_to(root.resolve()) else None


def integrity_of(raw: bytes) -> str:
    """Return the hash of an archive as npm writes it (Subresource Integrity, SHA-512)."""
    return "sha512-" + base64.b64encode(hashlib.sha512(raw).digest()).decode("ascii")


def _verify(raw: bytes, expected: str | None, source: str) -> None:
    """Raise `DiagramError` (pack-differs) if an archive does not have the expected hash."""
    actual = integrity_of(raw)
    if expected and actual != expected:
        message = f"the content has changed: its hash is {actual[:22]}…, not {expected[:22]}…; nothing was written"
        raise fail("pack-differs", message, Span(source))


def _read_archive(file: str, source: str, raw: bytes) -> PackArchive:
    """Return the files of an archive, whose type is that of its name `file`."""
    try:
        if file.endswith(".json"):
            files: list[tuple[str, bytes]] = [(file, raw)]
        elif file.endswith((".tgz", ".tar.gz")):
            files = list(_tar_files(raw, source))
        elif file.endswith(".zip"):
            files = list(_zip_files(raw, source))
        else:
            raise fail("bad-pack", f"this is not an icon pack; expected {_SOURCES}", Span(source))
    except (
        zipfile.BadZipFile,
        tarfile.TarError,
        EOFError,
        OSError,
        ValueError,
        RuntimeError,
        zlib.error,
        lzma.LZMAError,
    ) as error:
        message = f"cannot be unpacked: {error or 'the file is truncated'}; download it again"
        raise fail("bad-pack", message, Span(source)) from None
    package = _package_info(files)
    stem = re.sub(r"\.(?:tar\.gz|tgz|zip|json)$", "", file)
    return PackArchive(
        _pack_name(package.get("name") or stem),
        package.get("version") or "0",
        source,
        tuple(files),
        integrity_of(raw),
    )


def _package_info(files: list[tuple[str, bytes]]) -> dict[str, str]:
    """Return the name and version from the package.json at the top level, as far as it states them."""
    for name, raw in files:
        if PurePosixPath(name).parts[-1] == "package.json" and name.count("/") <= 1:
            try:
                content = parse_json(raw)
            except ValueError:
                return {}
            return {key: str(content[key]) for key in ("name", "version") if key in content}
    return {}


def _pack_name(name: str) -> str:
    """Return the name of a pack: lower case, without an npm scope, so that `@iconify-json/logos` is `logos`."""
    name = name.rpartition("/")[2]
    return re.sub(r"[^a-z0-9._-]+", "-", name.lower()).strip("-._")[:64] or "pack"


def _is_relevant(name: str) -> bool:
    """Return whether a file may contain icons or describe them."""
    path = PurePosixPath(name)
    hidden = any(part.startswith((".", "__MACOSX")) for part in path.parts)
    return path.suffix.lower() in _EXTENSIONS and not hidden


class _Limits:
    """Checks the entries of one source: counts them and their bytes, and rejects unsafe paths."""

    def __init__(self, source: str) -> None:
        self.source, self.files, self.bytes = source, 0, 0

    def check_path(self, name: str, is_link: bool) -> None:
        """Raise `DiagramError` (bad-pack) if an entry is a link or its path points outside the archive."""
        path = PureWindowsPath(name)  # It also splits at `/`.
        if path.drive or path.root or ".." in path.parts or "\0" in name:
            raise self.error(f"contains the path {name[:80]!r}, which points outside of it")
        if is_link:
            raise self.error(f"contains a link, {name[:80]!r}")

    def add_file(self, name: str, size: int) -> None:
        """Count a file of `size` bytes. Raises `DiagramError` (bad-pack) if a limit is exceeded."""
        self.files += 1
        self.bytes += size
        if size > _MAX_FILE_BYTES:
            raise self.error(f"contains {name[:80]!r}, which is larger than {_MAX_FILE_BYTES // 1_000_000} MB")
        if self.files > _MAX_FILES or self.bytes > _MAX_TOTAL_BYTES:
            raise self.error(f"contains more than {_MAX_FILES} files or {_MAX_TOTAL_BYTES // 1_000_000} MB")

    def error(self, message: str) -> DiagramError:
        """Return the error that rejects the source."""
        return fail("bad-pack", f"{message}; nothing was written", Span(self.source))


def _zip_files(raw: bytes, source: str) -> Iterator[tuple[str, bytes]]:
    limits = _Limits(source)
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        for entry in archive.infolist():
            limits.check_path(entry.filename, (entry.external_attr >> 28) == 0o12)
        for entry in archive.infolist():
            if not entry.is_dir() and _is_relevant(entry.filename):
                limits.add_file(entry.filename, entry.file_size)
                with archive.open(entry) as file:
                    # The header may declare too small a size: expand no more than was counted.
                    yield entry.filename, file.read(entry.file_size)


class _Unpacked(gzip.GzipFile):
    """The content of a gzip file, read within a limit: what is skipped in it has to be unpacked too."""

    _total = 0

    def read(self, size: int | None = -1) -> bytes:
        """Return the next bytes. Raises `ValueError` above the limit."""
        data = super().read(size)
        self._total += len(data)
        if self._total > _MAX_UNPACKED_BYTES:
            raise ValueError(f"it contains more than {_MAX_UNPACKED_BYTES // 1_000_000} MB")
        return data


def _tar_files(raw: bytes, source: str) -> Iterator[tuple[str, bytes]]:
    limits = _Limits(source)
    with _Unpacked(fileobj=io.BytesIO(raw)) as unpacked:
        with tarfile.open(fileobj=unpacked, mode="r|") as archive:
            for entry in archive:
                limits.check_path(entry.name, entry.issym() or entry.islnk())
                if entry.isfile() and _is_relevant(entry.name):
                    limits.add_file(entry.name, entry.size)
                    file = archive.extractfile(entry)
                    assert file is not None
                    yield entry.name, file.read()
        while unpacked.read(1 << 20):  # The checksum is at the end, behind what `tarfile` reads.
            pass


def _folder_files(folder: Path, source: str) -> Iterator[tuple[str, bytes]]:
    limits, root = _Limits(source), folder.resolve()
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if not _is_relevant(name) or not path.is_file():
            continue  # A folder, a pipe, or a link that leads to itself.
        if not path.resolve().is_relative_to(root):
            raise limits.error(f"contains a link to a file outside of it, {name[:80]!r}")
        limits.add_file(name, path.stat().st_size)
        try:
            yield name, path.read_bytes()
        except OSError as error:
            raise fail("bad-pack", f"cannot be read: {os_error_reason(error)}", Span(f"{source}/{name}")) from None


def _npm(source: str, integrity: str | None) -> PackArchive:
    """Return the files of an npm package, verified by the hash that the registry and the settings state."""
    match = _SPEC.fullmatch(source.removeprefix(NPM))
    if not match:
        message = f"'{source}' is not an npm package name; expected npm:NAME or npm:NAME@VERSION"
        raise fail("no-such-pack", message, Span(source))
    spec = f"{match[1]}@{match[2] or 'latest'}"
    answer = _run_npm(["view", spec, "name", "version", "dist.integrity", "--json"], source)
    # The answer is a list if several versions match; the last one is the newest.
    package: Any = answer[-1] if isinstance(answer, list) else answer
    expected = package.get("dist.integrity") if isinstance(package, dict) else None
    version = package.get("version") if isinstance(package, dict) else None
    if not expected or not isinstance(version, str):
        missing = "version" if expected else "integrity hash"
        message = f"npm reports no {missing} for this package; name another version, as in npm:{match[1]}@1.0.0"
        raise fail("no-such-pack", message, Span(source))
    if integrity and integrity != expected:
        message = f"npm reports the hash {expected[:22]}… for this package, but {integrity[:22]}… is listed"
        raise fail("pack-differs", message, Span(source))
    with tempfile.TemporaryDirectory() as folder:
        exact = f"{match[1]}@{version}"
        _run_npm(["pack", exact, "--ignore-scripts", "--json", "--pack-destination", folder], source)
        raw = next((path.read_bytes() for path in Path(folder).glob("*.tgz")), None)
    if raw is None:
        message = f"npm downloaded no archive of {exact}; run 'npm pack {exact}' and add the .tgz file that it writes"
        raise fail("no-such-pack", message, Span(source))
    _verify(raw, expected, source)
    archive = _read_archive("package.tgz", source, raw)
    return PackArchive(_pack_name(match[1]), version, NPM + exact, archive.files, expected)


def _run_npm(arguments: list[str], source: str) -> Any:
    """Run npm and return the JSON that it prints. Raises `DiagramError` (no-npm, no-such-pack)."""
    import shutil

    # The extra `npm` installs npm next to Python, in a folder that is not always in the search path.
    npm = shutil.which("npm") or shutil.which("npm", path=str(Path(sys.executable).parent))
    if npm is None:
        message = (
            f"npm is not installed; install it with {install_command('npm')}, or install Node.js, or download the "
            "package's .tgz and add that file"
        )
        raise fail("no-npm", message, Span(source))
    try:
        process = subprocess.run(  # noqa: S603 - a fixed command; the package's name was checked
            [npm, *arguments],
            capture_output=True,
            timeout=_NPM_TIMEOUT,
            check=False,
            cwd=tempfile.gettempdir(),
            encoding="utf-8",
            errors="replace",
        )
        answer = parse_json(process.stdout)
    except subprocess.TimeoutExpired:
        raise fail("no-such-pack", f"npm did not respond within {_NPM_TIMEOUT} seconds", Span(source)) from None
    except ValueError:
        answer = None
    if process.returncode or not answer:
        error = answer.get("error", {}) if isinstance(answer, dict) else {}
        reason = error.get("summary") or error.get("code") or "it printed no answer"
        message = f"npm cannot fetch this package: {' '.join(str(reason).split())[:200]}"
        raise fail("no-such-pack", message, Span(source))
    return answer
