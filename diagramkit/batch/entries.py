"""What a manifest's file says of each source: read, checked, and written.

Whatever is damaged is as if it were not there: that costs time, never a picture.
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
from diagramkit.pipeline import FORMATS

NAME = ".diagramkit.json"
_PARTS = re.compile(r"\.diagramkit\.\d+-of-\d+\.json")
_FORMAT = 1
_PLAIN = 2  # The version of marshal's format in which what is equal has equal bytes, however it came about.


class ManifestEntry(Struct, frozen=True):
    """What is noted of one source. `needs`: digests of files by path; `told`: what was said of it;
    `pictures`: by their path without ending, the digest of each file by its ending; `older`: the same of
    files that were drawn of an earlier state of it; `fonts`: which fonts this machine has, where a picture
    depends on that."""

    digest: str
    key: str
    needs: Mapping[str, str] = field(default_factory=dict)
    told: tuple[Diagnostic, ...] = ()
    pictures: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    older: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    fonts: str = ""


class Entries(MutableMapping[str, ManifestEntry]):
    """Entries by their source's name, each kept packed: as objects, those of ten thousand sources take 12 MB more."""

    def __init__(self, given: Mapping[str, ManifestEntry] | None = None) -> None:
        self._packed: dict[str, bytes] = {}
        self.update(given or {})

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

    __hash__ = None  # type: ignore[assignment]  # It changes.

    def with_those_of(self, other: Entries, names: Iterable[str]) -> Entries:
        """These, and in their place those of some names that others say otherwise."""
        made = Entries()
        made._packed = {**self._packed, **{name: other._packed[name] for name in names}}
        return made

    def only(self, wanted: Callable[[str], bool]) -> Entries:
        """Those whose names are wanted."""
        made = Entries()
        made._packed = {name: packed for name, packed in self._packed.items() if wanted(name)}
        return made


def _pack(entry: ManifestEntry) -> bytes:
    """For this process alone. Names of files that are no UTF-8 (PEP 383) can be in it, which MessagePack refuses."""
    told = msgspec.to_builtins(entry.told) if entry.told else ()
    digests = _lean(entry.digest), _lean(entry.key), _all_lean(entry.needs)
    made = [
        {stem: _all_lean(endings) for stem, endings in pictures.items()} for pictures in (entry.pictures, entry.older)
    ]
    return marshal.dumps((*digests, told, *made, entry.fonts), _PLAIN)


def _unpack(packed: bytes) -> ManifestEntry:
    digest, key, needs, told, pictures, older, fonts = marshal.loads(packed)  # noqa: S302 - of `_pack`, never of a file
    problems = msgspec.convert(told, tuple[Diagnostic, ...]) if told else ()
    made, before = ({stem: _all_texts(endings) for stem, endings in one.items()} for one in (pictures, older))
    return ManifestEntry(_text(digest), _text(key), _all_texts(needs), problems, made, before, fonts)


def _lean(digest: str) -> bytes | str:
    """A digest in half as many bytes, if it is one: a manifest may say anything."""
    try:
        raw = bytes.fromhex(digest)
    except ValueError:
        return digest
    return raw if raw.hex() == digest else digest


def _text(lean: bytes | str) -> str:
    return lean if isinstance(lean, str) else lean.hex()


def _all_lean(digests: Mapping[str, str]) -> dict[str, bytes | str]:
    return {name: _lean(digest) for name, digest in digests.items()}


def _all_texts(lean: Mapping[str, bytes | str]) -> dict[str, str]:
    return {name: _text(one) for name, one in lean.items()}


def parts(folder: str) -> list[str]:
    """The manifests of parts of batches in a folder."""
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return []
    return [os.path.join(folder, name) for name in names if _PARTS.fullmatch(name)]


def read_all(folder: str) -> Entries:
    """All that is noted in a folder, in the manifest and in those of parts."""
    found = read(os.path.join(folder, NAME))
    for path in parts(folder):
        found.update(read(path))
    return found


def read(path: str) -> Entries:
    """What a manifest says, by the source's name; nothing where it is missing or damaged."""
    raw = files.read(path)
    try:
        listed = json.loads(files.as_text(raw or b"{}"))
        if listed.get("format") != _FORMAT:
            return Entries()
        found = Entries()
        for name, said in listed["sources"].items():
            found[name] = msgspec.convert(msgspec.to_builtins(_entry(said)), ManifestEntry)  # Of the right types.
    except (ValueError, KeyError, TypeError, AttributeError):
        return Entries()  # Damaged: everything is drawn again.
    return found


def _entry(said: dict[str, Any]) -> ManifestEntry:
    told = tuple(
        Diagnostic(
            str(code),
            str(message),
            Span("", int(line), int(column)),
            str(severity),
            _excerpt(shown),
        )
        for severity, code, message, line, column, shown in said.get("told", ())
    )
    needs = dict(said.get("needs", {}))
    return ManifestEntry(
        said["digest"],
        said["key"],
        needs,
        told,
        pictures_of(said["pictures"]),
        pictures_of(said.get("older", {})),
        str(said.get("fonts", "")),
    )


def _excerpt(said: tuple[str, int, int] | None) -> Excerpt | None:
    return Excerpt(str(said[0]), int(said[1]), int(said[2])) if said else None


def pictures_of(said: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """Pictures as they are noted, in the folder only and with a picture's ending: what is noted may be
    removed. Raises `ValueError`."""
    for stem, endings in said.items():
        if not set(endings) <= set(FORMATS) or any(
            part in ("", ".", "..") or "\\" in part or ":" in part for part in stem.split("/")
        ):
            raise ValueError(stem)
    return {stem: dict(endings) for stem, endings in said.items()}


def text_of(entries: Mapping[str, ManifestEntry]) -> Iterator[str]:
    """A manifest's text, as `json.dumps` writes it with an indent of 1, but in pieces: all at once would take ten
    times the memory."""
    yield f'{{\n "format": {_FORMAT},\n "sources": {{'
    between = "\n"
    for name in sorted(entries):
        said = _json(_as_data(entries[name])).replace("\n", "\n  ")
        yield f"{between}  {json.dumps(name, ensure_ascii=False)}: {said}"
        between = ",\n"
    yield "\n }\n}\n" if entries else "}\n}\n"


def _json(data: Any) -> str:
    """As `json.dumps` writes it, a tenth as long."""
    try:
        return msgspec.json.format(msgspec.json.encode(data), indent=1).decode("utf-8")
    except UnicodeEncodeError:  # A name that is no UTF-8.
        return json.dumps(data, indent=1, ensure_ascii=False)


def _as_data(entry: ManifestEntry) -> dict[str, Any]:
    made: dict[str, Any] = {"digest": entry.digest, "key": entry.key}
    if entry.fonts:
        made["fonts"] = entry.fonts
    if entry.needs:
        made["needs"] = dict(sorted(entry.needs.items()))
    if entry.told:
        made["told"] = [
            [
                one.severity,
                one.code,
                one.message,
                one.span.line,
                one.span.column,
                _shown(one.excerpt),
            ]
            for one in entry.told
        ]
    made["pictures"] = {stem: dict(made) for stem, made in entry.pictures.items()}
    if entry.older:
        made["older"] = {stem: dict(made) for stem, made in entry.older.items()}
    return made


def _shown(excerpt: Excerpt | None) -> list[str | int] | None:
    return [excerpt.line, excerpt.column, excerpt.width] if excerpt else None
