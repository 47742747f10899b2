"""Reading Mermaid in tests."""

from __future__ import annotations

from diagramkit.graph import Graph
from diagramkit.sources.mermaid.read import parse
from diagramkit.sources.mermaid.source_text import Origin


def read(text: str) -> Graph:
    """Return the graph of a Mermaid text, whose file is called `d.mmd`. Raises `DiagramError`."""
    return parse(text, Origin("d.mmd"))
