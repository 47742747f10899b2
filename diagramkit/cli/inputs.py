"""The diagrams that a command is given."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from diagramkit.diagnostics import DiagramError, Span, fail

if TYPE_CHECKING:
    from diagramkit.graph import Pattern


def load_inputs(given: list[str]) -> list[Pattern]:
    """Every diagram in the sources. Raises `DiagramError`, also where there is none (no-diagram)."""
    from diagramkit import sources

    found = [one for file in sources.find(given) for one in sources.load(file).patterns]
    if not found:
        raise none(given[0])
    return found


def none(path: str) -> DiagramError:
    """What to say of a source in which nothing can be drawn."""
    return fail("no-diagram", "there is no diagram here; add a Mermaid fence", Span(path))


def only(given: list[str], parser: argparse.ArgumentParser, hint: str = "name one") -> Pattern:
    """The one diagram in the sources; several are a wrong usage. Raises `DiagramError`."""
    found = load_inputs(given)
    if len(found) != 1:
        named = f"'{given[0]}' holds" if len(given) == 1 else "the sources hold"
        parser.error(f"{named} {len(found)} diagrams; {hint}")
    return found[0]
