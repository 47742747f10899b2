"""Inputs that fuzzers found, and generated sources: each is read consistently, or its problems are reported."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from random import Random
from types import ModuleType
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings

from checks.fuzz import agents, edits, holds, packs, seeds, templates, words
from diagramkit import pipeline
from diagramkit.diagnostics import DiagramError, Span
from diagramkit.graph import Pattern
from diagramkit.options import Options
from diagramkit.sources.mermaid.read import parse
from diagramkit.sources.mermaid.source_text import Origin
from diagramkit.writers import svg
from tests.robustness import strategies
from tests.support import faults
from tests.support.project import CATALOG, DATA, ROOT

pytestmark = pytest.mark.slow

REGRESSIONS = sorted((DATA / "found").glob("*/*"))


@pytest.mark.parametrize("path", REGRESSIONS, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_an_input_that_a_fuzzer_found_stays_fixed(path: Path) -> None:
    holds.TARGETS[path.parent.name](path.read_bytes())


def test_the_sources_of_this_project_pass_all_checks() -> None:
    for path in (ROOT / "specs").rglob("*.yaml"):
        holds.yaml(path.read_bytes())
    for path in (ROOT / "output").rglob("*.mmd"):
        holds.mermaid(path.read_bytes())
    for path in (CATALOG, ROOT / "README.md"):
        holds.markdown(path.read_bytes())
        holds.pages(path.read_bytes())


@given(strategies.mermaid())
@settings(max_examples=150)
def test_any_mermaid_is_a_graph_or_has_problems(text: str) -> None:
    holds.mermaid(text.encode())


def test_mermaid_keywords_in_any_position_are_read_and_written_again() -> None:
    for seed in range(700):
        for make, check in ((words.flowchart, holds.mermaid), (words.spec, holds.yaml)):
            source = make(Random(seed))
            try:
                check(source.encode())
            except Exception as error:
                raise AssertionError(f"seed {seed}: {source!a}") from error


def test_flowcharts_of_mermaid_keywords_are_drawn_without_faults() -> None:
    drawn_count = 0
    for seed in range(300):
        try:
            graph = parse(words.flowchart(Random(seed)), Origin("f.mmd"))
            picture = pipeline.draw(Pattern(graph, "p", "", "P", "", Span("f.mmd")), Options())
        except DiagramError:
            continue
        drawn_count += 1
        assert faults.find_faults(picture) == [], seed
        ElementTree.fromstring(svg.write(picture))
    assert drawn_count > 100


@given(strategies.specs())
@settings(max_examples=150)
def test_any_spec_is_a_pattern_or_has_problems(text: str) -> None:
    holds.yaml(text.encode())


@given(strategies.documents())
@settings(max_examples=80)
def test_any_document_is_embedded_and_read(text: str) -> None:
    holds.markdown(text.encode())
    holds.pages(text.encode())


@given(strategies.catalogs())
@settings(max_examples=40)
def test_any_catalog_is_patterns_or_has_problems(text: str) -> None:
    holds.pages(text.encode())


@given(strategies.icons())
@settings(max_examples=150)
def test_any_icon_is_cleaned_or_rejected(text: str) -> None:
    holds.icon(text.encode())


@pytest.mark.parametrize("fuzzer", [edits, packs, templates, agents], ids=lambda fuzzer: fuzzer.__name__)
def test_random_input_is_refused_or_does_what_it_should(fuzzer: ModuleType) -> None:
    check_seed: Callable[[int], None] = fuzzer.check_seed
    for seed in range(1, 150):
        check_seed(seed)


def test_a_fuzzer_checks_the_seeds_of_its_command_line_and_fails_after_a_finding(
    capsys: pytest.CaptureFixture[str],
) -> None:
    checked: list[int] = []

    def check_seed(seed: int) -> list[str]:
        checked.append(seed)
        if seed == 6:
            error = AssertionError("six")
            error.add_note("its source")
            raise error
        return ["odd"] * (seed % 2)

    assert seeds.main(check_seed, "numbers", ["4", "7"]) == 0
    assert checked == [7, 8, 9, 10]
    assert re.match(r"odd: 2\n4 numbers, 0 findings; ", capsys.readouterr().out)
    assert seeds.main(check_seed, "numbers", ["3", "5"]) == 1
    assert re.match(r"seed 6: AssertionError: six \(.*\)\nits source\nodd: 2\n3 numbers, 1 f", capsys.readouterr().out)
    checked.clear()
    assert seeds.main(check_seed, "numbers", ["--seconds", "0.2"]) == 1
    assert checked == [*range(len(checked))]
    assert len(checked) > 6
