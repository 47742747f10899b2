"""Describes a pattern as diagramkit understood it: as lines of text for people, as JSON for programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from diagramkit.graph import Head, Pattern, Stroke
from diagramkit.icons.resolver import IconChoice
from diagramkit.style import group_kinds

_RESOURCE_FIELDS = ("address", "type", "fate", "reason", "host")


def as_data(pattern: Pattern, icons: Mapping[str, IconChoice]) -> dict[str, Any]:
    """Return the graph as data for JSON.

    `icon` is a class of the package `diagrams`, or null for a plain shape; of a group, it is that of the service that
    its title names. `shape` is the name in the source (such as Mermaid's `cyl`), `drawn_as` the shape that is drawn
    for it.
    """
    graph = pattern.graph
    data: dict[str, Any] = {
        "direction": graph.direction or "TB",
        "lanes": graph.lanes,
        "nodes": [
            {
                "id": node.id,
                "label": node.label,
                "shape": node.source_shape or node.shape,
                "drawn_as": node.shape,
                "group": node.group,
                "classes": list(node.classes),
                "style": dict(node.style),
                "link": node.link,
                "line": node.span.line,
                "column": node.span.column,
                "icon": icons[node.id].icon,
                "icon_reason": icons[node.id].reason,
                "icon_sure": icons[node.id].public_confidence,
                **_resource(node.resource),
            }
            for node in graph.nodes
        ],
        "edges": [
            {
                "from": edge.source,
                "to": edge.target,
                "label": edge.label,
                "style": edge.stroke,
                "tail": edge.tail,
                "head": edge.head,
                "length": edge.length,
                "id": edge.id,
                "classes": list(edge.classes),
                "line": edge.span.line,
                "column": edge.span.column,
                **_resource(edge.resource),
            }
            for edge in graph.edges
        ],
        "groups": [
            {
                "id": group.id,
                "label": group.label,
                "kind": group_kinds.SERVICE if group.id in icons else _group_kind(group.kind, group.label),
                "icon": icons[group.id].icon if group.id in icons else None,
                "parent": group.parent,
                "classes": list(group.classes),
                "link": group.link,
                "nodes": [node.id for node in graph.child_nodes(group.id)],
                **_resource(group.resource),
            }
            for group in graph.groups
        ],
    }
    if pattern.resources:
        data["resources"] = [
            {name: getattr(resource, name) for name in _RESOURCE_FIELDS} for resource in pattern.resources
        ]
    return data


def _resource(address: str | None) -> dict[str, str]:
    """Return the entry for the resource that a node, an edge or a group comes from, if it comes from one."""
    return {"resource": address} if address else {}


def as_lines(pattern: Pattern, icons: Mapping[str, IconChoice]) -> Iterator[str]:
    """Yield the graph as lines of text, in columns."""
    data = as_data(pattern, icons)
    counts = ", ".join(
        f"{len(data[name])} {name if len(data[name]) != 1 else name[:-1]}" for name in ("nodes", "edges", "groups")
    )
    yield f"{pattern.title}  ({data['direction']}; {counts})"
    yield from _columns(
        [
            (
                node["id"],
                _one_line(node["label"]),
                node["icon"] or f"({node['shape']})",
                node["icon_sure"],
                node["icon_reason"],
            )
            for node in data["nodes"]
        ]
    )
    yield from _columns(
        [
            (f"{edge.source} {_arrow(edge.stroke, edge.tail, edge.head)} {edge.target}", _one_line(edge.label))
            for edge in pattern.graph.edges
        ]
    )
    yield from _columns(
        [(group["id"], _one_line(group["label"]), group["kind"], " ".join(group["nodes"])) for group in data["groups"]]
    )


def _arrow(stroke: Stroke, tail: Head, head: Head) -> str:
    """Return an arrow in characters: `->`, `<->`, `=>`, `-.>`, `--` without arrowheads, `~~` if it is invisible."""
    bodies = {"normal": "-", "thick": "=", "dotted": "-.", "invisible": "~"}
    without_heads = {"normal": "--", "thick": "==", "dotted": "-.-", "invisible": "~~"}
    if tail == head == "none":
        return without_heads[stroke]
    marks = {"none": "", "circle": "o", "cross": "x"}
    return f"{(marks | {'arrow': '<'})[tail]}{bodies[stroke]}{(marks | {'arrow': '>'})[head]}"


def _group_kind(declared: str | None, title: str) -> str:
    return declared if declared is not None and declared in group_kinds.load() else group_kinds.of_title(title)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _columns(rows: list[tuple[str, ...]]) -> Iterator[str]:
    if not rows:
        return
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    yield ""
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield f"  {'  '.join(cells)}".rstrip()
