"""Whole pages for wikis: diagrams without nodes, damaged marks, and what no picture shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from diagramkit.cli import main

PAGE = '# T\n\n```mermaid\ngraph LR\n```\n\n```mermaid\ngraph LR\n  A --> B\n  click A callback "x"\n```\n\nEnd.\n'

WIKIS = pytest.mark.parametrize("wiki", ["confluence", "mediawiki"])


@WIKIS
def test_a_diagram_without_nodes_stays_a_text_and_the_others_are_drawn(
    wiki: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("a.md").write_text(PAGE, "utf-8")
    assert main(["wiki", "a.md", "--to", wiki, "-o", "out"]) == 0
    page, notes = capsys.readouterr()
    assert "a.md:4:1: note[empty-diagram]: this diagram contains no nodes" in notes
    assert "a.md:10:11: note[not-drawn]: diagramkit does not draw this: click with a callback" in notes
    assert "graph LR" in page
    assert "a-2.svg" in page
    assert [path.name for path in Path("out").glob("*.svg")] == ["a-2.svg"]


@WIKIS
def test_a_page_with_embedded_pictures_has_each_diagram_once(wiki: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.md").write_text(PAGE, "utf-8")
    assert main(["embed", "a.md"]) == 0
    capsys.readouterr()
    assert main(["wiki", "a.md", "--to", wiki, "-o", "out"]) == 0
    page = capsys.readouterr().out
    assert page.count("a-2.svg") == 1
    assert "diagramkit:" not in page
    assert "End." in page


@WIKIS
def test_a_page_with_a_damaged_mark_is_an_error_and_nothing_is_written(
    wiki: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("a.md").write_text(PAGE, "utf-8")
    assert main(["embed", "a.md"]) == 0
    Path("a.md").write_text(Path("a.md").read_text("utf-8").replace("begin a-2 -->", "begin a-2 --"), "utf-8")
    capsys.readouterr()
    assert main(["wiki", "a.md", "--to", wiki, "-o", "out"]) == 2
    page, errors = capsys.readouterr()
    assert page == ""
    assert "a.md:7:1: error[damaged-mark]: this mark was changed; restore it, alone in its line, or remove it" in errors
    assert not Path("out").exists()
