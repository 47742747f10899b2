"""How much of a picture is empty, and where."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from diagramkit.drawing import Box, Drawing
from diagramkit.report.picture import ShownPicture

_CELLS = 48
"""The number of cells along the longer side of a picture."""

_REACH = 36.0
"""Points around a box, label or line that do not look empty: the gap between two ranks."""


def empty_share(shown: ShownPicture) -> float:
    """Return the share of the canvas, or without one of the picture, that is not near anything that is drawn."""
    drawing = shown.drawing
    cells = empty_cells(drawing)
    columns, rows = _grid(drawing)
    used = 1 - len(cells) / (columns * rows)
    if shown.canvas is None or shown.scale is None:
        return 1 - used
    on_canvas = drawing.width * drawing.height * shown.scale**2 / (shown.canvas.width * shown.canvas.height)
    return 1 - used * min(on_canvas, 1.0)


def empty_cells(drawing: Drawing) -> list[Box]:
    """Return the cells of a grid over the drawing that are not near anything that is drawn."""
    columns, rows = _grid(drawing)
    width, height = drawing.width / columns, drawing.height / rows
    covered = bytearray(columns * rows)
    for box in _drawn(drawing):
        first_column, last_column = _range(box.x, box.right, width, columns)
        first_row, last_row = _range(box.y, box.bottom, height, rows)
        for row in range(first_row, last_row + 1):
            start = row * columns
            covered[start + first_column : start + last_column + 1] = b"\1" * (last_column + 1 - first_column)
    return [
        Box(index % columns * width, index // columns * height, width, height)
        for index, value in enumerate(covered)
        if not value
    ]


def _grid(drawing: Drawing) -> tuple[int, int]:
    """Return the number of columns and rows of cells, which are about square."""
    side = max(drawing.width, drawing.height) / _CELLS
    return max(1, round(drawing.width / side)), max(1, round(drawing.height / side))


def _range(low: float, high: float, size: float, count: int) -> tuple[int, int]:
    """Return the first and last cell whose center an interval with the space around it contains."""
    first = int((low - _REACH) / size + 0.5)
    last = int((high + _REACH) / size - 0.5)
    return max(0, first), min(count - 1, last)


def _drawn(drawing: Drawing) -> Iterator[Box]:
    """Yield the areas of nodes, texts, titles and lines; the frames of groups are around space and cover none."""
    for node in drawing.nodes:
        yield node.solid
    for text in drawing.texts():
        yield text.box
    for group in drawing.groups:
        if group.tile:
            yield group.tile
    for edge in drawing.edges:
        for (ax, ay), (bx, by) in pairwise(edge.line()):
            yield Box(min(ax, bx), min(ay, by), abs(ax - bx), abs(ay - by))
