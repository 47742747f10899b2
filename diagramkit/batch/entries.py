"""The entries of a manifest file, one per source: reading, validation and writing.

A damaged manifest or entry is treated as missing. That costs time, because pictures are drawn again, but never yields
a wrong picture.
"""

from __future__ import annotations

import json
import marshal
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from typing import Any

import msgspec
from msgspec import Struct, field

from diagramkit import files
from diagramkit.diagnostics import Diagnostic, Excerpt, Span
from diagramkit.outputs import FORMATS

MANIFEST_NAME = ".diagramkit.json"
_SHARD_MANIFEST = re.compile(r"\.diagramkit\.\d+-of-\d+\.json")
_FORMAT = 1
_MARSHAL_VERSION = 2  # Without references (those came with version 3), so that equal values have equal bytes.


class ManifestEntry(Struct, frozen=True):
    """What a manifest records about one source. All digests are SHA-256 in hexadecimal.

    `digest` is that of the source file, `key` that of everything else its pictures depend on (options, theme, icon
    packs, versions). `dependencies` maps the paths of the icon files it uses to their digests. `problems` are the
    diagnostics reported for it. `pictures` maps each picture's path without extension to the digests of its files by
    extension; `stale_outputs` does the same for files drawn from an earlier state of the source. `fonts` identifies
    the fonts installed on this machine; it is empty unless a picture depends on them.
    """

    digest: str
    key: str
    dependencies: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Diagnostic, ...] = ()
    pictures: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    stale_outputs: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    fonts: str = ""


class Entries(MutableMapping[str, ManifestEntry]):
    """A mapping from source names to entries, each stored as packed bytes.

    As objects, the entries of ten thousand sources take 12 MB more.
    """

    def __init__(self, entries: Mapping[str, ManifestEntry] | None = None) -> None:
        self._packed: dict[str, bytes] = {}
        self.update(entries or {})

    def __getitem__(self, name: str) -> ManifestEntry:
        return _unpack(self._packed[name])

    def __setitem__(self, name: str, entry: ManifestEntry) -> None:
        self._packed[name] = _pack(entry)

    def __delitem__(self, name: str) -> None:
        del self._packed[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._packed)

    def __len__(self) -> int:
        return len(self._packed)

    def __contains__(self, name: object) -> bool:
        return name in self._packed

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Entries):
            return self._packed == other._packed
        return isinstance(other, Mapping) and dict(self) == other

    __hash__ = None  # type: ignore[assignment]  # The mapping is mutable.

    def overridden_by(self, other: Entries, names: Iterable[str]) -> Entries:
        """Return a copy in which the entries called `names` are those of `other`."""
        merged = Entries()
        merged._packed = {**self._packed, **{name: other._packed[name] for name in names}}
        return merged

    def filtered(self, is_wanted: Callable[[str], bool]) -> Entries:
        """Return a copy with only the entries whose names satisfy `is_wanted`."""
        subset = Entries()
        subset._packed = {name: packed for name, packed in self._packed.items() if is_wanted(name)}
        return subset


def _pack(entry: ManifestEntry) -> bytes:
    """Return an entry as bytes, for use within this process.

    The format is marshal because file names that are not valid UTF-8 (PEP 383) can occur, which MessagePack rejects.
    """
    problems = msgspec.to_builtins(entry.problems) if entry.problems else ()
    digests = _pack_digest(entry.digest), _pack_digest(entry.key), _pack_digests(entry.dependencies)
    outputs = [
        {stem: _pack_digests(extensions) for stem, extensions in pictures.items()}
        for pictures in (entry.pictures, entry.stale_outputs)
    ]
    return marshal.dumps((*digests, problems, *outputs, entry.fonts), _MARSHAL_VERSION)


def _unpack(packed: bytes) -> ManifestEntry:
    fields = marshal.loads(packed)  # noqa: S302 - of `_pack`, never of a file
    digest, key, dependencies, diagnostics, *outputs, fonts = fields
    problems = msgspec.convert(diagnostics, tuple[Diagnostic, ...]) if diagnostics else ()
    pictures, stale_outputs = (
        {stem: _unpack_digests(extensions) for stem, extensions in group.items()} for group in outputs
    )
    return ManifestEntry(
        _unpack_digest(digest),
        _unpack_digest(key),
        _unpack_digests(dependencies),
        problems,
        pictures,
        stale_outputs,
        fonts,
    )


def _pack_digest(digest: str) -> bytes | str:
    """Return a hexadecimal digest as raw bytes, which halves its size.

    Anything else is returned unchanged, because a manifest file may contain arbitrary strings.
    """
    try:
        raw = bytes.fromhex(digest)
    except ValueError:
        return digest
    return raw if raw.hex() == digest else digest


def _unpack_digest(packed: bytes | str) -> str:
    return packed if isinstance(packed, str) else packed.hex()


def _pack_digests(digests: Mapping[str, str]) -> dict[str, bytes | str]:
    return {name: _pack_digest(digest) for name, digest in digests.items()}


def _unpack_digests(packed: Mapping[str, bytes | str]) -> dict[str, str]:
    return {name: _unpack_digest(digest) for name, digest in packed.items()}


def shard_manifests(folder: str) -> list[str]:
    """Return the sorted paths of the manifests that shards wrote to a folder."""
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return []
    return [os.path.join(folder, name) for name in names if _SHARD_MANIFEST.fullmatch(name)]


def read_all(folder: str) -> Entries:
    """Return the entries of a folder's manifest, merged with those of the shards' manifests."""
    entries = read(os.path.join(folder, MANIFEST_NAME))
    for path in shard_manifests(folder):
        entries.update(read(path))
    return entries


def read(path: str) -> Entries:
    """Return the entries of a manifest file by source name; none if the file is missing or damaged."""
    data = files.read(path)
    try:
        document = json.loads(files.as_text(data or b"{}"))
        if document.get("format") != _FORMAT:
            return Entries()
        entries = Entries()
        for name, fields in document["sources"].items():
            # The round trip checks the types of all values.
            entries[name] = msgspec.convert(msgspec.to_builtins(_parse_entry(fields)), ManifestEntry)
    except (ValueError, KeyError, TypeError, AttributeError):
        return Entries()  # The manifest is damaged, so everything is drawn again.
    return entries


def _parse_entry(fields: dict[str, Any]) -> ManifestEntry:
    """Return an entry from its JSON object; the inverse of `_as_json_object`."""
    problems = tuple(
        Diagnostic(
            str(code),
            str(message),
            Span("", int(line), int(column)),
            str(severity),
            _parse_excerpt(excerpt),
        )
        for severity, code, message, line, column, excerpt in fields.get("told", ())
    )
    dependencies = dict(fields.get("needs", {}))
    return ManifestEntry(
        fields["digest"],
        fields["key"],
        dependencies,
        problems,
        validated_pictures(fields["pictures"]),
        validated_pictures(fields.get("older", {})),
        str(fields.get("fonts", "")),
    )


def _parse_excerpt(fields: tuple[str, int, int] | None) -> Excerpt | None:
    return Excerpt(str(fields[0]), int(fields[1]), int(fields[2])) if fields else None


def validated_pictures(pictures: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """Return a copy of the pictures recorded in a manifest after checking their paths.

    `render --prune` removes files that a manifest lists, so each path must stay within the output folder and have the
    extension of an output format. Raises `ValueError` with the first path that does not.
    """
    for stem, extensions in pictures.items():
        if not set(extensions) <= set(FORMATS) or any(
            part in ("", ".", "..") or "\\" in part or ":" in part for part in stem.split("/")
        ):
            raise ValueError(stem)
    return {stem: dict(extensions) for stem, extensions in pictures.items()}


def to_json(entries: Mapping[str, ManifestEntry]) -> Iterator[str]:
    """Yield the text of a manifest file in pieces.

    The text is what `json.dumps` writes with an indent of 1. Building it at once would take ten times the memory.
    """
    yield f'{{\n "format": {_FORMAT},\n "sources": {{'
    separator = "\n"
    for name in sorted(entries):
        text = _dump_json(_as_json_object(entries[name])).replace("\n", "\n  ")
        yield f"{separator}  {json.dumps(name, ensure_ascii=False)}: {text}"
        separator = ",\n"
    yield "\n }\n}\n" if entries else "}\n}\n"


def _dump_json(data: Any) -> str:
    """Return the text that `json.dumps` writes with an indent of 1, in a tenth of the time."""
    try:
        return msgspec.json.format(msgspec.json.encode(data), indent=1).decode("utf-8")
    except UnicodeEncodeError:  # A file name is not valid UTF-8.
        return json.dumps(data, indent=1, ensure_ascii=False)


def _as_json_object(entry: ManifestEntry) -> dict[str, Any]:
    """Return an entry as the object that the manifest file holds. Its keys are part of the file format."""
    fields: dict[str, Any] = {"digest": entry.digest, "key": entry.key}
    if entry.fonts:
        fields["fonts"] = entry.fonts
    if entry.dependencies:
        fields["needs"] = dict(sorted(entry.dependencies.items()))
    if entry.problems:
        fields["told"] = [
            [
                problem.severity,
                problem.code,
                problem.message,
                problem.span.line,
                problem.span.column,
                _excerpt_as_list(problem.excerpt),
            ]
            for problem in entry.problems
        ]
    fields["pictures"] = {stem: dict(extensions) for stem, extensions in entry.pictures.items()}
    if entry.stale_outputs:
        fields["older"] = {stem: dict(extensions) for stem, extensions in entry.stale_outputs.items()}
    return fields


def _excerpt_as_list(excerpt: Excerpt | None) -> list[str | int] | None:
    return [excerpt.line, excerpt.column, excerpt.width] if excerpt else None
