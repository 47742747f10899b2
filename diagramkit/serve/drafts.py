"""Draw and export a draft: a text that somebody is editing on the page, which may differ from its file.

An executor does this, within the limits of the server.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct

from diagramkit import pipeline
from diagramkit.batch.executor import IN_PROCESS, Executor
from diagramkit.diagnostics import Diagnostic, DiagramError, Span, fail, problems_of
from diagramkit.excerpts import with_excerpts
from diagramkit.graph import Pattern
from diagramkit.options import DEFAULTS, Options, PictureOptions
from diagramkit.outputs import OUTPUTS, Rendering
from diagramkit.serve import picture_grid
from diagramkit.serve.live_project import diagnostic_data
from diagramkit.sources import markdown, notes, readers
from diagramkit.writers import svg

_NAME = "diagram"
"""What messages call a text that is not in a file, before its extension."""


class Draft(Struct, frozen=True):
    """A text that is edited.

    `file` is the path of its file, or "" if it is not in one; `language` is the name of its reader. Of several diagrams
    in the text, the one at the line `line` (from 1) is meant.
    """

    text: str
    file: str = ""
    language: str = ""
    line: int = 1

    @property
    def name(self) -> str:
        """What messages call the text. The extension tells its kind."""
        if self.file:
            return self.file
        known = {reader.name: reader for reader in readers.READERS}
        reader = known.get(self.language) or readers.detect_reader(self.text)
        return _NAME + reader.extensions[0]


def render_draft(draft: Draft, options: Options, executor: Executor = IN_PROCESS) -> dict[str, Any]:
    """Return a draft's picture, what is in it, and its problems, as JSON data."""
    try:
        return executor.call(Span(draft.name), _rendered, draft, options)
    except Exception as error:
        problems = with_excerpts(problems_of(error, Span(draft.name)), draft.text)
        return {"problems": [diagnostic_data(problem) for problem in problems]}


def export_draft(draft: Draft, format: str, options: Options, executor: Executor = IN_PROCESS) -> bytes:
    """Return a draft in a format, a name of `OUTPUTS`. Raises `DiagramError`."""
    return executor.call(Span(draft.name), _exported, draft, format, options)


def read(draft: Draft) -> tuple[Pattern, tuple[Diagnostic, ...]]:
    """Return the diagram at the draft's line, and the problems in the whole text. Raises `DiagramError`."""
    name = draft.name
    loaded = readers.reader_for(name, draft.text).read(draft.text, name, "")
    if len(loaded.patterns) + len(loaded.errors) < 2 and not loaded.errors and loaded.patterns:
        return loaded.patterns[0], loaded.problems
    line = _first_line(draft)
    for pattern in loaded.patterns:
        if pattern.span.line == line:
            return pattern, loaded.problems
    if loaded.problems:
        raise DiagramError(loaded.problems)
    raise fail("no-diagram", "there is no Mermaid in this text; begin a block with ```mermaid", Span(name))


def _first_line(draft: Draft) -> int:
    """Return the line where the diagram at the draft's line begins, in a text that may have several."""
    lines = [fence.line for fence in markdown.fences(draft.text.replace("\r\n", "\n").replace("\r", "\n"))]
    before = [line for line in lines if line <= draft.line + 1]
    return before[-1] if before else next(iter(lines), 1)


def _rendered(draft: Draft, options: Options) -> dict[str, Any]:
    """Return what `render_draft` returns for a draft without errors. Raises `DiagramError`."""
    pattern, reading_problems = read(draft)
    rendering = pipeline.prepare(pattern, options)
    drawing = rendering.themed_drawing
    own_font = drawing.face.is_bundled
    picture = svg.write_without_font(drawing, rendering.elements) if own_font else svg.write(drawing)
    note = notes.not_drawn([pattern])
    problems = (*reading_problems, *pattern.graph.warnings, *([note] if note else []), *rendering.warnings)
    known = with_excerpts(dict.fromkeys(problems), draft.text)
    return {
        "svg": picture,
        "title": pattern.title,
        "line": pattern.span.line,
        "description": drawing.description,
        "options": {"theme": options.theme, **msgspec.to_builtins(_picture_options(pattern, options))},
        "problems": [diagnostic_data(problem) for problem in known],
        **_parts(rendering),
    }


def _picture_options(pattern: Pattern, options: Options) -> PictureOptions:
    """Return the options that apply to a picture."""
    return options.picture_options.with_fallback(pattern.options).with_fallback(DEFAULTS)


def _parts(rendering: Rendering) -> dict[str, Any]:
    """Return what is in a picture, with the places in the source."""
    graph, choices = rendering.pattern.graph, rendering.choices
    nodes = [
        {
            "id": node.id,
            "label": pipeline.simple_text(node.label, node.markdown),
            "icon": choices[node.id].icon,
            "reason": choices[node.id].reason,
            "sure": choices[node.id].public_confidence,
            "line": node.span.line,
            "column": node.span.column,
        }
        for node in graph.nodes
        if node.shape != "junction"
    ]
    groups = [
        {
            "id": group.id,
            "label": pipeline.simple_text(group.label, group.markdown),
            "line": group.span.line,
            "column": group.span.column,
        }
        for group in graph.groups
    ]
    edges = [
        {"from": edge.source, "to": edge.target, "line": edge.span.line, "column": edge.span.column}
        for edge in graph.edges
    ]
    return {"nodes": nodes, "groups": groups, "edges": edges, "grid": picture_grid.grid(rendering)}


def _exported(draft: Draft, format: str, options: Options) -> bytes:
    pattern, _ = read(draft)
    return OUTPUTS[format].write(pipeline.prepare(pattern, options))
