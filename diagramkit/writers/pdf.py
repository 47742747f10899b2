"""Writes a drawing as PDF: its display list as vectors, with a subset of the font embedded.

The page has the size of the drawing, in points. This needs the extra `pdf` (fpdf2).
"""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

from msgspec import Struct

from diagramkit.drawing import Box, Drawing, TextSpan, bounds
from diagramkit.icons import artwork, pixels
from diagramkit.icons.artwork import Artwork
from diagramkit.icons.icon import Icon
from diagramkit.markup import safe_link, strip_forbidden
from diagramkit.style import colors
from diagramkit.style.font import Face
from diagramkit.writers.display_list import (
    CircleItem,
    IconItem,
    Item,
    PathItem,
    Pen,
    RectangleItem,
    display_list,
    icon_pixels,
)
from diagramkit.writers.svg_paths import circle, hundredths, rectangle
from diagramkit.writers.text_rendering import (
    TextRenderer,
    baseline_of,
    color_of,
    decorations,
    fallback_fonts,
    texts_by_face,
)

_SVG = "{http://www.w3.org/2000/svg}"
_CREATION_DATE = datetime(2000, 1, 1, tzinfo=UTC)  # Constant, so that equal drawings give equal bytes.
_UNSUPPORTED_TAGS = frozenset({"mask", "filter", "pattern", "clipPath"})  # fpdf2 ignores them or draws them wrong.
_PAGE_LINK = "#"  # What a link to a place within a web page begins with.
_BLEED = 4.0  # Of the background beyond the page, in points.


def write(drawing: Drawing) -> bytes:
    """Return the drawing as a PDF of one page. The bytes are the same each time.

    Lines with characters that the drawing's font lacks are outlines, in fonts of this machine.
    """
    from fpdf import FPDF

    # fpdf2 would log missing glyphs to standard error; diagramkit reports them as diagnostics.
    logging.getLogger("fpdf").setLevel(logging.ERROR)
    page = FPDF(unit="pt", format=(drawing.width, drawing.height))
    page.set_auto_page_break(False)
    page.set_margin(0)
    page.c_margin = 0
    page.set_creation_date(_CREATION_DATE)
    page.set_title(drawing.title)
    page.set_subject(drawing.description)
    page.set_producer("diagramkit")
    page.set_lang("en")
    page.add_page()
    for face in texts_by_face(drawing):
        page.add_font(_family(face), _font_style(face), face.file)
    page.set_text_shaping(use_shaping_engine=True, features={"kern": True, "liga": False})
    icons = {icon: _icon(artwork.load(icon, size)) for icon, size in icon_pixels(drawing).items()}
    painter = _Painter(page, TextRenderer(drawing.face, fallback_fonts(drawing)), icons)
    if drawing.background != "none":
        painter.draw(RectangleItem(Box(0, 0, drawing.width + _BLEED, drawing.height + _BLEED), drawing.background))
    for element in display_list(drawing):
        for item in element.items:
            painter.draw(item)
    for area, link in _links(drawing):
        if not link.startswith(_PAGE_LINK):
            page.link(area.x, area.y, area.w, area.h, link)
    return bytes(page.output())


def page_links(drawing: Drawing) -> list[str]:
    """Return the links to places within a web page, which mean nothing in a PDF and are left out, each once."""
    return list(dict.fromkeys(link for _, link in _links(drawing) if link.startswith(_PAGE_LINK)))


def _links(drawing: Drawing) -> Iterator[tuple[Box, str]]:
    """Yield the links with their areas; those of nodes are above those of the groups around them."""
    areas = [(group.heading, group.link) for group in drawing.groups]
    areas += [(bounds([node.solid, *(text.box for text in node.texts)]), node.link) for node in drawing.nodes]
    for area, address in areas:
        if area and (link := safe_link(address)):
            yield area, link


def _icon(image: Artwork) -> bytes:
    """Return an icon as SVG, or as PNG if it is a PNG or has elements that fpdf2 does not support."""
    if image.vector is None:
        return image.png
    text = image.vector.text()
    root = ElementTree.fromstring(text)  # noqa: S314 - cleaned
    if any(part.tag.removeprefix(_SVG) in _UNSUPPORTED_TAGS for part in root.iter()):
        buffer = io.BytesIO()
        pixels.rasterize(image.vector, artwork.MAX_PIXELS).save(buffer, "PNG")
        return buffer.getvalue()
    return text.encode("utf-8")


class _Painter(Struct, frozen=True):
    """Draws items on a page of fpdf2. `icons` are files as SVG or PNG."""

    page: Any
    text_renderer: TextRenderer
    icons: Mapping[Icon, bytes]

    def draw(self, item: Item) -> None:
        """Draw an item above those that were drawn before."""
        match item:
            case TextSpan():
                self._draw_text(item)
            case IconItem():
                box, icon = item.box, io.BytesIO(self.icons[item.icon])
                with self.page.local_context(fill_opacity=item.opacity) if item.opacity < 1 else nullcontext():
                    self.page.image(icon, box.x, box.y, box.w, box.h, keep_aspect_ratio=True)
            case _:
                self._draw_shape(item)

    def _draw_text(self, text: TextSpan) -> None:
        face = self.text_renderer.face
        if not face.covers(text.text) and (paths := self.text_renderer.paths(text)) is not None:
            for path, color in paths:
                self._draw_shape(PathItem(path, color))
            return
        for run in self.text_renderer.runs(text):  # Characters in no font are drawn as the font's missing glyph.
            color, opacity = colors.split(color_of(text, run))
            if color == colors.NONE:
                continue
            styled = face.styled(run.style)
            self.page.set_font(_family(styled), _font_style(styled), hundredths(run.style.points(text.size)))
            self.page.set_text_color(color)
            with self.page.local_context(fill_opacity=opacity) if opacity < 1 else nullcontext():
                x, y = hundredths(text.box.x + run.x), hundredths(baseline_of(text, run))
                self.page.text(x, y, strip_forbidden(run.text))
            for box in decorations(text, run):
                self._draw_shape(RectangleItem(box, color_of(text, run)))

    def _draw_shape(self, item: RectangleItem | PathItem | CircleItem) -> None:
        from fpdf.drawing import PaintedPath, Transform
        from fpdf.svg import svg_path_converter

        path, pen = PaintedPath(), item.pen or Pen("none", 1.0)
        svg_path_converter(path, _path_data(item))
        style = path.style
        (fill, fill_opacity), (stroke, stroke_opacity) = map(colors.split, (item.fill or "none", pen.color))
        style.fill_color, style.stroke_color = (None if color == "none" else color for color in (fill, stroke))
        style.fill_opacity = fill_opacity or 1.0
        if 0 < stroke_opacity < 1:
            style.stroke_opacity = stroke_opacity
        style.stroke_width = pen.width
        style.stroke_cap_style, style.stroke_join_style = pen.cap or "butt", pen.join or "miter"
        style.stroke_dash_pattern = list(pen.dash) or None
        style.auto_close = False
        if isinstance(item, PathItem) and item.placement:
            dx, dy, scale = item.placement
            path.transform = Transform.scaling(scale, scale).translate(dx, dy)
        self.page.draw_path(path)


def _family(face: Face) -> str:
    """Return the name of a font's family in fpdf2, which is not that of one of its own fonts."""
    return "code" if face.monospace else "picture"


def _font_style(face: Face) -> str:
    """Return the letters of bold and italic in fpdf2."""
    return "B" * face.bold + "I" * face.italic


def _path_data(item: RectangleItem | PathItem | CircleItem) -> str:
    """Return the outline of a shape as SVG path data."""
    match item:
        case PathItem():
            return item.data
        case CircleItem():
            return circle(item.center, item.radius)
        case RectangleItem():
            return rectangle(item.box)
