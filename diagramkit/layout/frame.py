"""Add the group `AWS Cloud` around everything that AWS runs if the source omits it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec import structs

from diagramkit import data
from diagramkit.graph import Graph, Group, Node
from diagramkit.icons.resolver import IconChoice
from diagramkit.measure.text_layout import without_emoji
from diagramkit.sources.label_text import styled_lines
from diagramkit.style import group_kinds
from diagramkit.style.text_style import text_of

FRAME_TITLES = {"aws-cloud": "AWS Cloud"}
"""The title of each kind of frame."""


def add_frame(graph: Graph, icons: Mapping[str, IconChoice], kind: str) -> Graph:
    """Return the graph with a group of `kind` around everything but users, clients and other sites.

    Returns the graph unchanged if it already contains such a group, or nothing to put into one.
    """
    kinds = {group.id: group.kind or group_kinds.of_title(group.label) for group in graph.groups}
    if kind in kinds.values() or not graph.nodes:
        return graph
    ids = {node.id for node in graph.nodes} | set(kinds)
    frame_id = next(frame_id for frame_id in _candidate_ids(kind) if frame_id not in ids)
    outside = {node.id for node in graph.nodes if is_outside(node, icons)}
    excluded = {
        group.id
        for group in graph.groups
        if group.parent is None
        and (
            kinds[group.id] in _outside_names()["kinds"]
            or _all_outside(graph, group.id, outside)
            or (kinds[group.id] == "generic" and _is_outside_label(group))
        )
    }
    nodes = tuple(
        structs.replace(node, group=frame_id) if node.group is None and node.id not in outside else node
        for node in graph.nodes
    )
    groups = tuple(
        structs.replace(group, parent=frame_id) if group.parent is None and group.id not in excluded else group
        for group in graph.groups
    )
    if nodes == graph.nodes and groups == graph.groups:
        return graph
    span = (graph.groups or graph.nodes)[0].span
    frame = Group(frame_id, FRAME_TITLES[kind], span, kind=kind)
    return structs.replace(graph, nodes=nodes, groups=(frame, *groups))


def _candidate_ids(kind: str) -> list[str]:
    """Return possible ids for the frame, in order of preference."""
    return [kind, *(f"{kind}-{number}" for number in range(1, 1000))]


def _outside_names() -> dict[str, list[str]]:
    """Return the icons, labels and kinds of groups that are outside of AWS."""
    names: dict[str, list[str]] = data.load("style", "outside.yaml")
    return names


def is_outside(node: Node, icons: Mapping[str, IconChoice]) -> bool:
    """Return whether a node is outside of what AWS runs, where readers start: users, clients, the internet."""
    icon = icons[node.id].icon
    if icon is None:
        return _is_outside_label(node)
    return any(icon == name or (name.endswith(".") and icon.startswith(name)) for name in _outside_names()["icons"])


def _is_outside_label(item: Node | Group) -> bool:
    """Return whether a label or title names something outside of AWS."""
    lines = styled_lines(item.label, item.markdown)
    words = text_of(without_emoji(lines[0])) if lines else ""
    return bool(re.fullmatch(str(_outside_names()["words"]), words, re.I))


def _all_outside(graph: Graph, group: str, outside: set[str]) -> bool:
    """Return whether a group contains nodes, and all of them are outside."""
    if any(not _all_outside(graph, inner.id, outside) for inner in graph.child_groups(group)):
        return False
    return not graph.is_empty(group) and all(node.id in outside for node in graph.child_nodes(group))
