"""Writes a drawing as PDF: the shapes and text of its SVG as vectors, with a subset of the font embedded.

The page has the size of the drawing, in points. This needs the extra `pdf` (fpdf2).
"""

from __future__ import annotations

import base64
import io
import logging
import re
from datetime import UTC, datetime
from importlib.util import find_spec
from typing import Any
from xml.etree import ElementTree

from diagramkit.drawing import Box, Drawing, NodeDrawing, bounds
from diagramkit.icons import artwork, pixels
from diagramkit.icons.packs.clean import Vector
from diagramkit.markup import safe_link
from diagramkit.writers import svg
from diagramkit.writers.svg_paths import number

_SVG = "{http://www.w3.org/2000/svg}"
_HREF = "{http://www.w3.org/1999/xlink}href"
_CREATION_DATE = datetime(2000, 1, 1, tzinfo=UTC)  # Constant, so that equal drawings give equal bytes.
_FAMILY = "picture"
_UNSUPPORTED_TAGS = frozenset({"mask", "filter", "pattern", "clipPath"})  # fpdf2 ignores them or draws them wrong.


def available() -> bool:
    """Return whether the extra `pdf` is installed."""
    return find_spec("fpdf") is not None


def write(drawing: Drawing) -> bytes:
    """Return the drawing as a PDF of one page. The bytes are the same each time."""
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
    page.add_font(_FAMILY, "", drawing.face.file)
    page.set_text_shaping(use_shaping_engine=True, features={"kern": True, "liga": False})
    root = ElementTree.fromstring(svg.write_for_pdf(drawing))  # noqa: S314 - our own
    icons = {f"#{symbol.get('id')}": _icon(symbol) for symbol in root.iter(f"{_SVG}symbol")}
    for element in root:
        if element.tag != f"{_SVG}defs":
            _draw(page, element, icons)
    for node in drawing.nodes:
        if link := safe_link(node.link):
            bounds = _bounds(node)
            page.link(bounds.x, bounds.y, bounds.w, bounds.h, link)
    return bytes(page.output())


def _icon(symbol: ElementTree.Element) -> bytes:
    """Return an icon as SVG, or as PNG if it is a PNG or has elements that fpdf2 does not support."""
    image = symbol.find(f"{_SVG}image")
    if image is not None:
        return base64.b64decode(image.get(_HREF, "").partition(",")[2])
    left, top, w, h = (float(side) for side in symbol.get("viewBox", "0 0 1 1").split())
    vector = Vector((left, top, w, h), "".join(ElementTree.tostring(part, "unicode") for part in symbol))
    if any(part.tag.removeprefix(_SVG) in _UNSUPPORTED_TAGS for part in symbol.iter()):
        buffer = io.BytesIO()
        pixels.rasterize(vector, artwork.MAX_PIXELS).save(buffer, "PNG")
        return buffer.getvalue()
    return vector.text().encode("utf-8")


def _bounds(node: NodeDrawing) -> Box:
    """Return the area of a node that links to its target: the icon or shape, and the label."""
    return bounds([node.solid, *(text.box for text in node.texts)])


def _draw(page: Any, element: ElementTree.Element, icons: dict[str, bytes]) -> None:
    """Draw an element of the SVG with its children."""
    tag = element.tag.removeprefix(_SVG)
    if tag in ("g", "a"):
        for inner in element:
            _draw(page, inner, icons)
    elif tag == "use":
        x, y, w, h = (float(element.get(name, 0)) for name in ("x", "y", "width", "height"))
        icon = io.BytesIO(icons[element.get(_HREF, "")])
        page.image(icon, x, y, w, h, keep_aspect_ratio=True)
    elif tag == "text":
        _draw_text(page, element)
    elif tag in ("rect", "path", "circle"):
        _draw_shape(page, element, tag)


def _draw_text(page: Any, element: ElementTree.Element) -> None:
    page.set_font(_FAMILY, "", float(element.get("font-size", 12)))
    page.set_text_color(element.get("fill", "#000000"))
    x, y = float(element.get("x", 0)), float(element.get("y", 0))
    if element.text:
        page.text(x, y, element.text)
    for span in element:  # Runs of a line with characters in no font: drawn as the font's missing glyph.
        page.text(float(span.get("x", x)), y, span.text or "")


def _draw_shape(page: Any, element: ElementTree.Element, tag: str) -> None:
    from fpdf.drawing import PaintedPath, Transform
    from fpdf.svg import svg_path_converter

    path = PaintedPath()
    svg_path_converter(path, _path_data(element, tag))
    style, fill, stroke = path.style, element.get("fill"), element.get("stroke")
    style.fill_color = fill if fill not in (None, "none") else None
    style.stroke_color = stroke if stroke not in (None, "none") else None
    style.fill_opacity = float(element.get("fill-opacity", 1))
    style.stroke_width = float(element.get("stroke-width", 1))
    style.stroke_cap_style = element.get("stroke-linecap", "butt")
    style.stroke_join_style = element.get("stroke-linejoin", "miter")
    dash = [float(part) for part in element.get("stroke-dasharray", "").split()]
    style.stroke_dash_pattern = dash or None
    style.auto_close = False
    style.paint_rule = _paint_rule(style.fill_color is not None, style.stroke_color is not None)
    if transform := element.get("transform"):  # Always "translate(x y) scale(s)", as `svg` writes it.
        dx, dy, scale = (float(value) for value in re.findall(r"-?[\d.]+", transform))
        path.transform = Transform.scaling(scale, scale).translate(dx, dy)
    page.draw_path(path)


def _paint_rule(fill: bool, stroke: bool) -> str:
    if fill and stroke:
        return "stroke_fill_nonzero"
    return "fill_nonzero" if fill else "stroke" if stroke else "dont_paint"


def _path_data(element: ElementTree.Element, tag: str) -> str:
    """Return the outline of a shape as SVG path data."""
    if tag == "path":
        return element.get("d", "")
    if tag == "circle":
        cx, cy, r = (float(element.get(name, 0)) for name in ("cx", "cy", "r"))
        n = number
        arc = f"A{n(r)} {n(r)} 0 1 1"
        return f"M{n(cx - r)} {n(cy)}{arc} {n(cx + r)} {n(cy)}{arc} {n(cx - r)} {n(cy)}Z"
    x, y, w, h = (float(element.get(name, 0)) for name in ("x", "y", "width", "height"))
    return f"M{number(x)} {number(y)}h{number(w)}v{number(h)}h{number(-w)}Z"
