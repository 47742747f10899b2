"""Collects what the statements say, and settles what Mermaid settles at the end.

Which node is in which group follows Mermaid's rule: a node belongs to the first subgraph
to close among those that mention it; any mention counts, also as the end of an edge.
"""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass, field

from diagramkit.graph import Direction, Edge, Graph, Group, Node
from diagramkit.problems import Problem, fail
from diagramkit.sources.mermaid.links import Link
from diagramkit.sources.mermaid.shapes import DEFAULT_SHAPE
from diagramkit.sources.mermaid.text import Source

Style = tuple[tuple[str, str], ...]


@dataclass(slots=True)
class _Open:
    """A subgraph being read."""

    id: str | None
    title: str
    start: int
    direction: Direction | None = None
    mentioned: dict[str, None] = field(default_factory=dict)
    children: list[str] = field(default_factory=list)


class Builder:
    """The state of one parse. Offsets are into the source's text."""

    def __init__(self, source: Source, title: str | None) -> None:
        self.source = source
        self.title = title
        self.description: str | None = None
        self.direction: Direction | None = None
        self.just_closed = False
        self._nodes: dict[str, Node] = {}
        self._edges: list[Edge] = []
        self._groups: dict[str, Group] = {}
        self._owner: dict[str, str] = {}
        self._open: list[_Open] = []
        self._closed = 0
        self._classes: dict[str, Style] = {}

    # Nodes and edges

    def mention(
        self,
        node_id: str,
        at: int,
        label: str | None,
        shape: str | None,
        classes: tuple[str, ...],
        icon: str | None,
    ) -> None:
        """A node stands at `at`. What it says replaces what was said; silence replaces nothing."""
        self.just_closed = False
        span = self.source.span(at)
        node = self._nodes.get(node_id) or Node(node_id, node_id, DEFAULT_SHAPE, span)
        self._nodes[node_id] = dataclasses.replace(
            node,
            label=node.label if label is None else label,
            shape=shape or node.shape,
            classes=node.classes + classes,
            icon=icon or node.icon,
            span=span if label is not None and node.label == node_id else node.span,
        )
        if self._open:
            self._open[-1].mentioned[node_id] = None

    def connect(
        self, tails: list[str], heads: list[str], link: Link, label: str, at: int, name: str | None
    ) -> None:
        """Edges from each of `tails` to each of `heads`, in this order."""
        span = self.source.span(at)
        for tail in tails:
            for head in heads:
                self._edges.append(
                    Edge(
                        tail, head, span, label, link.stroke, link.tail, link.head,
                        link.length, name,
                    )
                )  # fmt: skip

    # Groups

    def open_group(self, group_id: str | None, title: str, at: int) -> None:
        """A `subgraph` line. An id of None is given when the group closes, as Mermaid does."""
        self.just_closed = False
        self._open.append(_Open(group_id, title, at))

    def set_direction(self, direction: Direction) -> None:
        """A `direction` line; at top level it does nothing."""
        self.just_closed = False
        if self._open:
            self._open[-1].direction = direction

    def close_group(self, at: int) -> None:
        """An `end` line. Raises `DiagramError` where nothing is open."""
        if not self._open:
            raise fail(
                "mermaid-end",
                "this 'end' closes nothing; remove it, or add the 'subgraph' line it belongs to",
                self.source.span(at),
            )
        group = self._open.pop()
        group_id = group.id if group.id is not None else f"subGraph{self._closed}"
        self._closed += 1
        self.just_closed = True
        for node_id in group.mentioned:
            self._owner.setdefault(node_id, group_id)
        for child in group.children:
            if self._groups[child].parent is None and child != group_id:
                self._groups[child] = dataclasses.replace(self._groups[child], parent=group_id)
        if group_id not in self._groups:
            self._groups[group_id] = Group(
                group_id, group.title, self.source.span(group.start), direction=group.direction
            )
        if self._open:
            self._open[-1].children.append(group_id)

    def unclosed(self) -> list[Problem]:
        """A problem for each subgraph that has no `end`."""
        return [
            Problem(
                "mermaid-end",
                f"the subgraph '{group.title}' has no end; write 'end' in a line behind it",
                self.source.span(group.start),
            )
            for group in self._open
        ]

    # Styles

    def styling(self, word: str, rest: str, at: int, rest_at: int) -> None:
        """A `style`, `classDef`, `class`, `linkStyle` or `click` line."""
        self.just_closed = False
        target, _, value = rest.strip().partition(" ")
        value = value.strip()
        if not value:
            raise fail(
                "mermaid-syntax",
                f"'{word}' needs a name and a value; see Mermaid's '{word}'",
                self.source.span(at),
            )
        if word == "classDef":
            for name in target.split(","):
                self._classes[name] = _declarations(value)
        elif word == "class":
            for name in target.split(","):
                self._update(name, rest_at, classes=(value,))
        elif word == "style":
            self._update(target, rest_at, style=_declarations(value))
        elif word == "click":
            link = re.search(r'"(?P<url>[^"]*)"', value)
            if link:
                self._update(target, rest_at, link=link["url"])

    def _update(
        self,
        name: str,
        at: int,
        classes: tuple[str, ...] = (),
        style: Style = (),
        link: str | None = None,
    ) -> None:
        known = next((group for group in self._groups.values() if group.id == name), None)
        if known is not None and name not in self._nodes:
            self._groups[name] = dataclasses.replace(known, style=known.style + style)
            return
        node = self._nodes.get(name) or Node(name, name, DEFAULT_SHAPE, self.source.span(at))
        self._nodes[name] = dataclasses.replace(
            node,
            classes=node.classes + classes,
            style=node.style + style,
            link=link or node.link,
        )

    # The end

    def graph(self) -> Graph:
        """The graph: nodes with their groups, groups with their parents, outer ones first."""
        groups = tuple(sorted(self._groups.values(), key=lambda group: _place(group.span)))
        nodes = tuple(
            dataclasses.replace(
                node,
                group=self._owner.get(node.id),
                style=self._class_styles(node) + node.style,
            )
            for node in self._nodes.values()
            if node.id not in self._groups
        )
        return Graph(
            nodes, tuple(self._edges), groups, self.direction, self.title, self.description
        )

    def _class_styles(self, node: Node) -> Style:
        names = ("default", *node.classes)
        return tuple(pair for name in names for pair in self._classes.get(name, ()))


def _declarations(text: str) -> Style:
    """`fill:#fff,stroke:#333` as pairs; what is no pair is left out."""
    pairs = (part.partition(":") for part in re.split(r"(?<!\\),", text))
    return tuple((key.strip(), value.strip()) for key, colon, value in pairs if colon)


def _place(span: object) -> tuple[int, int]:
    return (span.line, span.column)  # type: ignore[attr-defined]
