"""Figures in the documents are those of the code and of the files that they are about."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest

from diagramkit import compile as compiling
from diagramkit import pipeline, sources
from diagramkit.icons import catalog, resolver
from diagramkit.layout import compose
from diagramkit.options import Options
from diagramkit.sources.limits import Limits
from diagramkit.writers.display_list import display_list
from tests.support.project import ROOT

EXAMPLE = "specs/microservices-patterns/ecs-microservices.yaml"
_VALUE = r"(?:'[^']*'|-?[\d.]+|None|\([\d., ()]+\)|[A-Z]\w*\((?:\w+=[\d.]+(?:, )?)+\))"
_FIELD = re.compile(rf"\b\w+={_VALUE}|'\w+': {_VALUE}")


def document(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def objects(monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    """Yield the objects that each step of the pipeline makes for the example of `docs/how-it-works.md`."""
    (pattern,) = sources.load(sources.find([str(ROOT / EXAMPLE)])[0]).patterns
    yield from (*pattern.graph.nodes, *pattern.graph.edges, *pattern.graph.groups)
    yield from resolver.resolve(pattern, catalog.catalog_of(pattern, Options())).values()
    made: list[Any] = []
    for owner, name in ((compiling, "layout_input"), (compose, "compute_layout")):
        original = getattr(owner, name)

        def wrapper(*arguments: Any, original: Any = original) -> Any:
            made.append(original(*arguments))
            return made[-1]

        monkeypatch.setattr(owner, name, wrapper)
    drawing = pipeline.draw(pattern, Options())
    layout_input, layout = made
    yield from (*layout_input.nodes, *layout_input.groups, *layout_input.edges, layout)
    yield from (*drawing.nodes, *drawing.edges, *display_list(drawing))


def test_the_data_after_each_step_is_as_how_it_works_shows_it(monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = "\n".join(re.findall(r"^```\w*\n(.*?)^```$", document("docs/how-it-works.md"), re.S | re.M))
    examples = re.findall(r"^(?:[A-Z]  )?([A-Z]\w+\(.*(?:\n .*)*)", blocks, re.M)
    assert len(examples) == 12
    actual = [
        re.sub(r"\d+\.\d+", lambda match: f"{round(float(match[0]), 3)}", repr(item)) for item in objects(monkeypatch)
    ]
    for example in examples:
        kind = example[: example.index("(") + 1]
        fields = _FIELD.findall(example)
        assert len(fields) >= 2, example
        assert any(text.startswith(kind) and all(field in text for field in fields) for text in actual), example


def test_the_comparison_counts_the_lines_of_its_sources() -> None:
    text = document("docs/comparison.md")
    counts = re.findall(r"\((comparison/[\w-]+\.\w+)\)\s+\((\d+) lines\)", text)
    counts += [(path, count) for count, path in re.findall(r"(\d+) lines in \[\w+\]\((comparison/[\w.-]+)\)", text)]
    assert len(counts) == 6
    for path, count in counts:
        assert len(document(f"docs/{path}").splitlines()) == int(count), path


def test_the_documented_limits_are_the_defaults() -> None:
    limits, text = Limits(), document("docs/security.md")
    units = {"bytes": " MB", "pixels": " million pixels"}
    for name in Limits.__struct_fields__:
        value = getattr(limits, name)
        figure = f"{value // 1_000_000}{units[name]}" if name in units else f"{value:,}"
        assert re.search(rf"\b{figure}\b[^(]*\(`{name}`\)", text), name


def test_the_documented_coverage_is_the_required_one() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        required = tomllib.load(file)["tool"]["coverage"]["report"]["fail_under"]
    assert f"less than {required}% of statements and branches" in document("docs/security.md")
