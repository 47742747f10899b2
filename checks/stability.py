"""Measure how far a picture moves when its source changes a little: `python -m checks.stability`.

Each topology is changed in four ways: a leaf is added, an edge is added, a label is lengthened, a leaf is removed. The
topology's name alone determines where. The displacement of a change is the median over the nodes that remain, after the
best translation, relative to the diagonal of the picture before the change.

Prints the figures, their limits and the worst cases; exits with 1 if a limit is exceeded.
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
from tests.support import measures

MAX_MEDIAN = 0.03
"""The limit of the median displacement over all changes."""

FAR = 0.15
"""The displacement from which a change counts as far."""

MAX_FAR = 0.18
"""The limit of the share of changes that are far; the goal is 0.05."""

MIN_PRESERVED = 0.86
"""The minimum share of left/right and above/below relations that is preserved; the goal is 0.95."""

_EXTRA_WORDS = "and all that waits for the canal"
_SPAN = Span("d.mmd")


class Change(Struct, frozen=True):
    """The effect of a change on a picture: the displacement, and how many of `total` relations are preserved."""

    name: str
    kind: str
    displacement: float
    preserved: int
    total: int


class Summary(Struct, frozen=True):
    """The summary of many changes."""

    median: float
    far: float
    preserved: float

    def missed(self) -> list[str]:
        """Return descriptions of the limits that are exceeded."""
        messages = []
        if self.median > MAX_MEDIAN:
            messages.append(f"median displacement {self.median:.1%}, limit {MAX_MEDIAN:.0%}")
        if self.far > MAX_FAR:
            messages.append(f"changes over {FAR:.0%}: {self.far:.1%}, limit {MAX_FAR:.0%}")
        if self.preserved < MIN_PRESERVED:
            messages.append(f"relations preserved {self.preserved:.1%}, limit {MIN_PRESERVED:.0%}")
        return messages


def variants(name: str, graph: Graph) -> Iterator[tuple[str, Graph]]:
    """Yield the kinds of changes with the graph after each; the topology's name determines where."""
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
    """Add a node at the end of the source with an edge from another one, in that one's group or in none."""
    neighbor = dice.choice(graph.nodes)
    group = neighbor.group if dice.random() < 0.5 else None
    leaf = Node("leaf", "Parcel notes", "square", _SPAN, group)
    edge = Edge(neighbor.id, leaf.id, _SPAN)
    return replace(graph, nodes=(*graph.nodes, leaf), edges=(*graph.edges, edge))


def _with_edge(dice: random.Random, graph: Graph) -> Graph | None:
    """Add an edge between two unconnected nodes, in source order; None if all are connected."""
    connected = {frozenset((edge.source, edge.target)) for edge in graph.edges}
    ids = [node.id for node in graph.nodes]
    unconnected = [pair for pair in combinations(ids, 2) if frozenset(pair) not in connected]
    if not unconnected:
        return None
    source, target = dice.choice(unconnected)
    return replace(graph, edges=(*graph.edges, Edge(source, target, _SPAN)))


def _with_longer_label(dice: random.Random, graph: Graph) -> Graph:
    """Add several words to the label of a node, or of an edge that has one."""
    nodes, edges = list(graph.nodes), list(graph.edges)
    labeled = [index for index, edge in enumerate(edges) if edge.label]
    if labeled and dice.random() < 0.3:
        index = dice.choice(labeled)
        edges[index] = replace(edges[index], label=f"{edges[index].label} {_EXTRA_WORDS}")
    else:
        index = dice.randrange(len(nodes))
        nodes[index] = replace(nodes[index], label=f"{nodes[index].label} {_EXTRA_WORDS}")
    return replace(graph, nodes=tuple(nodes), edges=tuple(edges))


def _without_leaf(dice: random.Random, graph: Graph) -> Graph | None:
    """Remove a node that has one edge and is not the only node of its group; None if there is none."""
    ends = Counter(end for edge in graph.edges for end in {edge.source, edge.target})
    sizes = Counter(node.group for node in graph.nodes)
    leaves = [node for node in graph.nodes if ends[node.id] == 1 and (node.group is None or sizes[node.group] > 1)]
    if not leaves:
        return None
    leaf = dice.choice(leaves)
    nodes = tuple(node for node in graph.nodes if node is not leaf)
    edges = tuple(edge for edge in graph.edges if leaf.id not in (edge.source, edge.target))
    return replace(graph, nodes=nodes, edges=edges)


def measure_changes(texts: Mapping[str, str]) -> Iterator[Change]:
    """Yield every change of the topologies with its measurements."""
    for name, text in texts.items():
        graph = measures.graph_of(text)
        before = measures.picture_of(graph)
        for kind, after in variants(name, graph):
            drawing = measures.picture_of(after)
            displacement = measures.displacement(before, drawing)
            yield Change(name, kind, displacement, *measures.preserved_relations(before, drawing))


def summarize(changes: Iterable[Change]) -> Summary:
    """Return the summary of the changes, of which there must be at least one."""
    all_changes = list(changes)
    return Summary(
        statistics.median(change.displacement for change in all_changes),
        sum(change.displacement > FAR for change in all_changes) / len(all_changes),
        sum(change.preserved for change in all_changes) / sum(change.total for change in all_changes),
    )


def main() -> int:
    """Measure all topologies and print the figures."""
    changes = list(measure_changes(measures.topologies()))
    kinds = list(dict.fromkeys(change.kind for change in changes))
    for kind in ("all", *kinds):
        selected = [change for change in changes if kind in ("all", change.kind)]
        summary = summarize(selected)
        print(
            f"{kind:17} {len(selected):3} changes: median {summary.median:.1%}, over {FAR:.0%}: {summary.far:.1%}, "
            f"relations preserved {summary.preserved:.1%}"
        )
    print(f"limits: median {MAX_MEDIAN:.0%}, over {FAR:.0%}: {MAX_FAR:.0%}, relations preserved {MIN_PRESERVED:.0%}")
    print("the worst:")
    for change in sorted(changes, key=lambda summary: -summary.displacement)[:15]:
        preserved = change.preserved / max(change.total, 1)
        print(f"  {change.displacement:6.1%}  {preserved:6.1%} preserved  {change.name}: {change.kind}")
    missed = summarize(changes).missed()
    print("\n".join(f"missed: {summary}" for summary in missed) or "every limit holds")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
