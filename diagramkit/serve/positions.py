"""Where the nodes and groups of a picture are, as ranks and lines, for dragging.

RANK and LINE count from 1 among the members of a group, or of the picture: the rank along the direction of the source,
the line across it.
"""

from __future__ import annotations

from typing import Any

from diagramkit.drawing import Box
from diagramkit.outputs import Rendering


def grid(rendering: Rendering) -> dict[str, Any]:
    """Return where the members of each group are, as JSON data by id: group, rank, line and box.

    `direction` is the direction of the flow in the picture.
    """
    graph, drawing = rendering.pattern.graph, rendering.drawing
    boxes = {node.id: node.box for node in drawing.nodes} | {group.id: group.box for group in drawing.groups}
    direction = _direction(rendering, boxes)
    pinned = {hint.members[0] for hint in (graph.hints if isinstance(graph.hints, tuple) else ()) if hint.kind == "pin"}
    members: dict[str | None, list[str]] = {}
    for node in graph.nodes:
        if node.id in boxes and node.shape != "junction":
            members.setdefault(node.group, []).append(node.id)
    for group in graph.groups:
        if group.id in boxes:
            members.setdefault(group.parent, []).append(group.id)
    places: dict[str, Any] = {}
    for parent, ids in members.items():
        for rank, in_rank in enumerate(_ranks(ids, boxes, direction), 1):
            for line, one in enumerate(in_rank, 1):
                box = boxes[one]
                places[one] = {
                    "group": parent,
                    "rank": rank,
                    "line": line,
                    "box": [box.x, box.y, box.w, box.h],
                    "pinned": one in pinned,
                }
    return {"direction": direction, "places": places}


def _direction(rendering: Rendering, boxes: dict[str, Box]) -> str:
    """Return the direction in which most edges of the picture run; the source's may have been rotated."""
    dx = dy = 0.0
    for edge in rendering.pattern.graph.edges:
        if edge.source in boxes and edge.target in boxes:
            (x1, y1), (x2, y2) = boxes[edge.source].center, boxes[edge.target].center
            dx, dy = dx + x2 - x1, dy + y2 - y1
    if abs(dx) > abs(dy):
        return "LR" if dx > 0 else "RL"
    return "TB" if dy >= 0 else "BT"


def _ranks(ids: list[str], boxes: dict[str, Box], direction: str) -> list[list[str]]:
    """Return the members of a group by rank; those of a rank overlap in the direction of the flow."""
    is_horizontal = direction in ("LR", "RL")
    sign = -1 if direction in ("RL", "BT") else 1

    def along(one: str) -> float:
        return sign * boxes[one].center[0 if is_horizontal else 1]

    def across(one: str) -> float:
        return boxes[one].center[1 if is_horizontal else 0]

    ranks: list[list[str]] = []
    for one in sorted(ids, key=along):
        size = boxes[one].w if is_horizontal else boxes[one].h
        if ranks and along(one) - along(ranks[-1][0]) < size / 2:
            ranks[-1].append(one)
        else:
            ranks.append([one])
    return [sorted(rank, key=across) for rank in ranks]
