"""A text that somebody is writing, drawn: as often as it changes."""

from __future__ import annotations

import io
from typing import Any

from diagramkit import pipeline, sources
from diagramkit.diagnostics import DiagramError
from diagramkit.icons import artwork, resolver
from diagramkit.icons.catalog import IconCatalog
from diagramkit.pipeline import Options
from diagramkit.serve import edits
from diagramkit.serve.live_project import diagnostic_data

_NAME = "<draft>"
_SIDE = 64  # Pixels of an icon in a list.


def render_draft(text: str, how: Options) -> dict[str, Any]:
    """A draft's picture and its nodes with their icons; or what is wrong with it."""
    try:
        pattern = sources.pattern_from_text(text, _NAME)
        made = pipeline.render(pattern, ("svg",), how)
        chosen = resolver.resolve(pattern, pipeline.catalog_of(pattern, how))
    except DiagramError as error:
        return {"problems": [diagnostic_data(problem) for problem in error.problems]}
    nodes = [
        {
            "id": node.id,
            "label": pipeline.simple_text(node.label),
            "icon": chosen[node.id].icon,
            "reason": chosen[node.id].reason,
            "sure": chosen[node.id].sure,
        }
        for node in pattern.graph.nodes
        if node.shape != "junction"
    ]
    problems = [diagnostic_data(problem) for problem in (*pattern.graph.warnings, *made.warnings)]
    return {"svg": made.outputs["svg"].decode("utf-8"), "nodes": nodes, "problems": problems}


def export_draft(text: str, form: str, how: Options) -> bytes:
    """A draft in a form. Raises `DiagramError`."""
    pattern = sources.pattern_from_text(text, _NAME)
    if form in pipeline.FORMATS:
        return pipeline.render(pattern, (form,), how).outputs[form]
    from diagramkit.writers import dot, drawio, script, structure

    if form == "drawio":
        return drawio.write([drawio.DrawioPage(pattern.title, pipeline.draw(pattern, how))]).encode("utf-8")
    if form == "dot":
        return dot.write(pattern).encode("utf-8")
    chosen = resolver.resolve(pattern, pipeline.catalog_of(pattern, how))
    if form == "python":
        return script.write(pattern, chosen).encode("utf-8")
    return structure.write(pattern, chosen, pipeline.draw(pattern, how)).encode("utf-8")


def with_icon(text: str, node: str, icon: str) -> str:
    """A draft in which a node has an icon. Raises `ValueError`, `DiagramError`."""
    ending = ".yaml" if sources.is_spec(text) else ".mmd"
    return edits.with_icon(text, f"{_NAME}{ending}", sources.pattern_from_text(text, _NAME), node, icon)


def catalog(how: Options) -> IconCatalog:
    """Where icons are that anybody may choose: not the project's own files."""
    return IconCatalog(how.packs, "")


def icon(reference: str, how: Options) -> bytes | None:
    """An icon as a small PNG; None where there is no such icon."""
    if ":" in reference and reference.partition(":")[0] == "file":
        return None
    found = catalog(how).find(reference)
    if found is None:
        return None
    buffer = io.BytesIO()
    try:
        artwork.picture(found, _SIDE).save(buffer, "PNG")
    except DiagramError:
        return None
    return buffer.getvalue()
