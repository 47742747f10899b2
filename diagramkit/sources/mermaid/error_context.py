"""The place of a mistake: the text around it, and problems and mends made there."""

from __future__ import annotations

from msgspec import Struct

from diagramkit.diagnostics import Diagnostic, Excerpt, Fix
from diagramkit.sources.mermaid.source_text import Source
from diagramkit.sources.mermaid.tokens import Token


class Mistake(Struct, frozen=True):
    """A problem, and the offset from whose line's end on to read on."""

    problem: Diagnostic
    offset: int


class ErrorContext(Struct, frozen=True):
    """Where a mistake was met: the source, the word that was found, the word that began it."""

    source: Source
    found: Token
    since: Token

    @property
    def rest(self) -> str:
        """The rest of the line from the found word on."""
        return self.line(self.found.start)

    def line(self, start: int) -> str:
        """The text from `start` to the end of its line."""
        end = self.source.text.find("\n", start)
        return self.source.text[start : end if end >= 0 else len(self.source.text)]

    def before(self, offset: int) -> str:
        """The text of the line before `offset`."""
        return self.source.text[self.source.text.rfind("\n", 0, offset) + 1 : offset]

    def told(self, code: str, message: str, at: int, width: int = 1, fix: Fix | None = None) -> Mistake:
        """The problem at the offset `at`."""
        return Mistake(problem(self.source, code, message, at, width, fix), at)

    def fix(self, at: int, old: str, new: str) -> Fix | None:
        """The mend that replaces `old`, which stands at `at`; None where the text is folded."""
        return fix(self.source, at, old, new)


def problem(source: Source, code: str, message: str, at: int, width: int = 1, fix: Fix | None = None) -> Diagnostic:
    """A problem at an offset of the text as it is, with its line."""
    at = min(at, len(source.text.rstrip("\n")))
    then = source.original_offset(at)
    line, column = source.original_line(then)
    width = max(1, min(width, len(line) - column + 1))
    return Diagnostic(code, message, source.span_of_original(then), "error", Excerpt(line, column, width), fix)


def fix(source: Source, at: int, old: str, new: str) -> Fix | None:
    """A mend of the original text; None where that is written in another way in its file."""
    if source.origin.folded:
        return None
    return Fix(source.span(at), old, new, source.origin.column - 1)
