"""Find twins: zones, regions, accounts and subnets with matching content."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from msgspec import Struct

from diagramkit import data
from diagramkit.graph import Graph, Group, Node
from diagramkit.measure.figures import Figures
from diagramkit.sources.label_text import one_line
from diagramkit.style import group_kinds


class Twins(Struct, frozen=True):
    """A number for each node and group: those with the same number match (0: no match)."""

    nodes: Mapping[str, int]
    groups: Mapping[str, int]


def find_twins(graph: Graph, figures: Figures) -> Twins:
    """Return the twins among sibling groups, and among the members of all groups."""
    finder = _Finder(graph, figures)
    numbers: dict[tuple[object, ...], int] = {}
    groups: dict[str, int] = {}
    count: dict[tuple[object, ...], int] = {}
    for group in graph.groups:
        sibling_key = (group.parent, finder.group_key(group))
        count[sibling_key] = count.get(sibling_key, 0) + 1
    for group in graph.groups:
        key = finder.group_key(group)
        unique = count[(group.parent, key)] < 2 and group.parent is None
        is_lane = graph.lanes and group.parent is None
        groups[group.id] = (
            0 if unique or is_lane or graph.is_empty(group.id) else numbers.setdefault(key, len(numbers) + 1)
        )
    nodes = {node.id: numbers.setdefault(finder.node_key(node), len(numbers) + 1) for node in graph.nodes}
    return Twins(nodes, groups)


class _Finder:
    def __init__(self, graph: Graph, figures: Figures) -> None:
        self._graph, self._figures = graph, figures
        self._group_keys: dict[str, tuple[object, ...]] = {}

    def node_key(self, node: Node) -> tuple[object, ...]:
        """Return what matching nodes have in common: the icon, or the shape and text."""
        figure = self._figures.nodes[node.id]
        if figure.icon is not None:
            return "node", figure.icon.reference
        return "node", node.shape, _generalize(one_line(node))

    def group_key(self, group: Group) -> tuple[object, ...]:
        """Return what matching groups have in common: the kind or title, and the members."""
        if group.id not in self._group_keys:
            kind = group.kind or group_kinds.of_title(group.label)
            is_often_repeated = group_kinds.load()[kind].get("often_repeated")
            name = kind if is_often_repeated else _generalize(one_line(group))
            member_keys = sorted(repr(self.node_key(node)) for node in self._graph.child_nodes(group.id))
            member_keys += sorted(repr(self.group_key(inner)) for inner in self._graph.child_groups(group.id))
            self._group_keys[group.id] = ("group", name, *member_keys)
        return self._group_keys[group.id]


def _generalize(label: str) -> str:
    """Return a label without the letters, numbers and zones that distinguish twins."""
    return " ".join(re.sub(r"[\W_]+", " ", _designator_pattern().sub(" ", label)).casefold().split())


@cache
def _designator_pattern() -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(data.load('style', 'twins.yaml')['words'])})\b", re.IGNORECASE)
