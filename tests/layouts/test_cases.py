"""Kinds of defects seen in real use: each with the shared case and variants of it.

The expected results are in the table of `tests/data/layouts/cases`.
"""

from __future__ import annotations

import re
from itertools import combinations, pairwise

import pytest

from diagramkit.drawing import Box, Drawing, EdgeDrawing, GroupDrawing, bounds
from diagramkit.graph import Graph
from tests.support import measures
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

_CURL = (
    "flowchart LR\n"
    "  subgraph a[Harbor]\n"
    "    p[S3 crates]\n"
    "    q[SQS crates]\n"
    "  end\n"
    "  subgraph b[Depot]\n"
    "    r[EC2]\n"
    "    s[RDS]\n"
    "  end\n"
    "  a --> b\n"
)


def source(text_or_name: str) -> str:
    """Return Mermaid text unchanged; for the name of a shared case, return its text."""
    return text_or_name if "\n" in text_or_name else measures.case(text_or_name)


def drawn(text_or_name: str) -> Drawing:
    """Return the drawing of Mermaid text or of a shared case."""
    return measures.picture(source(text_or_name))


# hook-title: an edge to an icon straight below is straight, whatever the title of the group in between


@pytest.mark.parametrize(
    "text",
    [
        "hook-title",
        (
            "flowchart TB\n"
            "  subgraph yard[Yard]\n"
            "    q[SQS]\n"
            "  end\n"
            "  subgraph hall[The long title of a sorting hall]\n"
            "    f[Lambda]\n"
            "  end\n"
            "  q --> f\n"
        ),
        "flowchart TB\n  u[User] --> d\n  subgraph shelf[Shelves]\n    d[DynamoDB]\n  end\n",
        (
            "flowchart TB\n"
            "  e[EventBridge] --> s\n"
            "  subgraph r[us-east-1]\n"
            "    subgraph v[VPC depot]\n"
            "      s[Step Functions]\n"
            "    end\n"
            "  end\n"
        ),
    ],
    ids=["case", "long-title", "no-upper-group", "nested"],
)
def test_hook_title(text: str) -> None:
    drawing = drawn(text)
    (edge,) = drawing.edges
    assert is_straight(edge), edge.points
    assert _titles_crossed(drawing) == []


# hook-title-many: several edges into one titled frame all enter from above


@pytest.mark.parametrize(
    "text",
    [
        "hook-title-many",
        (
            "graph TB\n"
            "  a[Parcels SQS] --> t1\n"
            "  b[Letters SQS] --> t1\n"
            "  c[Pallets SQS] --> t1\n"
            "  d[Planes SQS] --> t2\n"
            "  e[Ships SQS] --> t3\n"
            '  subgraph desk["The sorting desk"]\n'
            "    t1[Small goods]\n"
            "    t2[Air freight]\n"
            "    t3[Sea freight]\n"
            "  end\n"
        ),
        (
            "graph TB\n"
            "  a[Orders VPC] --> p\n"
            "  b[Tariff VPC] --> q\n"
            "  c[Claims VPC] --> q\n"
            '  subgraph hub["Transit Gateway"]\n'
            "    p[Orders routes]\n"
            "    q[Shared routes]\n"
            "    r[Unused routes]\n"
            "  end\n"
        ),
    ],
    ids=["case", "three-into-one", "one-unused"],
)
def test_hook_title_many(text: str) -> None:
    drawing = drawn(text)
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


@pytest.mark.parametrize(
    "text",
    [
        "curl",
        _CURL.replace("a --> b", "a -->|parcels| b"),
        _CURL.replace("a --> b", "a <--> b"),
        (
            "flowchart LR\n"
            "  subgraph a[Depot]\n"
            "    p[S3] & q[SQS] & r[Lambda]\n"
            "  end\n"
            "  subgraph b[Harbor]\n"
            "    s[EC2]\n"
            "  end\n"
            "  a --> b\n"
        ),
        "hairpin",
        (
            "flowchart LR\n"
            "  subgraph one [Intake]\n"
            "    a1[Count crates] & a2[Ask the clerk]\n"
            "  end\n"
            "  subgraph two [Work]\n"
            "    b1[Step Functions] & b2[Lambda crates] & b3[Close the desk]\n"
            "  end\n"
            "  subgraph three [Exit]\n"
            "    c1[Athena crates] & c2[Send rows]\n"
            "  end\n"
            "  one --> two --> three\n"
        ),
        (
            "flowchart TB\n"
            "  subgraph one [Pantry]\n"
            "    a1[S3 crates]\n"
            "  end\n"
            "  subgraph two [Kitchen]\n"
            "    b1[Lambda cook] & b2[SQS plates]\n"
            "  end\n"
            "  one --> two\n"
        ),
        (
            "flowchart TB\n"
            "  subgraph one [Morning]\n"
            "    a1[Count crates] --> a2[Weigh crates]\n"
            "  end\n"
            "  subgraph two [Noon]\n"
            "    b1[Sort crates] --> b2[Stamp crates]\n"
            "  end\n"
            "  subgraph three [Night]\n"
            "    c1[Ship crates]\n"
            "  end\n"
            "  one -->|counted| two -->|stamped| three\n"
        ),
    ],
    ids=[
        "curl",
        "curl-label",
        "curl-two-way",
        "curl-unequal",
        "hairpin",
        "hairpin-lr",
        "hairpin-two",
        "hairpin-labels",
    ],
)
def test_edges_between_groups_are_straight(text: str) -> None:
    drawing = drawn(text)
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
    ("text", "chain"),
    [
        ("kink", ("need", "kind", "customs")),
        (
            (
                "flowchart TD\n"
                "  in([Crate arrives]) --> what{What is it?}\n"
                "  what -->|fruit| a[SQS fruit]\n"
                "  what -->|must be cooled first| cool{Cool enough?}\n"
                "  what -->|tins| c[S3 tins]\n"
                "  cool -->|yes| d[Lambda store]\n"
                "  cool -->|no, call the driver| e[SNS driver]\n"
            ),
            ("in", "what", "cool"),
        ),
    ],
    ids=["case", "crates"],
)
def test_kink(text: str, chain: tuple[str, ...]) -> None:
    drawing = drawn(text)
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


@pytest.mark.parametrize(
    "text",
    [
        "trunk-label",
        "flowchart LR\n  f[Parcel Lambda] -->|writes| a[(S3)]\n  f -->|asks| b[Comprehend]\n  f -->|tells| c[SNS]\n",
        (
            "flowchart LR\n"
            "  a[Depot] -->|nightly figures| z[Ledger]\n"
            "  b[Harbor] -->|claims| z\n"
            "  c[Airport] -->|tariffs| z\n"
            "  d[Yard] -->|rosters| z\n"
        ),
        "trunk-label-swapped",
        (
            "flowchart TB\n"
            "  s[Letter scan] --> t{Stamp check}\n"
            "  t -->|enough for the distance| u[Forward it]\n"
            "  t -->|none| v[Ask for more]\n"
        ),
        (
            "flowchart TB\n"
            "  s[Crate count] --> t{Full?}\n"
            "  t -->|no| u[Wait for the next delivery]\n"
            "  t -->|more than the truck can carry| v[Split]\n"
            "  t -->|yes| w[Send the truck]\n"
        ),
        "trunk-label-bus",
        (
            "flowchart TD\n"
            "  q{Which crate?}\n"
            "  q -->|apples| a[SQS apples]\n"
            "  q -->|pears and plums| b[SQS pears]\n"
            "  q -->|tins| c[S3 tins]\n"
            "  q -->|empty| d[Lambda wash]\n"
            "  q -->|broken ones| e[SNS repair]\n"
            "  q -->|unknown| f[Step Functions]\n"
        ),
    ],
    ids=["trunk", "trunk-three", "trunk-in", "swapped", "swapped-stamps", "swapped-three", "bus", "bus-six"],
)
def test_trunk_labels(text: str) -> None:
    drawing = drawn(text)
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
    ("text", "ends", "hub"),
    [
        ("trunk-mixed", ("s", "e"), "api"),
        (
            (
                "flowchart LR\n"
                "  subgraph d[Depots]\n"
                "    n[North] & m[Middle] & s[South]\n"
                "  end\n"
                "  subgraph c[Center]\n"
                "    q[SQS rosters] --> l[Lambda plan]\n"
                "  end\n"
                "  n & m & s <-->|rosters| q\n"
                "  l -->|plan| n & m & s\n"
            ),
            ("n", "m", "s"),
            "q",
        ),
        (
            "flowchart TB\n  a[Clerk] <--> g[API Gateway]\n  b[Driver] <--> g\n  g --> f[Lambda tariffs]\n",
            ("a", "b"),
            "g",
        ),
    ],
    ids=["case", "three", "tb"],
)
def test_trunk_mixed(text: str, ends: tuple[str, ...], hub: str) -> None:
    drawing = drawn(text)
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
    ("text", "loose", "row"),
    [
        ("empty-loose-group", "net", ("api", "data")),
        (
            (
                "flowchart LR\n"
                "  subgraph rest[Rest room]\n"
                "    a[Sofa] & b[Kettle] & c[Window] & d[Plant]\n"
                "  end\n"
                "  subgraph gate[Gate]\n"
                "    e[API Gateway] --> f[Lambda gate]\n"
                "  end\n"
                "  subgraph yard[Yard]\n"
                "    g[SQS crates]\n"
                "  end\n"
                "  f --> g\n"
            ),
            "rest",
            ("gate", "yard"),
        ),
        (
            (
                "flowchart LR\n"
                "  subgraph spare[Spare]\n"
                "    a[S3 spare] & b[SQS spare]\n"
                "  end\n"
                "  subgraph one[Intake]\n"
                "    c[Count] --> d[Weigh]\n"
                "  end\n"
                "  subgraph two[Sorting]\n"
                "    e[Sort]\n"
                "  end\n"
                "  subgraph three[Exit]\n"
                "    f[Load]\n"
                "  end\n"
                "  d --> e --> f\n"
            ),
            "spare",
            ("one", "two", "three"),
        ),
    ],
    ids=["case", "four", "three-in-a-row"],
)
def test_empty_loose_group(text: str, loose: str, row: tuple[str, ...]) -> None:
    drawing = drawn(text)
    frames = {group.id: group for group in drawing.groups}
    for first, second in pairwise(row):
        assert left_of(frames[first].box, frames[second].box), f"{second} is not to the right of {first}"
        assert measures.share_a_row(frames[first].box, frames[second].box), f"{first}, {second}"
    assert _max_margin(drawing, frames[loose], measures.graph_of(source(text))) <= 48
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


@pytest.mark.parametrize(
    "text",
    [
        "frames-touch",
        (
            "flowchart LR\n"
            "  subgraph a [Clerks]\n"
            "    c[clerk.py per desk]\n"
            "    d[Form]\n"
            "  end\n"
            "  subgraph b [forms-of-the-harbor check]\n"
            "    e[Checker]\n"
            "  end\n"
            "  subgraph f [Per ship]\n"
            "    g[Lambda stamp] --> h[S3 forms]\n"
            "    i[Step Functions]\n"
            "  end\n"
            "  d --> e\n"
            "  c --> g\n"
            "  e --> i\n"
            "  e --> g\n"
        ),
        (
            "flowchart TB\n"
            "  subgraph out [us-east-1]\n"
            "    subgraph a [Zone of letters]\n"
            "      b[Lambda letters]\n"
            "    end\n"
            "    subgraph c [Zone of parcels]\n"
            "      d[Lambda parcels]\n"
            "      e[SQS parcels]\n"
            "    end\n"
            "    subgraph f [Zone of pallets]\n"
            "      g[Lambda pallets]\n"
            "    end\n"
            "  end\n"
            "  b --> d\n"
            "  b --> g\n"
            "  d --> e\n"
            "  g --> e\n"
        ),
    ],
    ids=["case", "desks", "nested"],
)
def test_frames_touch(text: str) -> None:
    drawing, graph = drawn(text), measures.graph_of(source(text))
    frames, parents = boxes(drawing), {group.id: group.parent for group in graph.groups}
    for first, second in combinations(parents, 2):
        if parents[first] == parents[second]:
            assert gap(frames[first], frames[second]) >= 12, f"{first} and {second}"


# strip: a long row of groups is folded between groups, so that its text can be read on a slide


@pytest.mark.parametrize(
    "text",
    [
        "strip",
        (
            "graph LR\n"
            '  subgraph a["1 Intake"]; a1[Count] --> a2[Weigh] --> a3[Label]; end\n'
            '  subgraph b["2 Sorting"]; b1[SQS crates] --> b2[Lambda sort]; end\n'
            '  subgraph c["3 Customs"]; c1[Papers] --> c2[Duties] --> c3[Stamp]; end\n'
            '  subgraph d["4 Storage"]; d1[S3 shelf] --> d2[DynamoDB list]; end\n'
            '  subgraph e["5 Exit"]; e1[Load] --> e2[Seal] --> e3[Drive]; end\n'
            "  a3 --> b1\n"
            "  b2 --> c1\n"
            "  c3 --> d1\n"
            "  d2 --> e1\n"
        ),
        (
            "graph TB\n"
            '  subgraph a["Dawn"]; a1[Wake] --> a2[Wash] --> a3[Dress]; end\n'
            '  subgraph b["Morning"]; b1[Bake] --> b2[Brew] --> b3[Serve]; end\n'
            '  subgraph c["Noon"]; c1[Lambda cook] --> c2[SQS plates] --> c3[SNS bell]; end\n'
            '  subgraph d["Dusk"]; d1[Clean] --> d2[Count] --> d3[S3 books]; end\n'
            '  subgraph e["Night"]; e1[Lock] --> e2[Walk] --> e3[Sleep]; end\n'
            "  a3 --> b1\n"
            "  b3 --> c1\n"
            "  c3 --> d1\n"
            "  d3 --> e1\n"
        ),
    ],
    ids=["case", "five", "days"],
)
def test_strip(text: str) -> None:
    drawing, graph = drawn(text), measures.graph_of(source(text))
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


@pytest.mark.parametrize(
    "text",
    [
        "small-tb",
        (
            "flowchart TD\n"
            "  a[Crate arrives] --> b[Scan] --> c{Known?}\n"
            "  c -->|Yes| d[Look up] -->|Found| e[Lambda price]\n"
            "  c -->|No| f[SNS ask]\n"
            "  d -->|Lost| z\n"
            "  e --> g[SQS bills]\n"
            "  f --> g\n"
            "  g --> h[Print] --> i[Sign] --> j[Send] --> k[S3 copy] --> z[Done]\n"
        ),
        (
            "flowchart TD\n"
            "  a[One] --> b[Two] --> c[Three] --> d[Four] --> e[Five] --> f[Six]"
            " --> g[Seven] --> h[Eight] --> i[Nine] --> j[Ten] --> k[Eleven] --> l[Twelve]\n"
        ),
    ],
    ids=["case", "crates", "chain"],
)
def test_small_tb(text: str) -> None:
    drawing = drawn(text)
    assert measures.smallest_on_slide(drawing) >= 16, f"{drawing.width:.0f} x {drawing.height:.0f}"


# cycle-of-groups: groups follow one another along the flow, and the reply alone runs back


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("cycle-of-groups", ("u", "web", "app", "data")),
        (
            (
                "flowchart LR\n"
                "  subgraph yard [Yard]\n"
                "    y[S3 yard]\n"
                "  end\n"
                "  subgraph desk [Desk]\n"
                "    d[Lambda desk]\n"
                "  end\n"
                "  subgraph shelf [Shelf]\n"
                "    s[(DynamoDB shelf)]\n"
                "  end\n"
                "  c[Clerk] --> desk\n"
                "  desk -->|crates| yard\n"
                "  yard -->|rows| shelf\n"
                "  shelf -.->|answers| desk\n"
            ),
            ("c", "desk", "yard", "shelf"),
        ),
        (
            (
                "flowchart TB\n"
                "  subgraph front [Front]\n"
                "    f[EC2 front]\n"
                "  end\n"
                "  subgraph back [Back]\n"
                "    b[EC2 back]\n"
                "  end\n"
                "  v[Visitors] --> front\n"
                "  front --> back\n"
                "  back -.-> front\n"
            ),
            ("v", "front", "back"),
        ),
    ],
    ids=["case", "desk-first", "tb"],
)
def test_cycle_of_groups(text: str, order: tuple[str, ...]) -> None:
    drawing = drawn(text)
    node_boxes = boxes(drawing)
    assert are_in_order([node_boxes[name] for name in order])
    for first, second in pairwise(order):
        (edge,) = [e for e in drawing.edges if (e.source, e.target) == (first, second) and e.stroke == "normal"]
        assert measures.reversals(edge) == 0, f"{first} to {second}"


# arch-sides: the sides that an architecture diagram names are kept


@pytest.mark.parametrize(
    "text",
    [
        "arch-sides",
        (
            "architecture-beta\n"
            "    service gate(internet)[Gate]\n"
            "    service desk(server)[Desk]\n"
            "    service shelf(disk)[Shelf]\n"
            "    service ledger(database)[Ledger]\n"
            "    gate:R -- L:desk\n"
            "    desk:B -- T:shelf\n"
            "    desk:R -- L:ledger\n"
        ),
        (
            "architecture-beta\n"
            "    service hub(cloud)[Hub]\n"
            "    service north(server)[North]\n"
            "    service east(server)[East]\n"
            "    service south(server)[South]\n"
            "    service west(server)[West]\n"
            "    north:B -- T:hub\n"
            "    hub:R -- L:east\n"
            "    south:T -- B:hub\n"
            "    hub:L -- R:west\n"
        ),
        (
            "architecture-beta\n"
            "    group depot(cloud)[Depot]\n"
            "    service scale(server)[Scale] in depot\n"
            "    service list(database)[List] in depot\n"
            "    service printer(disk)[Printer] in depot\n"
            "    list:R --> L:scale\n"
            "    scale:T --> B:printer\n"
        ),
    ],
    ids=["case", "gate", "star", "group"],
)
def test_arch_sides(text: str) -> None:
    drawing = drawn(text)
    icon_boxes = {node.id: node.box for node in drawing.nodes}
    node_boxes = full_boxes(drawing)
    edges = re.findall(r"(\w+):([LRTB]) -->? ([LRTB]):(\w+)", source(text))
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
        if text.box.crossed_by(a, b)
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


def test_every_shared_case_is_tested() -> None:
    with open(__file__, encoding="utf-8") as file:
        text = file.read()
    names = {path.stem for path in (measures.DATA / "cases").glob("*.mmd")}
    assert len(names) >= 15
    assert {name for name in names if f'"{name}"' not in text} == set()
