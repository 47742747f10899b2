"""Choosing the icons of single labels in tests."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from diagramkit.diagnostics import Span
from diagramkit.graph import Edge, Graph, Group, Node, Pattern
from diagramkit.icons import resolver
from diagramkit.icons.catalog import DEFAULT_CATALOG, IconCatalog
from diagramkit.icons.resolver import IconChoice

_SPAN = Span("x")


def choose(
    node: Node,
    around: Iterable[str] = (),
    components: Iterable[str] = (),
    provider: str = "aws",
    catalog: IconCatalog = DEFAULT_CATALOG,
    beside: Iterable[str] = (),
) -> IconChoice:
    """Return the icon of one node in a diagram of the provider, regardless of similar labels.

    `around` are the titles of the groups around the node, innermost first, and `beside` the labels of its neighbors.
    """
    titles = tuple(around)
    last = len(titles) - 1
    groups = [Group(f"g{at}", title, _SPAN, None if at == last else f"g{at + 1}") for at, title in enumerate(titles)]
    neighbors = [Node(f"beside{at}", label, "circle", _SPAN) for at, label in enumerate(beside)]
    graph = Graph(
        nodes=(replace(node, group="g0" if titles else None), *neighbors),
        edges=tuple(Edge(node.id, neighbor.id, _SPAN) for neighbor in neighbors),
        groups=tuple(reversed(groups)),
    )
    return resolver.resolve(_pattern(graph, provider, components), catalog)[node.id]


def icon_of(label: str, node_id: str = "n1", shape: str = "square") -> str | None:
    """Return the icon of a label without surroundings."""
    return choose(Node(node_id, label, shape, _SPAN)).icon


def icon_of_group(group: Group, provider: str = "aws") -> str | None:
    """Return the icon of a group without members."""
    choice = resolver.resolve(_pattern(Graph(groups=(group,)), provider)).get(group.id)
    return choice.icon if choice else None


def _pattern(graph: Graph, provider: str, components: Iterable[str] = ()) -> Pattern:
    """Return a diagram that names AWS if that is its provider: without it, a queue is none of AWS."""
    title = "Amazon" if provider == "aws" else "x"
    return Pattern(graph, "x", "", title, "", _SPAN, provider=provider, components=tuple(components))
