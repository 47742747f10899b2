"""Draw and export a draft: a text that somebody is editing on the page, which is not in a file.

An executor does this, within the limits of the server.
"""

from __future__ import annotations

import io
from typing import Any

from diagramkit import pipeline
from diagramkit.batch.executor import IN_PROCESS, Executor
from diagramkit.diagnostics import DiagramError, Span, problems_of
from diagramkit.icons import artwork
from diagramkit.icons.catalog import IconCatalog
from diagramkit.options import Options
from diagramkit.outputs import OUTPUTS
from diagramkit.serve import edits
from diagramkit.serve.live_project import diagnostic_data
from diagramkit.sources import notes, readers

_NAME = "<draft>"
_ICON_SIZE = 64  # In a list of icons, in pixels.


def render_draft(text: str, options: Options, executor: Executor = IN_PROCESS) -> dict[str, Any]:
    """Return a draft's picture, its nodes with their icons, and its problems, as JSON data."""
    try:
        return executor.call(Span(_NAME), _rendered, text, options)
    except Exception as error:
        return {"problems": [diagnostic_data(problem) for problem in problems_of(error, Span(_NAME))]}


def _rendered(text: str, options: Options) -> dict[str, Any]:
    """Return what `render_draft` returns for a draft without errors. Raises `DiagramError`."""
    pattern = readers.pattern_from_text(text, _NAME)
    rendered = pipeline.render(pattern, ("svg",), options)
    choices = pipeline.choices(pattern, options)
    nodes = [
        {
            "id": node.id,
            "label": pipeline.simple_text(node.label, node.markdown),
            "icon": choices[node.id].icon,
            "reason": choices[node.id].reason,
            "sure": choices[node.id].public_confidence,
        }
        for node in pattern.graph.nodes
        if node.shape != "junction"
    ]
    note = notes.not_drawn([pattern])
    problems = (*pattern.graph.warnings, *([note] if note else []), *rendered.warnings)
    return {
        "svg": rendered.outputs["svg"].decode("utf-8"),
        "nodes": nodes,
        "problems": [diagnostic_data(problem) for problem in problems],
    }


def export_draft(text: str, format: str, options: Options, executor: Executor = IN_PROCESS) -> bytes:
    """Return a draft in a format, a name of `OUTPUTS`. Raises `DiagramError`."""
    return executor.call(Span(_NAME), _exported, text, format, options)


def _exported(text: str, format: str, options: Options) -> bytes:
    pattern = readers.pattern_from_text(text, _NAME)
    return OUTPUTS[format].write(pipeline.prepare(pattern, options))


def with_icon(text: str, node: str, icon: str, executor: Executor = IN_PROCESS) -> str:
    """Return a draft in which the node with the id `node` has an icon. Raises `EditError` or `DiagramError`."""
    return executor.call(Span(_NAME), _with_icon, text, node, icon)


def _with_icon(text: str, node: str, icon: str) -> str:
    extension = readers.detect_single(text).extensions[0]
    return edits.with_icon(text, f"{_NAME}{extension}", readers.pattern_from_text(text, _NAME), node, icon)


def catalog(options: Options) -> IconCatalog:
    """Return the icons that can be chosen on the page: all except files of the project."""
    return IconCatalog(options.packs, "")


def icon(reference: str, options: Options) -> bytes | None:
    """Return an icon as a small PNG, or None if there is no such icon."""
    if ":" in reference and reference.partition(":")[0] == "file":
        return None
    match = catalog(options).find(reference)
    if match is None:
        return None
    buffer = io.BytesIO()
    try:
        artwork.picture(match, _ICON_SIZE).save(buffer, "PNG")
    except DiagramError:
        return None
    return buffer.getvalue()
