"""The queries of a graph: children, descendants, ancestors and depth of groups."""

from __future__ import annotations

import pickle

import pytest
from msgspec.structs import replace

from diagramkit.diagnostics import Span
from diagramkit.graph import Graph, Group, Node
from tests.support import random_graphs

HERE = Span("g.mmd")


@pytest.mark.parametrize("seed", range(40))
def test_children_are_the_inverse_of_parents(seed: int) -> None:
    graph = random_graphs.pattern(seed).graph
    for parent in (None, *(group.id for group in graph.groups)):
        assert graph.child_nodes(parent) == tuple(node for node in graph.nodes if node.group == parent)
        assert graph.child_groups(parent) == tuple(group for group in graph.groups if group.parent == parent)
    for group in graph.groups:
        assert graph.is_empty(group.id) == (not graph.child_nodes(group.id) and not graph.child_groups(group.id))


@pytest.mark.parametrize("seed", range(40))
def test_descendants_and_ancestors_agree(seed: int) -> None:
    graph = random_graphs.pattern(seed).graph
    for group in graph.groups:
        chain = [ancestor.id for ancestor in graph.ancestors(group.id)]
        assert chain[0] == group.id
        assert graph.depth(group.id) == len(chain) - 1
        for inner in graph.descendants(group.id):
            assert group.id in [ancestor.id for ancestor in graph.ancestors(inner.id)][1:]
    assert list(graph.ancestors(None)) == []


def test_queries_follow_a_changed_copy_and_survive_pickling() -> None:
    graph = Graph(nodes=(Node("a", "A", "square", HERE, "g"),), groups=(Group("g", "G", HERE),))
    assert [node.id for node in graph.child_nodes("g")] == ["a"]
    assert replace(graph, nodes=()).child_nodes("g") == ()
    copy = pickle.loads(pickle.dumps(graph))
    assert copy == graph
    assert [node.id for node in copy.child_nodes("g")] == ["a"]


def test_groups_that_contain_each_other_do_not_loop() -> None:
    graph = Graph(groups=(Group("a", "A", HERE, "b"), Group("b", "B", HERE, "a")))
    assert [group.id for group in graph.ancestors("a")] == ["a", "b"]
