"""Space: no empty band across a picture, and enough space for titles, labels and text."""

from __future__ import annotations

from itertools import pairwise

import pytest

from diagramkit.drawing import Box, Drawing
from tests.support import measures
from tests.support.boxes import is_crossed
from tests.support.project import ROOT

MAX_BAND = 52.0
"""The maximum width of an empty band across a picture, in points: a gap between ranks."""

MIN_BORDER_DISTANCE = 11.0
"""The distance between a line and a frame beside it in points, if there is space."""

SINGLE = """flowchart TB
  a[Lambda orders] --> q
  b[Lambda fleet] --> c[S3 fleet]
  d[Lambda depot] --> e[S3 depot]
  subgraph g[Shared inbound services]
    q[SQS queue]
  end
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
