"""Shared by several tests: the project's own patterns, their pictures, and fixtures."""

from __future__ import annotations

import signal
import sys
from functools import cache
from pathlib import Path

import pytest

from diagramkit import pipeline, sources
from diagramkit.drawing import Drawing
from diagramkit.graph import Pattern
from diagramkit.options import Options

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "tests" / "data"
CATALOG = DATA / "aws-architecture-patterns.md"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--accept", action="store_true", help="replace the reference pictures of writers/test_golden.py")


@cache
def patterns() -> dict[str, Pattern]:
    """Return the patterns of the catalog by name, in the order of the catalog."""
    return _load(ROOT / "specs")


@cache
def samples() -> dict[str, Pattern]:
    """Return diagrams as they occur in real repositories, by name."""
    return _load(DATA / "samples")


def _load(folder: Path) -> dict[str, Pattern]:
    result: dict[str, Pattern] = {}
    for file in sources.find([str(folder)]):
        for pattern in sources.load(file).patterns:
            result[pattern.name] = pattern
    return result


@cache
def drawing(name: str, theme: str = "light") -> Drawing:
    """Return the drawing of a pattern or sample."""
    return pipeline.draw({**patterns(), **samples()}[name], Options(theme))


PATTERN_NAMES = list(patterns())
SAMPLE_NAMES = list(samples())


def _enable_ctrl_c() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


enable_ctrl_c = None if sys.platform == "win32" else _enable_ctrl_c
"""For `preexec_fn`: lets a new process receive Ctrl-C even if the process that starts it ignores Ctrl-C."""


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run each test in an empty folder, and with an empty folder for the user's settings and icon packs.

    Nothing that a test writes ends up in the project, and no pack on this machine changes what it draws.
    """
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DIAGRAMKIT_DATA", str(tmp_path.parent / f"{tmp_path.name}-user"))
