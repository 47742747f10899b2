"""A graph as `architecture-beta`, for wikis that draw Mermaid: boxes with icons.

Mermaid's architecture diagrams know services, groups and plain edges: strokes, shapes and the
lengths of edges are lost, and an edge that ends at a group ends at its first service. Icons are
named after the Iconify pack `logos`, the one that Mermaid's documentation registers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from diagramkit.graph import Edge, Graph, Group, Node
from diagramkit.sources.mermaid.write_ids import free

_SIDES = {"LR": ("R", "L"), "RL": ("L", "R"), "TB": ("B", "T"), "BT": ("T", "B")}
_BREAK = re.compile(r"\s*<br\s*/?>\s*|\n", re.I)
_TAG = re.compile(r"<[^<>]*>")


def to_architecture(graph: Graph, icons: Mapping[str, str]) -> str:
    """The diagram's text, ending in a newline. `icons`: Mermaid's icon of each node, by id."""
    names = _ids(graph)
    lines = ["architecture-beta"]
    if graph.title:
        lines.append(f"    title {' '.join(graph.title.split())}")
    for group in _outer_first(graph):
        lines.append(f"    group {names[group.id]}(cloud){_title(group.label)}{_in(group.parent, names)}")
    for node in graph.nodes:
        lines.append(f"    {_node(node, names, icons)}")
    lines += [f"    {line}" for line in (_edge(edge, graph, names) for edge in graph.edges) if line]
    return "\n".join(lines) + "\n"


def _node(node: Node, names: Mapping[str, str], icons: Mapping[str, str]) -> str:
    where = _in(node.group, names)
    if node.shape == "junction":
        return f"junction {names[node.id]}{where}"
    icon = icons.get(node.id, "server")
    return f"service {names[node.id]}({icon}){_title(node.label or node.id)}{where}"


def _edge(edge: Edge, graph: Graph, names: Mapping[str, str]) -> str:
    if edge.stroke == "invisible":
        return ""
    ends = [_end(edge.source, graph), _end(edge.target, graph)]
    if not all(ends) or ends[0] == ends[1]:
        return ""
    out, into = _SIDES[graph.direction or "TB"]
    homes = {node.id: node.group for node in graph.nodes}
    apart = homes[ends[0]] != homes[ends[1]]
    marks = [
        "{group}" if apart and wanted != end else ""
        for wanted, end in zip((edge.source, edge.target), ends, strict=True)
    ]
    text = _title(edge.label)
    line = f"-{text}-" if text else "--"
    tail, head = ("<" if edge.tail != "none" else ""), (">" if edge.head != "none" else "")
    return f"{names[ends[0]]}{marks[0]}:{out} {tail}{line}{head} {into}:{names[ends[1]]}{marks[1]}"


def _end(name: str, graph: Graph) -> str:
    """The service that stands for an end: itself, or the first directly in the group."""
    if any(node.id == name for node in graph.nodes):
        return name
    inside = graph.members(name)
    return inside[0] if inside else ""


def _outer_first(graph: Graph) -> list[Group]:
    """The groups, each behind the one it is in."""
    parents = {group.id: group.parent for group in graph.groups}

    def depth(name: str | None) -> int:
        return 0 if name is None else 1 + depth(parents[name])

    return sorted(graph.groups, key=lambda group: depth(group.id))


def _title(label: str) -> str:
    """A title in its brackets: without tags, and without what Mermaid would take out or end a text at."""
    text = _TAG.sub("", _BREAK.sub(" - ", label)).replace('"', "'").replace("\\", "/")
    text = " ".join(re.sub("%(?=%)", "% ", text).split())
    return f'["{text}{" " * text.endswith("=")}"]' if text else ""


def _in(group: str | None, names: Mapping[str, str]) -> str:
    return f" in {names[group]}" if group else ""


def _ids(graph: Graph) -> dict[str, str]:
    """An id that Mermaid takes here for each node and group, all different."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    items: list[Group | Node] = [*graph.groups, *graph.nodes]
    for item in items:
        name = re.sub(r"\W+", "_", item.id, flags=re.ASCII).strip("_") or "n"
        if name[0] in "LRTB" or name.startswith("title") or name[0].isdigit() or name in _WORDS:
            name = f"n_{name}"
        names[item.id] = free(name, taken)
    return names


_WORDS = frozenset({"group", "service", "junction", "in", "true", "false"})
