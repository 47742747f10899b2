"""The Python API as a user calls it: results, and errors for invalid input."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import diagrams
import pytest

import diagramkit
from diagramkit import pipeline
from diagramkit.diagnostics import DiagramError, Span
from diagramkit.layout import engine
from diagramkit.layout.engine import Engine

MERMAID = "graph LR\n  A[ALB] --> B[Lambda]\n"
TWO = f"```mermaid\n{MERMAID}```\n\n```mermaid\n{MERMAID}```\n"


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"theme": "solarized"}, ValueError, "invalid theme 'solarized'"),
        ({"scale": 0}, ValueError, "scale must be between"),
        ({"canvas": "huge"}, ValueError, "huge"),
        ({"colour": "red"}, TypeError, "colour"),
    ],
)
def test_invalid_options_raise_an_error_that_names_them(
    changes: dict[str, Any], error: type[Exception], message: str
) -> None:
    Path("a.mmd").write_text(MERMAID, "utf-8")
    with pytest.raises(error, match=message):
        diagramkit.load("a.mmd").render("svg", **changes)


def test_load_rejects_a_file_with_several_diagrams_and_load_all_returns_them() -> None:
    Path("a.md").write_text(TWO, "utf-8")
    with pytest.raises(DiagramError, match="expected one diagram but there are 2; use load_all"):
        diagramkit.load("a.md")
    assert len(diagramkit.load_all("a.md")) == 2


def test_all_errors_in_a_folder_are_reported_at_once() -> None:
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


def test_to_diagrams_returns_an_object_of_the_package_diagrams(tmp_path: Path) -> None:
    Path("a.mmd").write_text(GROUPED, "utf-8")
    with diagrams_context() as current:
        converted = diagramkit.load("a.mmd").to_diagrams()
        assert diagrams.getdiagram() is current
    assert isinstance(converted, diagrams.Diagram)
    source = converted.dot.source
    icons = [Path(path) for path in re.findall(r'image="([^"]*)"', source)]
    assert [icon.name for icon in icons] == [
        "elb-application-load-balancer.png",
        "lambda.png",
        "generic-database.png",
    ]
    assert all(icon.is_file() for icon in icons)
    for label in ("ALB", "Lambda", "Something of ours", "VPC", "POST"):
        assert re.search(rf'label="?{label}"?[ \n]', source), label
    assert "rankdir=LR" in source
    assert "lhead=cluster_VPC" in source
    assert source.count("->") == 3
    assert [path.name for path in tmp_path.iterdir()] == ["a.mmd"]  # Nothing is drawn.
    layout = engine.layout(re.sub(r'image="[^"]*"', 'image=""', source), Engine("wasm"), Span("a.mmd"))
    assert set(layout.nodes) == {"n0", "n1", "n2"}


def test_an_edge_that_ends_at_an_edge_is_left_out_of_other_formats() -> None:
    diagram = diagramkit.parse("flowchart LR\n  A e1@--> B\n  C --> e1\n")
    assert diagram.to_diagrams().dot.source.count("->") == 1
    for name in ("python", "dot", "json", "drawio", "mermaid", "svg"):
        assert diagram.render(name)


@pytest.mark.slow
def test_threads_draw_the_same_pictures() -> None:
    """They share the rasterizer, which can draw one picture at a time."""
    parsed = [diagramkit.parse(f"flowchart LR\n  A[Lambda {n}] --> B[S3] --> C[SQS]\n") for n in range(4)]
    expected = [diagram.render("png", scale=6) for diagram in parsed]
    with ThreadPoolExecutor(len(parsed)) as threads:
        drawn = [*threads.map(lambda number: parsed[number % 4].render("png", scale=6), range(32))]
    assert drawn == expected * 8


@contextmanager
def diagrams_context() -> Iterator[Any]:
    """Make a `diagrams.Diagram` the current one, as in a script of the user."""
    current = diagrams.Diagram("around", show=False)
    diagrams.setdiagram(current)
    try:
        yield current
    finally:
        diagrams.setdiagram(None)


def test_the_repr_of_a_diagram_has_its_title_and_size() -> None:
    Path("a.mmd").write_text(MERMAID, "utf-8")
    assert repr(diagramkit.load("a.mmd")) == "<Diagram 'a': 2 nodes, 1 edges>"


@pytest.mark.parametrize(("error", "code"), [(RecursionError("deep"), "internal"), (MemoryError(), "memory")])
def test_an_unexpected_error_while_drawing_is_a_diagram_error(
    error: Exception, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def give_up(*_: object) -> None:
        raise error

    Path("a.mmd").write_text(MERMAID, "utf-8")
    diagram = diagramkit.load("a.mmd")
    monkeypatch.setattr(pipeline, "render", give_up)
    with pytest.raises(DiagramError, match=rf"a.mmd:1:1: error\[{code}\]"):
        diagram.render("svg")


def test_a_text_is_parsed_as_mermaid_or_as_a_spec() -> None:
    mermaid = diagramkit.parse("graph LR\n  A[ALB] --> B[RDS]\n")
    spec = diagramkit.parse("title: Shop\nnodes: {A: ALB, B: RDS}\nedges: [A -> B]\n")
    assert (mermaid.title, spec.title) == ("Diagram", "Shop")
    assert [node.label for node in mermaid.graph.nodes] == [node.label for node in spec.graph.nodes] == ["ALB", "RDS"]
    with pytest.raises(diagramkit.DiagramError, match=r"<text>:2:\d+: error"):
        diagramkit.parse("graph LR\n  A[ --> B\n")


def test_render_returns_a_picture_only_if_it_writes_none(tmp_path: Path) -> None:
    diagram = diagramkit.parse("graph LR\n  A[ALB]\n")
    result: object = diagram.render("svg", tmp_path / "a.svg")
    assert result is None
    assert (tmp_path / "a.svg").read_bytes() == diagram.render("svg")


@pytest.mark.parametrize(
    ("extension", "start"),
    [
        (".svg", b"<svg"),
        (".png", b"\x89PNG"),
        (".pdf", b"%PDF"),
        (".webp", b"RIFF"),
        (".pptx", b"PK"),
        (".mmd", b"graph LR"),
        (".drawio", b"<mxfile"),
        (".py", b"from diagrams"),
        (".dot", b"digraph"),
        (".json", b"{"),
    ],
)
def test_save_writes_the_format_of_the_extension(extension: str, start: bytes, tmp_path: Path) -> None:
    path = tmp_path / f"a{extension}"
    diagramkit.parse("graph LR\n  A[ALB] --> B[RDS]\n").save(path)
    assert start in path.read_bytes()[:400]


def test_save_rejects_other_extensions(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"path must end with one of .mmd, .svg, .png, .*, .json, not '.*a.gif'"):
        diagramkit.parse("graph LR\n  A[ALB]\n").save(tmp_path / "a.gif")
    assert not (tmp_path / "a.gif").exists()
