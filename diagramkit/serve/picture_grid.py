"""Where the nodes and groups of a picture are, as ranks and lines, for dragging.

Ranks and lines count from 1 among the members of a group, or of the picture, as in the layout hint `pin`.
"""

from __future__ import annotations

from typing import Any

from diagramkit.outputs import Rendering


def grid(rendering: Rendering) -> dict[str, Any]:
    """Return where nodes and groups are, as JSON data by id: group, rank, line, box, and whether there is a pin.

    `direction` is the direction of the flow in the picture.
    """
    graph, drawing = rendering.pattern.graph, rendering.drawing
    parents = {node.id: node.group for node in graph.nodes} | {group.id: group.parent for group in graph.groups}
    pinned = {hint.members[0] for hint in graph.hints if hint.kind == "pin"}
    boxes = {group.id: group.box for group in drawing.groups} | {node.id: node.box for node in drawing.nodes}
    places = {
        name: {
            "group": parents[name],
            "rank": slot.rank,
            "line": slot.line,
            "box": [boxes[name].x, boxes[name].y, boxes[name].w, boxes[name].h],
            "pinned": name in pinned,
        }
        for name, slot in drawing.slots.items()
        if name in parents and name in boxes
    }
    return {"direction": drawing.direction, "places": places}
