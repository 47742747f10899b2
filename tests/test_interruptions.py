"""What a machine does to a run: readers that go, disks that are full, files that vanish; told, and nothing half written."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from diagramkit import sources
from diagramkit.cli import main
from diagramkit.sources import LoadResult, SourceFile
from tests.conftest import ROOT
from tests.test_cli import MERMAID

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="a shell of POSIX")


def specs(count: int) -> None:
    Path("specs").mkdir()
    for number in range(count):
        Path(f"specs/d{number}.mmd").write_text(MERMAID.replace("ALB", f"ALB {number}"), "utf-8")


def shell(command: str) -> subprocess.CompletedProcess[str]:
    """A command of a shell, in which `diagramkit` is this one."""
    line = command.replace("diagramkit", f"'{sys.executable}' -m diagramkit")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False, env=environment)


@POSIX
@pytest.mark.parametrize("end", ["| true", "2>&1 | head -1", "2>&1 >&- | true"])
def test_a_reader_that_goes_stops_no_run(end: str) -> None:
    specs(40)
    Path("specs/wrong.mmd").write_text("graph LR\n  A[\n", "utf-8")
    done = shell(f"diagramkit render --jobs 1 -f svg {end}; exit ${{PIPESTATUS[0]}}")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    assert len(list(Path("output").glob("*.svg"))) == 40
    Path("specs/wrong.mmd").unlink()
    assert main(["render", "--check", "-f", "svg"]) == 0


@POSIX
def test_a_reader_that_has_enough_ends_a_command_that_only_shows() -> None:
    specs(1)
    done = shell("diagramkit icons s3 --all | head -1; exit ${PIPESTATUS[0]}")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("\n") == 1


@POSIX
@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "<&-"])
def test_closed_streams_stop_nothing_and_get_nothing(closed: str) -> None:
    specs(1)
    assert shell(f"diagramkit render -f svg,png {closed}").returncode == 0
    assert main(["render", "--check", "-f", "svg,png"]) == 0
    Path("specs/d0.mmd").write_text("graph LR\n  A[\n", "utf-8")
    done = shell(f"diagramkit render -f svg {closed}")
    assert done.returncode == 2
    assert "error" not in done.stdout


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize(
    "command",
    ["show specs/d0.mmd", "render -f svg -o -", "render -f svg", "render --output-format json specs/wrong.mmd"],
)
def test_a_full_disk_behind_standard_output_is_told(command: str) -> None:
    specs(1)
    (Path("specs/wrong.mmd") if "wrong" in command else Path("x")).write_text("graph\nA[", "utf-8")
    done = shell(f"diagramkit {command} > /dev/full")
    assert done.returncode == 2
    assert done.stderr == "standard output:1:1: error[system]: the system refused something: no space left on device\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_what_cannot_be_told_is_still_in_the_exit_code() -> None:
    assert shell("diagramkit render nothing.mmd 2> /dev/full").returncode == 2


@pytest.mark.skipif(sys.platform != "linux", reason="Linux's /proc takes no files from anybody")
def test_a_folder_that_takes_no_files_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    specs(1)
    assert main(["render", "-o", "/proc/diagramkit", "-f", "svg"]) == 2
    assert "/proc/diagramkit/d0.svg:1:1: error[unwritable]: cannot be written: " in capsys.readouterr().err


def test_a_file_in_the_output_folders_place_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    specs(1)
    Path("output").write_bytes(b"mine")
    assert main(["render", "-f", "svg"]) == 2
    assert "error[unwritable]" in capsys.readouterr().err
    assert Path("output").read_bytes() == b"mine"


def test_a_source_that_vanishes_or_changes_in_mid_run_is_told_or_drawn_next_time(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    specs(4)
    load = sources.load

    def disturbed(file: SourceFile) -> LoadResult:
        if file.path.endswith("d1.mmd"):
            Path(file.path).unlink()
        found = load(file)
        if file.path.endswith("d2.mmd"):
            Path(file.path).write_text(MERMAID.replace("ALB", "later"), "utf-8")
        return found

    monkeypatch.setattr(sources, "load", disturbed)
    assert main(["render", "-f", "svg"]) == 2
    said = capsys.readouterr().err
    assert "d1.mmd:1:1: error[unreadable]: cannot be read: no such file or directory" in said
    assert len(list(Path("output").glob("*.svg"))) == 3
    monkeypatch.setattr(sources, "load", load)
    assert main(["render", "-f", "svg"]) == 0
    said = capsys.readouterr().out
    assert "d2: wrote svg" in said
    assert said.count(": current") == 2
