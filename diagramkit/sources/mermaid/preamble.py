"""What Mermaid does to a text before it reads it: front matter, directives, comments, entities.

Source: Mermaid, `preprocess.ts`, `comments.ts`, `regexes.ts`, `utils.ts` (encodeEntities),
`flowParser.ts`. Every step keeps the places of what it leaves.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

from diagramkit.data import LOADER
from diagramkit.problems import fail
from diagramkit.sources.mermaid.labels import HASH, SEMICOLON
from diagramkit.sources.mermaid.text import Source

_FRONT_MATTER = re.compile(r"\A\s*-{3}\s*\n(?P<yaml>.*?)\n[^\S\n]*-{3}\s*\n+", re.S)
_DIRECTIVE = re.compile(r"%%\{\s*(?:\w+\s*:|\w+)\s*(?:\w+|(?:(?!\}%%).|\n)*)?\s*(?:\}%%)?", re.I)
_COMMENT = re.compile(r"^\s*%%(?!\{)[^\n]+\n?", re.M)
_RETURN = re.compile(r"\r\n?")
_TAG = re.compile(r"<(\w+)([^>]*)>")
_ATTRIBUTE = re.compile(r'="([^"]*)"')
_STYLE_END = re.compile(r"(?:style|classDef).*:\S*#.*;")
_ENTITY = re.compile(r"#\w+;", re.ASCII)
_AFTER_BRACE = re.compile(r"\}\s*\n")
_KEYWORD = re.compile(r"[A-Za-z][\w-]*")

FLOWCHARTS = ("flowchart", "flowchart-elk", "graph", "swimlane-beta")
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
    "xychart": "an XY chart",
    "xychart-beta": "an XY chart",
    "zenuml": "a ZenUML diagram",
}
"""Mermaid's other diagrams: what opens each, and what to call it."""


def clean(source: Source) -> str | None:
    """Take from the text what Mermaid takes; the title of its front matter, if it has one.

    Raises `DiagramError` (front-matter) where the front matter is not YAML.
    """
    source.edit(_RETURN, lambda _: "\n")
    title = _front_matter(source)
    source.edit(_TAG, lambda match: _ATTRIBUTE.sub(r"='\1'", match.group()))
    source.edit(_DIRECTIVE, _nothing)
    source.edit(_COMMENT, _nothing)
    return title


def flowchart(source: Source) -> None:
    """Take what the flowchart's own parser takes: encode entities, and blanks behind braces."""
    source.edit(_STYLE_END, lambda match: match.group()[:-1])
    source.edit(_ENTITY, lambda match: f"{HASH}{match.group()[1:-1]}{SEMICOLON}")
    source.text += "\n"
    source.edit(_AFTER_BRACE, lambda _: "}\n")


def require_flowchart(source: Source) -> None:
    """See that the text is a flowchart.

    Raises `DiagramError`: empty-diagram, unsupported-diagram, or mermaid-syntax.
    """
    text = source.text
    start = len(text) - len(text.lstrip())
    match = _KEYWORD.match(text, start)
    word = match.group() if match else ""
    if start == len(text):
        raise fail(
            "empty-diagram",
            "there is no diagram here; start one with 'flowchart LR'",
            source.span_of_original(0),
        )
    if word in FLOWCHARTS:
        return
    if word in OTHER_KINDS:
        raise fail(
            "unsupported-diagram",
            f"this is {OTHER_KINDS[word]} ('{word}'); diagramkit draws flowcharts, "
            "which start with 'flowchart' or 'graph'",
            source.span(start),
        )
    hint = f"write '{word.lower()}'" if word.lower() in FLOWCHARTS else "start with 'flowchart LR'"
    found = word or text[start : start + 1]
    raise fail(
        "mermaid-syntax",
        f"'{found}' opens no diagram that Mermaid knows; {hint}",
        source.span(start),
    )


def _front_matter(source: Source) -> str | None:
    match = _FRONT_MATTER.match(source.text)
    if not match:
        return None
    try:
        data: Any = yaml.load(match["yaml"], Loader=LOADER)  # noqa: S506 - a safe one
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        lines = match["yaml"].splitlines(keepends=True)[: mark.line if mark else 0]
        raise fail(
            "front-matter",
            "the front matter is not YAML; check its indentation and quotes",
            source.span(match.start("yaml") + sum(map(len, lines))),
        ) from None
    source.edit(_FRONT_MATTER, _nothing)
    title = data.get("title") if isinstance(data, dict) else None
    return str(title) if title else None


def _nothing(_: re.Match[str]) -> str:
    return ""
