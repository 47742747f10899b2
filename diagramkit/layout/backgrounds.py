"""What is behind the lines and labels of edges: the page, or groups with a color of their own."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence

from diagramkit.drawing import Box, Point
from diagramkit.graph import Graph
from diagramkit.layout.result import Layout, RoutedEdge
from diagramkit.style.surfaces import Surfaces

_SAME_LINE = 0.05  # Points. Segments that are closer to each other are on one line.


class Backgrounds:
    """Finds the colors behind lines and boxes, in the coordinates of a layout."""

    def __init__(self, graph: Graph, layout: Layout, surfaces: Surfaces) -> None:
        self._page = surfaces.by_group[None]
        groups = sorted(graph.groups, key=lambda group: graph.depth(group.id), reverse=True)
        # From the innermost group to the outermost.
        areas = [
            (layout.groups[group.id], surfaces.by_group[group.id]) for group in groups if group.id in layout.groups
        ]
        # Where all groups have the same color as the page, no position matters.
        self._areas = areas if any(color != self._page for _, color in areas) else []

    @property
    def is_plain(self) -> bool:
        """Whether everything has the color of the page behind it."""
        return not self._areas

    def behind_line(self, points: Sequence[Point]) -> set[str]:
        """Return the colors behind a polyline."""
        if not self._areas:
            return {self._page}
        return {color for start, end in itertools.pairwise(points) for color in self._behind_segment(start, end)}

    def behind_box(self, box: Box) -> tuple[str, set[str]]:
        """Return the color behind the middle of a box, and the colors behind the lines from there to its corners."""
        corners = itertools.product((box.x, box.right), (box.y, box.bottom))
        lines = (self.behind_line((box.center, corner)) for corner in corners)
        return self._at(box.center), set[str]().union(*lines)

    def _behind_segment(self, start: Point, end: Point) -> set[str]:
        """Return the colors behind a segment, which is divided where it crosses the borders of groups."""
        (ax, ay), (bx, by) = start, end
        cuts = {0.0, 1.0}
        for box, _ in self._areas:
            if bx != ax:
                cuts |= {(x - ax) / (bx - ax) for x in (box.x, box.right)}
            if by != ay:
                cuts |= {(y - ay) / (by - ay) for y in (box.y, box.bottom)}
        inside = sorted(cut for cut in cuts if 0 <= cut <= 1)
        middles = ((before + after) / 2 for before, after in itertools.pairwise(inside))
        return {self._at((ax + (bx - ax) * part, ay + (by - ay) * part)) for part in middles}

    def _at(self, point: Point) -> str:
        area = Box(*point, 0, 0)
        return next((color for box, color in self._areas if box.contains(area, 0)), self._page)


def bundles(edges: Iterable[RoutedEdge]) -> list[list[RoutedEdge]]:
    """Return the edges in lists: edges that share a part of a line, or are connected by such edges, are in one."""
    members = {edge.number: [edge] for edge in edges}
    lines: dict[tuple[int, float], list[tuple[float, float, int]]] = {}
    for (edge,) in members.values():
        for start, end in itertools.pairwise(() if edge.curve else edge.points):
            for axis in (0, 1):
                if abs(start[axis] - end[axis]) < _SAME_LINE:
                    low, high = sorted((start[1 - axis], end[1 - axis]))
                    lines.setdefault((axis, round(start[axis], 1)), []).append((low, high, edge.number))
    for segments in lines.values():
        reach, last = float("-inf"), -1
        for low, high, number in sorted(segments):
            if low < reach - _SAME_LINE and members[number] is not members[last]:
                merged = members[last] + members[number]
                members |= {edge.number: merged for edge in merged}
            if high > reach:
                reach, last = high, number
    return list({id(bundle): bundle for bundle in members.values()}.values())
