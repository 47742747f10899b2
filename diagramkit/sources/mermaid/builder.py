"""Collects the statements of a flowchart and builds its graph at the end.

Source: Mermaid, `flowDb`. Mermaid's rule decides which node is in which group: a node belongs to the first subgraph
to close among those that mention it. Any mention counts, also as the end of an edge. Subgraphs are members of other
subgraphs by the same rule. A second subgraph with the same id adds its members to the first one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct, field

from diagramkit.diagnostics import Diagnostic, Span, did_you_mean
from diagramkit.graph import Direction, Edge, Graph, Group, Node, Style, UnsupportedFeature
from diagramkit.sources.mermaid import nesting
from diagramkit.sources.mermaid.brackets import drawn_shape
from diagramkit.sources.mermaid.dropped import Dropped
from diagramkit.sources.mermaid.entities import decode, decode_label, decoded_ids, restore_codes, unknown_codes
from diagramkit.sources.mermaid.ignored import ignored_styles, replaced_class
from diagramkit.sources.mermaid.letters import WHITESPACE
from diagramkit.sources.mermaid.links import Link, default_edge_id
from diagramkit.sources.mermaid.source_text import Source
from diagramkit.style import css, shapes

if TYPE_CHECKING:
    from diagramkit.sources.mermaid import metadata


_NODE_CLASSES = ("default", "node")
"""The classes that every node has."""
_DRAWN_FIELDS = frozenset({"shape", "label", "labelType", "icon", "img"})
"""The fields of `A@{ … }` that a picture shows."""


class LabelText(Struct, frozen=True):
    """The text of a label before entity codes are decoded, and whether it is a Markdown string."""

    text: str
    markdown: bool = False


class _Click(Struct):
    """What the `click` statements of a node or a group set."""

    link: str | None = None
    target: str | None = None
    tooltip: str | None = None


class _NodeState(Struct):
    """The properties of a node as far as they are known."""

    id: str
    label: str
    span: Span
    has_label: bool = False
    markdown: bool = False
    shape: str | None = None
    classes: list[str] = field(default_factory=list)
    style: list[tuple[str, str]] = field(default_factory=list)
    icon: str | None = None
    image: str | None = None
    click: _Click = field(default_factory=_Click)


class _EdgeState(Struct):
    """The properties of an edge as far as they are known."""

    source: str
    target: str
    link: Link
    label: LabelText
    span: Span
    id: str | None
    classes: list[str] = field(default_factory=list)
    style: Style = ()


class OpenGroup(Struct):
    """A subgraph before its `end`: its id (None if it gets one when it closes), its title and its start offset."""

    id: str | None
    title: LabelText
    start: int
    direction: Direction | None = None
    mentioned: list[str] = field(default_factory=list)


class _ClosedGroup(Struct):
    """A subgraph after its `end`."""

    id: str
    title: LabelText
    span: Span
    direction: Direction | None
    members: list[str]
    classes: list[str] = field(default_factory=list)


class RejectedError(Exception):
    """A well-formed statement that Mermaid rejects: the code, the message, and the offset if it is known."""

    def __init__(self, code: str, message: str, offset: int | None = None) -> None:
        self.code, self.message, self.offset = code, message, offset
        super().__init__(message)


class Builder:
    """The state while a flowchart is parsed. Offsets refer to the edited text of the source."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.title: str | None = None
        self.accessible_title: str | None = None
        self.description: str | None = None
        self.direction: Direction = "TB"
        self.lanes = False
        self.open_groups: list[OpenGroup] = []
        self.warnings: list[Diagnostic] = []
        self._unsupported: list[UnsupportedFeature] = []
        self._dropped = Dropped(source)
        self._nodes: dict[str, _NodeState] = {}
        self._edges: list[_EdgeState] = []
        self._edges_by_id: dict[str, _EdgeState] = {}
        self._pair_counts: Counter[tuple[str, str]] = Counter()
        self._groups: dict[str, _ClosedGroup] = {}
        self._owners: dict[str, str] = {}
        self._closed_count = 0
        self._own_members: set[str] = set()  # The ids of subgraphs that contain a node with their id.
        self._ids: dict[str, str] = {}
        self._classes: dict[str, list[tuple[str, str]]] = {}
        self._default_edge_style: Style = ()
        self._group_clicks: dict[str, _Click] = {}
        self._unused_clicks: list[tuple[str, int]] = []

    # Nodes and edges

    def add_node(self, name: str, offset: int, label: LabelText | None = None, shape: str | None = None) -> None:
        """Add a node, or update the label and shape of an existing one if they are given."""
        if name in self._edges_by_id:
            return
        node = self._get_node(name, offset)
        node.shape = shape or node.shape
        if label is not None:
            if not node.has_label:
                node.span = self.source.span(offset)
            self._set_label(node, self._decoded(label.text.strip(WHITESPACE), node.span), label.markdown)

    def set_metadata(self, name: str, offset: int, body: str) -> None:
        """Apply `A@{ body }` to a node. Raises `RejectedError` where Mermaid rejects it."""
        from diagramkit.sources.mermaid import metadata

        try:
            fields = metadata.read(body)
        except ValueError as error:
            example = 'A@{ shape: rect, label: "text" }'
            message = f"the text in '@{{ }}' is not valid YAML ({error}); write it as in {example}"
            raise RejectedError("mermaid-data", message, offset) from None
        for field_name in fields or ():
            if field_name not in _DRAWN_FIELDS:
                self.note_unsupported(field_name, offset)
        if fields is None:
            return
        if name in self._groups or name in self._edges_by_id:
            self._dropped.add_fields(name, [field_name for field_name in fields if field_name in _DRAWN_FIELDS], offset)
            return
        node = self._get_node(name, offset)
        shape, label = fields.get("shape"), fields.get("label")
        if shape and shape.text:
            node.shape = _valid_shape(shape, offset)
        if label and label.text:
            label_type = fields.get("labelType")
            is_markdown = label_type is None or label_type.text not in ("string", "text")
            self._set_label(node, self._decoded(label.text, node.span), is_markdown)
        node.icon = _text_field(fields, "icon") or node.icon
        node.image = _text_field(fields, "img") or node.image
        if (_text_field(fields, "icon") or _text_field(fields, "img")) and node.label == name:
            if label and label.is_typed:
                raise RejectedError("mermaid-data", "the label is not a string; put it in quotes", offset)
            if not (label and label.text.strip(WHITESPACE)):
                node.label = ""

    def _decoded(self, label: str, span: Span) -> str:
        """Return a label with its entity codes decoded, after noting those that Mermaid does not know."""
        for name in unknown_codes(label):
            self._dropped.add_unknown_code(name, span)
        return decode_label(label)

    def _set_label(self, node: _NodeState, label: str, is_markdown: bool) -> None:
        """Give a node a label; Mermaid draws only the last one."""
        if node.has_label:
            self._dropped.add_label(node.id, node.label, label, node.span)
        node.label, node.markdown, node.has_label = label, is_markdown, True

    def add_edges(
        self,
        tails: Sequence[str],
        heads: Sequence[str],
        link: Link,
        label: LabelText,
        offset: int,
        link_id: str | None,
    ) -> None:
        """Add an edge from each of `tails` to each of `heads`; `link_id` goes to the one from the last to the first."""
        span = self.source.span(offset)
        for tail in tails:
            for head in heads:
                edge_id = link_id if tail == tails[-1] and head == heads[0] else None
                self._add_edge(_EdgeState(tail, head, link, label, span, edge_id))

    def _add_edge(self, edge: _EdgeState) -> None:
        pair = (edge.source, edge.target)
        if edge.id is None or edge.id in self._edges_by_id:
            edge.id = None
        count = self._pair_counts[pair]
        self._edges_by_id.setdefault(edge.id or default_edge_id(*pair, count), edge)
        self._pair_counts[pair] += 1
        self._edges.append(edge)

    def _get_node(self, name: str, offset: int) -> _NodeState:
        if name not in self._nodes:
            self._nodes[name] = _NodeState(name, decode_label(name), self.source.span(offset))
        return self._nodes[name]

    # Groups

    def mention(self, names: Iterable[str]) -> None:
        """Record that a statement in the innermost open subgraph mentions `names`."""
        if self.open_groups:
            self.open_groups[-1].mentioned += names

    def set_direction(self, direction: Direction, offset: int) -> None:
        """Apply a `direction` statement; outside subgraphs it has no effect."""
        if self.open_groups:
            self.open_groups[-1].direction = direction
        else:
            self._dropped.add_direction(direction, offset)

    def close_group(self) -> None:
        """Close the innermost open subgraph."""
        group = self.open_groups.pop()
        name = f"subGraph{self._closed_count}" if group.id is None else group.id
        self._closed_count += 1
        if name in group.mentioned:
            self._own_members.add(name)
        members = [
            member
            for member in dict.fromkeys(group.mentioned)
            if member.strip(WHITESPACE) and member not in self._owners and member != name
        ]
        for member in members:
            self._owners[member] = name
        span = self.source.span(group.start)
        if name in self._groups:
            self._groups[name].members += members
            self.warnings.append(nesting.merged(name, self._groups[name].span, span))
        else:
            self._groups[name] = _ClosedGroup(name, group.title, span, group.direction, members)
        self.mention([name])

    # Styles and links

    def assign_class(self, names: str, style_class: str, offset: int) -> None:
        """Apply `class a,b name` or `a:::name`, to nodes, edges and groups that exist already."""
        for name in names.split(","):
            candidates = (self._nodes.get(name), self._edges_by_id.get(name), self._groups.get(name))
            items = [item for item in candidates if item is not None]
            for item in items:
                item.classes.append(style_class)
            if not items:
                self._dropped.add_unknown(f"the class '{style_class}'", name, offset)

    def define_class(self, names: str, styles: Sequence[str]) -> None:
        r"""Apply `classDef a,b fill:#fff`. A comma that is written as `\,` is part of a value."""
        joined = ",".join(styles).replace("\\,", "\0").replace(",", ";").replace("\0", ",")
        for name in names.split(","):
            self._classes.setdefault(name, []).extend(_declarations(joined.split(";")))

    def style_node(self, name: str, offset: int, styles: Sequence[str]) -> None:
        """Apply `style a fill:#fff` to a subgraph or a node; a node that does not exist yet is added."""
        if name not in self._edges_by_id:
            self._get_node(name, offset).style += _declarations(styles)

    def style_edges(self, numbers: Sequence[str], styles: Sequence[str], offset: int) -> None:
        """Apply `linkStyle 0,2 stroke:red` or `linkStyle default …`, which replaces the edges' earlier style.

        Without styles (`linkStyle 0 interpolate basis`), edges keep theirs. Raises `RejectedError` for an unknown edge.
        """
        for digits in numbers:
            if digits == "default":
                self._default_edge_style = tuple(_declarations(styles)) if styles else self._default_edge_style
                continue
            number = int(digits[:10])  # More digits than this are no edge's number, and would be slow to convert.
            if not self._edges or str(number) not in (digits, digits[:10]):
                raise RejectedError(
                    "mermaid-range", "no edge above this line has this number; edges are numbered from 0"
                )
            if number >= len(self._edges):
                raise RejectedError(
                    "mermaid-range",
                    f"there is no edge {digits} above this line; the last edge so far is number {len(self._edges) - 1}",
                )
            if styles:
                edge, style = self._edges[number], tuple(_declarations(styles))
                self._dropped.add_edge_style(number, edge.style, style, offset)
                edge.style = style

    def set_click(self, names: str, link: str | None, tooltip: str | None, target: str | None, offset: int) -> None:
        """Apply `click a "url" "tooltip" _blank`. `link` is None for a callback, which is not drawn.

        Mermaid ignores it for a node that does not exist yet, and for every subgraph. diagramkit links subgraphs too,
        which may still be open.
        """
        for name in names.split(","):
            clicks = [self._group_clicks.setdefault(name, _Click())]
            if name in self._nodes:
                clicks.append(self._nodes[name].click)
            elif link or tooltip:
                self._unused_clicks.append((name, offset))
            for click in clicks:
                if link is not None:
                    click.link, click.target = decode(link.strip(WHITESPACE)), target
                if tooltip is not None:
                    click.tooltip = decode(tooltip)

    # The graph

    def graph(self) -> Graph:
        """Return the graph of all statements; its groups are in the order in which they start in the source."""
        self._ids = decoded_ids([*self._nodes, *self._groups])
        parents = self._parents()
        groups = sorted(self._groups.values(), key=lambda group: (group.span.line, group.span.column))
        for group in groups:
            self._note_label(group)
        for name, offset in self._unused_clicks:
            if name not in self._groups:
                self._dropped.add_unknown("the link", name, offset)
        nodes = tuple(self._node(node) for node in self._nodes.values() if node.id not in self._groups)
        subgraphs = tuple(self._group(group, parents) for group in groups)
        return Graph(
            nodes,
            tuple(self._edge(edge) for edge in self._edges),
            subgraphs,
            self.direction,
            self.lanes,
            title=self.title,
            description=self.description,
            accessible_title=self.accessible_title,
            warnings=tuple(self.warnings),
            unsupported=tuple(self._unsupported),
            dropped=self._dropped.features(),
            ignored=tuple(self._ignored_styles([*nodes, *subgraphs])),
        )

    def _note_label(self, group: _ClosedGroup) -> None:
        """Report the label of a node that has the id of a group. If it is in the group, another node was meant."""
        node = self._nodes.get(group.id)
        if node is None or not node.has_label:
            return
        is_other = " ".join(node.label.split()) not in ("", " ".join(group.title.text.split()))
        if is_other and group.id in self._own_members:
            self.warnings.append(nesting.merged_node(group.id, node.label, group.title.text, node.span))
        else:
            self._dropped.add_label_of_group(group.id, node.label, group.title.text, node.span)

    def note_unsupported(self, name: str, offset: int) -> None:
        """Record that the statement at `offset` asks for something that no picture shows."""
        self._unsupported.append(UnsupportedFeature(name, self.source.span(offset)))

    def _parents(self) -> dict[str, str]:
        """Return the parent of each group that has one, after reporting those that contain each other."""
        result, left_out = nesting.parents(self._groups, self._owners)
        self.warnings += [nesting.circular(name, owner, self._groups[name].span) for name, owner in left_out]
        return result

    def _node(self, node: _NodeState) -> Node:
        return Node(
            id=self._ids[node.id],
            label=node.label,
            shape=drawn_shape(node.shape or shapes.DEFAULT),
            span=node.span,
            group=self._group_of(node.id),
            classes=tuple(node.classes),
            style=self._element_styles([*_NODE_CLASSES, *node.classes]) + tuple(node.style),
            link=node.click.link or None,
            icon=node.icon,
            source_shape=node.shape,
            markdown=node.markdown,
            tooltip=node.click.tooltip,
            target=node.click.target,
            image=node.image,
        )

    def _group_of(self, name: str) -> str | None:
        owner = self._owners.get(name)
        return None if owner is None else self._ids[owner]

    def _edge(self, edge: _EdgeState) -> Edge:
        return Edge(
            source=self._edge_end(edge.source),
            target=self._edge_end(edge.target),
            span=edge.span,
            label=self._decoded(edge.label.text.strip(WHITESPACE), edge.span),
            stroke=edge.link.stroke,
            tail=edge.link.tail,
            head=edge.link.head,
            length=edge.link.length,
            id=edge.id and restore_codes(edge.id),
            style=self._class_styles(edge.classes) + self._default_edge_style + edge.style,
            markdown=edge.label.markdown,
            classes=tuple(edge.classes),
        )

    def _edge_end(self, name: str) -> str:
        """Return the id of a node or group, or the name itself: in Mermaid an edge may end at another link's id,
        for which no node exists."""
        return self._ids.get(name) or decode(name)

    def _group(self, group: _ClosedGroup, parents: dict[str, str]) -> Group:
        parent = parents.get(group.id)
        node = self._nodes.get(group.id)
        own_style = tuple(node.style) if node else ()
        classes = [*self._replaced_classes(group), *(node.classes if node else group.classes)]
        click = self._group_clicks.get(group.id, _Click())
        return Group(
            id=self._ids[group.id],
            label=self._decoded(group.title.text.strip(WHITESPACE), group.span),
            span=group.span,
            parent=None if parent is None else self._ids[parent],
            direction=group.direction,
            style=self._element_styles(classes) + own_style,
            markdown=group.title.markdown,
            classes=tuple(classes),
            link=click.link or None,
            tooltip=click.tooltip,
            target=click.target,
        )

    def _replaced_classes(self, group: _ClosedGroup) -> list[str]:
        """Return the classes of a subgraph that Mermaid ignores.

        An edge to it or `style` adds a node with its id, if there is none, whose classes replace the earlier ones.
        """
        node = self._nodes.get(group.id)
        return [name for name in group.classes if node and name not in node.classes]

    def _ignored_styles(self, items: Iterable[Node | Group]) -> Iterator[UnsupportedFeature]:
        """Yield the styles of nodes and groups that Mermaid ignores."""
        for group in self._groups.values():
            for name in self._replaced_classes(group):
                yield UnsupportedFeature(replaced_class(name, decode(group.id)), group.span)
        for item in items:
            classes = [*_NODE_CLASSES, *item.classes] if isinstance(item, Node) else item.classes
            yield from ignored_styles(item, self._class_styles(classes))

    def _class_styles(self, names: Iterable[str]) -> Style:
        """Return the declarations of classes."""
        if not self._classes:
            return ()
        return tuple(declaration for name in names for declaration in self._classes.get(name, ()))

    def _element_styles(self, names: Iterable[str]) -> Style:
        """Return the declarations of the classes of a node or a group.

        In Mermaid, a class that hides them also hides their label, and the statement `style` does not.
        """
        styles = self._class_styles(names)
        return (*styles, ("color", "transparent")) if any(css.hides(*pair) for pair in styles) else styles


def _valid_shape(shape: metadata.Value, offset: int) -> str:
    """Return the name of a shape. Raises `RejectedError` if Mermaid does not know it."""
    known = shapes.by_mermaid_name()
    if shape.text in known and not shape.is_typed:
        return shape.text
    hint = did_you_mean(shape.text, known)
    if shape.text.endswith(","):
        hint = "; remove the comma: lines in '@{ }' are not separated by commas"
    elif shape.text.lower().replace("_", "-") in known:
        hint = f"; write '{shape.text.lower().replace('_', '-')}'"
    hint = hint or "; write one of Mermaid's, such as 'rect' or 'cyl'"
    raise RejectedError("mermaid-shape", f"unknown shape '{shape.text}'{hint}", offset)


def _text_field(fields: dict[str, metadata.Value], name: str) -> str | None:
    value = fields.get(name)
    return decode(value.text) if value and value.text else None


def _declarations(styles: Sequence[str]) -> list[tuple[str, str]]:
    """Return `fill:#fff` as ('fill', '#fff'), and so on; texts without a colon are ignored."""
    pairs = (decode(style).partition(":") for style in styles)
    return [(name.strip(), value.strip()) for name, colon, value in pairs if colon and name.strip()]
