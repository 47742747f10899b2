"""Candidates for the correction of statements that other types of diagrams have."""

from __future__ import annotations

import re
from collections.abc import Iterator

from diagramkit.sources.mermaid.mistakes.line_edit import Edit, TextWords
from diagramkit.sources.mermaid.mistakes.line_text import KEYWORDS

_PARTICIPANT = re.compile(
    r"(?P<keyword>\s*(?:participant|actor|component|database|queue|node|cloud|boundary|entity)\s+)"
    r"(?:(?P<id>\w+)(?:\s+as\s+(?P<label>[^\s\"\[\](){}|][^\"\[\](){}|]*?|\"[^\"]+\"))?|(?P<first>\"[^\"]+\")\s+as\s+(?P<last>\w+))\s*"
)


def participants(line: str, text_words: TextWords) -> Iterator[Edit]:
    """`participant A as API Gateway`, and PlantUML's `component "API Gateway" as A` or `actor Customer as A`."""
    if match := _PARTICIPANT.fullmatch(line):
        indent = line[: len(line) - len(line.lstrip())]
        name, label = match["id"] or match["last"], match["label"] or match["first"]
        is_id = label and re.fullmatch(r"\w++", label) and text_words.occurs_again(label)
        if is_id and not text_words.occurs_again(name):
            name, label = label, name
        node = f"{name}[{label}]" if label else name
        yield Edit(len(indent), len(line), node, 4, moved=label or "", dropped=f"{match['keyword']} as {name}")


_CONTAINER = re.compile(
    r"(?P<indent>\s*+)(?:(?P<keyword>package|rectangle|folder|frame|cloud|cluster|boundary)\s++"
    r"(?:\"(?P<title>[^\"]++)\"|(?P<name>\w++))(?:\s++as\s++(?P<alias>\w++))?|"
    r"(?P<id>\w++)\s*+:\s++(?P<label>\w[^\"\[\](){}|<>=;:]*+))\s*+\{\s*+"
)
_LABELED_ID = re.compile(r"(?P<indent>\s*+)(?P<id>\w++)\s*+:\s++(?P<label>\w[^\"\[\](){}|<>=;:]*+|\"[^\"]++\")\s*+")


def containers(line: str, _: TextWords) -> Iterator[Edit]:
    """PlantUML's `package "VPC" {` and D2's `vpc: VPC {`."""
    if match := _CONTAINER.fullmatch(line):
        title = (match["title"] or match["name"] or match["label"]).strip()
        name = match["alias"] or match["id"]
        new = f'{match["indent"]}subgraph {name} ["{title}"]' if name else f'{match["indent"]}subgraph "{title}"'
        dropped = f"{match['keyword'] or ''} as"
        yield Edit(0, len(line), new, 2, moved=title if match["alias"] else "", dropped=dropped)


def labeled_ids(line: str, text_words: TextWords) -> Iterator[Edit]:
    """D2's `db: Orders`, if the id is in other lines."""
    match = _LABELED_ID.fullmatch(line)
    if match and match["id"] not in KEYWORDS and text_words.occurs_again(match["id"]):
        label = match["label"].strip().strip('"')
        yield Edit(match.start("id"), len(line), f'{match["id"]}["{label}"]', 2)


_ASSIGNMENT = re.compile(
    r"(?P<indent>\s*+)(?P<id>[A-Za-z_]\w*+)\s*+=\s*+[A-Z]\w*+\(\s*+(?P<quote>[\"'])(?P<label>[^\"'\n]++)(?P=quote)\s*+\)\s*+"
)


def assignments(line: str, _: TextWords) -> Iterator[Edit]:
    """`db = RDS("Orders")` of the Python package `diagrams` becomes a node, below the line as a comment."""
    if match := _ASSIGNMENT.fullmatch(line):
        indent = match["indent"]
        new = f'{indent}%% {line.strip()}\n{indent}{match["id"]}["{match["label"]}"]'
        yield Edit(0, len(line), new, 1)


_PROPERTY = re.compile(
    r"(?P<indent>\s*+)(?P<id>[A-Za-z_][\w-]*+)\.(?P<name>(?:class|shape|icon|label|tooltip|link|near|width|height|style)"
    r"(?:\.[a-z-]++)?)\s*+[:=]\s*+(?P<value>[^\s:=].*+)"
)
_CSS = ("fill", "stroke", "stroke-width", "opacity")


def properties(line: str, text_words: TextWords) -> Iterator[Edit]:
    """D2's `a.style.fill: red` and `a.class: hot` become statements of Mermaid, and other properties comments."""
    match = _PROPERTY.fullmatch(line.rstrip("; \t"))
    if match is None:
        return
    indent, value = match["indent"], match["value"].strip("\"'")
    style = match["name"].removeprefix("style.")
    new = f"{indent}%% {line.strip()}"
    if match["name"] == "class" and text_words.is_class(value):
        new = f"{indent}class {match['id']} {value}"
    elif style != match["name"] and style in _CSS and re.fullmatch(r"[#\w.]++", value):
        new = f"{indent}style {match['id']} {style}:{value}"
    reason = f"'{match['id']}.{match['name']}' is a property in another language"
    yield Edit(0, len(line), new, 1, dropped=line, reason=reason)


def shifts(line: str, _: TextWords) -> Iterator[Edit]:
    """`a >> b`: a link of the Python package `diagrams`."""
    for match in re.finditer(r"(?<=\w) ?>> ?(?=\w)", line):
        yield Edit(*match.span(), " --> ", 1, reason="'>>' is not a link in Mermaid")


_NOTE = re.compile(r"\s*note\s+(?:(?:right|left)\s+of|over|for|on link)\s+\S.*:\s*\S.*", re.I)


def notes(line: str, _: TextWords) -> Iterator[Edit]:
    """`note right of A: text` becomes a comment, because flowcharts have no notes."""
    if _NOTE.fullmatch(line):
        indent = len(line) - len(line.lstrip())
        yield Edit(indent, indent, "%% ", 4, reason="flowcharts have no notes")
