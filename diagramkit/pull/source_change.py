"""A change of a picture that is to be written into its source."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from diagramkit.graph import Graph
from diagramkit.sources.source_edits import Edit


class SourceChange(Struct, frozen=True):
    """A change for the source: what it is in words, and the edit, which depends on the graph at that time.

    `make` returns None if the source has the change already. It raises `ConflictError` if the source was changed, too.
    """

    text: str
    make: Callable[[Graph], Edit | None]
    is_pin: bool = False


class ConflictError(ValueError):
    """Something was changed in the picture and, differently, in the source. The message says what."""


def ids_of(graph: Graph) -> set[str]:
    """Return the ids of all nodes and groups."""
    return {item.id for item in graph.nodes_and_groups}


def require(graph: Graph, *names: str) -> None:
    """Raise `ConflictError` if a graph does not contain what a change is about."""
    for name in names:
        if name not in ids_of(graph):
            raise ConflictError(f"the source does not contain '{name}' any more")
