"""Completes the problems of a spec or theme: their source lines, and fixes that are verified by reading the result."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from msgspec.structs import replace

from diagramkit.diagnostics import Diagnostic, Excerpt, Fix
from diagramkit.sources import fixes

_MAX_CANDIDATES = 10
_TOKEN = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"\\]|\\.)*\"|[^\s:,\[\]{}#]+")
_ENTRY = re.compile(r"(?P<key>\s*(?:- +)*[\w.-]+:[ \t]+)(?P<value>[^\s'\"|>\[{&*!#].*?)(?P<end>\s+#.*|\s*)")
_OPEN_QUOTE = re.compile(r"\s*(?:- +)*[\w.-]+:[ \t]+(?P<quote>['\"])(?P<text>[^'\"]*)")


def completed(
    text: str, problems: Sequence[Diagnostic], problems_of: Callable[[str], Sequence[Diagnostic]]
) -> tuple[Diagnostic, ...]:
    """Return the problems of a YAML text with the source line of each, and with fixes that are verified.

    `problems_of` returns the problems of a text. The fixes of Mermaid in the text are verified already.
    """
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    count = len(problems)
    result = []
    for number, problem in enumerate(_with_excerpts(lines, problems)):
        if number < _MAX_CANDIDATES and problem.code in ("unknown-key", "yaml-syntax"):
            candidates = [problem.fix] if problem.fix else list(islice(_candidates(lines, problem), _MAX_CANDIDATES))
            fix = next((fix for fix in candidates if _resolves(text, problem, fix, count, problems_of)), None)
            problem = replace(problem, fix=fix)  # noqa: PLW2901 - the same problem with its fix
        result.append(problem)
    return tuple(result)


def _with_excerpts(lines: Sequence[str], problems: Sequence[Diagnostic]) -> Iterator[Diagnostic]:
    """Yield the problems of a YAML text with the source line of each; `lines` are those of the text."""
    for problem in problems:
        span = problem.span
        if problem.excerpt is not None or span.line > len(lines) or not lines[span.line - 1].strip():
            yield problem
            continue
        line = lines[span.line - 1]
        token = _TOKEN.match(line, span.column - 1)
        yield replace(problem, excerpt=Excerpt(line, span.column, len(token.group()) if token else 1))


def _candidates(lines: Sequence[str], problem: Diagnostic) -> Iterator[Fix]:
    """Yield the candidates for a syntax error: tabs, a value with `: ` without quotes, and a quote without an end.

    The latter may be far above the error.
    """
    for number, line in enumerate(lines[: problem.span.line], 1):
        span = replace(problem.span, line=number, column=1)
        if match := _OPEN_QUOTE.fullmatch(line.rstrip()):
            yield Fix(replace(span, column=match.end() + 1), "", match["quote"])
        if number < problem.span.line - 1:
            continue
        indent = line[: len(line) - len(line.lstrip())]
        if "\t" in indent:
            yield from (Fix(span, indent, indent.replace("\t", " " * width)) for width in (2, 4, 8))
        if (match := _ENTRY.fullmatch(line)) and re.search(r":(?:\s|$)| #", match["value"]):
            quoted = '"' + match["value"].replace("\\", "\\\\").replace('"', '\\"') + '"'
            yield Fix(replace(span, column=match.start("value") + 1), match["value"], quoted)


def _resolves(
    text: str, problem: Diagnostic, fix: Fix, count: int, problems_of: Callable[[str], Sequence[Diagnostic]]
) -> bool:
    """Return whether a fix resolves a problem: a syntax error moves to a later line, or there are fewer problems."""
    new_text, applied = fixes.apply_fixes(text, [replace(problem, fix=fix)])
    if not applied:
        return False
    remaining = problems_of(new_text)
    if problem.code == "yaml-syntax":
        return all(other.code != "yaml-syntax" or other.span.line > problem.span.line for other in remaining)
    return len(remaining) < count
