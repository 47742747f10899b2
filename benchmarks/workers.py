"""Tools to be timed, each as a warm process on one core that draws one diagram per request."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmarks import elk

ROOT = Path(__file__).resolve().parent.parent

_PYTHON = """
import json, sys, time
from pathlib import Path
{setup}
print(json.dumps(origin), flush=True)
for line in sys.stdin:
    source, target = json.loads(line)
    try:
        start = time.perf_counter()
        picture = draw(source)
        seconds = time.perf_counter() - start
        if target:
            Path(target).write_bytes(picture)
        print(json.dumps([seconds, ""]), flush=True)
    except Exception as error:
        print(json.dumps([None, " ".join(str(error).split())[-160:]]), flush=True)
"""
_DIAGRAMKIT = """
import diagramkit
origin = diagramkit.__file__
def draw(source): return diagramkit.load(source).render("svg")
"""
_MERMAN = """
import merman
origin = merman.__file__
unbounded = {"version": 2, "resources": {"profile": "unbounded-for-trusted-input"}}
engine = merman.MermanEngine(json.dumps(unbounded), None)
def draw(source): return engine.render_svg(Path(source).read_text("utf-8"), None).encode("utf-8")
"""


class Worker:
    """A process that answers each line of JSON with a line of JSON: seconds, and a reason or result."""

    def __init__(self, command: Sequence[str], folder: Path, limit: float) -> None:
        self._command, self._folder, self._limit = command, folder, limit
        self._start()

    def _start(self) -> None:
        self._process = subprocess.Popen(
            self._command,
            cwd=self._folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        if hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(self._process.pid, {max(os.sched_getaffinity(0))})
        assert self._process.stdout
        self.origin = self._process.stdout.readline().strip().strip('"')

    def ask(self, request: object) -> tuple[float | None, Any]:
        """Return the seconds and the result, or None and the reason for a failure.

        A process that ended or exceeded the time limit is started again.
        """
        assert self._process.stdin
        assert self._process.stdout
        timer = threading.Timer(self._limit, self._process.kill)
        timer.start()
        try:
            print(json.dumps(request), file=self._process.stdin, flush=True)
            answer = self._process.stdout.readline()
        except BrokenPipeError:
            answer = ""
        finally:
            timer.cancel()
        if not answer:
            self.close()
            self._start()
            return None, f"it ended or took longer than {self._limit:g} s"
        seconds, result = json.loads(answer)
        return seconds, result

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()


def start(options: argparse.Namespace, cleanup: ExitStack) -> dict[str, Worker]:
    """Start a worker for each available tool, and print which tools are missing.

    The workers are closed with `cleanup`.
    """
    node = shutil.which("node")
    commands: dict[str, tuple[list[str] | None, Path]] = {
        "diagramkit": (_python(sys.executable, _DIAGRAMKIT), ROOT),
        "baseline": (_python(options.baseline, _DIAGRAMKIT), ROOT),
        "merman": (_python(options.merman, _MERMAN), ROOT),
        "ELK": ([node, "-e", elk.SCRIPT] if node else None, Path(options.elkjs)),
    }
    workers = {}
    for name, (command, folder) in commands.items():
        if command is None or not folder.is_dir():
            print(f"{name}: not specified, omitted")
            continue
        worker = Worker(command, folder, options.limit)
        cleanup.callback(worker.close)
        if worker.origin:
            workers[name] = worker
            print(f"{name}: {worker.origin}")
        else:
            print(f"{name}: could not be started, omitted")
    if "diagramkit" not in workers:
        raise SystemExit("the installed diagramkit cannot be imported")
    return workers


def _python(program: str | None, setup: str) -> list[str] | None:
    """Return the command for a Python worker.

    In isolated mode (-I), the working folder does not take precedence over installed packages.
    """
    code = _PYTHON.format(setup=setup)
    return [program, "-I", "-c", code] if program else None
