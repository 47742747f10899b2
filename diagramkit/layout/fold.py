"""A long chain in rows: every second row runs back, so that each edge stays short (a snake)."""

from __future__ import annotations

import math

from diagramkit.compile import Gaps
from diagramkit.drawing import Box, Point, around
from diagramkit.layout.place import Piece, Placement, clear, finish, reach
from diagramkit.style.theme import Sizes


def ranks(placement: Placement) -> list[list[str]]:
    """The nodes by rank, left to right, of a piece laid out sideways."""
    columns: dict[float, list[str]] = {}
    for name, (x, _) in placement.anchors.items():
        columns.setdefault(round(x, 1), []).append(name)
    return [columns[x] for x in sorted(columns)]


def fold(
    piece: Piece, placement: Placement, rows: int, sizes: Sizes, gaps: Gaps
) -> Placement | None:
    """The piece (laid out left to right) in `rows` rows; None where it does not part cleanly:
    an edge would jump a row's end, or a group would hold what is not its own."""
    columns = ranks(placement)
    per_row = math.ceil(len(columns) / rows)
    if placement.spare or rows < 2 or per_row < 2 or math.ceil(len(columns) / per_row) != rows:
        return None
    rank_of = {name: number for number, names in enumerate(columns) for name in names}
    cuts = range(per_row, len(columns), per_row)
    if any(not _one_step_over(piece, rank_of, cut) for cut in cuts):
        return None
    xs = _columns(piece, columns, per_row, gaps)
    anchors: dict[str, Point] = {}
    top = 0.0
    for row in range(rows):
        names = [name for column in columns[row * per_row : (row + 1) * per_row] for name in column]
        placed: dict[str, Point] = {}
        for name in names:
            step = rank_of[name] - row * per_row
            column = per_row - 1 - step if row % 2 else step
            placed[name] = (xs[column], placement.anchors[name][1])
        area = _area(piece, placed, sizes)
        for name, (x, y) in placed.items():
            anchors[name] = (x, y - area.y + top)
        top += area.h + sizes.row_gap
    made = finish(piece, anchors, sizes)
    return made if clear(piece, made) else None


def _one_step_over(piece: Piece, rank_of: dict[str, int], cut: int) -> bool:
    """Whether the edges across `cut` are few, and join the ranks on its two sides."""
    across = [
        (rank_of[edge.source], rank_of[edge.target])
        for edge in piece.graph.edges
        if edge.source in rank_of
        and edge.target in rank_of
        and (rank_of[edge.source] < cut) != (rank_of[edge.target] < cut)
    ]
    outside = any(
        end not in rank_of for edge in piece.graph.edges for end in (edge.source, edge.target)
    )
    return not outside and len(across) <= 2 and all(abs(a - b) == 1 for a, b in across)


def _columns(piece: Piece, columns: list[list[str]], per_row: int, gaps: Gaps) -> list[float]:
    """The x of each column: wide enough for the widest node of any row, a gap between."""
    halves = [0.0] * per_row
    for number, names in enumerate(columns):
        row, step = divmod(number, per_row)
        column = per_row - 1 - step if row % 2 else step
        widest = max(piece.figures.nodes[name].half for name in names)
        halves[column] = max(halves[column], widest)
    labels = [block.width for block in piece.figures.labels.values()]
    gap = max(gaps.rank, max(labels, default=0.0) + 24)
    xs, x = [], 0.0
    for column, half in enumerate(halves):
        x += half + (halves[column - 1] + gap if column else 0)
        xs.append(x)
    return xs


def _area(piece: Piece, anchors: dict[str, Point], sizes: Sizes) -> Box:
    return around(
        [finish(piece, anchors, sizes).bounds]
        + [reach(piece.figures, name, anchors) for name in anchors]
    )
