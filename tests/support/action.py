"""The script of the GitHub action, run as a runner does, with the code of this checkout."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.support.project import ROOT

FAKE_PYTHON = """#!/bin/sh
# Stands for `python -m venv FOLDER`: a virtual environment whose pip installs nothing.
mkdir -p "$3/bin"
printf '#!/bin/sh\\nexit 0\\n' > "$3/bin/python"
printf '#!/bin/sh\\nexec "%s" -m diagramkit "$@"\\n' "$REAL_PYTHON" > "$3/bin/diagramkit"
chmod +x "$3/bin/python" "$3/bin/diagramkit"
"""

_INPUTS = ("SOURCES", "OUTPUT", "ARGUMENTS", "SHARD", "VERSION", "MESSAGE", "IMAGES", "UPLOAD")


def run(runner: Path, **inputs: str) -> tuple[subprocess.CompletedProcess[str], Path]:
    """Run the script in the current folder; return what happened, and the folder with its outputs and its summary."""
    runner.mkdir(exist_ok=True)
    (runner / "python").write_text(FAKE_PYTHON, "utf-8")
    (runner / "python").chmod(0o755)
    process = subprocess.run(
        ["bash", str(ROOT / "docs/ci/action.sh")],
        capture_output=True,
        text=True,
        check=False,
        env={
            **os.environ,
            **dict.fromkeys(_INPUTS, ""),
            "PATH": f"{runner}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "REAL_PYTHON": sys.executable,
            "RUNNER_TEMP": str(runner),
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_OUTPUT": str(runner / "output"),
            "GITHUB_RUN_ID": "7",
            "GITHUB_STEP_SUMMARY": str(runner / "summary"),
            "DIAGRAMKIT_DATA": str(runner / "data"),
            **inputs,
        },
    )
    return process, runner
