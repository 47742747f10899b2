"""Mermaid's preprocessing: removes front matter, directives (`configuration`) and comments, and marks entity codes.

Source: Mermaid, `preprocess.ts`, `comments.ts`, `regexes.ts`, `utils.ts` (encodeEntities), `flowParser.ts`. The text
is edited through `Source`, so that positions in the remaining text still map to the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import structs

from diagramkit import data
from diagramkit.diagnostics import Diagnostic, DiagramError, fail, most_similar
from diagramkit.sources.mermaid.configuration import Configuration, take_directives, take_front_matter
from diagramkit.sources.mermaid.entities import HASH, SEMICOLON
from diagramkit.sources.mermaid.error_context import diagnostic_at
from diagramkit.sources.mermaid.letters import WHITESPACE
from diagramkit.sources.mermaid.source_text import Source

ARCHITECTURE = "architecture-beta"
"""The keyword that starts an architecture diagram."""
# Mermaid tries `^\s*%%…` at every line; this pattern scans blank lines only once.
_COMMENTS = re.compile(r"(\A|\S[^\S\n]*\n)(?:\s*%%(?!\{)[^\n]+(?:\n|\Z))+")
_HINT_NAME = re.compile(r"%%[^\S\n]*diagramkit", re.I)
_NONCHARACTER = re.compile(f"[{HASH}{SEMICOLON}]")
_CARRIAGE_RETURN = re.compile(r"\r\n?")
_TAG = re.compile(r"<(\w+)([^>]*)>")
_ATTRIBUTE = re.compile(r'="([^"]*)"')
_STYLE_KEYWORDS = ("style", "classDef")
_ENTITY = re.compile(r"#\w+;", re.ASCII)
_SPACE_AFTER_BRACE = re.compile(r"\}\s*\n")
_FILE_NAME = re.compile(r"[\w./\\-]+\.(?:mmd|mermaid|md)\s*")
_KEYWORD = re.compile(r"[A-Za-z][\w-]*")
_FENCE = re.compile(r"`{3,}[^`\n]*|~{3,}[^\n]*|:{3,}[^\n]*")
_LINK = re.compile(r"--[->xo]|==[=>]|-\.+->?|[-=]>")

SWIMLANES = "swimlane-beta"
"""The keyword that starts a flowchart whose subgraphs are lanes."""
FLOWCHARTS = ("flowchart", "flowchart-elk", "graph", SWIMLANES)
"""The keywords that start a flowchart."""


class OtherTypeError(DiagramError):
    """The text is a diagram of a type that Mermaid draws and diagramkit does not (unsupported-diagram)."""


def clean(source: Source) -> Configuration:
    """Remove from the text what Mermaid removes for all diagram types; return what its front matter configures."""
    source.edit(_CARRIAGE_RETURN, lambda _: "\n")
    source.edit(_NONCHARACTER, lambda _: "\ufffd")
    configuration = take_front_matter(source)
    if "<" in source.text:
        # Up to the last `>` only: after it, trying every `<` would take quadratic time and match nothing.
        source.edit(_TAG, lambda match: _ATTRIBUTE.sub(r"='\1'", match.group()), ">")
    take_directives(source, configuration)
    if _HINT_NAME.search(source.text):
        _take_hints(source, configuration)
    source.edit(_COMMENTS, lambda match: match[1])
    return configuration


def _take_hints(source: Source, configuration: Configuration) -> None:
    """Add the comments with layout hints to `configuration`. A hint above the diagram's first line is marked."""
    from diagramkit.sources.layout_hints import comments  # Few texts have hints.

    for match in _COMMENTS.finditer(source.text):
        is_first = not source.text[: match.end(1)].strip()
        configuration.hints += [
            structs.replace(comment, is_first=is_first) for comment in comments.find(source, match.end(1), match.end())
        ]


def prepare_flowchart(source: Source) -> None:
    """Apply the preprocessing of Mermaid's flowchart parser: mark entity codes, remove white space after braces."""
    for keyword in _STYLE_KEYWORDS:
        source.replace([(end, end + 1, "") for end in _semicolons_of_colors(source.text, keyword)])
    source.edit(_ENTITY, lambda match: f"{HASH}{match.group()[1:-1]}{SEMICOLON}")
    source.text += "\n"
    source.edit(_SPACE_AFTER_BRACE, lambda _: "}\n")


def require_flowchart(source: Source) -> tuple[Diagnostic, int | None] | None:
    """Check that the text is a flowchart. Return an error if its keyword is misspelled or missing.

    The error comes with the offset where the statements begin, or None if the keyword has been corrected because only
    its case was wrong. Raises `OtherTypeError` for Mermaid's other types, and `DiagramError` (empty-diagram,
    mermaid-syntax) if the text does not look like a flowchart.
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
    other_types: dict[str, str] = data.load("sources.mermaid", "diagram_types.yaml")
    if keyword in other_types:
        message = (
            f"this is {other_types[keyword]} ('{keyword}'), which diagramkit does not draw; "
            f"flowcharts start with 'flowchart' or 'graph', architecture diagrams with '{ARCHITECTURE}'"
        )
        if keyword.startswith("C4"):
            message += f"; write 'flowchart TB' instead of '{keyword}' to make nodes and edges of its macros"
        raise OtherTypeError(diagnostic_at(source, "unsupported-diagram", message, start, len(keyword)))
    similar = most_similar(keyword, [*FLOWCHARTS, ARCHITECTURE, *other_types]) if keyword else None
    hint = f"write '{similar}'" if similar else "start with a line such as 'flowchart LR'"
    fence = _FENCE.match(text, start)
    shown = fence[0] if fence else keyword or text[start : start + 1]
    message = f"'{shown}' is not a Mermaid diagram type; {hint}"
    if fence:
        message = "this line belongs to a Markdown fence, not to the diagram; remove it"
    if _FILE_NAME.fullmatch(text, start):
        message = "this is the name of a file, not Mermaid; put the text of the file here"
    problem = diagnostic_at(source, "mermaid-syntax", message, start, len(shown))
    if similar is None and _LINK.search(source.line_at(start)):
        return problem, start
    if similar not in FLOWCHARTS:
        raise DiagramError(problem)
    if keyword.lower() != similar:
        return problem, source.line_end(start)
    source.text = text[:start] + similar + text[start + len(keyword) :]
    return problem, None


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
