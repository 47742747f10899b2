"""Loading the diagrams in the sources of a command."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from diagramkit.diagnostics import DiagramError, Span, fail

if TYPE_CHECKING:
    from diagramkit.graph import Pattern


def load_inputs(source_paths: list[str]) -> list[Pattern]:
    """Return all diagrams in the sources, and report warnings about them.

    Raises `DiagramError`, also if there are none (no-diagram).
    """
    from diagramkit import sources
    from diagramkit.cli import console

    patterns: list[Pattern] = []
    for file in sources.find(source_paths):
        loaded = sources.load(file)
        console.report(loaded.warnings)
        patterns += loaded.patterns
    if not patterns:
        raise no_diagram_error(source_paths[0])
    return patterns


def no_diagram_error(path: str) -> DiagramError:
    """Return the error about a source that contains no diagram, for the caller to raise."""
    return fail("no-diagram", "there is no diagram here; add a Mermaid fence", Span(path))


def load_single(
    source_paths: list[str], parser: argparse.ArgumentParser, hint: str = "name a source with one diagram"
) -> Pattern:
    """Return the only diagram in the sources. Exit with a usage error if there are several. Raises `DiagramError`."""
    patterns = load_inputs(source_paths)
    if len(patterns) != 1:
        subject = f"'{source_paths[0]}' contains" if len(source_paths) == 1 else "the sources contain"
        parser.error(f"{subject} {len(patterns)} diagrams; {hint}")
    return patterns[0]
