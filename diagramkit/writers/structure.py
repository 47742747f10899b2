"""Writes a pattern as JSON: its graph, the icons of its nodes, and the coordinates of everything in the drawing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from diagramkit.drawing import Box, Drawing
from diagramkit.graph import Pattern
from diagramkit.icons.resolver import IconChoice
from diagramkit.markup import json_text
from diagramkit.writers import outline


def write(pattern: Pattern, icons: Mapping[str, IconChoice], drawing: Drawing) -> str:
    """Return the pattern as a JSON object. Coordinates are in points from the upper left corner."""
    data: dict[str, Any] = {
        "title": pattern.title,
        "name": pattern.name,
        "category": pattern.category,
        "provider": pattern.provider,
        "components": list(pattern.components),
        "best_practices": list(pattern.best_practices),
        **outline.as_data(pattern, icons),
        "drawing": _drawing_data(drawing),
    }
    return json_text(data, 2) + "\n"


def _drawing_data(drawing: Drawing) -> dict[str, Any]:
    return {
        "width": _rounded(drawing.width),
        "height": _rounded(drawing.height),
        "nodes": {node.id: _box(node.box) for node in drawing.nodes},
        "groups": {group.id: _box(group.box) for group in drawing.groups},
        "edges": [
            {
                "from": edge.source,
                "to": edge.target,
                "points": [[_rounded(x), _rounded(y)] for x, y in edge.points],
            }
            for edge in drawing.edges
        ],
    }


def _box(box: Box) -> list[float]:
    """Return left, top, width and height."""
    return [_rounded(side) for side in (box.x, box.y, box.w, box.h)]


def _rounded(value: float) -> float:
    return round(value, 2)
