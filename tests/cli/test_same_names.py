"""Pictures with the same name: the first one is written, and the others are reported with their sources."""

from __future__ import annotations

from pathlib import Path

import pytest

from diagramkit.cli import main
from tests.support.command_line import MERMAID


@pytest.fixture(autouse=True)
def _sources() -> None:
    for name in ("in/Shop.mmd", "in/other/shop.mmd", "in/b.mmd"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(MERMAID, "utf-8")


@pytest.mark.parametrize(
    ("command", "written"),
    [
        (["render", "in/Shop.mmd", "in/other/shop.mmd", "in/b.mmd", "-f", "svg", "-o", "out"], "svg"),
        (["export", "in/Shop.mmd", "in/other/shop.mmd", "in/b.mmd", "--to", "drawio", "-o", "out"], "drawio"),
    ],
    ids=["render", "export"],
)
def test_a_name_that_is_taken_is_one_error_and_the_others_are_written(
    command: list[str], written: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command) == 2
    errors = capsys.readouterr().err
    assert errors.count("error[same-output]") == 1
    assert "in/other/shop.mmd:1:1: error[same-output]: its pictures would have the same name 'shop'" in errors
    assert sorted(path.name for path in Path("out").glob(f"*.{written}")) == [f"b.{written}", f"shop.{written}"]


def test_a_picture_is_written_to_standard_output_as_text_or_bytes(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    for name, start in (("svg", b"<svg"), ("png", b"\x89PNG"), ("drawio", b"<mxfile"), ("pdf", b"%PDF")):
        assert main(["export", "in/b.mmd", "--to", name, "-o", "-"]) == 0
        assert capfdbinary.readouterr().out.startswith(start)


def test_each_theme_has_its_own_deck() -> None:
    assert main(["render", "in/b.mmd", "-o", "x.pptx", "--theme", "light,dark"]) == 0
    light, dark = (Path(f"x-{theme}.pptx").read_bytes() for theme in ("light", "dark"))
    assert light != dark


def test_the_server_for_programs_needs_its_package_and_a_folder(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["mcp", "missing"]) == 2
    assert "missing:1:1: error[no-such-file]: there is no such folder" in capsys.readouterr().err
    monkeypatch.setattr("diagramkit.cli.mcp.find_spec", lambda _: None)
    assert main(["mcp", "in"]) == 2
    assert "error[no-mcp]: the server for agents needs the package mcp; install it with pip" in capsys.readouterr().err
