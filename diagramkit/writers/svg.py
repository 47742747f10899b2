"""Writes a drawing as SVG 1.1: a single file with icons and font embedded, without scripts or external references.

One point of the drawing is one unit of the viewBox.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Iterator, Mapping
from functools import lru_cache

from msgspec import Struct, field

from diagramkit import timing
from diagramkit.drawing import (
    Badge,
    Box,
    Drawing,
    EdgeDrawing,
    GroupDrawing,
    Hop,
    NodeDrawing,
    Point,
    Swatch,
    TextSpan,
)
from diagramkit.graph import Head
from diagramkit.icons import artwork
from diagramkit.icons.attribution import CREDIT
from diagramkit.icons.icon import Icon
from diagramkit.markup import escape_text, quote_attribute, safe_link
from diagramkit.style import theme
from diagramkit.style.system import SystemFont
from diagramkit.writers.color_attributes import ColorAttributes
from diagramkit.writers.svg_paths import number, outline, polygon, rounded
from diagramkit.writers.text_rendering import NoText, TextRenderer

_FALLBACK_FAMILIES = "'Helvetica Neue',Arial,sans-serif"
_MAX_PLAIN_WIDTH = 2.0  # Points; wider lines have larger arrowheads.
_THICK_FACTOR = 2.2
_DOTS = (3.0, 4.0)
_PLATE_RADIUS = 6.0
_BLEED = 4.0
_MIN_ICON_SCALE = 3.0  # Pixels of an embedded icon per point, for high-density screens.


class SvgParts(Struct, frozen=True):
    """A complete SVG document, and its elements without header, definitions and background."""

    document: str
    elements: str


def write(drawing: Drawing, outlines: bool = False) -> str:
    """Return the drawing as an SVG document, with the font embedded as WOFF2 or with text as `outlines`."""
    return svg_parts(drawing, outlines).document


@timing.step("draw")
def svg_parts(drawing: Drawing, outlines: bool = False) -> SvgParts:
    """Return the same document as `write`, with the elements that the rasterizer can draw."""
    if outlines:
        fonts = _system_fonts(drawing)
        return _Document(drawing, TextRenderer(drawing.face, fonts, "all")).parts(1, "")
    text = "".join(line.text for line in drawing.texts())
    data = base64.b64encode(drawing.face.subset(text).woff2).decode("ascii")
    face = f"@font-face{{font-family:'{drawing.face.family}';src:url(data:font/woff2;base64,{data}) format('woff2')}}"
    return _Document(drawing, TextRenderer(drawing.face)).parts(1, face)


def write_for_raster(drawing: Drawing, scale: float, fonts: Mapping[str, SystemFont]) -> str:
    """Return the same picture for resvg, at `scale` pixels per point and without an embedded font.

    `fonts` are fonts of this machine for characters that the drawing's font lacks.
    """
    return _Document(drawing, TextRenderer(drawing.face, fonts)).parts(scale, "").document


def write_for_pdf(drawing: Drawing) -> str:
    """Return the same picture for PDF, without an embedded font.

    Lines with characters that the drawing's font lacks are outlines, in fonts of this machine.
    """
    fonts = _system_fonts(drawing)
    return _Document(drawing, TextRenderer(drawing.face, fonts, "fallback")).parts(1, "").document


def shape_elements(drawing: Drawing) -> str:
    """Return the SVG elements of the picture without its background and texts."""
    return _Document(drawing, NoText(drawing.face)).elements()


def _system_fonts(drawing: Drawing) -> dict[str, SystemFont]:
    from diagramkit.style import system

    return system.fonts_for(drawing.face.missing("".join(line.text for line in drawing.texts())))


class _Document(Struct, frozen=True):
    drawing: Drawing
    text_renderer: TextRenderer
    colors: ColorAttributes = field(default_factory=ColorAttributes)

    def parts(self, scale: float, face: str) -> SvgParts:
        """Return the document at `scale` pixels per point, with the CSS rule `face` for its font."""
        drawing, fill = self.drawing, self.colors(fill=self.drawing.background)
        elements = self.elements()
        style = (
            f"{face}text{{font-family:'{drawing.face.family}',{_FALLBACK_FAMILIES};"
            f"font-variant-ligatures:none}}{self.colors.sheet()}"
        )
        parts = [
            (
                '<svg xmlns="http://www.w3.org/2000/svg" '
                'xmlns:xlink="http://www.w3.org/1999/xlink" '
                f'viewBox="0 0 {number(drawing.width)} {number(drawing.height)}" '
                f'width="{number(drawing.width * scale)}" '
                f'height="{number(drawing.height * scale)}" role="img" '
                'aria-labelledby="title desc">'
            ),
            f'<title id="title">{escape_text(drawing.title)}</title>',
            f'<desc id="desc">{escape_text(drawing.description)}</desc>',
            *_credit(drawing),
            f"<defs><style>{style}</style>{''.join(_symbols(drawing, max(scale, _MIN_ICON_SCALE)))}</defs>",
        ]
        if drawing.background != "none":
            # In a PNG, the last row and column of pixels may lie only partly in the picture: the background bleeds.
            bleed = 0.0 if face else _BLEED
            width, height = drawing.width + bleed, drawing.height + bleed
            parts.append(f'<rect width="{number(width)}" height="{number(height)}"{fill}/>')
        return SvgParts("\n".join([*parts, *([elements] if elements else []), "</svg>\n"]), elements)

    def elements(self) -> str:
        """Return the elements of the picture, in the order in which they are painted."""
        return "\n".join(self._body())

    def _body(self) -> Iterator[str]:
        drawing = self.drawing
        yield from (self._group(group) for group in drawing.groups)
        yield from (self._edge(edge) for edge in drawing.edges)
        yield from (self._title(group) for group in drawing.groups if group.halo)
        yield from (self._node(node) for node in drawing.nodes)
        yield from (self._edge_label(edge) for edge in drawing.edges if edge.texts or edge.badge)
        yield from (self._swatch(swatch) for swatch in drawing.notes.swatches)
        yield from (self._badge(badge) for badge in drawing.notes.badges)
        yield from (self._line(text) for text in drawing.notes.texts)

    def _line(self, text: TextSpan) -> str:
        return self.text_renderer.line(text, self.colors)

    def _group(self, group: GroupDrawing) -> str:
        colors = self.colors(fill=group.fill or "none", stroke=group.border)
        parts = [
            f'<g class="group {group.kind}" data-id={quote_attribute(group.id)}>',
            f"<title>{escape_text(group.title)}</title>",
            (f'<rect {_box_attributes(group.box)}{colors} stroke-width="{number(group.width)}"{_dash(group.dash)}/>'),
        ]
        if group.halo:
            return "".join([*parts, "</g>"])
        return "".join([*parts, *self._tile(group), *map(self._line, group.texts), "</g>"])

    def _tile(self, group: GroupDrawing) -> Iterator[str]:
        """Yield what marks the kind of a group: a glyph or an icon, on a tile if it needs one."""
        if group.tile and group.tile_fill:
            yield f"<rect {_box_attributes(group.tile)}{self.colors(fill=group.tile_fill)}/>"
        if group.tile and group.glyph:
            scale = number(group.tile.w / 24)
            yield (
                f'<path d="{theme.glyph(group.glyph)}" fill="none" stroke="#FFFFFF" '
                'stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round" '
                f'transform="translate({number(group.tile.x)} {number(group.tile.y)}) '
                f'scale({scale})"/>'
            )
        elif group.tile and group.icon:
            yield _use(group.icon, group.tile)

    def _title(self, group: GroupDrawing) -> str:
        """Return a group's title on a background that hides the edges behind it."""
        fill = self.colors(fill=group.halo or "none")
        boxes = [text.box.grown(2) for text in group.texts] + ([group.tile] if group.tile else [])
        backgrounds = [f"<rect {_box_attributes(box)}{fill}/>" for box in boxes]
        parts = [*backgrounds, *self._tile(group), *map(self._line, group.texts)]
        return f'<g class="title">{"".join(parts)}</g>'

    def _node(self, node: NodeDrawing) -> str:
        parts = [
            f"<g class={quote_attribute(' '.join(('node', *node.classes)))} data-id={quote_attribute(node.id)}>",
            f"<title>{escape_text(node.tooltip or node.title)}</title>",
        ]
        pen = f' stroke-width="{number(node.width)}"{_dash(node.dash)}'
        if node.plate:
            colors = self.colors(fill=node.plate, stroke=node.border)
            parts.append(f'<path d="{rounded(node.solid, _PLATE_RADIUS)}"{colors}{pen if node.border else ""}/>')
        if node.icon:
            parts.append(_use(node.icon, node.box))
        else:
            colors = self.colors(fill=node.fill, stroke=node.border)
            parts.append(f'<path d="{outline(node.shape, node.box)}"{colors}{pen}/>')
        element = "".join([*parts, *map(self._line, node.texts), "</g>"])
        if link := safe_link(node.link):
            target = f" target={quote_attribute(node.target)}" if node.target else ""
            return f"<a xlink:href={quote_attribute(link)}{target}>{element}</a>"
        return element

    def _edge(self, edge: EdgeDrawing) -> str:
        drawing = self.drawing
        width = drawing.edge_width * (_THICK_FACTOR if edge.stroke == "thick" else 1)
        width = width if edge.width is None else edge.width
        dashes = _DOTS if edge.stroke == "dotted" and edge.dash is None else edge.dash or ()
        pen = f' fill="none"{self.colors(stroke=edge.color)} stroke-width="{number(width)}"'
        path = _curve(edge.curve) if edge.curve else _path_data(_shortened(edge), drawing.corner, edge.hops)
        after, before = edge.points[1], edge.points[-2]
        if edge.curve:
            after, before = edge.curve[1], edge.curve[-2]
        parts = [
            f'<g class="edge" data-from={quote_attribute(edge.source)} data-to={quote_attribute(edge.target)}>',
            f'<path d="{path}"{pen}{_dash(dashes)}/>',
            self._head(edge.tail, after, edge.points[0], edge, pen),
            self._head(edge.head, before, edge.points[-1], edge, pen),
            "</g>",
        ]
        return "".join(parts)

    def _head(self, head: Head, before: Point, tip: Point, edge: EdgeDrawing, pen: str) -> str:
        """Return the arrowhead at an end of an edge: its tip at `tip`, coming from the point `before`."""
        drawing = self.drawing
        length = drawing.head_length + 2 * max((edge.width or 0.0) - _MAX_PLAIN_WIDTH, 0.0)
        half = length * 0.5
        ux, uy = _unit(before, tip)

        def point(back: float, aside: float) -> tuple[float, float]:
            return tip[0] - ux * back - uy * aside, tip[1] - uy * back + ux * aside

        if head == "arrow":
            wings = polygon(point(length * 0.85, half), tip, point(length * 0.85, -half)).rstrip("Z")
            return f'<path d="{wings}"{pen} stroke-linejoin="miter"/>'
        if head == "circle":
            cx, cy = point(half, 0)
            return (
                f'<circle cx="{number(cx)}" cy="{number(cy)}" r="{number(half)}"'
                f"{self.colors(fill=drawing.label_background, stroke=edge.color)} "
                f'stroke-width="{number(drawing.edge_width)}"/>'
            )
        if head == "cross":
            a, b, c, d = point(2, half), point(2 + length, -half), point(2, -half), point(2 + length, half)
            return f'<path d="{polygon(a, b).rstrip("Z")}{polygon(c, d).rstrip("Z")}"{pen}/>'
        return ""

    def _edge_label(self, edge: EdgeDrawing) -> str:
        fill = self.colors(fill=self.drawing.label_background)
        boxes = [Box(text.box.x - 2, text.box.y, text.box.w + 4, text.box.h) for text in edge.texts]
        backgrounds = "".join(f'<rect {_box_attributes(box)}{fill} fill-opacity="0.85"/>' for box in boxes)
        badge = self._badge(edge.badge) if edge.badge else ""
        return backgrounds + "".join(map(self._line, edge.texts)) + badge

    def _badge(self, badge: Badge) -> str:
        cx, cy = badge.box.center
        return (
            f'<circle cx="{number(cx)}" cy="{number(cy)}" r="{number(badge.box.w / 2)}"'
            f"{self.colors(fill=badge.fill)}/>{self._line(badge.text)}"
        )

    def _swatch(self, swatch: Swatch) -> str:
        box, pen = swatch.box, f' stroke-width="{number(swatch.width)}"{_dash(swatch.dash)}'
        if not box.h:
            path = f"M{number(box.x)} {number(box.y)}H{number(box.right)}"
            return f'<path d="{path}"{self.colors(stroke=swatch.stroke)}{pen}/>'
        colors = self.colors(fill=swatch.fill or "none", stroke=swatch.stroke)
        return f"<rect {_box_attributes(box)}{colors}{pen}/>"


def _credit(drawing: Drawing) -> Iterator[str]:
    """Yield the attribution of the AWS icons, if the drawing has any."""
    references = [node.icon.reference for node in drawing.nodes if node.icon]
    if any(reference.startswith("aws") for reference in references):
        yield f"<metadata>{escape_text(CREDIT)}</metadata>"


def _symbols(drawing: Drawing, density: float) -> list[str]:
    """Return a symbol for each icon, with `density` pixels per point at the icon's largest size.

    An icon that has fewer pixels is not scaled up.
    """
    sides: dict[Icon, float] = {}
    for group in drawing.groups:
        if group.icon and group.tile:
            sides[group.icon] = max(sides.get(group.icon, 0.0), group.tile.w)
    for node in drawing.nodes:
        if node.icon:
            sides[node.icon] = max(sides.get(node.icon, 0.0), node.box.w)
    return [_symbol(icon, math.ceil(side * density)) for icon, side in sides.items()]


@lru_cache(maxsize=256)
def _symbol(icon: Icon, pixels: int) -> str:
    image = artwork.load(icon, pixels)
    if image.vector:
        view_box = " ".join(map(number, image.vector.box))
        return f'<symbol id="{icon.id}" viewBox="{view_box}">{image.vector.body}</symbol>'
    data = base64.b64encode(image.png).decode("ascii")
    return (
        f'<symbol id="{icon.id}" viewBox="0 0 {image.w} {image.h}">'
        f'<image width="{image.w}" height="{image.h}" '
        f'xlink:href="data:image/png;base64,{data}"/></symbol>'
    )


def _use(icon: Icon, box: Box) -> str:
    return f'<use xlink:href="#{icon.id}" {_box_attributes(box)}/>'


def _box_attributes(box: Box) -> str:
    return f'x="{number(box.x)}" y="{number(box.y)}" width="{number(box.w)}" height="{number(box.h)}"'


def _dash(dash: tuple[float, ...]) -> str:
    return f' stroke-dasharray="{" ".join(map(number, dash))}"' if dash else ""


def _shortened(edge: EdgeDrawing) -> tuple[Point, ...]:
    """Return the points of an edge, shortened at arrowheads if its line is too wide for their tips."""
    back = max((edge.width or 0.0) - _MAX_PLAIN_WIDTH, 0.0)
    points = list(edge.points)
    if back and edge.head == "arrow":
        points[-1] = _toward(points[-1], points[-2], min(back, _distance(*points[-2:]) / 2))
    if back and edge.tail == "arrow":
        points[0] = _toward(points[0], points[1], min(back, _distance(*points[:2]) / 2))
    return tuple(points)


def _path_data(points: tuple[Point, ...], radius: float, hops: tuple[Hop, ...] = ()) -> str:
    """Return the path through `points` with hops and rounded corners.

    The radius of a corner is `radius`, or half of an adjacent segment if that is less.
    """
    parts = [f"M{_coordinates(points[0])}", *(_hop(hop) for hop in hops if hop.segment == 0)]
    for index, (before, corner, after) in enumerate(zip(points, points[1:], points[2:], strict=False), 1):
        cut = min(radius, _distance(before, corner) / 2, _distance(corner, after) / 2)
        start, end = _toward(corner, before, cut), _toward(corner, after, cut)
        parts.append(f"L{_coordinates(start)}Q{_coordinates(corner)} {_coordinates(end)}")
        parts += [_hop(hop) for hop in hops if hop.segment == index]
    parts.append(f"L{_coordinates(points[-1])}")
    return "".join(parts)


def _hop(hop: Hop) -> str:
    """Return half an ellipse as path data; over a single line it is half a circle."""
    half = _distance(hop.start, hop.end) / 2
    vertical = abs(hop.start[0] - hop.end[0]) < 0.01
    radii = (hop.radius, half) if vertical else (half, hop.radius)
    arc = f"A{number(radii[0])} {number(radii[1])} 0 0 {int(hop.clockwise)} "
    return f"L{_coordinates(hop.start)}{arc}{_coordinates(hop.end)}"


def _coordinates(point: Point) -> str:
    return f"{number(point[0])} {number(point[1])}"


def _curve(points: tuple[Point, ...]) -> str:
    start, *rest = points
    numbers = " ".join(f"{number(x)} {number(y)}" for x, y in rest)
    return f"M{number(start[0])} {number(start[1])}C{numbers}"


def _distance(a: Point, b: Point) -> float:
    return math.hypot(a[0] - b[0], a[1] - b[1])


def _unit(a: Point, b: Point) -> Point:
    """Return the unit vector from `a` to `b`."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = max(math.hypot(dx, dy), 1e-9)
    return dx / length, dy / length


def _toward(a: Point, b: Point, distance: float) -> Point:
    """Return the point at a distance from `a` in the direction of `b`."""
    ux, uy = _unit(a, b)
    return a[0] + ux * distance, a[1] + uy * distance
