"""Kinds of defects seen in real use: each with the shared case (`tests/data/layouts/cases`) and variants of it."""

from __future__ import annotations

import re
from itertools import combinations, pairwise
from pathlib import Path

import pytest
import yaml

from diagramkit.drawing import Box, Drawing, EdgeDrawing, GroupDrawing, bounds
from diagramkit.graph import Graph
from tests.support import measures
from tests.support.boxes import is_crossed
from tests.support.measures import (
    above,
    are_in_order,
    boxes,
    edge_between,
    full_boxes,
    gap,
    is_straight,
    left_of,
)

VARIANTS: dict[str, dict[str, str]] = yaml.safe_load((measures.DATA / "variants.yaml").read_text("utf-8"))


def with_variants(*cases: str) -> list[str]:
    """Return the names of shared cases, each followed by the names of its variants."""
    return [name for case in cases for name in (case, *(f"{case}/{variant}" for variant in VARIANTS[case]))]


def source(name: str) -> str:
    """Return the Mermaid text of a shared case (`curl`), or of a variant of one (`curl/label`)."""
    case, _, variant = name.partition("/")
    return VARIANTS[case][variant] if variant else (measures.DATA / "cases" / f"{case}.mmd").read_text("utf-8")


def drawn(name: str) -> Drawing:
    """Return the drawing of a shared case, or of a variant of one."""
    return measures.picture(source(name))


# hook-title: an edge to an icon straight below is straight, whatever the title of the group in between


@pytest.mark.parametrize("name", with_variants("hook-title"))
def test_hook_title(name: str) -> None:
    drawing = drawn(name)
    (edge,) = drawing.edges
    assert is_straight(edge), edge.points
    assert _titles_crossed(drawing) == []


# hook-title-many: several edges into one titled frame all enter from above


@pytest.mark.parametrize("name", with_variants("hook-title-many"))
def test_hook_title_many(name: str) -> None:
    drawing = drawn(name)
    for edge in drawing.edges:
        assert _passes_top(edge, drawing.groups[0].box), f"{edge.source} to {edge.target}"
        assert measures.bends(edge) <= 2, f"{edge.source} to {edge.target}: {edge.points}"
    assert _titles_crossed(drawing) == []


def _passes_top(edge: EdgeDrawing, frame: Box) -> bool:
    """Return whether an edge enters a frame through its upper border, and through no other."""
    crossed = [
        (a, b)
        for a, b in pairwise(edge.points)
        if min(a[1], b[1]) < frame.y < max(a[1], b[1]) and frame.x < a[0] < frame.right
    ]
    return len(crossed) == 1 and all(frame.x < x < frame.right for x, y in edge.points if y > frame.y)


# curl, hairpin: an edge between neighboring groups is a straight line from border to border


@pytest.mark.parametrize("name", with_variants("curl", "hairpin"))
def test_edges_between_groups_are_straight(name: str) -> None:
    drawing = drawn(name)
    groups = {group.id: group for group in drawing.groups}
    group_edges = [edge for edge in drawing.edges if edge.source in groups and edge.target in groups]
    assert group_edges
    for edge in group_edges:
        name = f"{edge.source} to {edge.target}: {edge.points}"
        assert measures.reversals(edge) == 0, name
        assert is_straight(edge), name
        assert measures.is_on_border(groups[edge.source].box, edge.points[0]), name
        assert measures.is_on_border(groups[edge.target].box, edge.points[-1]), name
        (start, end) = measures.segments(edge)[0]
        assert abs(start[0] - end[0]) + abs(start[1] - end[1]) >= 12, name


# kink: nodes of a chain are aligned, and labels are beside horizontal segments


@pytest.mark.parametrize(
    ("name", "chain"),
    [
        ("kink", ("need", "kind", "customs")),
        ("kink/crates", ("in", "what", "cool")),
    ],
)
def test_kink(name: str, chain: tuple[str, ...]) -> None:
    drawing = drawn(name)
    node_boxes = boxes(drawing)
    for first, second in pairwise(chain):
        (ax, ay), (bx, by) = node_boxes[first].center, node_boxes[second].center
        assert min(abs(ax - bx), abs(ay - by)) < 0.5, f"{first} and {second} are out of line"
        assert is_straight(edge_between(drawing, first, second))
    assert _labels_at_arrowheads(drawing) == []
    assert [_name(edge) for edge in drawing.edges if not _is_beside_horizontal(edge)] == []


def _is_beside_horizontal(edge: EdgeDrawing) -> bool:
    """Return whether an edge has no label, or no bends, or a label next to one of its horizontal segments."""
    box = measures.label_box(edge)
    if box is None or not measures.bends(edge):
        return True
    (cx, _), is_beside = box.center, False
    for segment in filter(measures.is_horizontal, measures.segments(edge)):
        low, high = sorted((segment[0][0], segment[1][0]))
        is_beside |= low <= cx <= high and measures.distance(box, segment) <= 8
    return is_beside


# trunk-label, trunk-label-swapped, trunk-label-bus: labels are beside their own branch, in the branches' order


@pytest.mark.parametrize("name", with_variants("trunk-label", "trunk-label-swapped", "trunk-label-bus"))
def test_trunk_labels(name: str) -> None:
    drawing = drawn(name)
    assert measures.stray_labels(drawing) == []
    assert _labels_out_of_order(drawing) == []


def _labels_out_of_order(drawing: Drawing) -> list[str]:
    """Return pairs of labels of edges from one node that are not in the order of the edges' targets."""
    node_boxes, pairs = boxes(drawing), []
    labeled = [(edge, box) for edge in drawing.edges if (box := measures.label_box(edge))]
    for (first, first_box), (second, second_box) in combinations(labeled, 2):
        if first.source != second.source:
            continue
        a, b = node_boxes[first.target].center, node_boxes[second.target].center
        axis = 0 if abs(a[0] - b[0]) >= abs(a[1] - b[1]) else 1
        expected = measures.relation(a[axis], b[axis])
        if measures.relation(first_box.center[axis], second_box.center[axis], 0) != expected:
            pairs.append(f"{_name(first)} and {_name(second)}")
    return pairs


# trunk-mixed: two-way edges of two nodes do not look like a connection between these


@pytest.mark.parametrize(
    ("name", "ends", "hub"),
    [
        ("trunk-mixed", ("s", "e"), "api"),
        ("trunk-mixed/three", ("n", "m", "s"), "q"),
        ("trunk-mixed/tb", ("a", "b"), "g"),
    ],
)
def test_trunk_mixed(name: str, ends: tuple[str, ...], hub: str) -> None:
    drawing = drawn(name)
    two_way = {end: _two_way(drawing, end, hub) for end in ends}
    for (first, first_edge), (second, second_edge) in combinations(two_way.items(), 2):
        # The edges may be bundled only at the hub, on the last segment before it.
        shortened = [_segments_towards(part, hub)[:-1] for part in (first_edge, second_edge)]
        complete = [_segments_towards(part, hub) for part in (first_edge, second_edge)]
        for part, complete_path in zip(shortened, reversed(complete), strict=True):
            assert measures.overlap(part, complete_path) <= 4, f"{first} and {second} are connected"
    assert measures.different_edges_on_one_line(drawing) == []


def _two_way(drawing: Drawing, end: str, hub: str) -> EdgeDrawing:
    (match,) = [
        edge for edge in drawing.edges if {edge.source, edge.target} == {end, hub} and edge.tail == edge.head == "arrow"
    ]
    return match


def _segments_towards(edge: EdgeDrawing, hub: str) -> list[measures.Segment]:
    """Return the segments of an edge, the last of them at the hub."""
    segments = measures.segments(edge)
    return segments if edge.target == hub else [(b, a) for a, b in reversed(segments)]


# empty-loose-group: an unconnected group is as large as its content; connected ones are in a row


@pytest.mark.parametrize(
    ("name", "loose", "row"),
    [
        ("empty-loose-group", "net", ("api", "data")),
        ("empty-loose-group/four", "rest", ("gate", "yard")),
        ("empty-loose-group/three-in-a-row", "spare", ("one", "two", "three")),
    ],
)
def test_empty_loose_group(name: str, loose: str, row: tuple[str, ...]) -> None:
    drawing = drawn(name)
    frames = {group.id: group for group in drawing.groups}
    for first, second in pairwise(row):
        assert left_of(frames[first].box, frames[second].box), f"{second} is not to the right of {first}"
        assert measures.share_a_row(frames[first].box, frames[second].box), f"{first}, {second}"
    assert _max_margin(drawing, frames[loose], measures.graph_of(source(name))) <= 48
    for second in row:
        assert gap(frames[loose].box, frames[second].box) >= 12
    used = sum(group.box.w * group.box.h for group in drawing.groups)
    assert used / (drawing.width * drawing.height) > 0.35, "much of the page is empty"


def _max_margin(drawing: Drawing, group: GroupDrawing, graph: Graph) -> float:
    """Return the maximum distance between a group's frame and its members, on any side."""
    node_boxes = full_boxes(drawing)
    inner = bounds([node_boxes[name] for name in [node.id for node in graph.child_nodes(group.id)]])
    box = group.box
    sides = inner.x - box.x, inner.y - box.y, box.right - inner.right, box.bottom - inner.bottom
    return max(sides)


# frames-touch: between the frames of sibling groups are at least 12 points


@pytest.mark.parametrize("name", with_variants("frames-touch"))
def test_frames_touch(name: str) -> None:
    drawing, graph = drawn(name), measures.graph_of(source(name))
    frames, parents = boxes(drawing), {group.id: group.parent for group in graph.groups}
    for first, second in combinations(parents, 2):
        if parents[first] == parents[second]:
            assert gap(frames[first], frames[second]) >= 12, f"{first} and {second}"


# strip: a long row of groups is folded between groups, so that its text can be read on a slide


@pytest.mark.parametrize("name", with_variants("strip"))
def test_strip(name: str) -> None:
    drawing, graph = drawn(name), measures.graph_of(source(name))
    assert measures.smallest_on_slide(drawing) >= 20, f"{drawing.width:.0f} x {drawing.height:.0f}"
    frames = [group.box for group in drawing.groups]
    for order in (sorted(frames, key=lambda box: box.x), sorted(frames, key=lambda box: box.y)):
        assert not are_in_order(order), "the groups are not folded"
    assert all(gap(a, b) > 0 for a, b in combinations(frames, 2))
    for group in graph.groups:
        chain = [node.id for node in graph.child_nodes(group.id)]
        inner = [(edge.source, edge.target) for edge in graph.edges if {edge.source, edge.target} <= {*chain}]
        if inner == list(pairwise(chain)):
            members = [boxes(drawing)[name] for name in chain]
            forward, backward = are_in_order(members), are_in_order(members[::-1])
            assert forward or backward, f"{group.label} is folded inside"


# small-tb: a tall flow is rotated or folded, so that its text can be read on a slide


@pytest.mark.parametrize("name", with_variants("small-tb"))
def test_small_tb(name: str) -> None:
    drawing = drawn(name)
    assert measures.smallest_on_slide(drawing) >= 16, f"{drawing.width:.0f} x {drawing.height:.0f}"


# cycle-of-groups: groups follow one another along the flow, and the reply alone runs back


@pytest.mark.parametrize(
    ("name", "order"),
    [
        ("cycle-of-groups", ("u", "web", "app", "data")),
        ("cycle-of-groups/desk-first", ("c", "desk", "yard", "shelf")),
        ("cycle-of-groups/tb", ("v", "front", "back")),
    ],
)
def test_cycle_of_groups(name: str, order: tuple[str, ...]) -> None:
    drawing = drawn(name)
    node_boxes = boxes(drawing)
    assert are_in_order([node_boxes[name] for name in order])
    for first, second in pairwise(order):
        (edge,) = [e for e in drawing.edges if (e.source, e.target) == (first, second) and e.stroke == "normal"]
        assert measures.reversals(edge) == 0, f"{first} to {second}"


# arch-sides: the sides that an architecture diagram names are kept


@pytest.mark.parametrize("name", with_variants("arch-sides"))
def test_arch_sides(name: str) -> None:
    drawing = drawn(name)
    icon_boxes = {node.id: node.box for node in drawing.nodes}
    node_boxes = full_boxes(drawing)
    edges = re.findall(r"(\w+):([LRTB]) -->? ([LRTB]):(\w+)", source(name))
    assert edges
    for first_end, side, _, second_end in edges:
        first, second = (first_end, second_end) if side in "RB" else (second_end, first_end)
        if side in "LR":
            assert left_of(node_boxes[first], node_boxes[second]), f"{first} is not to the left of {second}"
            assert abs(icon_boxes[first].center[1] - icon_boxes[second].center[1]) < 2, f"{first}, {second}"
        else:
            assert above(node_boxes[first], node_boxes[second]), f"{first} is not above {second}"
            assert abs(icon_boxes[first].center[0] - icon_boxes[second].center[0]) < 2, f"{first}, {second}"
    assert all(map(is_straight, drawing.edges))


# Helpers for several kinds


def _name(edge: EdgeDrawing) -> str:
    return f"{edge.source} to {edge.target}"


def _titles_crossed(drawing: Drawing) -> list[str]:
    """Return the titles of groups that an edge runs through."""
    return [
        text.text
        for group in drawing.groups
        for text in group.texts
        for edge in drawing.edges
        for a, b in measures.segments(edge)
        if is_crossed(text.box, a, b)
    ]


def _labels_at_arrowheads(drawing: Drawing) -> list[str]:
    """Return the edges whose label is too close to their arrowhead."""
    names = []
    for edge in drawing.edges:
        box = measures.label_box(edge)
        x, y = edge.points[-1]
        if box and gap(box, Box(x, y, 0, 0)) < drawing.head_length + 2:
            names.append(_name(edge))
    return names


def test_every_shared_case_and_variant_is_tested() -> None:
    text = Path(__file__).read_text("utf-8")
    cases = {path.stem for path in (measures.DATA / "cases").glob("*.mmd")}
    assert len(cases) >= 15
    assert {*VARIANTS} <= cases
    complete = re.findall(r'"([\w-]+)"', " ".join(re.findall(r"with_variants\((\".*)\)\)", text)))
    tested = {*re.findall(r'^        \("([\w/-]+)", ', text, re.M), *with_variants(*complete)}
    assert cases | {*with_variants(*VARIANTS)} == tested
