"""What commands say where there is nothing to do, too much was asked, or options contradict each other."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from diagramkit.batch.jobs import Result
from diagramkit.cli import batches, main, serve
from diagramkit.sources import SourceFile
from tests.test_packs import GOOD, pack

MERMAID = "graph LR\n  A[ALB] --> B[Lambda]\n"


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What a command says that ends with 2, by itself or in the parser of its options."""
    try:
        code: object = main([*arguments])
    except SystemExit as end:
        code = end.code
    said = capsys.readouterr()
    assert code == 2
    assert "Traceback" not in said.err
    return said.err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ("render a.mmd -o - --check", "--check needs a folder"),
        ("render a.mmd --profile --timeout 3", "--profile draws once"),
        ("render a.mmd --diff d", "ask for both"),
        ("render a.mmd --watch --check", "neither with --check nor with --shard"),
        ("render a.mmd --cluster tcp://x:1 --jobs 2", "--cluster draws with the processes there"),
        ("render - --watch", "--watch needs files"),
        ("render a.mmd --width 5", "pixels from 16 to 16384"),
        ("render a.mmd --background blue", "write #RRGGBB or transparent"),
        ("render a.mmd b.mmd -o - -f svg", "writes one diagram in one format"),
        ("check - --fix", "it cannot mend standard input"),
    ],
)
def test_options_that_contradict_each_other_are_told(
    capsys: pytest.CaptureFixture[str], arguments: str, told: str
) -> None:
    Path("a.mmd").write_text(MERMAID, "utf-8")
    Path("b.mmd").write_text(MERMAID, "utf-8")
    assert told in refused(capsys, *arguments.split())


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
def test_where_there_is_no_diagram_it_is_told(capsys: pytest.CaptureFixture[str], command: str) -> None:
    Path("none.md").write_text("# Nothing here\n", "utf-8")
    assert "diagram" in refused(capsys, *command.split())
    assert sorted(path.name for path in Path().iterdir()) == ["none.md"]


@pytest.mark.parametrize(
    ("text", "told"),
    [("title: [x\n", "error[yaml-syntax]"), ("title: X\nnodes: {a: {label: A, icon: no.svg}}\n", "error[")],
)
def test_nothing_comes_to_standard_output_where_a_source_cannot_be_drawn(
    capsysbinary: pytest.CaptureFixture[bytes], text: str, told: str
) -> None:
    Path("s.yaml").write_text(text, "utf-8")
    assert main(["render", "s.yaml", "-o", "-"]) == 2
    said = capsysbinary.readouterr()
    assert said.out == b""
    assert told.encode() in said.err


def test_a_deck_of_what_cannot_be_drawn_is_not_written(capsys: pytest.CaptureFixture[str]) -> None:
    Path("s.yaml").write_text("title: X\nnodes: {a: {label: A, icon: no.svg}}\n", "utf-8")
    assert "no.svg" in refused(capsys, "deck", "s.yaml", "-o", "d.pptx", "--no-title")
    assert not Path("d.pptx").exists()


def test_a_pattern_that_left_its_catalogue_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    one = "## A\n\n```mermaid\ngraph LR\n  a --> b\n```\n"
    Path("c.md").write_text(f"# C\n\n{one}\n{one.replace('## A', '## B')}", "utf-8")
    assert main(["import", "c.md", "-o", "specs"]) == 0
    Path("c.md").write_text(f"# C\n\n{one}", "utf-8")
    capsys.readouterr()
    assert main(["import", "c.md", "-o", "specs"]) == 0
    assert "warning[not-in-catalogue]" in capsys.readouterr().err
    assert any(path.name == "b.yaml" for path in Path("specs").rglob("*"))


def test_a_search_for_icons_says_how_many_more_there_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["icons", "server"]) == 0
    assert "more: --all" in capsys.readouterr().out
    assert main(["icons", "zzzqqqxxy"]) == 1
    assert "no icon for" in capsys.readouterr().out


def test_settings_name_the_packs_that_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    Path("diagramkit.toml").write_text("", "utf-8")
    pack(Path("mine"), Cog=GOOD)
    assert main(["icons", "add", "mine"]) == 0
    capsys.readouterr()
    assert main(["config"]) == 0
    assert "# pack: mine" in capsys.readouterr().out


def test_without_the_packages_for_it_serving_says_how_to_have_them(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("a.mmd").write_text(MERMAID, "utf-8")
    monkeypatch.setattr(serve, "find_spec", lambda _: None)
    assert "pip install 'diagramkit[serve]'" in refused(capsys, "serve", "a.mmd")


def test_on_a_terminal_a_bar_shows_how_far_it_is(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    results = [Result(SourceFile(f"s{n}.mmd", f"s{n}"), (), (), True) for n in range(3)]
    assert list(batches.progress(iter(results), 3)) == results
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert list(batches.progress(iter(results), 3)) == results
    assert "3/3" in capsys.readouterr().err


def test_nothing_found_is_no_annotation_in_githubs_log(capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.mmd").write_text(MERMAID, "utf-8")
    assert main(["check", "a.mmd", "--output-format", "github"]) == 0
    assert "::" not in capsys.readouterr().out
