"""`diagramkit new` writes diagrams that are drawn without a remark, and never changes a file."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from diagramkit import cli, sources
from diagramkit.cli import examples
from diagramkit.icons import resolver
from diagramkit.icons.catalog import catalog_of
from diagramkit.options import Options
from diagramkit.sources import starters


@pytest.fixture(autouse=True)
def _in_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("kind", [[], ["--spec"]])
@pytest.mark.parametrize("template", starters.TEMPLATES)
def test_a_template_is_drawn_without_a_remark_and_with_certain_icons(
    template: str, kind: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["new", "shop", "--template", template, *kind]) == 0
    *_, last = capfd.readouterr().out.splitlines()
    command = last.removeprefix("next: diagramkit ").split()
    assert cli.main(command) == 0
    assert Path("shop.svg").read_text("utf-8").startswith("<svg")
    assert capfd.readouterr().err == ""
    (file,) = sources.find([command[1]])
    ((pattern,), problems) = (sources.load(file).patterns, sources.load(file).problems)
    assert problems == ()
    choices = resolver.resolve(pattern, catalog_of(pattern, Options()))
    assert {choice.confidence for choice in choices.values()} == {"exact"}


def test_the_spec_and_the_mermaid_of_a_template_give_the_same_picture() -> None:
    for arguments in (["new", "a"], ["new", "b", "--spec"]):
        assert cli.main(arguments) == 0
    for source in ("a.mmd", "b.yaml"):
        assert cli.main(["render", source, "-o", f"{source}.png"]) == 0
    assert Path("a.mmd.png").read_bytes() == Path("b.yaml.png").read_bytes()


def test_files_that_exist_are_left_alone(capsys: pytest.CaptureFixture[str]) -> None:
    Path("shop.mmd").write_text("mine")
    Path("diagramkit.toml").write_text('theme = "dark"\n')
    assert cli.main(["new", "shop"]) == 2
    assert "shop.mmd:1:1: error[file-exists]: this file exists already; choose another" in capsys.readouterr().err
    assert cli.main(["new", "other"]) == 0
    assert Path("shop.mmd").read_text() == "mine"
    assert Path("diagramkit.toml").read_text() == 'theme = "dark"\n'


def test_every_setting_of_the_settings_file_is_valid_without_its_comment_sign() -> None:
    assert cli.main(["new"]) == 0
    settings = Path("diagramkit.toml")
    settings.write_text("".join(line.removeprefix("# ") for line in settings.read_text().splitlines(True)[2:]))
    assert cli.main(["config"]) == 0


@pytest.mark.parametrize("command", list(cli.COMMANDS))
def test_the_examples_of_each_command_are_valid(command: str) -> None:
    for example, _ in examples.EXAMPLES[command]:
        words = example.split(" > ")[0].split(" >> ")[0].split()
        assert words[:2] == ["diagramkit", command]
        assert cli._parser(command).parse_args(words[1:]).run


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_knows_every_command_and_option(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["completion", shell]) == 0
    script = capsys.readouterr().out
    for command in cli.COMMANDS:
        assert command in script
        for action in cli.command_parser(command)._actions:
            for option in action.option_strings:
                name = option.lstrip("-") if shell == "fish" else option
                assert name in script


def test_bash_completes_commands_options_and_values(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["completion", "bash"]) == 0
    Path("complete.bash").write_text(capsys.readouterr().out)
    for words, expected in (
        ("diagramkit rend", "render"),
        ("diagramkit render --pal", "--palette"),
        ("diagramkit render --lines cur", "curved"),
    ):
        script = f"source complete.bash; COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}}-1)); _diagramkit"
        script += '; echo "${COMPREPLY[@]}"'
        completed = subprocess.run(
            ["bash", "-c", script], check=False, capture_output=True, text=True, env=dict(os.environ)
        )
        assert completed.stdout.split() == [expected], completed.stderr
