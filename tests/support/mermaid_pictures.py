"""The flowcharts whose pictures by Mermaid and by diagramkit are compared, from `tests/data/mermaid_pictures.yaml`."""

from __future__ import annotations

from functools import cache

import yaml
from msgspec import Struct, convert

from diagramkit import pipeline, sources
from diagramkit.diagnostics import DiagramError
from diagramkit.drawing import Drawing
from diagramkit.options import Options
from tests.support.project import DATA


class Example(Struct, frozen=True, forbid_unknown_fields=True):
    """A flowchart. `differences` are the intended ones, and `note` is a part of the note that explains them."""

    name: str
    mermaid: str
    differences: tuple[str, ...] = ()
    note: str | None = None

    def draw(self) -> tuple[Drawing, tuple[str, ...]]:
        """Return diagramkit's drawing and the messages about it. Raises `DiagramError`."""
        result = sources.load(sources.SourceFile("example.mmd"), self.mermaid)
        if not result.patterns:
            raise DiagramError(result.problems)
        rendering = pipeline.prepare(result.patterns[0], Options())
        drawing = rendering.drawing
        return drawing, tuple(problem.message for problem in (*result.problems, *rendering.warnings))


@cache
def examples() -> tuple[Example, ...]:
    """Return all flowcharts."""
    return convert(yaml.safe_load((DATA / "mermaid_pictures.yaml").read_text("utf-8")), tuple[Example, ...])
