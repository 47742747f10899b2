"""Measurements of pictures for the layout tests: positions, relations, lines and labels.

Only the `Drawing` is read, so that the tests work for any layout engine. All lengths are in points.
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
from diagramkit.options import Options
from diagramkit.sources.mermaid.read import parse
from diagramkit.sources.mermaid.source_text import Origin
from tests.support.boxes import is_crossed
from tests.support.project import ROOT

DATA = ROOT / "tests" / "data" / "layouts"
"""The folder with the topologies and cases that layouts are measured with."""

SLIDE = (1920, 1080)
"""A slide in pixels."""

LINE_TOLERANCE = 0.6
"""Parallel segments that are at most this far apart are on one line."""

MAX_LABEL_DISTANCE = 16.0
"""The maximum distance between a label and its edge."""

Segment = tuple[Point, Point]


# Reading and drawing


def topologies() -> dict[str, str]:
    """Return the Mermaid text of every topology, by name."""
    return _read_sources("topologies")


def styled_topologies() -> dict[str, str]:
    """Return the Mermaid text of the topologies with colors, widths and dashes, by name."""
    return _read_sources("styled")


def graph_of(text: str) -> Graph:
    """Return the graph of Mermaid text."""
    return parse(text, Origin("d.mmd"))


def pattern_of(graph: Graph, text: str = "") -> Pattern:
    """Return a pattern that contains a graph."""
    return Pattern(graph, "d", "", "D", text, Span("d.mmd"))


def picture(text: str) -> Drawing:
    """Return the drawing of Mermaid text, with the default options."""
    return picture_of(graph_of(text))


def picture_of(graph: Graph) -> Drawing:
    """Return the drawing of a graph, with the default options."""
    return pipeline.draw(pattern_of(graph), Options())


def _read_sources(folder: str) -> dict[str, str]:
    sources = {path.stem: path.read_text("utf-8") for path in sorted((DATA / folder).glob("*.mmd"))}
    assert sources, f"no .mmd files in {DATA / folder}"
    return sources


# Boxes and relations


def boxes(drawing: Drawing) -> dict[str, Box]:
    """Return the boxes of all nodes (with the plates of icons, without labels) and groups, by id."""
    boxes = {node.id: node.solid for node in drawing.nodes}
    return boxes | {group.id: group.box for group in drawing.groups}


def full_boxes(drawing: Drawing) -> dict[str, Box]:
    """Return the area that each node covers with its label, by id."""
    return {node.id: bounds([node.solid, *(text.box for text in node.texts)]) for node in drawing.nodes}


def gap(first: Box, second: Box) -> float:
    """Return the distance between two boxes; 0 if they touch or overlap."""
    dx = max(first.x - second.right, second.x - first.right, 0.0)
    dy = max(first.y - second.bottom, second.y - first.bottom, 0.0)
    return math.hypot(dx, dy)


def left_of(first: Box, second: Box) -> bool:
    """Return whether a box is entirely to the left of another."""
    return first.right <= second.x


def above(first: Box, second: Box) -> bool:
    """Return whether a box is entirely above another."""
    return first.bottom <= second.y


def share_a_row(first: Box, second: Box) -> bool:
    """Return whether a horizontal line goes through both boxes, so that they can be in one row."""
    return first.y < second.bottom and second.y < first.bottom


def are_in_order(ordered: Sequence[Box]) -> bool:
    """Return whether the boxes follow one another without overlap, from left to right or from top to bottom."""
    pairs = list(pairwise(ordered))
    return all(left_of(a, b) for a, b in pairs) or all(above(a, b) for a, b in pairs)


def diagonal(drawing: Drawing) -> float:
    """Return the length of the picture's diagonal."""
    return math.hypot(drawing.width, drawing.height)


def smallest_on_slide(drawing: Drawing) -> float:
    """Return the size of the smallest text, in pixels, with the picture as large as a slide allows."""
    scale = min(SLIDE[0] / drawing.width, SLIDE[1] / drawing.height)
    return min(text.size for text in drawing.texts()) * scale


# Two drawings of nearly the same graph


def anchors(drawing: Drawing) -> dict[str, Point]:
    """Return the center of every node's box, by id."""
    return {node.id: node.box.center for node in drawing.nodes}


def displacement(before: Drawing, after: Drawing) -> float:
    """Return how far the nodes that are in both drawings have moved, relative to the diagonal of `before`.

    It is the median of the nodes' distances after the best translation, which is the median shift in x and y.
    """
    old, new = anchors(before), anchors(after)
    shifts = [(new[name][0] - old[name][0], new[name][1] - old[name][1]) for name in old.keys() & new.keys()]
    dx, dy = (statistics.median(shift[axis] for shift in shifts) for axis in (0, 1))
    return statistics.median(math.hypot(x - dx, y - dy) for x, y in shifts) / diagonal(before)


def relation(first: float, second: float, slack: float = 2.0) -> int:
    """Return -1 if `first` is less than `second`, 1 if it is greater, 0 if they are equal within `slack`."""
    return (first - second > slack) - (second - first > slack)


def preserved_relations(before: Drawing, after: Drawing) -> tuple[int, int]:
    """Return how many relations between nodes are preserved, and how many there are.

    These are the left/right and above/below relations between nodes in both drawings.
    """
    old, new = anchors(before), anchors(after)
    preserved = total = 0
    for a, b in combinations(sorted(old.keys() & new.keys()), 2):
        for axis in (0, 1):
            if relation_before := relation(old[a][axis], old[b][axis]):
                total += 1
                preserved += relation_before == relation(new[a][axis], new[b][axis])
    return preserved, total


# Lines


def corners(points: Sequence[Point]) -> list[Point]:
    """Return a path without repeated points and without those on a straight line between their neighbors.

    A point where the path turns back on itself stays.
    """
    path: list[Point] = []
    for point in points:
        if path and math.dist(path[-1], point) < 0.05:
            continue
        while len(path) > 1 and _is_straight_on(path[-2], path[-1], point):
            path.pop()
        path.append(point)
    return path


def _is_straight_on(a: Point, b: Point, c: Point) -> bool:
    same_line = any(abs(a[axis] - b[axis]) < 0.05 > abs(b[axis] - c[axis]) for axis in (0, 1))
    return same_line and dot((a, b), (b, c)) > 0


def segments(edge: EdgeDrawing) -> list[Segment]:
    """Return the straight segments of an edge, from tail to head."""
    return list(pairwise(corners(edge.line())))


def bends(edge: EdgeDrawing) -> int:
    """Return how often an edge turns."""
    return max(len(segments(edge)) - 1, 0)


def reversals(edge: EdgeDrawing) -> int:
    """Return how often an edge runs back against an earlier direction."""
    return sum(dot(first, second) < -0.01 for first, second in combinations(segments(edge), 2))


def is_straight(edge: EdgeDrawing) -> bool:
    """Return whether an edge is one horizontal or vertical segment."""
    edge_segments = segments(edge)
    return len(edge_segments) == 1 and (is_horizontal(edge_segments[0]) or is_vertical(edge_segments[0]))


def is_horizontal(segment: Segment) -> bool:
    """Return whether a segment has the same y at both ends."""
    return abs(segment[0][1] - segment[1][1]) < 0.05


def is_vertical(segment: Segment) -> bool:
    """Return whether a segment has the same x at both ends."""
    return abs(segment[0][0] - segment[1][0]) < 0.05


def dot(first: Segment, second: Segment) -> float:
    """Return the dot product of two segments as vectors."""
    (ax, ay), (bx, by) = first
    (cx, cy), (dx, dy) = second
    return (bx - ax) * (dx - cx) + (by - ay) * (dy - cy)


def shared_segment(first: Segment, second: Segment) -> tuple[float, float] | None:
    """Return where two segments are on one line, as low and high along their axis; None if nowhere."""
    for along, across, has_direction in ((0, 1, is_horizontal), (1, 0, is_vertical)):
        if (
            has_direction(first)
            and has_direction(second)
            and abs(first[0][across] - second[0][across]) <= LINE_TOLERANCE
        ):
            low = max(min(first[0][along], first[1][along]), min(second[0][along], second[1][along]))
            high = min(max(first[0][along], first[1][along]), max(second[0][along], second[1][along]))
            return (low, high) if high > low else None
    return None


def overlap(first: Iterable[Segment], second: Iterable[Segment]) -> float:
    """Return the length of the longest segment on which two paths are on one line."""
    second_segments = list(second)
    shared = [interval for a in first for b in second_segments if (interval := shared_segment(a, b))]
    return max((high - low for low, high in shared), default=0.0)


def exclusive_parts(edge: EdgeDrawing, others: Iterable[EdgeDrawing]) -> list[Segment]:
    """Return the parts of an edge that no other edge overlaps."""
    other_segments = [segment for other in others for segment in segments(other)]
    return [part for segment in segments(edge) for part in _without(segment, other_segments)]


def _without(segment: Segment, others: Sequence[Segment]) -> Iterator[Segment]:
    along = 0 if is_horizontal(segment) else 1
    low, high = sorted((segment[0][along], segment[1][along]))
    covered = sorted(shared for other in others if (shared := shared_segment(segment, other)))
    for start, end in [*covered, (high, high)]:
        if start > low + 0.5:
            yield _segment_part(segment, along, low, start)
        low = max(low, end)


def _segment_part(segment: Segment, along: int, low: float, high: float) -> Segment:
    (x, y), _ = segment
    return ((low, y), (high, y)) if along == 0 else ((x, low), (x, high))


def distance(box: Box, segment: Segment) -> float:
    """Return the distance between a box and a segment in any direction; 0 if they touch or cross."""
    (ax, ay), (bx, by) = segment
    if is_horizontal(segment) or is_vertical(segment):
        return gap(box, Box(min(ax, bx), min(ay, by), abs(ax - bx), abs(ay - by)))
    if is_crossed(box, (ax, ay), (bx, by), 0.0):
        return 0.0
    box_corners = [(x, y) for x in (box.x, box.right) for y in (box.y, box.bottom)]
    from_corners = [_point_distance(corner, segment) for corner in box_corners]
    return min(gap(box, Box(ax, ay, 0, 0)), gap(box, Box(bx, by, 0, 0)), *from_corners)


def _point_distance(point: Point, segment: Segment) -> float:
    (ax, ay), (bx, by) = segment
    dx, dy = bx - ax, by - ay
    share = ((point[0] - ax) * dx + (point[1] - ay) * dy) / (dx * dx + dy * dy)
    share = min(max(share, 0.0), 1.0)
    return math.dist(point, (ax + share * dx, ay + share * dy))


def nearest(box: Box, segments: Iterable[Segment]) -> float:
    """Return the distance between a box and the nearest segment; infinite if there is none."""
    return min((distance(box, segment) for segment in segments), default=math.inf)


def enters_from(edge: EdgeDrawing) -> str:
    """Return the side from which an edge enters its target: above, below, left or right."""
    (ax, ay), (bx, by) = segments(edge)[-1]
    if abs(bx - ax) > abs(by - ay):
        return "left" if bx > ax else "right"
    return "above" if by > ay else "below"


def is_on_border(box: Box, point: Point, slack: float = 1.0) -> bool:
    """Return whether a point is on the border of a box."""
    x, y = point
    depth = min(x - box.x, box.right - x, y - box.y, box.bottom - y)
    return abs(depth) <= slack


def edge_between(drawing: Drawing, source: str, target: str) -> EdgeDrawing:
    """Return the only edge from a node or group to another."""
    (edge,) = [e for e in drawing.edges if (e.source, e.target) == (source, target)]
    return edge


# Labels


def label_box(edge: EdgeDrawing) -> Box | None:
    """Return the area of an edge's label; None if it has none."""
    return bounds([text.box for text in edge.texts]) if edge.texts else None


def letters_of(text: str) -> str:
    """Return only the letters and digits of a text, so that wrapping and markup do not count."""
    return re.sub(r"<[^>]*>|[\W_]", "", text).lower()


def label_of(edge: EdgeDrawing) -> str:
    """Return the letters and digits of an edge's label."""
    return letters_of("".join(text.text for text in edge.texts))


def stray_labels(drawing: Drawing) -> list[str]:
    """Return descriptions of labels that are far from their edge or nearer to another.

    A label must be nearer to a part of its edge that no other edge uses than to any other edge.
    """
    messages = []
    for number, edge in enumerate(drawing.edges):
        box = label_box(edge)
        if box is None:
            continue
        others = [other for index, other in enumerate(drawing.edges) if index != number]
        own_distance = nearest(box, exclusive_parts(edge, others))
        other_distance = nearest(box, [segment for other in others for segment in segments(other)])
        if own_distance > MAX_LABEL_DISTANCE or own_distance >= other_distance:
            messages.append(
                f"{edge.source} to {edge.target}: '{label_of(edge)}' is {own_distance:.1f} from its own part, "
                f"{other_distance:.1f} from another edge"
            )
    return messages


# Which edges are drawn


class Line(Struct, frozen=True, order=True):
    """What must be drawn of an edge: its ends, its style, and the letters and digits of its label.

    `pen` consists of the color, width and dash that the source specifies, if any.
    """

    source: str
    target: str
    stroke: Stroke
    tail: Head
    head: Head
    label: str
    pen: str = ""


def drawn_line(edge: EdgeDrawing) -> Line:
    """Return an edge of a drawing as what is drawn."""
    color = "" if edge.color == default_color() else edge.color
    pen = _pen(color, edge.width, edge.dash or ())
    return Line(edge.source, edge.target, edge.stroke, edge.tail, edge.head, label_of(edge), pen)


def expected_lines(graph: Graph) -> list[Line]:
    """Return what must be drawn of a graph's edges; a color in it must be written as `#RRGGBB`."""
    lines = []
    for edge in graph.edges:
        style = dict(edge.style)
        width = style.get("stroke-width")
        dash = tuple(map(float, style.get("stroke-dasharray", "").split()))
        pen = _pen(style.get("stroke", ""), float(width.removesuffix("px")) if width else None, dash)
        if edge.stroke != "invisible":
            lines.append(Line(edge.source, edge.target, edge.stroke, edge.tail, edge.head, letters_of(edge.label), pen))
    return lines


@cache
def default_color() -> str:
    """Return the color of an edge for which the source specifies none."""
    return picture("flowchart LR\n  a --> b\n").edges[0].color


def _pen(color: str, width: float | None, dash: Sequence[float]) -> str:
    return f"{color.upper()} {width or ''} {' '.join(f'{part:g}' for part in dash)}".strip()


def differences(expected: Iterable[Line], drawing: Drawing) -> list[str]:
    """Return descriptions of edges that are missing or drawn too often.

    Two opposite edges that look alike and have no label may be one edge with an arrow at both ends.
    """
    drawn = Counter(map(drawn_line, drawing.edges))
    missing = Counter(expected)
    common = missing & drawn
    missing, drawn = missing - common, drawn - common
    for line in sorted(drawn.elements()):
        forward, backward = (
            Line(*ends, line.stroke, "none", "arrow", "", line.pen)
            for ends in ((line.source, line.target), (line.target, line.source))
        )
        both = line.tail == line.head == "arrow" and not line.label and forward != backward
        if both and missing[forward] and missing[backward]:
            missing -= Counter((forward, backward))
            drawn -= Counter((line,))
    messages = [f"missing: {_describe(line)}" for line in sorted(missing.elements())]
    return messages + [f"not in the source: {_describe(line)}" for line in sorted(drawn.elements())]


def _describe(line: Line) -> str:
    pen = line.pen and f", {line.pen}"
    return f"{line.source} to {line.target} ({line.stroke}, {line.tail}/{line.head}, '{line.label}'{pen})"


# Edges that look different


def appearance(drawing: Drawing, edge: EdgeDrawing) -> tuple[object, ...]:
    """Return what an edge looks like: color, width, dash and arrowheads.

    The two arrowheads have no order: an arrow looks the same whichever end is its head.
    """
    default_width = drawing.edge_width * (2.2 if edge.stroke == "thick" else 1)
    width = default_width if edge.width is None else edge.width
    dash = edge.dash if edge.dash is not None else edge.stroke == "dotted"
    return edge.color, round(width, 2), dash, tuple(sorted((edge.tail, edge.head)))


def different_edges_on_one_line(drawing: Drawing, max_length: float = 4.0) -> list[str]:
    """Return pairs of edges that look different and are on one line for more than `max_length`."""
    messages = []
    paths = [(edge, appearance(drawing, edge), segments(edge)) for edge in drawing.edges]
    for (first, first_appearance, first_path), (second, second_appearance, second_path) in combinations(paths, 2):
        if first_appearance != second_appearance and (length := overlap(first_path, second_path)) > max_length:
            messages.append(f"{first.source} to {first.target} and {second.source} to {second.target} for {length:.0f}")
    return messages
