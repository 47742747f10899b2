"""Mermaid's preprocessing: removes front matter, directives and comments, and marks entity codes.

Source: Mermaid, `preprocess.ts`, `comments.ts`, `regexes.ts`, `utils.ts` (encodeEntities), `flowParser.ts`. The text
is edited through `Source`, so that positions in the remaining text still map to the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from diagramkit.diagnostics import Diagnostic, DiagramError, fail
from diagramkit.sources.mermaid.entities import HASH, SEMICOLON
from diagramkit.sources.mermaid.error_context import diagnostic_at, fix_at
from diagramkit.sources.mermaid.letters import WHITESPACE
from diagramkit.sources.mermaid.source_text import Source

ARCHITECTURE = "architecture-beta"
"""The keyword that starts an architecture diagram."""
_FRONT_MATTER = re.compile(r"\A\s*-{3}[^\S\n]*\n(?P<yaml>.*?)\n[^\S\n]*-{3}\s*\n+", re.S)
_DIRECTIVE = re.compile(r"%%\{\s*(?:\w+\s*:|\w+)\s*(?:\w+|(?:(?!\}%%).|\n)*)?\s*(?:\}%%)?", re.I)
# Mermaid tries `^\s*%%…` at every line; this pattern scans blank lines only once.
_COMMENTS = re.compile(r"(\A|\S[^\S\n]*\n)(?:\s*%%(?!\{)[^\n]+(?:\n|\Z))+")
_NONCHARACTER = re.compile(f"[{HASH}{SEMICOLON}]")
_CARRIAGE_RETURN = re.compile(r"\r\n?")
_TAG = re.compile(r"<(\w+)([^>]*)>")
_ATTRIBUTE = re.compile(r'="([^"]*)"')
_STYLE_KEYWORDS = ("style", "classDef")
_ENTITY = re.compile(r"#\w+;", re.ASCII)
_SPACE_AFTER_BRACE = re.compile(r"\}\s*\n")
_KEYWORD = re.compile(r"[A-Za-z][\w-]*")

FLOWCHARTS = ("flowchart", "flowchart-elk", "graph", "swimlane-beta")
"""The keywords that start a flowchart."""

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
"""Mermaid's other diagram types: the keyword that starts each, and what to call it in messages."""


def clean(source: Source) -> str | None:
    """Remove from the text what Mermaid removes for all diagram types; return the title in its front matter, if any.

    Raises `DiagramError` (front-matter) if the front matter is not valid YAML.
    """
    source.edit(_CARRIAGE_RETURN, lambda _: "\n")
    source.edit(_NONCHARACTER, lambda _: "\ufffd")
    title = _front_matter(source)
    if "<" in source.text:
        # Up to the last `>` only: after it, trying every `<` would take quadratic time and match nothing.
        source.edit(_TAG, lambda match: _ATTRIBUTE.sub(r"='\1'", match.group()), ">")
    source.edit(_DIRECTIVE, _empty)
    source.edit(_COMMENTS, lambda match: match[1])
    return title


def prepare_flowchart(source: Source) -> None:
    """Apply the preprocessing of Mermaid's flowchart parser: mark entity codes, remove white space after braces."""
    for keyword in _STYLE_KEYWORDS:
        source.replace([(end, end + 1, "") for end in _semicolons_of_colors(source.text, keyword)])
    source.edit(_ENTITY, lambda match: f"{HASH}{match.group()[1:-1]}{SEMICOLON}")
    source.text += "\n"
    source.edit(_SPACE_AFTER_BRACE, lambda _: "}\n")


def require_flowchart(source: Source) -> Diagnostic | None:
    """Check that the text is a flowchart. Return an error if only the case of its keyword is wrong, and correct it.

    Raises `DiagramError` (empty-diagram, unsupported-diagram or mermaid-syntax) otherwise.
    """
    text = source.text
    start = len(text) - len(text.lstrip(WHITESPACE))
    match = _KEYWORD.match(text, start)
    keyword = match.group() if match else ""
    if start == len(text):
        raise fail(
            "empty-diagram",
            "the text contains no diagram; start one with 'flowchart LR'",
            source.span_of_original(0),
        )
    if keyword in FLOWCHARTS:
        return None
    if keyword in OTHER_KINDS:
        message = (
            f"this is {OTHER_KINDS[keyword]} ('{keyword}'), which diagramkit does not draw; "
            f"flowcharts start with 'flowchart' or 'graph', architecture diagrams with '{ARCHITECTURE}'"
        )
        raise DiagramError(diagnostic_at(source, "unsupported-diagram", message, start, len(keyword)))
    lower = keyword.lower()
    hint = f"write '{lower}'" if lower in FLOWCHARTS else "start with a line such as 'flowchart LR'"
    shown = keyword or text[start : start + 1]
    message = f"'{shown}' is not a Mermaid diagram type; {hint}"
    if lower not in FLOWCHARTS:
        raise DiagramError(diagnostic_at(source, "mermaid-syntax", message, start, len(shown)))
    fix = fix_at(source, start, keyword, lower)
    source.text = text[:start] + lower + text[start + len(keyword) :]
    return diagnostic_at(source, "mermaid-syntax", message, start, len(keyword), fix)


def _front_matter(source: Source) -> str | None:
    """Remove the front matter and return its title, if it has one."""
    match = _FRONT_MATTER.match(source.text)
    if not match:
        return None
    from diagramkit.sources import yamltree  # Few Mermaid texts have front matter, and importing YAML takes a while.

    try:
        tree = yamltree.load_front_matter(match["yaml"], source.origin.file)
    except DiagramError as error:
        (problem,) = error.problems
        lines = match["yaml"].split("\n")[: problem.span.line - 1]
        line_start = match.start("yaml") + sum(len(line) + 1 for line in lines)
        span = source.span(min(line_start, match.end("yaml")))
        reason = "check its indentation and quotes" if problem.code == "yaml-syntax" else problem.message
        raise fail("front-matter", f"the front matter is not valid YAML; {reason}", span) from None
    source.edit(_FRONT_MATTER, _empty)
    title = tree.items().get("title") if tree else None
    # A list is not converted to text: with nested aliases, the text could exceed the memory.
    return title.text() if title and title.value and isinstance(title.value, (str, int, float)) else None


def _empty(_: re.Match[str]) -> str:
    return ""


def _semicolons_of_colors(text: str, keyword: str) -> Iterator[int]:
    """Yield the offset of the last semicolon of each line with a color behind a keyword: `style A fill:#fff;`.

    Mermaid removes it, because the color looks like an entity code. Its pattern is `keyword[^\\n]*;`, for which regular
    expressions need quadratic time if a line repeats the keyword.
    """
    start = text.find(keyword)
    while start >= 0:
        line_end = text.find("\n", start)
        line_end = len(text) if line_end < 0 else line_end
        semicolon = text.rfind(";", start + len(keyword), line_end)
        words = (word for word in text[start + len(keyword) : semicolon].split() if "#" in word)
        if semicolon >= 0 and any(":" in word[: word.rindex("#")] for word in words):
            yield semicolon
        start = text.find(keyword, line_end)
