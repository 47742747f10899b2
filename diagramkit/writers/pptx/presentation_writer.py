"""Creates slides from the layouts of a template or of the default one, and fills them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace
from pptx.enum.shapes import PP_PLACEHOLDER
from pptx.oxml import parse_xml
from pptx.oxml.xmlchemy import serialize_for_reading as serialize
from pptx.util import Emu

from diagramkit.drawing import Box, GroupDrawing, NodeDrawing
from diagramkit.markup import escape_text, strip_forbidden
from diagramkit.picture_files import pptx_pages
from diagramkit.picture_files.picture_page import PictureRecord
from diagramkit.picture_files.untrusted import parsed
from diagramkit.writers import picture_origin, png
from diagramkit.writers.pptx import default_template, geometry, layouts, lists
from diagramkit.writers.pptx.deck import (
    Deck,
    DiagramSlide,
    Panel,
    SectionSlide,
    Slide,
    TextList,
    TextSlide,
    Thumbnail,
    TitleSlide,
)
from diagramkit.writers.pptx.geometry import EMU, emu
from diagramkit.writers.pptx.media import Media
from diagramkit.writers.pptx.slide_shapes import NAMESPACES, Shapes
from diagramkit.writers.pptx.texts import shape_properties

_THUMBNAIL_SCALE = 2.5  # Pixels per point of the slide.
_CAPTION_HEIGHT, _CAPTION_SIZE, _CAPTION_GAP = 28.0, 13.0, 10.0  # Below a thumbnail, in points.
_THUMBNAIL_GAP, _CARD_PADDING = 18.0, 12.0
_MAX_THUMBNAIL_SCALE = 1.5
_MAX_THUMBNAILS = 20
_FADED = 0.45  # The opacity of the steps that a slide is not about.
_SPACE_ABOVE_HEADING, _SPACE_ABOVE_ITEM = 0.9, 0.35  # As factors of the text size.


def add_slide(presentation: Any, slide: Slide, media: Media, deck: Deck) -> PictureRecord | None:
    """Add a slide of the deck to the presentation, and return its record if it shows a complete diagram."""
    if isinstance(slide, TitleSlide):
        page = _add_page(presentation, layouts.TITLE, slide.title, slide.subtitle, deck)
        _set_notes(page, slide.notes)
    elif isinstance(slide, SectionSlide):
        page = _add_page(presentation, layouts.SECTION, slide.title, slide.subtitle, deck)
        area = layouts.free_area(presentation, page)
        if area is not None:
            thumbnails = slide.thumbnails[:_MAX_THUMBNAILS]
            _add_thumbnails(page, thumbnails, area, media, is_transparent=deck.template is None)
    elif isinstance(slide, TextSlide):
        page = _add_page(presentation, layouts.TEXT, slide.title, "", deck)
        area = layouts.slide_areas(presentation, panel=False).picture
        _add_lists(page, Panel(slide.lists), area, "Text", deck)
    else:
        page = _add_page(presentation, layouts.DIAGRAM, slide.title, "", deck)
        record = _add_diagram(presentation, page, slide, media, deck)
        _set_notes(page, slide.notes)
        return record
    return None


def _add_page(presentation: Any, layout: tuple[str, str], title: str, subtitle: str, deck: Deck) -> Any:
    """Return a new slide with its title, the line below it and its number."""
    page = presentation.slides.add_slide(layouts.find(presentation, layout))
    for shape in list(page.placeholders):
        kind = shape.placeholder_format.type
        if kind in layouts.TITLES:
            _fill_title(shape, title, deck)
        elif subtitle and kind not in layouts.FOOTERS and shape.has_text_frame and not shape.text_frame.text:
            shape.text_frame.text, subtitle = strip_forbidden(subtitle), ""
    _remove_empty_placeholders(page)
    if layout != layouts.TITLE:
        _add_number(page, deck)
    return page


def _fill_title(shape: Any, title: str, deck: Deck) -> None:
    """Set the title of a slide. A template has its own way to fit it; in the default one, long titles are smaller."""
    text = " ".join(strip_forbidden(title).split())
    shape.text_frame.text = text
    if deck.template is None:
        from pptx.util import Pt

        style = shape._base_placeholder.element.xpath(".//a:lstStyle/a:lvl1pPr/a:defRPr/@sz")
        largest = int(style[0]) / 100
        size = lists.fit_size(text, shape.width / EMU, shape.height / EMU, largest)
        if size < largest:
            shape.text_frame.paragraphs[0].runs[0].font.size = Pt(size)


def _remove_empty_placeholders(page: Any) -> None:
    """Remove the placeholders without text, which would show "Click to add text"."""
    for shape in list(page.placeholders):
        if shape.placeholder_format.type in layouts.FOOTERS or (shape.has_text_frame and shape.text_frame.text):
            continue
        shape.element.getparent().remove(shape.element)


def _add_number(page: Any, deck: Deck) -> None:
    """Add the number of the slide where its layout has a place for it.

    In the default design it has its color on each slide, because LibreOffice shows another than that of the layout.
    """
    color = f"<a:solidFill>{default_template.COLORS['muted']}</a:solidFill>" if deck.template is None else ""
    for shape in page.slide_layout.placeholders:
        if shape.placeholder_format.type == PP_PLACEHOLDER.SLIDE_NUMBER:
            index = shape.placeholder_format.idx
            tree = page.shapes._spTree
            tree.append(
                parse_xml(
                    f"<p:sp {NAMESPACES}><p:nvSpPr>{shape_properties(_next_id(page), 'Slide number')}"
                    '<p:cNvSpPr><a:spLocks noGrp="1"/></p:cNvSpPr><p:nvPr>'
                    f'<p:ph type="sldNum" sz="quarter" idx="{index}"/></p:nvPr></p:nvSpPr><p:spPr/>'
                    '<p:txBody><a:bodyPr/><a:lstStyle/><a:p><a:fld id="{B6F15528-21DE-4FAA-801E-634DDDAF4B2B}" '
                    f'type="slidenum"><a:rPr lang="en-US">{color}</a:rPr><a:t>‹#›</a:t></a:fld></a:p></p:txBody></p:sp>'
                )
            )


def _next_id(page: Any) -> int:
    return max(int(number) for number in page.shapes._spTree.xpath("//p:cNvPr/@id")) + 1


def _set_notes(page: Any, notes: str) -> None:
    if notes:
        page.notes_slide.notes_text_frame.text = strip_forbidden(notes)


# Diagrams


def _add_diagram(presentation: Any, page: Any, slide: DiagramSlide, media: Media, deck: Deck) -> PictureRecord | None:
    areas = layouts.slide_areas(presentation, slide.panel is not None)
    tree = page.shapes._spTree
    first_id, record = _next_id(page), None
    if slide.image is not None:
        drawing = slide.drawing
        placement = geometry.fit(Box(0, 0, drawing.width, drawing.height), areas.picture)
        box = placement.box(Box(0, 0, drawing.width, drawing.height))
        image = media.picture(page, slide.image, None)
        tree.append(parse_xml(_picture(first_id, slide.title, drawing.description, image, box)))
    else:
        theme_colors = dict(deck.theme_colors)
        shapes = Shapes(slide.drawing, areas.picture, page, media, theme_colors, first_id)
        for shape in shapes.all():
            tree.append(parse_xml(shape))
        record = _record(page, slide, shapes)
    if slide.panel is not None and areas.panel is not None:
        _add_lists(page, slide.panel, areas.panel, "Panel", deck)
    return record


def _record(page: Any, slide: DiagramSlide, shapes: Shapes) -> PictureRecord | None:
    """Return what a slide was written from, or None if it does not show a complete diagram."""
    names, drawing = shapes.names, slide.drawing
    items: list[NodeDrawing | GroupDrawing] = [*drawing.nodes, *drawing.groups]
    keys = picture_origin.ShapeKeys(
        {each.id: names.get(f"node {each.id}") or names[f"group {each.id}"] for each in items},
        {each.id: names.get(f"label {each.id}") or names.get(f"title {each.id}", "") for each in items},
        [names[f"edge {number}"] for number in range(len(drawing.edges))],
        {number: names.get(f"edge label {number}", "") for number in range(len(drawing.edges))},
    )
    record = picture_origin.record_of(slide.pattern, drawing, keys) if slide.pattern else None
    return record and record.with_shapes(pptx_pages.read_slide(parsed(serialize(page._element)), "").shapes)


def _picture(number: int, name: str, description: str, image: str, box: Box) -> str:
    """Return the element of a picture that fills a box."""
    return (
        f"<p:pic {NAMESPACES}><p:nvPicPr>{shape_properties(number, name, description)}"
        f'<p:cNvPicPr><a:picLocks noChangeAspect="1"/></p:cNvPicPr><p:nvPr/></p:nvPicPr>{image}'
        f"<p:spPr>{_transform(box)}{geometry.rectangle(box, ())}</p:spPr></p:pic>"
    )


# Thumbnails


def _add_thumbnails(
    page: Any, thumbnails: Sequence[Thumbnail], area: Box, media: Media, *, is_transparent: bool
) -> None:
    """Add a card for each diagram, with its picture and its title, in as many columns as make them largest.

    The pictures are cropped: with their margins, they would be larger than their cards, or even leave the slide.
    """
    tree = page.shapes._spTree
    for thumbnail, cell in zip(thumbnails, _cells(len(thumbnails), area), strict=True):
        drawing = thumbnail.drawing
        inner = cell.grown(-_CARD_PADDING)
        picture_area = Box(inner.x, inner.y, inner.w, inner.h - _CAPTION_HEIGHT)
        page_box = Box(0, 0, drawing.width, drawing.height)
        shown = geometry.overlap(geometry.content(drawing), page_box)
        placement = geometry.fit(shown, picture_area, _MAX_THUMBNAIL_SCALE)
        box = placement.box(shown)
        visible = replace(drawing, background="none") if is_transparent else drawing
        image = png.write(visible, placement.scale * _THUMBNAIL_SCALE)
        picture = media.picture(page, image, None, crop=geometry.crop(shown, page_box))
        tree.append(parse_xml(_card(_next_id(page), cell)))
        tree.append(parse_xml(_picture(_next_id(page), thumbnail.title, drawing.description, picture, box)))
        text = " ".join(strip_forbidden(thumbnail.title).split())
        caption = Box(inner.x, inner.bottom - _CAPTION_HEIGHT + _CAPTION_GAP, inner.w, _CAPTION_HEIGHT - _CAPTION_GAP)
        tree.append(parse_xml(_caption(_next_id(page), text, caption)))


def _cells(count: int, area: Box) -> list[Box]:
    """Return a cell of the area for each of `count` thumbnails, in rows."""

    def size(columns: int) -> tuple[float, float]:
        rows = -(-count // columns)
        return (
            (area.w - (columns - 1) * _THUMBNAIL_GAP) / columns,
            (area.h - (rows - 1) * _THUMBNAIL_GAP) / rows,
        )

    # Diagrams are about 16 by 9.
    columns = max(range(1, count + 1), key=lambda number: min(size(number)[0], size(number)[1] * 16 / 9))
    w, h = size(columns)
    return [
        Box(
            area.x + (number % columns) * (w + _THUMBNAIL_GAP),
            area.y + (number // columns) * (h + _THUMBNAIL_GAP),
            w,
            h,
        )
        for number in range(count)
    ]


def _card(number: int, box: Box) -> str:
    color = '<a:solidFill><a:schemeClr val="tx1"><a:alpha val="20000"/></a:schemeClr></a:solidFill>'
    return (
        f"<p:sp {NAMESPACES}><p:nvSpPr>{shape_properties(number, 'Card')}<p:cNvSpPr/><p:nvPr/></p:nvSpPr>"
        f"<p:spPr>{_transform(box)}{geometry.rectangle(box, ())}<a:noFill/>"
        f'<a:ln w="9525">{color}</a:ln></p:spPr></p:sp>'
    )


def _caption(number: int, text: str, box: Box) -> str:
    attributes = f'sz="{_size(lists.fit_size(text, box.w, box.h, _CAPTION_SIZE))}" b="1"'
    return (
        f'<p:sp {NAMESPACES}><p:nvSpPr>{shape_properties(number, "Caption")}<p:cNvSpPr txBox="1"/><p:nvPr/></p:nvSpPr>'
        f"<p:spPr>{_transform(box)}{geometry.rectangle(box, ())}</p:spPr>"
        '<p:txBody><a:bodyPr wrap="square" lIns="0" rIns="0" tIns="0" bIns="0"><a:noAutofit/></a:bodyPr><a:lstStyle/>'
        f'<a:p><a:pPr algn="ctr"/><a:r><a:rPr lang="en-US" {attributes}/><a:t>{escape_text(text)}</a:t></a:r></a:p>'
        "</p:txBody></p:sp>"
    )


def _transform(box: Box) -> str:
    return f'<a:xfrm><a:off x="{emu(box.x)}" y="{emu(box.y)}"/><a:ext cx="{emu(box.w)}" cy="{emu(box.h)}"/></a:xfrm>'


# Lists


def _add_lists(page: Any, panel: Panel, area: Box, name: str, deck: Deck) -> None:
    """Add a text box with lists, in the largest text that fits."""
    size = lists.list_size(panel.lists, area)
    box = page.shapes.add_textbox(*(Emu(emu(side)) for side in (area.x, area.y, area.w, area.h)))
    box.name = name
    body = box.text_frame._txBody
    for paragraph in list(body.p_lst):
        body.remove(paragraph)
    box.text_frame.word_wrap = True
    for entry in panel.lists:
        for xml in _list_paragraphs(entry, size, panel.current, _heading_color(deck)):
            body.append(parse_xml(xml))


def _heading_color(deck: Deck) -> str:
    """Return the fill of headings: the accent color, dark enough to be read, or that of other text in a template."""
    if deck.template is not None:
        return '<a:solidFill><a:schemeClr val="tx1"/></a:solidFill>'
    shade = "" if deck.background else '<a:lumMod val="75000"/>'
    return f'<a:solidFill><a:schemeClr val="accent1">{shade}</a:schemeClr></a:solidFill>'


def _list_paragraphs(entry: TextList, size: float, current: int | None, heading_color: str) -> list[str]:
    """Return the paragraphs of a list. The item `current` is bold, and the others are faded."""
    properties = f"<a:pPr>{_space(size * _SPACE_ABOVE_HEADING)}</a:pPr>"
    paragraphs = [_paragraph(properties, entry.heading, f'sz="{_size(size + 1)}" b="1"', heading_color)]
    indent = emu(lists.indent(entry, size))
    for position, item in enumerate(entry.items):
        number = entry.numbers[position] if entry.numbers else None
        attributes, color = f'sz="{_size(size)}"', ""
        if current is not None and number == current:
            attributes += ' b="1"'
        elif current is not None:
            opacity = f'<a:alpha val="{round(_FADED * 100_000)}"/>'
            color = f'<a:solidFill><a:schemeClr val="tx1">{opacity}</a:schemeClr></a:solidFill>'
        bullet = '<a:buFont typeface="Arial"/><a:buChar char="•"/>' if number is None else "<a:buNone/>"
        tabs = "" if number is None else f'<a:tabLst><a:tab pos="{indent}" algn="l"/></a:tabLst>'
        properties = (
            f'<a:pPr marL="{indent}" indent="-{indent}">{_space(size * _SPACE_ABOVE_ITEM)}{bullet}{tabs}</a:pPr>'
        )
        text = item if number is None else f"{number}.\t{item}"
        paragraphs.append(_paragraph(properties, text, attributes, color))
    return paragraphs


def _paragraph(properties: str, text: str, attributes: str, color: str) -> str:
    declarations = NAMESPACES.split(" xmlns:p=")[0]
    return (
        f"<a:p {declarations}>{properties}<a:r>"
        f'<a:rPr lang="en-US" {attributes} dirty="0">{color}</a:rPr>'
        f"<a:t>{escape_text(strip_forbidden(text))}</a:t></a:r></a:p>"
    )


def _space(points: float) -> str:
    return f'<a:spcBef><a:spcPts val="{round(points * 100)}"/></a:spcBef>'


def _size(points: float) -> int:
    return round(points * 100)
