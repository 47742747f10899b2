"""The command line in tests: sources for it, running it, and the files it writes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.support.project import ROOT

MERMAID = "graph LR\n  A[ALB] --> B[Lambda]\n"


def run(
    *arguments: str,
    stdin: bytes = b"",
    cwd: Path | None = None,
    environment: dict[str, str] | None = None,
) -> subprocess.CompletedProcess[bytes]:
    """Run the command in a process of its own, with the code of this checkout."""
    return subprocess.run(
        [sys.executable, "-m", "diagramkit", *arguments],
        input=stdin,
        capture_output=True,
        cwd=cwd,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), **(environment or {})},
    )


def files(folder: Path) -> dict[str, bytes]:
    """Return the contents of all files in a folder and its subfolders, except manifests, by path."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != ".diagramkit.json"
    }


def mermaid_files(count: int) -> None:
    """Write some Mermaid files to the folder `in`."""
    Path("in").mkdir()
    for number in range(count):
        text = MERMAID + "".join(
            f"  N{number}x{index}[Lambda {index}] --> M{index}[S3]\n" for index in range(number % 4)
        )
        Path(f"in/d{number}.mmd").write_text(text, "utf-8")


def _enable_ctrl_c() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


enable_ctrl_c = None if sys.platform == "win32" else _enable_ctrl_c
"""For `preexec_fn`: lets a new process receive Ctrl-C even if the process that starts it ignores Ctrl-C."""


def build(*command: str) -> str:
    """Build a site with a module of Python, and return the output of the build, which must succeed."""
    process = subprocess.run(
        [sys.executable, "-m", *command],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "NO_MKDOCS_2_WARNING": "1"},
    )
    assert process.returncode == 0, process.stderr
    return process.stdout + process.stderr
