"""What Mermaid does to a text before it reads it: front matter, directives, comments, entities.

Source: Mermaid, `preprocess.ts`, `comments.ts`, `regexes.ts`, `utils.ts` (encodeEntities),
`flowParser.ts`. Every step keeps the places of what it leaves.
"""

from __future__ import annotations

import re
from typing import Any

from diagramkit.diagnostics import Diagnostic, DiagramError, fail
from diagramkit.sources.mermaid.entities import HASH, SEMICOLON
from diagramkit.sources.mermaid.error_context import fix, problem
from diagramkit.sources.mermaid.letters import BLANKS
from diagramkit.sources.mermaid.source_text import Source

ARCHITECTURE = "architecture-beta"
"""What an architecture diagram begins with."""
_FRONT_MATTER = re.compile(r"\A\s*-{3}[^\S\n]*\n(?P<yaml>.*?)\n[^\S\n]*-{3}\s*\n+", re.S)
_DIRECTIVE = re.compile(r"%%\{\s*(?:\w+\s*:|\w+)\s*(?:\w+|(?:(?!\}%%).|\n)*)?\s*(?:\}%%)?", re.I)
# Mermaid's is `^\s*%%…`, tried at every line; here blank lines are looked through but once.
_COMMENTS = re.compile(r"(\A|\S[^\S\n]*\n)(?:\s*%%(?!\{)[^\n]+(?:\n|\Z))+")
_NONCHARACTER = re.compile(f"[{HASH}{SEMICOLON}]")
_RETURN = re.compile(r"\r\n?")
_TAG = re.compile(r"<(\w+)([^>]*)>")
_ATTRIBUTE = re.compile(r'="([^"]*)"')
_STYLES = (re.compile(r"style([^\n]*);"), re.compile(r"classDef([^\n]*);"))
_ENTITY = re.compile(r"#\w+;", re.ASCII)
_AFTER_BRACE = re.compile(r"\}\s*\n")
_KEYWORD = re.compile(r"[A-Za-z][\w-]*")

FLOWCHARTS = ("flowchart", "flowchart-elk", "graph", "swimlane-beta")
"""The words that open a flowchart."""

OTHER_KINDS = {
    "architecture": "an architecture diagram without '-beta'",
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
    source.edit(_NONCHARACTER, lambda _: "\ufffd")
    title = _front_matter(source)
    if "<" in source.text:
        # Without the end, each `<` behind the last `>` would be looked at for nothing.
        source.edit(_TAG, lambda match: _ATTRIBUTE.sub(r"='\1'", match.group()), ">")
    source.edit(_DIRECTIVE, _nothing)
    source.edit(_COMMENTS, lambda match: match[1])
    return title


def flowchart(source: Source) -> None:
    """Take what the flowchart's own parser takes: encode entities, and blanks behind braces."""
    for style in _STYLES:
        source.edit(style, _without_end)
    source.edit(_ENTITY, lambda match: f"{HASH}{match.group()[1:-1]}{SEMICOLON}")
    source.text += "\n"
    source.edit(_AFTER_BRACE, lambda _: "}\n")


def require_flowchart(source: Source) -> Diagnostic | None:
    """See that the text is a flowchart; the problem, where only a capital is wrong with that.

    Raises `DiagramError`: empty-diagram, unsupported-diagram, or mermaid-syntax.
    """
    text = source.text
    start = len(text) - len(text.lstrip(BLANKS))
    match = _KEYWORD.match(text, start)
    word = match.group() if match else ""
    if start == len(text):
        raise fail(
            "empty-diagram",
            "there is no diagram here; start one with 'flowchart LR'",
            source.span_of_original(0),
        )
    if word in FLOWCHARTS:
        return None
    if word in OTHER_KINDS:
        what = (
            f"this is {OTHER_KINDS[word]} ('{word}'); diagramkit draws flowcharts, "
            "which start with 'flowchart' or 'graph'"
        )
        raise DiagramError(problem(source, "unsupported-diagram", what, start, len(word)))
    lower = word.lower()
    hint = f"write '{lower}'" if lower in FLOWCHARTS else "start with 'flowchart LR'"
    found = word or text[start : start + 1]
    what = f"'{found}' opens no diagram that Mermaid knows; {hint}"
    if lower not in FLOWCHARTS:
        raise DiagramError(problem(source, "mermaid-syntax", what, start, len(found)))
    mend = fix(source, start, word, lower)
    source.text = text[:start] + lower + text[start + len(word) :]
    return problem(source, "mermaid-syntax", what, start, len(word), mend)


def _front_matter(source: Source) -> str | None:
    match = _FRONT_MATTER.match(source.text)
    if not match:
        return None
    import yaml  # Little Mermaid has front matter, and YAML takes a while to import.

    from diagramkit.sources.yamltree import LOADER

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
    # What is no text is none: a list of aliases of lists would be longer than memory.
    return str(title) if title and isinstance(title, (str, int, float)) else None


def _nothing(_: re.Match[str]) -> str:
    return ""


def _without_end(match: re.Match[str]) -> str:
    """A style without its last semicolon, where a colour stands in it: `fill:#fff;`."""
    words = (word for word in match[1].split() if "#" in word)
    colour = any(":" in word[: word.rindex("#")] for word in words)
    return match.group()[:-1] if colour else match.group()
