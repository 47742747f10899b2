"""Write and remove pins: the ranks and lines of nodes and groups within their groups, as edits of the source."""

from __future__ import annotations

from collections.abc import Mapping

from diagramkit.graph import Graph, Pattern
from diagramkit.serve.edits import EditError
from diagramkit.sources import source_edits
from diagramkit.sources.source_edits import Pin, SourceEditError, Unpin

Place = tuple[int, int]
"""A rank and a line."""


def with_pins(text: str, path: str, pattern: Pattern, pins: Mapping[str, Place]) -> str:
    """Return a source in which nodes and groups have pins, by id. Other pins stay. Raises `EditError`.

    They are written in an order in which no two are at one place in between.
    """
    remaining = dict(pins)
    while remaining:
        places = _places(pattern.graph)
        name = next((one for one in remaining if _is_free(pattern.graph, places, one, remaining[one])), None)
        if name is not None:
            text, pattern = _edited(text, path, pattern, Pin(name, *remaining.pop(name)))
        elif pinned := next((one for one in remaining if one in places), None):
            text, pattern = _edited(text, path, pattern, Unpin(pinned))
        else:
            name, place = remaining.popitem()
            raise EditError(f"there is another pin at rank {place[0]}, line {place[1]}; remove it first")
    return text


def without_pin(text: str, path: str, pattern: Pattern, name: str) -> str:
    """Return a source in which a node or group has no pin. Raises `EditError`."""
    return _edited(text, path, pattern, Unpin(name))[0]


def _places(graph: Graph) -> dict[str, Place]:
    """Return the pins of a graph by id."""
    return {hint.members[0]: (hint.values[0], hint.values[1]) for hint in graph.hints if hint.kind == "pin"}


def _is_free(graph: Graph, places: Mapping[str, Place], name: str, place: Place) -> bool:
    """Return whether nothing else in the group of a node or group is pinned to a place."""
    parents = {node.id: node.group for node in graph.nodes} | {group.id: group.parent for group in graph.groups}
    return not any(
        other != name and at == place and parents.get(other) == parents.get(name) for other, at in places.items()
    )


def _edited(text: str, path: str, pattern: Pattern, edit: Pin | Unpin) -> tuple[str, Pattern]:
    try:
        return source_edits.apply(text, path, pattern, edit)
    except SourceEditError as error:
        raise EditError(str(error)) from None
