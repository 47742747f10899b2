"""Connectors on slides have the routes of their edges, and are attached to the shapes at both ends."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks import connectors as connector_check
from diagramkit.diagnostics import Span
from diagramkit.drawing import Box, Point
from diagramkit.graph import Pattern
from diagramkit.picture_files import pptx_pages
from diagramkit.writers.pptx import connectors
from diagramkit.writers.pptx.connectors import clearances, fit_connector, keeps_its_route
from tests.support import random_graphs
from tests.support.project import patterns
from tests.support.slide_files import EMU, A, P, open_deck, position, write_deck

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def spec_deck() -> bytes:
    """Return a deck of all patterns in `specs`."""
    return write_deck([*patterns().values()])


# The points of the presets in a box of w by h, according to presetShapeDefinitions.xml.
FORMULAS: dict[str, Any] = {
    "straightConnector1": lambda w, h: [(0, 0), (w, h)],
    "bentConnector2": lambda w, h: [(0, 0), (w, 0), (w, h)],
    "bentConnector3": lambda w, h, a: [(0, 0), (w * a, 0), (w * a, h), (w, h)],
    "bentConnector4": lambda w, h, a, b: [(0, 0), (w * a, 0), (w * a, h * b), (w, h * b), (w, h)],
    "bentConnector5": lambda w, h, a, b, c: [
        (0, 0),
        (w * a, 0),
        (w * a, h * b),
        (w * c, h * b),
        (w * c, h),
        (w, h),
    ],
}


def connector_points(connector: connectors.Connector) -> list[Point]:
    """Return the points of a connector as ECMA-376 defines them: the preset, flipped, then rotated."""
    w, h = connector.box.w, connector.box.h
    points = FORMULAS[connector.preset](w, h, *(value / 100_000 for value in connector.adjustments))
    angle = math.radians(connector.rotation)
    result = []
    for x, y in points:
        u = (w - x if connector.flip_x else x) - w / 2
        v = (h - y if connector.flip_y else y) - h / 2
        cx, cy = connector.box.center
        result.append((cx + u * math.cos(angle) - v * math.sin(angle), cy + u * math.sin(angle) + v * math.cos(angle)))
    return result


@st.composite
def orthogonal_routes(draw: st.DrawFn) -> list[Point]:
    """Routes of up to five segments, alternately horizontal and vertical."""
    lengths = st.integers(-200, 200).filter(lambda length: abs(length) >= 5)
    x, y = draw(st.integers(-50, 50)), draw(st.integers(-50, 50))
    points, horizontal = [(float(x), float(y))], draw(st.booleans())
    for _ in range(draw(st.integers(1, 5))):
        length = draw(lengths)
        x, y = (x + length, y) if horizontal else (x, y + length)
        points.append((float(x), float(y)))
        horizontal = not horizontal
    return points


@given(orthogonal_routes())
def test_a_connector_has_the_route_of_its_edge(points: list[Point]) -> None:
    connector = fit_connector(points)
    assert connector is not None
    for (ax, ay), (bx, by) in zip(connector_points(connector), points, strict=True):
        assert abs(ax - bx) < 0.3
        assert abs(ay - by) < 0.3


@pytest.mark.parametrize("difference", [-3.0, -0.15, -0.02, 0.0, 0.001, 0.05, 0.15, 0.5, 3.0])
@pytest.mark.parametrize("height", [-60.0, -12.0, 25.0])
@pytest.mark.parametrize("is_upright", [False, True])
def test_a_connector_between_sides_at_nearly_equal_heights_runs_around(
    difference: float, height: float, is_upright: bool
) -> None:
    """Its bend is at a multiple of the height of its box, which is close to zero."""
    route = [(0.0, 0.0), (0.0, height), (300.0, height), (300.0, difference)]
    points = [(y, x) for x, y in route] if is_upright else route
    connector = fit_connector(points)
    assert connector is not None
    for actual, expected in zip(connector_points(connector), points, strict=True):
        assert math.dist(actual, expected) < 0.3


def test_routes_that_no_preset_has_give_no_connector() -> None:
    stairs = [(float(step // 2 * 10), float((step + 1) // 2 * 10)) for step in range(8)]
    assert fit_connector(stairs[:6]) is not None
    assert fit_connector(stairs[:7]) is None
    assert fit_connector([(0, 0), (10, 5), (20, 5)]) is None
    slanted = fit_connector([(0, 0), (10, 5)])
    assert slanted is not None
    assert slanted.preset == "straightConnector1"


def test_points_on_a_straight_line_are_not_bends() -> None:
    connector = fit_connector([(0, 0), (10, 0), (10, 0), (20, 0), (20, 10)])
    assert connector is not None
    assert connector.preset == "bentConnector2"


def sites(shape: Any) -> list[Point]:
    """Return the connection sites of a shape on the slide, in EMU; those of the preset rectangle by default."""
    x, y, w, h = position(shape.find(f".//{A}xfrm"))
    geometry = shape.find(f".//{A}custGeom")
    if geometry is None:
        return [(x + w / 2, y), (x, y + h / 2), (x + w / 2, y + h), (x + w, y + h / 2)]
    guides = {guide.get("name"): guide.get("fmla").split() for guide in geometry.iter(f"{A}gd")}

    def value(name: str, side: int, expected_side: str) -> float:
        operator, part, side_name, total = guides[name]
        assert (operator, side_name) == ("*/", expected_side)
        return int(part) * side / int(total)

    return [(x + value(pos.get("x"), w, "w"), y + value(pos.get("y"), h, "h")) for pos in geometry.iter(f"{A}pos")]


def ends(connector_xml: Any) -> tuple[Point, Point]:
    """Return where a connector begins and ends on the slide, in EMU."""
    transform = connector_xml.find(f".//{A}xfrm")
    x, y, w, h = position(transform)
    preset = connector_xml.find(f".//{A}prstGeom")
    if preset is None:  # The edge has more bends than any preset.
        path = [(x + int(point.get("x")), y + int(point.get("y"))) for point in connector_xml.iter(f"{A}pt")]
        return path[0], path[-1]
    connector = connectors.Connector(
        preset.get("prst"),
        Box(x, y, w, h),
        int(transform.get("rot", 0)) // 60_000,
        transform.get("flipH") == "1",
        transform.get("flipV") == "1",
        tuple(int(guide.get("fmla").split()[1]) for guide in preset.iter(f"{A}gd")),
    )
    points = connector_points(connector)
    return points[0], points[-1]


def check_connectors(page: Any) -> int:
    """Check that each connector of a slide ends at connection sites of its shapes, and return their number."""
    tree = page.shapes._spTree
    ids = [shape.get("id") for shape in tree.iter(f"{P}cNvPr")]
    assert len(ids) == len(set(ids))
    shapes = {shape[0].find(f"{P}cNvPr").get("id"): shape for shape in tree.iter(f"{P}sp", f"{P}pic")}
    count = 0
    for line in tree.iter(f"{P}cxnSp"):
        for name, end in zip(("stCxn", "endCxn"), ends(line), strict=True):
            connection = line.find(f".//{A}{name}")
            site = sites(shapes[connection.get("id")])[int(connection.get("idx"))]
            assert math.dist(site, end) < 0.3 * EMU, page.shapes.title.text
        count += 1
    return count


def test_every_edge_of_the_specs_is_a_connector_attached_at_both_ends(spec_deck: bytes) -> None:
    counts = [check_connectors(page) for page in open_deck(spec_deck).slides]
    edges = [len(pattern.graph.edges) for pattern in patterns().values()]
    assert [count for count in counts if count] == edges


def random_deck(count: int) -> bytes:
    graphs = [
        Pattern(random_graphs.graph(seed), f"g{seed}", "", f"g{seed}", "", Span("<test>")) for seed in range(count)
    ]
    return write_deck(graphs)


def test_edges_of_random_graphs_are_attached_too() -> None:
    """These graphs have groups as ends, loops, all kinds of shapes, and labels below icons."""
    assert sum(check_connectors(page) for page in open_deck(random_deck(10)).slides) > 60


def test_the_first_connection_sites_of_every_shape_are_the_sides_of_a_rectangle(spec_deck: bytes) -> None:
    """LibreOffice before 7.5 takes the sites 0 to 3 of a picture for these, whatever the file has there."""
    checked = 0
    for data in (spec_deck, random_deck(5)):
        for page in open_deck(data).slides:
            tree = page.shapes._spTree
            attached = {
                end.get("id") for line in tree.iter(f"{P}cxnSp") for end in line.iter(f"{A}stCxn", f"{A}endCxn")
            }
            for shape in tree.iter(f"{P}sp", f"{P}pic"):
                if shape[0].find(f"{P}cNvPr").get("id") not in attached:
                    continue
                x, y, w, h = position(shape.find(f"{P}spPr/{A}xfrm"))
                sides = [(x + w / 2, y), (x, y + h / 2), (x + w / 2, y + h), (x + w, y + h / 2)]
                assert all(math.dist(site, side) < 2 for site, side in zip(sites(shape)[:4], sides, strict=True))
                checked += 1
    assert checked > 100


def test_connectors_with_bends_are_attached_to_sides_of_rectangles_in_their_direction(spec_deck: bytes) -> None:
    """LibreOffice before 7.5 leads a bent connector in any direction from a site that is not one of these."""
    bent = 0
    for data in (spec_deck, random_deck(5)):
        for page in open_deck(data).slides:
            for line in page.shapes._spTree.iter(f"{P}cxnSp"):
                if line.find(f".//{A}prstGeom").get("prst") != "straightConnector1":
                    assert all(int(line.find(f".//{A}{name}").get("idx")) < 4 for name in ("stCxn", "endCxn"))
                    bent += 1
    assert bent > 50


def test_anchors_are_invisible_and_move_with_the_shape_that_they_are_in(spec_deck: bytes) -> None:
    anchors = 0
    for data in (spec_deck, random_deck(5)):
        for page in open_deck(data).slides:
            for shape in page.shapes._spTree.iter(f"{P}sp"):
                if not shape[0].find(f"{P}cNvPr").get("name").startswith(pptx_pages.ANCHOR):
                    continue
                group, properties = shape.getparent(), shape.find(f"{P}spPr")
                assert group.tag == f"{P}grpSp"
                assert properties.find(f"{A}noFill") is not None
                assert properties.find(f"{A}ln/{A}noFill") is not None
                x, y, w, h = position(properties.find(f"{A}xfrm"))
                left, top, width, height = position(group.find(f"{P}grpSpPr/{A}xfrm"))
                tolerance = EMU
                assert left - tolerance <= x
                assert x + w <= left + width + tolerance
                assert top - tolerance <= y
                assert y + h <= top + height + tolerance
                anchors += 1
    assert anchors > 10


def test_the_ends_of_edges_are_read_at_the_shapes_of_their_anchors(spec_deck: bytes) -> None:
    """Else `diagramkit pull` would take anchors for nodes, and edges at them for edges without ends."""
    for page in pptx_pages.read(spec_deck):
        assert not any(key.startswith(pptx_pages.ANCHOR) for key in page.shapes)
        edges = [shape for shape in page.shapes.values() if shape.kind == "edge"]
        assert all({edge.source, edge.target} <= page.shapes.keys() for edge in edges)


def test_a_connector_that_libreoffice_would_reroute_is_a_line() -> None:
    detour = [(0.0, 0.0), (20.0, 0.0), (20.0, 80.0), (90.0, 80.0), (90.0, 50.0), (120.0, 50.0)]
    assert fit_connector(detour) is not None
    assert not keeps_its_route(detour)
    assert not keeps_its_route([(y, x) for x, y in detour])
    assert keeps_its_route([*detour[:3], (-50.0, 80.0), (-50.0, 50.0), (-20.0, 50.0)])  # The end is behind the start.
    assert keeps_its_route(detour[:4])
    assert not keeps_its_route([*detour[:4], (90.0, 120.0)])  # LibreOffice would draw one bend.
    assert keeps_its_route(detour[:5])


@st.composite
def routes_with_two_bends(draw: st.DrawFn) -> list[Point]:
    """Routes that run on or return after their two bends, in all directions."""
    start, across = draw(st.integers(2, 200)), draw(st.integers(5, 200))
    end = draw(st.one_of(st.integers(2, 200), st.integers(-200, -2)))
    mirror_x, mirror_y, turns = draw(st.sampled_from([1, -1])), draw(st.sampled_from([1, -1])), draw(st.booleans())
    points = [(0.0, 0.0), (start, 0.0), (start, across), (start + end, across)]
    points = [(float(x * mirror_x), float(y * mirror_y)) for x, y in points]
    return [(y, x) for x, y in points] if turns else points


@given(routes_with_two_bends())
def test_clearances_move_the_bends_of_old_libreoffice_to_where_the_edge_has_them(points: list[Point]) -> None:
    """Before 7.5, it leads a line along the middle between two shapes, or along the outer side if the line returns."""
    first, last = clearances(points)
    assert min(first, last) == 0
    axis = 0 if points[0][1] == points[1][1] else 1
    start, bend, end = (points[number][axis] for number in (0, 1, 3))
    direction = math.copysign(1, bend - start)
    # The sides as LibreOffice sees them, as distances from the start in the direction of the first segment.
    if (bend - end) * direction > 0:
        expected = max(first, (end - start) * direction + last)
    else:
        expected = (first + (end - start) * direction - last) / 2
    assert abs(expected - (bend - start) * direction) <= 1


def test_bends_in_the_middle_need_no_clearance() -> None:
    """Edges are attached to anchors only where they have to be."""
    assert clearances([(0, 0), (40, 0), (40, 30), (80, 30)]) == (0, 0)
    assert clearances([(0, 0), (40, 0), (40, 30)]) == (0, 0)
    assert clearances([(0, 0), (40, 0)]) == (0, 0)


def test_effects_that_keep_connectors_away_are_invisible_and_only_at_anchors() -> None:
    count = 0
    for page in open_deck(random_deck(10)).slides:
        for effects in page.shapes._spTree.iter(f"{A}effectLst"):
            shape = effects.getparent().getparent()
            assert shape[0].find(f"{P}cNvPr").get("name").startswith(pptx_pages.ANCHOR)
            (glow,) = effects
            assert glow.tag == f"{A}glow"
            assert int(glow.get("rad")) > 0
            assert [alpha.get("val") for alpha in glow.iter(f"{A}alpha")] == ["0"]
            # The schema wants effects behind the line.
            assert effects.getprevious().tag == f"{A}ln"
            count += 1
    assert count > 5


def test_the_comparison_of_connectors_measures_where_lines_are_farthest_apart() -> None:
    line = [(0.0, 0.0), (100.0, 0.0)]
    assert connector_check.distance(line, line) < 1e-9
    assert connector_check.distance(line, [(0.0, 0.0), (50.0, 0.0), (50.0, 8.0), (50.0, 0.0), (100.0, 0.0)]) == 8
    assert connector_check.distance(line, [(0.0, 0.0), (60.0, 0.0)]) == 40
