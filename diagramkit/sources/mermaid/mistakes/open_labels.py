"""Labels without an end that contain the lines below: texts of links without the second bar, labels of two lines."""

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
        if number in wrong or number + 1 in wrong:
            yield from _label_of_two_lines(lines, number)


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


def _label_of_two_lines(lines: Sequence[str], number: int) -> Iterator[MisreadLine]:
    """Yield the two lines `A[text` and `(text)] --> B`, whose label needs quotes because of the characters in it."""
    line = lines[number]
    following = lines[number + 1] if number + 1 < len(lines) else ""
    start = max(map(line.rfind, "[({")) + 1
    if not start or not line[start:].strip() or re.search(r"[]){}\"|]", line[start:]) or '"' in following:
        return
    opening = line[start - 2 : start] if line[start - 2 : start] in _CLOSINGS else line[start - 1]
    end = _end_of_label(following, _CLOSINGS[opening]) if len(following) <= _MAX_LINE_LENGTH else None
    if end is None or _ARROW.search(following[:end]) or not re.search(r"\w$", line[: start - len(opening)]):
        return
    message = "a label of several lines that contains brackets must be quoted; write quotation marks around both lines"
    yield MisreadLine(number, f'{line[:start]}"{line[start:].rstrip()}', message)
    yield MisreadLine(number + 1, f'{following[:end].rstrip()}"{following[end:]}', message)


def _end_of_label(line: str, closing: str) -> int | None:
    """Return where the bracket is that closes a label of the line above, or None if all brackets belong to this one."""
    depth = 0
    for index, char in enumerate(line):
        if depth == 0 and line.startswith(closing, index):
            return index if _LINK_OR_END.match(line, index + len(closing)) else None
        if char in "[({":
            depth += 1
        elif char in "])}":
            depth -= 1
        if depth < 0:
            return None
    return None
