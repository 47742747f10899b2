"""Turns diagrams in other languages into Mermaid, line by line, if every line is understood.

What Mermaid cannot express, such as colors, stays as a comment at its place, so that nothing is lost. A text with a
line that a language's module does not know is not changed at all.
"""

from __future__ import annotations

from collections.abc import Callable

from diagramkit.sources.foreign_texts import d2, graphviz, json_graph, plantuml, python_diagrams, structurizr
from diagramkit.sources.foreign_texts.writing import NotUnderstoodError, Writer

_LANGUAGES: tuple[tuple[str, Callable[[str], bool], Callable[[Writer], None]], ...] = (
    ("PlantUML", plantuml.detects, plantuml.convert),
    ("Graphviz", graphviz.detects, graphviz.convert),
    ("Structurizr DSL", structurizr.detects, structurizr.convert),
    ("Python with the package 'diagrams'", python_diagrams.detects, python_diagrams.convert),
    ("JSON", json_graph.detects, json_graph.convert),
    ("D2", d2.detects, d2.convert),
)
MAX_LINES = 500
"""The number of lines of the longest text that is converted."""
_MAX_LENGTH = 100_000  # Of a text.
_MAX_LINE_LENGTH = 400  # Except for JSON, which may be in one line.
_START = 2000  # The characters at the start of a text that tell its language.


def language_of(text: str) -> str | None:
    """Return the language of a text in which diagrams can be written, or None if it may be Mermaid."""
    return next((name for name, detects, _ in _LANGUAGES if detects(text[:_START])), None)


def converted(text: str) -> list[str] | None:
    """Return what is written in place of each line of a text in another language, or None if a line is unknown.

    A line is replaced by nothing, or by several lines with `\\n` between them.
    """
    convert = next((convert for _, detects, convert in _LANGUAGES if detects(text[:_START])), None)
    lines = text.split("\n")
    is_long = convert is not json_graph.convert and max(map(len, lines)) > _MAX_LINE_LENGTH
    if convert is None or len(lines) > MAX_LINES or len(text) > _MAX_LENGTH or is_long:
        return None
    writer = Writer(lines)
    try:
        convert(writer)
        return writer.result()
    except NotUnderstoodError:
        return None
