"""Find the Mermaid fences of a Markdown file, and the marks that earlier runs of `diagramkit embed` put around them.

Fences are found by parsing the file as CommonMark. Text that only looks like a fence, because it is inside a longer
fence, an HTML block or a comment, is ignored.

Everything between two marks is replaced by the next run. So a file is only read if nothing is there that somebody else
wrote, and if its marks are complete.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from urllib.parse import unquote

from msgspec import Struct, field

from diagramkit.diagnostics import Diagnostic, Span
from diagramkit.sources import markdown
from diagramkit.sources.markdown import Fence

BEGIN = "<!-- diagramkit: begin {} -->"
END = "<!-- diagramkit: end -->"
DETAILS_BEGIN, DETAILS_END = "<details>", "</details>"
SOURCE_SUMMARY, PICTURE_SUMMARY = "<summary>Source</summary>", "<summary>Picture</summary>"
DARK_SUFFIX = "-dark"
"""What the name of a picture for dark mode ends with."""

_MARK = re.compile(r"<!-- diagramkit: (?:begin ([\w.-]+)|end) -->\s*\Z")
_LOOKS_LIKE_MARK = re.compile(r"<!--\s*diagramkit:\s*(?:begin|end)\b", re.I)
_LINES = re.compile(r"[^\n]*\n|[^\n]+")
# What may precede a mark in its line: the quotes and list items that contain it.
_CONTAINERS = re.compile(r"(?:[>\s]|[-*+](?=\s)|\d{1,9}[.)](?=\s))*")
_MARKDOWN_PICTURE = re.compile(r"!\[(?:[^\[\]\\]|\\.)*\]\((?P<url>[^()\s]*)\)")
_HTML_PICTURE = re.compile(
    r'<picture><source media="\(prefers-color-scheme: dark\)" srcset="[^"<>]+"><img alt="[^"<>]*" '
    r'src="(?P<url>[^"<>]*)"></picture>'
)
# The parts between two marks, with the picture or the source first. Any of them may be missing.
_ORDERS = (
    ("picture", DETAILS_BEGIN, SOURCE_SUMMARY, "fence", DETAILS_END),
    ("fence", DETAILS_BEGIN, PICTURE_SUMMARY, "picture", DETAILS_END),
)


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
    """A Markdown file: its lines with their line ends, its byte order mark, its regions, and its problems.

    `damage` are the problems with marks and with what is between them. With any of them, the regions are not reliable.
    `problems` are other ones.
    """

    lines: list[str]
    bom: str
    regions: list[EmbedRegion] = field(default_factory=list)
    problems: list[Diagnostic] = field(default_factory=list)
    damage: list[Diagnostic] = field(default_factory=list)


class _Mark(Struct, frozen=True):
    """A line (from 0) that is a mark or looks like one, and the line where its HTML block ends."""

    start: int
    block_end: int


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
    reader = _RegionReader(document, plain_lines, name)
    for item in _marks_and_fences("\n".join(plain_lines)):
        if isinstance(item, Fence):
            reader.add_fence(item)
        else:
            reader.add_mark(item)
    reader.finish()
    return document


class _RegionReader:
    """Collects the regions and the problems of a document from its marks and fences, in their order.

    `_begin` is the mark whose end mark is still missing, and `_fence` the first fence since then. `_lines` has the line
    of the begin mark of each name.
    """

    def __init__(self, document: Document, plain_lines: list[str], name: str) -> None:
        self._document, self._plain_lines, self._name = document, plain_lines, name
        self._begin: _BeginMark | None = None
        self._fence: EmbedRegion | None = None
        self._lines: dict[str, int] = {}
        self._fence_count = 0

    def add_mark(self, item: _Mark) -> None:
        """Add a mark."""
        line = item.start
        text = self._plain_lines[line]
        mark = _MARK.search(text)
        before = text[: mark.start()] if mark else ""
        if not mark or not (_CONTAINERS.fullmatch(before) if mark[1] else not before.strip(" \t>")):
            self._report(line, "damaged-mark", "this mark was changed; restore it, alone in its line, or remove it")
        elif item.block_end > line + 1:  # The lines below are HTML now, but would not be after the next run.
            self._report(line, "damaged-mark", "this mark is in a block of HTML; leave a blank line above it")
        elif mark[1]:
            self._add_begin(_BeginMark(line, mark[1], before))
        elif self._begin is None:
            self._report_stray(line)
        else:
            self._add_region(self._begin, line)

    def add_fence(self, fence: Fence) -> None:
        """Add a fence."""
        self._fence_count += 1
        if not fence.is_closed:
            message = "this fence is not closed; close it"
            self._document.problems.append(Diagnostic("open-fence", message, Span(self._name, fence.start + 1)))
        elif not fence.has_own_lines:
            self._document.problems.append(_shared_lines(self._name, fence.start))
        else:
            line = self._plain_lines[fence.start]
            first_prefix = line[: line.find(fence.markup)]
            prefix = _continuation(first_prefix)
            region = EmbedRegion(fence.start, fence.end, first_prefix, prefix, fence, self._fence_count)
            if self._begin is None:
                self._document.regions.append(region)
            else:
                self._fence = self._fence or region

    def finish(self) -> None:
        """Report a mark without its end mark."""
        if self._begin:
            self._report_stray(self._begin.line)

    def _add_begin(self, mark: _BeginMark) -> None:
        if self._begin:
            self._report_stray(self._begin.line)
        elif mark.name in self._lines:
            first = self._lines[mark.name] + 1
            message = (
                f"the marks of '{mark.name}' are also in line {first}; remove one of the two copies, or remove these "
                "marks and what belongs to the picture, so that the fence gets a picture of its own"
            )
            self._report(mark.line, "duplicate-mark", message)
        self._lines[mark.name] = mark.line
        self._begin, self._fence = mark, None

    def _add_region(self, begin: _BeginMark, line: int) -> None:
        foreign = _foreign_line(self._plain_lines, begin, line, self._fence)
        if foreign is not None:
            message = (
                f"this line is between the marks of '{begin.name}', whose content diagramkit replaces, but diagramkit "
                "did not write it; move it above or below the marks"
            )
            self._report(foreign, "foreign-text", message)
        self._document.regions.append(_marked_region(begin, line + 1, self._fence))
        self._begin = self._fence = None

    def _report_stray(self, line: int) -> None:
        message = "this mark has no matching begin or end mark; remove it, or restore the other one"
        self._report(line, "stray-mark", message)

    def _report(self, line: int, code: str, message: str) -> None:
        self._document.damage.append(Diagnostic(code, message, Span(self._name, line + 1)))


def _foreign_line(lines: list[str], begin: _BeginMark, end: int, fence: EmbedRegion | None) -> int | None:
    """Return the first line between two marks that is neither `embed`'s own nor of its fence, or None."""
    prefix = _continuation(begin.first_prefix)
    parts: list[str | None] = []
    for line in range(begin.line + 1, end):
        if fence and fence.start < line < fence.end:
            continue
        part = "fence" if fence and line == fence.start else _own_part(lines[line], prefix, begin.name)
        if part == "":
            continue
        if not any(_is_subsequence([*parts, part], order) for order in _ORDERS):
            return line
        parts.append(part)
    return None


def _own_part(line: str, prefix: str, name: str) -> str | None:
    """Return which part of `embed`'s own text a line is, "" if it is blank, or None if it is something else."""
    text = line.removeprefix(prefix).strip()
    if text == prefix.strip():
        return ""
    if match := _MARKDOWN_PICTURE.fullmatch(text) or _HTML_PICTURE.fullmatch(text):
        stem = PurePosixPath(unquote(match["url"])).stem
        return "picture" if stem == name else None
    return text


def _is_subsequence(parts: Sequence[str | None], order: Sequence[str]) -> bool:
    remaining: Iterator[str | None] = iter(order)
    return all(part in remaining for part in parts)


def _marks_and_fences(text: str) -> list[_Mark | Fence]:
    """Return the marks and the Mermaid fences of a text, in order."""
    lines = text.split("\n")
    result: list[_Mark | Fence] = [*markdown.fences(text)]
    for token, start, end in markdown.tokens(text):
        if token.type == "html_block":
            result += [_Mark(line, end) for line in range(start, end) if _LOOKS_LIKE_MARK.search(lines[line])]
    return sorted(result, key=lambda item: item.start)


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


def _shared_lines(name: str, line: int) -> Diagnostic:
    message = (
        "this diagram shares its lines with other HTML, so that no picture can be put next to it; put blank lines "
        "around it"
    )
    return Diagnostic("shared-lines", message, Span(name, line + 1), "warning")
