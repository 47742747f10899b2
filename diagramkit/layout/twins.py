"""Which groups and nodes stand for each other: zones, regions, accounts and subnets that are built alike."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from msgspec import Struct

from diagramkit import data
from diagramkit.graph import Graph, Group, Node
from diagramkit.measure.figures import Figures
from diagramkit.measure.text_layout import plain_lines, without_markdown
from diagramkit.style import theme


class Twins(Struct, frozen=True):
    """A number for each node and group: those of one number are built alike (0: like nothing else)."""

    nodes: Mapping[str, int]
    groups: Mapping[str, int]


def find_twins(graph: Graph, figures: Figures) -> Twins:
    """The twins among sibling groups, and among the members of all groups."""
    finder = _Finder(graph, figures)
    numbers: dict[tuple[object, ...], int] = {}
    groups: dict[str, int] = {}
    count: dict[tuple[object, ...], int] = {}
    for group in graph.groups:
        place = (group.parent, finder.of_group(group))
        count[place] = count.get(place, 0) + 1
    for group in graph.groups:
        key = finder.of_group(group)
        alone = count[(group.parent, key)] < 2 and group.parent is None
        groups[group.id] = 0 if alone or not finder.members(group.id) else numbers.setdefault(key, len(numbers) + 1)
    nodes = {node.id: numbers.setdefault(finder.of_node(node), len(numbers) + 1) for node in graph.nodes}
    return Twins(nodes, groups)


class _Finder:
    def __init__(self, graph: Graph, figures: Figures) -> None:
        self._graph, self._figures = graph, figures
        self._nodes: dict[str | None, list[Node]] = {}
        self._groups: dict[str | None, list[Group]] = {}
        for node in graph.nodes:
            self._nodes.setdefault(node.group, []).append(node)
        for group in graph.groups:
            self._groups.setdefault(group.parent, []).append(group)
        self._known: dict[str, tuple[object, ...]] = {}

    def members(self, group: str) -> bool:
        """Whether anything is in a group."""
        return bool(self._nodes.get(group) or self._groups.get(group))

    def of_node(self, node: Node) -> tuple[object, ...]:
        """What makes a node like another: its icon, or its shape and words; its size."""
        figure = self._figures.nodes[node.id]
        if figure.icon is not None:
            return "node", figure.icon.reference
        return "node", node.shape, _general(" ".join(plain_lines(without_markdown(node.label, node.markdown))))

    def of_group(self, group: Group) -> tuple[object, ...]:
        """What makes a group like another: its kind or title, and its members."""
        if group.id not in self._known:
            kind = group.kind or theme.kind_of(group.label)
            name = kind if kind in _words()["kinds"] else _general(" ".join(plain_lines(group.label)))
            inside = sorted(repr(self.of_node(node)) for node in self._nodes.get(group.id, ()))
            inside += sorted(repr(self.of_group(inner)) for inner in self._groups.get(group.id, ()))
            self._known[group.id] = ("group", name, *inside)
        return self._known[group.id]


def _general(label: str) -> str:
    """A label without what tells one of several alike: letters, numbers, zones."""
    return " ".join(re.sub(r"[\W_]+", " ", _designator().sub(" ", label)).casefold().split())


@cache
def _words() -> dict[str, list[str]]:
    """Kinds of groups that repeat, and the words that tell one of several alike."""
    words: dict[str, list[str]] = data.load("style", "twins.yaml")
    return words


@cache
def _designator() -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(_words()['words'])})\b", re.IGNORECASE)
