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


def language_of(text: str) -> str | None:
    """Return the language of a text in which diagrams can be written, or None if it may be Mermaid."""
    return next((name for name, detects, _ in _LANGUAGES if detects(text)), None)


def converted(text: str) -> list[str] | None:
    """Return what is written in place of each line of a text in another language, or None if a line is unknown.

    A line is replaced by nothing, or by several lines with `\\n` between them.
    """
    convert = next((convert for _, detects, convert in _LANGUAGES if detects(text)), None)
    if convert is None or text.count("\n") > MAX_LINES:
        return None
    writer = Writer(text.split("\n"))
    try:
        convert(writer)
        return writer.result()
    except NotUnderstoodError:
        return None
