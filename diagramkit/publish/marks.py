"""Where a Markdown file has fences of Mermaid, and where pictures were put beside them before.

A place is found by what Markdown makes of the file (CommonMark), not by looks: what only shows a fence, inside a
longer fence, an HTML block or a comment, is none.
"""

from __future__ import annotations

import re
from typing import Any

from msgspec import Struct, field

from diagramkit.diagnostics import Diagnostic, Span
from diagramkit.sources import markdown

BEGIN = "<!-- diagramkit: begin {} -->"
END = "<!-- diagramkit: end -->"
_MARK = re.compile(r"<!-- diagramkit: (?:begin ([\w.-]+)|end) -->\s*\Z")
_LINES = re.compile(r"[^\n]*\n|[^\n]+")


class EmbedRegion(Struct, frozen=True):
    """A fence, and the marks around it, if any: lines `[start, end)` from 0 are its own, marks included; those of
    the fence alone are `[first, last)`, none where somebody took it out from between its marks.

    `before` is what stands before the first line's own text (a list's or a quote's sign), `prefix` before the
    others. `column` (from 1) is where the fence's text begins.
    """

    start: int
    end: int
    first: int
    last: int
    before: str
    prefix: str
    text: str = ""
    column: int = 1
    name: str | None = None

    @property
    def gone(self) -> bool:
        """Whether there are marks and no fence."""
        return self.first == self.last


class Document(Struct):
    """A file's lines with their ends (and its byte order mark apart), its places in order, and what is wrong
    with its marks."""

    lines: list[str]
    bom: str = ""
    places: list[EmbedRegion] = field(default_factory=list)
    problems: list[Diagnostic] = field(default_factory=list)


def read(text: str, name: str) -> Document:
    """The places of a file's text; `name` is what messages call it."""
    inner = text.removeprefix("\ufeff")
    found = Document(_LINES.findall(inner), text[: len(text) - len(inner)])
    # Line ends as Markdown counts them are lines of ours: a lone return is none.
    plain = [line.rstrip("\r\n").replace("\r", " ") for line in found.lines]
    begun: tuple[int, str, str] | None = None
    fence: EmbedRegion | None = None
    for kind, start, end, token in _tokens("\n".join(plain)):
        if kind == "mark":
            mark = _MARK.search(plain[start])
            assert mark
            if mark[1]:
                if begun:
                    found.problems.append(_stray(name, begun[0]))
                begun, fence = (start, mark[1], plain[start][: mark.start()]), None
            elif begun:
                found.places.append(_marked(begun, start + 1, fence))
                begun = fence = None
            else:
                found.problems.append(_stray(name, start))
            continue
        place = _fence(plain, start, end, token)
        if place is None:
            found.problems.append(_open(name, start))
        elif begun:
            fence = fence or place
        else:
            found.places.append(place)
    if begun:
        found.problems.append(_stray(name, begun[0]))
        found.places = [place for place in found.places if place.end <= begun[0]]
    return found


def _tokens(text: str) -> list[tuple[str, int, int, Any]]:
    """Marks and fences of Mermaid in order: the kind, the lines `[start, end)`, and markdown-it's token."""
    found: list[tuple[str, int, int, Any]] = []
    lines = text.split("\n")
    for token, offset in markdown.tokens(text):
        if not token.map:
            continue
        start, end = token.map[0] + offset, token.map[1] + offset
        if token.type == "html_block":
            found += [("mark", at, at + 1, token) for at in range(start, end) if _MARK.search(lines[at])]
        elif token.type == "fence" and markdown.is_mermaid(token.info):
            found.append(("fence", start, end, token))
    return found


def _fence(plain: list[str], start: int, end: int, token: Any) -> EmbedRegion | None:
    """A fence as a place; None where it has no end."""
    at = plain[start].find(token.markup)
    before = plain[start][:at]
    closing = plain[end - 1].strip(" \t>") if end - start > 1 else ""
    if not closing or set(closing) != {token.markup[0]} or len(closing) < len(token.markup):
        return None
    prefix = re.sub(r"[^>\s]", " ", before)
    column = markdown.column_of(plain, start + 1, token.content)
    return EmbedRegion(start, end, start, end, before, prefix, token.content, column)


def _marked(begun: tuple[int, str, str], end: int, fence: EmbedRegion | None) -> EmbedRegion:
    start, name, before = begun
    prefix = re.sub(r"[^>\s]", " ", before)
    if fence is None:
        return EmbedRegion(start, end, start, start, before, prefix, name=name)
    return EmbedRegion(start, end, fence.first, fence.last, before, prefix, fence.text, fence.column, name)


def _stray(name: str, line: int) -> Diagnostic:
    message = "this mark has no other one that belongs to it; remove it, or put the other one back"
    return Diagnostic("stray-mark", message, Span(name, line + 1))


def _open(name: str, line: int) -> Diagnostic:
    return Diagnostic("open-fence", "this fence has no end; close it", Span(name, line + 1))
