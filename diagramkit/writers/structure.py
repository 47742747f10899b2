"""A pattern as JSON: what its source says, the icons, and where the picture has everything."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from diagramkit.drawing import Box, Drawing
from diagramkit.graph import Pattern
from diagramkit.icons.resolver import IconChoice
from diagramkit.writers import outline


def write(pattern: Pattern, icons: Mapping[str, IconChoice], drawing: Drawing) -> str:
    """The pattern as a JSON object; lengths in points, from the upper left corner."""
    data: dict[str, Any] = {
        "title": pattern.title,
        "name": pattern.name,
        "category": pattern.category,
        "provider": pattern.provider,
        "components": list(pattern.components),
        "best_practices": list(pattern.best_practices),
        **outline.as_data(pattern, icons),
        "drawing": _drawn(drawing),
    }
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def _drawn(drawing: Drawing) -> dict[str, Any]:
    return {
        "width": _n(drawing.width),
        "height": _n(drawing.height),
        "nodes": {node.id: _box(node.box) for node in drawing.nodes},
        "groups": {group.id: _box(group.box) for group in drawing.groups},
        "edges": [
            {
                "from": edge.source,
                "to": edge.target,
                "points": [[_n(x), _n(y)] for x, y in edge.points],
            }
            for edge in drawing.edges
        ],
    }


def _box(box: Box) -> list[float]:
    """Left, top, width, height."""
    return [_n(side) for side in (box.x, box.y, box.w, box.h)]


def _n(value: float) -> float:
    return round(value, 2)
