"""Mermaid text into a `Graph`: which of its diagrams it is, and who reads it."""

from __future__ import annotations

from diagramkit.graph import Graph
from diagramkit.sources.mermaid import flowchart, preamble
from diagramkit.sources.mermaid.source_text import Origin, Source


def parse(text: str, origin: Origin) -> Graph:
    """Read the flowchart or architecture diagram in `text`, which stands at `origin` in its file.

    Raises `DiagramError` with every mistake found, in the order of the text; its code is
    unsupported-diagram for Mermaid's other diagrams.
    """
    source = Source(text, origin)
    title = preamble.clean(source)
    words = source.text.split(maxsplit=1)
    if words and words[0] == preamble.ARCHITECTURE:
        from diagramkit.sources.mermaid import architecture

        return architecture.read(source, title)
    return flowchart.read(source, title)
