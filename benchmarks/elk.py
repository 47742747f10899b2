"""ELK's layered layout (elkjs): conversion of graphs to its input, and of its output for the topologies' `check.py`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_TEXT_SIZE = 11.0  # Points: the size of edge labels, the same as in the D2 files.
_MARGIN = 20.0
SCRIPT = """
const ELK = require("elkjs/lib/elk.bundled.js"), elk = new ELK();
console.log(JSON.stringify(require.resolve("elkjs/lib/elk.bundled.js")));
require("readline").createInterface({input: process.stdin}).on("line", async line => {
  const start = performance.now();
  try {
    const graph = await elk.layout(JSON.parse(line));
    console.log(JSON.stringify([(performance.now() - start) / 1000, graph]));
  } catch (error) { console.log(JSON.stringify([null, String(error).slice(0, 200)])); }
});
"""
_OPTIONS = {  # The options that Mermaid sets by default.
    "elk.algorithm": "layered",
    "elk.hierarchyHandling": "INCLUDE_CHILDREN",
    "elk.edgeRouting": "ORTHOGONAL",
    "elk.layered.nodePlacement.strategy": "BRANDES_KOEPF",
    "elk.layered.nodePlacement.bk.fixedAlignment": "NONE",
    "elk.layered.considerModelOrder.strategy": "NODES_AND_EDGES",
    "elk.layered.cycleBreaking.strategy": "GREEDY_MODEL_ORDER",
    "elk.layered.mergeHierarchyEdges": "true",
    "elk.layered.unnecessaryBendpoints": "true",
    "elk.layered.spacing.baseValue": "40",
}


def graph_of(source: Any, boxes: Mapping[str, Any], direction: str) -> dict[str, Any]:
    """Return a graph in ELK's JSON format: groups are nodes with children, labels are boxes on the edges.

    `source` is the graph as `check.source` returns it; of that, the labels of edges by tail and head and the groups
    around each node or group, outermost first, are used. `boxes` maps nodes to left, top, right and bottom in points.
    """
    labels, _, parents = source
    top: dict[str, Any] = {
        "id": "root",
        "children": [],
        "edges": [],
        "layoutOptions": {**_OPTIONS, "elk.direction": "RIGHT" if direction == "LR" else "DOWN"},
    }
    nodes = {"": top}
    for name, ancestors in parents.items():
        if name in boxes:
            left, top_edge, right, bottom = boxes[name]
            node: dict[str, Any] = {"id": name, "width": right - left, "height": bottom - top_edge}
        else:
            padding = {"elk.padding": "[top=34,left=16,bottom=16,right=16]"}
            node = {"id": name, "children": [], "layoutOptions": padding}
        nodes[name] = node
        nodes[ancestors[-1] if ancestors else ""]["children"].append(node)
    for (tail, head), texts in labels.items():
        for text in texts:
            edge = {"id": f"e{len(top['edges'])}", "sources": [tail], "targets": [head]}
            size = {"text": text, "width": 0.5 * _TEXT_SIZE * len(text), "height": 1.3 * _TEXT_SIZE}
            inline = {"elk.edgeLabels.inline": "true", "elk.edgeLabels.placement": "CENTER"}
            top["edges"].append(edge | ({"labels": [size | {"layoutOptions": inline}]} if text else {}))
    return top


def page(graph: Mapping[str, Any], check: Any) -> dict[str, Any]:
    """Return ELK's result in the form that `check.figures` needs.

    ELK's coordinates are relative: those of an edge to the top left corner of its container, those of a node to that of
    its parent.
    """
    corners = _corners(graph, 0.0, 0.0)
    edges = []
    for edge in graph["edges"]:
        points, (left, top) = [], corners[edge.get("container", "root")]
        for section in edge.get("sections", ()):
            section_points = [section["startPoint"], *section.get("bendPoints", ()), section["endPoint"]]
            points += [(left + point["x"], top + point["y"]) for point in section_points]
        edges.append(
            {
                "from": edge["sources"][0],
                "to": edge["targets"][0],
                "points": check.straight(points),
                "box": None,
                "look": None,
                "label": "",
            }
        )
    return {
        "w": graph["width"] + 2 * _MARGIN,
        "h": graph["height"] + 2 * _MARGIN,
        "edges": edges,
        "groups": {},
        "nodes": {},
        "parents": {},
        "missing": 0,
        "smallest": _TEXT_SIZE,
        "label_size": check.LABEL_SIZE,
    }


def _corners(box: Mapping[str, Any], x: float, y: float) -> dict[str, tuple[float, float]]:
    """Return the absolute position of the top left corner of a node and all nodes within it, by name."""
    corners = {box["id"]: (x, y)}
    for child in box.get("children", ()):
        corners |= _corners(child, x + child["x"], y + child["y"])
    return corners
