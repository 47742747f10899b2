"""Build a `Graph` from a spec's `nodes:`, `edges:` and `groups:`.

The model of these fields (`FIELDS`) is part of `spec.SPEC`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from msgspec import structs
from msgspec.structs import replace

from diagramkit.diagnostics import Diagnostic, DiagramError, Span, did_you_mean
from diagramkit.graph import Direction, Edge, Graph, Group, Head, Node, Stroke, Style, UnsupportedFeature
from diagramkit.sources import id_spelling, spec_edges
from diagramkit.sources.mermaid.brackets import drawn_shape, shape_names
from diagramkit.sources.value_types import (
    EnumType,
    Field,
    ListType,
    MapType,
    NumberType,
    ObjectType,
    ReferenceType,
    TextType,
    UnionType,
    ValueType,
)
from diagramkit.sources.yamltree import Tree
from diagramkit.style import group_kinds, shapes

STROKES: tuple[str, ...] = ("normal", "thick", "dotted", "invisible")
HEADS: tuple[str, ...] = ("none", "arrow", "circle", "cross")

_STROKE_NAMES = {
    **dict.fromkeys(("solid", "default", "line"), "normal"),
    **dict.fromkeys(("bold", "heavy"), "thick"),
    **dict.fromkeys(("dashed", "dash", "dot", "dots"), "dotted"),
    **dict.fromkeys(("hidden", "invis"), "invisible"),
}
_CLASS = Field(TextType(), "Its classes, separated by spaces.")
_GROUPS = "{vpc: [alb, api]}"
_RESOURCE = Field(TextType(), "The address of the resource that it was imported from.")

DEFINITIONS: dict[str, ValueType] = {}
"""The value types that refer to themselves, by name: `$defs` in the JSON Schema."""
DEFINITIONS["group"] = UnionType(
    (
        ListType(TextType()),
        ObjectType(
            "a group",
            {
                "label": Field(TextType(), "The title (default: the id)."),
                "kind": Field(
                    EnumType(tuple(group_kinds.load())),
                    "The kind of group (default: determined from the title).",
                ),
                "class": _CLASS,
                "link": Field(TextType(), "The link to open with a click on its border or title."),
                "resource": _RESOURCE,
                "nodes": Field(ListType(TextType()), "Ids of the nodes in it."),
                "groups": Field(MapType(ReferenceType("group", DEFINITIONS), _GROUPS), "The groups in it, by id."),
            },
            synonyms={
                **dict.fromkeys(("name", "title", "text", "caption"), "label"),
                **dict.fromkeys(("members", "contains", "children", "contents", "items", "services"), "nodes"),
                **dict.fromkeys(("subgroups", "nested", "subgraphs", "clusters"), "groups"),
                **dict.fromkeys(("url", "href"), "link"),
            },
        ),
    )
)

_NODE = UnionType(
    (
        TextType(),
        ObjectType(
            "a node",
            {
                "label": Field(TextType(), "The text (default: the id)."),
                "shape": Field(EnumType(shape_names()), "The shape, by its name in Mermaid."),
                "icon": Field(TextType(), "The icon, such as 'aws.compute.Lambda'."),
                "link": Field(TextType(), "The link to open with a click."),
                "class": _CLASS,
                "resource": _RESOURCE,
            },
            synonyms={
                **dict.fromkeys(("name", "title", "text", "caption"), "label"),
                **dict.fromkeys(("url", "href"), "link"),
            },
        ),
    )
)

_EDGE = UnionType(
    (
        TextType("a text such as 'a -> b'"),
        ObjectType(
            "an edge",
            {
                "from": Field(TextType(), "The id of the node or group where it starts.", True),
                "to": Field(TextType(), "The id of the node or group where it ends.", True),
                "label": Field(TextType(), "The text next to it."),
                "style": Field(EnumType(STROKES, _STROKE_NAMES), "The stroke of the line."),
                "tail": Field(EnumType(HEADS), "The arrowhead at its start."),
                "head": Field(EnumType(HEADS), "The arrowhead at its end."),
                "class": _CLASS,
                "step": Field(NumberType(1, 99), "Its number if steps are shown."),
                "resource": _RESOURCE,
            },
            synonyms={
                **dict.fromkeys(("source", "src", "start"), "from"),
                **dict.fromkeys(("target", "dst", "dest", "destination", "end"), "to"),
                **dict.fromkeys(("name", "title", "text", "caption"), "label"),
            },
        ),
        MapType(TextType(), "{a -> b: calls}", max_entries=1),
    )
)

FIELDS: dict[str, Field] = {
    "nodes": Field(MapType(_NODE, "{alb: Load balancer}"), "The nodes: an id with a label, or with details."),
    "edges": Field(ListType(_EDGE), "The edges: 'a -> b', 'a -> b: label', or with details."),
    "groups": Field(MapType(ReferenceType("group", DEFINITIONS), _GROUPS), "The groups: an id with its nodes."),
    "classes": Field(
        MapType(MapType(TextType(), "{fill: '#f96'}"), "{hot: {fill: '#f96'}}"),
        "The classes of nodes, edges and groups: a name with its CSS properties, as for Mermaid's classDef.",
    ),
}


def build(entries: dict[str, Tree], direction: Direction | None) -> Graph:
    """Return the graph of a validated spec. Raises `DiagramError` (unknown-node, duplicate-id and others)."""
    problems: list[Diagnostic] = []
    classes = _Classes(entries.get("classes"), problems)
    groups = list(_groups(entries.get("groups"), None, classes))
    group_by_node = _groups_by_node(groups, entries["nodes"].items(), problems)
    nodes = tuple(_node(name, tree, group_by_node, classes) for name, tree in entries["nodes"].items().items())
    known = {node.id for node in nodes} | {group.id for group, _ in groups}
    edges: list[Edge] = []
    for tree in entries["edges"].entries() if "edges" in entries else ():
        if problem := spec_edges.misspelled(tree, known):
            problems.append(problem)
            continue
        for edge in _edges(tree, classes, problems):
            edges.append(edge)
            problems += [
                replace(unknown_node(end, known, edge.span, "edges"), fix=id_spelling.in_edge(tree, end, known))
                for end in (edge.source, edge.target)
                if end not in known
            ]
    if problems:
        raise DiagramError(problems)
    return Graph(nodes, tuple(edges), tuple(group for group, _ in groups), direction)


class _Classes:
    """The classes of a spec: what they set. A class that does not exist is added to `problems`."""

    def __init__(self, tree: Tree | None, problems: list[Diagnostic]) -> None:
        self._problems = problems
        self._styles: dict[str, Style] = {
            name: tuple((key, value.text()) for key, value in entry.items().items())
            for name, entry in (tree.items() if tree else {}).items()
        }

    def of(self, fields: dict[str, Tree]) -> tuple[tuple[str, ...], Style]:
        """Return the names of the classes of a node, an edge or a group, and the style that they set."""
        tree = fields.get("class")
        names = tuple(tree.text().split()) if tree else ()
        for name in names:
            if name not in self._styles and tree:
                hint = did_you_mean(name, self._styles) or f"; add '{name}' to the classes"
                self._problems.append(Diagnostic("unknown-class", f"there is no class '{name}'{hint}", tree.span))
        return names, tuple(declaration for name in names for declaration in self._styles.get(name, ()))


def unknown_node(name: str, known: set[str], span: Span, section: str) -> Diagnostic:
    """Return a problem: the field `section` refers to a node that does not exist."""
    hint = did_you_mean(name, known) or f"; add '{name}' to the nodes"
    return Diagnostic("unknown-node", f"'{section}' refers to '{name}', which is not a node{hint}", span)


def parse_direction(tree: Tree | None) -> Direction | None:
    """Return a spec's `direction:` as graphs have it: TD becomes TB, and auto becomes None."""
    if tree is None or tree.text() == "auto":
        return None
    return cast(Direction, "TB" if tree.text() == "TD" else tree.text())


def with_direction(graph: Graph, tree: Tree | None) -> Graph:
    """Return the graph with the spec's direction, if the spec has one."""
    return structs.replace(graph, direction=parse_direction(tree)) if tree else graph


def with_links(graph: Graph, links: Tree | None) -> Graph:
    """Return the graph with the spec's `links:` on its nodes and groups."""
    if links is None:
        return graph
    urls = {name: tree.text().strip() for name, tree in links.items().items()}
    nodes = tuple(structs.replace(node, link=urls.get(node.id, node.link)) for node in graph.nodes)
    groups = tuple(structs.replace(group, link=urls.get(group.id, group.link)) for group in graph.groups)
    return structs.replace(graph, nodes=nodes, groups=groups)


def with_title(graph: Graph, title: str, span: Span, text: Tree | None) -> Graph:
    """Return the graph with the spec's title (at `span`) and description, which replace those in the Mermaid."""
    description = " ".join(text.text().split()) if text else graph.description
    dropped = graph.dropped
    if graph.title and graph.title != title:
        dropped += (UnsupportedFeature(f"the title '{graph.title}', which '{title}' replaces", span),)
    return structs.replace(graph, title=title, description=description, dropped=dropped)


def _node(name: str, tree: Tree, group_by_node: dict[str, str], classes: _Classes) -> Node:
    fields = tree.items()
    class_names, style = classes.of(fields)
    label = tree.text() if isinstance(tree.value, str) else name
    shape = fields.get("shape")
    return Node(
        id=name,
        label=fields["label"].text() if "label" in fields else label,
        shape=drawn_shape(shape.text()) if shape else shapes.DEFAULT,
        source_shape=shape.text() if shape else None,
        span=tree.key or tree.span,
        group=group_by_node.get(name),
        link=fields["link"].text() if "link" in fields else None,
        icon=fields["icon"].text() if "icon" in fields else None,
        classes=class_names,
        style=style,
        resource=fields["resource"].text() if "resource" in fields else None,
    )


def _groups(tree: Tree | None, parent: str | None, classes: _Classes) -> Iterator[tuple[Group, list[Tree]]]:
    """Yield each group with the entries that list its nodes, outer groups first."""
    for name, entry in (tree.items() if tree else {}).items():
        fields = entry.items()
        members = fields["nodes"].entries() if "nodes" in fields else entry.entries()
        class_names, style = classes.of(fields)
        yield (
            Group(
                id=name,
                label=fields["label"].text() if "label" in fields else name,
                span=entry.key or entry.span,
                parent=parent,
                kind=fields["kind"].text() if "kind" in fields else None,
                classes=class_names,
                style=style,
                link=fields["link"].text() if "link" in fields else None,
                resource=fields["resource"].text() if "resource" in fields else None,
            ),
            members,
        )
        yield from _groups(fields.get("groups"), name, classes)


def _groups_by_node(
    groups: list[tuple[Group, list[Tree]]], nodes: dict[str, Tree], problems: list[Diagnostic]
) -> dict[str, str]:
    """Return the group of each node that is in one, and add to `problems` what is wrong with the groups."""
    group_by_node: dict[str, str] = {}
    seen: dict[str, Group] = {}
    for group, members in groups:
        if group.id in nodes or group.id in seen:
            problems.append(
                Diagnostic("duplicate-id", f"the id '{group.id}' is already in use; choose another", group.span)
            )
        seen[group.id] = group
        for member in members:
            name = member.text()
            if name not in nodes:
                problem = unknown_node(name, set(nodes), member.span, f"groups.{group.id}")
                problems.append(replace(problem, fix=id_spelling.in_list(member, nodes)))
            elif name in group_by_node:
                problems.append(
                    Diagnostic(
                        "duplicate-id",
                        f"'{name}' is already in the group '{group_by_node[name]}'; remove it from one of the two",
                        member.span,
                    )
                )
            else:
                group_by_node[name] = group.id
    return group_by_node


def _edges(tree: Tree, classes: _Classes, problems: list[Diagnostic]) -> Iterator[Edge]:
    """Yield the edges that one entry of `edges:` describes, in either form; add to `problems` what is wrong."""
    fields = tree.items()
    if "from" in fields and "to" in fields:
        class_names, style = classes.of(fields)
        yield Edge(
            source=fields["from"].text(),
            target=fields["to"].text(),
            span=tree.span,
            label=_step(fields) + (fields["label"].text() if "label" in fields else ""),
            stroke=cast(Stroke, fields["style"].text() if "style" in fields else "normal"),
            tail=cast(Head, fields["tail"].text() if "tail" in fields else "none"),
            head=cast(Head, fields["head"].text() if "head" in fields else "arrow"),
            style=style,
            classes=class_names,
            resource=fields["resource"].text() if "resource" in fields else None,
        )
        return
    present = next((name for name in ("from", "to") if name in fields), None)
    if present:
        missing = "to" if present == "from" else "from"
        message = f"this edge has '{present}' but no '{missing}'; add '{missing}'"
        problems.append(Diagnostic("missing-key", message, tree.span))
        return
    yield from spec_edges.edges_of_line(tree, problems)


def _step(fields: dict[str, Tree]) -> str:
    """Return an edge's step number as the beginning of its label, the same as in Mermaid: `3. `."""
    return f"{fields['step'].text()}. " if "step" in fields else ""
