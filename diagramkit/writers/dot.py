"""Writes a graph as DOT, to edit or lay out with Graphviz: labels, clusters and edges, with every text quoted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from diagramkit.graph import Edge, Graph, Pattern
from diagramkit.markup import strip_forbidden
from diagramkit.objects import Ends
from diagramkit.sources.label_text import plain_text
from diagramkit.style import shapes

_STYLES = {"thick": "bold", "dotted": "dotted", "invisible": "invis"}
_HEADS = {"arrow": "normal", "circle": "odot", "cross": "tee", "none": "none"}


def write(pattern: Pattern) -> str:
    """Return the graph as a DOT `digraph`."""
    graph = pattern.graph.without_dangling_edges()
    ends = Ends(graph)
    clusters = {group.id: f"cluster_{group.id}" for group in graph.groups}
    lines = [
        f"digraph {_quoted(pattern.title)} {{",
        f"  graph [rankdir={graph.direction or 'TB'}, compound=true, label={_quoted(pattern.title)}, labelloc=t]",
        "  node [shape=box, style=rounded]",
        *_members(graph, None, 1),
        *(f"  {_edge(ends, edge, clusters)}" for edge in graph.edges),
        "}",
        "",
    ]
    return "\n".join(lines)


def _members(graph: Graph, group: str | None, depth: int) -> Iterator[str]:
    """Yield the lines of the nodes and clusters directly or indirectly inside a group (None: at the top level)."""
    pad = "  " * depth
    for node in graph.child_nodes(group):
        name = shapes.get(node.shape).dot
        shape = f", shape={name}" if name else ""
        yield f"{pad}{_quoted(node.id)} [label={_quoted(plain_text(node.label, node.markdown))}{shape}]"
    for inner in graph.child_groups(group):
        yield f"{pad}subgraph {_quoted(f'cluster_{inner.id}')} {{"
        yield f"{pad}  graph [label={_quoted(plain_text(inner.label, inner.markdown))}]"
        members = list(_members(graph, inner.id, depth + 1))
        # Graphviz drops a cluster without nodes.
        yield from members or [f"{pad}  {_quoted(_placeholder(inner.id))} [style=invis]"]
        yield f"{pad}}}"


def _placeholder(group: str) -> str:
    """Return the name of the invisible node in an empty group."""
    return f"dk.{group}"


def _edge(ends: Ends, edge: Edge, clusters: Mapping[str, str]) -> str:
    attributes: dict[str, str] = {}
    if text := plain_text(edge.label, edge.markdown):
        attributes["label"] = _quoted(text)
    if edge.stroke in _STYLES:
        attributes["style"] = _STYLES[edge.stroke]
    if edge.head != "arrow":
        attributes["arrowhead"] = _HEADS[edge.head]
    if edge.tail != "none":
        attributes["dir"] = "both"
        attributes["arrowtail"] = _HEADS[edge.tail]
    if edge.length > 1:
        attributes["minlen"] = str(edge.length)
    attributes |= {name: _quoted(group) for name, group in ends.compound(edge, clusters).items()}
    tail, head = (
        _quoted(name if kind == "node" else _placeholder(name))
        for kind, name in (ends.anchor(edge.source), ends.anchor(edge.target))
    )
    attribute_list = ", ".join(f"{key}={value}" for key, value in attributes.items())
    return f"{tail} -> {head}" + (f" [{attribute_list}]" if attribute_list else "")


def _quoted(text: str) -> str:
    """Return a text in quotes that Graphviz shows literally, without control characters.

    Backslashes are doubled, so that none begins an escape such as `\\N` (the DOT language, "escString").
    """
    safe = strip_forbidden(text).replace("\\", "\\\\").replace('"', '\\"')
    return '"' + safe.replace("\r", " ").replace("\n", "\\n") + '"'
