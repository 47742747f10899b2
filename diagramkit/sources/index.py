"""Read the index of a folder of specs, which `diagramkit import` writes: its title, its specs and their order."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from diagramkit.diagnostics import Span
from diagramkit.sources import yamltree
from diagramkit.sources.yamltree import Tree


class SpecIndex(Struct, frozen=True):
    """What an index says.

    `specs` are the paths of the specs that it lists, relative to its folder, each with its position in the index.
    `is_list` tells whether it has a list at all. `digests` are those that the specs had when they were imported, by
    path.
    """

    title: str | None = None
    is_list: bool = False
    specs: tuple[tuple[str, Span], ...] = ()
    digests: dict[str, str] = {}


def parse(text: str, path: str) -> SpecIndex:
    """Return what the text of an index says; `path` is what messages call it. Raises `DiagramError`."""
    fields = yamltree.load(text, path).items()
    title, contents = fields.get("catalogue"), fields.get("contents")
    items = [item.items() for item in _items(contents)]
    return SpecIndex(
        title.text() if title else None,
        contents is not None,
        tuple((item["spec"].text(), item["spec"].span) for item in items if "spec" in item),
        {item["spec"].text(): item["imported"].text() for item in items if {"spec", "imported"} <= item.keys()},
    )


def _items(contents: Tree | None) -> Iterator[Tree]:
    """Yield each item of an index's `contents`, from its categories too."""
    for entry in contents.entries() if contents else ():
        patterns = entry.items().get("patterns")
        yield from patterns.entries() if patterns else [entry]
