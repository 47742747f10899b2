"""Lines that Mermaid reads as nodes although nobody means nodes: the end of a Markdown fence, and ruled comments."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from diagramkit.sources.mermaid.mistakes import candidates, first_line, mixed_types
from diagramkit.sources.mermaid.mistakes.misread_line import MisreadLine

_FENCE_END = re.compile(r"\s*`{2,}\s*")
_RULED_COMMENT = re.compile(r"\s*(?:#|//)\s*(?P<note>[-=]{2,}\s.*\s[-=]{2,})\s*")


_END_WITH_TITLE = re.compile(r"(?P<indent>\s*+)end\s++(?P<title>[^\s;%].*?)[\s;]*+")


def find(lines: Sequence[str], header: int) -> Iterator[MisreadLine]:
    """Yield such lines of a text; `header` is the line with the type of the diagram, or the fence before it."""
    fence = _fence_end(lines, header)
    if fence is not None:
        yield MisreadLine(fence, "", "this line ends a Markdown fence, but the file is not Markdown; remove it")
    for number, line in enumerate(lines):
        if match := _RULED_COMMENT.fullmatch(line):
            indent = line[: len(line) - len(line.lstrip())]
            yield MisreadLine(number, f"{indent}%% {match['note']}", "a comment starts with '%%'; write it so")
    yield from _ends_with_titles(lines)
    yield from mixed_types.find(lines, header)


def _ends_with_titles(lines: Sequence[str]) -> Iterator[MisreadLine]:
    """Yield the lines `end Title` of subgraphs, which Mermaid reads as an `end` and a node."""
    ends = [(number, match) for number, line in enumerate(lines) if (match := _END_WITH_TITLE.fullmatch(line))]
    for number, match in ends:
        title = match["title"].strip('"')
        if any(re.match(rf"\s*+subgraph\s.*[\[\"]{re.escape(title)}[\]\"]", line) for line in lines[:number]):
            new = f"{match['indent']}end\n{match['indent']}%% {match['title']}"
            yield MisreadLine(number, new, "the title behind 'end' is read as a node; write it as a comment")


def in_curly_quotes(lines: Sequence[str]) -> Iterator[MisreadLine]:
    """Yield the lines in which curly quotation marks, or those of HTML (`&quot;`), surround a label.

    Mermaid takes them for a part of it.

    They are a mistake only in a text with others: it is not as its author wrote it.
    """
    for number, line in enumerate(lines):
        new = candidates.with_straight_quotes(line)
        if new != line and "%%" not in line:
            marks = "'&quot;' is" if "&quot;" in line else "curly quotation marks are"
            yield MisreadLine(number, new, f"{marks} a part of the label; write straight ones")


def begins_with_fence(lines: Sequence[str], header: int) -> bool:
    """Return whether a text that is not Markdown begins with a Markdown fence."""
    return bool(first_line.FENCE.fullmatch(lines[header]) or first_line.FENCE_AND_HEADER.match(lines[header]))


def _fence_end(lines: Sequence[str], header: int) -> int | None:
    """Return the line with the end of a fence: the last one if the text begins with a fence, or the only one."""
    filled = [number for number, line in enumerate(lines) if line.strip()]
    if begins_with_fence(lines, header):
        ends = filled[-1:] if first_line.FENCE.fullmatch(lines[filled[-1]]) else []
    else:
        ends = [number for number in filled if _FENCE_END.match(lines[number])]
        ends = ends if len(ends) == 1 and _FENCE_END.fullmatch(lines[ends[0]]) else []
    return ends[0] if ends and ends[0] > header else None
