"""Find the Mermaid fences of a Markdown file, and the marks that earlier runs of `diagramkit embed` put around them.

Fences are found by parsing the file as CommonMark. Text that only looks like a fence, because it is inside a longer
fence, an HTML block or a comment, is ignored.
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
    """A fence with the marks around it, if there are any.

    The region is the lines `[start, end)` from 0, including the marks; the fence is the lines
    `[fence_start, fence_end)`, which are none if somebody deleted the fence between its marks.

    `first_prefix` is what precedes the text of the first line (the bullet of a list, the `>` of a quote), `prefix`
    what precedes the text of the others. `text` is the Mermaid; it begins at `column` (from 1). `name` is the name in
    the marks, or None without marks.
    """

    start: int
    end: int
    fence_start: int
    fence_end: int
    first_prefix: str
    prefix: str
    text: str = ""
    column: int = 1
    name: str | None = None

    @property
    def has_no_fence(self) -> bool:
        """Whether there is no fence between the marks."""
        return self.fence_start == self.fence_end


class Document(Struct):
    """A Markdown file: its lines with their line ends, its byte order mark, its regions, and problems with marks."""

    lines: list[str]
    bom: str = ""
    regions: list[EmbedRegion] = field(default_factory=list)
    problems: list[Diagnostic] = field(default_factory=list)


class _BeginMark(Struct, frozen=True):
    """A begin mark: its line (from 0), the name in it, and what precedes it in its line."""

    line: int
    name: str
    first_prefix: str


def read(text: str, name: str) -> Document:
    """Return the regions of a file's text; `name` is what messages call the file."""
    body = text.removeprefix("\ufeff")
    document = Document(_LINES.findall(body), text[: len(text) - len(body)])
    # `Document.lines` splits only at "\n", but CommonMark also ends a line at a lone "\r". It becomes a space here, so
    # that both count the same lines.
    plain_lines = [line.rstrip("\r\n").replace("\r", " ") for line in document.lines]
    begin: _BeginMark | None = None  # The mark whose end mark is still missing.
    fence: EmbedRegion | None = None  # The first fence since then.
    for kind, start, end, token in _tokens("\n".join(plain_lines)):
        if kind == "mark":
            mark = _MARK.search(plain_lines[start])
            assert mark
            if mark[1]:
                if begin:
                    document.problems.append(_stray_mark(name, begin.line))
                begin, fence = _BeginMark(start, mark[1], plain_lines[start][: mark.start()]), None
            elif begin:
                document.regions.append(_marked_region(begin, start + 1, fence))
                begin = fence = None
            else:
                document.problems.append(_stray_mark(name, start))
            continue
        region = _fence_region(plain_lines, start, end, token)
        if region is None:
            document.problems.append(_open_fence(name, start))
        elif begin:
            fence = fence or region
        else:
            document.regions.append(region)
    if begin:
        document.problems.append(_stray_mark(name, begin.line))
        document.regions = [region for region in document.regions if region.end <= begin.line]
    return document


def _tokens(text: str) -> list[tuple[str, int, int, Any]]:
    """Return marks and Mermaid fences in order: the kind, the lines `[start, end)`, and markdown-it's token."""
    result: list[tuple[str, int, int, Any]] = []
    lines = text.split("\n")
    for token, line_offset in markdown.tokens(text):
        if not token.map:
            continue
        start, end = token.map[0] + line_offset, token.map[1] + line_offset
        if token.type == "html_block":
            result += [("mark", line, line + 1, token) for line in range(start, end) if _MARK.search(lines[line])]
        elif token.type == "fence" and markdown.is_mermaid(token.info):
            result.append(("fence", start, end, token))
    return result


def _fence_region(plain_lines: list[str], start: int, end: int, token: Any) -> EmbedRegion | None:
    """Return the region of a fence without marks, or None if the fence is not closed."""
    first_prefix = plain_lines[start][: plain_lines[start].find(token.markup)]
    closing = plain_lines[end - 1].strip(" \t>") if end - start > 1 else ""
    if not closing or set(closing) != {token.markup[0]} or len(closing) < len(token.markup):
        return None
    column = markdown.column_of(plain_lines, start + 1, token.content)
    return EmbedRegion(start, end, start, end, first_prefix, _continuation(first_prefix), token.content, column)


def _continuation(first_prefix: str) -> str:
    """Return the prefix of further lines: list markers become spaces, the `>` of quotes are repeated."""
    return re.sub(r"[^>\s]", " ", first_prefix)


def _marked_region(begin: _BeginMark, end: int, fence: EmbedRegion | None) -> EmbedRegion:
    """Return the region between two marks, with the fence there or without one."""
    start, first_prefix = begin.line, begin.first_prefix
    prefix = _continuation(first_prefix)
    if fence is None:
        return EmbedRegion(start, end, start, start, first_prefix, prefix, name=begin.name)
    return EmbedRegion(
        start,
        end,
        fence.fence_start,
        fence.fence_end,
        first_prefix,
        prefix,
        fence.text,
        fence.column,
        begin.name,
    )


def _stray_mark(name: str, line: int) -> Diagnostic:
    message = "this mark has no matching begin or end mark; remove it, or restore the other one"
    return Diagnostic("stray-mark", message, Span(name, line + 1))


def _open_fence(name: str, line: int) -> Diagnostic:
    return Diagnostic("open-fence", "this fence is not closed; close it", Span(name, line + 1))
