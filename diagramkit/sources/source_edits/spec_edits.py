"""Edits of a spec whose graph is in YAML: each returns the new text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from diagramkit.diagnostics import Span
from diagramkit.graph import Edge, Graph
from diagramkit.sources import spec_edges
from diagramkit.sources.layout_hints import layout_edits
from diagramkit.sources.source_edits.edit_kinds import (
    AddEdge,
    AddGroup,
    AddNode,
    DeleteEdge,
    DeleteGroup,
    DeleteNode,
    Edit,
    MoveInto,
    Pin,
    RelabelEdge,
    Rename,
    Unpin,
)
from diagramkit.sources.yaml_edits import Path, YamlDocument, YamlEditError
from diagramkit.sources.yamltree import Tree

_BODIES = {"normal": ("--", "-"), "dotted": ("-.-", "-.-"), "thick": ("==", "==")}
_REFERRING = ("icons", "links")


def edited(text: str, graph: Graph, edit: Edit) -> str:
    """Return the text of a spec after an edit. Raises `YamlEditError`."""
    return _EDITS[type(edit)](text, graph, edit)


def has_nodes(text: str) -> bool:
    """Return whether the graph of a spec is in YAML."""
    return YamlDocument(text).has(("nodes",))


# Labels


def _rename(text: str, graph: Graph, edit: Rename) -> str:
    document = YamlDocument(text)
    path: Path = ("nodes", edit.id)
    if any(group.id == edit.id for group in graph.groups):
        path = _group_paths(document)[edit.id]
    if document.is_list(path):
        document.wrap(path, {"label": edit.label}, "nodes")
    elif document.names(path):
        _put(document, path, "label", edit.label)
    elif document.is_empty(path):
        document.insert(path, {"label": edit.label})
    else:
        document.put(path, edit.label)
    return _text_with_all_comments(document)


def _text_with_all_comments(document: YamlDocument) -> str:
    """Return the new text. Raises `YamlEditError` if a comment of what is still there would be lost."""
    if document.removed_comments:
        raise YamlEditError("a comment would be lost")
    return document.text


def _put(document: YamlDocument, path: Path, key: str, value: str) -> None:
    """Set a key of a mapping; a new one comes first."""
    if document.has((*path, key)):
        document.put((*path, key), value)
    else:
        document.insert(path, {key: value}, index=0)


def _relabel_edge(text: str, _: Graph, edit: RelabelEdge) -> str:
    document = YamlDocument(text)
    index, edges, number = _entry_of(document, edit.index)
    entry = document.plain(("edges", index))
    if isinstance(entry, dict) and "from" in entry:
        label = re.sub(rf"^{entry.get('step')}\. ", "", edit.label)
        if label:
            _put_last(document, ("edges", index), "label", label)
        else:
            document.remove(("edges", index), ["label"])
        return document.text
    lines = [_line(edge) for edge in edges]
    labels = [edge.label for edge in edges]
    labels[number] = edit.label
    if len(edges) > 1:
        return _replaced(document, index, list(zip(lines, labels, strict=True)))
    if isinstance(entry, dict):
        (line,) = entry
        if edit.label:
            document.put(("edges", index, line), edit.label)
        else:
            document.unwrap(("edges", index, line))
    else:
        document.append_value(("edges", index), edit.label)
    return document.text


def _put_last(document: YamlDocument, path: Path, key: str, value: str) -> None:
    if document.has((*path, key)):
        document.put((*path, key), value)
    else:
        document.insert(path, {key: value})


def _entries(document: YamlDocument) -> Iterator[tuple[int, list[Edge]]]:
    """Yield the entries of `edges:` with the edges that they stand for."""
    for index, entry in enumerate(document.plain(("edges",)) or ()):
        if isinstance(entry, dict) and "from" in entry:
            yield index, [Edge(str(entry["from"]), str(entry["to"]), Span(""))]
        else:
            yield index, list(spec_edges.edges_of_line(_tree(entry), []))


def _tree(entry: Any) -> Tree:
    if isinstance(entry, dict):
        return Tree({str(key): Tree(str(value), Span("")) for key, value in entry.items()}, Span(""))
    return Tree(str(entry), Span(""))


def _entry_of(document: YamlDocument, edge: int) -> tuple[int, list[Edge], int]:
    """Return the entry of an edge, all edges of the entry, and the edge's index among them."""
    for index, edges in _entries(document):
        if edge < len(edges):
            return index, edges, edge
        edge -= len(edges)
    raise IndexError(edge)


def _line(edge: Edge) -> str:
    """Return an edge as a line without its label."""
    body, before_head = _BODIES[edge.stroke]
    arrow = f"{'<' if edge.tail == 'arrow' else ''}{before_head if edge.head == 'arrow' else body}"
    return f"{edge.source} {arrow}{'>' if edge.head == 'arrow' else ''} {edge.target}"


def _replaced(document: YamlDocument, index: int, lines: Sequence[tuple[str, str]]) -> str:
    """Return the text with several lines instead of one entry of `edges:`."""
    values = [{line: label} if label else line for line, label in lines]
    document.split(("edges", index), values)
    return document.text


# Additions


def _add_node(text: str, _: Graph, edit: AddNode) -> str:
    document = YamlDocument(text)
    value: Any = edit.label if edit.shape == "square" else {"label": edit.label, "shape": edit.shape}
    document.insert(("nodes",), {edit.id: value})
    return _with_member(document.text, edit.id, edit.group)


def _with_member(text: str, name: str, group: str | None) -> str:
    """Return the text with a node in a group."""
    if group is None:
        return text
    document = YamlDocument(text)
    path = _group_paths(document)[group]
    document.insert(path if document.is_list(path) else (*path, "nodes"), [name])
    return document.text


def _add_edge(text: str, _: Graph, edit: AddEdge) -> str:
    document = YamlDocument(text)
    edge = Edge(edit.source, edit.target, Span(""), edit.label, edit.stroke, edit.tail, edit.head)
    is_line = edit.stroke in _BODIES and {edit.tail, edit.head} <= {"none", "arrow"}
    is_line = is_line and not re.search(r"\s", edit.source + edit.target)
    value: Any = {_line(edge): edit.label} if edit.label else _line(edge)
    if not is_line:
        fields = {"label": edit.label, "style": edit.stroke, "tail": edit.tail, "head": edit.head}
        defaults = {"label": "", "style": "normal", "tail": "none", "head": "arrow"}
        written = {key: field for key, field in fields.items() if field != defaults[key]}
        value = {"from": edit.source, "to": edit.target, **written}
    document.insert(("edges",), [value])
    return document.text


def _add_group(text: str, _: Graph, edit: AddGroup) -> str:
    document = YamlDocument(text)
    value = {"label": edit.label, "nodes": ()}
    if edit.parent is None:
        document.insert(("groups",), {edit.id: value})
        return document.text
    text = _as_mapping(text, edit.parent)
    document = YamlDocument(text)
    document.insert((*_group_paths(document)[edit.parent], "groups"), {edit.id: value})
    return document.text


def _as_mapping(text: str, group: str) -> str:
    """Return the text in which a group is a mapping, so that it may contain groups."""
    document = YamlDocument(text)
    path = _group_paths(document)[group]
    if document.is_list(path):
        document.wrap(path, {}, "nodes")
    return _text_with_all_comments(document)


# Moves


def _move(text: str, graph: Graph, edit: MoveInto) -> str:
    if any(group.id == edit.id for group in graph.groups):
        if edit.group is not None:
            text = _as_mapping(text, edit.group)
        document = YamlDocument(text)
        paths = _group_paths(document)
        document.move(paths[edit.id], (*paths[edit.group], "groups") if edit.group else ("groups",))
        return _text_with_all_comments(document)
    return _with_member(_without_member(text, edit.id), edit.id, edit.group)


def _without_member(text: str, name: str) -> str:
    """Return the text with a node outside of all groups."""
    document = YamlDocument(text)
    for path in _group_paths(document).values():
        members = path if document.is_list(path) else (*path, "nodes")
        nodes = document.plain(members) or []
        document.remove(members, [index for index, each in enumerate(nodes) if each == name])
    return document.text


# Deletions


def _delete_node(text: str, graph: Graph, edit: DeleteNode) -> str:
    gone = {index for index, edge in enumerate(graph.edges) if edit.id in (edge.source, edge.target)}
    text = without_references(_without_member(_without_edges(text, gone), edit.id), edit.id)
    document = YamlDocument(text)
    document.remove(("nodes",), [edit.id])
    return document.text


def _delete_edge(text: str, _: Graph, edit: DeleteEdge) -> str:
    return _without_edges(text, {edit.index})


def _delete_group(text: str, graph: Graph, edit: DeleteGroup) -> str:
    parent = next(group.parent for group in graph.groups if group.id == edit.id)
    gone = {index for index, edge in enumerate(graph.edges) if edit.id in (edge.source, edge.target)}
    text = without_references(_without_edges(text, gone), edit.id)
    for inner in graph.child_groups(edit.id):
        text = _move(text, graph, MoveInto(inner.id, parent))
    if parent is not None:
        for node in graph.child_nodes(edit.id):
            text = _with_member(text, node.id, parent)
    document = YamlDocument(text)
    path = _group_paths(document)[edit.id]
    document.remove(path[:-1], [path[-1]])
    return document.text


def _without_edges(text: str, gone: set[int]) -> str:
    """Return the text without edges, by their indexes in the graph."""
    document = YamlDocument(text)
    first, removed, split = 0, [], []
    for index, edges in _entries(document):
        left = [each for number, each in enumerate(edges, first) if number not in gone]
        first += len(edges)
        if not left:
            removed.append(index)
        elif len(left) < len(edges):
            split.append((index, [(_line(each), each.label) for each in left]))
    for index, lines in reversed(split):
        text = _replaced(YamlDocument(text), index, lines)
        removed = [each + len(lines) - 1 if each > index else each for each in removed]
    document = YamlDocument(text)
    document.remove(("edges",), removed)
    return document.text


def without_references(text: str, name: str) -> str:
    """Return the text without what other keys say about a node or group."""
    document = YamlDocument(text)
    for key in _REFERRING:
        names = document.names((key,))
        if name in names:
            document.remove(() if len(names) == 1 else (key,), [key] if len(names) == 1 else [name])
    return layout_edits.without_members(document.text, {name})


# Pins


def _pin(text: str, _: Graph, edit: Pin) -> str:
    return layout_edits.with_pin(text, edit.id, edit.rank, edit.line)


def _unpin(text: str, _: Graph, edit: Unpin) -> str:
    return layout_edits.without_pin(text, edit.id)


def _group_paths(document: YamlDocument, path: Path = ("groups",)) -> dict[str, Path]:
    """Return the path of each group."""
    paths: dict[str, Path] = {}
    for name in document.names(path):
        paths[name] = (*path, name)
        paths |= _group_paths(document, (*path, name, "groups"))
    return paths


_EDITS: dict[type, Callable[[str, Graph, Any], str]] = {
    Pin: _pin,
    Unpin: _unpin,
    Rename: _rename,
    RelabelEdge: _relabel_edge,
    AddNode: _add_node,
    AddEdge: _add_edge,
    AddGroup: _add_group,
    MoveInto: _move,
    DeleteNode: _delete_node,
    DeleteEdge: _delete_edge,
    DeleteGroup: _delete_group,
}
