"""Builds a `diagrams.Diagram` in the order of a graph, from objects that an `ObjectMaker` creates one by one.

`diagrams` adds every new object to its current cluster; this module sets that cluster.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import diagrams

from diagramkit.graph import Edge, Graph, Group, Node
from diagramkit.objects import Anchor, Ends


class ObjectMaker(Protocol):
    """Creates the objects of a diagram. Each is created while the cluster that contains it is the current one."""

    def node(self, node: Node) -> diagrams.Node:
        """Return the object for a node."""

    def cluster(self, group: Group) -> diagrams.Cluster:
        """Return the object for a group."""

    def placeholder(self, group: Group) -> diagrams.Node:
        """Return the invisible node of an empty group."""

    def edge(self, number: int, edge: Edge) -> diagrams.Edge:
        """Return the object for the edge with this index."""


def build(diagram: diagrams.Diagram, graph: Graph, maker: ObjectMaker) -> None:
    """Create everything in a graph: nodes and clusters, then edges in their order."""
    ends = Ends(graph)
    with _context(diagram):
        filler = _Filler(graph, maker)
        filler.fill(None)
        for number, edge in enumerate(graph.edges):
            tail, head = (filler.nodes[ends.anchor(end)] for end in (edge.source, edge.target))
            tail.connect(head, maker.edge(number, edge))


@contextmanager
def _context(diagram: diagrams.Diagram) -> Iterator[None]:
    """Make `diagram` the current diagram of `diagrams` without a current cluster, and restore the previous ones
    afterwards.

    Unlike the context of `Diagram` itself, this one draws nothing on exit.
    """
    previous = diagrams.getdiagram(), diagrams.getcluster()
    diagrams.setdiagram(diagram)
    diagrams.setcluster(None)
    try:
        yield
    finally:
        diagrams.setdiagram(previous[0])
        diagrams.setcluster(previous[1])


class _Filler:
    """Creates nodes and clusters, each while the cluster that contains it is the current one."""

    def __init__(self, graph: Graph, maker: ObjectMaker) -> None:
        self.nodes: dict[Anchor, diagrams.Node] = {}
        self._graph, self._maker = graph, maker

    def fill(self, parent: str | None) -> None:
        """Create the content of a group (None: everything outside of groups)."""
        for node in self._graph.child_nodes(parent):
            self.nodes["node", node.id] = self._maker.node(node)
        for group in self._graph.child_groups(parent):
            with self._maker.cluster(group):
                self.fill(group.id)
                if self._graph.is_empty(group.id):
                    self.nodes["group", group.id] = self._maker.placeholder(group)
