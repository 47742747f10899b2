"""Candidates for the correction of the first line of a diagram, and of lines that belong to the document around it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from diagramkit.sources.mermaid.mistakes.line_edit import Edit, TextWords, misspelled
from diagramkit.sources.mermaid.mistakes.line_text import LINK
from diagramkit.sources.mermaid.preamble import ARCHITECTURE, FLOWCHARTS

FENCE = re.compile(
    r"\s*(?:(?:`{2,}|~{3,}|:{3,}|'{3}|\"{3})\s*(?:\{?\.?(?:mermaid|mmd)\}?)?;?|(?:(?:const|let|var)\s+)?\w+\s*=\s*[rf]?(?:`|'{3}|\"{3})|`;?|(?:<[/!]?(?:div|pre|code|mermaid|html|head|body|doctype|diagram|flowchart|graph|output|answer|response|result|artifact|svg)\b[^>]*>\s*)+|<script\b[^>]*>.*</script>|mermaid|@(?:start|end)\w+)\s*",
    re.I,
)
"""A line that begins or ends a Markdown fence with Mermaid, or an element of HTML."""
_AROUND = (
    (re.compile(r"\s*@"), "PlantUML"),
    (re.compile(r"\s*<"), "HTML"),
    (re.compile(r"\s*(?:(?:const|let|var)\s|\w+\s*=|[`'\"]{3};|`;?\s*$|['\"]{3})"), "a program"),
)
"""What a line around a diagram belongs to, by its beginning; else it is a Markdown fence."""


def reason_of_fence(line: str) -> str:
    """Return what is wrong with a line that `FENCE` matches."""
    around = next((name for pattern, name in _AROUND if pattern.match(line)), "a Markdown fence")
    return f"this line belongs to {around}, not to the diagram"


FENCE_AND_HEADER = re.compile(
    r"\s*(?P<fence>(?:`{2,}+|~{3,}+)[ \t]*+(?:(?:mermaid|mmd)[ \t]++)?|(?:mermaid|mmd)[ \t:]++)"
    rf"(?=(?:{'|'.join(FLOWCHARTS)})\b)"
)
"""The beginning of a fence whose diagram starts on the same line."""
_HEADER = re.compile(r"\s*(?P<type>[A-Za-z][\w-]*)(?P<gap>[^\w\n]*)(?P<direction>\w*)(?P<rest>.*)")
_DIRECTIONS = ("TB", "TD", "BT", "LR", "RL")


_SIDES = {"left": "L", "right": "R", "top": "T", "up": "T", "bottom": "B", "down": "B"}
_FROM_SIDE_TO_SIDE = re.compile(
    r"(left|right|top|up|bottom|down)[\s_-]*(?:to[\s_-]*)?(left|right|top|bottom|up|down)", re.I
)
_OTHER_DIRECTIONS = {"horizontal": "LR", "vertical": "TB", "right": "LR", "left": "RL", "down": "TB", "up": "BT"}


def direction_of(words: str) -> str | None:
    """Return the direction that words such as `lr`, `left to right` or `horizontal` mean."""
    if words.upper() in _DIRECTIONS:
        return words.upper()
    match = _FROM_SIDE_TO_SIDE.fullmatch(words)
    sides = _SIDES[match[1].lower()] + _SIDES[match[2].lower()] if match else _OTHER_DIRECTIONS.get(words.lower())
    return sides if sides in _DIRECTIONS else None


_STATEMENT = re.compile(rf"\s*(?:subgraph\b|\w+\s*[\[({{].*|[\w\[({{].*(?:{LINK}|[-=]>).*)")
_TITLE_BEHIND = re.compile(r"\s*+[-:]?\s*+[\"“](?P<title>[^\"“”\n]++)[\"”][\s;]*+")


MISSING = "flowchart TB\n"
"""The line with the type of a diagram that has none."""


def missing(line: str, _: TextWords) -> Iterator[Edit]:
    """A statement of a flowchart in the first line; without a direction, Mermaid draws downwards."""
    if _STATEMENT.match(line) and not FENCE_AND_HEADER.match(line):
        yield Edit(0, 0, MISSING, 3)


def titled(header: str, title: str) -> str:
    """Return the line with the type of a diagram behind front matter with a title."""
    text = title.strip()
    needs_quotes = not re.fullmatch(r"[A-Za-z][\w ,.()/–—-]*", text) or text.lower() in (
        "true",
        "false",
        "yes",
        "no",
        "on",
        "off",
        "null",
    )
    shown = '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"' if needs_quotes else text
    return f"---\ntitle: {shown}\n---\n{header}"


def fences(line: str, _: TextWords) -> Iterator[Edit]:
    """A line that begins or ends a Markdown fence, in a text that is not Markdown."""
    if FENCE.fullmatch(line):
        yield Edit(0, len(line), "", 1, dropped=line, reason=reason_of_fence(line))
    if match := FENCE_AND_HEADER.match(line):
        yield Edit(*match.span("fence"), "", 1, dropped=match["fence"], reason=reason_of_fence(match["fence"]))


_WORDS = re.compile(r"\s*+(?P<type>(?:flow[ \t]+(?:chart|diagram)|architecture[ \t]+(?:beta|diagram))\b)", re.I)
"""The type of a diagram in two words."""
_OTHER_FLOWCHARTS = ("flow", "flowgraph", "flow-chart", "flowdiagram", "flowchart-v2", "diagram", "chart", "digraph")
_OLD_ARCHITECTURES = ("architecture", "architectureDiagram", "architecture-diagram", "arch-beta")


def diagram_types(line: str, _: TextWords) -> Iterator[Edit]:
    """`Flowchart LR`, `flowchat LR`, `graphLR` and `flowchart-LR`."""
    match = _HEADER.fullmatch(line)
    if match is None:
        return
    if words := _WORDS.match(line):
        right = FLOWCHARTS[0] if words["type"].lower().startswith("flow") else ARCHITECTURE
        yield Edit(*words.span("type"), right, 1, dropped=words["type"])
    start, end = match.span("type")
    for known in (*FLOWCHARTS, ARCHITECTURE):
        for right, difference in misspelled(match["type"], (known,)):
            yield Edit(start, end, right, difference, dropped=match["type"])
        for direction in _DIRECTIONS:
            if re.fullmatch(rf"{known}-?{direction}", match["type"]):
                yield Edit(start, end, f"{known} {direction}", 1, dropped=match["type"])
    if match["type"] == ARCHITECTURE and re.fullmatch(r"[\s;:{]*", line[end:]):
        yield Edit(end, len(line), "", 1)
    if match["type"] == ARCHITECTURE and match["direction"] in _DIRECTIONS and not match["rest"].strip(" ;"):
        yield Edit(end, len(line), f"\n%% direction {match['direction']}", 1)  # Its edges have sides instead.
    if match["type"].lower() in _OTHER_FLOWCHARTS and match["direction"] in _DIRECTIONS:
        yield Edit(start, end, FLOWCHARTS[0], 2, dropped=match["type"])
    if match["type"] in _OLD_ARCHITECTURES:
        yield Edit(start, end, ARCHITECTURE, 1, dropped=match["type"])
    if match["gap"].strip() and match["direction"] in _DIRECTIONS:
        yield Edit(*match.span("gap"), " ", 1)


def directions(line: str, _: TextWords) -> Iterator[Edit]:
    """`graph lr`, `graph left to right`, and a statement after the direction."""
    match = _HEADER.fullmatch(line)
    if match is None:
        return
    if match["type"] in FLOWCHARTS and (
        right := direction_of(words := (match["direction"] + match["rest"]).strip(" ;"))
    ):
        yield Edit(match.start("direction"), len(line), right, 2, dropped=words)
    if match["type"] in FLOWCHARTS and re.fullmatch(r"[\s;]*\{\s*", match["rest"]):  # As in Graphviz.
        yield Edit(match.start("rest"), len(line), "", 1)
    rest = match["rest"]
    if match["direction"] in _DIRECTIONS and (title := _TITLE_BEHIND.fullmatch(rest)):
        new = titled(line[: match.start("rest")], title["title"])
        yield Edit(0, len(line), new, 1, dropped=line)
    elif match["direction"] in _DIRECTIONS and rest.strip() and not rest.strip(" :;,.{"):
        yield Edit(match.start("rest"), len(line), "", 1)
    elif match["direction"] in _DIRECTIONS and rest.strip():
        start = match.start("rest")
        yield Edit(start, start + len(rest) - len(rest.lstrip()), "\n    ", 1)
