"""The check of README and docs finds what it is there to find, and the first picture is what the first text gives."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from checks import docs
from diagramkit import cli
from tests.support.project import ROOT


def findings(text: str, tmp_path: Path) -> list[str]:
    root = tmp_path / "root"
    root.mkdir()
    (root / "PAGE.md").write_text(text, "utf-8")
    folder = tmp_path / "walk"
    folder.mkdir()
    return [str(finding) for finding in docs.Walk("PAGE.md", folder, set(), root).findings()]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[x](nowhere.md)\n", "PAGE.md:1: there is no 'nowhere.md'"),
        ("# A\n\n[x](#b)\n", "PAGE.md:3: there is no heading for '#b'"),
        ("| a |\n|---|\n| [x](no.md) |\n", "PAGE.md:3: there is no 'no.md'"),
        ('<img src="no.svg">\n', "PAGE.md:1: there is no 'no.svg'"),
        ("```yaml\ntitel: T\n```\n", "neither a spec nor listed"),
    ],
)
def test_broken_links_and_unknown_yaml_are_found(text: str, message: str, tmp_path: Path) -> None:
    (finding,) = findings(text, tmp_path)
    assert message in finding


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("```sh\ndiagramkit check nope.mmd\n```\n", "'diagramkit check nope.mmd' ends with 2, not 0"),
        ("```sh\n$ diagramkit check shop.mmd\n2 diagrams, no errors\n```\n", "prints something else"),
        ("```sh\n$ diagramkit check shop.mmd\nshop.mmd:1:1: error[x]: y\n```\n", "ends with 0, not 2"),
        ("```python\nimport diagramkit\ndiagramkit.lod()\n```\n", "ends with 1, not 0"),
        ("```mermaid\ngraph LR\n  A[(\n```\n", "ends with 2, not 0"),
        ("```yaml\ntitle: T\ndiagrm: |\n  graph LR\n```\n", "there is no key 'diagrm'"),
        ("```toml\nthem = 'dark'\n```\n", "there is no setting 'them'"),
        ("Save this as `a.mmd`:\n\n```text\ngraph LR\n  A[ALB]\n```\n\n```sh\ndiagramkit check a.mmd\n```\n", None),
    ],
)
def test_what_a_page_shows_is_done_and_compared(text: str, message: str | None, tmp_path: Path) -> None:
    found = findings(text, tmp_path)
    assert found == [] if message is None else len(found) == 1 and message in found[0], found


def test_an_ellipsis_stands_for_the_rest_of_a_line_or_for_lines() -> None:
    assert docs._matches("a …\n", "a b c\n")
    assert docs._matches("…\nz\n", "x\ny\nz\n")
    assert not docs._matches("a\n", "a\nb\n")
    assert not docs._matches("a …\n", "b\n")


def test_an_entry_for_what_no_page_contains_is_found() -> None:
    assert [finding.page for finding in docs.unused(set(), ["docs/slides.md"])] == ["docs/slides.md"]
    assert not list(docs.unused({*docs.NOT_RUN, *docs.OTHER_YAML}, list(docs.PAGES)))


def test_the_pictures_of_layout_hints_are_what_the_page_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (ROOT / "docs" / "layout-hints.md").read_text("utf-8")
    (diagram,) = re.findall(r"```mermaid\n(.*?)```", page, re.S)
    without = "".join(line for line in diagram.splitlines(keepends=True) if "%% diagramkit:" not in line)
    monkeypatch.chdir(tmp_path)
    for name, text in (("with", diagram), ("without", without)):
        Path(f"{name}.mmd").write_text(text, "utf-8")
        assert cli.main(["render", f"{name}.mmd", "-o", f"{name}.svg"]) == 0
        assert Path(f"{name}.svg").read_bytes() == (ROOT / "docs" / "layout-hints" / f"{name}.svg").read_bytes()


def test_the_picture_of_the_quick_start_is_what_its_five_lines_give(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    (lines,) = re.findall(r"`shop\.mmd`:\n\n```text\n(.*?)```\n", text, re.S)
    assert len(lines.splitlines()) == 5
    (command,) = re.findall(r"\$ diagramkit (render shop\.mmd .*)\n", text)
    (picture,) = re.findall(r"!\[[^\]]+\]\((.*)\)", text)
    monkeypatch.chdir(tmp_path)
    Path("shop.mmd").write_text(lines, "utf-8")
    assert cli.main(command.split()) == 0
    assert Path("shop.svg").read_bytes() == (ROOT / picture).read_bytes()
    assert len(text.split()) < 700
