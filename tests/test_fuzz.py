"""What the fuzzers found, and Hypothesis' own sources: whatever is read holds together, or is told."""

from __future__ import annotations

from pathlib import Path
from random import Random
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings

from diagramkit import pipeline
from diagramkit.diagnostics import DiagramError, Span
from diagramkit.graph import Pattern
from diagramkit.layout import faults
from diagramkit.pipeline import Options
from diagramkit.sources.mermaid.read import parse
from diagramkit.sources.mermaid.source_text import Origin
from diagramkit.writers import svg
from tests.conftest import CATALOGUE, ROOT
from tests.fuzz import holds, strategies, words

FOUND = sorted((ROOT / "tests" / "fuzz" / "found").glob("*/*"))


@pytest.mark.parametrize("path", FOUND, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_what_was_found_once_stays_mended(path: Path) -> None:
    holds.TARGETS[path.parent.name](path.read_bytes())


def test_each_reader_takes_what_the_project_holds() -> None:
    for path in (ROOT / "specs").rglob("*.yaml"):
        holds.yaml(path.read_bytes())
    for path in (ROOT / "output").rglob("*.mmd"):
        holds.mermaid(path.read_bytes())
    for path in (CATALOGUE, ROOT / "README.md"):
        holds.markdown(path.read_bytes())
        holds.pages(path.read_bytes())


@given(strategies.mermaid())
@settings(max_examples=150)
def test_any_mermaid_is_a_graph_or_told(text: str) -> None:
    holds.mermaid(text.encode())


def test_mermaids_own_words_in_any_place_are_read_and_tidied() -> None:
    for seed in range(700):
        for made, holding in ((words.flowchart, holds.mermaid), (words.spec, holds.yaml)):
            source = made(Random(seed))
            try:
                holding(source.encode())
            except Exception as error:
                raise AssertionError(f"seed {seed}: {source!a}") from error


def test_whatever_is_read_of_such_words_is_drawn_without_a_fault() -> None:
    drawn = 0
    for seed in range(300):
        try:
            graph = parse(words.flowchart(Random(seed)), Origin("f.mmd"))
            picture = pipeline.draw(Pattern(graph, "p", "", "P", "", Span("f.mmd")), Options())
        except DiagramError:
            continue
        drawn += 1
        assert faults.find_faults(picture) == [], seed
        ElementTree.fromstring(svg.write(picture))
    assert drawn > 100


@given(strategies.specs())
@settings(max_examples=150)
def test_any_spec_is_a_pattern_or_told(text: str) -> None:
    holds.yaml(text.encode())


@given(strategies.documents())
@settings(max_examples=80)
def test_any_document_is_embedded_and_read(text: str) -> None:
    holds.markdown(text.encode())
    holds.pages(text.encode())


@given(strategies.catalogues())
@settings(max_examples=40)
def test_any_catalogue_is_patterns_or_told(text: str) -> None:
    holds.pages(text.encode())


@given(strategies.icons())
@settings(max_examples=150)
def test_any_icon_is_clean_or_refused(text: str) -> None:
    holds.icon(text.encode())
