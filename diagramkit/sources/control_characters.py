"""Control characters and characters that change the text direction, in the texts of a diagram.

No output contains them: a terminal would run control characters, XML cannot contain most of them, and the others show a
reviewer something else than what is there.
"""

from __future__ import annotations

from collections.abc import Iterable

from diagramkit.diagnostics import Diagnostic, Span
from diagramkit.graph import Pattern
from diagramkit.markup import forbidden_in


def notes(patterns: Iterable[Pattern], text: str, file: str) -> tuple[Diagnostic, ...]:
    """Return a note if the texts of `patterns`, which were read from the text of a file, have such characters.

    It points at the first one in the file, or at a pattern if the file has only escapes for them.
    """
    for pattern in patterns:
        if forbidden := forbidden_in("\n".join(_texts(pattern))):
            names = ", ".join(f"U+{ord(char):04X}" for char in forbidden)
            message = f"the outputs leave out {names}, which cannot be seen; remove it from the source"
            return (Diagnostic("control-character", message, _position(text, forbidden, file) or pattern.span, "note"),)
    return ()


def _texts(pattern: Pattern) -> Iterable[str]:
    yield from (pattern.source_text, pattern.title, pattern.category or "")
    yield from (*pattern.components, *pattern.best_practices)
    for elements in (pattern.graph.nodes, pattern.graph.edges, pattern.graph.groups):
        yield from (element.label for element in elements)


def _position(text: str, chars: str, file: str) -> Span | None:
    """Return the position of the first of some characters in a text, or None."""
    for number, line in enumerate(text.split("\n"), 1):
        columns = [line.index(char) for char in chars if char in line]
        if columns:
            return Span(file, number, min(columns) + 1)
    return None
