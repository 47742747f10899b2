"""What a manifest's file says of each source: read, checked, and written.

Whatever is damaged is as if it were not there: that costs time, never a picture.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

from diagramkit import files
from diagramkit.pipeline import FORMATS
from diagramkit.problems import Excerpt, Problem, Span

NAME = ".diagramkit.json"
_PARTS = re.compile(r"\.diagramkit\.\d+-of-\d+\.json")
_FORMAT = 1


class Entry(Struct, frozen=True):
    """What is noted of one source. `needs`: digests of files by path; `told`: what was said of it;
    `pictures`: by their path without ending, the digest of each file by its ending; `older`: the same of
    files that were drawn of an earlier state of it; `fonts`: which fonts this machine has, where a picture
    depends on that."""

    digest: str
    key: str
    needs: Mapping[str, str] = field(default_factory=dict)
    told: tuple[Problem, ...] = ()
    pictures: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    older: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    fonts: str = ""


def parts(folder: str) -> list[str]:
    """The manifests of parts of batches in a folder."""
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return []
    return [os.path.join(folder, name) for name in names if _PARTS.fullmatch(name)]


def read_all(folder: str) -> dict[str, Entry]:
    """All that is noted in a folder, in the manifest and in those of parts."""
    found = read(os.path.join(folder, NAME))
    for path in parts(folder):
        found |= read(path)
    return found


def read(path: str) -> dict[str, Entry]:
    """What a manifest says, by the source's name; nothing where it is missing or damaged."""
    raw = files.read(path)
    try:
        listed = json.loads(files.as_text(raw or b"{}"))
        if listed.get("format") != _FORMAT:
            return {}
        return {name: _entry(said) for name, said in listed["sources"].items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}  # Damaged: everything is drawn again.


def _entry(said: dict[str, Any]) -> Entry:
    told = tuple(
        Problem(
            str(code),
            str(message),
            Span("", int(line), int(column)),
            str(severity),
            _excerpt(shown),
        )
        for severity, code, message, line, column, shown in said.get("told", ())
    )
    needs = dict(said.get("needs", {}))
    return Entry(
        said["digest"], said["key"], needs, told,
        pictures_of(said["pictures"]), pictures_of(said.get("older", {})), str(said.get("fonts", "")),
    )  # fmt: skip


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


def text_of(entries: Mapping[str, Entry]) -> str:
    """A manifest's text: as `json.dumps` writes it with an indent of 1, but an entry at a time, since all at once
    take ten times the memory."""
    lines = []
    for name in sorted(entries):
        said = json.dumps(_as_data(entries[name]), indent=1, ensure_ascii=False)
        lines.append(f"  {json.dumps(name, ensure_ascii=False)}: " + said.replace("\n", "\n  "))
    listed = "{\n" + ",\n".join(lines) + "\n }" if lines else "{}"
    return f'{{\n "format": {_FORMAT},\n "sources": {listed}\n}}\n'


def _as_data(entry: Entry) -> dict[str, Any]:
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
