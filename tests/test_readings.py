"""Sources, and how they are read, word by word: the mistakes with their places and mends, or the graph."""

from __future__ import annotations

from typing import TypedDict

import pytest
import yaml
from msgspec.structs import asdict

from diagramkit import sources
from diagramkit.diagnostics import DiagramError
from diagramkit.sources.mermaid.write import to_mermaid
from tests.conftest import DATA


class Case(TypedDict):
    """A source, and what is told of it."""

    file: str
    text: str
    told: list[str]


CASES: list[Case] = yaml.safe_load((DATA / "readings.yaml").read_text("utf-8"))


def told(file: str, text: str) -> list[str]:
    read = sources.spec_of if file.endswith(".yaml") else sources.of_text
    try:
        pattern = read(text, file)
    except DiagramError as error:
        mends = [
            f" => {p.fix.span.line}:{p.fix.span.column} {p.fix.old!r} {p.fix.new!r}" if p.fix else ""
            for p in error.problems
        ]
        return [f"{problem}{mend}" for problem, mend in zip(error.problems, mends, strict=True)]
    graph = pattern.graph
    said = (graph.direction, graph.title, graph.description, graph.accessible_title)
    lines = [*map(str, graph.warnings), f"reads: {said!r}"]
    if file.endswith(".yaml"):
        icons = tuple((name, icon, str(span)) for name, icon, span in pattern.icons)
        whole = (
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
        lines.append(f"pattern: {whole!r}")
    return [*lines, *to_mermaid(graph).splitlines()[1:]]


@pytest.mark.parametrize("case", CASES, ids=lambda case: repr(case["text"])[:50])
def test_a_source_is_read_word_by_word(case: Case) -> None:
    assert told(case["file"], case["text"]) == case["told"]
