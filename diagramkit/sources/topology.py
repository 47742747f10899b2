"""The topology of a spec in YAML: `nodes:`, `edges:` and `groups:` into a `Graph`."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import cast

from msgspec import structs

from diagramkit.graph import Direction, Edge, Graph, Group, Head, Node, Stroke
from diagramkit.problems import DiagramError, Problem, Span, did_you_mean
from diagramkit.sources import model
from diagramkit.sources.mermaid.shapes import DEFAULT_SHAPE, drawn, names
from diagramkit.sources.yamltree import Tree
from diagramkit.style import theme

STROKES: tuple[str, ...] = ("normal", "thick", "dotted", "invisible")
HEADS: tuple[str, ...] = ("none", "arrow", "circle", "cross")

KINDS: dict[str, model.Kind] = {}
KINDS["group"] = model.AnyOf(
    (
        model.ListOf(model.Text()),
        model.Object(
            "a group",
            {
                "label": model.Field(model.Text(), "The title; the id where there is none."),
                "kind": model.Field(
                    model.Choice(theme.kinds()),
                    "What it is; found from the title where it is not said.",
                ),
                "nodes": model.Field(model.ListOf(model.Text()), "Ids of the nodes in it."),
                "groups": model.Field(model.MapOf(model.Reference("group", KINDS)), "Groups inside it, by id."),
            },
        ),
    )
)

_NODE = model.AnyOf(
    (
        model.Text(),
        model.Object(
            "a node",
            {
                "label": model.Field(model.Text(), "The text; the id where there is none."),
                "shape": model.Field(model.Choice(names()), "Mermaid's shape."),
                "icon": model.Field(model.Text(), "The icon, as 'aws.compute.Lambda'."),
                "link": model.Field(model.Text(), "Where a click leads."),
            },
        ),
    )
)

_EDGE = model.AnyOf(
    (
        model.Text("a text such as 'a -> b'"),
        model.Object(
            "an edge",
            {
                "from": model.Field(model.Text(), "Id of the node or group it leaves.", True),
                "to": model.Field(model.Text(), "Id of the node or group it reaches.", True),
                "label": model.Field(model.Text(), "The text beside it."),
                "style": model.Field(model.Choice(STROKES), "How the line is drawn."),
                "tail": model.Field(model.Choice(HEADS), "The sign at its start."),
                "head": model.Field(model.Choice(HEADS), "The sign at its end."),
                "step": model.Field(model.Number(1, 99), "Its number, where steps are shown."),
            },
        ),
        model.MapOf(model.Text(), most=1),
    )
)

FIELDS: dict[str, model.Field] = {
    "nodes": model.Field(model.MapOf(_NODE), "The nodes: an id with a label, or with details."),
    "edges": model.Field(model.ListOf(_EDGE), "The edges: 'a -> b', 'a -> b: label', or with details."),
    "groups": model.Field(model.MapOf(model.Reference("group", KINDS)), "The groups: an id with its nodes."),
}

# The one-liner's arrows: a tail sign, a body that tells the stroke, a head sign.
_ARROW = re.compile(r"\s+(?P<tail><?)(?P<body>-\.+-|--+|==*|-)(?P<head>>?)\s+")


def build(entries: dict[str, Tree], way: Direction | None) -> Graph:
    """The graph of a validated spec. Raises `DiagramError` (unknown-node, duplicate-id, …)."""
    problems: list[Problem] = []
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


def unknown(name: str, known: set[str], span: Span, section: str) -> Problem:
    """A problem: `section` names a node that there is not."""
    hint = did_you_mean(name, known) or f"; add '{name}' to the nodes"
    return Problem("unknown-node", f"'{section}' names '{name}', which is no node{hint}", span)


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
        written=shape.text() if shape else None,
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


def _owners(groups: list[tuple[Group, list[Tree]]], nodes: dict[str, Tree], problems: list[Problem]) -> dict[str, str]:
    """The group of each node that is in one."""
    owner: dict[str, str] = {}
    seen: dict[str, Group] = {}
    for group, members in groups:
        if group.id in nodes or group.id in seen:
            problems.append(Problem("duplicate-id", f"'{group.id}' is taken; choose another id", group.span))
        seen[group.id] = group
        for member in members:
            name = member.text()
            if name not in nodes:
                problems.append(unknown(name, set(nodes), member.span, f"groups.{group.id}"))
            elif name in owner:
                problems.append(
                    Problem(
                        "duplicate-id",
                        f"'{name}' is already in the group '{owner[name]}'; keep one of the two",
                        member.span,
                    )
                )
            else:
                owner[name] = group.id
    return owner


def _edges(tree: Tree, problems: list[Problem]) -> Iterator[Edge]:
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
        problems.append(Problem("missing-key", message, tree.span))
        return
    if isinstance(tree.value, str):
        yield from _one_liner(tree.text(), "", tree.span, problems)
    for line, label in fields.items():
        yield from _one_liner(line, label.text(), tree.span, problems)


def _step(fields: dict[str, Tree]) -> str:
    """An edge's number as its label begins with it, in Mermaid too: `3. `."""
    return f"{fields['step'].text()}. " if "step" in fields else ""


def _one_liner(line: str, label: str, span: Span, problems: list[Problem]) -> Iterator[Edge]:
    """`a -> b`, `a & b -> c -> d`: each arrow makes edges between all on its two sides."""
    parts = [part.strip() for part in _ARROW.split(f" {line} ")]
    stops = [[name.strip() for name in part.split(" & ")] for part in parts[::4]]
    if len(stops) < 2 or not all(name for stop in stops for name in stop):
        problems.append(Problem("edge-syntax", f"'{line}' is no edge; write 'a -> b' or 'a -> b: label'", span))
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
