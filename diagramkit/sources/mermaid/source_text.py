"""Mermaid source text with its places: what is left of it after cleaning still knows them."""

from __future__ import annotations

import bisect
import re
from collections.abc import Callable

from msgspec import Struct

from diagramkit.diagnostics import Span


class Origin(Struct, frozen=True):
    """Where a piece of text stands in its file: the text's line 1, column 1 is `line`, `column`.

    `column` shifts every line alike, as the indentation of a YAML block scalar or of a
    fence in a Markdown list does. A text that is `folded` is written in another way there (in
    quotes, with escapes): all of it has the place where it begins.
    """

    file: str
    line: int = 1
    column: int = 1
    folded: bool = False


class Source:
    """A text and its origin. `text` may be edited; each place in it keeps its place in the file."""

    def __init__(self, text: str, origin: Origin) -> None:
        self.original = text
        self.text = text
        self.origin = origin
        self._starts = [0, *(match.end() for match in re.finditer(r"\n", text))]
        # Where runs of kept characters begin: in the text as it is, and as it was.
        self._now, self._then = [0], [0]

    def span(self, offset: int) -> Span:
        """The place in the file of the character at `offset` of the text as it is."""
        return self.span_of_original(self.original_offset(offset))

    def span_of_original(self, offset: int) -> Span:
        """The place in the file of the character at `offset` of the text as it was."""
        if self.origin.folded:
            return Span(self.origin.file, self.origin.line, self.origin.column)
        line = bisect.bisect_right(self._starts, offset) - 1
        return Span(
            self.origin.file,
            self.origin.line + line,
            self.origin.column + offset - self._starts[line],
        )

    def original_line(self, offset: int) -> tuple[str, int]:
        """The line of the text as it was that holds `offset`, and the column in it, from 1."""
        start = self._starts[bisect.bisect_right(self._starts, offset) - 1]
        end = self.original.find("\n", start)
        return self.original[start : end if end >= 0 else len(self.original)], offset - start + 1

    def original_offset(self, offset: int) -> int:
        """Where a character of the text as it is stood in the text as it was."""
        run = bisect.bisect_right(self._now, offset) - 1
        return min(self._then[run] + offset - self._now[run], len(self.original))

    def edit(self, pattern: re.Pattern[str], replace: Callable[[re.Match[str]], str], until: str = "") -> None:
        """Replace every match; a replacement is as long as its match, or shorter (its start kept).

        `until` is what matches end in: nothing is looked for behind where it comes last.
        """
        end = self.text.rfind(until) + len(until) if until else len(self.text)
        changes = [(match.start(), match.end(), replace(match)) for match in pattern.finditer(self.text, 0, end)]
        if not changes:
            return
        runs: dict[int, int] = {}
        parts: list[str] = []
        kept = length = 0
        for start, end, new in [*changes, (len(self.text), len(self.text), "")]:
            # The runs that begin in what is kept move with it; behind a change a new one begins.
            first = bisect.bisect_right(self._now, kept)
            last = bisect.bisect_right(self._now, start)
            runs[length] = self.original_offset(kept)
            for index in range(first, last):
                runs[length + self._now[index] - kept] = self._then[index]
            parts += [self.text[kept:start], new]
            length += start - kept
            if new:
                runs.setdefault(length, self.original_offset(start))
            length += len(new)
            kept = end
        self._now = sorted(runs)
        self._then = [runs[at] for at in self._now]
        self.text = "".join(parts)

    def line_end(self, offset: int) -> int:
        """The offset behind the line of the text as it is that holds `offset`."""
        end = self.text.find("\n", offset)
        return len(self.text) if end < 0 else end + 1

    def line_at(self, offset: int) -> str:
        """The line of the text as it is that holds `offset`, without its end."""
        end = self.text.find("\n", offset)
        start = self.text.rfind("\n", 0, offset) + 1
        return self.text[start : end if end >= 0 else len(self.text)]
