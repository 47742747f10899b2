"""Staged files: workers write them under temporary names, a run moves them into place, and none are left behind."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from diagramkit import files
from diagramkit.batch.incremental import Batch
from diagramkit.cli import main
from diagramkit.files import StagedFile
from tests.support.command_line import mermaid_files

RUN = "0123abcd"


def stage(data: bytes, folder: str = ".") -> StagedFile:
    file = files.stage(folder, RUN, data)
    assert file is not None
    return file


def staged_files() -> list[str]:
    """Return the names of all staged files below the current folder."""
    return sorted(path.name for path in Path().rglob(".diagramkit-*"))


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_run_leaves_no_staged_files_and_applies_the_umask(jobs: str) -> None:
    mermaid_files(5)
    before = os.umask(0o027)
    try:
        assert main(["render", "in", "-o", "out/deep", "-f", "mmd,svg", "--jobs", jobs]) == 0
    finally:
        os.umask(before)
    written = [*Path("out/deep").glob("d*.*")]
    assert len(written) == 10
    assert {path.stat().st_mode & 0o777 for path in written} == {0o640}
    assert staged_files() == []


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_an_interrupted_run_leaves_no_staged_files(jobs: str, monkeypatch: pytest.MonkeyPatch) -> None:
    mermaid_files(8)
    write, calls = Batch.write, []

    def interrupted_write(*arguments: Any) -> list[str]:
        calls.append(1)
        if len(calls) == 3:
            assert staged_files()  # At least that of the third picture.
            raise KeyboardInterrupt
        return write(*arguments)

    monkeypatch.setattr(Batch, "write", interrupted_write)
    assert main(["render", "in", "-o", "out", "-f", "svg", "--jobs", jobs]) == 130
    assert staged_files() == []
    assert len([*Path("out").glob("*.svg")]) == 2


def test_a_file_that_is_already_up_to_date_is_not_touched(capsys: pytest.CaptureFixture[str]) -> None:
    mermaid_files(2)
    assert main(["render", "in", "-o", "out", "-f", "svg"]) == 0
    os.utime("out/d0.svg", (1e9, 1e9))
    Path("out/d1.svg").write_text("edited", "utf-8")
    capsys.readouterr()
    assert main(["render", "in", "-o", "out", "-f", "svg", "--force"]) == 0
    stdout = capsys.readouterr().out
    assert "d0: current" in stdout
    assert "d1: wrote svg" in stdout
    assert Path("out/d0.svg").stat().st_mtime == 1e9
    assert staged_files() == []


def test_a_picture_refused_for_its_name_leaves_no_staged_file() -> None:
    mermaid_files(1)
    Path("in/D0.mmd").write_text("graph LR;A-->B", "utf-8")
    assert main(["render", "in", "-o", "out", "-f", "svg"]) == 2
    assert staged_files() == []


def test_a_file_of_the_same_size_but_different_content_is_replaced() -> None:
    Path("a.svg").write_bytes(b"1234")
    assert files.move("a.svg", stage(b"4321"))
    assert Path("a.svg").read_bytes() == b"4321"
    assert not files.move("a.svg", stage(b"4321"))
    assert staged_files() == []


def test_a_staged_file_can_be_moved_to_another_file_system(monkeypatch: pytest.MonkeyPatch) -> None:
    replace, moved = os.replace, []

    def fail_once(source: str, target: str) -> None:
        moved.append(source)
        if len(moved) == 1:
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
        replace(source, target)

    monkeypatch.setattr(os, "replace", fail_once)
    file = stage(b"1234")
    assert files.move("sub/a.svg", file)
    assert Path("sub/a.svg").read_bytes() == b"1234"
    assert staged_files() == []


def test_a_disk_too_full_for_staged_files_is_reported_and_no_picture_is_half_written(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    mermaid_files(1)

    def raise_disk_full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("tempfile.mkstemp", raise_disk_full)
    assert main(["render", "in", "-o", "out", "-f", "mmd,svg"]) == 2
    assert "error[unwritable]" in capsys.readouterr().err
    assert [*Path("out").glob("d*")] == []
