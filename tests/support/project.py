"""The project's folders, its own patterns and the sample diagrams, with their drawings."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from diagramkit import pipeline, sources
from diagramkit.drawing import Drawing
from diagramkit.graph import Pattern
from diagramkit.options import Options

ROOT = Path(__file__).resolve().parent.parent.parent
DATA = ROOT / "tests" / "data"
CATALOG = DATA / "aws-architecture-patterns.md"


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
