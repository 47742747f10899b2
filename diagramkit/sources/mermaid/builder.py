"""Collects what the statements say, and settles what Mermaid settles at the end.

Source: Mermaid, `flowDb`. Which node is in which group follows its rule: a node belongs to the
first subgraph to close among those that mention it; any mention counts, also as the end of an
edge; a subgraph is a member as a node is, and one whose id comes again takes the new members in.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct, field

from diagramkit.diagnostics import Diagnostic, Span, did_you_mean
from diagramkit.graph import Direction, Edge, Graph, Group, Node, Style
from diagramkit.sources.mermaid import shapes
from diagramkit.sources.mermaid.entities import HASH, decode, written
from diagramkit.sources.mermaid.letters import BLANKS
from diagramkit.sources.mermaid.links import Link
from diagramkit.sources.mermaid.source_text import Source

if TYPE_CHECKING:
    from diagramkit.sources.mermaid import metadata


class LabelText(Struct, frozen=True):
    """A text as the grammar gives it, with the mark of a Markdown string."""

    text: str
    markdown: bool = False


class _Vertex(Struct):
    """What has been said of a node so far."""

    id: str
    label: str
    span: Span
    labelled: bool = False
    markdown: bool = False
    shape: str | None = None
    classes: list[str] = field(default_factory=list)
    style: list[tuple[str, str]] = field(default_factory=list)
    icon: str | None = None
    image: str | None = None
    link: str | None = None
    target: str | None = None
    tooltip: str | None = None


class _Line(Struct):
    """What has been said of an edge so far."""

    source: str
    target: str
    link: Link
    label: LabelText
    span: Span
    id: str | None
    classes: list[str] = field(default_factory=list)
    style: Style = ()


class Open(Struct):
    """A subgraph being read: its id (None: to be given when it closes), its title, its start."""

    id: str | None
    title: LabelText
    start: int
    direction: Direction | None = None
    mentioned: list[str] = field(default_factory=list)


class _Closed(Struct):
    """A subgraph that has been read."""

    id: str
    title: LabelText
    span: Span
    direction: Direction | None
    members: list[str]
    classes: list[str] = field(default_factory=list)


class RejectedError(Exception):
    """What a statement says cannot be: the code, the message, and the offset where one is known."""

    def __init__(self, code: str, message: str, at: int | None = None) -> None:
        self.code, self.message, self.at = code, message, at
        super().__init__(message)


class Builder:
    """The state of one parse. Offsets are into the source's text as the parser reads it."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.title: str | None = None
        self.spoken: str | None = None
        self.description: str | None = None
        self.direction: Direction = "TB"
        self.open: list[Open] = []
        self.warnings: list[Diagnostic] = []
        self._vertices: dict[str, _Vertex] = {}
        self._lines: list[_Line] = []
        self._by_edge_id: dict[str, _Line] = {}
        self._pairs: Counter[tuple[str, str]] = Counter()
        self._groups: dict[str, _Closed] = {}
        self._owner: dict[str, str] = {}
        self._closed = 0
        self._ids: dict[str, str] = {}
        self._classes: dict[str, list[tuple[str, str]]] = {}
        self._every_edge: Style = ()

    # Nodes and edges

    def vertex(self, name: str, at: int, label: LabelText | None = None, shape: str | None = None) -> None:
        """A node stands at `at`. What it says replaces what was said; silence replaces nothing."""
        if name in self._by_edge_id:
            return
        vertex = self._vertex(name, at)
        vertex.shape = shape or vertex.shape
        if label is not None:
            if not vertex.labelled:
                vertex.span = self.source.span(at)
            vertex.label, vertex.markdown = decode(label.text.strip(BLANKS)), label.markdown
            vertex.labelled = True

    def data(self, name: str, at: int, body: str) -> None:
        """`A@{ body }`. Raises `RefusedError` where Mermaid does."""
        from diagramkit.sources.mermaid import metadata

        try:
            fields = metadata.read(body)
        except ValueError as error:
            raise RejectedError(
                "mermaid-data",
                f"what stands in '@{{ }}' is not YAML ({error}); write A@{{ shape: rect, label: \"text\" }}",
                at,
            ) from None
        if fields is None or name in self._groups or name in self._by_edge_id:
            return
        vertex = self._vertex(name, at)
        shape, label = fields.get("shape"), fields.get("label")
        if shape and shape.text:
            vertex.shape = _known_shape(shape, at)
        if label and label.text:
            vertex.label, vertex.labelled = decode(label.text), True
            kind = fields.get("labelType")
            vertex.markdown = kind is None or kind.text not in ("string", "text")
        vertex.icon = _text(fields, "icon") or vertex.icon
        vertex.image = _text(fields, "img") or vertex.image
        if (_text(fields, "icon") or _text(fields, "img")) and vertex.label == name:
            if label and label.typed:
                raise RejectedError("mermaid-data", "this label is no text; put it in quotes", at)
            if not (label and label.text.strip(BLANKS)):
                vertex.label = ""

    def connect(
        self,
        tails: Sequence[str],
        heads: Sequence[str],
        link: Link,
        label: LabelText,
        at: int,
        name: str | None,
    ) -> None:
        """Edges from each of `tails` to each of `heads`; `name` goes to the one in the middle."""
        span = self.source.span(at)
        for tail in tails:
            for head in heads:
                named = name if tail == tails[-1] and head == heads[0] else None
                self._line(_Line(tail, head, link, label, span, named))

    def _line(self, line: _Line) -> None:
        pair = (line.source, line.target)
        if line.id is None or line.id in self._by_edge_id:
            line.id = None
        count = self._pairs[pair]
        given = line.id or f"L_{line.source}_{line.target}_{count + 1 if count else 0}"
        self._by_edge_id.setdefault(given, line)
        self._pairs[pair] += 1
        self._lines.append(line)

    def _vertex(self, name: str, at: int) -> _Vertex:
        if name not in self._vertices:
            self._vertices[name] = _Vertex(name, decode(name), self.source.span(at))
        return self._vertices[name]

    # Groups

    def mention(self, names: Iterable[str]) -> None:
        """A statement of the subgraph being read speaks of `names`."""
        if self.open:
            self.open[-1].mentioned += names

    def set_direction(self, direction: Direction) -> None:
        """A `direction` line; at top level it does nothing."""
        if self.open:
            self.open[-1].direction = direction

    def close_group(self) -> None:
        """An `end`, where a subgraph is open."""
        group = self.open.pop()
        name = f"subGraph{self._closed}" if group.id is None else group.id
        self._closed += 1
        members = [
            member
            for member in dict.fromkeys(group.mentioned)
            if member.strip(BLANKS) and member not in self._owner and member != name
        ]
        for member in members:
            self._owner[member] = name
        if name in self._groups:
            self._groups[name].members += members
        else:
            span = self.source.span(group.start)
            self._groups[name] = _Closed(name, group.title, span, group.direction, members)
        self.mention([name])

    # Styles and links

    def set_class(self, names: str, style_class: str) -> None:
        """`class a,b name`, `a:::name`: only what is there already takes it."""
        for name in names.split(","):
            for thing in (
                self._vertices.get(name),
                self._by_edge_id.get(name),
                self._groups.get(name),
            ):
                if thing is not None:
                    thing.classes.append(style_class)

    def add_class(self, names: str, styles: Sequence[str]) -> None:
        """`classDef a,b fill:#fff`. A comma behind a backslash is part of a value."""
        joined = ",".join(styles).replace("\\,", "\0").replace(",", ";").replace("\0", ",")
        for name in names.split(","):
            self._classes.setdefault(name, []).extend(_declarations(joined.split(";")))

    def style(self, name: str, at: int, styles: Sequence[str]) -> None:
        """`style a fill:#fff`: on a node, which it makes where there is none, or on a subgraph."""
        if name not in self._by_edge_id:
            self._vertex(name, at).style += _declarations(styles)

    def style_edges(self, positions: Sequence[str], styles: Sequence[str]) -> None:
        """`linkStyle 0,2 stroke:red` or `linkStyle default …`. Raises `RefusedError`."""
        for position in positions:
            if position == "default":
                self._every_edge = tuple(_declarations(styles))
                continue
            number = int(position[:10])  # So many digits name no edge.
            if not self._lines or str(number) not in (position, position[:10]):
                raise RejectedError("mermaid-range", "there is no such edge; the first one has number 0")
            if number >= len(self._lines):
                raise RejectedError(
                    "mermaid-range",
                    f"there is no edge {position} above this line; the last one has number {len(self._lines) - 1}",
                )
            self._lines[number].style = tuple(_declarations(styles))

    def click(self, names: str, link: str | None, tooltip: str | None, target: str | None = None) -> None:
        """`click a "url" "tooltip" _blank`; without a link for a callback, which is not drawn."""
        for name in names.split(","):
            vertex = self._vertices.get(name)
            if vertex is not None:
                if link is not None:
                    vertex.link, vertex.target = decode(link.strip(BLANKS)), target
                if tooltip is not None:
                    vertex.tooltip = decode(tooltip)

    # The end

    def graph(self) -> Graph:
        """The graph: nodes with their groups, groups in the order in which they begin."""
        self._ids = _ids([*self._vertices, *self._groups])
        parents = self._parents()
        closed = sorted(self._groups.values(), key=lambda group: (group.span.line, group.span.column))
        return Graph(
            tuple(self._node(vertex) for vertex in self._vertices.values() if vertex.id not in self._groups),
            tuple(self._edge(line) for line in self._lines),
            tuple(self._group(group, parents) for group in closed),
            self.direction,
            self.title,
            self.description,
            self.spoken,
            tuple(self.warnings),
        )

    def _parents(self) -> dict[str, str]:
        """The group around each group. A ring of groups is broken where it closes."""
        parents: dict[str, str] = {}
        for name in self._groups:
            above: str | None = self._owner.get(name)
            if above is None:
                continue
            seen: str | None = above
            while seen is not None and seen != name:
                seen = parents.get(seen)
            if seen is None:
                parents[name] = above
        return parents

    def _node(self, vertex: _Vertex) -> Node:
        return Node(
            id=self._ids[vertex.id],
            label=vertex.label,
            shape=shapes.drawn(vertex.shape or shapes.DEFAULT_SHAPE),
            span=vertex.span,
            group=self._group_of(vertex.id),
            classes=tuple(vertex.classes),
            style=self._styles(["default", "node", *vertex.classes]) + tuple(vertex.style),
            link=vertex.link or None,
            icon=vertex.icon,
            source_shape=vertex.shape,
            markdown=vertex.markdown,
            tooltip=vertex.tooltip,
            target=vertex.target,
            image=vertex.image,
        )

    def _group_of(self, name: str) -> str | None:
        owner = self._owner.get(name)
        return None if owner is None else self._ids[owner]

    def _edge(self, line: _Line) -> Edge:
        return Edge(
            source=self._end(line.source),
            target=self._end(line.target),
            span=line.span,
            label=decode(line.label.text.strip(BLANKS)),
            stroke=line.link.stroke,
            tail=line.link.tail,
            head=line.link.head,
            length=line.link.length,
            id=line.id and written(line.id),
            style=self._styles(line.classes) + self._every_edge + line.style,
            markdown=line.label.markdown,
        )

    def _end(self, name: str) -> str:
        """What an edge ends at: a node or a group, or, as Mermaid has it, a link's id, where there is nothing."""
        return self._ids.get(name) or decode(name)

    def _group(self, group: _Closed, parents: dict[str, str]) -> Group:
        parent = parents.get(group.id)
        vertex = self._vertices.get(group.id)
        own = tuple(vertex.style) if vertex else ()
        return Group(
            id=self._ids[group.id],
            label=decode(group.title.text.strip(BLANKS)),
            span=group.span,
            parent=None if parent is None else self._ids[parent],
            direction=group.direction,
            style=self._styles(group.classes) + own,
        )

    def _styles(self, names: Iterable[str]) -> Style:
        if not self._classes:
            return ()
        return tuple(pair for name in names for pair in self._classes.get(name, ()))


def _ids(names: Sequence[str]) -> dict[str, str]:
    """What to call each: codes become signs, unless that is another's name already."""
    ids = {name: name for name in names if HASH not in name}
    taken = set(ids)
    for name in names:
        if HASH in name:
            plain = decode(name)
            ids[name] = written(name) if plain in taken or not plain.strip() else plain
            taken.add(ids[name])
    return ids


def _known_shape(shape: metadata.Value, at: int) -> str:
    known = shapes.named()
    if shape.text in known and not shape.typed:
        return shape.text
    near = did_you_mean(shape.text, known)
    if shape.text.endswith(","):
        near = "; between lines of '@{ }' there is no comma, remove it"
    elif shape.text.lower().replace("_", "-") in known:
        near = f"; write '{shape.text.lower().replace('_', '-')}'"
    raise RejectedError("mermaid-shape", f"there is no shape '{shape.text}'{near or ', see the README'}", at)


def _text(fields: dict[str, metadata.Value], name: str) -> str | None:
    value = fields.get(name)
    return decode(value.text) if value and value.text else None


def _declarations(styles: Sequence[str]) -> list[tuple[str, str]]:
    """`fill:#fff` as ('fill', '#fff'); what is no pair is left out."""
    pairs = (re.split(r"\s*:\s*", decode(style).strip(), maxsplit=1) for style in styles)
    return [(pair[0], pair[1]) for pair in pairs if len(pair) == 2 and pair[0]]
