"""Graphs in JSON: lists of nodes and edges, as many programs and models write them."""

from __future__ import annotations

import json
import re
from typing import Any

from diagramkit.sources.foreign_texts.writing import NotUnderstoodError, Writer
from diagramkit.sources.mermaid.mistakes.json_lines import IDS, LABELS, SOURCES, TARGETS

_MERMAID = re.compile(r"\s*(?:flowchart|graph)\s")
_NODES = ("nodes", "vertices", "services", "components", "elements")
_EDGES = ("edges", "links", "connections", "relationships")
_GROUPS = ("groups", "clusters", "subgraphs")
_TITLES = ("title", "name")
_MEMBERS = ("nodes", "members", "children")


def detects(text: str) -> bool:
    """Return whether a text begins as an object with nodes."""
    is_graph = any(f'"{name}"' in text for name in _NODES) or re.search(r":\s*\"(?:flowchart|graph)\s", text)
    return text.lstrip().startswith("{") and bool(is_graph)


def convert(writer: Writer) -> None:
    """Write a graph as Mermaid in the first line. Fields that Mermaid does not have become comments."""
    try:
        content = json.loads("\n".join(writer.lines))
    except (ValueError, RecursionError):
        raise NotUnderstoodError from None
    if not isinstance(content, dict):
        raise NotUnderstoodError
    content = dict(content)
    if mermaid := [name for name, value in content.items() if isinstance(value, str) and _MERMAID.match(value)]:
        if len(mermaid) > 1:
            raise NotUnderstoodError
        for name, value in content.items():
            if name != mermaid[0]:
                writer.comment(0, f"{name}: {_text(value)}")
        writer.text = content[mermaid[0]]
        return
    nodes, edges, groups = (_taken(content, names, []) for names in (_NODES, _EDGES, _GROUPS))
    writer.title = _text(_taken(content, _TITLES, ""))
    direction = content.pop("direction", writer.direction)
    if direction not in ("LR", "RL", "TB", "TD", "BT") or not all(
        isinstance(part, list) for part in (nodes, edges, groups)
    ):
        raise NotUnderstoodError
    writer.direction = direction
    for name, value in content.items():
        writer.comment(0, f"{name}: {_text(value)}")
    in_groups = _groups(writer, groups, {_id(node): node for node in nodes})
    for node in nodes:
        if _id(node) not in in_groups:
            _node(writer, node)
    known = set(map(_id, nodes))
    for edge in edges:
        _edge(writer, edge, known)


def _taken(fields: dict[str, Any], names: tuple[str, ...], default: Any) -> Any:
    """Remove the first of some fields that there is, and return its value."""
    return next((fields.pop(name) for name in names if name in fields), default)


def _text(value: Any) -> str:
    if not isinstance(value, str | int | float | bool) or (isinstance(value, str) and "\n" in value):
        raise NotUnderstoodError
    return str(value)


def _id(node: Any) -> str:
    if isinstance(node, str):
        return node
    if not isinstance(node, dict):
        raise NotUnderstoodError
    return _text(next((node[name] for name in (*IDS, *LABELS) if name in node), None))


def _node(writer: Writer, node: Any) -> None:
    name = _id(node)
    fields = dict(node) if isinstance(node, dict) else {}
    label = _text(_taken(fields, LABELS, name))
    fields.pop("id", None)
    fields.pop("key", None)
    writer.comment(0, ", ".join(f"{key}: {_text(value)}" for key, value in fields.items()))
    writer.node(0, name, label)


def _groups(writer: Writer, groups: list[Any], nodes: dict[str, Any]) -> set[str]:
    """Write the groups with their nodes; return the ids of these. Groups in groups are not understood."""
    members: set[str] = set()
    for group in groups:
        if not isinstance(group, dict):
            raise NotUnderstoodError
        fields = dict(group)
        name = _id(group)
        inner = _taken(fields, _MEMBERS, None)
        label = _text(_taken(fields, LABELS, name))
        fields.pop("id", None)
        if not isinstance(inner, list) or fields or not {*map(_text, inner)} <= nodes.keys() - members:
            raise NotUnderstoodError
        writer.open_group(0, name, label)
        for member in inner:
            _node(writer, nodes[member])
        members |= {*inner}
        writer.close_group(0)
    return members


def _edge(writer: Writer, edge: Any, known: set[str]) -> None:
    if not isinstance(edge, dict):
        raise NotUnderstoodError
    fields = dict(edge)
    ends = [_text(_taken(fields, names, None)) for names in (SOURCES, TARGETS)]
    label = _text(_taken(fields, LABELS, ""))
    fields.pop("id", None)
    if not {*ends} <= known:
        raise NotUnderstoodError
    writer.comment(0, ", ".join(f"{key}: {_text(value)}" for key, value in fields.items()))
    writer.link(0, ends[:1], "-->", ends[1:], label)
