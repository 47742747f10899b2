"""Labels without an end that contain the lines below: texts of links without the second bar, and others."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence

from diagramkit.sources.mermaid.mistakes.line_text import LINK, masked, quoted
from diagramkit.sources.mermaid.mistakes.misread_line import MisreadLine
from diagramkit.sources.mermaid.swallowed import is_node

_MAX_LINE_LENGTH = 400
_MAX_LINES_BELOW = 3  # From an open bar to the line where its label is taken to end.
_LINK_AND_BAR = re.compile(rf"(?<![-=.~])(?:{LINK})[ \t]?\|$")
_ID = re.compile(r"[\w-]+")
_CLOSINGS = {"[[": "]]", "((": "))", "[(": ")]", "([": "])", "{{": "}}", "[": "]", "(": ")", "{": "}"}
_LINK_OR_END = re.compile(rf"[ \t]*+(?:$|;|&|:::|{LINK}|[-=]>|→)")
_ARROW = re.compile(rf"{LINK}|[-=]>|[→⇒↔]")


def find(lines: Sequence[str], header: int, wrong: Container[int]) -> Iterator[MisreadLine]:
    """Yield the lines of labels without an end, if they or the lines below them are among the wrong ones."""
    for number in range(header + 1, len(lines)):
        if len(lines[number]) > _MAX_LINE_LENGTH or lines[number].lstrip().startswith("%%"):
            continue
        if any(other in wrong for other in range(number, number + 1 + _MAX_LINES_BELOW)):
            yield from _open_bar(lines, number)
            yield from _label_of_lines(lines, number)


def _open_bar(lines: Sequence[str], number: int) -> Iterator[MisreadLine]:
    """Yield the line `A -->|text B` if B is a node in another line: the last word is the target."""
    line = lines[number].rstrip(" \t;")
    bar = masked(line).find("|")
    before, text = line[: bar + 1], line[bar + 1 :]
    words = text.rsplit(maxsplit=1)
    if bar < 0 or not _LINK_AND_BAR.search(before) or len(words) != 2 or not _ID.fullmatch(words[1]):
        return
    label, name = words
    if re.search(r"[|\"]", text) or _ARROW.search(label) or not is_node(name, _without(lines, number)):
        return
    shown = quoted(label) if re.search(r"[][(){}<>]", label) else label
    new = f"{before}{shown}| {lines[number][len(line) - len(name) :]}"
    yield MisreadLine(number, new, f"the text of this link has no second '|'; write '{new.strip()}'")


def _without(lines: Sequence[str], number: int) -> str:
    return "\n".join((*lines[:number], *lines[number + 1 :]))


def _label_of_lines(lines: Sequence[str], number: int) -> Iterator[MisreadLine]:
    """Yield the first and the last line of `A[text` and `(text)] --> B`, whose label needs quotes because of what is
    in it."""
    line = lines[number]
    start = max(map(line.rfind, "[({")) + 1
    if not start or not line[start:].strip() or re.search(r"[]){}\"|]", line[start:]):
        return
    opening = line[start - 2 : start] if line[start - 2 : start] in _CLOSINGS else line[start - 1]
    place = _end_of_label(lines, number + 1, _CLOSINGS[opening])
    if place is None or not re.search(r"\w$", line[: start - len(opening)]):
        return
    message = "a label of several lines that contains brackets must be quoted; write quotation marks around all of it"
    last, end = place
    yield MisreadLine(number, f'{line[:start]}"{line[start:].rstrip()}', message, last)
    yield MisreadLine(last, f'{lines[last][:end].rstrip()}"{lines[last][end:]}', message)


def _end_of_label(lines: Sequence[str], first: int, closing: str) -> tuple[int, int] | None:
    """Return the line and the place of the bracket that closes a label which began above the line `first`, or None.

    There is no link in the label, and no bracket that another one in it does not close.
    """
    for number in range(first, min(first + _MAX_LINES_BELOW, len(lines))):
        line = lines[number]
        end = _closing_place(line, closing)
        if '"' in line[:end] or _ARROW.search(line[:end]) or len(line) > _MAX_LINE_LENGTH or not line.strip():
            return None
        if end is not None:
            return (number, end) if _LINK_OR_END.match(line, end + len(closing)) else None
    return None


def _closing_place(line: str, closing: str) -> int | None:
    """Return where a bracket is that no bracket of the line opens, or None."""
    depth = 0
    for index, char in enumerate(line):
        if depth == 0 and line.startswith(closing, index):
            return index
        depth += (char in "[({") - (char in "])}")
        if depth < 0:
            return None
    return None
