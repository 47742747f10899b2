"""Project settings: where they are searched, what overrides them, and how errors in them are reported."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from diagramkit import project
from diagramkit.cli import main, render
from tests.support.command_line import MERMAID, files

SETTINGS = """\
theme = "dark"
format = ["svg"]
scale = 3
steps = true
sources = "in"
output = "pictures"
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Create a project with settings and a source, change to a subfolder, and return the project's folder."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.mmd").write_text(MERMAID, "utf-8")
    (tmp_path / "diagramkit.toml").write_text(SETTINGS, "utf-8")
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    return tmp_path


def test_settings_apply_in_subfolders_and_their_paths_are_relative_to_their_file(folder: Path) -> None:
    assert main(["render"]) == 0
    (path, picture), *others = files(folder / "pictures").items()
    assert path == "a.svg"
    assert not others
    assert main(["render", "../in", "-o", "-", "--theme", "light"]) == 0
    assert main(["render", "../in", "-o", "plain", "-f", "svg", "--theme", "dark", "--steps"]) == 0
    assert files(Path("plain"))["a.svg"] == picture


def test_the_command_line_overrides_settings(folder: Path) -> None:
    assert main(["render", "-f", "mmd,svg", "-o", "first", "--theme", "light", "--no-steps"]) == 0
    (folder / "diagramkit.toml").write_text("", "utf-8")
    assert main(["render", "../in", "-f", "mmd,svg", "-o", "second"]) == 0
    assert files(Path("first")) == files(Path("second"))
    assert sorted(files(Path("first"))) == ["a.mmd", "a.svg"]


def test_a_scale_on_the_command_line_overrides_a_width_in_the_settings(folder: Path) -> None:
    (folder / "diagramkit.toml").write_text("width = 300", "utf-8")
    widths = []
    for more in ([], ["--scale", "1"], ["--scale", "2"]):
        assert main(["render", "../in", "-f", "png", *more]) == 0
        widths.append(int.from_bytes(Path("output/a.png").read_bytes()[16:20], "big"))
    assert widths[0] == 300
    assert abs(widths[2] - 2 * widths[1]) <= 1
    assert widths[1] != 300


def test_settings_are_read_from_a_pyproject(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "diagramkit.toml").unlink()
    text = f"[tool.other]\ntheme = 1\n[tool.diagramkit]\n{SETTINGS}"
    (folder / "pyproject.toml").write_text(text, "utf-8")
    assert main(["config"]) == 0
    assert f'theme = "dark"  # {folder.as_posix()}/pyproject.toml:4\n' in capsys.readouterr().out
    assert main(["render"]) == 0
    assert list(files(folder / "pictures")) == ["a.svg"]


def test_config_shows_every_setting_as_toml_and_where_it_is_set(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["config"]) == 0
    output = capsys.readouterr().out
    shown = tomllib.loads(output)
    assert shown["scale"] == 3
    assert shown["sources"] == "in"
    assert shown["engine"] == "layered"
    assert "diagramkit.toml:3\n" in output
    assert {line.split()[1 if line[0] == "#" else 0] for line in output.splitlines()[1:]} == set(project.SETTINGS)


def test_every_setting_is_an_option_of_render() -> None:
    names = {action.dest for action in render.build_parser()._actions}
    assert set(project.SETTINGS) <= names


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('theme = "darkk"', "1:1: error[bad-config]: 'theme': invalid theme 'darkk'; did you mean"),
        ('\nscale = "big"', "2:1: error[bad-config]: 'scale': invalid scale 'big': expected"),
        ("steps = 1", "'steps': expected true or false"),
        ("theme = true", "'theme': expected one string or number"),
        ("sources = 1", "'sources': expected a string or a list of strings"),
        ('output = "../elsewhere"', "'output': '../elsewhere' is outside of the project"),
        ('sources = ["in", "/etc"]', "'sources': '/etc' is outside of the project"),
        ('engine = "other"', "'engine': invalid value 'other': expected one of layered, wasm, native"),
        ("them = 1", "there is no setting 'them'; did you mean 'theme'?"),
        ("theme =", "invalid TOML"),
    ],
)
def test_invalid_settings_are_reported_with_their_position(
    folder: Path, capsys: pytest.CaptureFixture[str], text: str, message: str
) -> None:
    (folder / "diagramkit.toml").write_text(text, "utf-8")
    for command in ("render", "config"):
        assert main([command]) == 2
        assert message in capsys.readouterr().err
    assert not (folder / "pictures").exists()
