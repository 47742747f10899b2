"""What stands before and between a diagram's statements: front matter, directives, comments.

Everything that is not a statement is blanked, character by character, so that each
statement keeps its line and column.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from diagramkit.problems import fail
from diagramkit.sources.mermaid.text import Source

_FRONT_MATTER = re.compile(r"\A\s*---[^\S\n]*\n(?P<yaml>.*?)\n?[^\S\n]*---[^\S\n]*(?:\n|\Z)", re.S)
_DIRECTIVE = re.compile(r"%%\{.*?\}%%", re.S)
_COMMENT = re.compile(r"^[^\S\n]*%%(?!\{)[^\n]+", re.M)
_TITLE = re.compile(r"^title:[ \t]*(?P<title>\S.*?)[ \t]*$", re.M)
_KEYWORD = re.compile(r"[A-Za-z][\w-]*")

FLOWCHARTS = ("flowchart", "flowchart-elk", "graph")
"""The words that open a flowchart."""

OTHER_KINDS = {
    "architecture-beta": "an architecture diagram",
    "block": "a block diagram",
    "block-beta": "a block diagram",
    "C4Component": "a C4 diagram",
    "C4Container": "a C4 diagram",
    "C4Context": "a C4 diagram",
    "C4Deployment": "a C4 diagram",
    "C4Dynamic": "a C4 diagram",
    "classDiagram": "a class diagram",
    "classDiagram-v2": "a class diagram",
    "erDiagram": "an entity relationship diagram",
    "gantt": "a Gantt chart",
    "gitGraph": "a git graph",
    "info": "an info diagram",
    "journey": "a user journey",
    "kanban": "a Kanban board",
    "mindmap": "a mind map",
    "packet": "a packet diagram",
    "packet-beta": "a packet diagram",
    "pie": "a pie chart",
    "quadrantChart": "a quadrant chart",
    "radar-beta": "a radar chart",
    "requirementDiagram": "a requirement diagram",
    "sankey": "a Sankey diagram",
    "sankey-beta": "a Sankey diagram",
    "sequenceDiagram": "a sequence diagram",
    "stateDiagram": "a state diagram",
    "stateDiagram-v2": "a state diagram",
    "timeline": "a timeline",
    "treemap": "a treemap",
    "xychart-beta": "an XY chart",
    "zenuml": "a ZenUML diagram",
}
"""Mermaid's other diagrams: what opens each, and what to call it."""


@dataclass(frozen=True, slots=True)
class Preamble:
    """The statements' text (same length and lines as the source) and the title, if any."""

    body: str
    title: str | None


def strip(source: Source) -> Preamble:
    """Blank front matter, directives and comments; keep the front matter's title."""
    text = source.text
    title = None
    front = _FRONT_MATTER.match(text)
    if front:
        named = _TITLE.search(front["yaml"])
        title = _unquote(named["title"]) if named else None
        text = _blank(front.group()) + text[front.end() :]
    text = _DIRECTIVE.sub(lambda match: _blank(match.group()), text)
    text = _COMMENT.sub(lambda match: _blank(match.group()), text)
    return Preamble(text, title)


def keyword(text: str) -> tuple[str, int]:
    """The first word of a diagram and its offset; an empty word at the end of an empty text."""
    start = len(text) - len(text.lstrip())
    match = _KEYWORD.match(text, start)
    return (match.group() if match else "", start)


def require_flowchart(source: Source, body: str) -> int:
    """The offset behind the word that opens the flowchart.

    Raises `DiagramError`: empty-diagram, unsupported-diagram, or mermaid-syntax.
    """
    word, start = keyword(body)
    if start == len(body):
        raise fail(
            "empty-diagram",
            "there is no diagram here; start one with 'flowchart LR'",
            source.span(0),
        )
    if word in FLOWCHARTS:
        return start + len(word)
    if word in OTHER_KINDS:
        raise fail(
            "unsupported-diagram",
            f"this is {OTHER_KINDS[word]} ('{word}'); diagramkit draws flowcharts, "
            "which start with 'flowchart' or 'graph'",
            source.span(start),
        )
    hint = f"write '{word.lower()}'" if word.lower() in FLOWCHARTS else "start with 'flowchart LR'"
    found = word or body[start : start + 1]
    raise fail(
        "mermaid-syntax",
        f"'{found}' opens no diagram that Mermaid knows; {hint}",
        source.span(start),
    )


def _blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)


def _unquote(text: str) -> str:
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        return text[1:-1]
    return text
