"""A graph as tidy Mermaid: reading it again gives the same graph."""

from __future__ import annotations

import re
from collections.abc import Iterator

from diagramkit.graph import Edge, Graph, Group, Head, Node, Style
from diagramkit.sources.mermaid.shapes import BRACKETS
from diagramkit.sources.mermaid.styling import STYLE
from diagramkit.sources.mermaid.write_ids import bare, plain, reads, writable
from diagramkit.sources.mermaid.write_text import (
    LIKE_A_STYLE,
    guarded,
    in_yaml,
    line_of,
    quoted,
    written,
)

_DIRECTION = re.compile(r"(?<=direction)\n\s*(?=TB|TD|BT|LR|RL)")
_BRACKETS = {shape: ends for ends, shape in BRACKETS.items() if shape != "rect"}
_SIGNS: dict[Head, str] = {"none": "", "arrow": ">", "circle": "o", "cross": "x"}
_TAILS: dict[Head, str] = {"none": "", "arrow": "<", "circle": "o", "cross": "x"}


def to_mermaid(graph: Graph) -> str:
    """The flowchart's text, ending in a newline."""
    graph = writable(graph)
    lines = [f"flowchart {graph.direction or 'TB'}"]
    if graph.accessible_title and written(graph.accessible_title):
        lines.append(f"    accTitle: {line_of(graph.accessible_title)}")
    if graph.description and written(graph.description):
        lines.append(f"    accDescr: {line_of(graph.description)}")
    lines += _body(graph, None, "    ")
    lines += [f"    {_edge(edge)}" for edge in graph.edges]
    lines += [f"    {line}" for node in _in_order(graph, None) for line in _extras(node)]
    lines += [f"    style {group.id} {style}" for group in graph.groups if (style := _styles(group.style))]
    lines += [
        f"    linkStyle {number} {style}" for number, edge in enumerate(graph.edges) if (style := _styles(edge.style))
    ]
    text = "\n".join(map(guarded, lines)) + "\n"
    # An id at the end of a line, and another in the next, would be a direction.
    return _DIRECTION.sub(lambda match: f"{match.group()};", text)


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
    title = quoted(group.label)
    return f"subgraph {group.id} [{title}]" if bare(group.id) else f"subgraph {title}"


def _in_order(graph: Graph, parent: str | None) -> Iterator[Node]:
    """The nodes in the order in which they are written."""
    yield from (node for node in graph.nodes if node.group == parent)
    for group in graph.groups:
        if group.parent == parent:
            yield from _in_order(graph, group.id)


def _node(node: Node) -> str:
    shape = node.source_shape or node.shape
    label = quoted(node.label, node.markdown)
    # A colon before a code would be a colour to Mermaid, where no blank stands between them.
    colour = ":" in node.id and "#" in label and LIKE_A_STYLE.search(node.id + label)
    if shape in _BRACKETS and not (node.icon or node.image or colour):
        opening, closing = _BRACKETS[shape]
        return f"{node.id}{opening}{label}{closing}"
    fields = [] if shape in _BRACKETS else [f"shape: {shape}"]
    fields += [f"icon: {in_yaml(node.icon)}"] if node.icon else []
    fields += [f"img: {in_yaml(node.image)}"] if node.image else []
    if node.label or not (node.icon or node.image):
        fields.append(f"label: {in_yaml(node.label)}")
    if not node.markdown:
        fields.append("labelType: text")
    return f"{node.id}@{{ {', '.join(fields)} }}"


def _extras(node: Node) -> Iterator[str]:
    yield from (f"class {node.id} {name}" for name in node.classes if plain(name))
    if style := _styles(node.style):
        yield f"style {node.id} {style}"
    if node.link and written(node.link):
        tooltip = f" {quoted(node.tooltip)}" if node.tooltip else ""
        target = f" {node.target}" if node.target else ""
        yield f"click {node.id} {quoted(node.link)}{tooltip}{target}"


def _styles(style: Style) -> str:
    pairs = (f"{name}:{value.replace(',', ' ')}" for name, value in style)
    return ",".join(pair for pair in pairs if '"' not in pair and reads(pair, STYLE, "\n"))


def _edge(edge: Edge) -> str:
    longer = edge.length - 1
    body = {
        "normal": "--" + "-" * longer,
        "thick": "==" + "=" * longer,
        "dotted": "-." + "." * longer + "-",
        "invisible": "~~~" + "~" * longer,
    }[edge.stroke]
    if edge.stroke != "invisible":
        head = _SIGNS[edge.head]
        if not head and edge.stroke != "dotted":
            head = body[-1]
        body = f"{_TAILS[edge.tail]}{body}{head}"
    name = f"{edge.id}@" if edge.id else ""
    label = f"|{quoted(edge.label, edge.markdown)}|" if written(edge.label) else ""
    return f"{edge.source} {name}{body}{label} {edge.target}"
