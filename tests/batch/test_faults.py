"""A short run of `checks.faults`: after a fault at any moment, each file is old or new, and the next run repairs it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

import pytest

from checks import faults
from diagramkit import atomic_write, pipeline
from diagramkit.batch import workers
from diagramkit.cli import main
from tests.support.command_line import MERMAID
from tests.support.project import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not hasattr(os, "fork"), reason="the test forks")]


@pytest.fixture(autouse=True)
def _pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "render", faults._render)


def test_a_fault_at_any_moment_leaves_each_file_either_old_or_new() -> None:
    """The faults run in a new process, which can be forked because it has no other threads."""
    completed = subprocess.run(
        [sys.executable, "-m", "checks.faults", "3"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert completed.returncode == 0, completed.stdout + completed.stderr
    moments = re.findall(r"(refuse|die) : (\d+) moments", completed.stdout)
    assert [name for name, _ in moments] == ["refuse", "die"]
    assert all(int(count) > 40 for _, count in moments)


def test_a_worker_that_cannot_be_started_is_reported(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(_: object) -> None:
        raise OSError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(workers, "_start", refuse)
    Path("a.mmd").write_text(MERMAID, "utf-8")
    assert main(["render", "a.mmd", "--timeout", "9"]) == 2
    stderr = capsys.readouterr().err
    assert stderr.startswith("--jobs:1:1: error[no-workers]: cannot start a worker process: resource temporarily u")


@pytest.mark.parametrize("method", ["in place", "temporary file left behind"])
def test_the_fault_checks_detect_a_write_that_is_not_atomic(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken_write(path: Path, data: bytes | Iterable[bytes], prefix: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=prefix)
        if method == "in place":
            os.close(handle)
            os.unlink(name)
            handle, name = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC), str(path)
        with os.fdopen(handle, "wb") as file:
            file.write(data if isinstance(data, bytes) else b"".join(data))
        os.replace(name, path)

    monkeypatch.setattr(atomic_write, "atomic_write", broken_write)
    with pytest.raises(AssertionError):
        all(faults.check(3, moment, faults.refuse) for moment in range(40))
