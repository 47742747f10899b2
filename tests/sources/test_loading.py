"""Finding and loading sources: what cannot be used is reported in order, and costs nothing else."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from diagramkit import sources
from diagramkit.diagnostics import DiagramError
from diagramkit.sources import SourceFile
from diagramkit.sources.readers import LoadResult

FENCE = "```mermaid\n{}\n```\n\n"


def codes(result: LoadResult) -> list[str]:
    return [f"{problem.code} {problem.span.line}" for problem in result.problems]


def test_a_source_that_cannot_be_found_costs_only_itself() -> None:
    Path("a.mmd").write_text("graph LR\n  A --> B\n", "utf-8")
    found = sources.find(["none.mmd", "a.mmd", "a.mmd"])
    assert [(file.path, len(file.problems)) for file in found] == [("none.mmd", 1), ("a.mmd", 0)]
    assert codes(sources.load(found[0])) == ["no-such-file 1"]
    assert len(sources.load(found[1]).patterns) == 1
    with pytest.raises(DiagramError) as error:
        sources.find(["none.mmd", "no.mmd"])
    assert [problem.span.file for problem in error.value.problems] == ["none.mmd", "no.mmd"]
    assert sources.find([]) == []


def test_the_problems_of_a_file_are_in_its_order_and_cost_only_their_diagrams() -> None:
    Path("diagramkit.toml").write_text("[limits]\nnodes = 2\n", "utf-8")
    diagrams = (
        "graph LR\n  A --> B",
        "graph LR\n  A --> B --> C",
        "graph LR\n  A -> B",
        "graph LR",
        "graph LR\n  A@{ shape: nothing } --> B",
        'graph LR\n  A --> B["\u202eB"]',
    )
    Path("a.md").write_text("".join(FENCE.format(text) for text in diagrams), "utf-8")
    result = sources.load(SourceFile("a.md"))
    assert [pattern.name for pattern in result.patterns] == ["a-1", "a-6"]
    assert codes(result) == [
        "too-large 7",
        "mermaid-arrow 13",
        "empty-diagram 17",
        "mermaid-shape 22",
        "control-character 27",
    ]


def test_a_given_text_is_not_read_again() -> None:
    Path("a.mmd").write_text("graph LR\n  A --> B\n", "utf-8")
    (pattern,) = sources.load(SourceFile("a.mmd"), "graph LR\n  C --> D\n").patterns
    assert [node.id for node in pattern.graph.nodes] == ["C", "D"]


def test_a_file_without_a_diagram_is_an_error_if_it_was_named() -> None:
    Path("a.md").write_text("# Text\n", "utf-8")
    assert codes(sources.load(SourceFile("a.md"))) == ["no-diagram 1"]
    (problem,) = sources.load(SourceFile("a.md", in_folder=True)).problems
    assert problem.severity == "note"


@pytest.mark.skipif(sys.platform == "win32", reason="creating links needs special rights on Windows")
def test_links_in_a_folder_may_only_lead_into_the_project() -> None:
    for folder in ("project/specs", "project/other"):
        Path(folder).mkdir(parents=True)
    Path("project/diagramkit.toml").write_text("", "utf-8")
    Path("secret.mmd").write_text("secret", "utf-8")
    Path("project/other/b.mmd").write_text("graph LR\n  A --> B\n", "utf-8")
    Path("project/specs/A.MMD").write_text("graph LR\n  A --> B\n", "utf-8")
    Path("project/specs/b.mmd").symlink_to("../other/b.mmd")
    assert [Path(file.path).name for file in sources.find(["project/specs"])] == ["A.MMD", "b.mmd"]
    Path("project/specs/c.mmd").symlink_to("../../secret.mmd")
    with pytest.raises(DiagramError) as error:
        sources.find(["project/specs"])
    (problem,) = error.value.problems
    assert (problem.code, problem.span.file) == ("outside", str(Path("project/specs/c.mmd")))
