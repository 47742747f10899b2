"""What several tests share: the project's own patterns, and their pictures."""

from __future__ import annotations

import signal
import sys
from functools import cache
from pathlib import Path

import pytest

from diagramkit import pipeline, sources
from diagramkit.drawing import Drawing
from diagramkit.graph import Pattern
from diagramkit.pipeline import Options

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "tests" / "data"
CATALOGUE = DATA / "aws-architecture-patterns.md"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--accept", action="store_true", help="take today's pictures as golden ones")


@cache
def patterns() -> dict[str, Pattern]:
    """The catalogue's patterns, by name, in the catalogue's order."""
    return _load(ROOT / "specs")


@cache
def samples() -> dict[str, Pattern]:
    """Mermaid as it is met in real repositories, by name."""
    return _load(DATA / "samples")


def _load(folder: Path) -> dict[str, Pattern]:
    found: dict[str, Pattern] = {}
    for file in sources.find([str(folder)]):
        for pattern in sources.load(file).patterns:
            found[pattern.name] = pattern
    return found


@cache
def drawing(name: str, theme: str = "light") -> Drawing:
    """The picture of a pattern or sample."""
    return pipeline.draw({**patterns(), **samples()}[name], Options(theme))


PATTERN_NAMES = list(patterns())
SAMPLE_NAMES = list(samples())


def _hear_ctrl_c() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


hearing_ctrl_c = None if sys.platform == "win32" else _hear_ctrl_c
"""What a process does before it begins (`preexec_fn`), to hear Ctrl-C whatever it was started from."""


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests run in a folder of their own, with a user's folder of their own: nothing they write
    lands in the project, and no pack of this machine changes what they draw."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DIAGRAMKIT_DATA", str(tmp_path.parent / f"{tmp_path.name}-user"))
