"""Slides: the shapes are the drawing's, connectors hold on to what edges join, and the file reads back."""

from __future__ import annotations

import io
import math
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pptx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from diagramkit import sources
from diagramkit.cli import main
from diagramkit.diagnostics import Span
from diagramkit.drawing import Box, Point, overlapping_pairs
from diagramkit.graph import Pattern
from diagramkit.pipeline import Options
from diagramkit.publish import slides
from diagramkit.publish.slides import SlideOptions
from diagramkit.writers.pptx import connectors
from diagramkit.writers.pptx.connectors import connector
from tests import random_graphs
from tests.conftest import ROOT

A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
EMU = 12_700


def patterns(place: str) -> list[Pattern]:
    return [one for file in sources.find([place]) for one in sources.load(file).patterns]


def written(found: list[Pattern], **wish: Any) -> bytes:
    from diagramkit.writers.pptx import write

    made = slides.deck(found, "Deck", SlideOptions(**wish), Options())
    assert not made.problems
    return write(made.deck)


def opened(data: bytes) -> Any:
    return pptx.Presentation(io.BytesIO(data))


@pytest.fixture(scope="module")
def catalogue() -> bytes:
    return written(patterns(str(ROOT / "specs")))


# The presets' own formulas, from presetShapeDefinitions.xml, in a box of w by h.
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


def drawn(found: connectors.Connector) -> list[Point]:
    """Where a connector runs, as ECMA-376 says: its preset, then flipped, then turned about its middle."""
    w, h = found.box.w, found.box.h
    points = FORMULAS[found.preset](w, h, *(value / 100_000 for value in found.adjust))
    turn = math.radians(found.turn)
    placed = []
    for x, y in points:
        u = (w - x if found.flip_x else x) - w / 2
        v = (h - y if found.flip_y else y) - h / 2
        cx, cy = found.box.center
        placed.append((cx + u * math.cos(turn) - v * math.sin(turn), cy + u * math.sin(turn) + v * math.cos(turn)))
    return placed


@st.composite
def ways(choose: st.DrawFn) -> list[Point]:
    """Ways at right angles, that turn at each corner."""
    side = st.integers(-200, 200).filter(lambda length: abs(length) >= 5)
    x, y = choose(st.integers(-50, 50)), choose(st.integers(-50, 50))
    points, level = [(float(x), float(y))], choose(st.booleans())
    for _ in range(choose(st.integers(1, 5))):
        length = choose(side)
        x, y = (x + length, y) if level else (x, y + length)
        points.append((float(x), float(y)))
        level = not level
    return points


@given(ways())
def test_a_connector_runs_as_its_edge_does(points: list[Point]) -> None:
    found = connector(points)
    assert found is not None
    for (ax, ay), (bx, by) in zip(drawn(found), points, strict=True):
        assert abs(ax - bx) < 0.3
        assert abs(ay - by) < 0.3


def test_what_no_connector_can_run_is_said() -> None:
    stairs = [(float(at // 2 * 10), float((at + 1) // 2 * 10)) for at in range(8)]
    assert connector(stairs[:6]) is not None
    assert connector(stairs[:7]) is None
    assert connector([(0, 0), (10, 5), (20, 5)]) is None
    slanted = connector([(0, 0), (10, 5)])
    assert slanted is not None
    assert slanted.preset == "straightConnector1"


def test_points_on_a_line_are_no_bends() -> None:
    found = connector([(0, 0), (10, 0), (10, 0), (20, 0), (20, 10)])
    assert found is not None
    assert found.preset == "bentConnector2"


def sites(shape: Any) -> list[Point]:
    """Where a shape's connection sites are on the slide, in EMU; the preset rectangle's own where it has none."""
    place = shape.find(f".//{A}xfrm")
    x, y = (int(place.find(f"{A}off").get(at)) for at in ("x", "y"))
    w, h = (int(place.find(f"{A}ext").get(at)) for at in ("cx", "cy"))
    form = shape.find(f".//{A}custGeom")
    if form is None:
        return [(x + w / 2, y), (x, y + h / 2), (x + w / 2, y + h), (x + w, y + h / 2)]
    guides = {guide.get("name"): guide.get("fmla").split() for guide in form.iter(f"{A}gd")}

    def value(name: str, side: int, of: str) -> float:
        sign, part, side_name, whole = guides[name]
        assert (sign, side_name) == ("*/", of)
        return int(part) * side / int(whole)

    return [(x + value(at.get("x"), w, "w"), y + value(at.get("y"), h, "h")) for at in form.iter(f"{A}pos")]


def ends(connector_xml: Any) -> tuple[Point, Point]:
    """Where a connector begins and ends on the slide, in EMU."""
    place = connector_xml.find(f".//{A}xfrm")
    x, y = (int(place.find(f"{A}off").get(at)) for at in ("x", "y"))
    w, h = (int(place.find(f"{A}ext").get(at)) for at in ("cx", "cy"))
    preset = connector_xml.find(f".//{A}prstGeom")
    if preset is None:  # More bends than any preset has.
        path = [(x + int(at.get("x")), y + int(at.get("y"))) for at in connector_xml.iter(f"{A}pt")]
        return path[0], path[-1]
    found = connectors.Connector(
        preset.get("prst"),
        Box(x, y, w, h),
        int(place.get("rot", 0)) // 60_000,
        place.get("flipH") == "1",
        place.get("flipV") == "1",
        tuple(int(guide.get("fmla").split()[1]) for guide in preset.iter(f"{A}gd")),
    )
    points = drawn(found)
    return points[0], points[-1]


def check_slide(page: Any) -> int:
    """Each connector of a slide holds on to two of its shapes, at the sites where it ends. How many there are."""
    tree = page.shapes._spTree
    ids = [shape.get("id") for shape in tree.iter(f"{P}cNvPr")]
    assert len(ids) == len(set(ids))
    shapes = {shape[0].find(f"{P}cNvPr").get("id"): shape for shape in tree.iter(f"{P}sp", f"{P}pic")}
    count = 0
    for line in tree.iter(f"{P}cxnSp"):
        for name, at in zip(("stCxn", "endCxn"), ends(line), strict=True):
            held = line.find(f".//{A}{name}")
            place = sites(shapes[held.get("id")])[int(held.get("idx"))]
            assert math.dist(place, at) < 0.3 * EMU, page.shapes.title.text
        count += 1
    return count


def test_every_edge_of_the_catalogue_is_a_connector_that_holds_on_at_both_ends(
    catalogue: bytes,
) -> None:
    counts = [check_slide(page) for page in opened(catalogue).slides]
    edges = [len(pattern.graph.edges) for pattern in patterns(str(ROOT / "specs"))]
    assert [count for count in counts if count] == edges


def test_edges_of_random_graphs_hold_on_too() -> None:
    """Groups as ends, loops, shapes of all kinds, labels below icons."""
    found = [Pattern(random_graphs.graph(seed), f"g{seed}", "", f"g{seed}", "", Span("<test>")) for seed in range(10)]
    assert sum(check_slide(page) for page in opened(written(found)).slides) > 60


def texts(page: Any) -> Iterator[tuple[str, tuple[float, float, float, float]]]:
    for shape in page.shapes._spTree.iter(f"{P}sp"):
        words = "".join(part.text or "" for part in shape.iter(f"{A}t"))
        place = shape.find(f"{P}spPr/{A}xfrm")
        if words and place is not None:
            off, ext = place.find(f"{A}off"), place.find(f"{A}ext")
            x, y = int(off.get("x")), int(off.get("y"))
            yield words, (x, y, x + int(ext.get("cx")), y + int(ext.get("cy")))


@pytest.mark.parametrize("wish", [{}, {"panel": True}, {"aspect": "4:3"}])
def test_text_is_inside_its_slide_and_no_two_lie_on_each_other(wish: dict[str, Any]) -> None:
    made = opened(written(patterns(str(ROOT / "specs")), **wish))
    for page in made.slides:
        found = list(texts(page))
        for words, (left, top, right, bottom) in found:
            assert 0 <= left <= right <= made.slide_width, words
            assert 0 <= top <= bottom <= made.slide_height, words
        for number, (one, (left, top, right, bottom)) in enumerate(found):
            for two, (west, north, east, south) in found[number + 1 :]:
                apart = left >= east or west >= right or top >= south or north >= bottom
                assert apart, (one, two)


def test_no_two_pictures_lie_on_each_other(catalogue: bytes) -> None:
    """No two icons of a drawing do."""
    for page in opened(catalogue).slides:
        boxes = []
        for picture in page.shapes._spTree.iter(f"{P}pic"):
            place = picture.find(f"{P}spPr/{A}xfrm")
            off, ext = place.find(f"{A}off"), place.find(f"{A}ext")
            boxes.append(
                Box(*(float(part.get(side)) for part, sides in ((off, "xy"), (ext, ("cx", "cy"))) for side in sides))
            )
        assert not list(overlapping_pairs(boxes, 1))


def test_a_deck_has_a_title_categories_patterns_and_what_to_say(catalogue: bytes) -> None:
    made = opened(catalogue)
    titles = [page.shapes.title.text for page in made.slides]
    assert titles[:4] == [
        "Deck",
        "Serverless Patterns",
        "Event-Driven Architecture",
        "API Gateway + Lambda",
    ]
    assert len(titles) == 1 + 6 + 11
    notes = made.slides[2].notes_slide.notes_text_frame.text
    assert notes.startswith("Event-Driven Architecture\n\nComponents\n• ")
    assert "Best practices\n• " in notes
    (said,) = {shape.has_text_frame for shape in made.slides[2].placeholders}
    assert said  # No place is left that says "Click to add text".


def test_pictures_are_vectors_with_pixels_beside_them_and_say_what_they_show(
    catalogue: bytes,
) -> None:
    made = opened(catalogue)
    pictures = [shape for page in made.slides for shape in page.shapes._spTree.iter(f"{P}pic")]
    assert len(pictures) > 50
    assert all(picture.find(f".//{P}cNvPr").get("descr") for picture in pictures)
    vectors = sum(picture.find(f".//{A}blip/{A}extLst/{A}ext") is not None for picture in pictures)
    assert vectors > 0  # The rest are those that diagrams has in pixels alone.
    names = zipfile.ZipFile(io.BytesIO(catalogue)).namelist()
    media = [name for name in names if name.startswith("ppt/media/")]
    assert len(media) < len(pictures) * 1.5  # An icon is there once.
    assert len(names) == len(set(names))


def test_a_deck_is_the_same_bytes_each_time_and_says_no_time(catalogue: bytes) -> None:
    assert written(patterns(str(ROOT / "specs"))) == catalogue
    with zipfile.ZipFile(io.BytesIO(catalogue)) as file:
        assert {entry.date_time for entry in file.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        core = file.read("docProps/core.xml").decode()
    assert "Canny" not in core
    assert re.findall(r">(\d{4})-", core) == ["1980", "1980"]


def test_a_slide_for_each_step_lets_its_edge_stand_out() -> None:
    (one,) = patterns(str(ROOT / "tests/data/steps.mmd"))
    made = opened(written([one], steps=True))
    titles = [page.shapes.title.text for page in made.slides]
    assert titles == ["steps", "steps: 1. HTTPS", "steps: 2. reads"]
    widths = [
        [int(line.get("w")) for line in page.shapes._spTree.iter(f"{A}ln") if line.find(f"{A}tailEnd") is not None]
        for page in made.slides
    ]
    assert widths[0][0] == widths[0][1]
    assert widths[1][0] > widths[1][1]
    assert widths[2][0] < widths[2][1]


def test_a_flat_deck_has_one_picture_a_diagram() -> None:
    made = opened(written(patterns(str(ROOT / "specs/network-patterns")), flat=True))
    page = made.slides[2]
    (picture,) = page.shapes._spTree.iter(f"{P}pic")
    assert "TGW to Inspection VPC" in picture.find(f".//{P}cNvPr").get("descr")
    assert not list(page.shapes._spTree.iter(f"{P}cxnSp"))


def house(dark: bool) -> bytes:
    from pptx.oxml.ns import qn
    from pptx.util import Emu

    made = pptx.Presentation()
    made.slide_width, made.slide_height = Emu(12_192_000), Emu(6_858_000)
    made.slides.add_slide(made.slide_layouts[0]).shapes.title.text = "A sample of the house"
    if dark:
        names = made.slide_master.element.find(qn("p:clrMap"))
        names.set("bg1", "dk1")
        names.set("tx1", "lt1")
    buffer = io.BytesIO()
    made.save(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize("dark", [False, True])
def test_a_template_gives_layouts_and_colours_and_keeps_its_slides(dark: bool) -> None:
    data = written(patterns(str(ROOT / "specs/network-patterns")), template=house(dark))
    made = opened(data)
    assert made.slide_width == 12_192_000
    assert [page.slide_layout.name for page in made.slides] == [
        "Title Slide",
        "Section Header",
        "Title Only",
        "Title Only",
    ]
    assert b"A sample of the house" not in b"".join(
        zipfile.ZipFile(io.BytesIO(data)).read(name)
        for name in zipfile.ZipFile(io.BytesIO(data)).namelist()
        if name.startswith("ppt/slides/")
    )
    label = next(
        shape
        for shape in made.slides[2].shapes._spTree.iter(f"{P}sp")
        if "TGW" in [part.text for part in shape.iter(f"{A}t")]
    )
    assert label.find(f".//{A}rPr/{A}solidFill/{A}schemeClr").get("val") == "tx1"
    top = min(int(p.find(f".//{A}off").get("y")) for p in made.slides[2].shapes._spTree.iter(f"{P}pic"))
    title = made.slides[2].shapes.title
    assert top >= title.top + title.height


def reworked(change: Callable[[Any], None]) -> bytes:
    """A template as somebody's tool left it."""
    made = pptx.Presentation(io.BytesIO(house(False)))
    change(made)
    buffer = io.BytesIO()
    made.save(buffer)
    return buffer.getvalue()


def _untyped(made: Any) -> None:
    for layout in made.slide_layouts:
        layout.element.attrib.pop("type", None)


def _unnamed(made: Any) -> None:
    _untyped(made)
    for number, layout in enumerate(made.slide_layouts):
        layout.name = f"L{number}"


def _untitled(made: Any) -> None:
    _unnamed(made)
    for layout in made.slide_layouts:
        for shape in list(layout.placeholders):
            shape.element.getparent().remove(shape.element)


@pytest.mark.parametrize("change", [_untyped, _unnamed, _untitled])
def test_a_template_without_the_usual_layouts_is_used_as_far_as_it_goes(
    change: Callable[[Any], None],
) -> None:
    data = written(patterns(str(ROOT / "specs/network-patterns")), template=reworked(change))
    made = opened(data)
    assert len(made.slides) == 4
    for page in made.slides:
        assert not [s for s in page.placeholders if s.has_text_frame and not s.text_frame.text]
    titled = [page.shapes.title.text_frame.text for page in made.slides if page.shapes.title]
    assert len(titled) == (0 if change is _untitled else 4)
    assert len(list(made.slides[2].shapes._spTree.iter(f"{P}pic"))) > 2


def test_a_panel_too_small_for_its_lists_has_smaller_text() -> None:
    file = Path("long.yaml")
    items = "".join(f"  - Component number {n} which does a great many things\n" for n in range(30))
    file.write_text(f"title: Long\ndiagram: |\n  graph LR\n    A[S3] --> B[SQS]\ncomponents:\n{items}", "utf-8")
    sizes = []
    for text in (
        "title: Long\ndiagram: |\n  graph LR\n    A[S3] --> B[SQS]\ncomponents:\n  - One\n",
        file.read_text("utf-8"),
    ):
        file.write_text(text, "utf-8")
        page = opened(written(patterns(str(file)), panel=True)).slides[0]
        panel = next(shape for shape in page.shapes if shape.name == "Panel")
        sizes.append(min(int(part.get("sz")) for part in panel._element.iter() if part.get("sz")))
    assert sizes[1] < sizes[0]


def test_legends_steps_and_curves_are_shapes_too() -> None:
    file = Path("all.mmd")
    file.write_text(
        "graph LR\n  subgraph g[VPC]\n    A[S3] -->|1. asks| B[(x)]\n  end\n  B ==>|2. tells| C{Yes?}\n  C -.-> A\n",
        "utf-8",
    )
    made = slides.deck(
        patterns(str(file)),
        "D",
        SlideOptions(),
        replace(
            Options(),
            look=replace(
                Options().look,
                legend=(("dotted", "later"), ("vpc", "a network")),
                lines="curved",
                steps=True,
            ),
        ),
    )
    from diagramkit.writers.pptx import write

    names = [shape.name for page in opened(write(made.deck)).slides for shape in page.shapes]
    assert "Legend sample" in names
    assert {"Step 1", "Step 2"} <= set(names)


def test_text_of_a_source_is_text_on_a_slide_and_links_are_safe() -> None:
    source = (
        'graph LR\n  A["<b>x</b> & ]]> \' &quot;"] --> B[Lambda]\n'
        '  click A "javascript:alert(1)"\n  click B "https://example.com/?a=1&b=2"\n'
    )
    file = Path("hostile.mmd")
    file.write_text(source, "utf-8")
    data = written(patterns(str(file)))
    page = opened(data).slides[0]
    links = [relation.target_ref for relation in page.part.rels.values() if relation.is_external]
    assert links == ["https://example.com/?a=1&b=2"]
    assert any("]]>" in words for words, _ in texts(page))


def test_the_command_writes_what_it_can_and_tells_the_rest(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("a.mmd").write_text("graph LR\n  A[Lambda] --> B[S3]\n", "utf-8")
    Path("b.mmd").write_text("graph LR\n  A[Lambda -> \n", "utf-8")
    assert main(["deck", "a.mmd", "b.mmd", "-o", "d.pptx"]) == 2
    said = capsys.readouterr()
    assert "b.mmd:2:" in said.err
    assert said.out == "d.pptx: 1 slides\n"
    assert main(["deck", "a.mmd", "-o", "d.pptx"]) == 0
    assert capsys.readouterr().out == "d.pptx: 1 slides, current\n"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["-o", "d.pptx", "--template", "a.mmd"], "a.mmd:1:1: error[bad-template]"),
        (["-o", "d.pptx", "--template", "no.pptx"], "no.pptx:1:1: error[unreadable]"),
        (["-o", "d.ppt"], "should end in .pptx"),
    ],
)
def test_wrong_wishes_are_told(arguments: list[str], code: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.mmd").write_text("graph LR\n  A[Lambda] --> B[S3]\n", "utf-8")
    try:
        assert main(["deck", "a.mmd", *arguments]) == 2
    except SystemExit as error:
        assert error.code == 2
    assert code in capsys.readouterr().err
    assert not Path("d.pptx").exists()


def test_without_the_extra_it_says_how_to_have_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from diagramkit.writers import pptx as writer

    monkeypatch.setattr(writer, "available", lambda: False)
    Path("a.mmd").write_text("graph LR\n  A[Lambda] --> B[S3]\n", "utf-8")
    assert main(["deck", "a.mmd"]) == 2
    assert "pip install 'diagramkit[slides]'" in capsys.readouterr().err


def test_a_deck_of_a_dark_theme_is_dark() -> None:
    made = slides.deck(
        patterns(str(ROOT / "specs/network-patterns")), "D", SlideOptions(), replace(Options(), theme="dark")
    )
    assert made.deck.background == "#161D26"


def test_settings_of_pictures_are_not_the_decks_name() -> None:
    Path("diagramkit.toml").write_text('output = "pictures"\ntheme = "dark"\n', "utf-8")
    Path("a.mmd").write_text("graph LR\n  A[Lambda] --> B[S3]\n", "utf-8")
    assert main(["deck", "a.mmd"]) == 0
    assert Path("patterns.pptx").is_file()
