"""Branches of a fork resemble each other, groups of services are next to what uses them, and lines keep a distance."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import combinations

import pytest

from diagramkit.drawing import Drawing, GroupDrawing, Point
from tests.support import measures
from tests.support.boxes import is_crossed

# Two leaves that are closer together than the box above them is wide, in every frame with other leaves.
TWO_LEAVES = """
graph TB
  subgraph g["Shop"]
    a["Order desk of the shop"] --> b["{first}"]
    a --> c["{second}"]
  end
"""

SERVICES = """
graph {direction}
  a[Receive parcels] --> b[Weigh parcels] --> c[Sort parcels] --> d[Load trains] --> e[Depart]
  a --> s
  b --> t
  d --> u
  subgraph services["Shared services"]
    s[DynamoDB]
    t[S3]
    u[SQS]
  end
"""


@pytest.mark.parametrize(("first", "second"), [("RDS", "Desk"), ("Desk", "RDS"), ("Lambda", "S3"), ("Desk", "Till")])
def test_both_branches_of_a_symmetrical_fork_have_one_shape(first: str, second: str) -> None:
    drawing = measures.picture(TWO_LEAVES.format(first=first, second=second))
    left, right = sorted(drawing.edges, key=lambda edge: edge.points[-1][0])
    axis = (left.points[-1][0] + right.points[-1][0]) / 2
    assert len(left.points) == len(right.points)
    for (x, y), (other_x, other_y) in zip(left.points, right.points, strict=True):
        assert x + other_x == pytest.approx(2 * axis, abs=3)
        assert y == pytest.approx(other_y, abs=12)  # Icons and boxes have different heights.


def test_both_outer_branches_with_labels_have_one_shape() -> None:
    """The upper branch could leave the node from above, but the lower one would meet the text below it."""
    drawing = measures.picture(
        """flowchart LR
  a[Lambda sort] -->|collect| b[DynamoDB table]
  a -->|garden| c[Bedrock index]
  a -->|replay| d[CloudWatch Logs]
  e[SQS queue] -->|billing| a
  e -->|approve batch| f[SQS queue collect]
"""
    )
    upper, lower = (measures.edge_between(drawing, "a", name) for name in "bd")
    assert measures.bends(upper) == measures.bends(lower)


def test_all_leaves_of_a_fork_are_entered_from_one_side() -> None:
    drawing = measures.picture("graph TB\n" + "\n".join(f"  a[Roles] --> b{n}[Lambda]" for n in range(4)))
    assert {measures.enters_from(edge) for edge in drawing.edges} == {"above"}


@pytest.mark.parametrize("direction", ["LR", "TB"])
def test_services_are_in_line_with_the_steps_that_use_them(direction: str) -> None:
    drawing = measures.picture(SERVICES.format(direction=direction))
    for user, service in [("a", "s"), ("b", "t"), ("d", "u")]:
        assert measures.is_straight(measures.edge_between(drawing, user, service)), f"{user} and {service}"


def test_labeled_edges_to_one_node_do_not_merge() -> None:
    drawing = measures.picture("""
graph LR
  a[Client] -->|signs in| c[Cognito]
  a --> b[API Gateway]
  b -->|checks tokens| c
""")
    first, second = (edge for edge in drawing.edges if edge.target == "c")
    assert measures.overlap(measures.segments(first), measures.segments(second)) == 0


@pytest.mark.parametrize("name", sorted(measures.topologies())[::3])
def test_lines_keep_a_distance_from_borders_and_each_other(name: str) -> None:
    drawing = measures.picture(measures.topologies()[name])
    close = [*_near_borders(drawing), *_near_each_other(drawing)]
    # Space that would make text too small to read is not made.
    assert len(close) <= 1 or measures.smallest_on_slide(drawing) < 13.2, close


@pytest.mark.parametrize("name", sorted(measures.topologies())[1::3])
def test_no_edge_crosses_others_where_they_fork(name: str) -> None:
    drawing = measures.picture(measures.topologies()[name])
    assert list(_crossed_forks(drawing)) == []


def _crossed_forks(drawing: Drawing) -> Iterator[str]:
    """Yield edges that cross where others fork."""
    paths = [(edge, measures.segments(edge)) for edge in drawing.edges]
    corners = [corner for _, path in paths for corner, _ in path[1:]]
    for (first, first_path), (second, second_path) in combinations(paths, 2):
        for point in (_crossing(a, b) for a in first_path for b in second_path):
            if point and any(math.dist(point, corner) < 2 for corner in corners):
                yield f"{first.source} to {first.target} crosses {second.source} to {second.target} at a fork"


def _crossing(first: measures.Segment, second: measures.Segment) -> Point | None:
    """Return where a horizontal and a vertical segment cross, or None."""
    if measures.is_vertical(first) and measures.is_horizontal(second):
        first, second = second, first
    if not (measures.is_horizontal(first) and measures.is_vertical(second)):
        return None
    x, y = second[0][0], first[0][1]
    (left, right), (top, bottom) = sorted(p[0] for p in first), sorted(p[1] for p in second)
    return (x, y) if left + 1 < x < right - 1 and top + 1 < y < bottom - 1 else None


def _near_borders(drawing: Drawing) -> Iterator[str]:
    for edge in drawing.edges:
        for group in drawing.groups:
            if group.id not in (edge.source, edge.target):
                for line in measures.segments(edge):
                    if any(_is_too_close(line, border) for border in _borders(group)):
                        yield f"{edge.source} to {edge.target} along {group.id}"


def _near_each_other(drawing: Drawing) -> Iterator[str]:
    for first, second in combinations(drawing.edges, 2):
        if any(_is_too_close(a, b) for a in measures.segments(first) for b in measures.segments(second)):
            yield f"{first.source} to {first.target} along {second.source} to {second.target}"


def _borders(group: GroupDrawing) -> list[measures.Segment]:
    x, y, right, bottom = group.box.x, group.box.y, group.box.right, group.box.bottom
    return [((x, y), (right, y)), ((x, bottom), (right, bottom)), ((x, y), (x, bottom)), ((right, y), (right, bottom))]


def _is_too_close(first: measures.Segment, second: measures.Segment) -> bool:
    """Return whether two parallel lines are next to each other for 14 points or more, less than 5 points apart."""
    for is_along, across in ((measures.is_horizontal, 1), (measures.is_vertical, 0)):
        if is_along(first) and is_along(second):
            along = 1 - across
            ranges = [sorted((a[along], b[along])) for a, b in (first, second)]
            shared = min(high for _, high in ranges) - max(low for low, _ in ranges)
            return 0.6 < abs(first[0][across] - second[0][across]) < 5 and shared > 14
    return False


REGIONS = """
graph LR
  user[Check orchard] --> dns[Route53]
  subgraph west["eu-west-1"]
    a[ALB] --> b[EC2] --> c[Aurora<br/>with a second line]
  end
  subgraph east["us-east-1"]
    d[ALB] --> e[EC2] --> f[Aurora<br/>with a second line]
  end
  dns -->|half| a
  dns -->|half| d
  c -.->|copies every order,<br/>and all its lines| f
"""


def test_what_leads_to_twins_is_in_the_middle_of_the_lines_to_them() -> None:
    rows = {name: y for name, (_, y) in measures.anchors(measures.picture(REGIONS)).items()}
    assert rows["dns"] == pytest.approx((rows["a"] + rows["d"]) / 2, abs=2)
    assert rows["user"] == pytest.approx(rows["dns"], abs=2)


def test_a_label_is_next_to_its_line_if_space_can_be_made() -> None:
    drawing = measures.picture(REGIONS)
    edge = measures.edge_between(drawing, "c", "f")
    label = measures.label_box(edge)
    assert label is not None
    assert not any(is_crossed(label, a, b) for a, b in measures.segments(edge))


def test_content_is_in_the_middle_of_a_frame_that_its_title_makes_wide() -> None:
    drawing = measures.picture("""
graph TB
  a[Lambda] --> k
  b[Lambda] --> k
  c[Lambda] --> k
  subgraph g["A long title of a group with one node"]
    k[KMS]
  end
""")
    (group,) = drawing.groups
    (node,) = (node for node in drawing.nodes if node.id == "k")
    left, right = node.box.x - group.box.x, group.box.right - node.box.right
    assert left == pytest.approx(right, abs=9)


def test_edges_with_two_heads_share_no_line() -> None:
    drawing = measures.picture("graph LR\n  a[Lambda] <--> c[Bedrock]\n  b[Lambda audit] <--> c\n  b --> a")
    first, second = (edge for edge in drawing.edges if edge.target == "c")
    assert measures.overlap(measures.segments(first), measures.segments(second)) == 0
