"""Where the edges of a drawing cross."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from msgspec import Struct

from diagramkit.drawing import Drawing, Point

_TOLERANCE = 0.6  # Points: segments that end this close to another do not cross it.


class LineCrossing(Struct, frozen=True):
    """A point at which edges cross, in points, and the indexes of these edges.

    Edges that share a line there are crossed together, which a reader sees as one crossing.
    """

    point: Point
    edges: frozenset[int]


class _Piece(Struct, frozen=True):
    """A straight part of an edge (by its index) with the area around it, in points."""

    edge: int
    start: Point
    end: Point
    left: float
    right: float


def find(drawing: Drawing) -> list[LineCrossing]:
    """Return where edges cross, from left to right. Invisible edges do not count."""
    edges_by_point: dict[tuple[int, int], set[int]] = {}
    for first, second in _neighbors(drawing):
        if first.edge != second.edge and (point := _intersection(first, second)):
            key = round(point[0]), round(point[1])
            edges_by_point.setdefault(key, set()).update((first.edge, second.edge))
    return [LineCrossing((float(x), float(y)), frozenset(edges)) for (x, y), edges in sorted(edges_by_point.items())]


def _neighbors(drawing: Drawing) -> Iterator[tuple[_Piece, _Piece]]:
    """Yield the pairs of pieces whose ranges in x overlap, by sweeping from left to right."""
    pieces = sorted(
        (
            _Piece(number, a, b, min(a[0], b[0]), max(a[0], b[0]))
            for number, edge in enumerate(drawing.edges)
            if edge.color != "none" and edge.stroke != "invisible"
            for a, b in pairwise(edge.line())
        ),
        key=lambda piece: (piece.left, piece.right, piece.edge),
    )
    active: list[_Piece] = []
    for piece in pieces:
        active = [other for other in active if other.right >= piece.left]
        for other in active:
            yield other, piece
        active.append(piece)


def _intersection(first: _Piece, second: _Piece) -> Point | None:
    """Return the point at which two pieces cross; None if they are parallel, or if one only ends at the other."""
    (ax, ay), (bx, by) = first.start, first.end
    (cx, cy), (dx, dy) = second.start, second.end
    if max(ay, by) < min(cy, dy) or max(cy, dy) < min(ay, by):
        return None
    ux, uy, vx, vy = bx - ax, by - ay, dx - cx, dy - cy
    determinant = ux * vy - uy * vx
    if abs(determinant) < 1e-6:
        return None
    along_first = ((cx - ax) * vy - (cy - ay) * vx) / determinant
    along_second = ((cx - ax) * uy - (cy - ay) * ux) / determinant
    margins = (_TOLERANCE / max(abs(x) + abs(y), 1e-6) for x, y in ((ux, uy), (vx, vy)))
    inside = zip((along_first, along_second), margins, strict=True)
    if all(margin < along < 1 - margin for along, margin in inside):
        return ax + along_first * ux, ay + along_first * uy
    return None
