"""Slides that another program wrote, or that are damaged: what is read from them."""

from __future__ import annotations

import io
import zipfile

import pytest

from diagramkit.picture_files import pptx_pages
from diagramkit.picture_files.picture_page import PicturePage, PictureRecord, RecordedShape
from diagramkit.picture_files.untrusted import BadPictureError, parsed

NAMES = (
    'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Target="slides/slide1.xml"/></Relationships>'
)
PARTS = {
    "ppt/presentation.xml": f'<p:presentation {NAMES}><p:sldId id="1" r:id="r1"/></p:presentation>',
    "ppt/_rels/presentation.xml.rels": RELATIONS,
    "ppt/slides/slide1.xml": f"<p:sld {NAMES}><p:cSld><p:spTree/></p:cSld></p:sld>",
}


def zipped(members: dict[str, str]) -> bytes:
    """Return a .zip with files."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return file.getvalue()


def frame(x: int, y: int, w: int, h: int, kind: str = "a:xfrm", more: str = "") -> str:
    """Return a position and a size in points."""
    values = [number * 12_700 for number in (x, y, w, h)]
    return f'<{kind}><a:off x="{values[0]}" y="{values[1]}"/><a:ext cx="{values[2]}" cy="{values[3]}"/>{more}</{kind}>'


def shape(number: int, name: str, position: str = "", text: str = "") -> str:
    """Return a shape of a slide."""
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="{number}" name="{name}"/><p:cNvSpPr/><p:nvPr/></p:nvSpPr>'
        f"<p:spPr>{position}</p:spPr><p:txBody>{text}</p:txBody></p:sp>"
    )


def slide(*elements: str) -> PicturePage:
    """Return a slide with elements."""
    return pptx_pages.read_slide(parsed(f"<p:sld {NAMES}><p:spTree>{''.join(elements)}</p:spTree></p:sld>"), "1")


def test_shapes_with_the_same_name_stay_apart() -> None:
    """Whoever copies a shape gets one with its name."""
    page = slide(shape(1, "a"), shape(2, "a"), shape(3, "a"))
    assert [*page.shapes] == ["a", "a\n2", "a\n3"]


def test_a_group_moves_and_scales_what_is_in_it() -> None:
    inner = f'<a:chOff x="0" y="0"/><a:chExt cx="{10 * 12_700}" cy="{10 * 12_700}"/>'
    member = shape(1, "a", frame(1, 2, 3, 4))
    group = f"<p:grpSp><p:grpSpPr>{frame(100, 200, 20, 30, more=inner)}</p:grpSpPr>{member}</p:grpSp>"
    assert slide(group).shapes["a"].box == (102.0, 206.0, 6.0, 12.0)
    plain = f"<p:grpSp><p:grpSpPr/>{member}</p:grpSp>"
    assert slide(plain).shapes["a"].box == (1.0, 2.0, 3.0, 4.0)


def test_a_shape_in_groups_of_absurd_sizes_has_no_place() -> None:
    inner = '<a:chOff x="0" y="0"/><a:chExt cx="1" cy="1"/>'
    group = f"<p:grpSp><p:grpSpPr>{frame(0, 0, 10**6, 10**6, more=inner)}</p:grpSpPr>"
    assert slide(group * 3 + shape(1, "a", frame(1, 2, 3, 4)) + "</p:grpSp>" * 3).shapes["a"].box == (
        0.0,
        0.0,
        0.0,
        0.0,
    )
    assert slide(shape(1, "a")).shapes["a"].box == (0.0, 0.0, 0.0, 0.0)


def test_line_breaks_and_paragraphs_are_lines_of_a_label() -> None:
    text = "<a:p><a:r><a:t>one</a:t></a:r><a:br/><a:fld><a:t>two</a:t></a:fld><a:endParaRPr/></a:p><a:p><a:r/></a:p>"
    assert slide(shape(1, "a", text=text)).shapes["a"].text.split("\n")[:2] == ["one", "two"]


def test_a_file_without_its_slides_is_refused() -> None:
    (page,) = pptx_pages.read(zipped(PARTS))
    assert (page.shapes, page.record) == ({}, None)
    for missing, message in (
        ("ppt/slides/slide1.xml", "one of its slides is missing"),
        ("ppt/_rels/presentation.xml.rels", "it is not a PowerPoint file"),
    ):
        with pytest.raises(BadPictureError, match=message):
            pptx_pages.read(zipped({name: text for name, text in PARTS.items() if name != missing}))


def test_a_record_belongs_to_the_slide_that_has_most_of_its_shapes() -> None:
    """Slides may have been moved, added and deleted."""
    page = slide(shape(1, "a"), shape(2, "b"))
    records = [
        PictureRecord("x.mmd", {}, {}, (), {name: RecordedShape("", (0, 0, 0, 0)) for name in names})
        for names in ("xyz", "ab")
    ]
    pages = pptx_pages._with_records([slide(shape(1, "other")), page], records)
    assert [each.record for each in pages] == [None, records[1]]
