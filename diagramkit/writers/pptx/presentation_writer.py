"""Creates slides from the layouts of a template or of python-pptx, and fills their placeholders."""

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
from diagramkit.writers.pptx.slide_shapes import NAMESPACES, Shapes
from diagramkit.writers.pptx.texts import shape_properties

_TITLES = (PP_PLACEHOLDER.TITLE, PP_PLACEHOLDER.CENTER_TITLE)
_FOOTERS = (PP_PLACEHOLDER.DATE, PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.SLIDE_NUMBER)
_MARGIN = 0.03  # As a part of a slide's width.
_PANEL_WIDTH = 0.27  # As a part of a slide's width.
_TITLE_SIZE = 26
_TITLE_HEIGHT = 44.0  # Points.
_MAX_PANEL_TEXT, _MIN_PANEL_TEXT = 14.0, 8.0  # Points.
_CHARACTER_WIDTH = 0.52  # The average, as a factor of the text size.


class SlideAreas(Struct, frozen=True):
    """The areas of a slide with a diagram, in points: for the diagram, and for the panel if there is one."""

    picture: Box
    panel: Box | None


def empty_presentation(deck: Deck) -> Any:
    """Return a presentation without slides: the template of the deck without its own slides, or a plain one."""
    if deck.template is not None:
        presentation = Presentation(io.BytesIO(deck.template))
        ids = presentation.slides._sldIdLst
        for entry in list(ids):
            presentation.part.drop_rel(entry.rId)
            ids.remove(entry)
        return presentation
    presentation = Presentation()
    package = presentation.part.package
    for name, relation in list(package._rels.items()):
        if relation.reltype == RELATIONSHIP_TYPE.THUMBNAIL:
            package.drop_rel(name)
    # The layouts of python-pptx are for 4:3.
    factor = deck.width * EMU / presentation.slide_width
    presentation.slide_width, presentation.slide_height = Emu(emu(deck.width)), Emu(emu(deck.height))
    for owner in (presentation.slide_master, *presentation.slide_layouts):
        for shape in owner.shapes:
            shape.left, shape.width = (
                Emu(round(shape.left * factor)),
                Emu(round(shape.width * factor)),
            )
    _use_compact_title(presentation, deck)
    if deck.background is not None:
        _use_dark_background(presentation, deck.background)
    return presentation


def _use_compact_title(presentation: Any, deck: Deck) -> None:
    """Make the title of slides with diagrams one line at the upper left, to leave space for the diagram."""
    layout = find_layout(presentation, "titleOnly", "title only")
    title = next(shape for shape in layout.placeholders if shape.placeholder_format.type in _TITLES)
    margin = deck.width * _MARGIN
    title.left, title.top = Emu(emu(margin)), Emu(emu(margin / 2))
    title.width, title.height = Emu(emu(deck.width - 2 * margin)), Emu(emu(_TITLE_HEIGHT))
    styles = title.text_frame._txBody.find(qn("a:lstStyle"))
    styles.append(
        parse_xml(f'<a:lvl1pPr {nsdecls("a")} algn="l"><a:defRPr sz="{_TITLE_SIZE * 100}" b="1"/></a:lvl1pPr>')
    )


def _use_dark_background(presentation: Any, background: str) -> None:
    """Give all slides a dark background, and swap the dark and light colors of text and background."""
    master = presentation.slide_master.element
    slide_data = master.cSld
    for element in slide_data.findall(qn("p:bg")):
        slide_data.remove(element)
    fill = f'<a:solidFill><a:srgbClr val="{background[1:]}"/></a:solidFill><a:effectLst/>'
    slide_data.insert(0, parse_xml(f"<p:bg {nsdecls('p', 'a')}><p:bgPr>{fill}</p:bgPr></p:bg>"))
    color_map = master.find(qn("p:clrMap"))
    for background_name, text_name in (("bg1", "tx1"), ("bg2", "tx2")):
        color_map.set(background_name, f"dk{background_name[-1]}")
        color_map.set(text_name, f"lt{text_name[-1]}")


def background_color(presentation: Any) -> str:
    """Return the background color of a template's master: its theme's color `bg1`, or white if there is none."""
    master = presentation.slide_master
    name = master.element.find(qn("p:clrMap")).get("bg1", "lt1")
    part = master.part.part_related_by(RELATIONSHIP_TYPE.THEME)
    element = parse_xml(part.blob).find(f".//{qn('a:clrScheme')}/{qn(f'a:{name}')}")
    for color in element if element is not None else ():
        value = color.get("lastClr") or color.get("val", "")
        if re.fullmatch("[0-9A-Fa-f]{6}", value):
            return f"#{value.upper()}"
    return "#FFFFFF"


def slide_areas(presentation: Any, panel: bool, has_template: bool) -> SlideAreas:
    """Return the areas of a slide below its title, with space for a `panel` if there is one.

    In the layouts of a template, the areas end above the footer.
    """
    width, height = presentation.slide_width / EMU, presentation.slide_height / EMU
    margin = width * _MARGIN
    top, bottom = margin, height - margin / 2
    for shape in find_layout(presentation, "titleOnly", "title only").placeholders:
        kind, in_upper_half = shape.placeholder_format.type, shape.top / EMU < height / 2
        if kind in _TITLES and in_upper_half:
            top = max(top, (shape.top + shape.height) / EMU + margin / 4)
        elif kind in _FOOTERS and not in_upper_half and has_template:
            bottom = min(bottom, shape.top / EMU)
    area = Box(margin, top, width - 2 * margin, bottom - top)
    if not panel:
        return SlideAreas(area, None)
    panel_width = width * _PANEL_WIDTH
    return SlideAreas(
        Box(area.x, area.y, area.w - panel_width - margin, area.h),
        Box(area.right - panel_width, area.y, panel_width, area.h),
    )


def add_slide(presentation: Any, slide: Slide, media: Media, deck: Deck) -> None:
    """Add a slide of the deck to the presentation."""
    if isinstance(slide, TitleSlide):
        _add_title_slide(presentation, slide)
    else:
        _add_diagram_slide(presentation, slide, media, deck)


def find_layout(presentation: Any, kind: str, name: str) -> Any:
    """Return the best layout for a purpose.

    This is the first layout of the type `kind` (ECMA-376 Part 1, 19.7.15), else the first with `name` in its
    name, else the first with a title, else the first.
    """
    layouts = list(presentation.slide_layouts)
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


def _add_title_slide(presentation: Any, slide: TitleSlide) -> None:
    kind, name = ("secHead", "section") if slide.section else ("title", "title slide")
    page = presentation.slides.add_slide(find_layout(presentation, kind, name))
    if page.shapes.title is not None:
        page.shapes.title.text_frame.text = strip_forbidden(slide.title)
    for shape in list(page.placeholders):
        if shape.placeholder_format.type in _TITLES:
            continue
        if slide.subtitle and shape.has_text_frame and not shape.text_frame.text:
            shape.text_frame.text = strip_forbidden(slide.subtitle)
            break
    _remove_empty_placeholders(page)


def _add_diagram_slide(presentation: Any, slide: DiagramSlide, media: Media, deck: Deck) -> None:
    page = presentation.slides.add_slide(find_layout(presentation, "titleOnly", "title only"))
    if page.shapes.title is not None:
        page.shapes.title.text_frame.text = strip_forbidden(slide.title)
    _remove_empty_placeholders(page)
    areas = slide_areas(presentation, slide.panel is not None, deck.template is not None)
    tree = page.shapes._spTree
    first_id = max(int(number) for number in tree.xpath("//p:cNvPr/@id")) + 1
    if slide.image is not None:
        tree.append(parse_xml(_image(page, slide, areas.picture, media, first_id)))
    else:
        theme_colors = dict(deck.theme_colors)
        shapes = Shapes(slide.drawing, areas.picture, page, media, theme_colors, first_id, slide.step)
        for shape in shapes.all():
            tree.append(parse_xml(shape))
    if slide.panel is not None and areas.panel is not None:
        _add_panel(page, slide.panel, areas.panel)
    if slide.notes:
        page.notes_slide.notes_text_frame.text = strip_forbidden(slide.notes)


def _remove_empty_placeholders(page: Any) -> None:
    """Remove the placeholders without text, which would show "Click to add text"."""
    for shape in list(page.placeholders):
        if shape.placeholder_format.type in _FOOTERS or (shape.has_text_frame and shape.text_frame.text):
            continue
        shape.element.getparent().remove(shape.element)


def _image(page: Any, slide: DiagramSlide, area: Box, media: Media, number: int) -> str:
    """Return the picture element that shows the slide's diagram as one image."""
    assert slide.image is not None
    drawing = slide.drawing
    placed = geometry.fit(drawing.width, drawing.height, area).box(Box(0, 0, drawing.width, drawing.height))
    x, y, w, h = placed.x, placed.y, placed.w, placed.h
    return (
        f"<p:pic {NAMESPACES}><p:nvPicPr>{shape_properties(number, slide.title, drawing.description)}"
        '<p:cNvPicPr><a:picLocks noChangeAspect="1"/></p:cNvPicPr><p:nvPr/></p:nvPicPr>'
        f"{media.picture(page, slide.image, None)}"
        f'<p:spPr><a:xfrm><a:off x="{emu(x)}" y="{emu(y)}"/><a:ext cx="{emu(w)}" cy="{emu(h)}"/></a:xfrm>'
        f"{geometry.rectangle(area, ())}</p:spPr></p:pic>"
    )


def _add_panel(page: Any, panel: Panel, area: Box) -> None:
    """Add a text box with the lists, in the largest text that fits."""
    size = _MAX_PANEL_TEXT
    while size > _MIN_PANEL_TEXT and _estimated_height(panel, area.w, size) > area.h:
        size -= 0.5
    box = page.shapes.add_textbox(*(Emu(emu(side)) for side in (area.x, area.y, area.w, area.h)))
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


def _estimated_height(panel: Panel, width: float, size: float) -> float:
    """Return the approximate height of the lists in points, at a text size and in a column of `width`."""
    characters = max(width / (size * _CHARACTER_WIDTH), 1)
    lines = sum(1.9 + sum(1.3 + -(-len(item) // characters) for item in items) for _, items in panel.lists)
    return lines * size * 1.2
