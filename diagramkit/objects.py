"""A graph as the objects of `diagrams` that somebody would write for it: classes, texts and attributes, as plain data.

`compile.to_diagrams` makes the objects, `writers/script.py` writes the code that makes them: both read this.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal, TypeAlias

from msgspec import Struct, field

from diagramkit.graph import Direction, Edge, Graph, Node, Pattern
from diagramkit.icons import library, names
from diagramkit.icons.resolver import IconChoice
from diagramkit.measure.text_layout import plain_text

Anchor: TypeAlias = tuple[Literal["node", "group"], str]
"""A node at which Graphviz lets an edge end: one of the graph, or the one that holds the place of an empty group."""

_STYLES = {"thick": "bold", "dotted": "dotted", "invisible": "invis"}
_HEADS = {"circle": "odot", "cross": "tee"}
_PLAIN = {"shape": "box", "style": "rounded", "labelloc": "c", "height": "0.7"}


class NodeObject(Struct, frozen=True):
    """A node: the reference of its class (`aws.compute.Lambda`; None for the plain `Node`), its label as Graphviz
    takes it, and its attributes."""

    reference: str | None
    label: str
    attributes: Mapping[str, str] = field(default_factory=dict)


PLACEHOLDER = NodeObject(None, "", {"shape": "point", "style": "invis"})
"""The invisible node in a group that has none: Graphviz draws no empty cluster, and edges may end at it."""


class ClusterObject(Struct, frozen=True):
    """A group: the name of its `Cluster`, which no other has, and the attributes of its graph."""

    name: str
    attributes: Mapping[str, str] = field(default_factory=dict)


class EdgeObject(Struct, frozen=True):
    """An edge between two nodes: whether it has a head at its target (`forward`) and at its source (`reverse`), and
    its attributes."""

    tail: Anchor
    head: Anchor
    forward: bool
    reverse: bool
    attributes: Mapping[str, str]


class DiagramObject(Struct, frozen=True):
    """The arguments of the `Diagram`: its name, its file's name without an ending, its direction, and the attributes
    of its graph."""

    name: str
    filename: str
    direction: Direction
    attributes: Mapping[str, str]


class Objects(Struct, frozen=True):
    """A whole diagram: nodes and clusters by the ids of nodes and groups, edges in the graph's order."""

    diagram: DiagramObject
    nodes: Mapping[str, NodeObject]
    clusters: Mapping[str, ClusterObject]
    edges: tuple[EdgeObject, ...]


def describe(pattern: Pattern, icons: Mapping[str, IconChoice]) -> Objects:
    """The objects for a pattern. `icons`: the choice for each node's id."""
    graph, ends = pattern.graph, Ends(pattern.graph)
    clusters = _clusters(graph)
    known = {name: f"cluster_{cluster.name}" for name, cluster in clusters.items()}
    return Objects(
        DiagramObject(escape_dot(pattern.title), pattern.name, graph.direction or "TB", {"compound": "true"}),
        {node.id: _node(node, icons[node.id].icon) for node in graph.nodes},
        clusters,
        tuple(_edge(edge, ends, known) for edge in graph.edges),
    )


def escape_dot(text: str) -> str:
    """A text that Graphviz takes as it stands: it knows escapes, and takes `<…>` for markup."""
    escaped = text.replace("\\", "\\\\")
    return f"{escaped} " if escaped.startswith("<") and escaped.endswith(">") else escaped


class Ends:
    """Where the edges of a graph end for Graphviz, whose edges join nodes alone."""

    def __init__(self, graph: Graph) -> None:
        self._members: dict[str, list[str]] = {}
        self._inner: dict[str, list[str]] = {}
        self._group = {node.id: node.group for node in graph.nodes}
        self._parent = {group.id: group.parent for group in graph.groups}
        for node in graph.nodes:
            if node.group is not None:
                self._members.setdefault(node.group, []).append(node.id)
        for group in graph.groups:
            if group.parent is not None:
                self._inner.setdefault(group.parent, []).append(group.id)

    def is_empty(self, group: str) -> bool:
        """Whether a group has neither a node nor a group in it."""
        return group not in self._members and group not in self._inner

    def is_group(self, end: str) -> bool:
        """Whether an edge's end is a group: where a node has the same id, it is that node."""
        return end not in self._group and end in self._parent

    def anchor(self, end: str) -> Anchor:
        """The node that stands for an edge's end: itself, or one inside the group. Raises `KeyError` where the graph
        has no such end."""
        if end in self._group:
            return "node", end
        within = tuple(self._within(end))
        for group in within:
            if members := self._members.get(group):
                return "node", members[len(members) // 2]
        return "group", next(group for group in within if self.is_empty(group))

    def _within(self, group: str) -> Iterator[str]:
        """A group and the groups in it, outer first. Raises `KeyError` where there is none of that id."""
        self._parent[group]
        yield group
        for inner in self._inner.get(group, ()):
            yield from self._within(inner)

    def compound(self, edge: Edge, names: Mapping[str, str]) -> dict[str, str]:
        """The attributes that say of an edge that its end is a group, by the groups' names.

        They are Graphviz' `ltail` and `lhead`. Where the edge's other end is in that very group, Graphviz would
        complain of them: there they are `tailgroup` and `headgroup`, which mean nothing to it.
        """
        said: dict[str, str] = {}
        for end, other, known, unknown in (
            (edge.source, edge.target, "ltail", "tailgroup"),
            (edge.target, edge.source, "lhead", "headgroup"),
        ):
            if self.is_group(end):
                inside = self._holds(end, self.anchor(other))
                said[unknown if inside else known] = names[end]
        return said

    def _holds(self, group: str, anchor: Anchor) -> bool:
        kind, at = anchor
        above: str | None = at if kind == "group" else self._group[at]
        seen: set[str] = set()
        while above is not None and above not in seen:
            if above == group:
                return True
            seen.add(above)
            above = self._parent.get(above)
        return False


def _node(node: Node, icon: str | None) -> NodeObject:
    label, reference = escape_dot(plain_text(node.label, node.markdown)), _reference(icon)
    return NodeObject(reference, label) if reference else NodeObject(None, label, _PLAIN)


def _reference(icon: str | None) -> str | None:
    """The class of `diagrams` for an icon: its own, or of the service that it is a part of."""
    if icon and library.node_class(icon) is None and icon in names.services():
        icon = names.services()[icon].instead
    return library.canonical(icon) if icon and library.node_class(icon) else None


def _clusters(graph: Graph) -> dict[str, ClusterObject]:
    """The clusters by group. Two of one name would be one to Graphviz: the second has another, and a label."""
    labels = [escape_dot(plain_text(group.label)) for group in graph.groups]
    taken, found = set[str](), dict[str, ClusterObject]()
    for group, label in zip(graph.groups, labels, strict=True):
        name, number = label, 1
        while name in taken or (number > 1 and name in labels):
            number += 1
            name = f"{label} {number}"
        taken.add(name)
        found[group.id] = ClusterObject(name, {} if name == label else {"label": label})
    return found


def _edge(edge: Edge, ends: Ends, clusters: Mapping[str, str]) -> EdgeObject:
    said: dict[str, str] = {}
    if text := plain_text(edge.label, edge.markdown):
        said["label"] = escape_dot(text)
    if edge.stroke in _STYLES:
        said["style"] = _STYLES[edge.stroke]
    if edge.length > 1:
        said["minlen"] = str(edge.length)
    said |= ends.compound(edge, clusters)
    for name, head in (("arrowhead", edge.head), ("arrowtail", edge.tail)):
        if head in _HEADS:
            said[name] = _HEADS[head]
    return EdgeObject(
        ends.anchor(edge.source),
        ends.anchor(edge.target),
        edge.head != "none",
        edge.tail != "none",
        said,
    )
