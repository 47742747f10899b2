"""Follows the ids of groups that have none of their own, which change while a source is edited.

Mermaid numbers such groups in the order of their ends (`subGraph0`), so that a new or deleted group changes those of
others.
"""

from __future__ import annotations

import re

from msgspec import structs

from diagramkit.graph import Graph
from diagramkit.sources.source_edits import DeleteGroup, Edit, MoveInto

_AUTOMATIC = re.compile(r"subGraph\d+")


class GroupIds:
    """The ids of groups at the beginning, by which the record of a picture knows them, and now."""

    def __init__(self, graph: Graph) -> None:
        self._now = {name: name for name in _automatic(graph)}

    def original(self, graph: Graph) -> Graph:
        """Return a graph with the ids at the beginning."""
        return _with_ids(graph, {now: name for name, now in self._now.items()})

    def current(self, edit: Edit) -> Edit:
        """Return an edit with the ids of now."""
        values = {name: getattr(edit, name) for name in edit.__struct_fields__}
        changed = {
            name: self._now[value] for name, value in values.items() if isinstance(value, str) and value in self._now
        }
        changed.pop("label", None)
        return structs.replace(edit, **changed)

    def follow(self, before: Graph, after: Graph, edit: Edit) -> None:
        """Note what became of the ids by an edit."""
        old, new = _automatic(before), _automatic(after)
        if isinstance(edit, DeleteGroup):
            old.pop(edit.id, None)
        if isinstance(edit, MoveInto):  # A moved group may be behind others now.
            labels = [*new.values()]
            old = dict(sorted(old.items(), key=lambda pair: labels.index(pair[1]) if pair[1] in labels else 0))
        names = dict(zip(old, new, strict=False))
        self._now = {name: names[now] for name, now in self._now.items() if now in names}


def _automatic(graph: Graph) -> dict[str, str]:
    """Return the groups without ids of their own, in the order of the source, with their titles."""
    return {group.id: group.label for group in graph.groups if _AUTOMATIC.fullmatch(group.id)}


def _with_ids(graph: Graph, ids: dict[str, str]) -> Graph:
    """Return a graph with other ids of groups."""
    if all(name == other for name, other in ids.items()):
        return graph
    return structs.replace(
        graph,
        nodes=tuple(structs.replace(each, group=ids.get(each.group or "", each.group)) for each in graph.nodes),
        groups=tuple(
            structs.replace(each, id=ids.get(each.id, each.id), parent=ids.get(each.parent or "", each.parent))
            for each in graph.groups
        ),
        edges=tuple(
            structs.replace(each, source=ids.get(each.source, each.source), target=ids.get(each.target, each.target))
            for each in graph.edges
        ),
        hints=tuple(
            structs.replace(each, members=tuple(ids.get(name, name) for name in each.members)) for each in graph.hints
        ),
    )
