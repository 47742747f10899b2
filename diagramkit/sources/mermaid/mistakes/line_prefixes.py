"""Texts whose lines all begin with something that is not a part of them: line numbers, or the marks of a diff."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from diagramkit.sources.mermaid.mistakes.line_edit import indent
from diagramkit.sources.mermaid.mistakes.misread_line import MisreadLine
from diagramkit.sources.mermaid.preamble import ARCHITECTURE, FLOWCHARTS

_NUMBERED = re.compile(
    r"(?P<mark>\s*+(?P<number>\d++)(?:[ \t]*+(?:[|:│→][ \t]?|[.)](?:[ \t]|$))|[ \t]++|$))(?P<rest>.*)"
)
_MIN_LINES = 3
_FILE_LINE = re.compile(r"diff --git\s|index [0-9a-f]{6}|(?:---|\+\+\+) \S|@@ |\\ No newline")
"""A line of a diff that is about the file."""
_MARKED = re.compile(r"(?P<mark>[+-])(?![-+>=.])")


def find(lines: Sequence[str]) -> list[MisreadLine]:
    """Return the lines of a text without their line numbers, or without the marks of a diff; none if it has none."""
    return [*_numbered(lines)] or [*_diff(lines)]


def _numbered(lines: Sequence[str]) -> Iterator[MisreadLine]:
    """Yield the lines of a text if all of them begin with their numbers: `1 | flowchart LR`."""
    matches = [(number, _NUMBERED.fullmatch(line)) for number, line in enumerate(lines) if line.strip()]
    numbers = [int(match["number"][:6]) for _, match in matches if match]
    in_order = numbers == [*range(numbers[0], numbers[0] + len(matches))] if numbers else False
    if not in_order or len(numbers) < _MIN_LINES or not any(_is_header(match["rest"]) for _, match in matches if match):
        return
    for number, match in matches:
        if match:
            yield MisreadLine(number, match["rest"], f"'{match['mark'].strip()}' is the number of a line; remove it")


def _is_header(line: str) -> bool:
    """Return whether a line begins with the type of a diagram."""
    return line.split(maxsplit=1)[:1] in [[word] for word in (*FLOWCHARTS, ARCHITECTURE)]


def _diff(lines: Sequence[str]) -> Iterator[MisreadLine]:
    """Yield the lines of a diff that are added or removed, or are about the file. A removed line becomes a comment."""
    filled = [number for number, line in enumerate(lines) if line.strip()]
    about_file = [number for number in filled if _FILE_LINE.match(lines[number])]
    contents = [number for number in filled if number not in about_file]
    marks = {number: match["mark"] for number in contents if (match := _MARKED.match(lines[number]))}
    if not marks or not _is_diff(lines, contents, marks, bool(about_file)):
        return
    for number in filled:
        line = lines[number]
        if number in about_file:
            yield MisreadLine(number, f"%% {line}", "this line of a diff is about a file; write it as a comment")
        elif marks.get(number) == "+":
            yield MisreadLine(number, line[1:], "'+' marks a line that a diff adds; remove the mark")
        elif number in marks:
            note = line[1:].strip()
            new = f"{line[1 : 1 + indent(line[1:])]}%% removed: {note}" if note else ""
            yield MisreadLine(number, new, "'-' marks a line that a diff removes; write it as a comment")


def _is_diff(lines: Sequence[str], contents: Sequence[int], marks: dict[int, str], has_file_lines: bool) -> bool:
    """Return whether lines with marks are those of a diff. A list has one kind of mark, at all of its statements."""
    others = [number for number in contents if number not in marks]
    if any(not lines[number].startswith((" ", "\t")) and not _is_header(lines[number]) for number in others):
        return False
    if has_file_lines or len({*marks.values()}) > 1:
        return True
    begins_with_space = bool(others) and others[0] == contents[0] and lines[others[0]].startswith(" ")
    return begins_with_space or (contents[0] in marks and _is_header(lines[contents[0]][1:]))
