"""The ids of nodes and groups do not change the picture."""

from __future__ import annotations

import random

import pytest

from checks import renaming
from diagramkit.icons import resolver
from diagramkit.icons.catalog import IconCatalog
from tests.support import measures

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
def test_other_ids_produce_the_same_picture(name: str) -> None:
    assert renaming.changed_pictures({name: measures.topologies()[name]}, range(2)) == []


def test_renaming_changes_ids_and_nothing_else() -> None:
    for name, text in measures.topologies().items():
        renamed_text = renaming.with_other_ids(text, 1)
        original, renamed = measures.graph_of(text), measures.graph_of(renamed_text)
        assert [node.label for node in original.nodes] == [node.label for node in renamed.nodes], name
        assert [edge.label for edge in original.edges] == [edge.label for edge in renamed.edges], name
        assert [group.label for group in original.groups] == [group.label for group in renamed.groups], name
        assert not {node.id for node in original.nodes} & {node.id for node in renamed.nodes}, name


def test_random_names_are_distinct_and_match_no_icon() -> None:
    names = renaming.random_names(500, random.Random(5))
    assert len({name.casefold() for name in names}) == 500
    assert {len(name) for name in names} == set(range(1, 61))
    text = "flowchart LR\n" + "".join(f'  {name}["{name}"]\n' for name in names)
    choices = resolver.resolve(measures.pattern_of(measures.graph_of(text)), IconCatalog((), ""))
    assert [name for name, choice in choices.items() if choice.icon] == []


def test_the_comparison_ignores_only_ids() -> None:
    text = 'flowchart LR\n  subgraph crew ["Crew"]\n    a["Depot"]\n  end\n  a --> b["Scale"]\n'
    svg = renaming.svg_without_ids(text)
    assert "data-id" not in svg
    assert "data-from" not in svg
    assert "data-to" not in svg
    for word in ("Depot", "Scale", "Crew"):
        assert word in svg
        assert renaming.svg_without_ids(text.replace(word, "Shelf")) != svg
