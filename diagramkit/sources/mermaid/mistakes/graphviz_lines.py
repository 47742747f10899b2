"""Candidates for the correction of statements with attributes in brackets, as Graphviz has them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from diagramkit.sources.mermaid.mistakes.line_edit import Edit, TextWords, indent
from diagramkit.sources.mermaid.mistakes.line_text import LINK, masked, quoted
from diagramkit.sources.mermaid.mistakes.link_lines import mermaid_link

_ATTRIBUTES = re.compile(r"\[(?P<fields>\s*+\w++\s*+=[^\[\]\n]++)\][\s;]*+")
_QUOTED = re.compile(r"\"[^\"]*+\"")
_KEY = re.compile(r"(?<!\w)(?P<key>[A-Za-z]\w*+)\s*+=")
_ANY_LINK = re.compile(rf"{LINK}|[-=]>|(?<!-)--(?!-)")
_LINES = {"dashed": "dotted", "dotted": "dotted", "bold": "thick"}
_ARROWS = {
    ("dotted", "forward"): "-.->",
    ("dotted", "both"): "<-.->",
    ("dotted", "none"): "-.-",
    ("thick", "forward"): "==>",
    ("thick", "both"): "<==>",
    ("thick", "none"): "===",
    ("", "forward"): "-->",
    ("", "both"): "<-->",
    ("", "none"): "---",
}
"""Mermaid's links, by the line and by the value of `dir`."""
_BRACKETS = {"cylinder": ("[(", ")]"), "diamond": ("{", "}"), "circle": ("((", "))"), "hexagon": ("{{", "}}")}
_DEFAULTS = ("node", "edge", "graph")
"""What attributes of all nodes, links or the whole graph follow."""
_REASON = "Mermaid has no attributes in brackets, as Graphviz has them"


def attributes(line: str, text_words: TextWords) -> Iterator[Edit]:
    """`A -> B [label="x", style=dashed]` and `A [label="x"]`: what Mermaid does not have becomes a comment."""
    match = _ATTRIBUTES.search(line)
    if match is None or match.end() != len(line):
        return
    fields = _fields(match["fields"])
    margin, statement = line[: indent(line)], line[indent(line) : match.start()].rstrip()
    if not statement or not fields:
        return
    if statement in _DEFAULTS and not text_words.occurs_again(statement):
        yield Edit(0, len(line), f"{margin}%% {line.strip()}", 2, dropped=line, reason=_REASON)
        return
    links = [*_ANY_LINK.finditer(masked(statement))]
    new = _labeled_links(statement, links, fields) if links else _labeled_node(statement, fields)
    if new is not None:
        comment = ", ".join(f"{key}={value}" for key, value in fields.items())
        before = f"{margin}%% {comment}\n" if comment else ""
        yield Edit(0, len(line), f"{before}{margin}{new}", 2, dropped=line, reason=_REASON)


def _fields(text: str) -> dict[str, str]:
    """Return the attributes by their names. Their values, which may lack quotation marks, have none."""
    hidden = _QUOTED.sub(lambda match: "\0" * len(match.group()), text)
    keys = [*_KEY.finditer(hidden)]
    ends = [*(match.start() for match in keys[1:]), len(text)]
    values = (text[match.end() : end].strip(" ,;\t") for match, end in zip(keys, ends, strict=True))
    return {match["key"]: value.strip('"').strip() for match, value in zip(keys, values, strict=True)}


def _labeled_links(statement: str, links: list[re.Match[str]], fields: dict[str, str]) -> str | None:
    """Return links with the label and the line that attributes give them, and remove these from `fields`."""
    label = fields.pop("label", "")
    line = _LINES.get(fields.get("style", ""), "")
    direction = fields.get("dir", "")
    if direction == "back":
        return None
    fields.pop("style" if line else "", None)
    fields.pop("dir" if direction in ("forward", "both", "none") else "", None)
    text = f"|{quoted(label)}|" if label else ""
    new, position = "", 0
    for link in links:
        arrow = mermaid_link(link.group()) if len(link.group()) < 3 else link.group()
        if line or direction in ("forward", "both", "none"):
            ends = "both" if arrow[0] == "<" else "forward" if arrow[-1] == ">" else "none"
            arrow = _ARROWS[line, direction if direction in ("forward", "both", "none") else ends]
        new += f"{statement[position : link.start()]}{arrow}{text}"
        position = link.end()
    return new + statement[position:]


def _labeled_node(statement: str, fields: dict[str, str]) -> str | None:
    """Return a node with the label and the shape of its attributes, and remove these from `fields`."""
    if not re.fullmatch(r"[\w-]+", statement):
        return None
    opening, closing = _BRACKETS.get(fields.get("shape", ""), ("[", "]"))
    if "label" not in fields:
        return statement
    fields.pop("shape" if opening != "[" else "", None)
    return f"{statement}{opening}{quoted(fields.pop('label'))}{closing}"
