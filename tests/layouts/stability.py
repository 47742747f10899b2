"""How far a picture moves when its source changes a little: `python -m tests.layouts.stability`.

Each topology is changed in four ways: a leaf is added, an edge is added, a label is lengthened, a leaf is removed.
Where is chosen by the topology's name alone. The displacement of a change is the median over the nodes that
remain, after the best translation, relative to the diagonal of the picture before the change.

Prints the figures, their limits and the worst cases; exits with 1 if a limit is missed.
"""

from __future__ import annotations

import random
import statistics
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations

from msgspec import Struct
from msgspec.structs import replace

from diagramkit.diagnostics import Span
from diagramkit.graph import Edge, Graph, Node
from tests.layouts import measures

MOST_MEDIAN = 0.03
"""The limit of the median displacement over all changes."""

FAR = 0.15
"""The displacement from which a change counts as far."""

MOST_FAR = 0.18
"""The limit of the share of changes that are far; the goal is 0.05."""

LEAST_KEPT = 0.86
"""The least share of left/right and above/below relations that is preserved; the goal is 0.95."""

_MORE = "and all that waits for the canal"
_HERE = Span("d.mmd")


class Change(Struct, frozen=True):
    """What a change does to a picture: the displacement, and how many relations of how many are preserved."""

    name: str
    kind: str
    displacement: float
    kept: int
    total: int


class Figures(Struct, frozen=True):
    """The figures of many changes."""

    median: float
    far: float
    kept: float

    def missed(self) -> list[str]:
        """The limits that are missed."""
        found = []
        if self.median > MOST_MEDIAN:
            found.append(f"median displacement {self.median:.1%}, limit {MOST_MEDIAN:.0%}")
        if self.far > MOST_FAR:
            found.append(f"changes over {FAR:.0%}: {self.far:.1%}, limit {MOST_FAR:.0%}")
        if self.kept < LEAST_KEPT:
            found.append(f"relations preserved {self.kept:.1%}, limit {LEAST_KEPT:.0%}")
        return found


def changed(name: str, graph: Graph) -> Iterator[tuple[str, Graph]]:
    """The kinds of changes with the graph after each; the topology's name decides where."""
    for kind, change in (
        ("add a leaf", _with_leaf),
        ("add an edge", _with_edge),
        ("lengthen a label", _with_longer_label),
        ("remove a leaf", _without_leaf),
    ):
        after = change(random.Random(f"{name} {kind}"), graph)
        if after is not None:
            yield kind, after


def _with_leaf(dice: random.Random, graph: Graph) -> Graph:
    """A node at the end of the source with an edge from another, in that one's group or in none."""
    beside = dice.choice(graph.nodes)
    group = beside.group if dice.random() < 0.5 else None
    leaf = Node("leaf", "Parcel notes", "square", _HERE, group)
    edge = Edge(beside.id, leaf.id, _HERE)
    return replace(graph, nodes=(*graph.nodes, leaf), edges=(*graph.edges, edge))


def _with_edge(dice: random.Random, graph: Graph) -> Graph | None:
    """An edge between two nodes that have none, onward in the source's order; None if all are connected."""
    connected = {frozenset((edge.source, edge.target)) for edge in graph.edges}
    ids = [node.id for node in graph.nodes]
    free = [pair for pair in combinations(ids, 2) if frozenset(pair) not in connected]
    if not free:
        return None
    source, target = dice.choice(free)
    return replace(graph, edges=(*graph.edges, Edge(source, target, _HERE)))


def _with_longer_label(dice: random.Random, graph: Graph) -> Graph:
    """Several words more in the label of a node, or of an edge that has one."""
    nodes, edges = list(graph.nodes), list(graph.edges)
    labeled = [at for at, edge in enumerate(edges) if edge.label]
    if labeled and dice.random() < 0.3:
        at = dice.choice(labeled)
        edges[at] = replace(edges[at], label=f"{edges[at].label} {_MORE}")
    else:
        at = dice.randrange(len(nodes))
        nodes[at] = replace(nodes[at], label=f"{nodes[at].label} {_MORE}")
    return replace(graph, nodes=tuple(nodes), edges=tuple(edges))


def _without_leaf(dice: random.Random, graph: Graph) -> Graph | None:
    """Without a node that has one edge and is not alone in its group; None if there is none."""
    ends = Counter(end for edge in graph.edges for end in {edge.source, edge.target})
    sizes = Counter(node.group for node in graph.nodes)
    leaves = [node for node in graph.nodes if ends[node.id] == 1 and (node.group is None or sizes[node.group] > 1)]
    if not leaves:
        return None
    leaf = dice.choice(leaves)
    nodes = tuple(node for node in graph.nodes if node is not leaf)
    edges = tuple(edge for edge in graph.edges if leaf.id not in (edge.source, edge.target))
    return replace(graph, nodes=nodes, edges=edges)


def measured(texts: Mapping[str, str]) -> Iterator[Change]:
    """Every change of the topologies, measured."""
    for name, text in texts.items():
        graph = measures.graph_of(text)
        before = measures.picture_of(graph)
        for kind, after in changed(name, graph):
            drawing = measures.picture_of(after)
            displacement = measures.displacement(before, drawing)
            yield Change(name, kind, displacement, *measures.relations_kept(before, drawing))


def figures(changes: Iterable[Change]) -> Figures:
    """The figures of the changes, of which there must be one."""
    found = list(changes)
    return Figures(
        statistics.median(change.displacement for change in found),
        sum(change.displacement > FAR for change in found) / len(found),
        sum(change.kept for change in found) / sum(change.total for change in found),
    )


def main() -> int:
    """Measure all topologies and print the figures."""
    changes = list(measured(measures.topologies()))
    kinds = list(dict.fromkeys(change.kind for change in changes))
    for kind in ("all", *kinds):
        found = [change for change in changes if kind in ("all", change.kind)]
        one = figures(found)
        print(
            f"{kind:17} {len(found):3} changes: median {one.median:.1%}, over {FAR:.0%}: {one.far:.1%}, relations preserved {one.kept:.1%}"
        )
    print(f"limits: median {MOST_MEDIAN:.0%}, over {FAR:.0%}: {MOST_FAR:.0%}, relations preserved {LEAST_KEPT:.0%}")
    print("the worst:")
    for change in sorted(changes, key=lambda one: -one.displacement)[:15]:
        print(
            f"  {change.displacement:6.1%}  {change.kept / max(change.total, 1):6.1%} preserved  {change.name}: {change.kind}"
        )
    missed = figures(changes).missed()
    print("\n".join(f"missed: {one}" for one in missed) or "every limit holds")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
