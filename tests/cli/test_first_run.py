"""The first run: compiling the layout engine takes seconds, which a message on a terminal announces."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command_line import MERMAID
from tests.support.project import ROOT

SENTENCE = "preparing the layout engine, which takes some seconds, once on this machine"


def errors(terminal: bool, *arguments: str) -> str:
    """Return what a run prints on standard error, which is a terminal or not; its cache is in the current folder."""
    import pty

    environment = {**os.environ, "PYTHONPATH": str(ROOT), "DIAGRAMKIT_CACHE": str(Path("cache").resolve())}
    environment.pop("CI", None)
    reader, writer = pty.openpty() if terminal else os.pipe()
    command = [sys.executable, "-m", "diagramkit", "render", *arguments]
    with os.fdopen(reader, "rb", closefd=True) as stream:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=writer, env=environment)
        assert process.wait() == 0
        os.write(writer, b"\n.\n")
        text = b""
        while not text.endswith((b"\n.\r\n", b"\n.\n")):
            text += stream.read1()
        os.close(writer)
    return text.decode()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pty")
def test_the_first_run_on_a_terminal_says_what_takes_a_while() -> None:
    Path("a.mmd").write_text(MERMAID, "utf-8")
    assert SENTENCE not in errors(False, "a.mmd", "-f", "svg", "-o", "x")
    for file in Path("cache").glob("layout*"):
        file.unlink()
    assert errors(True, "a.mmd", "-f", "svg", "-o", "y").count(SENTENCE) == 1
    assert SENTENCE not in errors(True, "a.mmd", "-f", "svg", "-o", "z")
    for file in Path("cache").glob("layout*"):
        file.unlink()
    # Worker processes compile it, and nobody reads their errors.
    assert errors(True, "a.mmd", "-f", "svg", "-o", "w", "--timeout", "60").count(SENTENCE) == 1
