"""A graph as tidy Mermaid: reading it again gives the same graph."""

from __future__ import annotations

import re
from collections.abc import Iterator

from diagramkit.graph import Edge, Graph, Group, Head, Node
from diagramkit.sources.mermaid.shapes import BRACKETS

_BRACKETS = {
    shape: (bracket.opening, closing) for bracket in BRACKETS for closing, shape in bracket.closings
}
_BODIES = {"normal": "--", "thick": "==", "dotted": "-.-", "invisible": "~~~"}
_SIGNS: dict[Head, str] = {"none": "", "arrow": ">", "circle": "o", "cross": "x"}


def to_mermaid(graph: Graph) -> str:
    """The flowchart's text, ending in a newline."""
    lines = [f"flowchart {graph.direction or 'TB'}"]
    lines += _body(graph, None, "    ")
    lines += [f"    {_edge(edge)}" for edge in graph.edges]
    lines += [f'    click {node.id} "{node.link}"' for node in graph.nodes if node.link]
    return "\n".join(lines) + "\n"


def _body(graph: Graph, parent: str | None, indent: str) -> Iterator[str]:
    for node in graph.nodes:
        if node.group == parent:
            yield indent + _node(node)
    for group in graph.groups:
        if group.parent == parent:
            yield indent + _heading(group)
            if group.direction:
                yield f"{indent}    direction {group.direction}"
            yield from _body(graph, group.id, indent + "    ")
            yield f"{indent}end"


def _heading(group: Group) -> str:
    return f"subgraph {group.id} [{_quoted(group.label)}]"


def _node(node: Node) -> str:
    opening, closing = _BRACKETS.get(node.shape, ("[", "]"))
    return f"{node.id}{opening}{_quoted(node.label)}{closing}"


def _quoted(text: str) -> str:
    text = re.sub(r"#(?=\w+;)", "#35;", text).replace('"', "#quot;").replace("\n", "<br/>")
    return f'"{text}"'


def _edge(edge: Edge) -> str:
    body = _BODIES[edge.stroke]
    if edge.stroke != "invisible":
        tail = {"arrow": "<", "circle": "o", "cross": "x", "none": ""}[edge.tail]
        head = _SIGNS[edge.head]
        if not head and edge.stroke != "dotted":
            head = body[-1]
        body = f"{tail}{body}{head}"
    label = f"|{_quoted(edge.label)}|" if edge.label else ""
    return f"{edge.source} {body}{label} {edge.target}"
