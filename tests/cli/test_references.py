"""The reference pages in `docs/`: they are current, complete, and the same on every machine."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import pytest

import diagramkit
from checks import references
from diagramkit import api
from tests.support.project import ROOT


@pytest.mark.parametrize("name", references.PAGES)
def test_each_page_is_current_whatever_the_width_of_the_terminal(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this fails, run `python -m checks.references`."""
    for columns in ("40", "300"):
        monkeypatch.setenv("COLUMNS", columns)
        assert references.PAGES[name]() == (ROOT / name).read_text("utf-8")


def test_every_public_name_is_described() -> None:
    items: tuple[Any, ...] = (*references.FUNCTIONS, *references.CLASSES)
    described = {item.__name__ for item in items}
    assert described == {*diagramkit.__all__} - {"__version__"}
    defined = {name for name, item in vars(api).items() if inspect.getmodule(item) is api and not name.startswith("_")}
    assert defined <= described


def test_everything_on_the_page_of_the_api_has_a_description() -> None:
    blocks = references.api_page().split("\n\n")
    titles = [number for number, block in enumerate(blocks) if block.startswith(("### ", "#### "))]
    assert len(titles) > 20
    for number in titles:
        following = blocks[number + 1 : number + 3]
        text = following[1] if following[0].startswith("```") else following[0]
        assert not text.startswith(("#", "```")), blocks[number]


def test_a_page_that_is_not_current_is_reported_and_then_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(references, "ROOT", tmp_path)
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/api.md").write_text("old", "utf-8")
    for page in references.PAGES.keys() - {"docs/api.md"}:
        (tmp_path / page).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / page).write_text(references.PAGES[page](), "utf-8")
    assert references.main(["--check"]) == 1
    assert capsys.readouterr().out == "docs/api.md: is not current\n"
    assert (tmp_path / "docs/api.md").read_text("utf-8") == "old"
    assert references.main([]) == 0
    assert references.main(["--check"]) == 0
