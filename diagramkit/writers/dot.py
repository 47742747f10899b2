"""A graph in DOT, for those who go on with Graphviz: labels, clusters, edges; every text in quotes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from diagramkit.graph import Edge, Graph, Pattern
from diagramkit.measure.text_layout import plain_text
from diagramkit.objects import Ends

_SHAPES = {
    "cylinder": "cylinder",
    "circle": "circle",
    "ellipse": "ellipse",
    "doublecircle": "doublecircle",
    "diamond": "diamond",
    "hexagon": "hexagon",
    "trapezoid": "trapezium",
    "inv_trapezoid": "invtrapezium",
    "lean_right": "parallelogram",
    "lean_left": "parallelogram",
    "junction": "point",
    "document": "note",
}
_STYLES = {"thick": "bold", "dotted": "dotted", "invisible": "invis"}
_HEADS = {"arrow": "normal", "circle": "odot", "cross": "tee", "none": "none"}


def write(pattern: Pattern) -> str:
    """The graph as a `digraph`."""
    graph, ends = pattern.graph, Ends(pattern.graph)
    clusters = {group.id: f"cluster_{group.id}" for group in graph.groups}
    lines = [
        f"digraph {_quoted(pattern.title)} {{",
        f"  graph [rankdir={graph.direction or 'TB'}, compound=true, label={_quoted(pattern.title)}, labelloc=t]",
        "  node [shape=box, style=rounded]",
        *_inside(graph, None, 1),
        *(f"  {_edge(ends, edge, clusters)}" for edge in graph.edges),
        "}",
        "",
    ]
    return "\n".join(lines)


def _inside(graph: Graph, group: str | None, depth: int) -> Iterator[str]:
    pad = "  " * depth
    for node in graph.nodes:
        if node.group == group:
            shape = f", shape={_SHAPES[node.shape]}" if node.shape in _SHAPES else ""
            yield f"{pad}{_quoted(node.id)} [label={_quoted(plain_text(node.label, node.markdown))}{shape}]"
    for inner in graph.groups:
        if inner.parent == group:
            yield f"{pad}subgraph {_quoted(f'cluster_{inner.id}')} {{"
            yield f"{pad}  graph [label={_quoted(plain_text(inner.label))}]"
            within = list(_inside(graph, inner.id, depth + 1))
            yield from within or [f"{pad}  {_quoted(_holder(inner.id))} [style=invis]"]
            yield f"{pad}}}"


def _holder(group: str) -> str:
    """The name of the invisible node in a group that has none."""
    return f"dk.{group}"


def _edge(ends: Ends, edge: Edge, clusters: Mapping[str, str]) -> str:
    said: dict[str, str] = {}
    if text := plain_text(edge.label, edge.markdown):
        said["label"] = _quoted(text)
    if edge.stroke in _STYLES:
        said["style"] = _STYLES[edge.stroke]
    if edge.head != "arrow":
        said["arrowhead"] = _HEADS[edge.head]
    if edge.tail != "none":
        said["dir"] = "both"
        said["arrowtail"] = _HEADS[edge.tail]
    if edge.length > 1:
        said["minlen"] = str(edge.length)
    said |= {name: _quoted(group) for name, group in ends.compound(edge, clusters).items()}
    tail, head = (
        _quoted(name if kind == "node" else _holder(name))
        for kind, name in (ends.anchor(edge.source), ends.anchor(edge.target))
    )
    attributes = ", ".join(f"{key}={value}" for key, value in said.items())
    return f"{tail} -> {head}" + (f" [{attributes}]" if attributes else "")


def _quoted(text: str) -> str:
    """A text in quotes, in which nothing is an escape (the DOT language, "Character encodings" and "escString")."""
    safe = text.replace("\\", "\\\\").replace('"', '\\"').replace("\0", "")
    return '"' + safe.replace("\r", " ").replace("\n", "\\n") + '"'
