"""Write and remove pins: the rank and the line of a node or group within its group, as edits of the source."""

from __future__ import annotations

from diagramkit.graph import Graph, Pattern
from diagramkit.serve.edits import EditError
from diagramkit.sources import source_edits
from diagramkit.sources.source_edits import Pin, SourceEditError, Unpin


def with_pin(text: str, path: str, pattern: Pattern, name: str, rank: int, line: int) -> str:
    """Return a source in which a node or group has a pin.

    What is pinned to this place moves on by a line, and so does what is pinned there. Raises `EditError`.
    """
    edits = [*reversed(_displaced(pattern.graph, name, rank, line)), Pin(name, rank, line)]
    for edit in edits:
        text, pattern = _edited(text, path, pattern, edit)
    return text


def without_pin(text: str, path: str, pattern: Pattern, name: str) -> str:
    """Return a source in which a node or group has no pin. Raises `EditError`."""
    return _edited(text, path, pattern, Unpin(name))[0]


def _displaced(graph: Graph, name: str, rank: int, line: int) -> list[Pin]:
    """Return the new pins of what has to move on, in the order of the lines."""
    parents = {node.id: node.group for node in graph.nodes} | {group.id: group.parent for group in graph.groups}
    pinned = {
        (hint.values[0], hint.values[1]): hint.members[0]
        for hint in graph.hints
        if hint.kind == "pin" and hint.members[0] != name and parents.get(hint.members[0]) == parents.get(name)
    }
    moved = []
    while (rank, line) in pinned:
        moved.append(Pin(pinned[rank, line], rank, line + 1))
        line += 1
    return moved


def _edited(text: str, path: str, pattern: Pattern, edit: Pin | Unpin) -> tuple[str, Pattern]:
    try:
        return source_edits.apply(text, path, pattern, edit)
    except SourceEditError as error:
        raise EditError(str(error)) from None
