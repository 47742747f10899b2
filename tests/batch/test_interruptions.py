"""Interference with a run: closed pipes, full disks, vanishing files. Each is reported, and no file is half written."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from diagramkit import sources
from diagramkit.cli import main
from diagramkit.sources import SourceFile
from diagramkit.sources.readers import LoadResult
from tests.support.command_line import MERMAID
from tests.support.project import ROOT

pytestmark = pytest.mark.slow

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX shell")


def specs(count: int) -> None:
    Path("specs").mkdir()
    for number in range(count):
        Path(f"specs/d{number}.mmd").write_text(MERMAID.replace("ALB", f"ALB {number}"), "utf-8")


def shell(command: str) -> subprocess.CompletedProcess[str]:
    """Run a shell command in which `diagramkit` is this checkout."""
    line = command.replace("diagramkit", f"'{sys.executable}' -m diagramkit")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False, env=environment)


@POSIX
@pytest.mark.parametrize("end", ["| true", "2>&1 | head -1", "2>&1 >&- | true"])
def test_a_reader_that_closes_the_pipe_does_not_stop_the_run(end: str) -> None:
    specs(40)
    Path("specs/wrong.mmd").write_text("graph LR\n  A[\n", "utf-8")
    completed = shell(f"diagramkit render --jobs 1 -f svg {end}; exit ${{PIPESTATUS[0]}}")
    assert completed.returncode == 2
    assert "Traceback" not in completed.stderr
    assert "Exception ignored" not in completed.stderr
    assert len(list(Path("output").glob("*.svg"))) == 40
    Path("specs/wrong.mmd").unlink()
    assert main(["render", "--check", "-f", "svg"]) == 0


@POSIX
def test_a_command_that_only_prints_ends_quietly_when_its_reader_does() -> None:
    specs(1)
    completed = shell("diagramkit icons s3 --all | head -1; exit ${PIPESTATUS[0]}")
    assert (completed.returncode, completed.stderr) == (0, "")
    assert completed.stdout.count("\n") == 1


@POSIX
@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "<&-"])
def test_closed_standard_streams_do_not_stop_a_run(closed: str) -> None:
    specs(1)
    assert shell(f"diagramkit render -f svg,png {closed}").returncode == 0
    assert main(["render", "--check", "-f", "svg,png"]) == 0
    Path("specs/d0.mmd").write_text("graph LR\n  A[\n", "utf-8")
    completed = shell(f"diagramkit render -f svg {closed}")
    assert completed.returncode == 2
    assert "error" not in completed.stdout


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize(
    "command",
    ["show specs/d0.mmd", "render -f svg -o -", "render -f svg", "render --output-format json specs/wrong.mmd"],
)
def test_a_full_disk_behind_standard_output_is_reported(command: str) -> None:
    specs(1)
    (Path("specs/wrong.mmd") if "wrong" in command else Path("x")).write_text("graph\nA[", "utf-8")
    completed = shell(f"diagramkit {command} > /dev/full")
    assert completed.returncode == 2
    assert completed.stderr == "standard output:1:1: error[system]: operating system error: no space left on device\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_the_exit_code_is_right_even_if_errors_cannot_be_printed() -> None:
    assert shell("diagramkit render nothing.mmd 2> /dev/full").returncode == 2


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a /proc in which nobody can create files")
def test_an_output_folder_that_cannot_be_written_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    specs(1)
    assert main(["render", "-o", "/proc/diagramkit", "-f", "svg"]) == 2
    assert "/proc/diagramkit/d0.svg:1:1: error[unwritable]: cannot be written: " in capsys.readouterr().err


def test_a_file_with_the_name_of_the_output_folder_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    specs(1)
    Path("output").write_bytes(b"mine")
    assert main(["render", "-f", "svg"]) == 2
    assert "error[unwritable]" in capsys.readouterr().err
    assert Path("output").read_bytes() == b"mine"


def test_a_source_that_vanishes_during_a_run_is_reported_and_one_that_changes_is_redrawn_next_time(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    specs(4)
    load = sources.load

    def disturbed(file: SourceFile) -> LoadResult:
        if file.path.endswith("d1.mmd"):
            Path(file.path).unlink()
        loaded = load(file)
        if file.path.endswith("d2.mmd"):
            Path(file.path).write_text(MERMAID.replace("ALB", "later"), "utf-8")
        return loaded

    monkeypatch.setattr(sources, "load", disturbed)
    assert main(["render", "-f", "svg"]) == 2
    stderr = capsys.readouterr().err
    assert "d1.mmd:1:1: error[unreadable]: cannot be read: no such file or directory" in stderr
    assert len(list(Path("output").glob("*.svg"))) == 3
    monkeypatch.setattr(sources, "load", load)
    assert main(["render", "-f", "svg"]) == 0
    stdout = capsys.readouterr().out
    assert "d2: wrote svg" in stdout
    assert stdout.count(": current") == 2


TERMINATED_WHILE_WRITING = """if True:
    import os, signal, sys
    from diagramkit.cli import main
    move = os.replace

    def terminated(source, target):
        if "diagramkit-" in str(source):
            os.kill(os.getpid(), signal.SIGTERM)
            os.kill(os.getpid(), signal.SIGTERM)  # A second one does not interrupt the cleanup.
        move(source, target)

    os.replace = terminated
    sys.exit(main(sys.argv[1:]))
"""


@POSIX
@pytest.mark.parametrize(
    "command",
    [
        "render --jobs 1 -f svg",
        "render --jobs 2 -f svg",
        "render specs/d0.mmd -o one.svg",
        "gallery",
        "embed doc.md",
        "deck",
        "export specs/d0.mmd -o d.drawio",
        "icons add pack --in-project",
        "import template.yaml",
        "import template.yaml --split stack",
        "render specs/d0.mmd -o one.svg --report one.json",
        "skill",
    ],
)
def test_a_command_that_is_terminated_leaves_no_temporary_files(command: str) -> None:
    """By default, SIGTERM ends a process at once. What it leaves behind would be committed by `git add -A`."""
    specs(3)
    Path("doc.md").write_text(f"```mermaid\n{MERMAID}```\n", "utf-8")
    Path("pack").mkdir()
    Path("template.yaml").write_text("Resources:\n  Orders: {Type: AWS::Lambda::Function}\n", "utf-8")
    Path("diagramkit.toml").write_text("", "utf-8")
    icon = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path d="M0 0h8v8H0z"/></svg>'
    Path("pack/a.svg").write_text(icon, "utf-8")
    completed = subprocess.run(
        [sys.executable, "-c", TERMINATED_WHILE_WRITING, *command.split()],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert (completed.returncode, completed.stderr) == (143, b"interrupted; finished files are kept\n")
    assert [*Path().rglob(".diagramkit-*")] == []


def test_the_handler_of_sigterm_is_that_of_the_program_again_after_a_command() -> None:
    before = signal.getsignal(signal.SIGTERM)
    assert main(["schema"]) == 0
    assert signal.getsignal(signal.SIGTERM) is before
