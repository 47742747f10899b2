"""Curved and straight edges: free of obstacles and kinks, with labels next to their own edges, wherever possible."""

from __future__ import annotations

import math
from functools import cache
from itertools import pairwise

import pytest

from diagramkit import pipeline
from diagramkit.drawing import Drawing, EdgeDrawing
from diagramkit.graph import Pattern
from diagramkit.options import Lines, Options, PictureOptions
from tests.support import faults, measures
from tests.support.measures import MAX_LABEL_DISTANCE, graph_of, label_box, nearest, pattern_of, segments
from tests.support.project import samples

STYLES: tuple[Lines, ...] = ("curved", "straight")
_MAX_TURN = math.radians(35)  # Between two of the segments that approximate a curve.
_MIN_DEPARTURE = math.radians(25)  # Between a slanted line and the side where it ends.


@cache
def sources() -> dict[str, Pattern]:
    """Return the samples and 60 topologies, by name."""
    topologies = list(measures.topologies().items())[:60]
    return {**samples(), **{name: pattern_of(graph_of(text)) for name, text in topologies}}


@cache
def drawn(name: str, lines: Lines) -> Drawing:
    return draw(sources()[name], lines)


def draw(pattern: Pattern, lines: Lines, engine: str = "layered") -> Drawing:
    return pipeline.draw(pattern, Options(engine=engine, picture_options=PictureOptions(lines=lines)))


def distances(drawing: Drawing, number: int) -> tuple[float, float]:
    """Return how far the label of an edge is from its own edge and from the nearest other one."""
    box = label_box(drawing.edges[number])
    assert box is not None
    others = [segment for n, other in enumerate(drawing.edges) if n != number for segment in segments(other)]
    return nearest(box, segments(drawing.edges[number])), nearest(box, others)


def labels_near_others(drawing: Drawing) -> set[int]:
    """Return the indexes of edges whose labels are not nearer to them than to all others."""
    result = set()
    for number, edge in enumerate(drawing.edges):
        if edge.texts:
            own, other = distances(drawing, number)
            if own >= other - 0.01:
                result.add(number)
    return result


def has_corners(edge: EdgeDrawing) -> bool:
    return edge.source != edge.target and not edge.curve and len(edge.points) > 2


def is_slanted(edge: EdgeDrawing) -> bool:
    return len(edge.points) == 2 and not measures.is_straight(edge)


@pytest.mark.parametrize("lines", STYLES)
@pytest.mark.parametrize("name", sources())
def test_labels_are_next_to_their_own_edges_and_edges_meet_nothing_else(name: str, lines: Lines) -> None:
    drawing = drawn(name, lines)
    assert faults.find_faults(drawing) == []
    # A label for which orthogonal edges leave no good place need not have one here.
    assert labels_near_others(drawing) <= labels_near_others(drawn(name, "orthogonal"))
    labeled = [number for number, edge in enumerate(drawing.edges) if edge.texts]
    assert all(distances(drawing, number)[0] <= MAX_LABEL_DISTANCE for number in labeled)


@pytest.mark.parametrize(("lines", "max_share"), [("curved", 0.06), ("straight", 0.4)])
def test_few_edges_keep_their_corners(lines: Lines, max_share: float) -> None:
    routed = sum(has_corners(edge) for name in sources() for edge in drawn(name, "orthogonal").edges)
    remaining = sum(has_corners(edge) for name in sources() for edge in drawn(name, lines).edges)
    assert remaining <= max_share * routed


@pytest.mark.parametrize("name", sources())
def test_curves_have_no_kinks_and_end_perpendicularly(name: str) -> None:
    for edge in drawn(name, "curved").edges:
        if not edge.curve:
            continue
        (ax, ay), (bx, by), *_, (cx, cy), (dx, dy) = edge.curve
        assert min(abs(ax - bx), abs(ay - by)) < 0.01 > min(abs(cx - dx), abs(cy - dy))
        angles = [math.atan2(b[1] - a[1], b[0] - a[0]) for a, b in pairwise(edge.line()) if math.dist(a, b) > 0.01]
        turns = [abs(math.remainder(second - first, math.tau)) for first, second in pairwise(angles)]
        assert max(turns) <= _MAX_TURN, f"{edge.source} to {edge.target}"


@pytest.mark.parametrize("name", sources())
def test_straight_edges_lead_away_from_the_sides_where_they_end(name: str) -> None:
    drawing = drawn(name, "straight")
    boxes = {node.id: node.solid for node in drawing.nodes} | {group.id: group.box for group in drawing.groups}
    for edge in filter(is_slanted, drawing.edges):
        (ax, ay), (bx, by) = edge.points
        slope = math.atan2(abs(by - ay), abs(bx - ax))  # 0: horizontal.
        for end, (x, y) in ((edge.source, (ax, ay)), (edge.target, (bx, by))):
            box = boxes[end]
            to_vertical_side = min(abs(x - box.x), abs(x - box.right))
            to_horizontal_side = min(abs(y - box.y), abs(y - box.bottom))
            if to_vertical_side < 0.5 < to_horizontal_side:
                assert math.pi / 2 - slope >= _MIN_DEPARTURE, f"{edge.source} to {edge.target}"
            elif to_horizontal_side < 0.5 < to_vertical_side:
                assert slope >= _MIN_DEPARTURE, f"{edge.source} to {edge.target}"


SHAPES = """flowchart LR
    a{Good?} -->|yes| b((Round)) --> c([Stadium]) --> d[/Lean/]
    a -->|no| e{{Hexagon}} --> f[(Cylinder)] -->|then| d
    b --> f
    e -->|back| c
    a --> g[Lambda] --> d
"""


@pytest.mark.parametrize("engine", ["layered", "wasm"])
@pytest.mark.parametrize("lines", STYLES)
def test_edges_end_on_the_borders_of_all_shapes_with_every_engine(lines: Lines, engine: str) -> None:
    drawing = draw(pattern_of(graph_of(SHAPES)), lines, engine)
    assert faults.find_faults(drawing) == []
    assert labels_near_others(drawing) == set()
    restyled = [edge for edge in drawing.edges if edge.curve or is_slanted(edge)]
    assert len(restyled) >= 3


@pytest.mark.parametrize("lines", STYLES)
def test_specified_sides_are_kept(lines: Lines) -> None:
    text = "architecture-beta\n  service a(server)[A]\n  service b(server)[B]\n  a:R --> T:b\n"
    (edge,) = draw(pattern_of(graph_of(text)), lines).edges
    (ax, _), (_, by) = edge.points[0], edge.points[-1]
    nodes = {node.id: node.solid for node in draw(pattern_of(graph_of(text)), lines).nodes}
    assert ax > nodes["a"].center[0]
    assert by < nodes["b"].center[1]
    assert edge.curve or is_slanted(edge)


def test_a_curve_that_turns_back_avoids_what_is_between_its_ends() -> None:
    text = "flowchart LR\n  a[S3] --> b[Lambda] --> c[SQS] -->|again| a\n"
    drawing = draw(pattern_of(graph_of(text)), "curved")
    assert faults.find_faults(drawing) == []
    (back,) = [edge for edge in drawing.edges if edge.source == "c"]
    assert back.curve
    assert labels_near_others(drawing) == set()


def test_edges_without_corners_are_the_same_in_every_style() -> None:
    text = "flowchart LR\n  a[S3] -->|puts| b[Lambda] --> b\n"
    orthogonal, *others = [draw(pattern_of(graph_of(text)), lines) for lines in ("orthogonal", *STYLES)]
    assert [other.edges for other in others] == [orthogonal.edges] * 2


@pytest.mark.parametrize("lines", ["orthogonal", *STYLES])
def test_a_label_is_at_the_middle_of_a_long_edge(lines: Lines) -> None:
    """In every style: a change of where labels belong must change all of them."""
    graph = graph_of("graph LR\n  A[One] --> B[Two]\n  A -->|notes| C[Three]\n  A ----->|copies| D[Four]\n")
    for edge in draw(pattern_of(graph), lines).edges:
        if not edge.texts:
            continue
        line = edge.line()
        lengths = [math.dist(a, b) for a, b in pairwise(line)]
        box = label_box(edge)
        assert box is not None
        distances = [math.dist(box.center, middle_of(a, b)) for a, b in pairwise(line)]
        nearest_part = distances.index(min(distances))
        walked = sum(lengths[:nearest_part]) + lengths[nearest_part] / 2
        assert 0.25 < walked / sum(lengths) < 0.75


def middle_of(a: tuple[float, float], b: tuple[float, float]) -> tuple[float, float]:
    return (a[0] + b[0]) / 2, (a[1] + b[1]) / 2
