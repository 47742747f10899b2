"""Writes a graph as a Mermaid flowchart in a standard form; reading it again gives the same graph."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from diagramkit.graph import Edge, Graph, Group, Head, Node, Style
from diagramkit.sources.mermaid.brackets import BRACKETS
from diagramkit.sources.mermaid.links import default_edge_id
from diagramkit.sources.mermaid.preamble import SWIMLANES
from diagramkit.sources.mermaid.styling import STYLE_TOKENS
from diagramkit.sources.mermaid.write_ids import is_plain_id, is_plain_subgraph_id, lexes_as, with_writable_ids
from diagramkit.sources.mermaid.write_text import (
    STYLE_KEYWORD,
    protect_line,
    quoted,
    single_line,
    visible_text,
    yaml_quoted,
)

_DIRECTION_ACROSS_LINES = re.compile(r"(?<=direction)\n\s*(?=TB|TD|BT|LR|RL)")
_BRACKETS = {shape: brackets for brackets, shape in BRACKETS.items() if shape != "rect"}
_HEAD_SYMBOLS: dict[Head, str] = {"none": "", "arrow": ">", "circle": "o", "cross": "x"}
_TAIL_SYMBOLS: dict[Head, str] = {"none": "", "arrow": "<", "circle": "o", "cross": "x"}


def to_mermaid(graph: Graph) -> str:
    """Return the text of the flowchart, which ends in a newline."""
    graph = with_writable_ids(graph)
    keyword = SWIMLANES if graph.lanes else "flowchart"
    lines = [*_front_matter(graph), f"{keyword} {graph.direction or 'TB'}"]
    if graph.accessible_title and visible_text(graph.accessible_title):
        lines.append(f"    accTitle: {single_line(graph.accessible_title)}")
    if graph.description and visible_text(graph.description):
        lines.append(f"    accDescr: {single_line(graph.description)}")
    lines += _members(graph, None, "    ")
    lines += [f"    {edge_text(edge)}" for edge in graph.edges]
    lines += [f"    {line}" for node in _nodes_as_written(graph, None) for line in _statements(node)]
    lines += [f"    {line}" for group in graph.groups for line in _statements(group)]
    lines += [f"    {line}" for line in _edge_classes(graph)]
    lines += [
        f"    linkStyle {number} {style}" for number, edge in enumerate(graph.edges) if (style := _styles(edge.style))
    ]
    text = "\n".join([*map(protect_line, lines), *_hints(graph)]) + "\n"
    # A line that ends in the id `direction`, before one that starts with an id such as `LR`, would set a direction.
    return _DIRECTION_ACROSS_LINES.sub(lambda match: f"{match.group()};", text)


def _hints(graph: Graph) -> list[str]:
    """Return the comments with the layout hints."""
    if not graph.hints:
        return []
    from diagramkit.sources.layout_hints import comments

    return [f"    {comments.line(hint)}" for hint in graph.hints]


def _front_matter(graph: Graph) -> Iterator[str]:
    """Yield the lines of the title, if the graph has one."""
    title = " ".join((graph.title or "").split())
    if visible_text(title):
        yield from ("---", f"title: {yaml_quoted(title)}", "---")


def _members(graph: Graph, parent: str | None, indent: str) -> Iterator[str]:
    """Yield the lines of the nodes and groups that are directly in `parent`, with the contents of these groups."""
    for node in graph.child_nodes(parent):
        yield indent + node_text(node)
    for group in graph.child_groups(parent):
        yield indent + _subgraph_heading(group)
        if group.direction:
            yield f"{indent}    direction {group.direction}"
        yield from _members(graph, group.id, indent + "    ")
        yield f"{indent}end"


def _subgraph_heading(group: Group) -> str:
    title = quoted(group.label, group.markdown)
    return f"subgraph {group.id} [{title}]" if is_plain_subgraph_id(group.id) else f"subgraph {title}"


def _nodes_as_written(graph: Graph, parent: str | None) -> Iterator[Node]:
    """Yield the nodes in the order in which `_members` writes them."""
    yield from graph.child_nodes(parent)
    for group in graph.child_groups(parent):
        yield from _nodes_as_written(graph, group.id)


def node_text(node: Node) -> str:
    """Return a node as a statement."""
    shape = node.source_shape or node.shape
    # Only architecture diagrams have a text in place of an icon; in a flowchart it is a line of the label.
    label = quoted("\n".join(filter(None, (node.label, node.icon_text))), node.markdown)
    # Mermaid would take a colon and a later entity code for a color in a style statement.
    looks_like_color = ":" in node.id and "#" in label and STYLE_KEYWORD.search(node.id + label)
    if shape in _BRACKETS and not (node.icon or node.image or looks_like_color):
        opening, closing = _BRACKETS[shape]
        return f"{node.id}{opening}{label}{closing}"
    fields = [] if shape in _BRACKETS else [f"shape: {shape}"]
    fields += [f"icon: {yaml_quoted(node.icon)}"] if node.icon else []
    fields += [f"img: {yaml_quoted(node.image)}"] if node.image else []
    if node.label or not (node.icon or node.image):
        fields.append(f"label: {yaml_quoted(node.label)}")
    if not node.markdown:
        fields.append("labelType: text")
    return f"{node.id}@{{ {', '.join(fields)} }}"


def _statements(item: Node | Group) -> Iterator[str]:
    """Yield the `class`, `style` and `click` statements of a node or a group."""
    yield from (f"class {item.id} {name}" for name in item.classes if is_plain_id(name))
    if style := _styles(item.style):
        yield f"style {item.id} {style}"
    if item.link and visible_text(item.link):
        tooltip = f" {quoted(item.tooltip)}" if item.tooltip else ""
        target = f" {item.target}" if item.target else ""
        yield f"click {item.id} {quoted(item.link)}{tooltip}{target}"


def _edge_classes(graph: Graph) -> Iterator[str]:
    """Yield the `class` statements of edges, by their own ids or by those that Mermaid gives them."""
    taken = {item.id for item in graph.nodes_and_groups}
    counts: Counter[tuple[str, str]] = Counter()
    for edge in graph.edges:
        pair = edge.source, edge.target
        name = edge.id or default_edge_id(*pair, counts[pair])
        counts[pair] += 1
        if name not in taken:
            yield from (f"class {name} {each}" for each in edge.classes if is_plain_id(name) and is_plain_id(each))
        taken.add(name)


def _styles(style: Style) -> str:
    declarations = (f"{name}:{value.replace(',', ' ')}" for name, value in style)
    return ",".join(text for text in declarations if '"' not in text and lexes_as(text, STYLE_TOKENS, "\n"))


def edge_text(edge: Edge) -> str:
    """Return an edge as a statement."""
    extra = edge.length - 1
    body = {
        "normal": "--" + "-" * extra,
        "thick": "==" + "=" * extra,
        "dotted": "-." + "." * extra + "-",
        "invisible": "~~~" + "~" * extra,
    }[edge.stroke]
    if edge.stroke != "invisible":
        head = _HEAD_SYMBOLS[edge.head]
        if not head and edge.stroke != "dotted":
            head = body[-1]
        body = f"{_TAIL_SYMBOLS[edge.tail]}{body}{head}"
    link_id = f"{edge.id}@" if edge.id else ""
    label = f"|{quoted(edge.label, edge.markdown)}|" if visible_text(edge.label) else ""
    return f"{edge.source} {link_id}{body}{label} {edge.target}"
