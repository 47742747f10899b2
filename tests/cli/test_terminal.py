"""What people see on a terminal, and the options that accept what people write."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from diagramkit.cli import console, main
from diagramkit.options import canvas_name


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _in_folder_with_a_diagram(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("shop.mmd").write_text("graph LR\n  A[ALB] --> B[RDS]\n", "utf-8")
    Path("bad.mmd").write_text("graph LR\n  A -> B\n", "utf-8")
    for name in ("NO_COLOR", "CI"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")


def printed(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> str:
    """Return what a command prints on a terminal as standard error."""
    terminal = Terminal()
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stderr", terminal)
        main(list(arguments))
    return terminal.getvalue()


def test_severities_have_colors_on_a_terminal_only(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "bad.mmd:2:5: \x1b[1;31merror[mermaid-arrow]\x1b[0m: '->'" in printed(monkeypatch, "check", "bad.mmd")
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in printed(monkeypatch, "check", "bad.mmd")
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "dumb")
    assert "\x1b" not in printed(monkeypatch, "check", "bad.mmd")
    monkeypatch.setenv("TERM", "xterm")
    capsys.readouterr()
    assert main(["check", "bad.mmd"]) == 2
    assert "\x1b" not in capsys.readouterr().err


def test_a_run_is_summed_up_on_a_terminal_only(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(console, "start_time", lambda: 0.0)
    monkeypatch.setattr("diagramkit.cli.console.time.monotonic", lambda: 1.24)
    assert "1 drawn, 1 error in 1.2 s\n" in printed(monkeypatch, "render", "shop.mmd", "bad.mmd")
    assert "1 current in 1.2 s\n" in printed(monkeypatch, "render", "shop.mmd")
    assert "1.2 s" not in printed(monkeypatch, "render", "shop.mmd", "--quiet")
    assert main(["render", "shop.mmd"]) == 0
    captured = capsys.readouterr()
    assert "1.2 s" not in captured.err + captured.out


def test_numbers_have_the_right_nouns() -> None:
    assert console.summary_line({"current": 200, "drawn": 3, "failed": 1}) == "200 current, 3 drawn, 1 error"
    assert console.summary_line({"stale": 2, "failed": 2}) == "2 stale, 2 errors"
    assert console.summary_line({}) == "nothing to draw"
    assert (console.count(1, "slide"), console.count(0, "slide")) == ("1 slide", "0 slides")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("16x9", "16:9"),
        ("16/9", "16:9"),
        ("4×3", "4:3"),
        ("1:1", "square"),
        ("A4", "a4"),
        ("Natural", "natural"),
        ("1920 X 1080", "1920x1080"),
    ],
)
def test_a_canvas_may_be_spelled_in_any_way(text: str, name: str) -> None:
    assert canvas_name(text) == name
    for canvas, output in ((text, "a.svg"), (name, "b.svg")):
        assert main(["render", "shop.mmd", "--canvas", canvas, "-o", output]) == 0
    Path("spec.yaml").write_text(f"title: T\ncanvas: '{text}'\nnodes: {{A: ALB}}\n", "utf-8")
    assert main(["check", "spec.yaml"]) == 0
    assert Path("a.svg").read_bytes() == Path("b.svg").read_bytes()


@pytest.mark.parametrize(("name", "color"), [("white", "#FFFFFF"), ("#fff", "#FFFFFF"), ("none", "transparent")])
def test_a_background_may_be_named(name: str, color: str) -> None:
    for background, output in ((name, "a.svg"), (color, "b.svg")):
        assert main(["render", "shop.mmd", "--background", background, "-o", output]) == 0
    assert Path("a.svg").read_bytes() == Path("b.svg").read_bytes()


def test_several_themes_are_drawn_in_one_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["render", "shop.mmd", "--theme", "light,dark,light", "-f", "svg"]) == 0
    assert main(["render", "shop.mmd", "--theme", "light,dark", "-o", "shop.svg"]) == 0
    for theme in ("light", "dark"):
        assert main(["render", "shop.mmd", "--theme", theme, "-o", "alone.svg"]) == 0
        expected = Path("alone.svg").read_bytes()
        assert Path(f"output/{theme}/shop.svg").read_bytes() == Path(f"shop-{theme}.svg").read_bytes() == expected
    assert main(["render", "shop.mmd", "--theme", "light,dark", "-f", "svg", "--check"]) == 0
    with pytest.raises(SystemExit):
        main(["render", "shop.mmd", "--theme", "light,dark", "-o", "-"])
    assert "cannot be used with '-o -'" in capsys.readouterr().err


def test_several_themes_can_be_set_for_a_project() -> None:
    Path("diagramkit.toml").write_text('theme = "light,mono"\nformat = "svg"\n', "utf-8")
    assert main(["render", "shop.mmd"]) == 0
    assert {path.parent.name for path in Path("output").rglob("*.svg")} == {"light", "mono"}


def test_a_title_can_be_given_on_the_command_line() -> None:
    assert main(["render", "shop.mmd", "--title-text", "My title", "-o", "a.svg"]) == 0
    assert ">My title<" in Path("a.svg").read_text("utf-8")
    Path("own.mmd").write_text("---\ntitle: Own\n---\ngraph LR\n  A[ALB]\n", "utf-8")
    assert main(["render", "own.mmd", "--title-text", "My title", "--no-title", "-o", "b.svg"]) == 0
    text = Path("b.svg").read_text("utf-8")
    assert "<text" in text
    assert "My title</text>" not in text
