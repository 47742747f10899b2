"""Sources and how they are read: the exact diagnostics with their fixes, or the exact graph.

The cases are in `data/readings.yaml`.
"""

from __future__ import annotations

from typing import TypedDict

import pytest
import yaml
from msgspec.structs import asdict

from diagramkit.diagnostics import DiagramError
from diagramkit.sources import readers, spec
from diagramkit.sources.mermaid.write import to_mermaid
from tests.support.project import DATA


class Case(TypedDict):
    """A source, and the lines that `reading` must return for it (`expected`)."""

    file: str
    text: str
    expected: list[str]


CASES: list[Case] = yaml.safe_load((DATA / "readings.yaml").read_text("utf-8"))


def reading(file: str, text: str) -> list[str]:
    """Return the diagnostics of a source with their fixes or, if it is valid, its properties and its Mermaid text."""
    read = spec.read if file.endswith(".yaml") else readers.pattern_from_text
    try:
        pattern = read(text, file)
    except DiagramError as error:
        fixes = [
            f" => {problem.fix.span.line}:{problem.fix.span.column} {problem.fix.old!r} {problem.fix.new!r}"
            if problem.fix
            else ""
            for problem in error.problems
        ]
        return [f"{problem}{fix}" for problem, fix in zip(error.problems, fixes, strict=True)]
    graph = pattern.graph
    graph_properties = (graph.direction, graph.title, graph.description, graph.accessible_title)
    lines = [*map(str, graph.warnings), f"reads: {graph_properties!r}"]
    if file.endswith(".yaml"):
        icons = tuple((name, icon, str(span)) for name, icon, span in pattern.icons)
        pattern_properties = (
            pattern.title,
            pattern.name,
            pattern.folder,
            pattern.category,
            pattern.provider,
            pattern.components,
            pattern.best_practices,
            icons,
            {name: value for name, value in asdict(pattern.options).items() if value is not None},
        )
        lines.append(f"pattern: {pattern_properties!r}")
    return [*lines, *to_mermaid(graph).splitlines()[1:]]


@pytest.mark.parametrize("case", CASES, ids=lambda case: repr(case["text"])[:50])
def test_a_source_is_read_exactly_as_recorded(case: Case) -> None:
    assert reading(case["file"], case["text"]) == case["expected"]
