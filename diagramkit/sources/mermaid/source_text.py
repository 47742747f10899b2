"""Mermaid source text that keeps track of positions: an edited text still knows where each character was."""

from __future__ import annotations

import bisect
import html
import re
from collections.abc import Callable, Sequence

from msgspec import Struct

from diagramkit.diagnostics import Span

_CHARACTER_REFERENCE = re.compile(r"&(?:#[0-9]+;?|#[xX][0-9a-fA-F]+;?|[^\s<&#;]{1,32};?)")


class Origin(Struct, frozen=True):
    """The position of a text in its file: line 1, column 1 of the text is at `line`, `column`.

    `column` shifts every line by the same amount, as the indentation of a YAML block scalar or of a fence in a
    Markdown list does. With `inexact_positions`, the file holds the text in another notation (in quotes, with
    escapes), and every position in the text is reported as its beginning. With `is_html`, the text contains character
    references (`&gt;`), which are decoded as in HTML.
    """

    file: str
    line: int = 1
    column: int = 1
    inexact_positions: bool = False
    is_html: bool = False


class Source:
    """A text and its origin. `text` may be edited; each position in it still maps to a position in the file."""

    def __init__(self, text: str, origin: Origin) -> None:
        self.original = text
        self.text = text
        self.origin = origin
        self._line_starts = [0, *(match.end() for match in re.finditer(r"\n", text))]
        # The offsets at which runs of unchanged characters start, in the edited text and in the original.
        self._run_starts, self._original_run_starts = [0], [0]
        if origin.is_html:
            self.edit(_CHARACTER_REFERENCE, lambda match: html.unescape(match.group()))

    def span(self, offset: int) -> Span:
        """Return the position in the file of the character at `offset` of the edited text."""
        return self.span_of_original(self.original_offset(offset))

    def span_of_original(self, offset: int) -> Span:
        """Return the position in the file of the character at `offset` of the original text."""
        if self.origin.inexact_positions:
            return Span(self.origin.file, self.origin.line, self.origin.column)
        line = bisect.bisect_right(self._line_starts, offset) - 1
        return Span(
            self.origin.file,
            self.origin.line + line,
            self.origin.column + offset - self._line_starts[line],
        )

    def original_line(self, offset: int) -> tuple[str, int]:
        """Return the line of the original text that contains `offset`, and the column in it, from 1."""
        start = self._line_starts[bisect.bisect_right(self._line_starts, offset) - 1]
        end = self.original.find("\n", start)
        return self.original[start : end if end >= 0 else len(self.original)], offset - start + 1

    def original_offset(self, offset: int) -> int:
        """Return the offset in the original text of the character at `offset` of the edited text."""
        run = bisect.bisect_right(self._run_starts, offset) - 1
        return min(self._original_run_starts[run] + offset - self._run_starts[run], len(self.original))

    def edit(self, pattern: re.Pattern[str], replace: Callable[[re.Match[str]], str], until: str = "") -> None:
        """Replace every match of `pattern` by what `replace` returns.

        A replacement must not be longer than its match; its characters map to the start of the match. `until` is
        the text that every match ends with: the search stops at its last occurrence.
        """
        search_end = self.text.rfind(until) + len(until) if until else len(self.text)
        self.replace(
            [(match.start(), match.end(), replace(match)) for match in pattern.finditer(self.text, 0, search_end)]
        )

    def replace(self, changes: Sequence[tuple[int, int, str]]) -> None:
        """Replace parts of the text, given by start, end and new text, in order; see `edit`."""
        if not changes:
            return
        runs: dict[int, int] = {}
        parts: list[str] = []
        unchanged = length = 0  # The start of the current unchanged part, and the length of the new text so far.
        for start, end, new in [*changes, (len(self.text), len(self.text), "")]:
            # Runs that start in the unchanged part move with it; a new run starts after each change.
            first = bisect.bisect_right(self._run_starts, unchanged)
            last = bisect.bisect_right(self._run_starts, start)
            runs[length] = self.original_offset(unchanged)
            for index in range(first, last):
                runs[length + self._run_starts[index] - unchanged] = self._original_run_starts[index]
            parts += [self.text[unchanged:start], new]
            length += start - unchanged
            if new:
                runs.setdefault(length, self.original_offset(start))
            length += len(new)
            unchanged = end
        self._run_starts = sorted(runs)
        self._original_run_starts = [runs[start] for start in self._run_starts]
        self.text = "".join(parts)

    def line_end(self, offset: int) -> int:
        """Return the offset of the line after the one that contains `offset`, in the edited text."""
        end = self.text.find("\n", offset)
        return len(self.text) if end < 0 else end + 1

    def line_at(self, offset: int) -> str:
        """Return the line of the edited text that contains `offset`, without its line break."""
        end = self.text.find("\n", offset)
        start = self.text.rfind("\n", 0, offset) + 1
        return self.text[start : end if end >= 0 else len(self.text)]
