"""What an editable picture says about its source, so that changes in it can be written back (`diagramkit pull`)."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from msgspec import Struct, structs

from diagramkit import project
from diagramkit.drawing import Drawing, EdgeDrawing
from diagramkit.graph import Graph, Pattern
from diagramkit.picture_files.picture_page import PictureRecord, RecordedEdge, RecordedNode


class ShapeKeys(Struct, frozen=True):
    """The keys of the shapes in a file: of nodes and groups by id, and of their texts if those are shapes of their own.

    `edges` has those of the connectors in the order of the drawing, and `edge_texts` those of their texts by number.
    """

    items: Mapping[str, str]
    texts: Mapping[str, str]
    edges: Sequence[str]
    edge_texts: Mapping[int, str]


def record_of(pattern: Pattern, drawing: Drawing, keys: ShapeKeys) -> PictureRecord | None:
    """Return the record of a picture, without its shapes. The picture may show only a part of its source.

    Return None if the source is no file, or if the picture shows nothing of it.
    """
    source, graph = _source_path(pattern.span.file), pattern.graph
    nodes, groups = {node.id for node in drawing.nodes}, {group.id for group in drawing.groups}
    shown = structs.replace(
        graph,
        nodes=tuple(node for node in graph.nodes if node.id in nodes),
        groups=tuple(group for group in graph.groups if group.id in groups),
    )
    if source is None or not shown.nodes_and_groups:
        return None
    return PictureRecord(
        source=source,
        fence=pattern.fence,
        direction=_direction(drawing),
        nodes={
            node.id: RecordedNode(keys.items[node.id], node.label, node.group, keys.texts.get(node.id, ""))
            for node in shown.nodes
        },
        groups={
            group.id: RecordedNode(keys.items[group.id], group.label, group.parent, keys.texts.get(group.id, ""))
            for group in shown.groups
        },
        edges=tuple(_edges(shown, drawing, keys)),
    )


def _source_path(file: str) -> str | None:
    """Return the path of a source in its project, with `/`, or None if it is no file."""
    path = os.path.realpath(file)
    if not os.path.isfile(path):  # noqa: PTH113 - called often
        return None
    folder = project.folder_of(file)
    return (folder / os.path.basename(path)).relative_to(project.root_of(folder)).as_posix()


def _edges(graph: Graph, drawing: Drawing, keys: ShapeKeys) -> list[RecordedEdge]:
    """Return the edges of the graph that are drawn. Two opposite ones may be drawn as one."""
    shown = {item.id for item in graph.nodes_and_groups}
    left = [index for index, edge in enumerate(graph.edges) if {edge.source, edge.target} <= shown]
    recorded: dict[int, RecordedEdge] = {}
    for number, edge in enumerate(drawing.edges):
        index = _index_of(graph, left, edge.source, edge.target, edge)
        if index is None:
            continue
        indexes = [index]
        if edge.tail != graph.edges[index].tail:
            other = _index_of(graph, left, edge.target, edge.source, edge)
            indexes += [other] if other is not None else []
        for each in indexes:
            left.remove(each)
            text_key = keys.edge_texts.get(number, "")
            original = graph.edges[each]
            recorded[each] = RecordedEdge(
                keys.edges[number], original.source, original.target, original.label, text_key
            )
    return [recorded[index] for index in sorted(recorded)]


def _index_of(graph: Graph, left: Sequence[int], source: str, target: str, drawn: EdgeDrawing) -> int | None:
    """Return the edge of the graph that a drawn one stands for: with its ends, and with its label if possible."""
    candidates = [index for index in left if (graph.edges[index].source, graph.edges[index].target) == (source, target)]
    words = "".join(line.text for line in drawn.texts).replace(" ", "")
    for index in candidates:
        if graph.edges[index].label.replace(" ", "") == words:
            return index
    return candidates[0] if candidates else None


def _direction(drawing: Drawing) -> str:
    """Return the direction in which most edges of a picture run."""
    counts = dict.fromkeys(("LR", "TB", "RL", "BT"), 0)
    for edge in drawing.edges:
        (ax, ay), (bx, by) = edge.points[0], edge.points[-1]
        if abs(bx - ax) >= abs(by - ay):
            counts["LR" if bx >= ax else "RL"] += 1
        else:
            counts["TB" if by >= ay else "BT"] += 1
    return max(counts, key=lambda name: counts[name])
