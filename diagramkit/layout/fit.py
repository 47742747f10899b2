"""Which layout shows largest: directions, rows and packings are tried, the best is taken.

The source's own direction is kept wherever it fits: its text readable on the canvas, and
the canvas not left empty. Where the source leaves it open, what shows largest is taken.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from diagramkit.compile import Gaps
from diagramkit.graph import Direction, Graph
from diagramkit.layout import nested, place, wrap
from diagramkit.layout.canvas import Canvas
from diagramkit.layout.engine import Engine
from diagramkit.layout.fold import fold, ranks
from diagramkit.layout.place import Piece, Placement
from diagramkit.measure.figures import Figures
from diagramkit.problems import Span
from diagramkit.style.theme import Sizes

_FULL = 0.55
_MUDDLED = 0.01  # What a layout counts in which things lie on each other.
_LONGEST_ROW = 4
_BROADEST = (10, 8, 6, 5, 4)  # How many nodes stand beside each other in a rank put in rows.
_MOST_ROWS = 4
_MOST_ROWS_OF_PARTS = 8
_VAST = 500  # Nodes and edges from which a layout takes seconds: the first is the one to draw.
_TIGHT = 0.7  # The least part of the usual gaps, tried where nothing fits.
_GAIN = 1.2  # How much better that can make a layout: of 206 met, one by 1.23, all others by 1.13 at most.


class Layout(Struct, frozen=True):
    """A layout that was tried: how it was made, and how well it fits the canvas."""

    placement: Placement
    way: Direction
    scale: float
    fits: bool
    rank: float


class Task(Struct, frozen=True):
    """What is to be laid out, and for which canvas (None: as it comes)."""

    graph: Graph
    figures: Figures
    sizes: Sizes
    canvas: Canvas | None
    engine: Engine
    where: Span

    @property
    def vast(self) -> bool:
        """Whether the graph is so large that its first layout is the one to draw."""
        return len(self.graph.nodes) + len(self.graph.edges) > _VAST


def choose(task: Task, gaps: Gaps) -> Layout:
    """The layout to draw. Raises `DiagramError` where Graphviz fails."""
    best: Layout | None = None
    for layout in _candidates(task, gaps):
        if best is None or layout.rank > best.rank * 1.001:
            best = layout
        if layout.fits:
            best = layout
            break
    assert best is not None
    whole = Piece(task.graph, task.figures)
    placed = place.in_line(whole, best.placement, task.sizes, best.way)
    placed = place.centred(whole, placed, task.sizes, best.way)
    return replace(best, placement=place.evened(whole, placed))


def _candidates(task: Task, gaps: Gaps) -> Iterator[Layout]:
    """The wanted direction as it is; then in rows; then the other axis, plain and in rows; then
    all of it nearer together, but for the axis that would not win by that either."""
    open_way = task.graph.direction is None
    wanted: Direction = task.graph.direction or "TB"
    other: Direction = "TB" if wanted in ("LR", "RL") else "LR"
    parts = place.pieces(task.graph, task.figures)
    best, found = 0.0, dict[Direction, float]()
    tight = Gaps(gaps.node * _TIGHT, gaps.rank * _TIGHT)
    for apart, favour in ((gaps, 1.0), (tight, 0.97)):
        hopeless = max(found.values(), default=0.0) / _GAIN
        for way in (wanted, other):
            if found.get(way, math.inf) < hopeless:
                continue
            share = favour if way == wanted or open_way else favour * 0.85
            for layout in _one_way(task, parts, way, apart, share):
                first = way == wanted and apart is gaps
                fits = task.vast or (layout.fits and first and not open_way)
                best = max(best, layout.scale)
                found[way] = max(found.get(way, 0.0), layout.rank)
                yield replace(layout, fits=fits or task.canvas is None)
        if task.canvas and best * _smallest_text(task.figures, task.sizes) >= task.canvas.readable:
            return


def _one_way(
    task: Task, parts: list[Piece], way: Direction, gaps: Gaps, share: float
) -> Iterator[Layout]:
    """The layouts in one direction: plain, parts in rows, long chains in rows."""
    sizes = task.sizes
    plain = [nested.placed(part, sizes, way, gaps, task.engine, task.where) for part in parts]
    good = all(place.clear(part, flat) for part, flat in zip(parts, plain, strict=True))
    favour = share if good else share * _MUDDLED
    yield _layout(task, place.stack(parts, plain, sizes, way), way, favour, plain=good)
    if len(parts) > 1:
        whole = sum(part.bounds.w + sizes.component_gap for part in plain)
        for rows in range(2, min(len(parts), _MOST_ROWS_OF_PARTS) + 1):
            packed = place.pack(plain, sizes, whole / rows)
            yield _layout(task, packed, way, favour * 0.9)
    across = 1 if way in ("LR", "RL") else 0
    for most in _BROADEST:
        if max(wrap.broadest(part, across) for part in plain) <= most or task.canvas is None:
            continue
        rows_of = [
            (
                None
                if nested.turned(part, way)
                else wrap.wrapped(part, flat, across, most, sizes, gaps)
            )
            or flat
            for part, flat in zip(parts, plain, strict=True)
        ]
        if rows_of != plain:
            yield _layout(task, place.stack(parts, rows_of, sizes, way), way, share * 0.9)
    if way != "LR" or max(len(ranks(part)) for part in plain) <= _LONGEST_ROW:
        return
    for rows in range(2, _MOST_ROWS + 1):
        folded = [
            (None if nested.turned(part, way) else fold(part, flat, rows, sizes, gaps)) or flat
            for part, flat in zip(parts, plain, strict=True)
        ]
        if folded != plain:
            yield _layout(task, place.stack(parts, folded, sizes, way), way, favour * 0.95)


def _smallest_text(figures: Figures, sizes: Sizes) -> float:
    lines = [line for figure in figures.nodes.values() for line in figure.label.lines]
    lines += [line for block in figures.labels.values() for line in block.lines]
    lines += [line for heading in figures.headings.values() for line in heading.title.lines]
    return min((line.size for line in lines), default=sizes.label)


def _layout(
    task: Task, placement: Placement, way: Direction, favour: float, plain: bool = False
) -> Layout:
    sizes, canvas = task.sizes, task.canvas
    w = placement.bounds.w + 2 * sizes.margin
    h = placement.bounds.h + 2 * sizes.margin
    if canvas is None:
        return Layout(placement, way, 1.0, plain, favour)
    scale = canvas.scale(w, h)
    readable = scale * _smallest_text(task.figures, sizes) >= canvas.readable
    short = min(w, h) < 2.6 * sizes.icon and max(w, h) < 9 * sizes.icon
    fits = plain and readable and (canvas.filled(w, h) >= _FULL or short)
    return Layout(placement, way, scale, fits, scale * favour)
