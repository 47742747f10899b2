"""A hint as it is written in a source: the places of its parts, for messages and fixes."""

from __future__ import annotations

from msgspec import Struct

from diagramkit.diagnostics import Diagnostic, Excerpt, Fix, Span
from diagramkit.graph import Hint, HintKind


class Place(Struct, frozen=True):
    """Where a part of a hint is.

    `excerpt` is its line, if it is known. `text` is the part as the file has it, or None if the file has it in another
    notation.
    """

    span: Span
    excerpt: Excerpt | None = None
    text: str | None = None

    def problem(self, code: str, message: str, new: str | None = None) -> Diagnostic:
        """Return an error at this place; `new` is the text that corrects it."""
        fix = Fix(self.span, self.text, new) if new is not None and self.text is not None else None
        return Diagnostic(code, message, self.span, excerpt=self.excerpt, fix=fix)


class WrittenHint(Struct, frozen=True):
    """A hint with its place and those of its members.

    `quotes` tells whether ids that are not plain words are in quotes, as in comments.
    """

    kind: HintKind
    members: tuple[str, ...]
    values: tuple[int, ...]
    place: Place
    places: tuple[Place, ...]
    quotes: bool = False

    @property
    def hint(self) -> Hint:
        """The hint for the graph."""
        return Hint(self.kind, self.members, self.place.span, self.values)
