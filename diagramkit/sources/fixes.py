"""Apply the fixes of diagnostics to the text of a file (`check --fix`)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from msgspec import Struct

from diagramkit.diagnostics import Diagnostic, Fix

_LINE = re.compile(r"[^\n]*\n|[^\n]+\Z|\Z")
_MAX_ROUNDS = 100


class FixedText(Struct, frozen=True):
    """A text after fixes, the problems that were fixed, and those that remain."""

    text: str
    fixed: tuple[Diagnostic, ...]
    remaining: tuple[Diagnostic, ...]


def fix(text: str, problems_of: Callable[[str], tuple[Diagnostic, ...]]) -> FixedText:
    """Apply fixes until no more can be applied, and return the text with the fewest problems on the way.

    `problems_of` returns the problems of a text. A fix can reveal the next problem, so there are several rounds. The
    text is returned unchanged if they do not reduce the number of its errors, or of its warnings that have a fix.
    Errors of syntax count more than all others, which they hide.
    """
    current = best = FixedText(text, (), problems_of(text))
    for _ in range(_MAX_ROUNDS):
        new_text, fixed = apply_fixes(current.text, current.remaining)
        if not fixed:
            break
        current = FixedText(new_text, (*current.fixed, *fixed), problems_of(new_text))
        if badness(current.remaining) < badness(best.remaining):
            best = current
    return best


_HIDING = ("mermaid-fence", "yaml-syntax")
"""The errors that hide others: what they are in is not read."""


def badness(problems: Sequence[Diagnostic]) -> tuple[int, int, int]:
    """Return the number of errors that hide others, then that of all errors, then that of warnings with a fix."""
    hiding = sum(problem.severity == "error" and problem.code in _HIDING for problem in problems)
    warnings = sum(problem.severity == "warning" and problem.fix is not None for problem in problems)
    return hiding, sum(problem.severity == "error" for problem in problems), warnings


def apply_fixes(text: str, problems: Iterable[Diagnostic]) -> tuple[str, tuple[Diagnostic, ...]]:
    """Return the text with the fixes of `problems` applied, and the problems that were fixed, in the order of the text.

    A fix is skipped if its old text is not at its position (in a folded YAML scalar, for example) or if it overlaps
    an earlier one. Two fixes that insert text at the same position overlap. A line of which nothing is left is removed
    with its line end.
    """
    lines = [match.group() for match in _LINE.finditer(text)]
    accepted: dict[int, list[tuple[Fix, Diagnostic]]] = {}  # By line number.
    for problem in problems:
        if (fix := problem.fix) and _is_in_text(lines, fix):
            on_line = accepted.setdefault(fix.span.line, [])
            if not any(_overlap(fix, other) for other, _ in on_line):
                on_line.append((fix, problem))
    fixed: list[Diagnostic] = []
    for number in sorted(accepted):
        in_order = sorted(accepted[number], key=lambda row: row[0].span.column)
        for fix, _ in reversed(in_order):  # From the end, so that the columns of the others stay correct.
            lines[number - 1] = _apply_to_line(lines[number - 1], fix)
        fixed += (problem for _, problem in in_order)
    return "".join(lines), tuple(fixed)


def _is_in_text(lines: list[str], fix: Fix) -> bool:
    """Return whether the text that a fix replaces is at its position."""
    if fix.span.line > len(lines):
        return False
    body, start = lines[fix.span.line - 1].rstrip("\r\n"), fix.span.column - 1
    return start <= len(body) and body.startswith(fix.old, start)


def _overlap(fix: Fix, other: Fix) -> bool:
    """Return whether two fixes of a line replace the same text or begin at the same position."""
    first, second = sorted((fix, other), key=lambda one: one.span.column)
    return first.span.column == second.span.column or first.span.column + len(first.old) > second.span.column


def _apply_to_line(line: str, fix: Fix) -> str:
    """Return a line with a fix applied."""
    body, start = line.rstrip("\r\n"), fix.span.column - 1
    before, after = body[:start], body[start + len(fix.old) :]
    if not fix.new and not before[fix.margin :].strip() and not after.strip():
        return ""
    line_end = "\r\n" if line.endswith("\r\n") else "\n"
    return before + fix.new.replace("\n", line_end + body[: fix.margin]) + after + line[len(body) :]
