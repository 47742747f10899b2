"""Hops: where two edges cross, one runs over the other in a half circle, so that each can be followed.

The vertical segment hops, to its right or else to its left; where it has room for neither the horizontal one hops,
up or else down; where that has none they cross plainly. Segments of several edges that lie on one another are one
run, with the same hops on all of them: edges that share a trunk still coincide. Of a solid and a dashed line the
solid one hops if it can: few dashes make no circle.
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
"""The radius of a hop, in points; it is larger where broad lines cross."""

MIN_RADIUS = 4.0
"""The radius of a hop where lines are too near to one another for the usual one, in points."""

GAP = 2.0
"""What is left between two hops on one line, in points: where there would be less, one hop spans both."""

_CLEAR = 2.0  # Points between a hop and the line that it hops over.
_THICK = 2.2  # How many times as broad as others thick edges are.
_SAME = 0.5  # Points apart at which segments still lie on one another.
_TOUCH = 0.01
_CELL = 32.0  # Points.


class _Segment(Struct, frozen=True):
    """A segment of an edge: the numbers of both, its place (a vertical one's x), and what it spans, in points.
    `onward`: whether the edge runs right or down there, from its tail."""

    edge: int
    number: int
    at: float
    low: float
    high: float
    onward: bool


class _Stop(Struct, frozen=True):
    """A corner or an end on a run: where it is, and how much of the line beside it stays as it is, in points."""

    at: float
    room: float


class _Run(Struct, eq=False):
    """Segments that lie on one another; the stops on them, where other runs cross, in order, and from where to where
    it hops, in order. `width` is that of its broadest line, `dashed` whether one has dashes, `most` the most that a stop
    needs."""

    at: float
    low: float
    high: float
    segments: list[_Segment] = field(default_factory=list)
    stops: list[_Stop] = field(default_factory=list)
    crossings: list[_Crossing] = field(default_factory=list)
    hopped: list[tuple[float, float]] = field(default_factory=list)
    width: float = 0.0
    dashed: bool = False
    most: float = 0.0

    def edges_at(self, place: float) -> set[int]:
        """The numbers of the edges that run there."""
        return {one.edge for one in self.segments if one.low < place < one.high}

    def stops_near(self, low: float, high: float) -> Iterator[_Stop]:
        """The stops that need something of what lies between two places."""
        # In order of where they are, with the most that one of them needs at each side.
        start = bisect_left(self.stops, low - self.most, key=lambda stop: stop.at)
        for stop in islice(self.stops, start, None):
            if stop.at - self.most >= high:
                break
            if low < stop.at + stop.room - _TOUCH and stop.at - stop.room + _TOUCH < high:
                yield stop

    def has(self, low: float, high: float) -> bool:
        """Whether the part between two places is free of stops and of hops."""
        after = bisect_left(self.hopped, (low, low))
        beside = self.hopped[max(after - 1, 0) : after + 1]
        if any(low < end + GAP - _TOUCH and start - GAP + _TOUCH < high for start, end in beside):
            return False
        return next(self.stops_near(low, high), None) is None


class _Crossing(Struct, eq=False):
    """Where a vertical and a horizontal run cross (`place`: x and y), and the least radius of a hop there, in points.
    `axis` is that of the solid one, if the other one is dashed."""

    place: tuple[float, float]
    runs: tuple[_Run, _Run]
    radius: float
    axis: int | None
    hopped: bool = False


class _CrossingStyle(Struct, frozen=True):
    """How to hop: the axis of the line that does (0: vertical), to which side (1: right or down, -1: left or up), and
    with which radius, in points; whether over several lines at once, and whether in dashes over a solid line."""

    axis: int
    side: int
    radius: float
    wide: bool
    dashed: bool


_WAYS = tuple(
    _CrossingStyle(axis, side, radius, radius < RADIUS, dashed)
    for dashed in (False, True)
    for axis, side in ((0, 1), (0, -1), (1, -1), (1, 1))
    for radius in (RADIUS, MIN_RADIUS)
)
"""In the order in which they are tried."""


class _Span(Struct, frozen=True):
    """One hop: the run that hops, how, from where to where, with which radius, and over what."""

    run: _Run
    way: _CrossingStyle
    low: float
    high: float
    radius: float
    over: tuple[_Crossing, ...]

    @property
    def out(self) -> float:
        """How far the hop reaches out of the middle of the line, with half of its width."""
        return self.radius + self.run.width / 2

    @property
    def area(self) -> Box:
        """What the hop covers at its side of the run."""
        across = self.run.at if self.way.side > 0 else self.run.at - self.out
        if self.way.axis == 0:
            return Box(across, self.low, self.out, self.high - self.low)
        return Box(self.low, across, self.high - self.low, self.out)

    def hop(self, segment: _Segment) -> Hop:
        """The hop on one of the run's segments."""
        axis, side = self.way.axis, self.way.side
        ends = (self.low, self.high) if segment.onward else (self.high, self.low)
        start, end = ((segment.at, at) if axis == 0 else (at, segment.at) for at in ends)
        to_right_or_up = side > 0 if axis == 0 else side < 0
        return Hop(segment.number, start, end, self.radius, segment.onward == to_right_or_up)


class _Cells:
    """Boxes by the cells of a grid that they touch, so that those at a small one are found at once."""

    def __init__(self, boxes: Iterable[Box] = ()) -> None:
        self._cells: dict[tuple[int, int], list[Box]] = {}
        self.add(boxes)

    def add(self, boxes: Iterable[Box]) -> None:
        """Have more of them."""
        for box in boxes:
            for cell in self._of(box):
                self._cells.setdefault(cell, []).append(box)

    def touched(self, box: Box) -> bool:
        """Whether one of them overlaps a box."""
        return any(one.overlaps(box) for cell in self._of(box) for one in self._cells.get(cell, ()))

    def _of(self, box: Box) -> Iterator[tuple[int, int]]:
        columns = range(int(box.x // _CELL), int(box.right // _CELL) + 1)
        rows = range(int(box.y // _CELL), int(box.bottom // _CELL) + 1)
        return product(columns, rows)


class _FreeSpace(Struct):
    """What no hop may touch: texts, icons, the corners and ends of edges, and hops that go another way. `corner` is
    the radius of corners."""

    corner: float
    boxes: _Cells
    corners: _Cells
    hops: _Cells

    @classmethod
    def of(cls, drawing: Drawing) -> _FreeSpace:
        """That of a drawing."""
        boxes = [text.box.grown(_CLEAR) for text in drawing.texts()]
        boxes += [edge.badge.box for edge in drawing.edges if edge.badge]
        boxes += [node.solid for node in drawing.nodes]
        boxes += [group.tile for group in drawing.groups if group.tile]
        corners = [Box(x, y, 0, 0) for edge in drawing.edges for x, y in edge.points]
        return cls(drawing.corner, _Cells(boxes), _Cells(corners), _Cells())

    def has(self, span: _Span) -> bool:
        """Whether a hop is free there, and leaves the stops of all runs that meet in it as they are."""
        area = span.area
        return span.run.has(span.low, span.high) and not (
            any(self._spoils(span, crossing) for crossing in span.over)
            or self.boxes.touched(area)
            or self.corners.touched(area.grown(_CLEAR))
            or self.hops.touched(area)
        )

    def _spoils(self, span: _Span, crossing: _Crossing) -> bool:
        """Whether what is hopped over has a corner or an end where the hop is, or turns already at the crossing."""
        axis, side = span.way.axis, span.way.side
        crossed, place = crossing.runs[1 - axis], crossing.place[axis]
        low, high = sorted((place, place + side * span.out))
        return any((stop.at - place) * side > -min(stop.room, self.corner) for stop in crossed.stops_near(low, high))


@timing.step("draw")
def with_hops(drawing: Drawing) -> Drawing:
    """The drawing with a hop at each crossing of two edges that has room for one, in place of those it had.

    Edges that curve or slant have none, and are not hopped over.
    """
    runs = _runs(drawing, 0), _runs(drawing, 1)
    _cross(*runs)
    room = _FreeSpace.of(drawing)
    spans: list[_Span] = []
    for way in _WAYS:
        made = [span for run in runs[way.axis] for span in _spans(run, way, room)]
        room.hops.add(span.area for span in made)
        spans += made
    found: dict[int, list[Hop]] = {}
    for span in spans:
        for segment in span.run.segments:
            if segment.low < span.low and span.high < segment.high:
                found.setdefault(segment.edge, []).append(span.hop(segment))
    edges = tuple(
        replace(edge, hops=tuple(sorted(found.get(number, ()), key=_order)))
        for number, edge in enumerate(drawing.edges)
    )
    return replace(drawing, edges=edges, hops=True)


def _order(hop: Hop) -> tuple[int, float]:
    """Where a hop comes along its edge."""
    along = hop.start[0] + hop.start[1]
    return hop.segment, along if hop.start < hop.end else -along


def _runs(drawing: Drawing, axis: int) -> list[_Run]:
    """The runs along an axis (0: vertical), by where they lie."""
    segments = [
        segment
        for number, edge in enumerate(drawing.edges)
        if _is_square(edge)
        for segment in _segments(number, edge, axis)
    ]
    segments.sort(key=lambda one: (one.at, one.low, one.edge, one.number))
    runs: list[_Run] = []
    line: list[_Segment] = []
    for segment in segments:
        if line and segment.at - line[-1].at > _SAME:
            runs += _joined(line)
            line = []
        line.append(segment)
    runs += _joined(line)
    for run in runs:
        edges = [(segment, drawing.edges[segment.edge]) for segment in run.segments]
        run.width = max(_width(drawing, edge) for _, edge in edges)
        run.dashed = any(edge.stroke == "dotted" or edge.dash for _, edge in edges)
        stops = {stop for segment, edge in edges for stop in _stops(drawing, edge, segment)}
        run.stops = sorted(stops, key=lambda stop: (stop.at, stop.room))
        run.most = max(stop.room for stop in stops)
    return runs


def _is_square(edge: EdgeDrawing) -> bool:
    """Whether an edge has vertical and horizontal segments only."""
    return not edge.curve and all(
        abs(a[0] - b[0]) < _TOUCH or abs(a[1] - b[1]) < _TOUCH for a, b in pairwise(edge.points)
    )


def _segments(number: int, edge: EdgeDrawing, axis: int) -> Iterator[_Segment]:
    along = 1 - axis
    for index, (a, b) in enumerate(pairwise(edge.points)):
        low, high = sorted((a[along], b[along]))
        if abs(a[axis] - b[axis]) < _TOUCH <= high - low:
            yield _Segment(number, index, a[axis], low, high, a[along] < b[along])


def _joined(line: list[_Segment]) -> Iterator[_Run]:
    """Segments on one line as runs: those that touch are one."""
    run: _Run | None = None
    for segment in sorted(line, key=lambda one: (one.low, one.edge, one.number)):
        if run is None or segment.low > run.high + _TOUCH:
            if run is not None:
                yield run
            run = _Run(segment.at, segment.low, segment.high)
        run.high = max(run.high, segment.high)
        run.segments.append(segment)
    if run is not None:
        yield run


def _width(drawing: Drawing, edge: EdgeDrawing) -> float:
    """How broad an edge's line is, in points."""
    usual = drawing.edge_width * (_THICK if edge.stroke == "thick" else 1)
    return usual if edge.width is None else edge.width


def _stops(drawing: Drawing, edge: EdgeDrawing, segment: _Segment) -> Iterator[_Stop]:
    """The two ends of a segment: corners, or the edge's own ends with the heads there."""
    places = (segment.low, segment.high) if segment.onward else (segment.high, segment.low)
    last = segment.number == len(edge.points) - 2
    heads = edge.tail if segment.number == 0 else "none", edge.head if last else "none"
    broader = 2 * max((edge.width or 0.0) - _CLEAR, 0.0)  # So much longer are its heads.
    lengths = {"none": drawing.corner, "cross": drawing.head_length + broader + _CLEAR}
    for place, head in zip(places, heads, strict=True):
        yield _Stop(place, lengths.get(head, drawing.head_length + broader))


def _cross(verticals: list[_Run], horizontals: list[_Run]) -> None:
    """Note on all runs where they cross, by sweeping from left to right over the horizontal ones."""
    events = [(run.high, 0, number) for number, run in enumerate(horizontals)]
    events += [(run.at, 1, number) for number, run in enumerate(verticals)]
    events += [(run.low, 2, number) for number, run in enumerate(horizontals)]
    active: list[tuple[float, int]] = []  # What ends at a place is gone there, what begins not yet there.
    for _, kind, number in sorted(events):
        if kind == 1:
            run = verticals[number]
            start = bisect_right(active, (run.low, len(horizontals)))
            for _, other in active[start : bisect_left(active, (run.high, -1))]:
                _meet(run, horizontals[other])
            continue
        entry = (horizontals[number].at, number)
        if kind == 2:
            insort(active, entry)
        else:
            del active[bisect_left(active, entry)]


def _meet(vertical: _Run, horizontal: _Run) -> None:
    """Note a crossing, if it is one of different edges."""
    x, y = vertical.at, horizontal.at
    one, other = vertical.edges_at(y), horizontal.edges_at(x)
    if one and other and len(one | other) > 1:
        radius = (vertical.width + horizontal.width) / 2 + _CLEAR
        axis = int(vertical.dashed) if vertical.dashed != horizontal.dashed else None
        made = _Crossing((x, y), (vertical, horizontal), radius, axis)
        vertical.crossings.append(made)
        horizontal.crossings.append(made)


def _spans(run: _Run, way: _CrossingStyle, room: _FreeSpace) -> Iterator[_Span]:
    """The hops of a run in one way, whose crossings are then hopped."""
    alone = [
        _span(run, way, (one,))
        for one in run.crossings
        if not one.hopped and (way.dashed or one.axis in (way.axis, None))
    ]
    free = [span for span in alone if room.has(span)]
    places = [one.place[1 - way.axis] for one in run.crossings] if free else []
    for span in _merged(free):
        inside = bisect_right(places, span.high + _TOUCH) - bisect_left(places, span.low - _TOUCH)
        if inside == len(span.over) and (inside == 1 or (way.wide and room.has(span))):
            insort(run.hopped, (span.low, span.high))
            for one in span.over:
                one.hopped = True
            yield span


def _span(run: _Run, way: _CrossingStyle, over: tuple[_Crossing, ...]) -> _Span:
    """The hop over neighboring crossings of a run."""
    radius = max(way.radius, *(one.radius for one in over))
    low, high = over[0].place[1 - way.axis] - radius, over[-1].place[1 - way.axis] + radius
    return _Span(run, way, low, high, radius, over)


def _merged(spans: list[_Span]) -> Iterator[_Span]:
    """Hops along a run, those too near to one another as one."""
    held: _Span | None = None
    for span in spans:
        if held is None:
            held = span
        elif span.low - held.high < GAP - _TOUCH:
            held = _span(held.run, held.way, (*held.over, *span.over))
        else:
            yield held
            held = span
    if held is not None:
        yield held
