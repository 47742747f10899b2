"""Candidates for the correction of lines that are items of a list: the mark of the item is removed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from diagramkit.sources.mermaid.mistakes.line_edit import Edit, TextWords
from diagramkit.sources.mermaid.mistakes.line_text import LINK

_REASON = "the mark of a list is not a part of Mermaid"


_MAY_BE_REMOVED = re.compile(r"-\s{2,}")


def bullets(line: str, text_words: TextWords) -> Iterator[Edit]:
    """`- A --> B`: an item of a list in Markdown.

    A single mark at the margin, far before its line, may also be that of a diff.
    """
    if _MAY_BE_REMOVED.match(line) and text_words.has_unmarked_links:
        return
    if match := re.match(r"\s*([-*+•]\s+)(?=\w)", line):
        yield Edit(*match.span(1), "", 1, reason=_REASON)


_NUMBERED = re.compile(r"\s*+(?P<mark>(?P<number>\d++)[.):][^\S\n]++)(?=[A-Za-z_\"\[])")


def numbers(line: str, text_words: TextWords) -> Iterator[Edit]:
    """`1. A --> B`: an item of a list, if its lines are numbered in their order."""
    if (match := _NUMBERED.match(line)) and text_words.is_numbered and re.search(rf"{LINK}|[-=]>", line):
        yield Edit(*match.span("mark"), "", 1, dropped=match["number"], reason=_REASON)
