"""Apply the fixes of diagnostics to the text of a file (`check --fix`)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from diagramkit.diagnostics import Diagnostic, Fix

_LINE = re.compile(r"[^\n]*\n|[^\n]+\Z|\Z")


def apply_fixes(text: str, problems: Iterable[Diagnostic]) -> tuple[str, tuple[Diagnostic, ...]]:
    """Return the text with the fixes of `problems` applied, and the problems that were fixed.

    A fix is skipped if its old text is not at its position (in a folded YAML scalar, for example) or if an
    earlier fix changed the same line.
    """
    lines = [match.group() for match in _LINE.finditer(text)]
    fixed: dict[int, Diagnostic] = {}  # By line number.
    for problem in problems:
        fix = problem.fix
        if fix is None or fix.span.line in fixed or fix.span.line > len(lines):
            continue
        new_line = _apply_to_line(lines[fix.span.line - 1], fix)
        if new_line is not None:
            lines[fix.span.line - 1] = new_line
            fixed[fix.span.line] = problem
    return "".join(lines), tuple(fixed.values())


def _apply_to_line(line: str, fix: Fix) -> str | None:
    """Return the line with the fix applied, or None if its old text is not there."""
    body = line.rstrip("\r\n")
    start = fix.span.column - 1
    if start > len(body) or not body.startswith(fix.old, start):
        return None
    line_end = "\r\n" if line.endswith("\r\n") else "\n"
    new = fix.new.replace("\n", line_end + body[: fix.margin])
    return body[:start] + new + body[start + len(fix.old) :] + line[len(body) :]
