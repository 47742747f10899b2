"""Builds a `diagrams.Diagram` in the order of a graph, from objects that a maker creates one by one.

`diagrams` adds every object that is created to the cluster that is being filled; this module sets that cluster.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import diagrams

from diagramkit.graph import Edge, Graph, Group, Node
from diagramkit.objects import Anchor, Ends


class ObjectMaker(Protocol):
    """Makes the objects of a Diagram, each while the cluster that it is in is the one that `diagrams` fills."""

    def node(self, node: Node) -> diagrams.Node: ...
    def cluster(self, group: Group) -> diagrams.Cluster: ...
    def holder(self, group: Group) -> diagrams.Node: ...
    def edge(self, number: int, edge: Edge) -> diagrams.Edge: ...


def build(diagram: diagrams.Diagram, graph: Graph, maker: ObjectMaker) -> None:
    """Make all that is in a graph: nodes and clusters, then edges in their order."""
    ends = Ends(graph)
    with _context(diagram):
        filling = _Filling(graph, ends, maker)
        filling.fill(None)
        for number, edge in enumerate(graph.edges):
            tail, head = (filling.made[ends.anchor(end)] for end in (edge.source, edge.target))
            tail.connect(head, maker.edge(number, edge))


@contextmanager
def _context(diagram: diagrams.Diagram) -> Iterator[None]:
    """`diagrams` keeps the diagram and cluster being filled in a context; leaving it draws nothing here."""
    before = diagrams.getdiagram(), diagrams.getcluster()
    diagrams.setdiagram(diagram)
    diagrams.setcluster(None)
    try:
        yield
    finally:
        diagrams.setdiagram(before[0])
        diagrams.setcluster(before[1])


class _Filling:
    """Makes nodes and clusters, those in a cluster while it is the one that `diagrams` fills."""

    def __init__(self, graph: Graph, ends: Ends, maker: ObjectMaker) -> None:
        self.made: dict[Anchor, diagrams.Node] = {}
        self._ends, self._maker = ends, maker
        self._nodes: dict[str | None, list[Node]] = {}
        self._groups: dict[str | None, list[Group]] = {}
        for node in graph.nodes:
            self._nodes.setdefault(node.group, []).append(node)
        for group in graph.groups:
            self._groups.setdefault(group.parent, []).append(group)

    def fill(self, parent: str | None) -> None:
        """Make what is in a group, or in none."""
        for node in self._nodes.get(parent, ()):
            self.made["node", node.id] = self._maker.node(node)
        for group in self._groups.get(parent, ()):
            with self._maker.cluster(group):
                self.fill(group.id)
                if self._ends.is_empty(group.id):
                    self.made["group", group.id] = self._maker.holder(group)
