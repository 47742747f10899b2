"""Layout hints in a spec: the key `layout:`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from msgspec import structs

from diagramkit.diagnostics import DiagramError
from diagramkit.graph import Graph, HintKind
from diagramkit.sources.layout_hints import hint_checks
from diagramkit.sources.layout_hints.hint_kinds import HINT_KINDS, MAX_NUMBER, MIN_NUMBER, KindOfHint
from diagramkit.sources.layout_hints.written_hint import Place, WrittenHint
from diagramkit.sources.value_types import (
    Field,
    IntegerType,
    ListType,
    MapType,
    ObjectType,
    TextType,
    UnionType,
    ValueType,
)
from diagramkit.sources.yamltree import Tree

KEY = "layout"
_IDS = ListType(TextType(), minimum=2)
_NUMBER = IntegerType(MIN_NUMBER, MAX_NUMBER)


def _value_type(kind: KindOfHint) -> ValueType:
    if kind.numbers == 0:
        return UnionType((_IDS, ListType(_IDS)))
    if kind.numbers == 1:
        return MapType(_NUMBER, "{services: 3}")
    return MapType(ListType(_NUMBER, minimum=kind.numbers, maximum=kind.numbers), "{cache: [2, 3]}")


TYPE = ObjectType("the layout", {name: Field(_value_type(kind), kind.doc) for name, kind in HINT_KINDS.items()})
"""The type of the key."""


def with_hints(graph: Graph, tree: Tree | None) -> Graph:
    """Return the graph with the hints of `layout:` besides its own. Raises `DiagramError` for bad hints.

    Entries that are not of their type are left out; they are reported as such.
    """
    if tree is None:
        return graph
    written = list(hints(tree))
    problems = hint_checks.problems(graph, written)
    if problems:
        raise DiagramError(problems)
    return structs.replace(graph, hints=(*graph.hints, *(each.hint for each in written)))


def hints(layout: Tree | None) -> Iterator[WrittenHint]:
    """Yield the hints of `layout:`."""
    for name, tree in (layout.items() if layout else {}).items():
        if name not in TYPE.fields or any(TYPE.fields[name].value_type.check(tree, name)):
            continue
        kind = cast(HintKind, name)
        for member, entry in tree.items().items():
            values = tuple(int(number.text()) for number in (entry.entries() or [entry]))
            place = Place(entry.key or entry.span, None, member)
            yield WrittenHint(kind, (member,), values, place, (place,))
        for ids in _lists(tree):
            entries = ids.entries()
            places = tuple(Place(entry.span, None, entry.text()) for entry in entries)
            yield WrittenHint(kind, tuple(entry.text() for entry in entries), (), Place(ids.span), places)


def _lists(tree: Tree) -> list[Tree]:
    """Return the lists of ids: a list of lists, or a single one."""
    entries = tree.entries()
    return entries if all(isinstance(entry.value, list) for entry in entries) else [tree]
