"""Describe a graph as the objects of `diagrams` that a user would write: classes, texts and attributes, as plain data.

`compile.to_diagrams` creates these objects, and `writers/script.py` writes code that creates them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from msgspec import Struct, field

from diagramkit.graph import Direction, Edge, Graph, Node, Pattern
from diagramkit.icons import library, names
from diagramkit.icons.resolver import IconChoice
from diagramkit.sources.label_text import plain_text

Anchor: TypeAlias = tuple[Literal["node", "group"], str]
"""A node at which an edge can end in Graphviz: a node of the graph, or the placeholder of an empty group."""

_STYLES = {"thick": "bold", "dotted": "dotted", "invisible": "invis"}
_HEADS = {"circle": "odot", "cross": "tee"}
_PLAIN_ATTRIBUTES = {"shape": "box", "style": "rounded", "labelloc": "c", "height": "0.7"}


class NodeObject(Struct, frozen=True):
    """A node.

    `reference` names its class (`aws.compute.Lambda`; None for the plain `Node`), and `label` is escaped for Graphviz.
    """

    reference: str | None
    label: str
    attributes: Mapping[str, str] = field(default_factory=dict)


PLACEHOLDER = NodeObject(None, "", {"shape": "point", "style": "invis"})
"""The invisible node in an empty group: Graphviz draws no empty cluster, and edges may end at the group."""


class ClusterObject(Struct, frozen=True):
    """A group: the unique name of its `Cluster`, and the attributes of its graph."""

    name: str
    attributes: Mapping[str, str] = field(default_factory=dict)


class EdgeObject(Struct, frozen=True):
    """An edge between two nodes.

    `forward` and `reverse` say whether it has an arrowhead at its target and at its source.
    """

    tail: Anchor
    head: Anchor
    forward: bool
    reverse: bool
    attributes: Mapping[str, str]


class DiagramObject(Struct, frozen=True):
    """The arguments of the `Diagram`: name, file name without extension, direction, and the attributes of its graph."""

    name: str
    filename: str
    direction: Direction
    attributes: Mapping[str, str]


class Objects(Struct, frozen=True):
    """A whole diagram: nodes and clusters by the ids of nodes and groups, and edges in the graph's order."""

    diagram: DiagramObject
    nodes: Mapping[str, NodeObject]
    clusters: Mapping[str, ClusterObject]
    edges: tuple[EdgeObject, ...]


def describe(pattern: Pattern, icons: Mapping[str, IconChoice]) -> Objects:
    """Return the objects for a pattern whose edges all end at something.

    `icons` maps the id of each node to its choice of an icon.
    """
    graph, ends = pattern.graph, Ends(pattern.graph)
    clusters = _clusters(graph)
    cluster_names = {name: f"cluster_{cluster.name}" for name, cluster in clusters.items()}
    return Objects(
        DiagramObject(escape_dot(pattern.title), pattern.name, graph.direction or "TB", {"compound": "true"}),
        {node.id: _node(node, icons[node.id].icon) for node in graph.nodes},
        clusters,
        tuple(_edge(edge, ends, cluster_names) for edge in graph.edges),
    )


def escape_dot(text: str) -> str:
    """Return a text that Graphviz shows unchanged: it interprets backslashes, and `<...>` as markup."""
    escaped = text.replace("\\", "\\\\")
    return f"{escaped} " if escaped.startswith("<") and escaped.endswith(">") else escaped


class Ends:
    """Determines at which nodes the edges of a graph end in Graphviz, where edges can only connect nodes."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._group = {node.id: node.group for node in graph.nodes}
        self._parent = {group.id: group.parent for group in graph.groups}

    def is_group(self, end: str) -> bool:
        """Return whether an edge's end is a group. If a node has the same id, the end is that node."""
        return end not in self._group and end in self._parent

    def anchor(self, end: str) -> Anchor:
        """Return the node that represents an edge's end: the node itself, or one inside the group.

        Raises `KeyError` if the graph has no such end.
        """
        if end in self._group:
            return "node", end
        self._parent[end]
        nested = [end, *(group.id for group in self._graph.descendants(end))]
        for group in nested:
            if members := self._graph.child_nodes(group):
                return "node", members[len(members) // 2].id
        return "group", next(group for group in nested if self._graph.is_empty(group))

    def compound(self, edge: Edge, names: Mapping[str, str]) -> dict[str, str]:
        """Return the attributes that name the groups at which an edge ends. `names` maps group ids to DOT names.

        They are Graphviz' `ltail` and `lhead`. If the edge's opposite end is inside the same group, Graphviz would
        print a warning about them; then they are `tailgroup` and `headgroup`, which Graphviz ignores.
        """
        attributes: dict[str, str] = {}
        for end, opposite, outside_name, inside_name in (
            (edge.source, edge.target, "ltail", "tailgroup"),
            (edge.target, edge.source, "lhead", "headgroup"),
        ):
            if self.is_group(end):
                inside = self._contains(end, self.anchor(opposite))
                attributes[inside_name if inside else outside_name] = names[end]
        return attributes

    def _contains(self, group: str, anchor: Anchor) -> bool:
        """Return whether an anchor is inside a group, at any depth."""
        kind, name = anchor
        ancestor: str | None = name if kind == "group" else self._group[name]
        visited: set[str] = set()
        while ancestor is not None and ancestor not in visited:
            if ancestor == group:
                return True
            visited.add(ancestor)
            ancestor = self._parent.get(ancestor)
        return False


def _node(node: Node, icon: str | None) -> NodeObject:
    """Return the object for a node."""
    label, reference = escape_dot(plain_text(node.label, node.markdown)), _reference(icon)
    return NodeObject(reference, label) if reference else NodeObject(None, label, _PLAIN_ATTRIBUTES)


def _reference(icon: str | None) -> str | None:
    """Return the `diagrams` class for an icon: its own, or that of the service it belongs to."""
    if icon and library.node_class(icon) is None and icon in names.services():
        icon = names.services()[icon].substitute
    return library.canonical(icon) if icon and library.node_class(icon) else None


def _clusters(graph: Graph) -> dict[str, ClusterObject]:
    """Return the clusters by group id.

    Graphviz would merge two clusters of the same name, so a later one gets another name, and the original as its label.
    """
    labels = [escape_dot(plain_text(group.label, group.markdown)) for group in graph.groups]
    used_names, clusters = set[str](), dict[str, ClusterObject]()
    for group, label in zip(graph.groups, labels, strict=True):
        name, number = label, 1
        while name in used_names or (number > 1 and name in labels):
            number += 1
            name = f"{label} {number}"
        used_names.add(name)
        clusters[group.id] = ClusterObject(name, {} if name == label else {"label": label})
    return clusters


def _edge(edge: Edge, ends: Ends, clusters: Mapping[str, str]) -> EdgeObject:
    """Return the object for an edge."""
    attributes: dict[str, str] = {}
    if text := plain_text(edge.label, edge.markdown):
        attributes["label"] = escape_dot(text)
    if edge.stroke in _STYLES:
        attributes["style"] = _STYLES[edge.stroke]
    if edge.length > 1:
        attributes["minlen"] = str(edge.length)
    attributes |= ends.compound(edge, clusters)
    for name, head in (("arrowhead", edge.head), ("arrowtail", edge.tail)):
        if head in _HEADS:
            attributes[name] = _HEADS[head]
    return EdgeObject(
        ends.anchor(edge.source),
        ends.anchor(edge.target),
        edge.head != "none",
        edge.tail != "none",
        attributes,
    )
