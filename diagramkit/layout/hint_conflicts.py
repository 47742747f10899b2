"""Explain which layout hints a layout does not honor, and which others they conflict with."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from diagramkit.diagnostics import Diagnostic
from diagramkit.graph import Hint

_MAX_LAYOUTS = 40
"""How many layouts are computed to find the hints that conflict."""

Violations = Callable[[tuple[Hint, ...]], tuple[int, ...]]
"""Lays out the graph with other hints, and returns the indexes of those that do not hold."""


def explain(hints: tuple[Hint, ...], violated: tuple[int, ...], violations: Violations) -> Iterator[Diagnostic]:
    """Yield a warning for each hint that does not hold, at its place.

    `hints` are those of the graph, and `violated` the indexes of those that the layout with all of them violates. Each
    of these is tried alone and together with each other one, so the warning names the hint that it conflicts with.
    """
    remaining = _MAX_LAYOUTS
    reported: set[frozenset[Hint]] = set()
    for hint in (hints[index] for index in violated):
        remaining -= 1
        if remaining < 0 or violations((hint,)):
            yield _warning(
                hint, "does not fit the groups, edges and sides of the diagram; remove it or change what it names"
            )
            continue
        conflicting = None
        for other in hints:
            if other is not hint and remaining > 0:
                remaining -= 1
                if violations((other, hint)):
                    conflicting = other
                    break
        if conflicting is None:
            yield _warning(hint, "cannot be honored together with the other hints; remove one of them")
        elif frozenset((hint, conflicting)) not in reported:
            reported.add(frozenset((hint, conflicting)))
            yield _warning(
                hint, f"conflicts with '{describe(conflicting)}' in line {conflicting.span.line}; remove one of them"
            )


def not_supported(hint: Hint, engine: str) -> Diagnostic:
    """Return the warning that a layout engine places nodes without regard to hints."""
    return Diagnostic(
        "unmet-hint", f"the layout engine '{engine}' does not honor layout hints; use 'layered'", hint.span, "warning"
    )


def describe(hint: Hint) -> str:
    """Return a hint as a Mermaid comment has it."""
    names = ", ".join(hint.members)
    return " ".join((hint.kind, names, *map(str, hint.values)))


def _warning(hint: Hint, reason: str) -> Diagnostic:
    return Diagnostic("unmet-hint", f"the layout hint '{describe(hint)}' {reason}", hint.span, "warning")
