"""The frame around all that AWS runs: the group `AWS Cloud` that a source leaves out."""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec import structs

from diagramkit import data
from diagramkit.graph import Graph, Group, Node
from diagramkit.icons.resolver import IconChoice
from diagramkit.measure.text_layout import plain_lines, without_emoji
from diagramkit.style import theme

FRAME_TITLES = {"aws-cloud": "AWS Cloud"}
"""The title of each kind of frame."""


def add_frame(graph: Graph, icons: Mapping[str, IconChoice], kind: str) -> Graph:
    """The graph with a group of `kind` around all but users, clients and other sites.

    The same graph where it has such a group already, or nothing to put in one.
    """
    kinds = {group.id: group.kind or theme.kind_of(group.label) for group in graph.groups}
    if kind in kinds.values() or not graph.nodes:
        return graph
    ids = {node.id for node in graph.nodes} | set(kinds)
    name = next(name for name in _names(kind) if name not in ids)
    outside = {node.id for node in graph.nodes if is_outside(node, icons)}
    away = {
        group.id
        for group in graph.groups
        if group.parent is None
        and (
            kinds[group.id] in _known()["kinds"]
            or _all_outside(graph, group.id, outside)
            or (kinds[group.id] == "generic" and _names_outside(group.label))
        )
    }
    nodes = tuple(
        structs.replace(node, group=name) if node.group is None and node.id not in outside else node
        for node in graph.nodes
    )
    groups = tuple(
        structs.replace(group, parent=name) if group.parent is None and group.id not in away else group
        for group in graph.groups
    )
    if nodes == graph.nodes and groups == graph.groups:
        return graph
    span = (graph.groups or graph.nodes)[0].span
    frame = Group(name, FRAME_TITLES[kind], span, kind=kind)
    return structs.replace(graph, nodes=nodes, groups=(frame, *groups))


def _names(kind: str) -> list[str]:
    return [kind, *(f"{kind}-{number}" for number in range(1, 1000))]


def _known() -> dict[str, list[str]]:
    known: dict[str, list[str]] = data.load("style", "outside.yaml")
    return known


def is_outside(node: Node, icons: Mapping[str, IconChoice]) -> bool:
    """Whether a node stands outside of what AWS runs, where readers start: users, clients, the internet."""
    icon = icons[node.id].icon
    if icon is None:
        return _names_outside(node.label)
    return any(icon == name or (name.endswith(".") and icon.startswith(name)) for name in _known()["icons"])


def _names_outside(label: str) -> bool:
    words = without_emoji((plain_lines(label) or ("",))[0])
    return bool(re.fullmatch(str(_known()["words"]), words, re.I))


def _all_outside(graph: Graph, group: str, outside: set[str]) -> bool:
    """Whether a group holds nodes, and only ones that stand outside."""
    own = graph.members(group)
    inner = [other.id for other in graph.groups if other.parent == group]
    if any(not _all_outside(graph, other, outside) for other in inner):
        return False
    return bool(own or inner) and all(name in outside for name in own)
