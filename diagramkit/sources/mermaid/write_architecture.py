"""Writes a graph as a Mermaid architecture diagram, for wikis that render Mermaid: boxes with icons.

Architecture diagrams have services, groups and plain edges. Strokes, shapes and the lengths of edges are lost, and an
edge that ends at a group ends at the first service in it. Icons are named as in the Iconify pack `logos`, which is the
one that Mermaid's documentation registers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec.structs import replace

from diagramkit.graph import Edge, Graph, Group, Node
from diagramkit.sources.layout_hints import comments
from diagramkit.sources.mermaid.write_ids import unique_name

_SIDES = {"LR": ("R", "L"), "RL": ("L", "R"), "TB": ("B", "T"), "BT": ("T", "B")}
_LINE_BREAK = re.compile(r"(?:(?<!\s)\s+)?<br\s*/?>\s*|\n", re.I)
_TAG = re.compile(r"<[^<>]*>")


def to_architecture(graph: Graph, icons: Mapping[str, str]) -> str:
    """Return the text of the diagram, which ends in a newline. `icons` are Mermaid's icon names by node id."""
    ids = _ids(graph)
    lines = ["architecture-beta"]
    if graph.title:
        lines.append(f"    title {' '.join(graph.title.split())}")
    for group in graph.outer_first():
        lines.append(f"    group {ids[group.id]}(cloud){title(group.label)}{_in(group.parent, ids)}")
    for node in graph.nodes:
        lines.append(f"    {_node(node, ids, icons)}")
    lines += [f"    {line}" for line in (edge_text(edge, graph, ids) for edge in graph.edges) if line]
    for hint in graph.hints:
        lines.append(f"    {comments.line(replace(hint, members=tuple(ids[name] for name in hint.members)))}")
    return "\n".join(lines) + "\n"


def _node(node: Node, ids: Mapping[str, str], icons: Mapping[str, str]) -> str:
    parent = _in(node.group, ids)
    if node.shape == "junction":
        return f"junction {ids[node.id]}{parent}"
    icon = f'"{node.icon_text}"' if node.icon_text and node.id not in icons else f"({icons.get(node.id, 'server')})"
    return f"service {ids[node.id]}{icon}{title(node.label or node.id)}{parent}"


def edge_text(edge: Edge, graph: Graph, ids: Mapping[str, str]) -> str:
    """Return the line of an edge, or an empty text if an architecture diagram cannot represent it."""
    if edge.stroke == "invisible":
        return ""
    ends = [_service(edge.source, graph), _service(edge.target, graph)]
    if not all(ends) or ends[0] == ends[1]:
        return ""
    out, into = _SIDES[graph.direction or "TB"]
    groups = {node.id: node.group for node in graph.nodes}
    in_different_groups = groups[ends[0]] != groups[ends[1]]
    suffixes = [
        "{group}" if in_different_groups and graph_end != end else ""
        for graph_end, end in zip((edge.source, edge.target), ends, strict=True)
    ]
    label = title(edge.label)
    line = f"-{label}-" if label else "--"
    tail, head = ("<" if edge.tail != "none" else ""), (">" if edge.head != "none" else "")
    return f"{ids[ends[0]]}{suffixes[0]}:{out} {tail}{line}{head} {into}:{ids[ends[1]]}{suffixes[1]}"


def _service(name: str, graph: Graph) -> str:
    """Return the node id to use for the end of an edge: the node itself, or the first one directly in the group."""
    if any(node.id == name for node in graph.nodes):
        return name
    members = graph.child_nodes(name)
    return members[0].id if members else ""


def title(label: str) -> str:
    """Return a title in its brackets, without tags and without characters that Mermaid would remove or end it at."""
    text = _TAG.sub("", _LINE_BREAK.sub(" - ", label)).replace('"', "'").replace("\\", "/")
    text = " ".join(re.sub("%(?=%)", "% ", text).split())
    return f'["{text}{" " * text.endswith("=")}"]' if text else ""


def _in(group: str | None, ids: Mapping[str, str]) -> str:
    return f" in {ids[group]}" if group else ""


def _ids(graph: Graph) -> dict[str, str]:
    """Return a unique id for each group and node that Mermaid accepts in architecture diagrams."""
    ids: dict[str, str] = {}
    taken: set[str] = set()
    items: list[Group | Node] = [*graph.groups, *graph.nodes]
    for item in items:
        name = re.sub(r"\W+", "_", item.id, flags=re.ASCII).strip("_") or "n"
        if name[0] in "LRTB" or name.startswith("title") or name[0].isdigit() or name in _RESERVED:
            name = f"n_{name}"
        ids[item.id] = unique_name(name, taken)
    return ids


_RESERVED = frozenset({"group", "service", "junction", "in", "true", "false"})
