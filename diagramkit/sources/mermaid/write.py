"""A graph as tidy Mermaid: reading it again gives the same graph."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import count

from diagramkit.graph import Edge, Graph, Group, Head, Node, Style
from diagramkit.sources.mermaid.cursor import Cursor
from diagramkit.sources.mermaid.flowchart import TITLE
from diagramkit.sources.mermaid.letters import BLANKS
from diagramkit.sources.mermaid.shapes import BRACKETS
from diagramkit.sources.mermaid.styling import ID, STYLE

# What YAML cannot hold (YAML 1.1, section 5.1), in which a label may be written; it is never drawn.
_UNWRITABLE = re.compile("[^\t\n -~\x85\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010ffff]")
_CODED = re.compile(
    # What would be a code; quotes.
    r"#(?=\w+;)|\""
    # Mermaid takes a line that has such words in it for a direction, such signs for a directive, and quotes in what
    # looks like a tag away: `="`, which a label with `=` at its end makes.
    rf"|(?<=direction)[{BLANKS}](?=[{BLANKS}]*(?:TB|TD|BT|LR|RL))|(?<=%)%(?=\{{)|=\Z"
)  # fmt: skip
# Mermaid takes the last semicolon of a line with such words for the end of a style, where a colour stands in it.
_STYLE_WORD = re.compile("style|classDef")
_COLOUR = re.compile(r":(?=\S*#)")
# An id that makes one of every line that it stands in; one with a quote.
_NO_ID = re.compile('(?:style|classDef).*:.*#|"')
_DIRECTION = re.compile(r"(?<=direction)\n\s*(?=TB|TD|BT|LR|RL)")
_COMMENT = re.compile(r"^(?=\s*%%)")
# Further ends of lines in YAML, and a mark that it does not read; what Mermaid takes out of such a text.
_CODED_IN_YAML = re.compile(rf"{_CODED.pattern}|[\\\x85\u2028\u2029\ufeff]|\}}(?=@\{{)")
_IN_QUOTES = re.compile('"[^"]*"')
_BRACKETS = {shape: ends for ends, shape in BRACKETS.items() if shape != "rect"}
_SIGNS: dict[Head, str] = {"none": "", "arrow": ">", "circle": "o", "cross": "x"}
_TAILS: dict[Head, str] = {"none": "", "arrow": "<", "circle": "o", "cross": "x"}


def to_mermaid(graph: Graph) -> str:
    """The flowchart's text, ending in a newline."""
    graph = _writable(graph)
    lines = [f"flowchart {graph.direction or 'TB'}"]
    if graph.spoken and _written(graph.spoken):
        lines.append(f"    accTitle: {_line(graph.spoken)}")
    if graph.description and _written(graph.description):
        lines.append(f"    accDescr: {_line(graph.description)}")
    lines += _body(graph, None, "    ")
    lines += [f"    {_edge(edge)}" for edge in graph.edges]
    lines += [f"    {line}" for node in _in_order(graph, None) for line in _extras(node)]
    lines += [
        f"    style {group.id} {style}" for group in graph.groups if (style := _styles(group.style))
    ]
    lines += [
        f"    linkStyle {number} {style}"
        for number, edge in enumerate(graph.edges)
        if (style := _styles(edge.style))
    ]
    text = "\n".join(map(_guarded, lines)) + "\n"
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


def _writable(graph: Graph) -> Graph:
    """The graph with ids that can be written: one that cannot is replaced by another."""
    ids = [node.id for node in graph.nodes]
    taken = {*ids, *(group.id for group in graph.groups)}
    nodes = {name: _another(name, taken) if not _plain(name) else name for name in ids}
    spoken_of = {end for edge in graph.edges for end in (edge.source, edge.target)}
    spoken_of |= {group.id for group in graph.groups if group.style}
    groups = {
        group.id: _another(group.id, taken)
        for group in graph.groups
        if group.id in nodes
        or not (_bare(group.id) or _is_title(group))
        or (group.id in spoken_of and not _plain(group.id))
    }
    ends = {**groups, **nodes}
    return replace(
        graph,
        nodes=tuple(
            replace(n, id=nodes[n.id], group=n.group and groups.get(n.group, n.group))
            for n in graph.nodes
        ),
        groups=tuple(
            replace(
                g, id=groups.get(g.id, g.id), parent=g.parent and groups.get(g.parent, g.parent)
            )
            for g in graph.groups
        ),
        edges=tuple(
            replace(e, source=ends.get(e.source, e.source), target=ends.get(e.target, e.target))
            for e in graph.edges
        ),
    )


def _another(id: str, taken: set[str]) -> str:
    """An id like this one that Mermaid takes anywhere, and that is not taken yet: now it is."""
    plain = "g_" + "_".join(re.findall(r"[A-Za-z0-9_]+", id))
    name = next(name for n in count(1) if (name := plain + f"_{n}" * (n > 1)) not in taken)
    taken.add(name)
    return name


@lru_cache(maxsize=4096)
def _plain(name: str) -> bool:
    """Whether a node's id can be written everywhere: where a blank follows, too."""
    return not _NO_ID.search(name) and _reads(f"{name} ", ID | {"SPACE"}, "[")


def _is_title(group: Group) -> bool:
    """Whether a subgraph's id is what its title makes it, where that is all there is."""
    return _quoted(group.label) == f'"{group.id}"' and not re.search(r"\s", group.id)


def _heading(group: Group) -> str:
    title = _quoted(group.label)
    return f"subgraph {group.id} [{title}]" if _bare(group.id) else f"subgraph {title}"


def _bare(name: str) -> bool:
    """Whether Mermaid takes a subgraph's id without quotes: not each of its own words."""
    return not re.search(r"\A\Z|[\s\ufeff#:]", name) and _reads(f"{name} ", TITLE, "[")


def _reads(text: str, kinds: frozenset[str], behind: str) -> bool:
    """Whether a text is words of such kinds to Mermaid, in front of a bracket or the end of a line."""
    cursor = Cursor(f"graph TB;{text}{behind}")
    for _ in "graph", "TB", ";":
        cursor.next()
    return cursor.run(kinds) == text and cursor.now.kind in ("[", "NEWLINE")


def _in_order(graph: Graph, parent: str | None) -> Iterator[Node]:
    """The nodes in the order in which they are written."""
    yield from (node for node in graph.nodes if node.group == parent)
    for group in graph.groups:
        if group.parent == parent:
            yield from _in_order(graph, group.id)


def _node(node: Node) -> str:
    shape = node.written or node.shape
    label = _quoted(node.label, node.markdown)
    # A colon before a code would be a colour to Mermaid, where no blank stands between them.
    colour = ":" in node.id and "#" in label and _STYLE_WORD.search(node.id + label)
    if shape in _BRACKETS and not (node.icon or node.image or colour):
        opening, closing = _BRACKETS[shape]
        return f"{node.id}{opening}{label}{closing}"
    fields = [] if shape in _BRACKETS else [f"shape: {shape}"]
    fields += [f"icon: {_in_yaml(node.icon)}"] if node.icon else []
    fields += [f"img: {_in_yaml(node.image)}"] if node.image else []
    if node.label or not (node.icon or node.image):
        fields.append(f"label: {_in_yaml(node.label)}")
    if not node.markdown:
        fields.append("labelType: text")
    return f"{node.id}@{{ {', '.join(fields)} }}"


def _extras(node: Node) -> Iterator[str]:
    yield from (f"class {node.id} {name}" for name in node.classes if _plain(name))
    if style := _styles(node.style):
        yield f"style {node.id} {style}"
    if node.link and _written(node.link):
        tooltip = f" {_quoted(node.tooltip)}" if node.tooltip else ""
        target = f" {node.target}" if node.target else ""
        yield f"click {node.id} {_quoted(node.link)}{tooltip}{target}"


def _styles(style: Style) -> str:
    pairs = (f"{name}:{value.replace(',', ' ')}" for name, value in style)
    return ",".join(pair for pair in pairs if _reads(pair, STYLE, "\n"))


def _line(text: str) -> str:
    return _COLOUR.sub("#58;", _coded(" ".join(_written(text).splitlines())))


def _written(text: str) -> str:
    """A text without what cannot be written or seen: controls, blanks at its ends."""
    return _drawable(text).strip(BLANKS + "\x85")


def _drawable(text: str) -> str:
    return _UNWRITABLE.sub("", text)


def _coded(text: str) -> str:
    """A text with Mermaid's codes for what would be read as something else."""
    return _CODED.sub(lambda match: _code(match.group()), text)


def _code(sign: str) -> str:
    return "#quot;" if sign == '"' else f"#{ord(sign)};"


def _guarded(line: str) -> str:
    """A line that is no comment, whatever id it begins with, and of which no text in quotes looks like a style."""
    line = _COMMENT.sub(";", line)
    if not _STYLE_WORD.search(line):
        return line
    if "@{ " in line:
        return _IN_QUOTES.sub(lambda match: match.group().replace(";", _escape(";")), line)
    return _IN_QUOTES.sub(lambda match: _COLOUR.sub("#58;", match.group()), line)


def _quoted(text: str, markdown: bool = False) -> str:
    text = _coded(_written(text).replace("\n", "<br/>")) or " "
    if markdown:
        return '"`' + text.replace("`", "#96;") + '`"'
    # A backtick at the beginning would begin Markdown.
    return f'"{re.sub("^`", "#96;", text)}"'


def _in_yaml(text: str) -> str:
    """The text in quotes, where YAML reads it: with its escapes (YAML 1.1, section 5.7)."""
    escaped = _CODED_IN_YAML.sub(lambda match: _escape(match.group()), _drawable(text))
    return '"' + (escaped.replace("\n", "<br/>") or " ") + '"'


def _escape(sign: str) -> str:
    return "\\\\" if sign == "\\" else f"\\u{ord(sign):04x}"


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
    label = f"|{_quoted(edge.label, edge.markdown)}|" if _written(edge.label) else ""
    return f"{edge.source} {name}{body}{label} {edge.target}"
