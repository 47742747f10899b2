"""Mends: what a problem says to write, written into the file's text."""

from __future__ import annotations

import re
from collections.abc import Iterable

from diagramkit.diagnostics import Diagnostic, Fix

_LINE = re.compile(r"[^\n]*\n|[^\n]+\Z|\Z")


def apply_fixes(text: str, problems: Iterable[Diagnostic]) -> tuple[str, tuple[Diagnostic, ...]]:
    """The text with the mends of `problems` in it, and the problems whose mend was made.

    A mend whose old text does not stand in its place (a folded YAML scalar, say) is left out,
    as is one that another in the same line comes before.
    """
    lines = [match.group() for match in _LINE.finditer(text)]
    done: dict[int, Diagnostic] = {}
    for problem in problems:
        fix = problem.fix
        if fix is None or fix.span.line in done or fix.span.line > len(lines):
            continue
        mended = _mended(lines[fix.span.line - 1], fix)
        if mended is not None:
            lines[fix.span.line - 1] = mended
            done[fix.span.line] = problem
    return "".join(lines), tuple(done.values())


def _mended(line: str, fix: Fix) -> str | None:
    body = line.rstrip("\r\n")
    start = fix.span.column - 1
    if start > len(body) or not body.startswith(fix.old, start):
        return None
    ending = "\r\n" if line.endswith("\r\n") else "\n"
    new = fix.new.replace("\n", ending + body[: fix.margin])
    return body[:start] + new + body[start + len(fix.old) :] + line[len(body) :]
