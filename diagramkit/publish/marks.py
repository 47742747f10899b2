"""Find the Mermaid fences of a Markdown file, and the marks that earlier runs of `diagramkit embed` put around them.

Fences are found by parsing the file as CommonMark. Text that only looks like a fence, because it is inside a longer
fence, an HTML block or a comment, is ignored.
"""

from __future__ import annotations

import re

from msgspec import Struct, field

from diagramkit.diagnostics import Diagnostic, Span
from diagramkit.sources import markdown
from diagramkit.sources.markdown import Fence

BEGIN = "<!-- diagramkit: begin {} -->"
END = "<!-- diagramkit: end -->"
_MARK = re.compile(r"<!-- diagramkit: (?:begin ([\w.-]+)|end) -->\s*\Z")
_LINES = re.compile(r"[^\n]*\n|[^\n]+")


class EmbedRegion(Struct, frozen=True):
    """A fence with the marks around it, if there are any.

    - `start`, `end`: the lines `[start, end)` from 0, including the marks.
    - `first_prefix`: what precedes the text of the first line (the bullet of a list, the `>` of a quote).
    - `prefix`: what precedes the text of the other lines.
    - `fence`: the fence, or None if somebody deleted it between its marks.
    - `number`: the number of the fence in the file, from 1.
    - `name`: the name in the marks, or None without marks.
    """

    start: int
    end: int
    first_prefix: str
    prefix: str
    fence: Fence | None = None
    number: int = 0
    name: str | None = None


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
    number = 0  # Of the fence.
    document = Document(_LINES.findall(body), text[: len(text) - len(body)])
    # `Document.lines` splits only at "\n", but CommonMark also ends a line at a lone "\r". It becomes a space here, so
    # that both count the same lines.
    plain_lines = [line.rstrip("\r\n").replace("\r", " ") for line in document.lines]
    begin: _BeginMark | None = None  # The mark whose end mark is still missing.
    fence: EmbedRegion | None = None  # The first fence since then.
    for item in _marks_and_fences("\n".join(plain_lines)):
        if isinstance(item, int):
            mark = _MARK.search(plain_lines[item])
            assert mark
            if mark[1]:
                if begin:
                    document.problems.append(_stray_mark(name, begin.line))
                begin, fence = _BeginMark(item, mark[1], plain_lines[item][: mark.start()]), None
            elif begin:
                document.regions.append(_marked_region(begin, item + 1, fence))
                begin = fence = None
            else:
                document.problems.append(_stray_mark(name, item))
            continue
        number += 1
        if not item.is_closed:
            document.problems.append(_open_fence(name, item.start))
        elif not item.has_own_lines:
            document.problems.append(_shared_lines(name, item.start))
        else:
            first_prefix = plain_lines[item.start][: plain_lines[item.start].find(item.markup)]
            region = EmbedRegion(item.start, item.end, first_prefix, _continuation(first_prefix), item, number)
            if begin:
                fence = fence or region
            else:
                document.regions.append(region)
    if begin:
        document.problems.append(_stray_mark(name, begin.line))
        document.regions = [region for region in document.regions if region.end <= begin.line]
    return document


def _marks_and_fences(text: str) -> list[int | Fence]:
    """Return the marks (their lines, from 0) and the Mermaid fences of a text, in order."""
    lines = text.split("\n")
    result: list[int | Fence] = [*markdown.fences(text)]
    for token, start, end in markdown.tokens(text):
        if token.type == "html_block":
            result += [line for line in range(start, end) if _MARK.search(lines[line])]
    return sorted(result, key=lambda item: item if isinstance(item, int) else item.start)


def _continuation(first_prefix: str) -> str:
    """Return the prefix of further lines: list markers become spaces, the `>` of quotes are repeated."""
    return re.sub(r"[^>\s]", " ", first_prefix)


def _marked_region(begin: _BeginMark, end: int, fence: EmbedRegion | None) -> EmbedRegion:
    """Return the region between two marks, with the fence there or without one."""
    start, first_prefix = begin.line, begin.first_prefix
    prefix = _continuation(first_prefix)
    if fence is None:
        return EmbedRegion(start, end, first_prefix, prefix, name=begin.name)
    return EmbedRegion(start, end, first_prefix, prefix, fence.fence, fence.number, begin.name)


def _stray_mark(name: str, line: int) -> Diagnostic:
    message = "this mark has no matching begin or end mark; remove it, or restore the other one"
    return Diagnostic("stray-mark", message, Span(name, line + 1))


def _open_fence(name: str, line: int) -> Diagnostic:
    return Diagnostic("open-fence", "this fence is not closed; close it", Span(name, line + 1))


def _shared_lines(name: str, line: int) -> Diagnostic:
    message = (
        "this diagram shares its lines with other HTML, so that no picture can be put next to it; put blank lines "
        "around it"
    )
    return Diagnostic("shared-lines", message, Span(name, line + 1), "warning")
