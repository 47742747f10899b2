"""Notes about diagrams that can be read: empty ones, and what no picture shows."""

from __future__ import annotations

from collections.abc import Iterable

from diagramkit.diagnostics import Diagnostic
from diagramkit.graph import Pattern
from diagramkit.sources.readers import Reader


def empty_diagram(pattern: Pattern, reader: Reader) -> Diagnostic | None:
    """Return a note if a diagram that `reader` read contains nothing, so that its picture would be blank."""
    if pattern.graph.nodes or pattern.graph.groups:
        return None
    message = f"this diagram contains no nodes, so that there is no picture of it; {reader.empty_advice}"
    return Diagnostic("empty-diagram", message, pattern.span, "note")


def unsupported_features(patterns: Iterable[Pattern]) -> Diagnostic | None:
    """Return one note that lists what the diagrams of a file ask for and no picture shows, at the first of it."""
    features = [feature for pattern in patterns for feature in pattern.graph.unsupported]
    if not features:
        return None
    names = ", ".join(dict.fromkeys(feature.name for feature in features))
    message = (
        f"diagramkit does not draw this: {names}; it has its own layout and themes, and options such as --theme and "
        "--lines"
    )
    return Diagnostic("not-drawn", message, features[0].span, "note")
