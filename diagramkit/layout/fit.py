"""Which layout shows largest: directions, rows and packings are tried, the best is taken.

The source's own direction is kept wherever it fits: its text readable on the canvas, and
the canvas not left empty.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from diagramkit.compile import Gaps
from diagramkit.graph import Direction, Graph
from diagramkit.layout import place
from diagramkit.layout.fold import fold, ranks
from diagramkit.layout.place import Piece, Placement
from diagramkit.measure.figures import Figures
from diagramkit.problems import Span
from diagramkit.style.theme import Sizes

SLIDE = (1920.0, 1080.0)
"""The canvas a picture is laid out for: a slide of 16:9, in pixels."""

READABLE = 16.0
"""The least size of text on the canvas, in its pixels."""

_FULL = 0.55
_MUDDLED = 0.01  # What a layout counts in which things lie on each other.
_LONGEST_ROW = 4
_MOST_ROWS = 4
_MOST_ROWS_OF_PARTS = 8


@dataclass(frozen=True, slots=True)
class Layout:
    """A layout that was tried: how it was made, and how well it fits the canvas."""

    placement: Placement
    way: Direction
    scale: float
    fits: bool
    rank: float


def choose(
    graph: Graph, figures: Figures, sizes: Sizes, gaps: Gaps, engine: str, where: Span
) -> Layout:
    """The layout to draw. Raises `DiagramError` where Graphviz fails."""
    found = _best(graph, figures, sizes, gaps, engine, where)
    return replace(found, placement=place.evened(Piece(graph, figures), found.placement))


def _best(
    graph: Graph, figures: Figures, sizes: Sizes, gaps: Gaps, engine: str, where: Span
) -> Layout:
    wanted: Direction = graph.direction or "TB"
    best: Layout | None = None
    for layout in _candidates(graph, figures, sizes, gaps, engine, where, wanted):
        if layout.fits and best is None:
            return layout
        if best is None or layout.rank > best.rank * 1.001:
            best = layout
    assert best is not None
    return best


def _candidates(
    graph: Graph, figures: Figures, sizes: Sizes, gaps: Gaps, engine: str, where: Span,
    wanted: Direction,
) -> Iterator[Layout]:  # fmt: skip
    """The wanted direction as it is; then in rows; then the other axis, plain and in rows."""
    parts = place.pieces(graph, figures)
    smallest = _smallest_text(figures, sizes)
    other: Direction = "TB" if wanted in ("LR", "RL") else "LR"
    for way, share in ((wanted, 1.0), (other, 0.85)):
        plain = [place.place(part, sizes, way, gaps, engine, where) for part in parts]
        good = all(place.clear(part, flat) for part, flat in zip(parts, plain, strict=True))
        favour = share if good else share * _MUDDLED
        yield _layout(place.stack(parts, plain, sizes, way), way, favour, smallest, sizes)
        if len(parts) > 1:
            whole = sum(part.bounds.w + sizes.component_gap for part in plain)
            for rows in range(2, min(len(parts), _MOST_ROWS_OF_PARTS) + 1):
                packed = place.pack(plain, sizes, whole / rows)
                yield _layout(packed, way, favour * 0.9, smallest, sizes)
        if way != "LR" or max(len(ranks(part)) for part in plain) <= _LONGEST_ROW:
            continue
        for rows in range(2, _MOST_ROWS + 1):
            folded = [
                fold(part, flat, rows, sizes, gaps) or flat
                for part, flat in zip(parts, plain, strict=True)
            ]
            if folded != plain:
                stacked = place.stack(parts, folded, sizes, way)
                yield _layout(stacked, way, favour * 0.95, smallest, sizes)


def _smallest_text(figures: Figures, sizes: Sizes) -> float:
    lines = [line for figure in figures.nodes.values() for line in figure.label.lines]
    lines += [line for block in figures.labels.values() for line in block.lines]
    lines += [line for heading in figures.headings.values() for line in heading.title.lines]
    return min((line.size for line in lines), default=sizes.label)


def _layout(
    placement: Placement, way: Direction, favour: float, smallest: float, sizes: Sizes
) -> Layout:
    w = placement.bounds.w + 2 * sizes.margin
    h = placement.bounds.h + 2 * sizes.margin
    scale = min(SLIDE[0] / w, SLIDE[1] / h)
    full = min(w * scale / SLIDE[0], h * scale / SLIDE[1])
    readable = scale * smallest >= READABLE
    short = min(w, h) < 2.6 * sizes.icon and max(w, h) < 9 * sizes.icon
    fits = favour == 1.0 and readable and (full >= _FULL or short)
    return Layout(placement, way, scale, fits, scale * favour)
