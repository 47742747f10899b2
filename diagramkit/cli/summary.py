"""What a run did, as Markdown for the page of a CI job: counts, findings, and the pictures that changed."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct, field

from diagramkit import files
from diagramkit.diagnostics import Diagnostic

_MOST = 60
"""Pictures and findings that are shown: GitHub takes a megabyte."""
_ACROSS = 3
_SHOWN = ("svg", "png", "webp")


class Summary(Struct):
    """Gathers what became of pictures: how many have which fate, how many `changed`, and of the first of these the
    path without ending and the file that shows it."""

    fates: dict[str, int] = field(default_factory=dict)
    changed: int = 0
    shown: list[tuple[str, str]] = field(default_factory=list)

    def note(self, stem: str, fate: str, endings: Iterable[str]) -> None:
        """Note one picture: its path without ending, whether it was `drawn`, is `current`, `stale` or `failed`, and
        the endings of its files."""
        self.fates[fate] = self.fates.get(fate, 0) + 1
        there = [ending for ending in _SHOWN if ending in endings]
        if fate not in ("drawn", "stale") or not there:
            return
        self.changed += 1
        if len(self.shown) < _MOST:
            self.shown.append((stem, f"{stem}.{there[0]}"))

    def write(self, path: str, problems: Iterable[Diagnostic], images: str | None) -> None:
        """Write the summary. Links to pictures begin with `images`, or are relative to the summary's folder.
        Raises `DiagramError` (unwritable)."""
        folder = str(Path(path).parent)
        lines = ["# Diagrams", "", self._counts(), ""]
        lines += _findings(list(problems))
        cells = [_cell(stem, file, folder, images) for stem, file in self.shown]
        if cells:
            lines += ["<table>"]
            for at in range(0, len(cells), _ACROSS):
                lines += ["<tr>", *cells[at : at + _ACROSS], "</tr>"]
            lines += ["</table>", ""]
        lines += _rest(self.changed, "pictures")
        files.write(path, files.as_bytes("\n".join(lines)))

    def _counts(self) -> str:
        said = [f"{self.fates[fate]} {fate}" for fate in ("drawn", "stale", "failed", "current") if fate in self.fates]
        return ", ".join(said) + "." if said else "Nothing to draw."


def _findings(problems: list[Diagnostic]) -> list[str]:
    if not problems:
        return []
    lines = ["| Where | What |", "| --- | --- |"]
    for one in problems[:_MOST]:
        place = f"{one.span.file}:{one.span.line}:{one.span.column}"
        lines.append(f"| {_text(place)} | {one.severity}: {_text(one.message)} |")
    return [*lines, "", *_rest(len(problems), "findings")]


def _rest(many: int, what: str) -> list[str]:
    return [f"… and {many - _MOST} more {what}.", ""] if many > _MOST else []


def _cell(stem: str, file: str, folder: str, images: str | None) -> str:
    from urllib.parse import quote

    path = Path(os.path.relpath(file, folder if images is None else os.curdir))
    link = "/".join(quote(part) for part in path.parts)
    if images is not None:
        link = f"{images.rstrip('/')}/{link}"
    name = _text(os.path.basename(stem))
    return f'<td align="center"><a href="{link}"><img src="{link}" alt="{name}" width="240"></a><br>{name}</td>'


def _text(text: str) -> str:
    """A text that Markdown and HTML show as it is."""
    import html

    shown = html.escape(" ".join(text.split()))
    for char in "\\`*_[]|":
        shown = shown.replace(char, f"&#{ord(char)};")
    return shown
