"""Changes of the key `layout:` of a spec."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

from diagramkit.sources.layout_hints.layout_key import KEY
from diagramkit.sources.yaml_edits import YamlDocument

_PIN = "pin"


def with_pin(text: str, name: str, rank: int, line: int) -> str:
    """Return the text of a spec in which a node or group has a pin."""
    document = YamlDocument(text)
    path = (KEY, _PIN, name)
    if document.has(path):
        for index, number in enumerate((rank, line)):
            document.put((*path, index), number)
    else:
        document.insert((KEY, _PIN), {name: (rank, line)})
    return document.text


def without_pin(text: str, name: str) -> str:
    """Return the text of a spec without the pin of a node or group."""
    pins = YamlDocument(text).names((KEY, _PIN))
    return _without(text, [(_PIN, name)] if name in pins else [])


def without_members(text: str, gone: Set[str]) -> str:
    """Return the text of a spec without what its hints say about some ids. A hint about one of several others stays."""
    layout = YamlDocument(text).plain((KEY,))
    removals: list[tuple[str | int, ...]] = []
    for kind, value in (layout if isinstance(layout, dict) else {}).items():
        removals += [(kind, *path) for path in _removals(value, gone)]
    return _without(text, removals)


def _removals(value: Any, gone: Set[str]) -> list[tuple[str | int, ...]]:
    """Return the paths of the entries of a kind of hint that name what is gone; an empty path for all of them."""
    if isinstance(value, dict):
        return [(name,) for name in value if name in gone]
    if not isinstance(value, list):
        return []
    if all(isinstance(entry, str) for entry in value):
        indexes: list[tuple[str | int, ...]] = [(index,) for index, entry in enumerate(value) if entry in gone]
        return [()] if indexes and len(value) - len(indexes) < 2 else indexes
    return [(index, *path) for index, entry in enumerate(value) for path in _removals(entry, gone)]


def _without(text: str, removals: list[tuple[str | int, ...]]) -> str:
    """Return the text without values below `layout:`, by their paths, and without what is empty then."""
    layout = YamlDocument(text).plain((KEY,))
    pending = [(KEY, *path) for path in removals]
    if not pending:
        return text
    while pending:
        by_parent: dict[tuple[str | int, ...], list[str | int]] = {}
        for path in pending:
            by_parent.setdefault(path[:-1], []).append(path[-1])
        emptied = [
            parent for parent, names in by_parent.items() if parent and len(_value({KEY: layout}, parent)) == len(names)
        ]
        if not emptied:
            document = YamlDocument(text)
            for parent, names in by_parent.items():
                document.remove(parent, names)
            return document.text
        pending = [path for path in pending if path[:-1] not in emptied] + emptied
    return text


def _value(layout: Any, path: tuple[str | int, ...]) -> Any:
    for name in path:
        layout = layout[name]
    return layout
