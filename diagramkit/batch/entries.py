"""The entries of a manifest file, one per source: reading, validation and writing.

The file is JSON with the fields of `ManifestEntry`. A damaged manifest is treated as missing. That costs time, because
pictures are drawn again, but never yields a wrong picture.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from typing import TypeAlias

import msgspec
from msgspec import Struct, field

from diagramkit import files
from diagramkit.diagnostics import Diagnostic
from diagramkit.outputs import ENDINGS
from diagramkit.sources.folders import MANIFEST_NAME

_SHARD_MANIFEST = re.compile(r"\.diagramkit\.\d+-of-\d+\.json")
_FORMAT = 2


class ManifestEntry(Struct, frozen=True, omit_defaults=True):
    """What a manifest records about one source. All digests are SHA-256 in hexadecimal.

    `digest` is that of the source file, `key` that of everything else its pictures depend on (options, theme, icon
    packs, versions). `dependencies` maps the paths of the icon files it uses to their digests. `problems` are the
    diagnostics reported for it. `pictures` maps each picture's path without extension to the digests of its files by
    extension; `stale_outputs` does the same for files drawn from an earlier state of the source. `fonts` identifies
    the fonts installed on this machine; it is empty unless a picture depends on them.
    """

    digest: str
    key: str
    dependencies: dict[str, str] = field(default_factory=dict)
    problems: tuple[Diagnostic, ...] = ()
    pictures: dict[str, dict[str, str]] = field(default_factory=dict)
    stale_outputs: dict[str, dict[str, str]] = field(default_factory=dict)
    fonts: str = ""


Entries: TypeAlias = dict[str, ManifestEntry]
"""The entries by the name of their source."""


class _ManifestDocument(Struct):
    format: int
    sources: Entries


class _ManifestHeader(Struct):
    format: int = 0


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
    try:
        document = _decode(files.read(path) or b"{}")
        if document.format != _FORMAT:
            return {}
        for entry in document.sources.values():
            check_paths(entry.pictures)
            check_paths(entry.stale_outputs)
    except ValueError:
        return {}  # The manifest is damaged, so everything is drawn again.
    return document.sources


def is_outdated(path: str) -> bool:
    """Return whether a manifest file was written in another format, by another version of diagramkit."""
    data = files.read(path)
    try:
        return data is not None and msgspec.json.decode(data, type=_ManifestHeader).format not in (0, _FORMAT)
    except (ValueError, RecursionError):
        return False  # The file is damaged.


def _decode(data: bytes) -> _ManifestDocument:
    """Return the content of a manifest file. Raises `ValueError` if it is damaged."""
    try:
        return msgspec.json.decode(data, type=_ManifestDocument)
    except msgspec.ValidationError:
        raise
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except (msgspec.DecodeError, UnicodeDecodeError):  # A file name is not valid UTF-8 (PEP 383), or this is not JSON.
        return msgspec.convert(files.parse_json(files.as_text(data)), _ManifestDocument)


def check_paths(pictures: Mapping[str, Mapping[str, str]]) -> None:
    """Check the paths of the pictures in a manifest.

    `render --prune` removes files that a manifest lists, so each path must stay within the output folder and have the
    extension of an output format. Raises `ValueError` with the first path that does not.
    """
    for stem, extensions in pictures.items():
        if not set(extensions) <= set(ENDINGS) or any(
            part in ("", ".", "..") or "\\" in part or ":" in part for part in stem.split("/")
        ):
            raise ValueError(stem)


def to_json(entries: Entries) -> bytes:
    """Return the content of a manifest file: sorted by source, with one value per line."""
    document = _ManifestDocument(_FORMAT, dict(sorted(entries.items())))
    try:
        return msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n"
    except UnicodeEncodeError:  # A file name is not valid UTF-8.
        return json.dumps(msgspec.to_builtins(document), indent=1).encode("ascii") + b"\n"
