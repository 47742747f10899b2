"""What the layout tests measure in a picture: positions, relations, lines and labels.

Only the `Drawing` is read, so that the tests hold for any layout engine. All lengths are in points.
"""

from __future__ import annotations

import math
import re
import statistics
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import combinations, pairwise

from msgspec import Struct

from diagramkit import pipeline
from diagramkit.diagnostics import Span
from diagramkit.drawing import Box, Drawing, EdgeDrawing, Point, bounds
from diagramkit.graph import Graph, Head, Pattern, Stroke
from diagramkit.pipeline import Options
from diagramkit.sources.mermaid.read import parse
from diagramkit.sources.mermaid.source_text import Origin
from tests.conftest import ROOT

DATA = ROOT / "tests" / "data" / "layouts"
"""The folder with the topologies and cases that layouts are measured with."""

SLIDE = (1920, 1080)
"""A slide in pixels."""

SAME_LINE = 0.6
"""How far apart parallel segments still lie on one line."""

NEAR = 16.0
"""How far from its edge a label may be."""

Segment = tuple[Point, Point]


# Reading and drawing


def topologies() -> dict[str, str]:
    """The Mermaid text of every topology, by name."""
    return _sources("topologies")


def styled() -> dict[str, str]:
    """The Mermaid text of the topologies with colors, widths and dashes, by name."""
    return _sources("styled")


def case(name: str) -> str:
    """The Mermaid text of a layout case."""
    return (DATA / "cases" / f"{name}.mmd").read_text("utf-8")


def graph_of(text: str) -> Graph:
    """Mermaid text as a graph."""
    return parse(text, Origin("d.mmd"))


def pattern_of(graph: Graph, text: str = "") -> Pattern:
    """A graph as a pattern to draw."""
    return Pattern(graph, "d", "", "D", text, Span("d.mmd"))


def picture(text: str) -> Drawing:
    """The drawing of Mermaid text, with the usual options."""
    return picture_of(graph_of(text))


def picture_of(graph: Graph) -> Drawing:
    """The drawing of a graph, with the usual options."""
    return pipeline.draw(pattern_of(graph), Options())


def _sources(folder: str) -> dict[str, str]:
    found = {path.stem: path.read_text("utf-8") for path in sorted((DATA / folder).glob("*.mmd"))}
    assert found, f"no .mmd files in {DATA / folder}"
    return found


# Boxes and relations


def boxes(drawing: Drawing) -> dict[str, Box]:
    """The boxes of all nodes (with an icon's plate, without labels) and groups, by id."""
    found = {node.id: node.solid for node in drawing.nodes}
    return found | {group.id: group.box for group in drawing.groups}


def full_boxes(drawing: Drawing) -> dict[str, Box]:
    """What each node covers with its label, by id."""
    return {node.id: bounds([node.solid, *(text.box for text in node.texts)]) for node in drawing.nodes}


def gap(one: Box, other: Box) -> float:
    """The distance between two boxes; 0 if they touch or overlap."""
    dx = max(one.x - other.right, other.x - one.right, 0.0)
    dy = max(one.y - other.bottom, other.y - one.bottom, 0.0)
    return math.hypot(dx, dy)


def left_of(one: Box, other: Box) -> bool:
    """Whether a box is entirely to the left of another."""
    return one.right <= other.x


def above(one: Box, other: Box) -> bool:
    """Whether a box is entirely above another."""
    return one.bottom <= other.y


def overlaps_in_height(one: Box, other: Box) -> bool:
    """Whether some horizontal line goes through both boxes, so that they can be in one row."""
    return one.y < other.bottom and other.y < one.bottom


def in_order(found: Sequence[Box]) -> bool:
    """Whether the boxes follow one another without overlap, from left to right or from top to bottom."""
    pairs = list(pairwise(found))
    return all(left_of(a, b) for a, b in pairs) or all(above(a, b) for a, b in pairs)


def diagonal(drawing: Drawing) -> float:
    """The length of the picture's diagonal."""
    return math.hypot(drawing.width, drawing.height)


def smallest_on_slide(drawing: Drawing) -> float:
    """The size of the smallest text, in pixels, with the picture as large as a slide allows."""
    scale = min(SLIDE[0] / drawing.width, SLIDE[1] / drawing.height)
    return min(text.size for text in drawing.texts()) * scale


# Two drawings of nearly the same graph


def anchors(drawing: Drawing) -> dict[str, Point]:
    """The center of every node's box, by id."""
    return {node.id: node.box.center for node in drawing.nodes}


def displacement(before: Drawing, after: Drawing) -> float:
    """How far the nodes in both drawings have moved, relative to the diagonal of `before`.

    It is the median of the nodes' distances after the best translation: the median shift in x and y.
    """
    old, new = anchors(before), anchors(after)
    shifts = [(new[name][0] - old[name][0], new[name][1] - old[name][1]) for name in old.keys() & new.keys()]
    dx, dy = (statistics.median(shift[axis] for shift in shifts) for axis in (0, 1))
    return statistics.median(math.hypot(x - dx, y - dy) for x, y in shifts) / diagonal(before)


def relation(one: float, other: float, slack: float = 2.0) -> int:
    """-1 if `one` is less than `other`, 1 if it is greater, 0 if they are equal within `slack`."""
    return (one - other > slack) - (other - one > slack)


def relations_kept(before: Drawing, after: Drawing) -> tuple[int, int]:
    """How many left/right and above/below relations between nodes in both drawings are preserved, and of how many."""
    old, new = anchors(before), anchors(after)
    kept = total = 0
    for a, b in combinations(sorted(old.keys() & new.keys()), 2):
        for axis in (0, 1):
            if was := relation(old[a][axis], old[b][axis]):
                total += 1
                kept += was == relation(new[a][axis], new[b][axis])
    return kept, total


# Lines


def corners(points: Sequence[Point]) -> list[Point]:
    """A path without repeated points and without those on a straight line between their neighbors.

    A point where the path turns back on itself stays.
    """
    found: list[Point] = []
    for point in points:
        if found and math.dist(found[-1], point) < 0.05:
            continue
        while len(found) > 1 and _goes_straight(found[-2], found[-1], point):
            found.pop()
        found.append(point)
    return found


def _goes_straight(a: Point, b: Point, c: Point) -> bool:
    same_line = any(abs(a[axis] - b[axis]) < 0.05 > abs(b[axis] - c[axis]) for axis in (0, 1))
    return same_line and dot((a, b), (b, c)) > 0


def segments(edge: EdgeDrawing) -> list[Segment]:
    """The straight segments of an edge, from tail to head."""
    return list(pairwise(corners(edge.line())))


def bends(edge: EdgeDrawing) -> int:
    """How often an edge turns."""
    return max(len(segments(edge)) - 1, 0)


def reversals(edge: EdgeDrawing) -> int:
    """How often an edge runs back against a direction that it has taken before."""
    return sum(dot(one, other) < -0.01 for one, other in combinations(segments(edge), 2))


def is_straight(edge: EdgeDrawing) -> bool:
    """Whether an edge is one horizontal or vertical segment."""
    found = segments(edge)
    return len(found) == 1 and (is_horizontal(found[0]) or is_vertical(found[0]))


def is_horizontal(segment: Segment) -> bool:
    """Whether a segment has the same y at both ends."""
    return abs(segment[0][1] - segment[1][1]) < 0.05


def is_vertical(segment: Segment) -> bool:
    """Whether a segment has the same x at both ends."""
    return abs(segment[0][0] - segment[1][0]) < 0.05


def dot(one: Segment, other: Segment) -> float:
    """The dot product of two segments as vectors."""
    (ax, ay), (bx, by) = one
    (cx, cy), (dx, dy) = other
    return (bx - ax) * (dx - cx) + (by - ay) * (dy - cy)


def shared_stretch(one: Segment, other: Segment) -> tuple[float, float] | None:
    """Where two segments lie on one line, as low and high along their axis; None if nowhere."""
    for along, across, fits in ((0, 1, is_horizontal), (1, 0, is_vertical)):
        if fits(one) and fits(other) and abs(one[0][across] - other[0][across]) <= SAME_LINE:
            low = max(min(one[0][along], one[1][along]), min(other[0][along], other[1][along]))
            high = min(max(one[0][along], one[1][along]), max(other[0][along], other[1][along]))
            return (low, high) if high > low else None
    return None


def overlap(one: Iterable[Segment], other: Iterable[Segment]) -> float:
    """The length of the longest stretch on which two paths lie on one line."""
    others = list(other)
    found = [stretch for a in one for b in others if (stretch := shared_stretch(a, b))]
    return max((high - low for low, high in found), default=0.0)


def own_parts(edge: EdgeDrawing, others: Iterable[EdgeDrawing]) -> list[Segment]:
    """The parts of an edge that no other edge lies on."""
    theirs = [segment for other in others for segment in segments(other)]
    return [part for segment in segments(edge) for part in _without(segment, theirs)]


def _without(segment: Segment, others: Sequence[Segment]) -> Iterator[Segment]:
    along = 0 if is_horizontal(segment) else 1
    low, high = sorted((segment[0][along], segment[1][along]))
    covered = sorted(found for other in others if (found := shared_stretch(segment, other)))
    for start, end in [*covered, (high, high)]:
        if start > low + 0.5:
            yield _part(segment, along, low, start)
        low = max(low, end)


def _part(segment: Segment, along: int, low: float, high: float) -> Segment:
    (x, y), _ = segment
    return ((low, y), (high, y)) if along == 0 else ((x, low), (x, high))


def distance(box: Box, segment: Segment) -> float:
    """The distance between a box and a horizontal or vertical segment."""
    (ax, ay), (bx, by) = segment
    return gap(box, Box(min(ax, bx), min(ay, by), abs(ax - bx), abs(ay - by)))


def nearest(box: Box, found: Iterable[Segment]) -> float:
    """The distance between a box and the nearest segment; infinite if there is none."""
    return min((distance(box, segment) for segment in found), default=math.inf)


def enters_from(edge: EdgeDrawing) -> str:
    """The side from which an edge reaches its target: above, below, left or right."""
    (ax, ay), (bx, by) = segments(edge)[-1]
    if abs(bx - ax) > abs(by - ay):
        return "left" if bx > ax else "right"
    return "above" if by > ay else "below"


def is_on_border(box: Box, point: Point, slack: float = 1.0) -> bool:
    """Whether a point is on the border of a box."""
    x, y = point
    inside = min(x - box.x, box.right - x, y - box.y, box.bottom - y)
    return abs(inside) <= slack


def edge_between(drawing: Drawing, source: str, target: str) -> EdgeDrawing:
    """The one edge from a node or group to another."""
    (found,) = [e for e in drawing.edges if (e.source, e.target) == (source, target)]
    return found


# Labels


def label_box(edge: EdgeDrawing) -> Box | None:
    """What the label of an edge covers; None if it has none."""
    return bounds([text.box for text in edge.texts]) if edge.texts else None


def words(text: str) -> str:
    """A text's letters and digits alone: wrapping and markup do not count."""
    return re.sub(r"<[^>]*>|[\W_]", "", text).lower()


def label_of(edge: EdgeDrawing) -> str:
    """The letters and digits of an edge's label."""
    return words("".join(text.text for text in edge.texts))


def stray_labels(drawing: Drawing) -> list[str]:
    """Labels that are not nearer to a part of their edge that no other edge uses than to any other edge."""
    found = []
    for number, edge in enumerate(drawing.edges):
        box = label_box(edge)
        if box is None:
            continue
        others = [other for at, other in enumerate(drawing.edges) if at != number]
        mine = nearest(box, own_parts(edge, others))
        theirs = nearest(box, [segment for other in others for segment in segments(other)])
        if mine > NEAR or mine >= theirs:
            found.append(
                f"{edge.source} to {edge.target}: '{label_of(edge)}' is {mine:.1f} from its own part, {theirs:.1f} from another edge"
            )
    return found


# Which edges are drawn


class Line(Struct, frozen=True, order=True):
    """What must be drawn of an edge: its ends, its look and the letters and digits of its label.

    `pen` is the color, width and dash that the source says, if any.
    """

    source: str
    target: str
    stroke: Stroke
    tail: Head
    head: Head
    label: str
    pen: str = ""


def line_of(edge: EdgeDrawing) -> Line:
    """An edge of a drawing as what is drawn."""
    color = "" if edge.color == usual_color() else edge.color
    pen = _pen(color, edge.width, edge.dash or ())
    return Line(edge.source, edge.target, edge.stroke, edge.tail, edge.head, label_of(edge), pen)


def lines_of(graph: Graph) -> list[Line]:
    """What must be drawn of a graph's edges; a color in it must be written as `#RRGGBB`."""
    found = []
    for edge in graph.edges:
        style = dict(edge.style)
        width = style.get("stroke-width")
        dash = tuple(map(float, style.get("stroke-dasharray", "").split()))
        pen = _pen(style.get("stroke", ""), float(width.removesuffix("px")) if width else None, dash)
        if edge.stroke != "invisible":
            found.append(Line(edge.source, edge.target, edge.stroke, edge.tail, edge.head, words(edge.label), pen))
    return found


@cache
def usual_color() -> str:
    """The color of an edge of which the source says none."""
    return picture("flowchart LR\n  a --> b\n").edges[0].color


def _pen(color: str, width: float | None, dash: Sequence[float]) -> str:
    return f"{color.upper()} {width or ''} {' '.join(f'{part:g}' for part in dash)}".strip()


def differences(wanted: Iterable[Line], drawing: Drawing) -> list[str]:
    """Edges that are missing or drawn too often.

    Two opposite edges that look alike and have no label may be one edge with an arrow at both ends.
    """
    drawn = Counter(map(line_of, drawing.edges))
    missing = Counter(wanted)
    common = missing & drawn
    missing, drawn = missing - common, drawn - common
    for line in sorted(drawn.elements()):
        there, back = (
            Line(*ends, line.stroke, "none", "arrow", "", line.pen)
            for ends in ((line.source, line.target), (line.target, line.source))
        )
        both = line.tail == line.head == "arrow" and not line.label and there != back
        if both and missing[there] and missing[back]:
            missing -= Counter((there, back))
            drawn -= Counter((line,))
    found = [f"missing: {_named(line)}" for line in sorted(missing.elements())]
    return found + [f"not in the source: {_named(line)}" for line in sorted(drawn.elements())]


def _named(line: Line) -> str:
    return f"{line.source} to {line.target} ({line.stroke}, {line.tail}/{line.head}, '{line.label}'{line.pen and f', {line.pen}'})"


# Unlike edges


def look(drawing: Drawing, edge: EdgeDrawing) -> tuple[object, ...]:
    """What an edge looks like: color, width, dash and the signs at its ends.

    An edge's two signs have no order: an arrow looks the same whichever end is its head.
    """
    usual = drawing.edge_width * (2.2 if edge.stroke == "thick" else 1)
    width = usual if edge.width is None else edge.width
    dash = edge.dash if edge.dash is not None else edge.stroke == "dotted"
    return edge.color, round(width, 2), dash, tuple(sorted((edge.tail, edge.head)))


def unlike_on_one_line(drawing: Drawing, most: float = 4.0) -> list[str]:
    """Pairs of edges that look different and lie on one line for more than `most`."""
    found = []
    paths = [(edge, look(drawing, edge), segments(edge)) for edge in drawing.edges]
    for (one, its, path), (other, another, beside) in combinations(paths, 2):
        if its != another and (length := overlap(path, beside)) > most:
            found.append(f"{one.source} to {one.target} and {other.source} to {other.target} for {length:.0f}")
    return found
