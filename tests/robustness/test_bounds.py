"""`--timeout` and `--memory`: every command that reads sources has them, and survives a source that exceeds them."""

from __future__ import annotations

import argparse
import inspect
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from diagramkit.batch.bounds import Bounds
from diagramkit.batch.executor import Executor
from diagramkit.cli import COMMANDS, _parser, limit_options, main
from diagramkit.diagnostics import DiagramError
from diagramkit.options import Options
from diagramkit.serve import draft_changes, drafts, edits
from diagramkit.sources import yamltree
from tests.support.command_line import MERMAID, run

READS_NO_SOURCE = {"new", "completion", "schema", "config", "explain", "skill"}
ALWAYS_LIMITED = "mcp"  # Its sources come from programs.
SOURCE_COMMANDS = [name for name in COMMANDS if name not in {*READS_NO_SOURCE, ALWAYS_LIMITED}]
HUGE = "graph LR\n" + "  A --> B\n" * 450_000
"""Mermaid that takes many seconds to read. It is within the limit on bytes."""
HUGE_INDEX = "catalogue: T\ncontents:\n" + "- {a: b, c: d}\n" * 300_000
SECONDS = "6"
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="memory is limited on Linux only")


@pytest.mark.parametrize("command", SOURCE_COMMANDS)
def test_every_command_that_reads_sources_has_the_same_limits(command: str) -> None:
    parser = _parser(command)._subparsers._group_actions[0].choices[command]  # type: ignore[union-attr,index]
    expected = _parser("render")._subparsers._group_actions[0].choices["render"]  # type: ignore[union-attr,index]
    for option in ("--timeout", "--memory"):
        assert parser._option_string_actions[option].help == expected._option_string_actions[option].help
    assert set(limit_options.SETTINGS) <= set(parser.get_default("configured"))


def test_the_server_for_programs_is_limited_by_default() -> None:
    parser = _parser(ALWAYS_LIMITED)._subparsers._group_actions[0].choices[ALWAYS_LIMITED]  # type: ignore[union-attr,index]
    assert parser.get_default("timeout") > 0
    assert parser.get_default("memory") > 0


@pytest.mark.parametrize("command", sorted(READS_NO_SOURCE))
def test_a_command_without_limits_takes_no_source(command: str) -> None:
    parser = _parser(command)._subparsers._group_actions[0].choices[command]  # type: ignore[union-attr,index]
    assert not {action.dest for action in parser._actions} & {"source", "sources", "folder", "files"}
    assert "executor" not in inspect.getsource(sys.modules[parser.get_default("run").__module__])


@pytest.mark.parametrize("command", [["show", "a.mmd"], ["export", "a.mmd"], ["check", "a.mmd"], ["import", "a.md"]])
def test_the_settings_set_the_limits_and_the_command_line_overrides_them(
    command: Sequence[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("a.mmd").write_text(MERMAID, "utf-8")
    Path("a.md").write_text(f"# C\n\n## A\n\n### B\n\n```mermaid\n{MERMAID}```\n", "utf-8")
    Path("diagramkit.toml").write_text("timeout = 'soon'\n", "utf-8")
    assert main(command) == 2
    assert "diagramkit.toml:1:1: error[bad-config]: 'timeout': invalid time 'soon'" in capsys.readouterr().err
    seen = []
    monkeypatch.setattr("diagramkit.batch.executor.Executor.__init__", lambda _, bounds: seen.append(bounds))
    Path("diagramkit.toml").write_text("timeout = 7\nmemory = 200\n", "utf-8")
    for arguments, expected in (((), (7, 200_000_000)), (("--timeout", "9"), (9, 200_000_000))):
        with pytest.raises(AttributeError):  # There is no executor.
            main([*command, *arguments])
        assert (seen[-1].timeout, seen[-1].memory) == expected


@pytest.mark.parametrize(
    ("option", "values", "message"),
    [
        ("--timeout", ("0.01", "86400", "0.009", "86400.5"), "time '{}': expected seconds from 0.01 to 86400"),
        ("--memory", ("100", "1000000", "99", "1000000.5"), "size '{}': expected megabytes from 100 to 1000000"),
    ],
)
def test_the_limits_are_within_what_a_machine_can_do(
    option: str, values: Sequence[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("a.mmd").write_text(MERMAID, "utf-8")
    smallest, largest, too_small, too_large = values
    for value in (smallest, largest):
        options = _parser("show").parse_args(["show", "a.mmd", option, value])
        assert getattr(options, option[2:]) == float(value)
    for value in (too_small, too_large):
        with pytest.raises(SystemExit):
            main(["show", "a.mmd", option, value])
        assert message.format(value) in capsys.readouterr().err


def test_memory_is_limited_to_whole_bytes() -> None:
    """The operating system accepts nothing else."""
    options = argparse.Namespace(timeout=None, memory=100.0000005)
    with limit_options.executor(options):
        assert str(options.executor.bounds.memory) == "100000000"


def test_without_limits_nothing_is_started() -> None:
    """A small source is therefore read as fast as without the option."""
    Path("a.mmd").write_text(MERMAID, "utf-8")
    code = (
        "import sys; from diagramkit.cli import main\n"
        "for command in (['show', 'a.mmd'], ['check', 'a.mmd'], ['export', 'a.mmd']): assert main(command) == 0\n"
        "assert not {'multiprocessing', 'diagramkit.batch.workers'} & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def write_sources() -> None:
    """Write a folder with three sources, of which the second is huge."""
    Path("in").mkdir()
    Path("in/a.mmd").write_text(MERMAID, "utf-8")
    Path("in/huge.mmd").write_text(HUGE, "utf-8")
    Path("in/z.mmd").write_text(MERMAID.replace("Lambda", "EC2"), "utf-8")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("command", "output", "contents"),
    [
        (["render", "in", "-f", "svg"], "output/a.svg", ()),
        (["show", "in"], None, ("Lambda", "EC2")),
        (["check", "in", "--strict"], None, ()),
        (["export", "in", "--to", "drawio", "-o", "x.drawio"], "x.drawio", ("Lambda", "EC2")),
        (["deck", "in", "-o", "x.pptx"], "x.pptx", ()),
        (["gallery", "in", "-o", "g"], "g/README.md", ("### a", "### z")),
        (["icons", "license", "in"], None, ("aws.compute.EC2", "aws.compute.Lambda")),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_a_source_that_takes_too_long_is_one_error_and_the_others_are_processed(
    command: Sequence[str], output: str | None, contents: Sequence[str]
) -> None:
    write_sources()
    completed = run(*command, "--timeout", SECONDS)
    assert completed.returncode == 2
    errors = [line for line in completed.stderr.decode().split("\n") if ": error[" in line]
    message = f"error[timeout]: this took longer than {SECONDS} s; raise --timeout or split the diagram"
    assert errors == [f"{Path('in/huge.mmd')}:1:1: {message}"]
    text = Path(output).read_bytes().decode("utf-8", "replace") if output else completed.stdout.decode()
    for content in contents:
        assert content in text
    assert "huge" not in text


@pytest.mark.slow
@pytest.mark.parametrize(
    "command",
    [
        ["render", "huge.mmd", "-o", "x.svg"],
        ["render", "huge.mmd", "-o", "-"],
        ["render", "huge.md", "-f", "svg"],
        ["wiki", "huge.mmd", "--to", "github"],
        ["export", "huge.mmd", "--to", "python", "-o", "x.py"],
        ["embed", "huge.md"],
        ["import", "huge.md"],
        ["check", "--fix", "huge.md"],
    ],
    ids=" ".join,
)
def test_a_single_source_that_takes_too_long_is_an_error_and_nothing_is_written(command: Sequence[str]) -> None:
    huge_text = "# T\n\n## C\n\n### P\n\n" + "[a](<b> `c` **d**\n\n- e\n" * 200_000
    Path("huge.md").write_text(huge_text, "utf-8")
    Path("huge.mmd").write_text(HUGE, "utf-8")
    completed = run(*command, "--timeout", "1")
    assert completed.returncode == 2
    assert f"{'huge.mmd' if 'huge.mmd' in command else 'huge.md'}:1:1: error[timeout]" in completed.stderr.decode()
    assert completed.stdout == b""
    assert sorted(path.name for path in Path().iterdir()) == ["huge.md", "huge.mmd"]
    assert Path("huge.md").read_text("utf-8") == huge_text


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [["t.yaml"], ["specs/t.yaml"], ["--check"], ["t.yaml", "--split", "stack"], []])
def test_a_huge_spec_is_imported_again_within_limits(
    arguments: Sequence[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """What the spec remembers is read before the import, which took many seconds in the process of the command."""
    nodes = "".join(f"  n{number}: {{label: A{number}, icon: none}}\n" for number in range(120_000))
    huge = f"import: {{source: ../t.yaml, split: stack}}\nnodes:\n{nodes}"
    Path("t.yaml").write_text("Resources:\n  Orders: {Type: AWS::Lambda::Function}\n", "utf-8")
    for spec in (Path("specs/t.yaml"), Path("specs/t/t.yaml")):
        spec.parent.mkdir()
        spec.write_text(huge, "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(yamltree, "load", refuse_large(yamltree.load))
        assert main(["import", *arguments, "--timeout", "1"]) == 2
    errors = capsys.readouterr().err
    assert "error[timeout]" in errors
    assert "error[internal]" not in errors
    assert Path("specs/t.yaml").read_text("utf-8") == huge


def refuse_large(load: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that reads YAML as `load` does, but nothing large in this process."""
    process = os.getpid()

    def checked(text: str, *arguments: Any) -> Any:
        assert len(text) < 1_000_000 or os.getpid() != process, "a huge spec is read without limits"
        return load(text, *arguments)

    return checked


@pytest.mark.slow
def test_a_fence_that_takes_too_long_is_reported_and_the_others_get_their_pictures() -> None:
    edges = "".join(f"  N{number} --> N{number * number % 1499}\n" for number in range(1, 3000))
    fences = [f"```mermaid\n{text}```\n" for text in (MERMAID, f"graph LR\n{edges}", MERMAID)]
    Path("d.md").write_text("\n".join(fences), "utf-8")
    completed = run("embed", "d.md", "--timeout", SECONDS)
    assert completed.returncode == 2
    assert [line for line in completed.stderr.decode().split("\n") if ": error[timeout]" in line]
    assert sorted(path.name for path in Path("diagrams").glob("*.svg")) == ["d-1.svg", "d-3.svg"]
    assert fences[1] in Path("d.md").read_text("utf-8")


@pytest.mark.slow
def test_an_index_that_takes_too_long_is_reported() -> None:
    Path("in").mkdir()
    Path("in/catalogue.yaml").write_text(HUGE_INDEX, "utf-8")
    Path("in/a.mmd").write_text(MERMAID, "utf-8")
    completed = run("show", "in", "--timeout", SECONDS)
    assert completed.returncode == 2
    assert "catalogue.yaml:1:1: error[timeout]: this took longer" in completed.stderr.decode()
    assert "Lambda" in completed.stdout.decode()


@pytest.mark.slow
def test_standard_input_is_read_within_limits() -> None:
    completed = run("show", "-", "--timeout", SECONDS, stdin=MERMAID.encode())
    assert completed.returncode == 0
    assert b"Lambda" in completed.stdout
    completed = run("show", "-", "--timeout", "1", stdin=HUGE.encode())
    assert completed.returncode == 2
    assert b"-:1:1: error[timeout]" in completed.stderr


@LINUX
@pytest.mark.slow
def test_a_source_that_needs_too_much_memory_is_one_error_and_the_others_are_processed() -> None:
    write_sources()
    completed = run("show", "in", "--memory", "100")
    assert completed.returncode == 2
    (error,) = [line for line in completed.stderr.decode().split("\n") if line]
    assert error.startswith(("in/huge.mmd:1:1: error[memory]", "in/huge.mmd:1:1: error[crashed]"))
    assert "EC2" in completed.stdout.decode()


@pytest.mark.slow
def test_the_page_keeps_working_after_a_draft_that_takes_too_long() -> None:
    with Executor(Bounds(float(SECONDS))) as executor:
        huge, small, root = drafts.Draft(HUGE), drafts.Draft(MERMAID), Path()
        assert drafts.render_draft(huge, Options(), executor)["problems"][0]["code"] == "timeout"
        with pytest.raises(DiagramError, match=r"error\[timeout\]"):
            drafts.export_draft(huge, "svg", Options(), executor)
        assert drafts.render_draft(small, Options(), executor)["svg"].startswith("<svg")
        change = {"kind": "icon", "node": "A", "icon": "none"}
        assert 'icon: "none"' in draft_changes.apply(small, change, root, executor)
        with pytest.raises(edits.EditError, match="is not an icon reference"):
            draft_changes.apply(small, {**change, "icon": "###"}, root, executor)
