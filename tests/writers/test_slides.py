"""Slides have the shapes of the drawing, and python-pptx can read them."""

from __future__ import annotations

import functools
import io
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pptx
import pytest
from msgspec.structs import replace
from pptx.enum.dml import MSO_FILL

from diagramkit import outputs, sources
from diagramkit.cli import main
from diagramkit.drawing import Box
from diagramkit.graph import Pattern
from diagramkit.options import Options
from diagramkit.publish import slides
from diagramkit.slides.arrangement import SlideOptions
from diagramkit.sources import readers
from diagramkit.writers import pptx as writer
from diagramkit.writers.pptx import write as write_file
from diagramkit.writers.pptx.deck import DiagramSlide
from tests.support.boxes import overlapping_pairs
from tests.support.project import ROOT
from tests.support.slide_files import A, P, open_deck, position, write_deck

pytestmark = pytest.mark.slow


def patterns(path: str) -> list[Pattern]:
    return [pattern for file in sources.find([path]) for pattern in sources.load(file).patterns]


@pytest.fixture(scope="module")
def spec_deck() -> bytes:
    """Return a deck of all patterns in `specs`."""
    return write_deck(patterns(str(ROOT / "specs")))


def texts(page: Any) -> Iterator[tuple[str, tuple[float, float, float, float]]]:
    """Yield each text on a slide with the left, top, right and bottom of its shape, in EMU."""
    for shape in page.shapes._spTree.iter(f"{P}sp"):
        words = "".join(part.text or "" for part in shape.iter(f"{A}t"))
        transform = shape.find(f"{P}spPr/{A}xfrm")
        if words and transform is not None:
            x, y, w, h = position(transform)
            yield words, (x, y, x + w, y + h)


@pytest.mark.parametrize("slide_options", [{}, {"panel": True}, {"aspect": "4:3"}])
def test_texts_are_inside_their_slide_and_do_not_overlap(slide_options: dict[str, Any]) -> None:
    presentation = open_deck(write_deck(patterns(str(ROOT / "specs")), **slide_options))
    for page in presentation.slides:
        all_texts = list(texts(page))
        for words, (left, top, right, bottom) in all_texts:
            assert 0 <= left <= right <= presentation.slide_width, words
            assert 0 <= top <= bottom <= presentation.slide_height, words
        for number, (first, (left, top, right, bottom)) in enumerate(all_texts):
            for second, (west, north, east, south) in all_texts[number + 1 :]:
                apart = left >= east or west >= right or top >= south or north >= bottom
                assert apart, (first, second)


def test_icons_do_not_overlap(spec_deck: bytes) -> None:
    for page in open_deck(spec_deck).slides:
        icons = page.shapes._spTree.iter(f"{P}pic")
        boxes = [Box(*map(float, position(icon.find(f"{P}spPr/{A}xfrm")))) for icon in icons]
        assert not list(overlapping_pairs(boxes, 1))


def test_a_deck_has_a_title_categories_patterns_and_speaker_notes(spec_deck: bytes) -> None:
    presentation = open_deck(spec_deck)
    titles = [page.shapes.title.text for page in presentation.slides]
    assert titles[:4] == [
        "Deck",
        "Serverless Patterns",
        "Event-Driven Architecture",
        "API Gateway + Lambda",
    ]
    assert len(titles) == 1 + 6 + 11 + 1
    assert titles[-1] == "Attribution"
    notes = presentation.slides[2].notes_slide.notes_text_frame.text
    assert notes.startswith("Event-Driven Architecture\n\nComponents\n• ")
    assert "Best practices\n• " in notes
    (has_text,) = {shape.has_text_frame for shape in presentation.slides[2].placeholders}
    assert has_text  # An empty placeholder would show "Click to add text".


def test_icons_are_svg_with_a_png_and_have_alternative_text(spec_deck: bytes) -> None:
    presentation = open_deck(spec_deck)
    pictures = [shape for page in presentation.slides for shape in page.shapes._spTree.iter(f"{P}pic")]
    assert len(pictures) > 50
    assert all(picture.find(f".//{P}cNvPr").get("descr") for picture in pictures)
    vectors = sum(picture.find(f".//{A}blip/{A}extLst/{A}ext") is not None for picture in pictures)
    assert vectors > 0  # The package `diagrams` has the others as PNG only.
    names = zipfile.ZipFile(io.BytesIO(spec_deck)).namelist()
    media = [name for name in names if name.startswith("ppt/media/")]
    assert len(media) < len(pictures) * 1.5  # Each icon is stored only once.
    assert len(names) == len(set(names))


def test_a_deck_is_reproducible_and_has_no_times(spec_deck: bytes) -> None:
    assert write_deck(patterns(str(ROOT / "specs"))) == spec_deck
    with zipfile.ZipFile(io.BytesIO(spec_deck)) as file:
        assert {entry.date_time for entry in file.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        core = file.read("docProps/core.xml").decode()
    assert "Canny" not in core
    assert re.findall(r">(\d{4})-", core) == ["1980", "1980"]


def test_the_slide_of_a_step_emphasizes_its_edges() -> None:
    (pattern,) = patterns(str(ROOT / "tests/data/steps.mmd"))
    presentation = open_deck(write_deck([pattern], steps=True))
    titles = [page.shapes.title.text for page in presentation.slides]
    assert titles == ["Deck", "steps", "steps: 1. HTTPS", "steps: 2. reads", "Attribution"]
    pages = [*presentation.slides][1:4]
    widths = [
        [int(line.get("w")) for line in page.shapes._spTree.iter(f"{A}ln") if line.find(f"{A}tailEnd") is not None]
        for page in pages
    ]
    assert widths[0][0] == widths[0][1]
    assert widths[1][0] > widths[1][1]
    assert widths[2][0] < widths[2][1]


def test_a_flat_deck_has_one_picture_per_diagram() -> None:
    presentation = open_deck(write_deck(patterns(str(ROOT / "specs/network-patterns")), as_picture=True))
    page = presentation.slides[2]
    (picture,) = page.shapes._spTree.iter(f"{P}pic")
    assert "TGW to Inspection VPC" in picture.find(f".//{P}cNvPr").get("descr")
    assert not list(page.shapes._spTree.iter(f"{P}cxnSp"))


def template(dark: bool) -> bytes:
    """Return a template with one slide of its own."""
    from pptx.oxml.ns import qn
    from pptx.util import Emu

    presentation = pptx.Presentation()
    presentation.slide_width, presentation.slide_height = Emu(12_192_000), Emu(6_858_000)
    presentation.slides.add_slide(presentation.slide_layouts[0]).shapes.title.text = "A slide of the template"
    if dark:
        color_map = presentation.slide_master.element.find(qn("p:clrMap"))
        color_map.set("bg1", "dk1")
        color_map.set("tx1", "lt1")
    buffer = io.BytesIO()
    presentation.save(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize("dark", [False, True])
def test_layouts_and_colors_of_a_template_are_used_but_not_its_slides(dark: bool) -> None:
    data = write_deck(patterns(str(ROOT / "specs/network-patterns")), template=template(dark))
    presentation = open_deck(data)
    assert presentation.slide_width == 12_192_000
    assert [page.slide_layout.name for page in presentation.slides] == [
        "Title Slide",
        "Section Header",
        "Title Only",
        "Title Only",
        "Title and Content",
    ]
    assert b"A slide of the template" not in b"".join(
        zipfile.ZipFile(io.BytesIO(data)).read(name)
        for name in zipfile.ZipFile(io.BytesIO(data)).namelist()
        if name.startswith("ppt/slides/")
    )
    label = next(
        shape
        for shape in presentation.slides[2].shapes._spTree.iter(f"{P}sp")
        if "TGW" in [part.text for part in shape.iter(f"{A}t")]
    )
    assert label.find(f".//{A}rPr/{A}solidFill/{A}schemeClr").get("val") == "tx1"
    top = min(int(p.find(f".//{A}off").get("y")) for p in presentation.slides[2].shapes._spTree.iter(f"{P}pic"))
    title = presentation.slides[2].shapes.title
    assert top >= title.top + title.height


def changed_template(change: Callable[[Any], None]) -> bytes:
    presentation = pptx.Presentation(io.BytesIO(template(False)))
    change(presentation)
    buffer = io.BytesIO()
    presentation.save(buffer)
    return buffer.getvalue()


def _remove_layout_types(presentation: Any) -> None:
    for layout in presentation.slide_layouts:
        layout.element.attrib.pop("type", None)


def _remove_layout_names(presentation: Any) -> None:
    _remove_layout_types(presentation)
    for number, layout in enumerate(presentation.slide_layouts):
        layout.name = f"L{number}"


def _remove_placeholders(presentation: Any) -> None:
    _remove_layout_names(presentation)
    for layout in presentation.slide_layouts:
        for shape in list(layout.placeholders):
            shape.element.getparent().remove(shape.element)


@pytest.mark.parametrize("change", [_remove_layout_types, _remove_layout_names, _remove_placeholders])
def test_a_template_without_standard_layouts_works(
    change: Callable[[Any], None],
) -> None:
    data = write_deck(patterns(str(ROOT / "specs/network-patterns")), template=changed_template(change))
    presentation = open_deck(data)
    assert len(presentation.slides) == 5
    for page in presentation.slides:
        assert not [s for s in page.placeholders if s.has_text_frame and not s.text_frame.text]
    titles = [page.shapes.title.text_frame.text for page in presentation.slides if page.shapes.title]
    assert len(titles) == (0 if change is _remove_placeholders else 5)
    assert len(list(presentation.slides[2].shapes._spTree.iter(f"{P}pic"))) > 2


def test_long_lists_in_a_panel_have_smaller_text() -> None:
    file = Path("long.yaml")
    items = "".join(f"  - Component number {n} which does a great many things\n" for n in range(30))
    file.write_text(f"title: Long\ndiagram: |\n  graph LR\n    A[S3] --> B[SQS]\ncomponents:\n{items}", "utf-8")
    sizes = []
    for text in (
        "title: Long\ndiagram: |\n  graph LR\n    A[S3] --> B[SQS]\ncomponents:\n  - One\n",
        file.read_text("utf-8"),
    ):
        file.write_text(text, "utf-8")
        page = open_deck(write_deck(patterns(str(file)), panel=True)).slides[1]
        panel = next(shape for shape in page.shapes if shape.name == "Panel")
        sizes.append(min(int(part.get("sz")) for part in panel._element.iter() if part.get("sz")))
    assert sizes[1] < sizes[0]


def test_legends_and_steps_are_shapes() -> None:
    file = Path("all.mmd")
    file.write_text(
        "graph LR\n  subgraph g[VPC]\n    A[S3] -->|1. asks| B[(x)]\n  end\n  B ==>|2. tells| C{Yes?}\n  C -.-> A\n",
        "utf-8",
    )
    result = slides.deck(
        patterns(str(file)),
        "D",
        SlideOptions(),
        replace(
            Options(),
            picture_options=replace(
                Options().picture_options,
                legend=(("dotted", "later"), ("vpc", "a network")),
                lines="curved",
                steps=True,
            ),
        ),
    )
    from diagramkit.writers.pptx import write

    names = [shape.name for page in open_deck(write(result.deck)).slides for shape in page.shapes]
    assert "Legend sample" in names
    assert {"Step 1", "Step 2"} <= set(names)


def test_text_on_slides_is_escaped_and_links_are_safe() -> None:
    source = (
        'graph LR\n  A["<b>x</b> & ]]> \' &quot;"] --> B[Lambda]\n'
        '  click A "javascript:alert(1)"\n  click B "https://example.com/?a=1&b=2"\n'
    )
    file = Path("hostile.mmd")
    file.write_text(source, "utf-8")
    page = open_deck(write_deck(patterns(str(file)))).slides[1]
    links = [relation.target_ref for relation in page.part.rels.values() if relation.is_external]
    assert links == ["https://example.com/?a=1&b=2"]
    assert any("]]>" in words for words, _ in texts(page))


def test_the_command_reports_broken_diagrams_and_writes_the_others(capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.mmd").write_text("graph LR\n  A[Lambda] --> B[S3]\n", "utf-8")
    Path("b.mmd").write_text("graph LR\n  A[Lambda -> \n", "utf-8")
    assert main(["deck", "a.mmd", "b.mmd", "-o", "d.pptx"]) == 2
    output = capsys.readouterr()
    assert "b.mmd:2:" in output.err
    assert output.out == "d.pptx: 3 slides\n"
    assert main(["deck", "a.mmd", "-o", "d.pptx"]) == 0
    assert capsys.readouterr().out == "d.pptx: 3 slides, current\n"


def damaged_templates() -> Iterator[tuple[str, bytes]]:
    """Yield a template with each of its parts damaged, with damaged bytes, and one that expands to a gigabyte."""
    whole = template(False)
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for name, content in parts.items():
        for damage in (None, b"", b"<a/>", content[: len(content) // 2], re.sub(rb'="[^"]*"', b'="x"', content)):
            others = {other: data for other, data in parts.items() if other != name}
            yield name, archive_of(others if damage is None else {**others, name: damage})
    for place in range(30, len(whole), len(whole) // 20):
        yield f"byte {place}", whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :]
    yield "a bomb", archive_of({**parts, "ppt/media/image.png": bytes(600_000_000)})


def archive_of(parts: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.slow
def test_a_damaged_template_is_rejected_or_can_be_used() -> None:
    """A project may contain the template, so that it is as untrusted as its sources."""
    deck_of = functools.partial(write_deck, patterns(str(ROOT / "specs/network-patterns"))[:1])
    rejected = set()
    for name, data in damaged_templates():
        try:
            writer.template_info(data)
        except ValueError:
            rejected.add(name)
        else:
            assert deck_of(template=data)
    assert {"[Content_Types].xml", "ppt/presentation.xml", "ppt/slideLayouts/slideLayout1.xml", "a bomb"} <= rejected


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["-o", "d.pptx", "--template", "a.mmd"], "a.mmd:1:1: error[bad-template]"),
        (["-o", "d.pptx", "--template", "no.pptx"], "no.pptx:1:1: error[unreadable]"),
        (["-o", "d.ppt"], "expected a file name that ends in .pptx"),
    ],
)
def test_wrong_options_are_reported(arguments: list[str], code: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.mmd").write_text("graph LR\n  A[Lambda] --> B[S3]\n", "utf-8")
    try:
        assert main(["deck", "a.mmd", *arguments]) == 2
    except SystemExit as error:
        assert error.code == 2
    assert code in capsys.readouterr().err
    assert not Path("d.pptx").exists()


def test_without_the_extra_slides_the_command_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(outputs, "find_spec", lambda _: None)
    Path("a.mmd").write_text("graph LR\n  A[Lambda] --> B[S3]\n", "utf-8")
    assert main(["deck", "a.mmd"]) == 2
    assert "pip install 'python-pptx>=1,<2'" in capsys.readouterr().err


def test_a_dark_theme_gives_dark_slides() -> None:
    result = slides.deck(
        patterns(str(ROOT / "specs/network-patterns")), "D", SlideOptions(), replace(Options(), theme="dark")
    )
    assert result.deck.background == "#161D26"


def test_the_setting_output_does_not_name_the_deck() -> None:
    Path("diagramkit.toml").write_text('output = "pictures"\ntheme = "dark"\n', "utf-8")
    Path("a.mmd").write_text("graph LR\n  A[Lambda] --> B[S3]\n", "utf-8")
    assert main(["deck", "a.mmd"]) == 0
    assert Path("patterns.pptx").is_file()


@pytest.mark.parametrize("halo", ["#FFFFFF", None])
def test_edges_pass_behind_the_titles_of_groups_that_they_cross(halo: str | None) -> None:
    """A line through a title would make it illegible."""
    pattern = readers.pattern_from_text("graph LR\n  a[S3] --> b\n  subgraph g [Orders]\n    b[SQS]\n  end\n", "x.mmd")
    deck = slides.deck([pattern], "Deck", SlideOptions(), Options()).deck
    slide = next(slide for slide in deck.slides if isinstance(slide, DiagramSlide))
    groups = tuple(replace(group, halo=halo) for group in slide.drawing.groups)
    slide = replace(slide, drawing=replace(slide.drawing, groups=groups))
    (page,) = open_deck(write_file(replace(deck, slides=(slide,)))).slides
    names = [shape.name for shape in page.shapes]
    title = page.shapes[names.index("Title: Orders")]
    assert (names.index("Title: Orders") > names.index("Edge: a to b")) == (halo is not None)
    assert names.index("Title: Orders") < names.index("SQS")
    assert title.fill.type == (MSO_FILL.SOLID if halo else MSO_FILL.BACKGROUND)
    assert halo is None or str(title.fill.fore_color.rgb) == "FFFFFF"
