"""A drawing with the graph that it shows: how the parts of a picture are called, and on which lines of the source."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

from msgspec import Struct

from diagramkit.drawing import Box, Drawing, EdgeDrawing, bounds
from diagramkit.graph import Graph, Group, Node
from diagramkit.layout.canvas import Canvas
from diagramkit.sources.label_text import plain_lines

_MAX_NAME = 28


class ShownPicture(Struct, frozen=True, dict=True):
    """A drawing, the graph that it shows, and the canvas that it is for (None for any size)."""

    graph: Graph
    drawing: Drawing
    canvas: Canvas | None

    @cached_property
    def _elements(self) -> Mapping[str, Node | Group]:
        return {element.id: element for element in self.graph.nodes_and_groups}

    @cached_property
    def _edge_lines(self) -> list[tuple[int, ...]]:
        """The lines of each edge of the drawing. An edge in both directions may stand for two of the source."""
        lines: dict[tuple[str, str], list[int]] = {}
        for edge in self.graph.edges:
            lines.setdefault((edge.source, edge.target), []).append(edge.span.line)
        result = []
        for drawn in self.drawing.edges:
            known = lines.get((drawn.source, drawn.target), [])
            result.append(tuple(known[:1]))
            del known[: len(known) > 1]
        return result

    @property
    def scale(self) -> float | None:
        """The number of pixels per point, with the picture as large as the canvas allows; None without a canvas."""
        return self.canvas.scale(self.drawing.width, self.drawing.height) if self.canvas else None

    @property
    def text_size(self) -> float | None:
        """The height of the smallest text of the picture in pixels on the canvas; None without a canvas or text."""
        sizes = [text.size for text in self.drawing.texts()]
        return min(sizes) * self.scale if sizes and self.scale is not None else None

    def line_of(self, name: str) -> tuple[int, ...]:
        """Return the line of a node or group, or nothing for a group that the source does not have."""
        return (self._elements[name].span.line,) if name in self._elements else ()

    def lines_of(self, edges: Iterable[int]) -> tuple[int, ...]:
        """Return the lines of edges of the drawing, which are identified by their indexes."""
        return tuple(sorted({line for number in edges for line in self._edge_lines[number]}))

    def name_of(self, name: str) -> str:
        """Return how messages call a node or group: by its label on one line, in quotes."""
        element = self._elements.get(name)
        text = " ".join(plain_lines(element.label, element.markdown)) if element else ""
        text = text or name
        return f"'{text if len(text) <= _MAX_NAME else text[: _MAX_NAME - 1] + '…'}'"

    def edge_name(self, number: int) -> str:
        """Return how messages call an edge of the drawing: by the names of its ends."""
        edge = self.drawing.edges[number]
        return f"{self.name_of(edge.source)} to {self.name_of(edge.target)}"

    def groups_around(self, name: str) -> list[str]:
        """Return the groups around a node or group, from the innermost to the outermost."""
        element = self._elements.get(name)
        if element is None:
            return []
        return [
            group.id for group in self.graph.ancestors(element.group if isinstance(element, Node) else element.parent)
        ]


def label_box(edge: EdgeDrawing) -> Box | None:
    """Return the area of an edge's label; None if it has none."""
    return bounds([text.box for text in edge.texts]) if edge.texts else None
