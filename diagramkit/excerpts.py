"""Excerpts: the source line of a diagnostic, with carets below the marked part."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from msgspec.structs import replace

from diagramkit.diagnostics import Diagnostic, Excerpt, printable

_MAX_WIDTH = 100
"""Characters of a source line that are shown."""
_WORD = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'|[^\s:,{}\[\]]+")


def excerpt(problem: Diagnostic) -> list[str]:
    """Return the source line of a diagnostic and a line of carets, or nothing if the source line is unknown."""
    source = problem.excerpt
    if source is None:
        return []
    number = str(problem.span.line)
    before, marked, after = map(_visible, _window(source))
    pad = "".join("\t" if char == "\t" else " " * _cells(char) for char in before)
    carets = "^" * sum(map(_cells, marked))
    return [f" {number} | {before}{marked}{after}", f" {' ' * len(number)} | {pad}{carets or '^'}"]


def with_excerpts(problems: Iterable[Diagnostic], text: str) -> list[Diagnostic]:
    """Return problems in a file with this text; each without an excerpt gets its line, with the word there marked."""
    lines = text.split("\n")
    return [_with_excerpt(problem, lines) for problem in problems]


def _with_excerpt(problem: Diagnostic, lines: list[str]) -> Diagnostic:
    span = problem.span
    if problem.excerpt or span.line > len(lines) or not lines[span.line - 1].strip():
        return problem
    line = lines[span.line - 1].rstrip("\r")
    word = _WORD.match(line, span.column - 1)
    return replace(problem, excerpt=Excerpt(line, span.column, len(word.group()) if word else 1))


def _window(source: Excerpt) -> tuple[str, str, str]:
    """Return what precedes the marked part of the line, that part, and what follows; shortened if it is too long."""
    line, column = source.line.rstrip(), source.column - 1
    cut = max(0, column - _MAX_WIDTH // 2) if len(line) > _MAX_WIDTH else 0
    lead = "…" if cut else ""
    tail = "…" if len(line) > cut + _MAX_WIDTH else ""
    shown, start = line[cut : cut + _MAX_WIDTH], column - cut
    return lead + shown[:start], shown[start : start + source.width], shown[start + source.width :] + tail


def _visible(text: str) -> str:
    """Return a text with escapes for what cannot be printed, except tabs."""
    return "\t".join(map(printable, text.split("\t")))


def _cells(char: str) -> int:
    """Return the number of terminal columns that a character occupies."""
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
