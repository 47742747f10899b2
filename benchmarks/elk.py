"""ELK's layered layout (elkjs): graphs as it takes them, its answers as `check.py` of the topologies counts them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_LINE = 11.0  # Points: the size of an edge's label here, as it is in D2's files.
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
_OPTIONS = {  # Mermaid's own, where it says nothing else.
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


def graph_of(source: Any, boxes: Mapping[str, Any], way: str) -> dict[str, Any]:
    """A graph as ELK takes it: groups as nodes with children, labels as boxes on the edges."""
    labels, _, parents = source
    top: dict[str, Any] = {
        "id": "root",
        "children": [],
        "edges": [],
        "layoutOptions": {**_OPTIONS, "elk.direction": "RIGHT" if way == "LR" else "DOWN"},
    }
    made = {"": top}
    for name, around in parents.items():
        if name in boxes:
            left, up, right, down = boxes[name]
            node: dict[str, Any] = {"id": name, "width": right - left, "height": down - up}
        else:
            padding = {"elk.padding": "[top=34,left=16,bottom=16,right=16]"}
            node = {"id": name, "children": [], "layoutOptions": padding}
        made[name] = node
        made[around[-1] if around else ""]["children"].append(node)
    for (a, b), texts in labels.items():
        for text in texts:
            edge = {"id": f"e{len(top['edges'])}", "sources": [a], "targets": [b]}
            size = {"text": text, "width": 0.5 * _LINE * len(text), "height": 1.3 * _LINE}
            inline = {"elk.edgeLabels.inline": "true", "elk.edgeLabels.placement": "CENTER"}
            top["edges"].append(edge | ({"labels": [size | {"layoutOptions": inline}]} if text else {}))
    return top


def page(graph: Mapping[str, Any], check: Any) -> dict[str, Any]:
    """What `check.figures` needs of ELK's answer, where an edge's points count from its container's corner."""
    corners = _corners(graph, 0.0, 0.0)
    edges = []
    for edge in graph["edges"]:
        points, (left, up) = [], corners[edge.get("container", "root")]
        for section in edge.get("sections", ()):
            found = [section["startPoint"], *section.get("bendPoints", ()), section["endPoint"]]
            points += [(left + point["x"], up + point["y"]) for point in found]
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
        "smallest": _LINE,
        "label_size": check.LABEL_SIZE,
    }


def _corners(box: Mapping[str, Any], x: float, y: float) -> dict[str, tuple[float, float]]:
    found = {box["id"]: (x, y)}
    for child in box.get("children", ()):
        found |= _corners(child, x + child["x"], y + child["y"])
    return found
