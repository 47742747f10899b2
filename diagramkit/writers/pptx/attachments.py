"""Determines the shapes and the connection sites at which edges are attached on a slide.

Every shape first has the connection sites of the preset rectangle: the middle of its top, left, bottom and right side.
Sites 0 to 3 must be these, because LibreOffice before 7.5 knows no others of a picture: it takes an index up to 3 for
the side of a rectangle, and for a higher one it chooses a side itself. Points where edges meet a shape elsewhere come
after them.
"""

from __future__ import annotations

import math

from msgspec import Struct

from diagramkit.drawing import Box, Drawing, EdgeDrawing, Point, bounds
from diagramkit.writers.pptx.connectors import Connector, fit_connector, keeps_its_route

_TOLERANCE = 0.01  # Points.


class End(Struct, frozen=True):
    """The end of an edge: the key of the shape that it is attached to, and the index of the connection site there."""

    key: str
    site: int


class Attachments:
    """What the edges of a drawing are attached to.

    Shapes have keys: `group ID`, `node ID` and `label ID`. The writer of the shapes stores their `ids` by these keys.
    """

    def __init__(self, drawing: Drawing) -> None:
        self.ids: dict[str, int] = {}
        self._sites: dict[str, list[Point]] = {}
        self._boxes = {f"group {group.id}": group.box for group in drawing.groups}
        for node in drawing.nodes:
            self._boxes[f"node {node.id}"] = node.solid
            if node.has_label_below and node.texts:
                self._boxes[f"label {node.id}"] = bounds([line.box for line in node.texts])
        self.connectors = [None if edge.curve else _connector(edge) for edge in drawing.edges]
        self._ends = [
            (self._attach(edge.source, edge.points[0]), self._attach(edge.target, edge.points[-1]))
            if connector
            else None
            for edge, connector in zip(drawing.edges, self.connectors, strict=True)
        ]

    def sites(self, key: str) -> list[Point]:
        """Return the connection sites of a shape: the middle of each side, then the other points where edges end."""
        return self._sites.get(key) or _sides(self._boxes[key])

    def ends(self, number: int) -> tuple[End, End] | None:
        """Return the ends of an edge by its number, or None if it is not attached."""
        return self._ends[number]

    def _attach(self, name: str, point: Point) -> End:
        """Return the end of an edge at a node or group; add a connection site for it if there is none at `point`."""
        key = f"node {name}"
        if key not in self._boxes:
            key = f"group {name}"
        elif f"label {name}" in self._boxes and not self._boxes[key].grown(1).contains(Box(*point, 0, 0)):
            key = f"label {name}"
        sites = self._sites.setdefault(key, _sides(self._boxes[key]))
        for number, site in enumerate(sites):
            if math.dist(site, point) < _TOLERANCE:
                return End(key, number)
        sites.append(point)
        return End(key, len(sites) - 1)


def _sides(box: Box) -> list[Point]:
    """Return the middle of each side, in the order of the sites of the preset rectangle."""
    cx, cy = box.center
    return [(cx, box.y), (box.x, cy), (cx, box.bottom), (box.right, cy)]


def _connector(edge: EdgeDrawing) -> Connector | None:
    """Return the connector for an edge, or None if every program could not be trusted to keep its route."""
    connector = fit_connector(edge.points)
    return connector if connector and keeps_its_route(edge.points) else None
