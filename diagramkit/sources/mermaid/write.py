"""A graph as tidy Mermaid: reading it again gives the same graph."""

from __future__ import annotations

import re
from collections.abc import Iterator

from diagramkit.graph import Edge, Graph, Group, Head, Node, Style
from diagramkit.sources.mermaid.shapes import BRACKETS

# What YAML cannot hold (YAML 1.1, section 5.1), in which a label may be written; it is never drawn.
_UNWRITABLE = re.compile("[^\t\n -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Mermaid takes any line that has such words in it for a direction.
_WAY = re.compile(r"(?<=direction)\s(?=\s*(?:TB|TD|BT|LR|RL))")
_BRACKETS = {shape: ends for ends, shape in BRACKETS.items() if shape != "rect"}
_SIGNS: dict[Head, str] = {"none": "", "arrow": ">", "circle": "o", "cross": "x"}
_TAILS: dict[Head, str] = {"none": "", "arrow": "<", "circle": "o", "cross": "x"}


def to_mermaid(graph: Graph) -> str:
    """The flowchart's text, ending in a newline."""
    lines = [f"flowchart {graph.direction or 'TB'}"]
    if graph.spoken:
        lines.append(f"    accTitle: {_line(graph.spoken)}")
    if graph.description:
        lines.append(f"    accDescr: {_line(graph.description)}")
    lines += _body(graph, None, "    ")
    lines += [f"    {_edge(edge)}" for edge in graph.edges]
    lines += [f"    {line}" for node in _in_order(graph, None) for line in _extras(node)]
    lines += [
        f"    style {group.id} {_styles(group.style)}" for group in graph.groups if group.style
    ]
    lines += [
        f"    linkStyle {number} {_styles(edge.style)}"
        for number, edge in enumerate(graph.edges)
        if edge.style
    ]
    return "\n".join(lines) + "\n"


def _body(graph: Graph, parent: str | None, indent: str) -> Iterator[str]:
    for node in graph.nodes:
        if node.group == parent:
            # An id that begins as a comment does must not begin its line.
            yield indent + (";" if node.id.startswith("%%") else "") + _node(node)
    for group in graph.groups:
        if group.parent == parent:
            yield indent + _heading(group)
            if group.direction:
                yield f"{indent}    direction {group.direction}"
            yield from _body(graph, group.id, indent + "    ")
            yield f"{indent}end"


def _heading(group: Group) -> str:
    name = _written(group.id)
    if re.fullmatch(r"\w+(?:-\w+)*", name):
        return f"subgraph {name} [{_quoted(group.label)}]"
    # An id of other letters can be a title alone, or in quotes.
    if name == _written(group.label) and not re.search(r"\s", name):
        return f"subgraph {_quoted(group.label)}"
    # Nothing can speak of one with a blank, quote or code: it need not be the same.
    name = " ".join(re.sub('["#]', " ", name).split())
    return f'subgraph "{name}" [{_quoted(group.label)}]'


def _in_order(graph: Graph, parent: str | None) -> Iterator[Node]:
    """The nodes in the order in which they are written."""
    yield from (node for node in graph.nodes if node.group == parent)
    for group in graph.groups:
        if group.parent == parent:
            yield from _in_order(graph, group.id)


def _node(node: Node) -> str:
    shape = node.written or node.shape
    if shape in _BRACKETS and not (node.icon or node.image):
        opening, closing = _BRACKETS[shape]
        return f"{node.id}{opening}{_quoted(node.label, node.markdown)}{closing}"
    fields = [] if shape in _BRACKETS else [f"shape: {shape}"]
    fields += [f"icon: {_in_yaml(node.icon)}"] if node.icon else []
    fields += [f"img: {_in_yaml(node.image)}"] if node.image else []
    if node.label or not (node.icon or node.image):
        fields.append(f"label: {_in_yaml(node.label)}")
    if not node.markdown:
        fields.append("labelType: text")
    return f"{node.id}@{{ {', '.join(fields)} }}"


def _extras(node: Node) -> Iterator[str]:
    for style_class in node.classes:
        yield f"class {node.id} {style_class}"
    if node.style:
        yield f"style {node.id} {_styles(node.style)}"
    if node.link:
        tooltip = f" {_quoted(node.tooltip)}" if node.tooltip else ""
        target = f" {node.target}" if node.target else ""
        yield f"click {node.id} {_quoted(node.link)}{tooltip}{target}"


def _styles(style: Style) -> str:
    return ",".join(f"{name}:{value.replace(',', ' ')}" for name, value in style)


def _line(text: str) -> str:
    text = re.sub(r"#(?=\w+;)", "#35;", " ".join(_written(text).splitlines()))
    return _WAY.sub("#32;", text)


def _written(text: str) -> str:
    """A text without what cannot be written, or is lost in reading: controls, blanks at its ends."""
    return _UNWRITABLE.sub("", text).strip() if _UNWRITABLE.search(text) else text.strip("\t")


def _quoted(text: str, markdown: bool = False) -> str:
    text = _written(text)
    text = re.sub(r"#(?=\w+;)", "#35;", text).replace('"', "#quot;").replace("\n", "<br/>")
    text = _WAY.sub("#32;", text)
    if markdown:
        return '"`' + text.replace("`", "#96;") + '`"'
    # A backtick at the beginning would begin Markdown.
    return f'"{re.sub("^`", "#96;", text) or " "}"'


def _in_yaml(text: str) -> str:
    """The text in quotes, where YAML reads it: a backslash is written twice there."""
    return _quoted(text).replace("\\", "\\\\")


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
    label = f"|{_quoted(edge.label, edge.markdown)}|" if edge.label else ""
    return f"{edge.source} {name}{body}{label} {edge.target}"
