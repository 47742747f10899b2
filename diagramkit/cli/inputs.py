"""Loading the diagrams in the sources of a command."""

from __future__ import annotations

import argparse

from msgspec import Struct

from diagramkit.diagnostics import BAD_INPUT, OK, Diagnostic, DiagramError, Span, fail
from diagramkit.graph import Pattern


class Inputs(Struct, frozen=True):
    """The diagrams in the sources of a command, at least one, and whether other diagrams in them cannot be read."""

    patterns: tuple[Pattern, ...]
    failed: bool = False

    @property
    def exit_code(self) -> int:
        """The exit code of a command that processes all these diagrams."""
        return BAD_INPUT if self.failed else OK


def load_inputs(source_paths: list[str]) -> Inputs:
    """Return all diagrams in the sources that can be read, and report the problems in the others.

    Raises `DiagramError` if there is no diagram that can be read (no-diagram if there is no other error).
    """
    from diagramkit import sources
    from diagramkit.cli import console

    patterns: list[Pattern] = []
    problems: list[Diagnostic] = []
    for file in sources.find(source_paths):
        loaded = sources.load(file)
        patterns += loaded.patterns
        problems += loaded.problems
    failed = any(problem.severity == "error" for problem in problems)
    if not patterns and failed:
        raise DiagramError(problems)
    console.report(problems)
    if not patterns:
        raise fail(
            "no-diagram", "there is no diagram here that can be drawn; name another source", Span(source_paths[0])
        )
    return Inputs(tuple(patterns), failed)


def load_single(
    source_paths: list[str], parser: argparse.ArgumentParser, hint: str = "name a source with one diagram"
) -> Inputs:
    """Return the only diagram in the sources that can be read. Exit with a usage error if there are several.

    Raises `DiagramError` as `load_inputs` does.
    """
    inputs = load_inputs(source_paths)
    if (count := len(inputs.patterns)) != 1:
        subject = f"'{source_paths[0]}' contains" if len(source_paths) == 1 else "the sources contain"
        parser.error(f"{subject} {count} diagrams; {hint}")
    return inputs
