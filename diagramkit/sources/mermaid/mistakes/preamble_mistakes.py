"""Front matter and directives without an end, which hide the diagram behind them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from diagramkit.sources.mermaid.preamble import ARCHITECTURE, FLOWCHARTS

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
