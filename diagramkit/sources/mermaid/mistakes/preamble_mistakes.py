"""Where a diagram begins, and front matter and directives without an end, which hide it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from diagramkit.diagnostics import DiagramError
from diagramkit.sources.mermaid import preamble
from diagramkit.sources.mermaid.letters import WHITESPACE
from diagramkit.sources.mermaid.preamble import ARCHITECTURE, FLOWCHARTS
from diagramkit.sources.mermaid.source_text import Origin, Source

_RULE = re.compile(r"\s*-{3,}\s*")
_FIELD = re.compile(r"\s*(?:#.*|[\w-]+\s*:.*|-\s.*)?")
_DIRECTIVE = re.compile(r"\s*%%\{\s*\w+.*")


def without_end(lines: Sequence[str]) -> tuple[int, int, str, str] | None:
    """Return where the end of front matter or of a directive is missing, what to write there, and the message.

    The place is a line and a column, both from 0.
    """
    return _front_matter(lines) or _directive(lines)


def _front_matter(lines: Sequence[str]) -> tuple[int, int, str, str] | None:
    filled = [number for number, line in enumerate(lines) if line.strip()]
    if not filled or not _RULE.fullmatch(lines[filled[0]]):
        return None
    for number in filled[1:]:
        line = lines[number]
        if line.split()[0].rstrip(";") in (*FLOWCHARTS, ARCHITECTURE):
            indent = len(line) - len(line.lstrip())
            return (
                number,
                indent,
                "---\n" + line[:indent],
                "the front matter has no end; write '---' before the diagram",
            )
        if not _FIELD.fullmatch(line):
            return None
    return None


def _directive(lines: Sequence[str]) -> tuple[int, int, str, str] | None:
    for number, line in enumerate(lines):
        if not line.strip():
            continue
        if not _DIRECTIVE.fullmatch(line) or any("}%%" in other for other in lines[number:]):
            return None
        text = line.rstrip()
        missing = text.count("{") - text.count("}")
        if text.endswith(("{", ",", ":")) or missing < 0:
            return None
        end = "}" * missing + "%%"
        if text.endswith("%"):
            end = end.removesuffix("%") if missing == 0 else ""
        return (number, len(text), end, "the directive has no end; write '}%%' behind it") if end else None
    return None


def header_line(lines: Sequence[str]) -> int:
    """Return the line with the type of the diagram: the first one after the front matter that is not a comment."""
    source = Source("\n".join(lines), Origin(""))
    try:
        preamble.clean(source)
    except DiagramError:
        return 0
    offset = len(source.text) - len(source.text.lstrip(WHITESPACE))
    return min(source.span(offset).line - 1, len(lines) - 1)
