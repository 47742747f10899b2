"""Hops: where two edges cross, one runs over the other in a half circle, so that each can be followed.

The vertical segment hops, to its right or else to its left. If it has no space for either, the horizontal segment hops,
up or else down. If that has no space, they simply cross. Segments of several edges that overlap form one run, with the
same hops on all of them, so that bundled edges still coincide. If only one of two lines is dashed, the solid one hops
if possible: a few dashes do not make a visible circle.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator
from itertools import islice, pairwise, product

from msgspec import Struct, field
from msgspec.structs import replace

from diagramkit import timing
from diagramkit.drawing import Box, Drawing, EdgeDrawing, Hop

RADIUS = 5.0
"""The default radius of a hop, in points; it is larger where wide lines cross."""

MIN_RADIUS = 4.0
"""The radius of a hop where lines are too close to each other for the default radius, in points."""

GAP = 2.0
"""The minimum space between two hops on one line, in points: if there is less, one hop spans both crossings."""

_CLEARANCE = 2.0  # Points between a hop and the line below it.
_LINE_TOLERANCE = 0.5  # Points: closer segments are treated as one line.
_TOLERANCE = 0.01
_CELL_SIZE = 32.0  # Points.


class _Segment(Struct, frozen=True):
    """A segment of an edge, with its extent in points.

    `edge` and `number` are indexes. `position` is the x of a vertical segment, or the y of a horizontal one; `low` and
    `high` are its ends along its axis. `ascending` says whether the edge runs right or down there.
    """

    edge: int
    number: int
    position: float
    low: float
    high: float
    ascending: bool


class _Stop(Struct, frozen=True):
    """A corner or an end on a run: its position, and the length next to it in which nothing may hop, in points."""

    position: float
    margin: float


class _Run(Struct, eq=False):
    """Segments that overlap on one line.

    `stops`, `crossings` (with other runs) and `hop_intervals` are sorted by position. `width` is that of the widest
    line; `dashed` says whether a line is dashed; `max_margin` is the largest margin of a stop.
    """

    position: float
    low: float
    high: float
    segments: list[_Segment] = field(default_factory=list)
    stops: list[_Stop] = field(default_factory=list)
    crossings: list[_Crossing] = field(default_factory=list)
    hop_intervals: list[tuple[float, float]] = field(default_factory=list)
    width: float = 0.0
    dashed: bool = False
    max_margin: float = 0.0

    def edges_at(self, position: float) -> set[int]:
        """Return the indexes of the edges at a position along the run."""
        return {segment.edge for segment in self.segments if segment.low < position < segment.high}

    def stops_near(self, low: float, high: float) -> Iterator[_Stop]:
        """Yield the stops whose margins overlap an interval."""
        # The stops are sorted by position, and no margin is larger than `max_margin`.
        start = bisect_left(self.stops, low - self.max_margin, key=lambda stop: stop.position)
        for stop in islice(self.stops, start, None):
            if stop.position - self.max_margin >= high:
                break
            if low < stop.position + stop.margin - _TOLERANCE and stop.position - stop.margin + _TOLERANCE < high:
                yield stop

    def is_free(self, low: float, high: float) -> bool:
        """Return whether an interval is free of stops and hops."""
        next_hop = bisect_left(self.hop_intervals, (low, low))
        neighbors = self.hop_intervals[max(next_hop - 1, 0) : next_hop + 1]
        if any(low < end + GAP - _TOLERANCE and start - GAP + _TOLERANCE < high for start, end in neighbors):
            return False
        return next(self.stops_near(low, high), None) is None


class _Crossing(Struct, eq=False):
    """A crossing of a vertical and a horizontal run.

    `point` is its x and y. `radius` is the minimum radius of a hop there, in points. `axis` is that of the solid run if
    the other one is dashed (0: vertical, 1: horizontal), else None.
    """

    point: tuple[float, float]
    runs: tuple[_Run, _Run]
    radius: float
    axis: int | None
    is_hopped: bool = False


class _CrossingStyle(Struct, frozen=True):
    """How to hop.

    `axis` is that of the line that hops (0: vertical). `side` is the direction of the hop (1: right or down, -1: left
    or up). `radius` is in points. `wide` says whether to hop over several lines at once, and `dashed` whether a dashed
    line may hop over a solid one.
    """

    axis: int
    side: int
    radius: float
    wide: bool
    dashed: bool


_CROSSING_STYLES = tuple(
    _CrossingStyle(axis, side, radius, radius < RADIUS, dashed)
    for dashed in (False, True)
    for axis, side in ((0, 1), (0, -1), (1, -1), (1, 1))
    for radius in (RADIUS, MIN_RADIUS)
)
"""All styles, in the order in which they are tried."""


class _HopSpan(Struct, frozen=True):
    """One hop: the run and the style, its interval and radius, and the crossings below it."""

    run: _Run
    style: _CrossingStyle
    low: float
    high: float
    radius: float
    crossings: tuple[_Crossing, ...]

    @property
    def extent(self) -> float:
        """How far the hop extends from the center line, including half of the line's width."""
        return self.radius + self.run.width / 2

    @property
    def area(self) -> Box:
        """The area that the hop covers on its side of the run."""
        start = self.run.position if self.style.side > 0 else self.run.position - self.extent
        if self.style.axis == 0:
            return Box(start, self.low, self.extent, self.high - self.low)
        return Box(self.low, start, self.high - self.low, self.extent)

    def hop(self, segment: _Segment) -> Hop:
        """Return the hop on one of the run's segments."""
        axis, side = self.style.axis, self.style.side
        ends = (self.low, self.high) if segment.ascending else (self.high, self.low)
        start, end = ((segment.position, value) if axis == 0 else (value, segment.position) for value in ends)
        clockwise_if_ascending = side > 0 if axis == 0 else side < 0
        return Hop(segment.number, start, end, self.radius, segment.ascending == clockwise_if_ascending)


class _BoxGrid:
    """A grid of boxes, to find quickly those that overlap a small box."""

    def __init__(self, boxes: Iterable[Box] = ()) -> None:
        self._cells: dict[tuple[int, int], list[Box]] = {}
        self.add(boxes)

    def add(self, boxes: Iterable[Box]) -> None:
        """Add boxes."""
        for box in boxes:
            for cell in self._cells_of(box):
                self._cells.setdefault(cell, []).append(box)

    def overlaps(self, box: Box) -> bool:
        """Return whether one of the boxes overlaps `box`."""
        return any(other.overlaps(box) for cell in self._cells_of(box) for other in self._cells.get(cell, ()))

    def _cells_of(self, box: Box) -> Iterator[tuple[int, int]]:
        columns = range(int(box.x // _CELL_SIZE), int(box.right // _CELL_SIZE) + 1)
        rows = range(int(box.y // _CELL_SIZE), int(box.bottom // _CELL_SIZE) + 1)
        return product(columns, rows)


class _FreeSpace(Struct):
    """The areas that hops must avoid: texts, icons, the corners and ends of edges, and hops in other directions.

    `corner` is the radius of corners.
    """

    corner: float
    boxes: _BoxGrid
    corners: _BoxGrid
    hops: _BoxGrid

    @classmethod
    def from_drawing(cls, drawing: Drawing) -> _FreeSpace:
        """Return the free space of a drawing."""
        boxes = [text.box.grown(_CLEARANCE) for text in drawing.texts()]
        boxes += [edge.badge.box for edge in drawing.edges if edge.badge]
        boxes += [node.solid for node in drawing.nodes]
        boxes += [group.tile for group in drawing.groups if group.tile]
        corners = [Box(x, y, 0, 0) for edge in drawing.edges for x, y in edge.points]
        return cls(drawing.corner, _BoxGrid(boxes), _BoxGrid(corners), _BoxGrid())

    def is_free(self, span: _HopSpan) -> bool:
        """Return whether a hop touches nothing there, and leaves the stops of all runs that it crosses unchanged."""
        area = span.area
        return span.run.is_free(span.low, span.high) and not (
            any(self._hits_stop(span, crossing) for crossing in span.crossings)
            or self.boxes.overlaps(area)
            or self.corners.overlaps(area.grown(_CLEARANCE))
            or self.hops.overlaps(area)
        )

    def _hits_stop(self, span: _HopSpan, crossing: _Crossing) -> bool:
        """Return whether the crossed run has a corner or an end where the hop is, or turns already at the crossing."""
        axis, side = span.style.axis, span.style.side
        crossed, position = crossing.runs[1 - axis], crossing.point[axis]
        low, high = sorted((position, position + side * span.extent))
        return any(
            (stop.position - position) * side > -min(stop.margin, self.corner) for stop in crossed.stops_near(low, high)
        )


@timing.step("draw")
def with_hops(drawing: Drawing) -> Drawing:
    """Return the drawing with a hop at each crossing of two edges where there is space, replacing earlier hops.

    Edges with curved or slanted lines and invisible edges do not hop and are not hopped over.
    """
    runs = _runs(drawing, 0), _runs(drawing, 1)
    _find_crossings(*runs)
    free_space = _FreeSpace.from_drawing(drawing)
    spans: list[_HopSpan] = []
    for style in _CROSSING_STYLES:
        new_spans = [span for run in runs[style.axis] for span in _hops_of_run(run, style, free_space)]
        free_space.hops.add(span.area for span in new_spans)
        spans += new_spans
    hops: dict[int, list[Hop]] = {}
    for span in spans:
        for segment in span.run.segments:
            if segment.low < span.low and span.high < segment.high:
                hops.setdefault(segment.edge, []).append(span.hop(segment))
    edges = tuple(
        replace(edge, hops=tuple(sorted(hops.get(number, ()), key=_position_along_edge)))
        for number, edge in enumerate(drawing.edges)
    )
    return replace(drawing, edges=edges, hops=True)


def _position_along_edge(hop: Hop) -> tuple[int, float]:
    """Return a sort key for the order of hops along their edge."""
    along = hop.start[0] + hop.start[1]
    return hop.segment, along if hop.start < hop.end else -along


def _runs(drawing: Drawing, axis: int) -> list[_Run]:
    """Return the runs along an axis (0: vertical), sorted by position."""
    segments = [
        segment
        for number, edge in enumerate(drawing.edges)
        if edge.color != "none" and _is_rectilinear(edge)
        for segment in _segments(number, edge, axis)
    ]
    segments.sort(key=lambda item: (item.position, item.low, item.edge, item.number))
    runs: list[_Run] = []
    line: list[_Segment] = []
    for segment in segments:
        if line and segment.position - line[-1].position > _LINE_TOLERANCE:
            runs += _merge_segments(line)
            line = []
        line.append(segment)
    runs += _merge_segments(line)
    for run in runs:
        edges = [(segment, drawing.edges[segment.edge]) for segment in run.segments]
        run.width = max(drawing.pen_of(edge)[0] for _, edge in edges)
        run.dashed = any(edge.stroke == "dotted" or edge.dash for _, edge in edges)
        stops = {stop for segment, edge in edges for stop in _stops(drawing, edge, segment)}
        run.stops = sorted(stops, key=lambda stop: (stop.position, stop.margin))
        run.max_margin = max(stop.margin for stop in stops)
    return runs


def _is_rectilinear(edge: EdgeDrawing) -> bool:
    """Return whether an edge has only vertical and horizontal segments."""
    return not edge.curve and all(
        abs(a[0] - b[0]) < _TOLERANCE or abs(a[1] - b[1]) < _TOLERANCE for a, b in pairwise(edge.points)
    )


def _segments(number: int, edge: EdgeDrawing, axis: int) -> Iterator[_Segment]:
    """Yield the segments of an edge along an axis (0: vertical)."""
    along = 1 - axis
    for index, (a, b) in enumerate(pairwise(edge.points)):
        low, high = sorted((a[along], b[along]))
        if abs(a[axis] - b[axis]) < _TOLERANCE <= high - low:
            yield _Segment(number, index, a[axis], low, high, a[along] < b[along])


def _merge_segments(line: list[_Segment]) -> Iterator[_Run]:
    """Yield the runs on one line: overlapping or touching segments form one run."""
    run: _Run | None = None
    for segment in sorted(line, key=lambda item: (item.low, item.edge, item.number)):
        if run is None or segment.low > run.high + _TOLERANCE:
            if run is not None:
                yield run
            run = _Run(segment.position, segment.low, segment.high)
        run.high = max(run.high, segment.high)
        run.segments.append(segment)
    if run is not None:
        yield run


def _stops(drawing: Drawing, edge: EdgeDrawing, segment: _Segment) -> Iterator[_Stop]:
    """Yield the two ends of a segment: corners, or the ends of the edge with their arrowheads."""
    positions = (segment.low, segment.high) if segment.ascending else (segment.high, segment.low)
    last = segment.number == len(edge.points) - 2
    heads = edge.tail if segment.number == 0 else "none", edge.head if last else "none"
    extra_length = 2 * max((edge.width or 0.0) - _CLEARANCE, 0.0)  # Arrowheads grow with the width.
    lengths = {"none": drawing.corner, "cross": drawing.head_length + extra_length + _CLEARANCE}
    for position, head in zip(positions, heads, strict=True):
        yield _Stop(position, lengths.get(head, drawing.head_length + extra_length))


def _find_crossings(verticals: list[_Run], horizontals: list[_Run]) -> None:
    """Add the crossings to all runs, by sweeping from left to right over the horizontal ones."""
    events = [(run.high, 0, number) for number, run in enumerate(horizontals)]
    events += [(run.position, 1, number) for number, run in enumerate(verticals)]
    events += [(run.low, 2, number) for number, run in enumerate(horizontals)]
    active: list[tuple[float, int]] = []  # At equal positions, runs end before and begin after a crossing.
    for _, kind, number in sorted(events):
        if kind == 1:
            run = verticals[number]
            start = bisect_right(active, (run.low, len(horizontals)))
            for _, other in active[start : bisect_left(active, (run.high, -1))]:
                _add_crossing(run, horizontals[other])
            continue
        entry = (horizontals[number].position, number)
        if kind == 2:
            insort(active, entry)
        else:
            del active[bisect_left(active, entry)]


def _add_crossing(vertical: _Run, horizontal: _Run) -> None:
    """Add a crossing to two runs if different edges cross there."""
    x, y = vertical.position, horizontal.position
    vertical_edges, horizontal_edges = vertical.edges_at(y), horizontal.edges_at(x)
    if vertical_edges and horizontal_edges and len(vertical_edges | horizontal_edges) > 1:
        radius = (vertical.width + horizontal.width) / 2 + _CLEARANCE
        axis = int(vertical.dashed) if vertical.dashed != horizontal.dashed else None
        crossing = _Crossing((x, y), (vertical, horizontal), radius, axis)
        vertical.crossings.append(crossing)
        horizontal.crossings.append(crossing)


def _hops_of_run(run: _Run, style: _CrossingStyle, free_space: _FreeSpace) -> Iterator[_HopSpan]:
    """Yield the hops of a run in one style, and mark their crossings as hopped."""
    single_spans = [
        _hop_over(run, style, (crossing,))
        for crossing in run.crossings
        if not crossing.is_hopped and (style.dashed or crossing.axis in (style.axis, None))
    ]
    free_spans = [span for span in single_spans if free_space.is_free(span)]
    positions = [crossing.point[1 - style.axis] for crossing in run.crossings] if free_spans else []
    for span in _merge_spans(free_spans):
        count = bisect_right(positions, span.high + _TOLERANCE) - bisect_left(positions, span.low - _TOLERANCE)
        if count == len(span.crossings) and (count == 1 or (style.wide and free_space.is_free(span))):
            insort(run.hop_intervals, (span.low, span.high))
            for crossing in span.crossings:
                crossing.is_hopped = True
            yield span


def _hop_over(run: _Run, style: _CrossingStyle, crossings: tuple[_Crossing, ...]) -> _HopSpan:
    """Return the hop over neighboring crossings of a run."""
    radius = max(style.radius, *(crossing.radius for crossing in crossings))
    low, high = crossings[0].point[1 - style.axis] - radius, crossings[-1].point[1 - style.axis] + radius
    return _HopSpan(run, style, low, high, radius, crossings)


def _merge_spans(spans: list[_HopSpan]) -> Iterator[_HopSpan]:
    """Yield the hops along a run, with those that are too close to each other merged into one."""
    previous: _HopSpan | None = None
    for span in spans:
        if previous is None:
            previous = span
        elif span.low - previous.high < GAP - _TOLERANCE:
            previous = _hop_over(previous.run, previous.style, (*previous.crossings, *span.crossings))
        else:
            yield previous
            previous = span
    if previous is not None:
        yield previous
