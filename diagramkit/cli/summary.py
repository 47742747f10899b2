"""The Markdown summary of a run, for the page of a CI job: counts, problems, and the pictures that changed."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from msgspec import Struct, field

from diagramkit import files
from diagramkit.diagnostics import Diagnostic
from diagramkit.markup import escape_html

_MAX_SHOWN = 60
"""How many pictures and problems are shown. GitHub accepts at most one megabyte."""
_COLUMNS = 3
_IMAGE_FORMATS = ("svg", "png", "webp")


class Summary(Struct):
    """Collects what happened to the pictures of a run.

    `statuses` counts the pictures by status, and `changed` those that changed. `shown` has the first of the changed
    pictures: the path without its file name extension, and the file to show. `compared` has those for which there are
    pictures of the difference: the path, and the paths of these by name.
    """

    statuses: dict[str, int] = field(default_factory=dict)
    changed: int = 0
    shown: list[tuple[str, str]] = field(default_factory=list)
    compared: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)

    def add(self, stem: str, status: str, endings: Iterable[str], differences: Mapping[str, str] | None = None) -> None:
        """Add one picture.

        `stem` is its path without file name extension, `status` is `drawn`, `current`, `stale` or `failed`, and
        `endings` are the extensions of its files. `differences` are the paths of pictures `before`, `after` and `diff`.
        """
        self.statuses[status] = self.statuses.get(status, 0) + 1
        image_formats = [ending for ending in _IMAGE_FORMATS if ending in endings]
        if status not in ("drawn", "stale") or not image_formats:
            return
        self.changed += 1
        if len(self.shown) + len(self.compared) >= _MAX_SHOWN:
            return
        if differences:
            self.compared.append((stem, differences))
        else:
            self.shown.append((stem, f"{stem}.{image_formats[0]}"))

    def write(
        self, path: str, problems: Iterable[Diagnostic], images: str | None, differences: tuple[str, str]
    ) -> None:
        """Write the summary. Links to pictures begin with the URL `images`, or are relative to the summary's folder.

        `differences` are the folder with pictures of differences and its URL, if it has one. Raises `DiagramError`
        (unwritable).
        """
        folder = str(Path(path).parent)
        lines = ["# Diagrams", "", self._counts(), ""]
        lines += _problem_table(list(problems))
        cells = [_cell(stem, file, folder, images) for stem, file in self.shown]
        if cells:
            lines += ["<table>"]
            for start in range(0, len(cells), _COLUMNS):
                lines += ["<tr>", *cells[start : start + _COLUMNS], "</tr>"]
            lines += ["</table>", ""]
        if self.compared:
            lines += ["| Picture | Before | After | Difference |", "| --- | --- | --- | --- |"]
            lines += [_comparison(stem, paths, folder, *differences) for stem, paths in self.compared]
            lines.append("")
        lines += _more(self.changed, "pictures")
        files.write(path, files.as_bytes("\n".join(lines)))

    def _counts(self) -> str:
        counts = [
            f"{self.statuses[status]} {status}"
            for status in ("drawn", "stale", "failed", "current")
            if status in self.statuses
        ]
        return ", ".join(counts) + "." if counts else "Nothing to draw."


def _problem_table(problems: list[Diagnostic]) -> list[str]:
    if not problems:
        return []
    lines = ["| Location | Problem |", "| --- | --- |"]
    for problem in problems[:_MAX_SHOWN]:
        lines.append(f"| {_escape(str(problem.span))} | {problem.severity}: {_escape(problem.message)} |")
    return [*lines, "", *_more(len(problems), "problems")]


def _more(count: int, noun: str) -> list[str]:
    """Return a line about what is not shown, if anything."""
    return [f"… and {count - _MAX_SHOWN} more {noun}.", ""] if count > _MAX_SHOWN else []


def _comparison(stem: str, paths: Mapping[str, str], folder: str, root: str, url: str) -> str:
    """Return the table row of a picture that is not current: before, after and the difference."""
    cells = [_escape(stem)]
    for name in ("before", "after", "diff"):
        path = paths.get(name)
        link = _link(path, root if url else folder, url) if path else ""
        cells.append(f'<a href="{link}"><img src="{link}" alt="{name}" width="280"></a>' if link else "")
    return f"| {' | '.join(cells)} |"


def _link(path: str, start: str, url: str) -> str:
    """Return a link to a file, which begins with `url` and goes on from the folder `start`."""
    from urllib.parse import quote

    link = "/".join(quote(part) for part in Path(os.path.relpath(path, start)).parts)
    return f"{url.rstrip('/')}/{link}" if url else link


def _cell(stem: str, file: str, folder: str, images: str | None) -> str:
    """Return the table cell of a picture: the picture, linked to its file, and its name."""
    link = _link(file, folder, "") if images is None else _link(file, os.curdir, images)
    name = _escape(os.path.basename(stem))
    return f'<td align="center"><a href="{link}"><img src="{link}" alt="{name}" width="240"></a><br>{name}</td>'


def _escape(text: str) -> str:
    """Return the text on one line, escaped for both Markdown and HTML."""
    escaped = escape_html(" ".join(text.split()))
    for char in "\\`*_[]|":
        escaped = escaped.replace(char, f"&#{ord(char)};")
    return escaped
