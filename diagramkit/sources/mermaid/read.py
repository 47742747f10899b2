"""Reads Mermaid text into a `Graph`: detects the type of the diagram and calls its parser."""

from __future__ import annotations

from diagramkit.diagnostics import DiagramError
from diagramkit.graph import Graph
from diagramkit.sources.mermaid import flowchart, preamble
from diagramkit.sources.mermaid.source_text import Origin, Source


def parse(text: str, origin: Origin) -> Graph:
    """Read the flowchart or architecture diagram in `text`; `origin` is the position of the text in its file.

    Raises `DiagramError` with all mistakes in the text, in source order, and verified fixes for them. The code of the
    error is unsupported-diagram for Mermaid's other diagram types.
    """
    try:
        return _parse(text, origin)
    except DiagramError as error:
        if origin.inexact_positions:
            raise
        from diagramkit.sources.mermaid.mistakes import corrections

        raise DiagramError(corrections.with_fixes(text, origin, error.problems, _parse)) from None


def _parse(text: str, origin: Origin) -> Graph:
    """Read a diagram as `parse` does, without fixes."""
    source = Source(text, origin)
    title = preamble.clean(source)
    words = source.text.split(maxsplit=1)
    if words and words[0] == preamble.ARCHITECTURE:
        from diagramkit.sources.mermaid import architecture

        return architecture.read(source, title)
    return flowchart.read(source, title)
