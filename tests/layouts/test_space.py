"""Space: no empty band across a picture, and enough space for titles, labels and text."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest

from diagramkit import data
from diagramkit.drawing import Box, Drawing
from tests.support import measures
from tests.support.boxes import is_crossed
from tests.support.project import ROOT

MAX_BAND = 52.0
"""The maximum width of an empty band across a picture, in points: a gap between ranks."""

MIN_BORDER_DISTANCE = 11.0
"""The distance between a line and a frame beside it in points, if there is space."""

MAX_EMPTY_WIDTH = 90.0
"""The maximum distance between a side of a frame and its content in points, if nothing is between them."""

SINGLE = """flowchart TB
  a[Lambda orders] --> q
  b[Lambda fleet] --> c[S3 fleet]
  d[Lambda depot] --> e[S3 depot]
  subgraph g[Shared inbound services]
    q[SQS queue]
  end
"""

LEAVING_LINES = """flowchart TB
  n0[("S3 nightly ledger edge")]
  n1[Glue bakery harbour]
  n2[Bedrock audit depot]
  n3[(Amazon Opensearch Service)]
  subgraph g [Primary edge services]
    n4[Client]
    n5[APIGateway]
    n6[Lambda nightly invoices]
    n7[Bedrock publish staging lanterns]
  end
  n0 -->|replay notary| n1
  n1 -->|canal tariff| n2
  n2 -->|edge meters| n3
  n4 -->|notify| n5
  n5 -->|sort edge| n6
  n6 -->|notify notary invoices| n2
  n6 -->|readings nightly| n3
  n3 -->|sort claims sensor| n6
  n6 -->|billing nightly| n7
  n7 -->|edge tickets| n6
  n6 -->|picnic daily| n5
  n5 -->|museum batch| n1
"""

PEERED_NETWORKS = """flowchart TB
  n0[Depot Requestor]
  subgraph g0 [HCP]
    subgraph g1 [AWS - eu-west-1]
      n3[Public FQDN]
      subgraph g2 [depot]
        n5[Depot Plus]
        n4[AWS HVN-1]
      end
    end
    subgraph g3 [AWS - ap-southeast-2]
      n1[Public FQDN]
      subgraph g4 [depot]
        n6[Depot Plus]
        n7[AWS HVN-1]
      end
      subgraph g5 [consul]
        n8[AWS HVN-2]
        n9[Consul]
      end
    end
    subgraph g6 [Azure - uswest3]
      n2[Public FQDN]
      subgraph g7 [depot]
        n11[Depot Dev]
        n10[Azure HVN-1]
      end
    end
  end
  subgraph g8 [Already Configured]
    n12[Grafana Cloud]
  end
  n0 -->|request| n1
  n0 -->|request| n2
  n0 -->|request| n3
  n3 --> n4
  n4 -->|Depot Reads| n5
  n5 -->|Depot Writes| n6
  n6 -.->|Replicate| n5
  n1 --> n7
  n9 --> n8
  n2 --> n10
  n7 --> n6
  n7 <-->|VPC Peering| n8
  n11 --> n10
  n6 -.->|metrics audit logs| g8
"""


def bands(drawing: Drawing, axis: int) -> list[float]:
    """Return the widths of the bands between elements, from left to right (axis 0) or from top to bottom (1)."""

    def span(box: Box) -> tuple[float, float]:
        return (box.x, box.x + box.w) if axis == 0 else (box.y, box.y + box.h)

    spans = [span(node.solid) for node in drawing.nodes]
    spans += [span(text.box) for node in drawing.nodes for text in node.texts]
    for group in drawing.groups:
        low, high = span(group.box)
        spans += [(low, low), (high, high), *(span(text.box) for text in group.texts)]
    for edge in drawing.edges:
        spans += [span(text.box) for text in edge.texts]
        # A line along the band is content; one across it is not.
        for start, stop in zip(edge.points, edge.points[1:], strict=False):
            if abs(start[axis] - stop[axis]) < 0.1:
                spans.append((start[axis], start[axis]))
    spans.sort()
    widths, end = [], spans[0][1]
    for low, high in spans:
        widths.append(low - end)
        end = max(end, high)
    return widths


@pytest.mark.parametrize("name", list(measures.topologies())[::6])
def test_no_wide_empty_band_crosses_a_picture(name: str) -> None:
    drawing = measures.picture(measures.topologies()[name])
    assert max(bands(drawing, 0)) <= MAX_BAND
    assert max(bands(drawing, 1)) <= MAX_BAND


def test_a_title_that_blocks_an_edge_is_broken_into_lines() -> None:
    drawing = measures.picture(SINGLE)
    (group,) = drawing.groups
    assert group.halo is None
    assert [text.text for text in group.texts] != ["Shared inbound services"]
    assert " ".join(text.text for text in group.texts) == "Shared inbound services"


def test_a_title_that_blocks_no_edge_is_not_broken() -> None:
    drawing = measures.picture(SINGLE.replace("a[Lambda orders] --> q", "a[Lambda orders] --> r[SNS]"))
    (group,) = drawing.groups
    assert [text.text for text in group.texts] == ["Shared inbound services"]


def test_titles_of_twins_are_broken_alike() -> None:
    """An edge runs up through the private subnet of one zone, where its title is."""
    text = (ROOT / "tests/data/samples/three-tier-two-zones.mmd").read_text("utf-8")
    titles = [[text.text for text in group.texts] for group in measures.picture(text).groups]
    assert ["Private", "subnet A"] in titles
    assert ["Private", "subnet B"] in titles


def test_crowded_pictures_are_arranged_for_readable_text() -> None:
    """A wide row of groups would make text smaller than 13 pixels on a slide; rows of groups are readable."""
    text = measures.topologies()["a026-21n"]
    drawing = measures.picture(text)
    scale = min(1920 / drawing.width, 1080 / drawing.height)
    sizes = [line.size for node in drawing.nodes for line in node.texts]
    sizes += [line.size for edge in drawing.edges for line in edge.texts]
    assert min(sizes) * scale >= 13


TWO_ZONES = (ROOT / "tests/data/layouts/two-zones.mmd").read_text("utf-8")


def test_frames_grow_so_that_edges_pass_their_titles() -> None:
    """Edges enter the subnets of both zones from above: the frames grow to the left, and titles stay in the corners."""
    drawing = measures.picture(TWO_ZONES)
    subnets = [group for group in drawing.groups if group.id.startswith(("pub", "priv"))]
    assert len(subnets) == 4
    for subnet in subnets:
        assert subnet.halo is None
        assert subnet.tile is not None
        assert subnet.tile.x == pytest.approx(subnet.box.x)
        lines = [pair for edge in drawing.edges for pair in pairwise(edge.points)]
        assert not any(is_crossed(text.box, a, b) for text in subnet.texts for a, b in lines)


def test_what_leads_to_zones_is_centered_above_them() -> None:
    drawing = measures.picture(TWO_ZONES)
    middle = {node.id: node.box.center[0] for node in drawing.nodes}
    zones = [group.box for group in drawing.groups if group.id.startswith("az")]
    center = (zones[0].x + zones[1].right) / 2
    for node in ("users", "igw", "alb"):
        assert middle[node] == pytest.approx(center, abs=1.0)


def test_lines_between_frames_keep_clear_of_both() -> None:
    """Three lines run through the gap between two subnets: the space is divided evenly."""
    drawing = measures.picture((ROOT / "tests/data/layouts/subnets.mmd").read_text("utf-8"))
    frames = [group.box for group in drawing.groups]
    for edge in drawing.edges:
        for a, b in pairwise(edge.points[1:-1]):
            low, high = sorted((a[1], b[1]))
            if abs(a[0] - b[0]) > 0.1 or high - low < 1:
                continue
            for frame in frames:
                if low < frame.bottom and high > frame.y:
                    assert min(abs(a[0] - frame.x), abs(a[0] - frame.right)) >= MIN_BORDER_DISTANCE


def test_frames_do_not_reach_around_lines_that_leave_them() -> None:
    drawing = measures.picture(LEAVING_LINES)
    (frame,) = (group.box for group in drawing.groups)
    boxes = measures.full_boxes(drawing)
    inside = [boxes[name] for name in ("n4", "n5", "n6", "n7")]
    assert frame.right - max(box.right for box in inside) <= MAX_EMPTY_WIDTH
    assert min(box.x for box in inside) - frame.x <= MAX_EMPTY_WIDTH


def test_a_label_left_of_its_line_is_nearer_to_it_than_to_the_next_line() -> None:
    assert measures.stray_labels(measures.picture(PEERED_NETWORKS)) == []


def test_the_label_of_a_loop_is_narrow() -> None:
    drawing = measures.picture("flowchart TB\n  a[Meters] -->|inbound meters of the sensor of the fleet| a\n")
    assert (
        max(text.box.w for edge in drawing.edges for text in edge.texts)
        <= data.load("style", "sizes.yaml")["loop_label_width"]
    )


def test_equal_parts_of_a_diagram_are_in_columns() -> None:
    drawing = measures.picture(
        """flowchart LR
  a[Garden backup] --> b[Cognito user pool]
  c[Ferry] --> d[IAM policies of the ferry]
  e[Publish tariff] --> f[WAF batch]
  g[Store] --> h[WAF replay basket]
  i[Nightly harbour] --> j[Regional shared] --> k[Batch tariff]
  l[Archive edge] --> m[Audit orchard]
"""
    )
    boxes = measures.full_boxes(drawing)
    assert {round(boxes[name].x) for name in "cgl"} == {round(boxes["c"].x)}
    assert boxes["c"].x > boxes["k"].right


def test_a_small_part_is_close_to_what_is_above_it() -> None:
    """The frame below the chain does not wait for the end of the deeper frames further to the right."""
    drawing = measures.picture(
        """flowchart TB
  subgraph g [Canal staging services]
    e[DynamoDB<br/>Regional picnic]
    f[Systems Manager Parameter Store<br/>Enrich depot]
  end
  subgraph l [Claims claims services]
    m[Score<br/>Publish edge]
    n[Garden<br/>Notary]
  end
  subgraph h [Replay batch services]
    i[Key Management Service<br/>Claims garden outbound]
    k[Notify claims garden<br/>Inbound]
    j[Simple Storage Service S3 Bucket<br/>Notify]
  end
  a[User] -->|enrich| b[Museum]
  b -->|quotes| c[API Gateway]
  c -->|shared| d[Lambda]
  d -->|store| e
  e --> i
  f --> i
  i --> k
  d -->|pantry claims| k
"""
    )
    boxes = measures.full_boxes(drawing)
    frames = {group.id: group.box for group in drawing.groups}
    assert 0 < frames["l"].y - boxes["a"].bottom <= MAX_BAND


def test_a_label_between_two_icons_is_above_their_texts() -> None:
    """The line is as long as its label requires: the wide texts below the icons leave space for it."""
    drawing = measures.picture("flowchart LR\n  a[Lambda publish rosters] -->|send backup| b[Lambda archive rosters]\n")
    (edge,) = drawing.edges
    label = measures.label_box(edge)
    assert label is not None
    assert sum(math.dist(*segment) for segment in measures.segments(edge)) <= label.w + 33
    texts = [text.box for node in drawing.nodes for text in node.texts]
    assert not any(label.overlaps(box, 0) for box in texts)
    assert measures.gap(measures.full_boxes(drawing)["a"], measures.full_boxes(drawing)["b"]) >= 21


@pytest.mark.parametrize("labels", [("VPC", "NAT"), ("VPC", "Private subnets"), ("Private subnets", "VPC")])
def test_unconnected_nodes_are_in_the_middle_of_a_wide_frame(labels: tuple[str, str]) -> None:
    """The frame is as wide as the row of frames below it, with its content in the middle."""
    first, last = labels
    drawing = measures.picture(
        f"""flowchart LR
  subgraph net[Network]
    v[{first}] & s[Subnets] & n[{last}]
  end
  subgraph api[API Module]
    g[API Gateway] --> l[Lambda orders]
  end
  subgraph data[Data Module]
    d[DynamoDB Table]
  end
  l --> d
"""
    )
    frames = {group.id: group.box for group in drawing.groups}
    frame = frames["net"]
    assert (frame.x, frame.right) == pytest.approx((frames["api"].x, frames["data"].right), abs=1)
    boxes = measures.full_boxes(drawing)
    left, right = min(boxes[name].x for name in "vsn") - frame.x, frame.right - max(boxes[name].right for name in "vsn")
    assert left == pytest.approx(right, abs=1)
    middles = sorted(measures.anchors(drawing)[name][0] for name in "vsn")
    assert middles[1] - middles[0] == pytest.approx(middles[2] - middles[1], abs=1)


def test_an_unconnected_node_is_above_the_one_that_leads_to_many() -> None:
    """Beside it, the node would be in the way of half of the edges."""
    drawing = measures.picture(measures.topologies()["a021-19n"])
    boxes = measures.full_boxes(drawing)
    names = {node.texts[0].text: node.id for node in drawing.nodes if node.texts}
    unconnected, hub = boxes[names["Nightly ledger cargo"]], boxes[names["Staging pantry"]]
    assert measures.above(unconnected, hub)
    assert unconnected.x < hub.right
    assert hub.x < unconnected.right
