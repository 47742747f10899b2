"""What nodes and groups are called does not change the picture."""

from __future__ import annotations

import random

import pytest

from diagramkit.icons import resolver
from diagramkit.icons.catalog import IconCatalog
from tests.layouts import measures, renaming

NAMES = [
    "a001-8n",
    "a005-18n",
    "a010-15n",
    "a015-43n",
    "a024-39n",
    "a031-16n",
    "a043-9n",
    "a056-14n",
    "a060-9n",
    "a069-9n",
    "a078-7n",
    "a086-7n",
    "a094-8n",
    "a097-20n",
    "a104-22n",
]


@pytest.mark.parametrize("name", NAMES)
def test_other_ids_give_the_same_picture(name: str) -> None:
    assert renaming.differing({name: measures.topologies()[name]}, range(2)) == []


def test_renaming_changes_ids_and_nothing_else() -> None:
    for name, text in measures.topologies().items():
        other = renaming.renamed(text, 1)
        one, two = measures.graph_of(text), measures.graph_of(other)
        assert [node.label for node in one.nodes] == [node.label for node in two.nodes], name
        assert [edge.label for edge in one.edges] == [edge.label for edge in two.edges], name
        assert [group.label for group in one.groups] == [group.label for group in two.groups], name
        assert not {node.id for node in one.nodes} & {node.id for node in two.nodes}, name


def test_names_are_different_short_and_long_and_name_no_icon() -> None:
    found = renaming.names(500, random.Random(5))
    assert len({name.casefold() for name in found}) == 500
    assert {len(name) for name in found} == set(range(1, 61))
    text = "flowchart LR\n" + "".join(f'  {name}["{name}"]\n' for name in found)
    chosen = resolver.resolve(measures.pattern_of(measures.graph_of(text)), IconCatalog((), ""))
    assert [name for name, choice in chosen.items() if choice.icon] == []


def test_ids_are_all_that_is_left_out_of_the_comparison() -> None:
    text = 'flowchart LR\n  subgraph crew ["Crew"]\n    a["Depot"]\n  end\n  a --> b["Scale"]\n'
    left = renaming.svg_without_ids(text)
    assert "data-id" not in left
    assert "data-from" not in left
    assert "data-to" not in left
    for word in ("Depot", "Scale", "Crew"):
        assert word in left
        assert renaming.svg_without_ids(text.replace(word, "Shelf")) != left
