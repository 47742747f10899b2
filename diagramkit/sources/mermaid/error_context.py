"""The context of a syntax error: the text around it, and diagnostics at positions in that text."""

from __future__ import annotations

from msgspec import Struct

from diagramkit.diagnostics import Diagnostic, Excerpt
from diagramkit.sources.mermaid.entities import restore_codes
from diagramkit.sources.mermaid.source_text import Source
from diagramkit.sources.mermaid.tokens import Token


class Mistake(Struct, frozen=True):
    """A diagnostic, and its offset in the text.

    `end` is the offset where the text that is to be corrected certainly ends, if it is known: the rest of the line may
    be read. Otherwise the parser continues at the next line.
    """

    problem: Diagnostic
    offset: int
    end: int | None = None


class ErrorContext(Struct, frozen=True):
    """The source of an error, the unexpected token, and the token that starts the construct being read."""

    source: Source
    token: Token
    start: Token

    @property
    def rest_of_line(self) -> str:
        """The text from the unexpected token to the end of its line."""
        return self.line_from(self.token.start)

    def line_from(self, offset: int) -> str:
        """Return the text from `offset` to the end of its line."""
        end = self.source.text.find("\n", offset)
        return self.source.text[offset : end if end >= 0 else len(self.source.text)]

    def line_before(self, offset: int) -> str:
        """Return the text from the start of the line to `offset`."""
        return self.source.text[self.source.text.rfind("\n", 0, offset) + 1 : offset]

    def mistake(
        self, message: str, offset: int, width: int = 1, end: int | None = None, code: str = "mermaid-syntax"
    ) -> Mistake:
        """Return a mistake at `offset`; `width` is the number of characters that the excerpt underlines."""
        return Mistake(diagnostic_at(self.source, code, message, offset, width), offset, end)

    def mistake_at(self, token: Token, message: str, code: str = "mermaid-syntax") -> Mistake:
        """Return a mistake with a token, all of which the excerpt underlines."""
        return self.mistake(message, token.visible_start, len(token.visible), code=code)


def diagnostic_at(source: Source, code: str, message: str, offset: int, width: int = 1) -> Diagnostic:
    """Return an error at `offset` of the edited text, with an excerpt of the original line."""
    offset = min(offset, len(source.text.rstrip("\n")))
    original_offset = source.original_offset(offset)
    line, column = source.original_line(original_offset)
    width = max(1, min(width, len(line) - column + 1))
    excerpt = Excerpt(line, column, width)
    return Diagnostic(code, restore_codes(message), source.span_of_original(original_offset), "error", excerpt)
