"""The topology of a spec in YAML: `nodes:`, `edges:` and `groups:` into a `Graph`."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import cast

from msgspec import structs

from diagramkit.diagnostics import Diagnostic, DiagramError, Span, did_you_mean
from diagramkit.graph import Direction, Edge, Graph, Group, Head, Node, Stroke
from diagramkit.sources import value_types
from diagramkit.sources.mermaid.shapes import DEFAULT_SHAPE, drawn, names
from diagramkit.sources.yamltree import Tree
from diagramkit.style import theme

STROKES: tuple[str, ...] = ("normal", "thick", "dotted", "invisible")
HEADS: tuple[str, ...] = ("none", "arrow", "circle", "cross")

KINDS: dict[str, value_types.ValueType] = {}
KINDS["group"] = value_types.UnionType(
    (
        value_types.ListType(value_types.TextType()),
        value_types.ObjectType(
            "a group",
            {
                "label": value_types.Field(value_types.TextType(), "The title; the id where there is none."),
                "kind": value_types.Field(
                    value_types.EnumType(theme.kinds()),
                    "What it is; found from the title where it is not said.",
                ),
                "nodes": value_types.Field(value_types.ListType(value_types.TextType()), "Ids of the nodes in it."),
                "groups": value_types.Field(
                    value_types.MapType(value_types.ReferenceType("group", KINDS)), "Groups inside it, by id."
                ),
            },
        ),
    )
)

_NODE = value_types.UnionType(
    (
        value_types.TextType(),
        value_types.ObjectType(
            "a node",
            {
                "label": value_types.Field(value_types.TextType(), "The text; the id where there is none."),
                "shape": value_types.Field(value_types.EnumType(names()), "Mermaid's shape."),
                "icon": value_types.Field(value_types.TextType(), "The icon, as 'aws.compute.Lambda'."),
                "link": value_types.Field(value_types.TextType(), "Where a click leads."),
            },
        ),
    )
)

_EDGE = value_types.UnionType(
    (
        value_types.TextType("a text such as 'a -> b'"),
        value_types.ObjectType(
            "an edge",
            {
                "from": value_types.Field(value_types.TextType(), "Id of the node or group it leaves.", True),
                "to": value_types.Field(value_types.TextType(), "Id of the node or group it reaches.", True),
                "label": value_types.Field(value_types.TextType(), "The text beside it."),
                "style": value_types.Field(value_types.EnumType(STROKES), "How the line is drawn."),
                "tail": value_types.Field(value_types.EnumType(HEADS), "The sign at its start."),
                "head": value_types.Field(value_types.EnumType(HEADS), "The sign at its end."),
                "step": value_types.Field(value_types.NumberType(1, 99), "Its number, where steps are shown."),
            },
        ),
        value_types.MapType(value_types.TextType(), most=1),
    )
)

FIELDS: dict[str, value_types.Field] = {
    "nodes": value_types.Field(value_types.MapType(_NODE), "The nodes: an id with a label, or with details."),
    "edges": value_types.Field(value_types.ListType(_EDGE), "The edges: 'a -> b', 'a -> b: label', or with details."),
    "groups": value_types.Field(
        value_types.MapType(value_types.ReferenceType("group", KINDS)), "The groups: an id with its nodes."
    ),
}

# The one-liner's arrows: a tail sign, a body that tells the stroke, a head sign.
_ARROW = re.compile(r"\s+(?P<tail><?)(?P<body>-\.+-|--+|==*|-)(?P<head>>?)\s+")


def build(entries: dict[str, Tree], way: Direction | None) -> Graph:
    """The graph of a validated spec. Raises `DiagramError` (unknown-node, duplicate-id, …)."""
    problems: list[Diagnostic] = []
    groups = list(_groups(entries.get("groups"), None))
    owner = _owners(groups, entries["nodes"].items(), problems)
    nodes = tuple(_node(name, tree, owner) for name, tree in entries["nodes"].items().items())
    known = {node.id for node in nodes} | {group.id for group, _ in groups}
    edges: list[Edge] = []
    for tree in entries["edges"].entries() if "edges" in entries else ():
        for edge in _edges(tree, problems):
            edges.append(edge)
            problems += [
                unknown(end, known, edge.span, "edges") for end in (edge.source, edge.target) if end not in known
            ]
    if problems:
        raise DiagramError(problems)
    return Graph(nodes, tuple(edges), tuple(group for group, _ in groups), way)


def unknown(name: str, known: set[str], span: Span, section: str) -> Diagnostic:
    """A problem: `section` names a node that there is not."""
    hint = did_you_mean(name, known) or f"; add '{name}' to the nodes"
    return Diagnostic("unknown-node", f"'{section}' names '{name}', which is no node{hint}", span)


def direction(tree: Tree | None) -> Direction | None:
    """`direction:` as the graph has it; Mermaid's TD is TB."""
    if tree is None or tree.text() == "auto":
        return None
    return cast(Direction, "TB" if tree.text() == "TD" else tree.text())


def with_direction(graph: Graph, tree: Tree | None) -> Graph:
    """The graph with the spec's direction in place of its own, where the spec says one."""
    return structs.replace(graph, direction=direction(tree)) if tree else graph


def with_links(graph: Graph, links: Tree | None) -> Graph:
    """The graph with the spec's `links:` on its nodes."""
    if links is None:
        return graph
    urls = {name: tree.text().strip() for name, tree in links.items().items()}
    nodes = tuple(structs.replace(node, link=urls.get(node.id, node.link)) for node in graph.nodes)
    return structs.replace(graph, nodes=nodes)


def described(graph: Graph, title: str, text: Tree | None) -> Graph:
    """The graph with the spec's title and description, which stand above the Mermaid's own."""
    description = " ".join(text.text().split()) if text else graph.description
    return structs.replace(graph, title=title, description=description)


def _node(name: str, tree: Tree, owner: dict[str, str]) -> Node:
    fields = tree.items()
    label = tree.text() if isinstance(tree.value, str) else name
    shape = fields.get("shape")
    return Node(
        id=name,
        label=fields["label"].text() if "label" in fields else label,
        shape=drawn(shape.text()) if shape else DEFAULT_SHAPE,
        source_shape=shape.text() if shape else None,
        span=tree.key or tree.span,
        group=owner.get(name),
        link=fields["link"].text() if "link" in fields else None,
        icon=fields["icon"].text() if "icon" in fields else None,
    )


def _groups(tree: Tree | None, parent: str | None) -> Iterator[tuple[Group, list[Tree]]]:
    """Each group with the entries that name its nodes, outer groups first."""
    for name, entry in (tree.items() if tree else {}).items():
        fields = entry.items()
        members = fields["nodes"].entries() if "nodes" in fields else entry.entries()
        yield (
            Group(
                id=name,
                label=fields["label"].text() if "label" in fields else name,
                span=entry.key or entry.span,
                parent=parent,
                kind=fields["kind"].text() if "kind" in fields else None,
            ),
            members,
        )
        yield from _groups(fields.get("groups"), name)


def _owners(
    groups: list[tuple[Group, list[Tree]]], nodes: dict[str, Tree], problems: list[Diagnostic]
) -> dict[str, str]:
    """The group of each node that is in one."""
    owner: dict[str, str] = {}
    seen: dict[str, Group] = {}
    for group, members in groups:
        if group.id in nodes or group.id in seen:
            problems.append(Diagnostic("duplicate-id", f"'{group.id}' is taken; choose another id", group.span))
        seen[group.id] = group
        for member in members:
            name = member.text()
            if name not in nodes:
                problems.append(unknown(name, set(nodes), member.span, f"groups.{group.id}"))
            elif name in owner:
                problems.append(
                    Diagnostic(
                        "duplicate-id",
                        f"'{name}' is already in the group '{owner[name]}'; keep one of the two",
                        member.span,
                    )
                )
            else:
                owner[name] = group.id
    return owner


def _edges(tree: Tree, problems: list[Diagnostic]) -> Iterator[Edge]:
    fields = tree.items()
    if "from" in fields and "to" in fields:
        yield Edge(
            source=fields["from"].text(),
            target=fields["to"].text(),
            span=tree.span,
            label=_step(fields) + (fields["label"].text() if "label" in fields else ""),
            stroke=cast(Stroke, fields["style"].text() if "style" in fields else "normal"),
            tail=cast(Head, fields["tail"].text() if "tail" in fields else "none"),
            head=cast(Head, fields["head"].text() if "head" in fields else "arrow"),
        )
        return
    lone = next((name for name in ("from", "to") if name in fields), None)
    if lone:
        other = "to" if lone == "from" else "from"
        message = f"this edge has a '{lone}' and no '{other}'; add it"
        problems.append(Diagnostic("missing-key", message, tree.span))
        return
    if isinstance(tree.value, str):
        yield from _one_liner(tree.text(), "", tree.span, problems)
    for line, label in fields.items():
        yield from _one_liner(line, label.text(), tree.span, problems)


def _step(fields: dict[str, Tree]) -> str:
    """An edge's number as its label begins with it, in Mermaid too: `3. `."""
    return f"{fields['step'].text()}. " if "step" in fields else ""


def _one_liner(line: str, label: str, span: Span, problems: list[Diagnostic]) -> Iterator[Edge]:
    """`a -> b`, `a & b -> c -> d`: each arrow makes edges between all on its two sides."""
    parts = [part.strip() for part in _ARROW.split(f" {line} ")]
    stops = [[name.strip() for name in part.split(" & ")] for part in parts[::4]]
    if len(stops) < 2 or not all(name for stop in stops for name in stop):
        problems.append(Diagnostic("edge-syntax", f"'{line}' is no edge; write 'a -> b' or 'a -> b: label'", span))
        return
    for number, (tails, heads) in enumerate(itertools.pairwise(stops)):
        back, body, forth = parts[number * 4 + 1 : number * 4 + 4]
        stroke: Stroke = "dotted" if "." in body else "thick" if "=" in body else "normal"
        for tail in tails:
            for head in heads:
                yield Edge(
                    tail,
                    head,
                    span,
                    label,
                    stroke,
                    "arrow" if back else "none",
                    "arrow" if forth else "none",
                )
