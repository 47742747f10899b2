"""Commands without anything to do, with too many diagrams, or with options that contradict each other."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from diagramkit.batch.jobs import Result
from diagramkit.cli import batches, main, serve
from diagramkit.sources import SourceFile
from tests.support.icon_packs import GOOD, pack

MERMAID = "graph LR\n  A[ALB] --> B[Lambda]\n"


def error_output(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run a command that must exit with 2, itself or in its option parser, and return its standard error."""
    try:
        code: object = main([*arguments])
    except SystemExit as error:
        code = error.code
    output = capsys.readouterr()
    assert code == 2
    assert "Traceback" not in output.err
    return output.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("render a.mmd -o - --check", "--check needs an output folder"),
        ("render a.mmd --profile --timeout 3", "--profile cannot be used with --timeout"),
        ("render a.mmd --diff d", "--diff needs --check"),
        ("render a.mmd --watch --check", "--watch cannot be used with --check or --shard"),
        ("render a.mmd --cluster tcp://x:1 --jobs 2", "--cluster cannot be used with --jobs"),
        ("render a.mmd --cluster foo", "invalid cluster address 'foo': expected the address of a Dask scheduler"),
        ("render a.mmd --cluster tcp://scheduler", "such as tcp://scheduler:8786"),
        ("render - --watch", "--watch needs files"),
        ("render a.mmd --width 5", "pixels from 16 to 16384"),
        ("render a.mmd --background bluu", "expected #RRGGBB, a color name such as white, or transparent"),
        ("render a.mmd b.mmd -o - -f svg", "writes one diagram in one format"),
        ("check - --fix", "cannot be used with standard input"),
    ],
)
def test_conflicting_options_are_reported(capsys: pytest.CaptureFixture[str], arguments: str, message: str) -> None:
    Path("a.mmd").write_text(MERMAID, "utf-8")
    Path("b.mmd").write_text(MERMAID, "utf-8")
    assert message in error_output(capsys, *arguments.split())


@pytest.mark.parametrize(
    "command",
    [
        "show none.md",
        "gallery none.md -o g",
        "deck none.md -o d.pptx",
        "wiki none.md --to notion -o w",
        "export none.md --to dot",
        "render none.md",
        "render none.md -o -",
    ],
)
def test_a_source_without_diagrams_is_reported(capsys: pytest.CaptureFixture[str], command: str) -> None:
    Path("none.md").write_text("# Nothing here\n", "utf-8")
    assert "diagram" in error_output(capsys, *command.split())
    assert sorted(path.name for path in Path().iterdir()) == ["none.md"]


@pytest.mark.parametrize(
    ("text", "message"),
    [("title: [x\n", "error[yaml-syntax]"), ("title: X\nnodes: {a: {label: A, icon: no.svg}}\n", "error[")],
)
def test_nothing_is_written_to_standard_output_if_a_source_cannot_be_drawn(
    capsysbinary: pytest.CaptureFixture[bytes], text: str, message: str
) -> None:
    Path("s.yaml").write_text(text, "utf-8")
    assert main(["render", "s.yaml", "-o", "-"]) == 2
    output = capsysbinary.readouterr()
    assert output.out == b""
    assert message.encode() in output.err


def test_no_deck_is_written_if_no_diagram_can_be_drawn(capsys: pytest.CaptureFixture[str]) -> None:
    Path("s.yaml").write_text("title: X\nnodes: {a: {label: A, icon: no.svg}}\n", "utf-8")
    assert "no.svg" in error_output(capsys, "deck", "s.yaml", "-o", "d.pptx", "--no-title")
    assert not Path("d.pptx").exists()


def test_import_reports_a_pattern_that_was_removed_from_the_catalog(capsys: pytest.CaptureFixture[str]) -> None:
    pattern = "## A\n\n```mermaid\ngraph LR\n  a --> b\n```\n"
    Path("c.md").write_text(f"# C\n\n{pattern}\n{pattern.replace('## A', '## B')}", "utf-8")
    assert main(["import", "c.md", "-o", "specs"]) == 0
    Path("c.md").write_text(f"# C\n\n{pattern}", "utf-8")
    capsys.readouterr()
    assert main(["import", "c.md", "-o", "specs"]) == 0
    assert "warning[not-in-catalogue]" in capsys.readouterr().err
    assert any(path.name == "b.yaml" for path in Path("specs").rglob("*"))


def test_an_icon_search_prints_how_many_more_results_there_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["icons", "server"]) == 0
    assert "more: use --all" in capsys.readouterr().out
    assert main(["icons", "zzzqqqxxy"]) == 1
    assert "no icon for" in capsys.readouterr().out


def test_config_shows_the_listed_packs(capsys: pytest.CaptureFixture[str]) -> None:
    Path("diagramkit.toml").write_text("", "utf-8")
    pack(Path("mine"), Cog=GOOD)
    assert main(["icons", "add", "mine"]) == 0
    capsys.readouterr()
    assert main(["config"]) == 0
    assert "# pack: mine" in capsys.readouterr().out


def test_serve_says_how_to_install_missing_packages(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("a.mmd").write_text(MERMAID, "utf-8")
    monkeypatch.setattr(serve, "find_spec", lambda _: None)
    assert "pip install 'starlette>=0.40,<2' 'uvicorn>=0.30,<1' 'watchfiles>=1,<2'" in error_output(
        capsys, "serve", "a.mmd"
    )


def test_progress_shows_a_bar_on_a_terminal_only(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    results = [Result(SourceFile(f"s{n}.mmd", f"s{n}"), (), (), True) for n in range(3)]
    assert list(batches.progress(iter(results), 3)) == results
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert list(batches.progress(iter(results), 3)) == results
    assert "3/3" in capsys.readouterr().err


def test_the_github_format_prints_no_annotation_without_problems(capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.mmd").write_text(MERMAID, "utf-8")
    assert main(["check", "a.mmd", "--output-format", "github"]) == 0
    assert "::" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["render", "x.mmd", "--canvass", "4:3"], "there is no option '--canvass'; did you mean '--canvas'?"),
        (["rendr", "x.mmd"], "there is no command 'rendr'; did you mean 'render'?"),
        (["export", "x.mmd", "--to", "drawoi"], "invalid value 'drawoi'; did you mean 'drawio'?"),
        (["render", "x.mmd", "--canvas", "wide"], "invalid canvas 'wide': expected 16:9, 4:3"),
        (["render", "x.mmd", "-o", "x.jpg"], "cannot write '.jpg' files: expected .mmd, .svg"),
        (["render", "x.mmd", "-o", "x.py", "--scale", "2"], "--scale has no effect on python"),
        (["export", "x.mmd", "-o", "x.xyz"], "the extension of 'x.xyz' names no format"),
        (["export", "x.mmd", "--to", "dot", "-o", "x.png"], "'-o x.png' is png, which differs from --to dot"),
    ],
)
def test_an_error_in_the_command_line_is_one_line_with_a_suggestion(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(arguments)
    assert exit_.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert message in line
    assert "--help'" in line


def test_without_arguments_the_help_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "render      draw diagrams" in capsys.readouterr().err


def test_ctrl_c_while_commands_are_imported_is_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(_: str | None) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("diagramkit.cli._parser", interrupt)
    assert main(["render"]) == 130
    assert "interrupted" in capsys.readouterr().err
