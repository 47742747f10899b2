"""Writes a drawing as SVG 1.1: a single file with icons and font embedded, without scripts or external references.

One point of the drawing is one unit of the viewBox. The elements are those of the display list.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from msgspec import Struct, field

from diagramkit import timing
from diagramkit.drawing import Box, Drawing, TextSpan
from diagramkit.icons import artwork
from diagramkit.icons.attribution import CREDIT
from diagramkit.icons.icon import Icon
from diagramkit.markup import escape_text, quote_attribute, safe_link
from diagramkit.style import installed_fonts
from diagramkit.style.font import Face, Run
from diagramkit.style.shaping import Font
from diagramkit.writers.color_attributes import ColorAttributes
from diagramkit.writers.display_list import (
    CircleItem,
    Element,
    IconItem,
    Item,
    PathItem,
    Pen,
    RectangleItem,
    display_list,
    icon_pixels,
)
from diagramkit.writers.svg_paths import number
from diagramkit.writers.text_rendering import TextRenderer, baseline_of, fallback_fonts, texts_by_face

_FALLBACK_FAMILIES = "'Helvetica Neue',Arial,sans-serif"
_BLEED = 4.0
_ID_ATTRIBUTES = {"group": ("data-id",), "node": ("data-id",), "edge": ("data-from", "data-to")}


@timing.step("draw")
def write(drawing: Drawing, outlines: bool = False, elements: Sequence[Element] | None = None) -> str:
    """Return the drawing as an SVG document, with the font embedded as WOFF2 or with text as `outlines`.

    `elements` are its display list, if the caller has it.
    """
    elements = display_list(drawing) if elements is None else elements
    if outlines:
        return _Document(drawing, elements, TextRenderer(drawing.face, fallback_fonts(drawing)), outlines).text(1, "")
    rules = "".join(_font_rule(face, text) for face, text in texts_by_face(drawing).items())
    return _Document(drawing, elements, TextRenderer(drawing.face)).text(1, rules)


def write_without_font(drawing: Drawing, elements: Sequence[Element]) -> str:
    """Return the drawing as an SVG document for a page that has its font. `elements` are its display list."""
    return _Document(drawing, elements, TextRenderer(drawing.face)).text(1, "")


def write_for_raster(drawing: Drawing, scale: float, fonts: Mapping[str, Font]) -> str:
    """Return the same picture for resvg, at `scale` pixels per point and without an embedded font.

    `fonts` are fonts of this machine for characters that the drawing's font lacks.
    """
    return _Document(drawing, display_list(drawing), TextRenderer(drawing.face, fonts)).text(scale, "")


class _Document(Struct, frozen=True):
    drawing: Drawing
    elements: Sequence[Element]
    text_renderer: TextRenderer
    outlines: bool = False
    colors: ColorAttributes = field(default_factory=ColorAttributes)

    def text(self, scale: float, face: str) -> str:
        """Return the document at `scale` pixels per point, with the CSS rule `face` for its font."""
        drawing, fill = self.drawing, self.colors(fill=self.drawing.background)
        elements = [self._element(element) for element in self.elements]
        style = (
            f"{face}text{{font-family:'{drawing.face.family}',{_FALLBACK_FAMILIES};"
            f"font-variant-ligatures:none}}{self.colors.sheet()}"
        )
        symbols = "".join(_symbol(icon, pixels) for icon, pixels in icon_pixels(drawing, scale).items())
        width, height = drawing.width, drawing.height
        lines = [
            (
                '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
                f'viewBox="0 0 {number(width)} {number(height)}" width="{number(width * scale)}" '
                f'height="{number(height * scale)}" role="{self._role()}" aria-labelledby="title desc">'
            ),
            f'<title id="title">{escape_text(drawing.title)}</title>',
            f'<desc id="desc">{escape_text(drawing.description)}</desc>',
            *_credit(drawing),
            f"<defs><style>{style}</style>{symbols}</defs>",
        ]
        if drawing.background != "none":
            # In a PNG, the last row and column of pixels may lie only partly in the picture: the background bleeds.
            bleed = 0.0 if face else _BLEED
            lines.append(f'<rect width="{number(width + bleed)}" height="{number(height + bleed)}"{fill}/>')
        return "\n".join([*lines, *elements, "</svg>\n"])

    def _role(self) -> str:
        """Return the role of the picture. To screen readers, an image is one thing that contains no links."""
        return "group" if any(safe_link(element.link) for element in self.elements) else "img"

    def _element(self, element: Element) -> str:
        items = "".join(map(self._item, element.items))
        if element.kind in ("casing", "label", "note"):
            return items
        names = _ID_ATTRIBUTES.get(element.kind, ())
        ids = "".join(f" {name}={quote_attribute(value)}" for name, value in zip(names, element.ids, strict=True))
        title = "" if element.tooltip is None else f"<title>{escape_text(element.tooltip)}</title>"
        classes = quote_attribute(" ".join((element.kind, *element.classes)))
        text = f"<g class={classes}{ids}>{title}{items}</g>"
        if element.link and (link := safe_link(element.link)):
            target = f" target={quote_attribute(element.target)}" if element.target else ""
            return (
                f"<a xlink:href={quote_attribute(link)}{target} aria-label={quote_attribute(element.name)}>{text}</a>"
            )
        return text

    def _item(self, item: Item) -> str:
        match item:
            case TextSpan():
                return self._line(item)
            case PathItem():
                transform = "" if item.placement is None else _transform(*map(number, item.placement))
                return f'<path d="{item.data}"{self._paint(item.fill, item.pen)}{transform}/>'
            case RectangleItem():
                return f"<rect {_box(item.box)}{self._paint(item.fill, item.pen)}/>"
            case CircleItem():
                center = f'cx="{number(item.center[0])}" cy="{number(item.center[1])}"'
                return f'<circle {center} r="{number(item.radius)}"{self._paint(item.fill, item.pen)}/>'
            case IconItem():
                opacity = "" if item.opacity == 1 else f' opacity="{number(item.opacity)}"'
                return f'<use xlink:href="#{item.icon.id}" {_box(item.box)}{opacity}/>'

    def _paint(self, fill: str | None, pen: Pen | None) -> str:
        """Return the attributes of a shape's fill and stroke."""
        if pen is None:
            return self.colors(fill=fill)
        dash = f' stroke-dasharray="{" ".join(map(number, pen.dash))}"' if pen.dash else ""
        cap = f' stroke-linecap="{pen.cap}"' if pen.cap else ""
        join = f' stroke-linejoin="{pen.join}"' if pen.join else ""
        colors = self.colors(fill=fill, stroke=pen.color)
        return f'{colors} stroke-width="{number(pen.width)}"{dash}{cap}{join}'

    def _line(self, text: TextSpan) -> str:
        """Return a line of text as a text element or, if requested and possible, as outlines."""
        if self.outlines and (paths := self.text_renderer.paths(text)) is not None:
            return "".join(f'<path d="{path}"{self.colors(fill=color)}/>' for path, color in paths)
        if not text.parts and self.text_renderer.face.covers(text.text):
            content = escape_text(text.text)
        else:
            content = "".join(self._run(text, run) for run in self.text_renderer.runs(text))
        return (
            f'<text x="{number(text.box.x)}" y="{number(text.baseline)}" '
            f'font-size="{number(text.size)}"{self.colors(fill=text.color)}>{content}</text>'
        )

    def _run(self, text: TextSpan, run: Run) -> str:
        """Return a run at its position; a fallback run is centered, because its width is an estimate."""
        style = self._text_style(text, run)
        if not run.fallback:
            return f'<tspan x="{number(text.box.x + run.x)}"{style}>{escape_text(run.text)}</tspan>'
        middle = number(text.box.x + run.x + run.width / 2)
        fonts = self.text_renderer.fonts
        installed = dict.fromkeys(fonts[char].family for char in run.text if char in fonts)
        families = ",".join([*(f"'{name}'" for name in installed or installed_fonts.FAMILIES), "sans-serif"])
        return (
            f'<tspan x="{middle}" text-anchor="middle" font-family="{families}"{style}>{escape_text(run.text)}</tspan>'
        )

    def _text_style(self, text: TextSpan, run: Run) -> str:
        """Return the attributes for what distinguishes a run from its line."""
        style = run.style
        lines = " ".join(["underline"] * style.underline + ["line-through"] * style.strikethrough)
        face = self.text_renderer.face
        has_letters = face.is_bundled or run.fallback or style.monospace
        attributes = {
            "font-family": f"'{face.styled(style).family}',monospace" if style.monospace and not run.fallback else "",
            # After characters of no font, some viewers (resvg) forget the y of the line.
            "y": "" if not style.rise and face.covers(text.text) else number(baseline_of(text, run)),
            "font-size": number(style.points(text.size)) if style.scale != 1 else "",
            "font-weight": "bold" if style.bold and has_letters else "",
            "font-style": "italic" if style.italic and has_letters else "",
            "text-decoration": lines,
        }
        written = "".join(f' {name}="{value}"' for name, value in attributes.items() if value)
        return written + (self.colors(fill=style.color) if style.color and text.color != "none" else "")


def _font_rule(face: Face, text: str) -> str:
    """Return the CSS rule that embeds a font for `text`."""
    data = base64.b64encode(face.subset(text, "woff2")).decode("ascii")
    descriptors = "font-weight:bold;" * face.bold + "font-style:italic;" * face.italic
    source = f"src:url(data:font/woff2;base64,{data}) format('woff2')"
    return f"@font-face{{font-family:'{face.family}';{descriptors}{source}}}"


def _credit(drawing: Drawing) -> Iterator[str]:
    """Yield the attribution of the AWS icons, if the drawing has any."""
    references = [node.icon.reference for node in drawing.nodes if node.icon]
    if any(reference.startswith("aws") for reference in references):
        yield f"<metadata>{escape_text(CREDIT)}</metadata>"


@lru_cache(maxsize=256)
def _symbol(icon: Icon, pixels: int) -> str:
    """Return the symbol of an icon, with at most `pixels` per side; an icon that has fewer is not scaled up."""
    image = artwork.load(icon, pixels)
    if image.vector:
        view_box = " ".join(map(number, image.vector.box))
        return f'<symbol id="{icon.id}" viewBox="{view_box}">{image.vector.body}</symbol>'
    data = base64.b64encode(image.png).decode("ascii")
    content = f'<image width="{image.w}" height="{image.h}" xlink:href="data:image/png;base64,{data}"/>'
    return f'<symbol id="{icon.id}" viewBox="0 0 {image.w} {image.h}">{content}</symbol>'


def _box(box: Box) -> str:
    return f'x="{number(box.x)}" y="{number(box.y)}" width="{number(box.w)}" height="{number(box.h)}"'


def _transform(x: str, y: str, scale: str) -> str:
    return f' transform="translate({x} {y}) scale({scale})"'
