"""Where the nodes and groups of a picture are, as ranks and lines, for dragging.

Ranks and lines count from 1 among the members of a group, or of the picture, as in the layout hint `pin`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from diagramkit.drawing import Drawing, Slot
from diagramkit.graph import Graph
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
        for name, slot in _slots(graph, drawing, parents).items()
        if name in parents and name in boxes
    }
    return {"direction": drawing.direction, "places": places}


def _slots(graph: Graph, drawing: Drawing, parents: Mapping[str, str | None]) -> dict[str, Slot]:
    """Return the slots of nodes and groups.

    A folded chain has none in the picture; it gets those that it has unfolded, which a pin does, by its edges.
    """
    slots = dict(drawing.slots)
    missing = [name for name in parents if name not in slots]
    ranks = dict.fromkeys(missing, 1)
    for _ in missing:  # A cycle ends the loop after as many rounds as there are members.
        changed = False
        for edge in graph.edges:
            source, target = edge.source, edge.target
            if source in ranks and target in ranks and parents[source] == parents[target] and source != target:
                rank = min(ranks[source] + 1, len(missing))
                changed, ranks[target] = changed or rank > ranks[target], max(rank, ranks[target])
        if not changed:
            break
    counts: dict[tuple[str | None, int], int] = {}
    for name, rank in ranks.items():
        line = counts[parents[name], rank] = counts.get((parents[name], rank), 0) + 1
        slots[name] = Slot(rank, 1, line)
    return slots
