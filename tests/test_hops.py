"""Hops: where edges cross one runs over the other, once, where there is room, and in every output alike."""

from __future__ import annotations

import contextlib
import io
import itertools
import re
import zlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from PIL import Image, ImageChops, ImageStat

from diagramkit import pipeline
from diagramkit.cli import main
from diagramkit.drawing import Badge, Box, Drawing, EdgeDrawing, Hop, Point, TextSpan, moved
from diagramkit.graph import PictureOptions
from diagramkit.layout.hops import MIN_RADIUS, RADIUS, with_hops
from diagramkit.pipeline import Options
from diagramkit.sources import spec
from diagramkit.style import theme
from diagramkit.writers import drawio, pdf, png, svg
from tests import random_graphs

CORNER, HEAD = 6.0, 8.0
FACE = theme.load("light").face
CROSSED = random_graphs.pattern(2)  # Some of its many edges must cross.


def edge(*points: Point, **said: Any) -> EdgeDrawing:
    usual = {"stroke": "normal", "tail": "none", "head": "none", "color": "#000000"}
    return EdgeDrawing("a", "b", points, **{**usual, **said})


def drawn(*edges: EdgeDrawing, side: float = 200.0) -> Drawing:
    """A drawing of edges alone."""
    return Drawing(side, side, "#FFFFFF", "T", "", (), edges, (), 1.25, CORNER, HEAD, "#FFFFFF", FACE)


def hops(*edges: EdgeDrawing) -> list[tuple[Hop, ...]]:
    return [one.hops for one in with_hops(drawn(*edges)).edges]


LEVEL = edge((0.0, 100.0), (200.0, 100.0))
UPRIGHT = edge((100.0, 0.0), (100.0, 200.0))


# Geometry


def test_a_vertical_line_hops_over_a_horizontal_one_to_its_right() -> None:
    """As AWS draws it, whichever way the edge runs."""
    over = Hop(0, (100.0, 95.0), (100.0, 105.0), RADIUS, clockwise=True)
    assert hops(LEVEL, UPRIGHT) == [(), (over,)]
    up = edge(*reversed(UPRIGHT.points))
    back = replace(over, start=over.end, end=over.start, clockwise=False)
    assert hops(up, LEVEL) == [(back,), ()]


def test_hops_name_their_segment_and_come_in_the_order_of_the_path() -> None:
    path = edge((50.0, 180.0), (50.0, 20.0), (150.0, 20.0), (150.0, 180.0))
    levels = [edge((0.0, y), (200.0, y)) for y in (60.0, 100.0, 140.0)]
    found = [(hop.segment, hop.start[1]) for hop in hops(path, *levels)[0]]
    assert found == [(0, 145.0), (0, 105.0), (0, 65.0), (2, 55.0), (2, 95.0), (2, 135.0)]


@pytest.mark.parametrize("head", ["none", "arrow", "circle", "cross"])
def test_where_the_vertical_line_is_about_to_end_the_horizontal_one_hops(head: str) -> None:
    ends = edge((100.0, 0.0), (100.0, 108.0), head=head)
    assert hops(LEVEL, ends) == [
        (Hop(0, (95.0, 100.0), (105.0, 100.0), RADIUS, clockwise=True),),
        (),
    ]
    begins = edge((100.0, 92.0), (100.0, 200.0), tail=head)  # Up there is its end: the hop goes down.
    assert hops(LEVEL, begins) == [
        (Hop(0, (95.0, 100.0), (105.0, 100.0), RADIUS, clockwise=False),),
        (),
    ]


def test_where_neither_has_room_there_is_no_hop() -> None:
    ends = edge((93.0, 107.0), (93.0, 93.0), (100.0, 93.0))
    assert hops(edge((86.0, 100.0), (100.0, 100.0)), ends) == [(), ()]


def test_where_lines_turn_near_the_hop_is_smaller() -> None:
    path = edge((0.0, 90.0), (100.0, 90.0), (100.0, 200.0))
    (hop,) = hops(path, LEVEL)[0]
    assert hop == Hop(1, (100.0, 96.0), (100.0, 104.0), MIN_RADIUS, clockwise=True)


def test_a_hop_goes_to_the_other_side_of_a_line_that_turns() -> None:
    turns = edge((0.0, 100.0), (108.0, 100.0), (108.0, 180.0))
    (hop,) = hops(turns, UPRIGHT)[1]
    assert not hop.clockwise


def test_lines_that_lie_close_are_hopped_over_at_once() -> None:
    levels = [edge((0.0, y), (200.0, y)) for y in (100.0, 106.0, 112.0)]
    (hop,) = hops(UPRIGHT, *levels)[0]
    assert (hop.start[1], hop.end[1], hop.radius) == (96.0, 116.0, MIN_RADIUS)
    apart = [edge((0.0, y), (200.0, y)) for y in (100.0, 110.0, 120.0)]
    assert [hop.start[1] for hop in hops(UPRIGHT, *apart)[0]] == [96.0, 106.0, 116.0]
    far = [edge((0.0, y), (200.0, y)) for y in (100.0, 112.0, 124.0)]
    assert [hop.radius for hop in hops(UPRIGHT, *far)[0]] == [RADIUS] * 3


def test_edges_that_share_a_trunk_have_the_same_hops() -> None:
    """Down one line, then apart; the hop is on both, and none is where one of them turns off."""
    one = edge((100.0, 0.0), (100.0, 150.0), (0.0, 150.0))
    two = edge((100.0, 0.0), (100.0, 200.0))
    low = edge((20.0, 146.0), (200.0, 146.0))
    found = hops(LEVEL, one, two, low)
    assert found[1] == found[2] == (Hop(0, (100.0, 95.0), (100.0, 105.0), RADIUS, clockwise=True),)
    back = edge(*reversed(two.points))
    assert hops(LEVEL, one, back)[2][0].start == (100.0, 105.0)


def test_lines_that_meet_but_do_not_cross_have_no_hop() -> None:
    corner = edge((100.0, 100.0), (100.0, 0.0)), edge((100.0, 200.0), (100.0, 100.0))
    assert hops(LEVEL, *corner) == [(), (), ()]
    itself = edge((0.0, 100.0), (150.0, 100.0), (150.0, 50.0), (100.0, 50.0), (100.0, 180.0))
    assert hops(itself) == [()]


def test_no_hop_touches_a_label_or_a_step() -> None:
    box = Box(102.0, 92.0, 40.0, 16.0)
    labelled = replace(UPRIGHT, texts=(TextSpan("x", box, 100.0, 11.0, "#000000"),))
    (hop,) = hops(LEVEL, labelled)[1]
    assert not hop.clockwise
    step = Box(92.0, 90.0, 16.0, 16.0)
    text = TextSpan("1", step, 100.0, 9.0, "#FFFFFF")
    numbered = replace(UPRIGHT, badge=Badge(step, text, "#000000"))
    assert hops(LEVEL, numbered) == [(), ()]


def test_broad_lines_are_hopped_over_in_wide_circles() -> None:
    (hop,) = hops(replace(LEVEL, width=8.0), replace(UPRIGHT, width=6.0))[1]
    assert hop.radius == 9.0


@pytest.mark.parametrize("dashes", [{"stroke": "dotted"}, {"dash": (4.0, 4.0)}])
def test_of_a_solid_and_a_dashed_line_the_solid_one_hops(dashes: dict[str, Any]) -> None:
    found = hops(LEVEL, replace(UPRIGHT, **dashes))
    assert (len(found[0]), len(found[1])) == (1, 0)
    both = hops(replace(LEVEL, **dashes), replace(UPRIGHT, **dashes))
    assert (len(both[0]), len(both[1])) == (0, 1)


def test_curved_and_slanted_edges_have_no_hops_and_are_not_hopped_over() -> None:
    slanted = edge((0.0, 0.0), (200.0, 150.0))
    curved = replace(LEVEL, curve=((0.0, 100.0), (60.0, 100.0), (120.0, 100.0), (200.0, 100.0)))
    assert hops(slanted, UPRIGHT) == [(), ()]
    assert hops(curved, UPRIGHT) == [(), ()]


def test_hops_move_with_their_edge() -> None:
    made = with_hops(drawn(LEVEL, UPRIGHT))
    assert moved(made, 3.0, 7.0).edges[1].hops[0] == Hop(0, (103.0, 102.0), (103.0, 112.0), RADIUS, clockwise=True)
    assert with_hops(moved(made, 8.0, 16.0)) == moved(made, 8.0, 16.0)


# Of any edges

PLACES = st.integers(0, 60).map(lambda at: at * 5.0)


@st.composite
def some_edges(draw: st.DrawFn) -> list[EdgeDrawing]:
    """Edges of a few corners at right angles; they overlap, touch, cross themselves."""
    found = []
    for _ in range(draw(st.integers(2, 8))):
        points = [(draw(PLACES), draw(PLACES))]
        axis = draw(st.integers(0, 1))
        for at in draw(st.lists(PLACES, min_size=1, max_size=4)):
            x, y = points[-1]
            points.append((at, y) if axis == 0 else (x, at))
            axis = 1 - axis
        heads = st.sampled_from(["none", "arrow", "circle", "cross"])
        if all(a != b for a, b in itertools.pairwise(points)):
            found.append(edge(*points, tail=draw(heads), head=draw(heads)))
    return found


def segments(one: EdgeDrawing, axis: int) -> list[tuple[float, float, float]]:
    """Where the segments along an axis lie (0: vertical ones), and what they span."""
    return [
        (a[axis], min(a[1 - axis], b[1 - axis]), max(a[1 - axis], b[1 - axis]))
        for a, b in itertools.pairwise(one.points)
        if a[axis] == b[axis]
    ]


def crossings(edges: tuple[EdgeDrawing, ...]) -> list[Point]:
    """Where a segment of an edge crosses one of another edge, once for each two."""
    return [
        (x, y)
        for one, other in itertools.permutations(edges, 2)
        for x, top, bottom in segments(one, 0)
        for y, left, right in segments(other, 1)
        if left < x < right and top < y < bottom
    ]


def span(hop: Hop) -> tuple[Point, Point]:
    """Where a hop begins and ends, whichever way the edge runs."""
    return min(hop.start, hop.end), max(hop.start, hop.end)


def over(edges: tuple[EdgeDrawing, ...], place: Point) -> list[Hop]:
    """The hops over a place, those that coincide counted once."""
    found = {span(hop): hop for one in edges for hop in one.hops}
    return [hop for ((ax, ay), (bx, by)), hop in found.items() if ax <= place[0] <= bx and ay <= place[1] <= by]


@settings(max_examples=300, deadline=None)
@given(some_edges())
def test_every_crossing_with_room_is_hopped_once_and_none_twice(edges: list[EdgeDrawing]) -> None:
    made = with_hops(drawn(*edges)).edges
    found = crossings(made)
    corners = [point for one in made for point in one.points]
    for x, y in found:
        assert len(over(made, (x, y))) <= 1
        if all(max(abs(x - a), abs(y - b)) > 20 for a, b in corners) and not any(
            0 < max(abs(x - a), abs(y - b)) < 13 for a, b in found
        ):
            assert len(over(made, (x, y))) == 1
    hopped = {(*span(hop), hop.radius) for place in found for hop in over(made, place)}
    assert hopped == {(*span(hop), hop.radius) for one in made for hop in one.hops}


@settings(max_examples=300, deadline=None)
@given(some_edges())
def test_no_hop_touches_a_corner_or_an_end(edges: list[EdgeDrawing]) -> None:
    made = with_hops(drawn(*edges)).edges
    corners = [point for one in made for point in one.points]
    for one in made:
        for hop in one.hops:
            ends = one.points[hop.segment : hop.segment + 2]
            along = 1 if ends[0][0] == ends[1][0] else 0
            assert hop.start[1 - along] == hop.end[1 - along] == ends[0][1 - along]
            for at, end in itertools.product((hop.start, hop.end), ends):
                assert abs(at[along] - end[along]) >= CORNER
            low, high = sorted((hop.start[along], hop.end[along]))
            assert sorted((ends[0][along], ends[1][along]))[0] < low < high
            # On the hop's side of the line, too.
            onward = hop.start < hop.end
            side = 1 if (onward == hop.clockwise) == (along == 1) else -1
            for corner in corners:
                beside = (corner[1 - along] - hop.start[1 - along]) * side
                assert not (low < corner[along] < high and 0 <= beside <= hop.radius)


@settings(max_examples=300, deadline=None)
@given(some_edges())
def test_where_edges_lie_on_one_another_their_hops_do(edges: list[EdgeDrawing]) -> None:
    made = with_hops(drawn(*edges)).edges
    for one, other in itertools.permutations(made, 2):
        theirs = {(*span(hop), hop.radius) for hop in other.hops}
        for hop in one.hops:
            first, last = span(hop)
            axis = 0 if first[0] == last[0] else 1
            for at, low, high in segments(other, axis):
                if at == first[axis] and low < last[1 - axis] and high > first[1 - axis]:
                    assert (first, last, hop.radius) in theirs


@settings(max_examples=100, deadline=None)
@given(some_edges(), st.randoms(use_true_random=False))
def test_hops_do_not_depend_on_what_was_there_or_on_the_order(edges: list[EdgeDrawing], dice: Any) -> None:
    made = with_hops(drawn(*edges))
    assert with_hops(made) == made
    order = list(range(len(edges)))
    dice.shuffle(order)
    other = with_hops(drawn(*[edges[at] for at in order]))
    assert [made.edges[at] for at in order] == list(other.edges)


# Outputs


def ways(text: str) -> list[str]:
    """The paths of the edges in an SVG."""
    return re.findall(r'<g class="edge"[^>]*><path d="([^"]*)"', text)


def test_svg_says_a_hop_as_an_arc() -> None:
    bent = edge((20.0, 20.0), (100.0, 20.0), (100.0, 180.0))
    made = svg.write(with_hops(drawn(LEVEL, bent)))
    assert ways(made) == [
        "M0 100L200 100",
        "M20 20L94 20Q100 20 100 26L100 95A5 5 0 0 1 100 105L100 180",
    ]
    up = svg.write(with_hops(drawn(LEVEL, edge(*reversed(UPRIGHT.points)))))
    assert ways(up)[1] == "M100 200L100 105A5 5 0 0 0 100 95L100 0"


def test_svg_says_a_wide_hop_as_half_an_ellipse() -> None:
    levels = [edge((0.0, y), (200.0, y)) for y in (100.0, 106.0)]
    made = svg.write(with_hops(drawn(UPRIGHT, *levels)))
    assert ways(made)[0] == "M100 0L100 96A4 7 0 0 1 100 110L100 200"
    ends = [edge((x, 100.0), (x, 180.0), stroke="thick") for x in (100.0, 105.0)]
    low = svg.write(with_hops(drawn(edge((200.0, 174.0), (0.0, 174.0)), *ends)))
    assert ways(low)[0] == "M200 174L109 174A6.5 4 0 0 0 96 174L0 174"


def pixels(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data)).convert("L")


def test_png_shows_hops_where_they_are() -> None:
    crossed = drawn(LEVEL, UPRIGHT)
    plain, hopped = (pixels(png.write(one, 4.0)) for one in (crossed, with_hops(crossed)))
    for place, there in (((105.0, 100.0), False), ((103.5, 103.5), True), ((100.0, 103.0), False)):
        at = (int(place[0] * 4), int(place[1] * 4))
        if place[1] != 100.0:  # On the horizontal line it is dark in both.
            assert (hopped.getpixel(at) < 60) == there  # type: ignore[operator]
            assert (plain.getpixel(at) < 60) == (place[0] == 100.0)  # type: ignore[operator]
    box = ImageChops.difference(plain, hopped).getbbox()
    assert box == pytest.approx((397, 377, 423, 423), abs=2)  # Its corners are pointed.


def test_png_shows_what_resvg_makes_of_the_svg() -> None:
    levels = [edge((20.0, y), (180.0, y)) for y in (40.0, 100.0, 106.0, 150.0)]
    bent = edge((20.0, 180.0), (120.0, 180.0), (120.0, 10.0), head="arrow")
    dotted = replace(UPRIGHT, stroke="dotted")
    made = with_hops(drawn(*levels, bent, dotted, edge((60.0, 190.0), (60.0, 10.0), width=3.0)))
    assert sum(len(one.hops) for one in made.edges) >= 8
    ours, theirs = pixels(png.write(made, 3.0)), pixels(png._by_resvg(made, 3.0, "", {}))
    assert ours.size == theirs.size
    change = ImageChops.difference(ours, theirs)
    assert max(ImageStat.Stat(change).mean) < 0.6  # As of straight lines.
    assert ImageStat.Stat(change.point(lambda value: 255 * (value > 130))).sum == [0.0]


def test_pdf_has_hops() -> None:
    pytest.importorskip("fpdf")
    crossed = drawn(LEVEL, UPRIGHT)
    assert curves(pdf.write(crossed)) == 0
    assert curves(pdf.write(with_hops(crossed))) == 2  # A quarter circle each.


def curves(data: bytes) -> int:
    """How many curves the page of a PDF draws."""
    for stream in re.findall(rb"stream\n(.*?)\nendstream", data, re.S):
        with contextlib.suppress(zlib.error):
            content = zlib.decompress(stream)
            if re.search(rb" l\b", content):
                return len(re.findall(rb" c\b", content))
    raise AssertionError(data[:200])


def test_draw_io_has_line_jumps_of_its_own() -> None:
    made = pipeline.draw(CROSSED, Options())
    for picture, jumps in ((made, True), (replace(made, hops=False), False)):
        text = drawio.write([drawio.DrawioPage("x", picture)])
        assert text.count("jumpStyle=arc") == (len(made.edges) if jumps else 0)


# The setting


def test_hops_are_drawn_unless_they_are_turned_off() -> None:
    assert any(one.hops for one in pipeline.draw(CROSSED, Options()).edges)
    for look in (PictureOptions(hops=False), PictureOptions(lines="straight"), PictureOptions(lines="curved")):
        made = pipeline.draw(CROSSED, Options(look=look))
        assert not made.hops
        assert not any(one.hops for one in made.edges)
        assert not any("A" in way for way in ways(svg.write(made)))


def test_an_svg_for_light_and_dark_has_the_same_hops() -> None:
    text = pipeline.render(CROSSED, ("svg",), Options("auto")).outputs["svg"].decode("utf-8")
    light = svg.write(pipeline.draw(CROSSED, Options("auto")))
    assert ways(text) == ways(light)


def test_a_spec_may_turn_hops_off_and_the_command_line_on_again() -> None:
    said = spec.read("title: T\nhops: false\ndiagram: graph LR;A-->B\n", "s")
    assert said.options.hops is False
    assert not pipeline.draw(said, Options()).hops
    assert pipeline.draw(said, Options(look=PictureOptions(hops=True))).hops


def test_the_command_line_and_settings_turn_hops_off(tmp_path: Any) -> None:
    lines = [f"  {a} --> {b}" for a in "abcd" for b in "wxyz"] + ["  a --> b --> c --> d --> a", "  w --> y"]
    (tmp_path / "x.mmd").write_text("\n".join(["graph LR", *lines, ""]))

    def arcs(*said: str) -> int:
        assert main(["render", "x.mmd", "-f", "svg", "-o", "out", "--force", *said]) == 0
        return sum("A" in way for way in ways((tmp_path / "out/x.svg").read_text("utf-8")))

    assert arcs() > 0
    assert arcs("--no-hops") == 0
    (tmp_path / "diagramkit.toml").write_text("hops = false\n")
    assert arcs() == 0
    assert arcs("--hops") > 0
