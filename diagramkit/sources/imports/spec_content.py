"""A spec's graph as plain data that can be compared: nodes, edges and groups, with what is written about each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from msgspec import Struct, field

from diagramkit.diagnostics import Span
from diagramkit.sources import spec_edges
from diagramkit.sources.layout_hints import layout_key
from diagramkit.sources.yamltree import Tree

Fields: TypeAlias = "dict[str, Any]"
"""What is written about a node, an edge or a group: values by key."""

_SHOWN_FIELDS = ("title", "provider")
"""The keys of a spec that an import generates, besides the graph."""
LayoutHint: TypeAlias = "tuple[str, tuple[str, ...], tuple[int, ...]]"
REFERRING = ("icons", "links")
"""The keys of a spec whose entries belong to nodes and groups."""


class EdgeContent(Struct, frozen=True):
    """One edge: the ids at its ends, and what is written about it."""

    source: str
    target: str
    fields: Fields

    @property
    def ends(self) -> tuple[str, str]:
        """The ids at its ends."""
        return self.source, self.target


class EdgeEntry(Struct, frozen=True):
    """An entry of `edges:`. One line can stand for several edges; a mapping is one.

    `index` is its place in the text, or None for an entry that is not in it.
    """

    edges: tuple[EdgeContent, ...]
    is_line: bool = False
    index: int | None = None
    span: Span | None = None


class GroupContent(Struct, frozen=True):
    """A group: what is written about it, the group around it, and the nodes in it.

    `is_list` is true if only its nodes are written.
    """

    fields: Fields
    parent: str | None = None
    nodes: tuple[str, ...] = ()
    is_list: bool = False


class SpecContent(Struct, frozen=True):
    """What a spec says about its graph.

    - `fields`: the other keys that an import generates.
    - `nodes`, `groups`: by id. `edges`: the entries in their order.
    - `short_nodes`: the ids of nodes that are written as `id: label`.
    - `referring`: the ids under each key whose entries belong to nodes and groups.
    - `legend`: the names that `legend:` explains.
    - `layout`: the layout hints: the kind, the ids and the numbers of each.
    - `spans`: where nodes and groups are in the text.
    """

    fields: Fields
    nodes: dict[str, Fields]
    edges: tuple[EdgeEntry, ...]
    groups: dict[str, GroupContent]
    short_nodes: frozenset[str] = frozenset()
    referring: dict[str, tuple[str, ...]] = field(default_factory=dict)
    legend: tuple[str, ...] = ()
    layout: tuple[LayoutHint, ...] = ()
    spans: dict[str, Span] = field(default_factory=dict)

    def all_edges(self) -> Iterator[EdgeContent]:
        """Yield the edges of all entries."""
        for entry in self.edges:
            yield from entry.edges

    def group_of(self) -> dict[str, str]:
        """Return the group of each node that is in one."""
        return {node: name for name, group in self.groups.items() for node in group.nodes}

    @property
    def comparable(self) -> tuple[Any, ...]:
        """What two texts that mean the same have in common; the order of nodes, members and edges counts."""
        edges = [(edge.source, edge.target, edge.fields) for edge in self.all_edges()]
        groups = {name: (group.fields, group.parent, group.nodes) for name, group in self.groups.items()}
        referring = {name: ids for name, ids in self.referring.items() if ids}
        return self.fields, list(self.nodes.items()), edges, groups, referring, self.legend, self.layout


def read(tree: Tree) -> SpecContent:
    """Return the content of a valid spec that has `nodes:`."""
    entries = tree.items()
    nodes = entries["nodes"].items() if "nodes" in entries else {}
    groups = dict(_groups(entries.get("groups"), None))
    group_trees = dict(_group_trees(entries.get("groups")))
    legend = entries.get("legend")
    return SpecContent(
        fields={name: entries[name].value for name in _SHOWN_FIELDS if name in entries},
        nodes={name: _fields(entry) for name, entry in nodes.items()},
        edges=tuple(_entry(entry, index) for index, entry in enumerate(_items(entries, "edges"))),
        groups=groups,
        short_nodes=frozenset(name for name, entry in nodes.items() if isinstance(entry.value, str)),
        referring={name: tuple(entries[name].items()) for name in REFERRING if name in entries},
        legend=tuple(legend.items()) if legend else (),
        layout=tuple((hint.kind, hint.members, hint.values) for hint in layout_key.hints(entries.get(layout_key.KEY))),
        spans={name: entry.key or entry.span for name, entry in (*nodes.items(), *group_trees.items())},
    )


def _items(entries: Mapping[str, Tree], name: str) -> list[Tree]:
    return entries[name].entries() if name in entries else []


def _fields(tree: Tree) -> Fields:
    """Return what is written about a node."""
    return {"label": tree.value} if isinstance(tree.value, str) else _scalars(tree.items())


def _scalars(entries: Mapping[str, Tree]) -> Fields:
    return {name: entry.value for name, entry in entries.items() if not isinstance(entry.value, (dict, list))}


def _entry(tree: Tree, index: int) -> EdgeEntry:
    """Return an entry of `edges:`."""
    fields = _scalars(tree.items())
    if "from" in fields and "to" in fields:
        source, target = fields.pop("from"), fields.pop("to")
        return EdgeEntry((EdgeContent(source, target, fields),), False, index, tree.span)
    edges = tuple(
        EdgeContent(edge.source, edge.target, _line_fields(edge)) for edge in spec_edges.edges_of_line(tree, [])
    )
    return EdgeEntry(edges, True, index, tree.span)


def _line_fields(edge: Any) -> Fields:
    """Return the fields that say the same about an edge as its line."""
    fields = {"label": edge.label, "style": edge.stroke, "tail": edge.tail, "head": edge.head}
    defaults = {"label": "", "style": "normal", "tail": "none", "head": "arrow"}
    return {name: value for name, value in fields.items() if value != defaults[name]}


def _group_trees(tree: Tree | None) -> Iterator[tuple[str, Tree]]:
    for name, entry in (tree.items() if tree else {}).items():
        yield name, entry
        yield from _group_trees(entry.items().get("groups"))


def _groups(tree: Tree | None, parent: str | None) -> Iterator[tuple[str, GroupContent]]:
    """Yield each group, outer groups first."""
    for name, entry in (tree.items() if tree else {}).items():
        fields = entry.items()
        members = fields["nodes"].entries() if "nodes" in fields else entry.entries()
        is_list = isinstance(entry.value, list)
        yield name, GroupContent(_scalars(fields), parent, tuple(member.text() for member in members), is_list)
        yield from _groups(fields.get("groups"), name)
