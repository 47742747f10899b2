"""Write the result of a merge into the text of the edited spec, whose formatting and comments are kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from diagramkit.diagnostics import DiagramError, Span, fail
from diagramkit.sources import yamltree
from diagramkit.sources.imports import spec_content
from diagramkit.sources.imports.spec_content import EdgeEntry, Fields, GroupContent, SpecContent
from diagramkit.sources.layout_hints import layout_edits
from diagramkit.sources.yaml_edits import Path, YamlDocument, YamlEditError

_IMPORT = "import"
_ARROWS = {"normal": "-->", "dotted": "-.->", "thick": "==>"}


def rewrite(text: str, edited: SpecContent, merged: SpecContent, key: Fields, file: str) -> tuple[str, list[str]]:
    """Return the text of a spec with the content `merged` instead of `edited`, and with `key` under `import:`, and the
    comments that went with what was removed.

    The steps add and change, then move groups, and then remove, so that nothing is empty in between.

    Raises `DiagramError` (unchangeable) if it is written in a form in which that is not possible.
    """
    try:
        result, comments = text, list[str]()
        for step in (_added, _moved, _removed):
            result, removed = step(result, edited, merged, key)
            comments += removed
        content, written_key = _content(result, file)
    except (YamlEditError, yamltree.YamlError, DiagramError):
        content, written_key = None, None
    if content is None or content.comparable != merged.comparable or written_key != key:
        message = (
            "this spec cannot be updated without rewriting what you wrote (aliases or an uncommon notation of YAML); "
            "write its nodes, edges and groups in the usual form, or replace the spec with --force"
        )
        raise fail("unchangeable", message, Span(file))
    return result, comments


def _content(text: str, file: str) -> tuple[SpecContent, Any]:
    tree = yamltree.load(text.removeprefix("\ufeff"), file)
    return spec_content.read(tree), as_plain(tree.items()[_IMPORT]) if _IMPORT in tree.items() else None


def as_plain(tree: yamltree.Tree) -> Any:
    """Return a value without its places in the text."""
    if isinstance(tree.value, dict):
        return {name: as_plain(entry) for name, entry in tree.value.items()}
    if isinstance(tree.value, list):
        return [as_plain(entry) for entry in tree.value]
    return tree.value


# The steps. Each returns the new text, and the comments that were removed.


def _added(text: str, edited: SpecContent, merged: SpecContent, key: Fields) -> tuple[str, list[str]]:
    """Add what is new, and change what has other values."""
    document = YamlDocument(text)
    for name, value in merged.fields.items():
        if edited.fields.get(name) != value:
            document.put((name,), value)
    _set_import(document, key)
    for name, fields in merged.nodes.items():
        if name in edited.nodes:
            _set_fields(document, ("nodes", name), edited.nodes[name], fields, name in edited.short_nodes)
    document.insert(("nodes",), {name: fields for name, fields in merged.nodes.items() if name not in edited.nodes})
    _add_edges(document, edited, merged)
    _add_groups(document, edited, merged)
    return document.text, document.removed_comments


def _set_import(document: YamlDocument, key: Fields) -> None:
    before = document.plain((_IMPORT,))
    if not isinstance(before, dict):
        document.put((_IMPORT,), key)
        return
    for name, value in key.items():
        if before.get(name) != value:
            document.put((_IMPORT, name), value)
    document.remove((_IMPORT,), [name for name in before if name not in key])


def _set_fields(document: YamlDocument, path: Path, before: Fields, after: Fields, is_short: bool = False) -> None:
    """Change what is written about something; `is_short` if that is only a label."""
    if before == after:
        return
    if is_short:
        document.put(path, after["label"] if set(after) == {"label"} else after)
        return
    for name, value in after.items():
        if name in before and before[name] != value:
            document.put((*path, name), value)
    document.insert(path, {name: value for name, value in after.items() if name not in before})
    document.remove(path, [name for name in before if name not in after])


def _add_edges(document: YamlDocument, edited: SpecContent, merged: SpecContent) -> None:
    before = {entry.index: entry for entry in edited.edges}
    for entry in merged.edges:
        if entry.index is not None and not entry.is_line:
            old, new = before[entry.index].edges[0], entry.edges[0]
            _set_fields(document, ("edges", entry.index), old.fields, new.fields)
    document.insert(("edges",), [_edge_value(entry) for entry in merged.edges if entry.index is None])


def _edge_value(entry: EdgeEntry) -> Any:
    """Return a new entry of `edges:`, as a line if it is a part of one."""
    (edge,) = entry.edges
    if entry.is_line and set(edge.fields) <= {"label", "style"} and edge.fields.get("style") in (None, *_ARROWS):
        line = f"{edge.source} {_ARROWS[edge.fields.get('style', 'normal')]} {edge.target}"
        return {line: edge.fields["label"]} if "label" in edge.fields else line
    return {"from": edge.source, "to": edge.target, **edge.fields}


def _add_groups(document: YamlDocument, edited: SpecContent, merged: SpecContent) -> None:
    paths = _group_paths(edited)
    added = {name: group for name, group in merged.groups.items() if name not in edited.groups}
    for outer in (None, *paths):
        inner = {name: _group_value(added, name) for name, group in added.items() if group.parent == outer}
        document.insert((*paths[outer], "groups") if outer else ("groups",), inner)
    for name, path in paths.items():
        if name in merged.groups:
            is_outer = any(group.parent == name for group in merged.groups.values())
            _change_group(document, path, edited.groups[name], merged.groups[name], is_outer)


def _change_group(
    document: YamlDocument, path: Path, before: GroupContent, after: GroupContent, is_outer: bool
) -> None:
    """Change what is written about a group, and add nodes to it. A list becomes a mapping if it has to."""
    if before.is_list and (after.fields or is_outer):
        document.put(path, {**after.fields, "nodes": list(after.nodes)})
        return
    if not before.is_list:
        _set_fields(document, path, before.fields, after.fields)
    added = [name for name in after.nodes if name not in before.nodes]
    document.insert(path if before.is_list else (*path, "nodes"), added)


def _group_value(added: dict[str, GroupContent], name: str) -> dict[str, Any]:
    """Return a new group with the new groups in it."""
    group = added[name]
    inner = {other: _group_value(added, other) for other, each in added.items() if each.parent == name}
    value = {**group.fields, "nodes": list(group.nodes), "groups": inner}
    return {key: each for key, each in value.items() if each or key not in ("nodes", "groups")}


def _moved(text: str, edited: SpecContent, merged: SpecContent, _: Fields) -> tuple[str, list[str]]:
    """Move the groups that are in another group now, outer ones first."""
    comments: list[str] = []
    targets = _group_paths(merged)
    moving = [
        name
        for name, group in merged.groups.items()
        if name in edited.groups and edited.groups[name].parent != group.parent
    ]
    for name in sorted(moving, key=lambda name: len(targets[name])):
        document = YamlDocument(text)
        paths = dict(_paths_in(document, ("groups",)))
        parent = merged.groups[name].parent
        document.move(paths[name], (*paths[parent], "groups") if parent else ("groups",))
        text = document.text
        comments += document.removed_comments
    return text, comments


def _removed(text: str, edited: SpecContent, merged: SpecContent, _: Fields) -> tuple[str, list[str]]:
    """Remove what the merge removed."""
    document = YamlDocument(text)
    _remove_groups(document, ("groups",), merged)
    document.remove(("nodes",), [name for name in edited.nodes if name not in merged.nodes])
    remaining = {entry.index for entry in merged.edges}
    removed = [entry.index for entry in edited.edges if entry.index is not None and entry.index not in remaining]
    document.remove(("edges",), removed)
    for key, names in (*edited.referring.items(), ("legend", edited.legend)):
        remaining_names = merged.legend if key == "legend" else merged.referring[key]
        gone = [name for name in names if name not in remaining_names]
        if gone and not remaining_names:
            document.remove((), [key])
        else:
            document.remove((key,), gone)
    hinted = {name for _, members, _ in edited.layout for name in members}
    gone_hinted = {name for name in hinted if name not in merged.nodes and name not in merged.groups}
    return layout_edits.without_members(document.text, gone_hinted), document.removed_comments


def _remove_groups(document: YamlDocument, path: Path, merged: SpecContent) -> None:
    """Remove groups below a path, and nodes from those that stay."""
    names = document.names(path)
    document.remove(path, [name for name in names if name not in merged.groups])
    for name in names:
        if name in merged.groups:
            members = (*path, name) if document.is_list((*path, name)) else (*path, name, "nodes")
            nodes = document.plain(members) or []
            gone = [index for index, node in enumerate(nodes) if node not in merged.groups[name].nodes]
            document.remove(members, gone)
            _remove_groups(document, (*path, name, "groups"), merged)


def _group_paths(content: SpecContent) -> dict[str, Path]:
    """Return the path of each group in the text of a spec."""
    paths: dict[str, Path] = {}
    pending = dict(content.groups)
    while pending:
        for name, group in list(pending.items()):
            if group.parent is None or group.parent in paths:
                paths[name] = (*paths[group.parent], "groups", name) if group.parent else ("groups", name)
                del pending[name]
    return paths


def _paths_in(document: YamlDocument, path: Path) -> Iterator[tuple[str, Path]]:
    """Yield the groups below a path of a text, with their paths."""
    for name in document.names(path):
        yield name, (*path, name)
        yield from _paths_in(document, (*path, name, "groups"))
