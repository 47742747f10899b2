"""A short run of the faults at every moment of a batch: each file is old or new, and the next run ends right."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

import pytest

from diagramkit import atomic_write, pipeline
from diagramkit.batch import workers
from diagramkit.cli import main
from tests import faults
from tests.conftest import ROOT
from tests.test_cli import MERMAID

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="it forks")


@pytest.fixture(autouse=True)
def _pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "render", faults._render)


def test_a_fault_at_any_moment_leaves_each_file_old_or_new() -> None:
    """In a process of its own, which may be copied: nothing else runs in it."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults", "3"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    moments = re.findall(r"(refuse|die) : (\d+) moments", done.stdout)
    assert [name for name, _ in moments] == ["refuse", "die"]
    assert all(int(count) > 40 for _, count in moments)


def test_where_no_process_can_be_started_it_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(_: object) -> None:
        raise OSError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(workers, "_start", refuse)
    Path("a.mmd").write_text(MERMAID, "utf-8")
    assert main(["render", "a.mmd", "--timeout", "9"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("--jobs:1:1: error[no-workers]: no process can be started: resource temporarily unavail")


@pytest.mark.parametrize("way", ["in place", "beside, and left there"])
def test_the_harness_would_notice(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def put(path: Path, data: bytes | Iterable[bytes], prefix: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=prefix)
        if way == "in place":
            os.close(handle)
            os.unlink(name)
            handle, name = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC), str(path)
        with os.fdopen(handle, "wb") as file:
            file.write(data if isinstance(data, bytes) else b"".join(data))
        os.replace(name, path)

    monkeypatch.setattr(atomic_write, "atomic_write", put)
    with pytest.raises(AssertionError):
        all(faults.check(3, at, faults.refuse) for at in range(40))
