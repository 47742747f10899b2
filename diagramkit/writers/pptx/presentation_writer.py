"""Slides from layouts: the template's own, or plain ones, and what is put into their places."""

from __future__ import annotations

import io
import re
from typing import Any

from msgspec import Struct
from pptx import Presentation
from pptx.enum.shapes import PP_PLACEHOLDER
from pptx.opc.constants import RELATIONSHIP_TYPE
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn
from pptx.util import Emu, Pt

from diagramkit.drawing import Box
from diagramkit.markup import strip_forbidden
from diagramkit.writers.pptx import geometry
from diagramkit.writers.pptx.deck import Deck, DiagramSlide, Panel, Slide, TitleSlide
from diagramkit.writers.pptx.geometry import EMU, emu
from diagramkit.writers.pptx.media import Media
from diagramkit.writers.pptx.slide_shapes import SPACES, Shapes
from diagramkit.writers.pptx.texts import named

_TITLES = (PP_PLACEHOLDER.TITLE, PP_PLACEHOLDER.CENTER_TITLE)
_SMALL_PRINT = (PP_PLACEHOLDER.DATE, PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.SLIDE_NUMBER)
_SIDE = 0.03  # The margin of a slide, as a part of its width.
_PANEL = 0.27  # What a panel takes of a slide's width.
_TITLE_SIZE = 26
_TITLE_HEIGHT = 44.0  # Points.
_LARGEST, _SMALLEST = 14.0, 8.0  # Text in a panel, in points.
_LETTER = 0.52  # The width of a letter, as a part of its size.


class SlideAreas(Struct, frozen=True):
    """Where things go on a slide with a picture, in points: the picture, and the panel beside it, if any."""

    picture: Box
    panel: Box | None


def presentation(deck: Deck) -> Any:
    """An empty presentation: of the template, without the slides that it came with, or a plain one."""
    if deck.template is not None:
        made = Presentation(io.BytesIO(deck.template))
        ids = made.slides._sldIdLst
        for entry in list(ids):
            made.part.drop_rel(entry.rId)
            ids.remove(entry)
        return made
    made = Presentation()
    package = made.part.package
    for name, relation in list(package._rels.items()):
        if relation.reltype == RELATIONSHIP_TYPE.THUMBNAIL:
            package.drop_rel(name)
    stretch = deck.width * EMU / made.slide_width
    made.slide_width, made.slide_height = Emu(emu(deck.width)), Emu(emu(deck.height))
    for owner in (made.slide_master, *made.slide_layouts):
        for shape in owner.shapes:
            shape.left, shape.width = (
                Emu(round(shape.left * stretch)),
                Emu(round(shape.width * stretch)),
            )
    _plain_title(made, deck)
    if deck.background is not None:
        _dark(made, deck.background)
    return made


def _plain_title(made: Any, deck: Deck) -> None:
    """A title that leaves the picture room: one line at the upper left."""
    layout = layout_of(made, "titleOnly", "title only")
    title = next(shape for shape in layout.placeholders if shape.placeholder_format.type in _TITLES)
    margin = deck.width * _SIDE
    title.left, title.top = Emu(emu(margin)), Emu(emu(margin / 2))
    title.width, title.height = Emu(emu(deck.width - 2 * margin)), Emu(emu(_TITLE_HEIGHT))
    styles = title.text_frame._txBody.find(qn("a:lstStyle"))
    styles.append(
        parse_xml(f'<a:lvl1pPr {nsdecls("a")} algn="l"><a:defRPr sz="{_TITLE_SIZE * 100}" b="1"/></a:lvl1pPr>')
    )


def _dark(made: Any, background: str) -> None:
    """Light text on a dark ground, on all slides."""
    master = made.slide_master.element
    sheet = master.cSld
    for old in sheet.findall(qn("p:bg")):
        sheet.remove(old)
    fill = f'<a:solidFill><a:srgbClr val="{background[1:]}"/></a:solidFill><a:effectLst/>'
    sheet.insert(0, parse_xml(f"<p:bg {nsdecls('p', 'a')}><p:bgPr>{fill}</p:bgPr></p:bg>"))
    names = master.find(qn("p:clrMap"))
    for ground, text in (("bg1", "tx1"), ("bg2", "tx2")):
        names.set(ground, f"dk{ground[-1]}")
        names.set(text, f"lt{text[-1]}")


def ground_of(made: Any) -> str:
    """The colour that a template's master stands on: what its theme says of `bg1`; white where it says nothing."""
    master = made.slide_master
    name = master.element.find(qn("p:clrMap")).get("bg1", "lt1")
    part = master.part.part_related_by(RELATIONSHIP_TYPE.THEME)
    said = parse_xml(part.blob).find(f".//{qn('a:clrScheme')}/{qn(f'a:{name}')}")
    for colour in said if said is not None else ():
        value = colour.get("lastClr") or colour.get("val", "")
        if re.fullmatch("[0-9A-Fa-f]{6}", value):
            return f"#{value.upper()}"
    return "#FFFFFF"


def slide_areas(made: Any, panel: bool, house: bool) -> SlideAreas:
    """Where a slide of a presentation has room for a picture: below its title, and in a `house`'s layouts above
    its small print."""
    width, height = made.slide_width / EMU, made.slide_height / EMU
    margin = width * _SIDE
    top, bottom = margin, height - margin / 2
    for shape in layout_of(made, "titleOnly", "title only").placeholders:
        kind, upper = shape.placeholder_format.type, shape.top / EMU < height / 2
        if kind in _TITLES and upper:
            top = max(top, (shape.top + shape.height) / EMU + margin / 4)
        elif kind in _SMALL_PRINT and not upper and house:
            bottom = min(bottom, shape.top / EMU)
    room = Box(margin, top, width - 2 * margin, bottom - top)
    if not panel:
        return SlideAreas(room, None)
    beside = width * _PANEL
    return SlideAreas(
        Box(room.x, room.y, room.w - beside - margin, room.h),
        Box(room.right - beside, room.y, beside, room.h),
    )


def add(made: Any, slide: Slide, media: Media, deck: Deck) -> None:
    """Add a slide."""
    if isinstance(slide, TitleSlide):
        _titled(made, slide)
    else:
        _pictured(made, slide, media, deck)


def layout_of(made: Any, kind: str, name: str) -> Any:
    """The layout of a kind (ECMA-376 Part 1, 19.7.15), else of a name, else the first that has a title."""
    layouts = list(made.slide_layouts)
    for layout in layouts:
        if layout.element.get("type") == kind:
            return layout
    for layout in layouts:
        if name in layout.name.lower():
            return layout
    for layout in layouts:
        if any(shape.placeholder_format.type in _TITLES for shape in layout.placeholders):
            return layout
    return layouts[0]


def _titled(made: Any, slide: TitleSlide) -> None:
    kind, name = ("secHead", "section") if slide.section else ("title", "title slide")
    page = made.slides.add_slide(layout_of(made, kind, name))
    if page.shapes.title is not None:
        page.shapes.title.text_frame.text = strip_forbidden(slide.title)
    for shape in list(page.placeholders):
        if shape.placeholder_format.type in _TITLES:
            continue
        if slide.subtitle and shape.has_text_frame and not shape.text_frame.text:
            shape.text_frame.text = strip_forbidden(slide.subtitle)
            break
    _without_empty(page)


def _pictured(made: Any, slide: DiagramSlide, media: Media, deck: Deck) -> None:
    page = made.slides.add_slide(layout_of(made, "titleOnly", "title only"))
    if page.shapes.title is not None:
        page.shapes.title.text_frame.text = strip_forbidden(slide.title)
    _without_empty(page)
    room = slide_areas(made, slide.panel is not None, deck.template is not None)
    tree = page.shapes._spTree
    first = max(int(number) for number in tree.xpath("//p:cNvPr/@id")) + 1
    if slide.flat is not None:
        tree.append(parse_xml(_flat(page, slide, room.picture, media, first)))
    else:
        house = dict(deck.colours)
        shapes = Shapes(slide.drawing, room.picture, page, media, house, first, slide.step)
        for shape in shapes.all():
            tree.append(parse_xml(shape))
    if slide.panel is not None and room.panel is not None:
        _panel(page, slide.panel, room.panel)
    if slide.notes:
        page.notes_slide.notes_text_frame.text = strip_forbidden(slide.notes)


def _without_empty(page: Any) -> None:
    """Take away places that nothing was put into: they would say "Click to add text"."""
    for shape in list(page.placeholders):
        if shape.placeholder_format.type in _SMALL_PRINT or (shape.has_text_frame and shape.text_frame.text):
            continue
        shape.element.getparent().remove(shape.element)


def _flat(page: Any, slide: DiagramSlide, room: Box, media: Media, number: int) -> str:
    """The whole diagram as one picture."""
    assert slide.flat is not None
    drawing = slide.drawing
    scale = min(room.w / drawing.width, room.h / drawing.height)
    w, h = drawing.width * scale, drawing.height * scale
    x, y = room.x + (room.w - w) / 2, room.y + (room.h - h) / 2
    return (
        f"<p:pic {SPACES}><p:nvPicPr>{named(number, slide.title, drawing.description)}"
        '<p:cNvPicPr><a:picLocks noChangeAspect="1"/></p:cNvPicPr><p:nvPr/></p:nvPicPr>'
        f"{media.picture(page, slide.flat, None)}"
        f'<p:spPr><a:xfrm><a:off x="{emu(x)}" y="{emu(y)}"/><a:ext cx="{emu(w)}" cy="{emu(h)}"/></a:xfrm>'
        f"{geometry.rectangle(room, ())}</p:spPr></p:pic>"
    )


def _panel(page: Any, panel: Panel, room: Box) -> None:
    """Lists in a text box, as large as they fit."""
    size = _LARGEST
    while size > _SMALLEST and _height(panel, room.w, size) > room.h:
        size -= 0.5
    box = page.shapes.add_textbox(*(Emu(emu(side)) for side in (room.x, room.y, room.w, room.h)))
    box.name = "Panel"
    frame = box.text_frame
    frame.word_wrap = True
    paragraph = frame.paragraphs[0]
    for heading, items in panel.lists:
        if paragraph.text:
            paragraph = frame.add_paragraph()
            paragraph.space_before = Pt(size)
        paragraph.text = strip_forbidden(heading)
        paragraph.font.bold, paragraph.font.size = True, Pt(size + 1)
        for item in items:
            paragraph = frame.add_paragraph()
            paragraph.text = f"• {strip_forbidden(item)}"
            paragraph.font.size, paragraph.space_before = Pt(size), Pt(size / 3)


def _height(panel: Panel, width: float, size: float) -> float:
    """About how high lists are in a column, in points."""
    letters = max(width / (size * _LETTER), 1)
    lines = sum(1.9 + sum(1.3 + -(-len(item) // letters) for item in items) for _, items in panel.lists)
    return lines * size * 1.2
