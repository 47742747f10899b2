"""The Python API as a user meets it: what it refuses, and how it says so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import diagramkit
from diagramkit.problems import DiagramError

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
def test_a_wrong_wish_is_an_error_that_names_it(
    wish: dict[str, Any], error: type[Exception], told: str
) -> None:
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


def test_a_diagram_says_what_it_is() -> None:
    Path("a.mmd").write_text(MERMAID, "utf-8")
    assert repr(diagramkit.load("a.mmd")) == "<Diagram 'a': 2 nodes, 1 edges>"
