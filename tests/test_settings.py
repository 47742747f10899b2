"""Settings of a project: found upwards, below the command line, and told where they are wrong."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from diagramkit import project
from diagramkit.cli import main, render
from tests.test_cli import MERMAID, files

TEXT = """\
theme = "dark"
format = ["svg"]
scale = 3
steps = true
sources = "in"
output = "pictures"
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder below one with settings and a source."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.mmd").write_text(MERMAID, "utf-8")
    (tmp_path / "diagramkit.toml").write_text(TEXT, "utf-8")
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    return tmp_path


def test_settings_are_found_upwards_and_their_paths_are_from_their_file(folder: Path) -> None:
    assert main(["render"]) == 0
    (path, made), *others = files(folder / "pictures").items()
    assert path == "a.svg"
    assert not others
    assert main(["render", "../in", "-o", "-", "--theme", "light"]) == 0
    assert main(["render", "../in", "-o", "plain", "-f", "svg", "--theme", "dark", "--steps"]) == 0
    assert files(Path("plain"))["a.svg"] == made


def test_the_command_line_wins(folder: Path) -> None:
    assert main(["render", "-f", "mmd,svg", "-o", "here", "--theme", "light", "--no-steps"]) == 0
    (folder / "diagramkit.toml").write_text("", "utf-8")
    assert main(["render", "../in", "-f", "mmd,svg", "-o", "there"]) == 0
    assert files(Path("here")) == files(Path("there"))
    assert sorted(files(Path("here"))) == ["a.mmd", "a.svg"]


def test_a_scale_on_the_command_line_stands_above_a_width_in_the_settings(folder: Path) -> None:
    (folder / "diagramkit.toml").write_text("width = 300", "utf-8")
    sizes = []
    for more in ([], ["--scale", "1"], ["--scale", "2"]):
        assert main(["render", "../in", "-f", "png", *more]) == 0
        sizes.append(int.from_bytes(Path("output/a.png").read_bytes()[16:20], "big"))
    assert sizes[0] == 300
    assert abs(sizes[2] - 2 * sizes[1]) <= 1
    assert sizes[1] != 300


def test_a_pyproject_says_the_same(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "diagramkit.toml").unlink()
    text = f"[tool.other]\ntheme = 1\n[tool.diagramkit]\n{TEXT}"
    (folder / "pyproject.toml").write_text(text, "utf-8")
    assert main(["config"]) == 0
    assert f'theme = "dark"  # {folder.as_posix()}/pyproject.toml:4\n' in capsys.readouterr().out
    assert main(["render"]) == 0
    assert list(files(folder / "pictures")) == ["a.svg"]


def test_config_shows_every_setting_as_toml_and_where_it_is_from(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["config"]) == 0
    said = capsys.readouterr().out
    shown = tomllib.loads(said)
    assert shown["scale"] == 3
    assert shown["sources"] == "in"
    assert shown["engine"] == "layered"
    assert "diagramkit.toml:3\n" in said
    assert {line.split()[1 if line[0] == "#" else 0] for line in said.splitlines()[1:]} == set(project.SETTINGS)


def test_every_setting_is_an_option_of_render() -> None:
    names = {action.dest for action in render.build_parser()._actions}
    assert set(project.SETTINGS) <= names


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('theme = "darkk"', "1:1: error[bad-config]: 'theme': there is no theme 'darkk'; did you mean"),
        ('\nscale = "big"', "2:1: error[bad-config]: 'scale': 'big' is no scale"),
        ("steps = 1", "'steps': write true or false"),
        ("theme = true", "'theme': write one text or number"),
        ("sources = 1", "'sources': write a text, or a list of texts"),
        ('output = "../elsewhere"', "'output': '../elsewhere' is outside of the project"),
        ('sources = ["in", "/etc"]', "'sources': '/etc' is outside of the project"),
        ('engine = "other"', "'engine': 'other' is none of layered, wasm, native"),
        ("them = 1", "there is no setting 'them'; did you mean 'theme'?"),
        ("theme =", "this is not TOML"),
    ],
)
def test_wrong_settings_are_told_with_their_place(
    folder: Path, capsys: pytest.CaptureFixture[str], text: str, said: str
) -> None:
    (folder / "diagramkit.toml").write_text(text, "utf-8")
    for command in ("render", "config"):
        assert main([command]) == 2
        assert said in capsys.readouterr().err
    assert not (folder / "pictures").exists()
