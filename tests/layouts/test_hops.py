"""Hops: where edges cross, one hops over the other, once, where there is space, and in the same way in every output."""

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
from diagramkit.layout.hops import MIN_RADIUS, RADIUS, with_hops
from diagramkit.options import Options, PictureOptions
from diagramkit.sources import spec
from diagramkit.style import theme
from diagramkit.writers import drawio, pdf, png, svg
from tests.support import random_graphs

CORNER, HEAD = 6.0, 8.0
FACE = theme.load("light").face
CROSSED = random_graphs.pattern(2)  # Some of its many edges must cross.


def edge(*points: Point, **attributes: Any) -> EdgeDrawing:
    defaults = {"stroke": "normal", "tail": "none", "head": "none", "color": "#000000"}
    return EdgeDrawing("a", "b", points, **{**defaults, **attributes})


def drawing_of(*edges: EdgeDrawing, side: float = 200.0) -> Drawing:
    """Return a drawing that contains only edges."""
    return Drawing(side, side, "#FFFFFF", "T", "", (), edges, (), 1.25, CORNER, HEAD, "#FFFFFF", FACE)


def hops(*edges: EdgeDrawing) -> list[tuple[Hop, ...]]:
    return [hopped.hops for hopped in with_hops(drawing_of(*edges)).edges]


HORIZONTAL = edge((0.0, 100.0), (200.0, 100.0))
VERTICAL = edge((100.0, 0.0), (100.0, 200.0))


# Geometry


def test_a_vertical_line_hops_over_a_horizontal_one_to_its_right() -> None:
    """As AWS draws it, regardless of the edge's direction."""
    hop = Hop(0, (100.0, 95.0), (100.0, 105.0), RADIUS, clockwise=True)
    assert hops(HORIZONTAL, VERTICAL) == [(), (hop,)]
    up = edge(*reversed(VERTICAL.points))
    reversed_hop = replace(hop, start=hop.end, end=hop.start, clockwise=False)
    assert hops(up, HORIZONTAL) == [(reversed_hop,), ()]


def test_hops_have_their_segments_index_and_are_in_the_order_of_the_route() -> None:
    path = edge((50.0, 180.0), (50.0, 20.0), (150.0, 20.0), (150.0, 180.0))
    horizontals = [edge((0.0, y), (200.0, y)) for y in (60.0, 100.0, 140.0)]
    positions = [(hop.segment, hop.start[1]) for hop in hops(path, *horizontals)[0]]
    assert positions == [(0, 145.0), (0, 105.0), (0, 65.0), (2, 55.0), (2, 95.0), (2, 135.0)]


@pytest.mark.parametrize("head", ["none", "arrow", "circle", "cross"])
def test_the_horizontal_line_hops_where_the_vertical_one_is_about_to_end(head: str) -> None:
    ends = edge((100.0, 0.0), (100.0, 108.0), head=head)
    assert hops(HORIZONTAL, ends) == [
        (Hop(0, (95.0, 100.0), (105.0, 100.0), RADIUS, clockwise=True),),
        (),
    ]
    begins = edge((100.0, 92.0), (100.0, 200.0), tail=head)  # Its end is above, so the hop goes down.
    assert hops(HORIZONTAL, begins) == [
        (Hop(0, (95.0, 100.0), (105.0, 100.0), RADIUS, clockwise=False),),
        (),
    ]


def test_there_is_no_hop_where_neither_line_has_space() -> None:
    ends = edge((93.0, 107.0), (93.0, 93.0), (100.0, 93.0))
    assert hops(edge((86.0, 100.0), (100.0, 100.0)), ends) == [(), ()]


def test_a_hop_is_smaller_where_a_line_turns_nearby() -> None:
    path = edge((0.0, 90.0), (100.0, 90.0), (100.0, 200.0))
    (hop,) = hops(path, HORIZONTAL)[0]
    assert hop == Hop(1, (100.0, 96.0), (100.0, 104.0), MIN_RADIUS, clockwise=True)


def test_a_hop_avoids_the_side_to_which_the_crossed_line_turns() -> None:
    turns = edge((0.0, 100.0), (108.0, 100.0), (108.0, 180.0))
    (hop,) = hops(turns, VERTICAL)[1]
    assert not hop.clockwise


def test_one_hop_spans_lines_that_are_close_together() -> None:
    close = [edge((0.0, y), (200.0, y)) for y in (100.0, 106.0, 112.0)]
    (hop,) = hops(VERTICAL, *close)[0]
    assert (hop.start[1], hop.end[1], hop.radius) == (96.0, 116.0, MIN_RADIUS)
    apart = [edge((0.0, y), (200.0, y)) for y in (100.0, 110.0, 120.0)]
    assert [hop.start[1] for hop in hops(VERTICAL, *apart)[0]] == [96.0, 106.0, 116.0]
    far = [edge((0.0, y), (200.0, y)) for y in (100.0, 112.0, 124.0)]
    assert [hop.radius for hop in hops(VERTICAL, *far)[0]] == [RADIUS] * 3


def test_bundled_edges_have_the_same_hops() -> None:
    """The edges run down one line, then apart. Both have the hop, and there is none where one of them turns off."""
    first = edge((100.0, 0.0), (100.0, 150.0), (0.0, 150.0))
    second = edge((100.0, 0.0), (100.0, 200.0))
    near_the_turn = edge((20.0, 146.0), (200.0, 146.0))
    result = hops(HORIZONTAL, first, second, near_the_turn)
    assert result[1] == result[2] == (Hop(0, (100.0, 95.0), (100.0, 105.0), RADIUS, clockwise=True),)
    reversed_second = edge(*reversed(second.points))
    assert hops(HORIZONTAL, first, reversed_second)[2][0].start == (100.0, 105.0)


def test_lines_that_meet_but_do_not_cross_have_no_hop() -> None:
    corner = edge((100.0, 100.0), (100.0, 0.0)), edge((100.0, 200.0), (100.0, 100.0))
    assert hops(HORIZONTAL, *corner) == [(), (), ()]
    loop = edge((0.0, 100.0), (150.0, 100.0), (150.0, 50.0), (100.0, 50.0), (100.0, 180.0))
    assert hops(loop) == [()]


def test_no_hop_touches_a_label_or_a_step() -> None:
    box = Box(102.0, 92.0, 40.0, 16.0)
    labeled = replace(VERTICAL, texts=(TextSpan("x", box, 100.0, 11.0, "#000000"),))
    (hop,) = hops(HORIZONTAL, labeled)[1]
    assert not hop.clockwise
    step = Box(92.0, 90.0, 16.0, 16.0)
    text = TextSpan("1", step, 100.0, 9.0, "#FFFFFF")
    numbered = replace(VERTICAL, badge=Badge(step, text, "#000000"))
    assert hops(HORIZONTAL, numbered) == [(), ()]


def test_hops_over_wide_lines_are_larger() -> None:
    (hop,) = hops(replace(HORIZONTAL, width=8.0), replace(VERTICAL, width=6.0))[1]
    assert hop.radius == 9.0


@pytest.mark.parametrize("dashes", [{"stroke": "dotted"}, {"dash": (4.0, 4.0)}])
def test_a_solid_line_hops_over_a_dashed_one(dashes: dict[str, Any]) -> None:
    mixed = hops(HORIZONTAL, replace(VERTICAL, **dashes))
    assert (len(mixed[0]), len(mixed[1])) == (1, 0)
    both = hops(replace(HORIZONTAL, **dashes), replace(VERTICAL, **dashes))
    assert (len(both[0]), len(both[1])) == (0, 1)


def test_curved_and_slanted_edges_have_no_hops_and_are_not_hopped_over() -> None:
    slanted = edge((0.0, 0.0), (200.0, 150.0))
    curved = replace(HORIZONTAL, curve=((0.0, 100.0), (60.0, 100.0), (120.0, 100.0), (200.0, 100.0)))
    assert hops(slanted, VERTICAL) == [(), ()]
    assert hops(curved, VERTICAL) == [(), ()]


def test_hops_move_with_their_edge() -> None:
    drawing = with_hops(drawing_of(HORIZONTAL, VERTICAL))
    assert moved(drawing, 3.0, 7.0).edges[1].hops[0] == Hop(0, (103.0, 102.0), (103.0, 112.0), RADIUS, clockwise=True)
    assert with_hops(moved(drawing, 8.0, 16.0)) == moved(drawing, 8.0, 16.0)


# Hops of random edges

COORDINATES = st.integers(0, 60).map(lambda number: number * 5.0)


@st.composite
def random_edges(draw: st.DrawFn) -> list[EdgeDrawing]:
    """Return edges with a few corners at right angles; they overlap, touch, and cross themselves."""
    edges = []
    for _ in range(draw(st.integers(2, 8))):
        points = [(draw(COORDINATES), draw(COORDINATES))]
        axis = draw(st.integers(0, 1))
        for coordinate in draw(st.lists(COORDINATES, min_size=1, max_size=4)):
            x, y = points[-1]
            points.append((coordinate, y) if axis == 0 else (x, coordinate))
            axis = 1 - axis
        heads = st.sampled_from(["none", "arrow", "circle", "cross"])
        if all(a != b for a, b in itertools.pairwise(points)):
            edges.append(edge(*points, tail=draw(heads), head=draw(heads)))
    return edges


def segments(edge: EdgeDrawing, axis: int) -> list[tuple[float, float, float]]:
    """Return the positions and ends of the segments along an axis (0: vertical)."""
    return [
        (a[axis], min(a[1 - axis], b[1 - axis]), max(a[1 - axis], b[1 - axis]))
        for a, b in itertools.pairwise(edge.points)
        if a[axis] == b[axis]
    ]


def crossings(edges: tuple[EdgeDrawing, ...]) -> list[Point]:
    """Return the points where a segment of an edge crosses one of another edge."""
    return [
        (x, y)
        for first, second in itertools.permutations(edges, 2)
        for x, top, bottom in segments(first, 0)
        for y, left, right in segments(second, 1)
        if left < x < right and top < y < bottom
    ]


def span(hop: Hop) -> tuple[Point, Point]:
    """Return the two ends of a hop in ascending order, regardless of the edge's direction."""
    return min(hop.start, hop.end), max(hop.start, hop.end)


def hops_over(edges: tuple[EdgeDrawing, ...], point: Point) -> list[Hop]:
    """Return the hops over a point; hops that coincide count once."""
    by_span = {span(hop): hop for edge in edges for hop in edge.hops}
    return [hop for ((ax, ay), (bx, by)), hop in by_span.items() if ax <= point[0] <= bx and ay <= point[1] <= by]


@settings(max_examples=300, deadline=None)
@given(random_edges())
def test_every_crossing_with_space_has_one_hop_and_none_has_two(edges: list[EdgeDrawing]) -> None:
    hopped_edges = with_hops(drawing_of(*edges)).edges
    crossing_points = crossings(hopped_edges)
    corners = [point for edge in hopped_edges for point in edge.points]
    for x, y in crossing_points:
        assert len(hops_over(hopped_edges, (x, y))) <= 1
        if all(max(abs(x - a), abs(y - b)) > 20 for a, b in corners) and not any(
            0 < max(abs(x - a), abs(y - b)) < 13 for a, b in crossing_points
        ):
            assert len(hops_over(hopped_edges, (x, y))) == 1
    expected = {(*span(hop), hop.radius) for crossing in crossing_points for hop in hops_over(hopped_edges, crossing)}
    assert expected == {(*span(hop), hop.radius) for edge in hopped_edges for hop in edge.hops}


@settings(max_examples=300, deadline=None)
@given(random_edges())
def test_no_hop_touches_a_corner_or_an_end(edges: list[EdgeDrawing]) -> None:
    hopped_edges = with_hops(drawing_of(*edges)).edges
    corners = [point for edge in hopped_edges for point in edge.points]
    for edge in hopped_edges:
        for hop in edge.hops:
            ends = edge.points[hop.segment : hop.segment + 2]
            along = 1 if ends[0][0] == ends[1][0] else 0
            assert hop.start[1 - along] == hop.end[1 - along] == ends[0][1 - along]
            for hop_end, segment_end in itertools.product((hop.start, hop.end), ends):
                assert abs(hop_end[along] - segment_end[along]) >= CORNER
            low, high = sorted((hop.start[along], hop.end[along]))
            assert sorted((ends[0][along], ends[1][along]))[0] < low < high
            # The same applies to the hop's side of the line.
            ascending = hop.start < hop.end
            side = 1 if (ascending == hop.clockwise) == (along == 1) else -1
            for corner in corners:
                offset = (corner[1 - along] - hop.start[1 - along]) * side
                assert not (low < corner[along] < high and 0 <= offset <= hop.radius)


@settings(max_examples=300, deadline=None)
@given(random_edges())
def test_hops_coincide_where_edges_overlap(edges: list[EdgeDrawing]) -> None:
    hopped_edges = with_hops(drawing_of(*edges)).edges
    for edge, other in itertools.permutations(hopped_edges, 2):
        other_hops = {(*span(hop), hop.radius) for hop in other.hops}
        for hop in edge.hops:
            first, last = span(hop)
            axis = 0 if first[0] == last[0] else 1
            for position, low, high in segments(other, axis):
                if position == first[axis] and low < last[1 - axis] and high > first[1 - axis]:
                    assert (first, last, hop.radius) in other_hops


@settings(max_examples=100, deadline=None)
@given(random_edges(), st.randoms(use_true_random=False))
def test_hops_do_not_depend_on_earlier_hops_or_on_the_order_of_edges(edges: list[EdgeDrawing], dice: Any) -> None:
    drawing = with_hops(drawing_of(*edges))
    assert with_hops(drawing) == drawing
    order = list(range(len(edges)))
    dice.shuffle(order)
    reordered = with_hops(drawing_of(*[edges[index] for index in order]))
    assert [drawing.edges[index] for index in order] == list(reordered.edges)


# Outputs


def svg_paths(text: str) -> list[str]:
    """Return the path data of the edges in an SVG."""
    return re.findall(r'<g class="edge"[^>]*><path d="([^"]*)"', text)


def test_svg_draws_a_hop_as_an_arc() -> None:
    bent = edge((20.0, 20.0), (100.0, 20.0), (100.0, 180.0))
    text = svg.write(with_hops(drawing_of(HORIZONTAL, bent)))
    assert svg_paths(text) == [
        "M0 100L200 100",
        "M20 20L94 20Q100 20 100 26L100 95A5 5 0 0 1 100 105L100 180",
    ]
    reversed_text = svg.write(with_hops(drawing_of(HORIZONTAL, edge(*reversed(VERTICAL.points)))))
    assert svg_paths(reversed_text)[1] == "M100 200L100 105A5 5 0 0 0 100 95L100 0"


def test_svg_draws_a_wide_hop_as_half_an_ellipse() -> None:
    horizontals = [edge((0.0, y), (200.0, y)) for y in (100.0, 106.0)]
    text = svg.write(with_hops(drawing_of(VERTICAL, *horizontals)))
    assert svg_paths(text)[0] == "M100 0L100 96A4 7 0 0 1 100 110L100 200"
    ends = [edge((x, 100.0), (x, 180.0), stroke="thick") for x in (100.0, 105.0)]
    shallow_text = svg.write(with_hops(drawing_of(edge((200.0, 174.0), (0.0, 174.0)), *ends)))
    assert svg_paths(shallow_text)[0] == "M200 174L109 174A6.5 4 0 0 0 96 174L0 174"


def pixels(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data)).convert("L")


def test_png_shows_hops() -> None:
    crossed = drawing_of(HORIZONTAL, VERTICAL)
    plain, hopped = (pixels(png.write(drawing, 4.0)) for drawing in (crossed, with_hops(crossed)))
    for point, has_line in (((105.0, 100.0), False), ((103.5, 103.5), True), ((100.0, 103.0), False)):
        pixel = (int(point[0] * 4), int(point[1] * 4))
        if point[1] != 100.0:  # On the horizontal line both are dark.
            assert (hopped.getpixel(pixel) < 60) == has_line  # type: ignore[operator]
            assert (plain.getpixel(pixel) < 60) == (point[0] == 100.0)  # type: ignore[operator]
    box = ImageChops.difference(plain, hopped).getbbox()
    assert box == pytest.approx((397, 377, 423, 423), abs=2)  # The corners of the half circle are pointed.


def test_png_looks_like_the_svg_in_resvg() -> None:
    horizontals = [edge((20.0, y), (180.0, y)) for y in (40.0, 100.0, 106.0, 150.0)]
    bent = edge((20.0, 180.0), (120.0, 180.0), (120.0, 10.0), head="arrow")
    dotted = replace(VERTICAL, stroke="dotted")
    drawing = with_hops(drawing_of(*horizontals, bent, dotted, edge((60.0, 190.0), (60.0, 10.0), width=3.0)))
    assert sum(len(item.hops) for item in drawing.edges) >= 8
    actual, expected = pixels(png.write(drawing, 3.0)), pixels(png._by_resvg(drawing, 3.0, {}))
    assert actual.size == expected.size
    difference = ImageChops.difference(actual, expected)
    assert max(ImageStat.Stat(difference).mean) < 0.6  # The same as for straight lines.
    assert ImageStat.Stat(difference.point(lambda value: 255 * (value > 130))).sum == [0.0]


def test_pdf_draws_hops() -> None:
    pytest.importorskip("fpdf")
    crossed = drawing_of(HORIZONTAL, VERTICAL)
    assert curves(pdf.write(crossed)) == 0
    assert curves(pdf.write(with_hops(crossed))) == 2  # Two quarter circles.


def curves(data: bytes) -> int:
    """Return the number of curves that the page of a PDF draws."""
    for stream in re.findall(rb"stream\n(.*?)\nendstream", data, re.S):
        with contextlib.suppress(zlib.error):
            content = zlib.decompress(stream)
            if re.search(rb" l\b", content):
                return len(re.findall(rb" c\b", content))
    raise AssertionError(data[:200])


def test_draw_io_uses_its_line_jumps() -> None:
    drawing = pipeline.draw(CROSSED, Options())
    for picture, jumps in ((drawing, True), (replace(drawing, hops=False), False)):
        text = drawio.write([drawio.DrawioPage("x", picture)])
        assert text.count("jumpStyle=arc") == (len(drawing.edges) if jumps else 0)


# The setting


def test_hops_are_drawn_unless_they_are_turned_off() -> None:
    assert any(edge.hops for edge in pipeline.draw(CROSSED, Options()).edges)
    for options in (PictureOptions(hops=False), PictureOptions(lines="straight"), PictureOptions(lines="curved")):
        drawing = pipeline.draw(CROSSED, Options(picture_options=options))
        assert not drawing.hops
        assert not any(edge.hops for edge in drawing.edges)
        assert not any("A" in path for path in svg_paths(svg.write(drawing)))


def test_an_svg_for_light_and_dark_has_the_same_hops() -> None:
    text = pipeline.render(CROSSED, ("svg",), Options("auto")).outputs["svg"].decode("utf-8")
    light = svg.write(pipeline.draw(CROSSED, Options("auto")))
    assert svg_paths(text) == svg_paths(light)


def test_a_spec_may_turn_hops_off_and_the_command_line_on_again() -> None:
    pattern = spec.read("title: T\nhops: false\ndiagram: graph LR;A-->B\n", "s")
    assert pattern.options.hops is False
    assert not pipeline.draw(pattern, Options()).hops
    assert pipeline.draw(pattern, Options(picture_options=PictureOptions(hops=True))).hops


def test_the_command_line_and_settings_turn_hops_off(tmp_path: Any) -> None:
    lines = [f"  {a} --> {b}" for a in "abcd" for b in "wxyz"] + ["  a --> b --> c --> d --> a", "  w --> y"]
    (tmp_path / "x.mmd").write_text("\n".join(["graph LR", *lines, ""]))

    def arcs(*arguments: str) -> int:
        assert main(["render", "x.mmd", "-f", "svg", "-o", "out", "--force", *arguments]) == 0
        return sum("A" in path for path in svg_paths((tmp_path / "out/x.svg").read_text("utf-8")))

    assert arcs() > 0
    assert arcs("--no-hops") == 0
    (tmp_path / "diagramkit.toml").write_text("hops = false\n")
    assert arcs() == 0
    assert arcs("--hops") > 0
