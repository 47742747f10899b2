"""The graph of a diagram (nodes, edges and groups) and the location of each element in the source.

A `Graph` knows nothing about drawings. Readers create it; everything else only reads it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import Literal, TypeVar

from msgspec import Struct, structs

from diagramkit.diagnostics import Diagnostic, Span
from diagramkit.options import PictureOptions

_Item = TypeVar("_Item")

Direction = Literal["TB", "BT", "LR", "RL"]
Stroke = Literal["normal", "thick", "dotted", "invisible"]
Head = Literal["none", "arrow", "circle", "cross"]
Style = tuple[tuple[str, str], ...]


class Node(Struct, frozen=True):
    """A node of the diagram.

    - `id`: the id, which no other node or group has.
    - `label`: the text as it is in the source. In Mermaid, it may contain `<br/>`.
    - `shape`: the shape to draw, with Mermaid's name for its brackets: `square`, `cylinder` ...
    - `span`: where it is in the source.
    - `group`: the id of the innermost group around it, or None.
    - `classes`: the names of its Mermaid classes.
    - `style`: CSS properties with their values, those of its classes first.
    - `link`, `tooltip`, `target`: the address, the tooltip and the window of a link.
    - `icon`: the icon that the source names, or None.
    - `source_shape`: the name of the shape in the source (`cyl`), if there is one.
    - `markdown`: whether the label contains Markdown.
    - `image`: the address of an image. A file of the project is drawn as the icon.
    - `icon_text`: the text that an architecture diagram has in place of an icon. It is drawn if no icon has that name.
    - `resource`: the address of the resource of infrastructure code that it stands for.
    """

    id: str
    label: str
    shape: str
    span: Span
    group: str | None = None
    classes: tuple[str, ...] = ()
    style: Style = ()
    link: str | None = None
    icon: str | None = None
    source_shape: str | None = None
    markdown: bool = False
    tooltip: str | None = None
    target: str | None = None
    image: str | None = None
    icon_text: str | None = None
    resource: str | None = None


Side = Literal["right", "bottom", "left", "top"]


class Edge(Struct, frozen=True):
    """An edge between two nodes or groups.

    - `source`, `target`: the ids of the nodes or groups at its ends.
    - `span`: where it is in the source.
    - `label`: its text, or an empty string.
    - `stroke`: how its line is drawn.
    - `tail`, `head`: its arrowheads at the source and at the target.
    - `length`: the minimum number of ranks that it spans.
    - `id`: its id, if the source gives it one.
    - `style`: CSS properties with their values.
    - `markdown`: whether the label contains Markdown.
    - `sides`: the sides at which it leaves the source and enters the target, if the source text specifies them.
    - `classes`: the names of its Mermaid classes.
    - `resource`: the address of the resource of infrastructure code that it comes from.
    """

    source: str
    target: str
    span: Span
    label: str = ""
    stroke: Stroke = "normal"
    tail: Head = "none"
    head: Head = "arrow"
    length: int = 1
    id: str | None = None
    style: Style = ()
    markdown: bool = False
    sides: tuple[Side, Side] | None = None
    classes: tuple[str, ...] = ()
    resource: str | None = None


class Group(Struct, frozen=True):
    """A group, which is a subgraph in Mermaid.

    - `id`: the id, which no other node or group has.
    - `label`: its title.
    - `span`: where it is in the source.
    - `parent`: the id of the group around it, or None.
    - `kind`: its kind (`vpc`, `subnet` ...) if the source specifies it. Otherwise, it is derived from the label later.
    - `direction`: its own direction, if the source specifies one.
    - `style`: CSS properties with their values.
    - `markdown`: whether the title contains Markdown.
    - `classes`: the names of its Mermaid classes.
    - `link`, `tooltip`, `target`: the address, the tooltip and the window of a link.
    - `resource`: the address of the resource, or the name of the stack, that it was imported from.
    """

    id: str
    label: str
    span: Span
    parent: str | None = None
    kind: str | None = None
    direction: Direction | None = None
    style: Style = ()
    markdown: bool = False
    classes: tuple[str, ...] = ()
    link: str | None = None
    tooltip: str | None = None
    target: str | None = None
    resource: str | None = None


HintKind = Literal["same_rank", "in_line", "order", "near", "main", "grid", "pin"]


class Hint(Struct, frozen=True):
    """A layout hint of the source, relative to the direction of the source.

    - `kind`: `same_rank` (side by side across the flow), `in_line` (on one line along the flow), `order` (the first
      before the next across the flow), `near` (next to each other), `main` (a chain along the flow that is kept
      straight), `grid` (the members of a group in columns) or `pin` (the rank and line of a node or group).
    - `members`: the ids of the nodes and groups that it is about; for `grid` and `pin` exactly one.
    - `values`: the number of columns of a `grid`, or the rank and line of a `pin`, which count from 1 within the
      group around it (or the picture); otherwise empty.
    - `span`: where it is in the source.
    """

    kind: HintKind
    members: tuple[str, ...]
    span: Span
    values: tuple[int, ...] = ()


class ResourceFate(Struct, frozen=True):
    """What became of a resource of infrastructure code.

    - `address`, `type`: its address and its type, as the tool calls them.
    - `fate`: `drawn`, `group`, `folded`, `edge`, `carrier`, `hidden` or `dropped`.
    - `reason`: why.
    - `host`: the address of the resource that it is a part of, or None.
    - `stack`: the name of its stack or module; empty for the one that the template itself describes.
    """

    address: str
    type: str
    fate: str
    reason: str
    host: str | None = None
    stack: str = ""


class UnsupportedFeature(Struct, frozen=True):
    """Something that a source asks for and that no picture shows: what to call it in messages, and where it is."""

    name: str
    span: Span


class Graph(Struct, frozen=True, eq=False, dict=True):
    """The nodes, edges and groups of a diagram, in source order. Graphs with the same content are equal.

    - `direction`: the direction of the flow, or None if the source does not specify one.
    - `lanes`: whether the outermost groups are lanes across the whole picture, in source order.
    - `hints`: the layout hints, in source order.
    - `title`: the title in the source, if there is one.
    - `description`, `accessible_title`: texts for screen readers (Mermaid's `accDescr` and `accTitle`).
    - `warnings`: what was reported while reading. It is not compared.
    - `unsupported`: what the source asks for and no picture shows. It is not compared.
    - `dropped`: what Mermaid drops, too: labels that others replace, links of unknown ids. It is not compared.
    - `ignored`: the styles that Mermaid ignores and pictures show. It is not compared.
    """

    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()
    groups: tuple[Group, ...] = ()
    direction: Direction | None = None
    lanes: bool = False
    hints: tuple[Hint, ...] = ()
    title: str | None = None
    description: str | None = None
    accessible_title: str | None = None
    warnings: tuple[Diagnostic, ...] = ()
    unsupported: tuple[UnsupportedFeature, ...] = ()
    dropped: tuple[UnsupportedFeature, ...] = ()
    ignored: tuple[UnsupportedFeature, ...] = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Graph) and self._content == other._content

    def __hash__(self) -> int:
        return hash(self._content)

    @property
    def _content(self) -> tuple[object, ...]:
        topology = self.nodes, self.edges, self.groups, self.direction, self.lanes, self.hints
        return *topology, self.title, self.description, self.accessible_title

    def with_possible_hints(self) -> Graph:
        """Return the graph without the hints about nodes and groups that it no longer contains."""
        groups = {group.id for group in self.groups}
        ids = groups | {node.id for node in self.nodes}
        hints = []
        for hint in self.hints:
            members = tuple(name for name in hint.members if name in (groups if hint.kind == "grid" else ids))
            if len(members) >= min(len(hint.members), 2):
                hints.append(structs.replace(hint, members=members))
        return structs.replace(self, hints=tuple(hints))

    @property
    def nodes_and_groups(self) -> tuple[Node | Group, ...]:
        """Everything that an edge can end at."""
        return (*self.nodes, *self.groups)

    @property
    def elements(self) -> tuple[Node | Group | Edge, ...]:
        """All nodes, then all groups, then all edges."""
        return (*self.nodes, *self.groups, *self.edges)

    @cached_property
    def _nodes_by_group(self) -> dict[str | None, tuple[Node, ...]]:
        return _by_key(self.nodes, lambda node: node.group)

    @cached_property
    def _groups_by_parent(self) -> dict[str | None, tuple[Group, ...]]:
        return _by_key(self.groups, lambda group: group.parent)

    @cached_property
    def _groups_by_id(self) -> dict[str, Group]:
        return {group.id: group for group in self.groups}

    def child_nodes(self, group: str | None) -> tuple[Node, ...]:
        """Return the nodes directly in a group (None: outside of all groups), in source order."""
        return self._nodes_by_group.get(group, ())

    def child_groups(self, group: str | None) -> tuple[Group, ...]:
        """Return the groups directly in a group (None: the outermost groups), in source order."""
        return self._groups_by_parent.get(group, ())

    def is_empty(self, group: str) -> bool:
        """Return whether a group contains neither nodes nor groups."""
        return not self.child_nodes(group) and not self.child_groups(group)

    def descendants(self, group: str) -> Iterator[Group]:
        """Yield all groups inside a group, each before the groups that it contains."""
        for inner in self.child_groups(group):
            yield inner
            yield from self.descendants(inner.id)

    def ancestors(self, group: str | None) -> Iterator[Group]:
        """Yield a group and the groups around it, from the innermost to the outermost; nothing for None.

        A graph whose groups contain each other in a circle, which only an invalid source describes, ends the sequence
        after as many groups as there are.
        """
        for _ in self.groups:
            if group is None or group not in self._groups_by_id:
                return
            yield self._groups_by_id[group]
            group = self._groups_by_id[group].parent

    def outer_first(self) -> list[Group]:
        """Return all groups, each after the groups around it."""
        return sorted(self.groups, key=lambda group: self.depth(group.id))

    def depth(self, group: str) -> int:
        """Return the nesting level of a group: 0 for outermost groups."""
        return sum(1 for _ in self.ancestors(group)) - 1


def _by_key(items: Iterable[_Item], key: Callable[[_Item], str | None]) -> dict[str | None, tuple[_Item, ...]]:
    """Return the items by their key, each in the given order."""
    lists: dict[str | None, list[_Item]] = {}
    for item in items:
        lists.setdefault(key(item), []).append(item)
    return {name: tuple(members) for name, members in lists.items()}


class Pattern(Struct, frozen=True):
    """One diagram as its source describes it: a graph and what goes with it.

    - `name`: the file name of its pictures, without an extension.
    - `folder`: the folder of its pictures below the output folder; empty for the output folder itself.
    - `title`: the title from the source, or a name derived from the file's.
    - `source_text`: the unchanged Mermaid text, which may be written next to the pictures.
    - `span`: where the diagram begins.
    - `category`: the category from a spec.
    - `provider`: the cloud provider whose icons are preferred.
    - `components`, `best_practices`: the items of the lists that a page or slide shows with the picture.
    - `icons`: icons that override those of nodes: node id, icon and span.
    - `options`: the picture options from the source.
    - `notes`: anything else about the pattern, as Markdown.
    - `resources`: what became of the resources of infrastructure code.
    - `files`: the paths of the other files that it was read from.
    - `fence`: the number of its fence in a Markdown file, from 1.
    """

    graph: Graph
    name: str
    folder: str
    title: str
    source_text: str
    span: Span
    category: str | None = None
    provider: str = "aws"
    components: tuple[str, ...] = ()
    best_practices: tuple[str, ...] = ()
    icons: tuple[tuple[str, str, Span], ...] = ()
    options: PictureOptions = PictureOptions()
    notes: str = ""
    resources: tuple[ResourceFate, ...] = ()
    files: tuple[str, ...] = ()
    fence: int | None = None

    @property
    def stem(self) -> str:
        """The path of the picture's files in an output folder, with `/` and without an extension."""
        return "/".join(filter(None, (self.folder, self.name)))

    @property
    def lists(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The non-empty lists that a page or slide shows with the picture, as headings with their items."""
        candidates = (("Components", self.components), ("Best practices", self.best_practices))
        return tuple((heading, items) for heading, items in candidates if items)
