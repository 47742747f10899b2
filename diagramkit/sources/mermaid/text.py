"""Mermaid source text with its places: a cursor that tells file, line and column."""

from __future__ import annotations

import bisect
import re
from dataclasses import dataclass

from diagramkit.problems import Span


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a piece of text stands in its file: the text's line 1, column 1 is `line`, `column`.

    `column` shifts every line alike, as the indentation of a YAML block scalar or of a
    fence in a Markdown list does.
    """

    file: str
    line: int = 1
    column: int = 1


class Source:
    """A text and its origin; turns an offset in the text into a place in the file."""

    def __init__(self, text: str, origin: Origin) -> None:
        self.text = text
        self.origin = origin
        self._starts = [0, *(match.end() for match in re.finditer(r"\n", text))]

    def span(self, offset: int) -> Span:
        """The place of the character at `offset`."""
        line = bisect.bisect_right(self._starts, offset) - 1
        return Span(
            self.origin.file,
            self.origin.line + line,
            self.origin.column + offset - self._starts[line],
        )

    def line_at(self, offset: int) -> str:
        """The line that holds `offset`, without its end."""
        end = self.text.find("\n", offset)
        start = self.text.rfind("\n", 0, offset) + 1
        return self.text[start : end if end >= 0 else len(self.text)]
