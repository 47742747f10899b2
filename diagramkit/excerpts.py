"""The line that a problem is about, with a caret below its place."""

from __future__ import annotations

import unicodedata

from diagramkit.diagnostics import Diagnostic, Excerpt

_WIDEST = 100


def excerpt(problem: Diagnostic) -> list[str]:
    """The line that the problem is about and a caret below it; nothing where it is not known."""
    shown = problem.excerpt
    if shown is None:
        return []
    number = str(problem.span.line)
    line, before = _window(shown)
    pad = "".join("\t" if char == "\t" else " " * _cells(char) for char in before)
    carets = "^" * sum(map(_cells, line[len(before) : len(before) + shown.width]))
    return [f" {number} | {line}", f" {' ' * len(number)} | {pad}{carets or '^'}"]


def _window(shown: Excerpt) -> tuple[str, str]:
    """The line, or as much of a long one as fits, and what stands in it before the place."""
    line, column = shown.line.rstrip(), shown.column - 1
    cut = max(0, column - _WIDEST // 2) if len(line) > _WIDEST else 0
    lead = "…" if cut else ""
    tail = "…" if len(line) > cut + _WIDEST else ""
    line = "".join(char if char.isprintable() or char == "\t" else "·" for char in line)
    return lead + line[cut : cut + _WIDEST] + tail, lead + line[cut:column]


def _cells(char: str) -> int:
    """How many columns of a terminal a character takes."""
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
