"""The Python API as a user meets it: what it refuses, and how it says so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import diagrams
import pytest

import diagramkit
from diagramkit.diagnostics import DiagramError, Span
from diagramkit.layout import engine
from diagramkit.layout.engine import Engine

MERMAID = "graph LR\n  A[ALB] --> B[Lambda]\n"
TWO = f"```mermaid\n{MERMAID}```\n\n```mermaid\n{MERMAID}```\n"


@pytest.mark.parametrize(
    ("wish", "error", "told"),
    [
        ({"theme": "solarized"}, ValueError, "theme must be one of"),
        ({"scale": 0}, ValueError, "scale must lie between"),
        ({"canvas": "huge"}, ValueError, "huge"),
        ({"colour": "red"}, TypeError, "colour"),
    ],
)
def test_a_wrong_wish_is_an_error_that_names_it(wish: dict[str, Any], error: type[Exception], told: str) -> None:
    Path("a.mmd").write_text(MERMAID, "utf-8")
    with pytest.raises(error, match=told):
        diagramkit.load("a.mmd").render("svg", **wish)


def test_one_diagram_is_one_and_several_are_asked_for_as_several() -> None:
    Path("a.md").write_text(TWO, "utf-8")
    with pytest.raises(DiagramError, match="there are 2 diagrams here, not one; use load_all"):
        diagramkit.load("a.md")
    assert len(diagramkit.load_all("a.md")) == 2


def test_every_mistake_in_a_folder_is_told_at_once() -> None:
    Path("a.mmd").write_text("graph LR\n  A -> B\n", "utf-8")
    Path("b.mmd").write_text("graph LR\n  A[x) --> B\n", "utf-8")
    Path("c.mmd").write_text(MERMAID, "utf-8")
    with pytest.raises(DiagramError) as caught:
        diagramkit.load_all(".")
    assert {Path(problem.span.file).name for problem in caught.value.problems} == {"a.mmd", "b.mmd"}


GROUPED = """graph LR
  A[ALB] -->|POST| B
  subgraph vpc[VPC]
    B[Lambda] --> C[(Something of ours)]
  end
  A -.-> vpc
"""


def test_a_diagram_is_one_of_diagrams_too(tmp_path: Path) -> None:
    Path("a.mmd").write_text(GROUPED, "utf-8")
    with diagrams_context() as around:
        made = diagramkit.load("a.mmd").to_diagrams()
        assert diagrams.getdiagram() is around
    assert isinstance(made, diagrams.Diagram)
    source = made.dot.source
    icons = [Path(one) for one in re.findall(r'image="([^"]*)"', source)]
    assert [one.name for one in icons] == [
        "elb-application-load-balancer.png",
        "lambda.png",
        "generic-database.png",
    ]
    assert all(one.is_file() for one in icons)
    for label in ("ALB", "Lambda", "Something of ours", "VPC", "POST"):
        assert re.search(rf'label="?{label}"?[ \n]', source), label
    assert "rankdir=LR" in source
    assert "lhead=cluster_VPC" in source
    assert source.count("->") == 3
    assert [one.name for one in tmp_path.iterdir()] == ["a.mmd"]  # Nothing is drawn.
    made = engine.layout(re.sub(r'image="[^"]*"', 'image=""', source), Engine("wasm"), Span("a.mmd"))
    assert set(made.nodes) == {"n0", "n1", "n2"}


@contextmanager
def diagrams_context() -> Iterator[Any]:
    """A Diagram of the user's own, which they are making."""
    around = diagrams.Diagram("around", show=False)
    diagrams.setdiagram(around)
    try:
        yield around
    finally:
        diagrams.setdiagram(None)


def test_a_diagram_says_what_it_is() -> None:
    Path("a.mmd").write_text(MERMAID, "utf-8")
    assert repr(diagramkit.load("a.mmd")) == "<Diagram 'a': 2 nodes, 1 edges>"
