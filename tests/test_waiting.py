"""Files that whoever draws puts beside their places: moved there in the sources' order, and none left waiting."""

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
from tests.test_delivery import specs

RUN = "0123abcd"


def waiting(data: bytes, folder: str = ".") -> StagedFile:
    one = files.stage(folder, RUN, data)
    assert one is not None
    return one


def left() -> list[str]:
    """What waits anywhere below the current folder."""
    return sorted(path.name for path in Path().rglob(".diagramkit-*"))


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_after_a_run_no_file_waits_and_each_has_the_umasks_mode(jobs: str) -> None:
    specs(5)
    before = os.umask(0o027)
    try:
        assert main(["render", "in", "-o", "out/deep", "-f", "mmd,svg", "--jobs", jobs]) == 0
    finally:
        os.umask(before)
    made = [*Path("out/deep").glob("d*.*")]
    assert len(made) == 10
    assert {path.stat().st_mode & 0o777 for path in made} == {0o640}
    assert left() == []


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_run_that_is_stopped_leaves_no_file_waiting(jobs: str, monkeypatch: pytest.MonkeyPatch) -> None:
    specs(8)
    write, count = Batch.write, []

    def stopped(*given: Any) -> list[str]:
        count.append(1)
        if len(count) == 3:
            assert left()  # The third picture's own, at least.
            raise KeyboardInterrupt
        return write(*given)

    monkeypatch.setattr(Batch, "write", stopped)
    assert main(["render", "in", "-o", "out", "-f", "svg", "--jobs", jobs]) == 130
    assert left() == []
    assert len([*Path("out").glob("*.svg")]) == 2


def test_a_file_that_is_as_it_is_to_be_is_left_alone(capsys: pytest.CaptureFixture[str]) -> None:
    specs(2)
    assert main(["render", "in", "-o", "out", "-f", "svg"]) == 0
    os.utime("out/d0.svg", (1e9, 1e9))
    Path("out/d1.svg").write_text("edited", "utf-8")
    capsys.readouterr()
    assert main(["render", "in", "-o", "out", "-f", "svg", "--force"]) == 0
    told = capsys.readouterr().out
    assert "d0: current" in told
    assert "d1: wrote svg" in told
    assert Path("out/d0.svg").stat().st_mtime == 1e9
    assert left() == []


def test_of_two_diagrams_for_one_file_the_refused_ones_file_is_not_left() -> None:
    specs(1)
    Path("in/D0.mmd").write_text("graph LR;A-->B", "utf-8")
    assert main(["render", "in", "-o", "out", "-f", "svg"]) == 2
    assert left() == []


def test_a_file_of_the_same_size_and_other_bytes_is_replaced() -> None:
    Path("a.svg").write_bytes(b"1234")
    assert files.move("a.svg", waiting(b"4321"))
    assert Path("a.svg").read_bytes() == b"4321"
    assert not files.move("a.svg", waiting(b"4321"))
    assert left() == []


def test_a_place_on_another_file_system_gets_its_file_too(monkeypatch: pytest.MonkeyPatch) -> None:
    replace, moved = os.replace, []

    def across(source: str, target: str) -> None:
        moved.append(source)
        if len(moved) == 1:
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
        replace(source, target)

    monkeypatch.setattr(os, "replace", across)
    one = waiting(b"1234")
    assert files.move("sub/a.svg", one)
    assert Path("sub/a.svg").read_bytes() == b"1234"
    assert left() == []


def test_where_nothing_can_wait_the_reason_is_told_and_no_picture_is_half(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    specs(1)

    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("tempfile.mkstemp", full)
    assert main(["render", "in", "-o", "out", "-f", "mmd,svg"]) == 2
    assert "error[unwritable]" in capsys.readouterr().err
    assert [*Path("out").glob("d*")] == []
