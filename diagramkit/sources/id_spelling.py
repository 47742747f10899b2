"""Ids in a spec that differ from those of its nodes only in case, hyphens, underscores, full stops or spaces."""

from __future__ import annotations

import re
from collections.abc import Iterable

from diagramkit.diagnostics import Fix
from diagramkit.sources.yamltree import Tree


def right_spelling(name: str, known: Iterable[str]) -> str | None:
    """Return the only one of the known ids that `name` is in another spelling, or None."""
    plain = _plain(name)
    same = [other for other in known if _plain(other) == plain]
    return same[0] if plain and len(same) == 1 else None


def in_list(entry: Tree, known: Iterable[str]) -> Fix | None:
    """Return the fix of an id in a list, or of several ids without commas between them, or None."""
    name = entry.text()
    right = right_spelling(name, known)
    if right is None and len(name.split()) > 1 and {*name.split()} <= {*known}:
        right = ", ".join(name.split())
    return Fix(entry.span, name, right) if right else None


def in_edge(tree: Tree, name: str, known: Iterable[str]) -> Fix | None:
    """Return the fix of the id of a node in an entry of `edges:`, in any of its forms, or None."""
    right = right_spelling(name, known)
    if right is None:
        return None
    fields = tree.items()
    for end in ("from", "to"):
        if end in fields and fields[end].text() == name:
            return Fix(fields[end].span, name, right)
    if fields and (len(fields) > 1 or "from" in fields):
        return None
    text = tree.text() if isinstance(tree.value, str) else next(iter(fields), "")
    span = tree.span if isinstance(tree.value, str) else fields[text].key or tree.span
    line, colon, label = text.partition(": ")
    new = re.sub(rf"(?<![\w.-]){re.escape(name)}(?![\w.-])", lambda _: right, line)
    return Fix(span, text, new + colon + label) if new != line else None


def _plain(name: str) -> str:
    return re.sub(r"[\s._-]", "", name).lower()
