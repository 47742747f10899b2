"""A drawing as SVG 1.1: one file, icons and font inside, nothing fetched, no script.

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
from diagramkit.icons import artwork, license
from diagramkit.icons.icon import Icon
from diagramkit.markup import escape_text, quote_attribute, safe_link
from diagramkit.style import theme
from diagramkit.style.system import SystemFont
from diagramkit.writers.gradients import Gradients
from diagramkit.writers.svg_paths import number, outline, polygon, rounded
from diagramkit.writers.text_rendering import NoText, TextRenderer

_FALLBACK = "'Helvetica Neue',Arial,sans-serif"
_THICK = 2.0  # The broadest line, in points, that the usual arrow head suits.
_PLATE_ROUND = 6.0
_BLEED = 4.0
_DENSE = 3.0  # Pixels of an icon for each point it is drawn at, for readers with dense screens.


class SvgParts(Struct, frozen=True):
    """A whole SVG document, and the elements of its picture alone: all but its ground."""

    document: str
    elements: str


def write(drawing: Drawing, outlines: bool = False) -> str:
    """The drawing as a whole SVG document, its font embedded as WOFF2, or (`outlines`) none."""
    return svg_parts(drawing, outlines).document


@timing.step("draw")
def svg_parts(drawing: Drawing, outlines: bool = False) -> SvgParts:
    """As `write`, and what the rasterizer can make the same picture of."""
    if outlines:
        fonts = _machine_fonts(drawing)
        return _Document(drawing, TextRenderer(drawing.face, fonts, "all")).written(1, "")
    text = "".join(line.text for line in drawing.texts())
    data = base64.b64encode(drawing.face.subset(text).woff2).decode("ascii")
    face = f"@font-face{{font-family:'{drawing.face.family}';src:url(data:font/woff2;base64,{data}) format('woff2')}}"
    return _Document(drawing, TextRenderer(drawing.face)).written(1, face)


def write_for_raster(drawing: Drawing, scale: float, fonts: Mapping[str, SystemFont]) -> str:
    """The same picture for the rasteriser: `scale` pixels a point, the font given to it apart.

    `fonts` are the machine's for what the carried font lacks.
    """
    return _Document(drawing, TextRenderer(drawing.face, fonts)).written(scale, "").document


def write_for_print(drawing: Drawing) -> str:
    """The same picture for PDF: no font inside, and lines that the carried font lacks a character
    for as outlines, in the machine's fonts."""
    fonts = _machine_fonts(drawing)
    return _Document(drawing, TextRenderer(drawing.face, fonts, "foreign")).written(1, "").document


def shapes_of(drawing: Drawing) -> str:
    """All of the picture but its ground and its text, as SVG's elements."""
    return _Document(drawing, NoText(drawing.face)).elements()


def _machine_fonts(drawing: Drawing) -> dict[str, SystemFont]:
    from diagramkit.style import system

    return system.fonts_for(drawing.face.missing("".join(line.text for line in drawing.texts())))


class _Document(Struct, frozen=True):
    drawing: Drawing
    lettering: TextRenderer
    paints: Gradients = field(default_factory=Gradients)

    def written(self, scale: float, face: str) -> SvgParts:
        drawing, fill = self.drawing, self.paints(fill=self.drawing.background)
        elements = self.elements()
        style = (
            f"{face}text{{font-family:'{drawing.face.family}',{_FALLBACK};"
            f"font-variant-ligatures:none}}{self.paints.sheet()}"
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
            f"<defs><style>{style}</style>{''.join(_symbols(drawing, max(scale, _DENSE)))}</defs>",
        ]
        if drawing.background != "none":
            # In pixels a last column may be half outside: the ground goes on below it.
            over = 0.0 if face else _BLEED
            ground = Box(0, 0, drawing.width + over, drawing.height + over)
            parts.append(f'<rect width="{number(ground.w)}" height="{number(ground.h)}"{fill}/>')
        return SvgParts("\n".join([*parts, *([elements] if elements else []), "</svg>\n"]), elements)

    def elements(self) -> str:
        """The elements of the picture, in the order in which they are painted."""
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
        return self.lettering.line(text, self.paints)

    def _group(self, group: GroupDrawing) -> str:
        colours = self.paints(fill=group.fill or "none", stroke=group.border)
        parts = [
            f'<g class="group {group.kind}" data-id={quote_attribute(group.id)}>',
            f"<title>{escape_text(group.title)}</title>",
            (f'<rect {_place(group.box)}{colours} stroke-width="{number(group.width)}"{_dash(group.dash)}/>'),
        ]
        if group.halo:
            return "".join([*parts, "</g>"])
        return "".join([*parts, *self._tile(group), *map(self._line, group.texts), "</g>"])

    def _tile(self, group: GroupDrawing) -> Iterator[str]:
        """What stands in a group's corner: a glyph on a tile, or an icon."""
        if group.tile and group.glyph:
            side = number(group.tile.w / 24)
            yield f"<rect {_place(group.tile)}{self.paints(fill=group.tile_fill)}/>"
            yield (
                f'<path d="{theme.glyph(group.glyph)}" fill="none" stroke="#FFFFFF" '
                'stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round" '
                f'transform="translate({number(group.tile.x)} {number(group.tile.y)}) '
                f'scale({side})"/>'
            )
        elif group.tile and group.icon:
            yield _use(group.icon, group.tile)

    def _title(self, group: GroupDrawing) -> str:
        """A title that edges pass behind."""
        ground = self.paints(fill=group.halo or "none")
        boxes = [text.box.grown(2) for text in group.texts] + ([group.tile] if group.tile else [])
        grounds = [f"<rect {_place(box)}{ground}/>" for box in boxes]
        parts = [*grounds, *self._tile(group), *map(self._line, group.texts)]
        return f'<g class="title">{"".join(parts)}</g>'

    def _node(self, node: NodeDrawing) -> str:
        parts = [
            f"<g class={quote_attribute(' '.join(('node', *node.classes)))} data-id={quote_attribute(node.id)}>",
            f"<title>{escape_text(node.tooltip or node.title)}</title>",
        ]
        pen = f' stroke-width="{number(node.width)}"{_dash(node.dash)}'
        if node.plate:
            colours = self.paints(fill=node.plate, stroke=node.border)
            parts.append(f'<path d="{rounded(node.solid, _PLATE_ROUND)}"{colours}{pen if node.border else ""}/>')
        if node.icon:
            parts.append(_use(node.icon, node.box))
        else:
            colours = self.paints(fill=node.fill, stroke=node.border)
            parts.append(f'<path d="{outline(node.shape, node.box)}"{colours}{pen}/>')
        drawn = "".join([*parts, *map(self._line, node.texts), "</g>"])
        if link := safe_link(node.link):
            target = f" target={quote_attribute(node.target)}" if node.target else ""
            return f"<a xlink:href={quote_attribute(link)}{target}>{drawn}</a>"
        return drawn

    def _edge(self, edge: EdgeDrawing) -> str:
        drawing = self.drawing
        width = drawing.edge_width * (2.2 if edge.stroke == "thick" else 1)
        width = width if edge.width is None else edge.width
        dashes = (3.0, 4.0) if edge.stroke == "dotted" and edge.dash is None else edge.dash or ()
        pen = f' fill="none"{self.paints(stroke=edge.color)} stroke-width="{number(width)}"'
        way = _curve(edge.curve) if edge.curve else _way(_short(edge), drawing.corner, edge.hops)
        after, before = edge.points[1], edge.points[-2]
        if edge.curve:
            after, before = edge.curve[1], edge.curve[-2]
        parts = [
            f'<g class="edge" data-from={quote_attribute(edge.source)} data-to={quote_attribute(edge.target)}>',
            f'<path d="{way}"{pen}{_dash(dashes)}/>',
            self._head(edge.tail, after, edge.points[0], edge, pen),
            self._head(edge.head, before, edge.points[-1], edge, pen),
            "</g>",
        ]
        return "".join(parts)

    def _head(self, head: Head, before: Point, tip: Point, edge: EdgeDrawing, pen: str) -> str:
        """The sign at an edge's end, its tip where the edge touches."""
        drawing = self.drawing
        length = drawing.head_length + 2 * max((edge.width or 0.0) - _THICK, 0.0)
        half = length * 0.5
        ux, uy = _unit(before, tip)

        def at(back: float, aside: float) -> tuple[float, float]:
            return tip[0] - ux * back - uy * aside, tip[1] - uy * back + ux * aside

        if head == "arrow":
            wings = polygon(at(length * 0.85, half), tip, at(length * 0.85, -half)).rstrip("Z")
            return f'<path d="{wings}"{pen} stroke-linejoin="miter"/>'
        if head == "circle":
            cx, cy = at(half, 0)
            ground = drawing.label_background
            return (
                f'<circle cx="{number(cx)}" cy="{number(cy)}" r="{number(half)}"'
                f"{self.paints(fill=ground, stroke=edge.color)} "
                f'stroke-width="{number(drawing.edge_width)}"/>'
            )
        if head == "cross":
            a, b, c, d = at(2, half), at(2 + length, -half), at(2, -half), at(2 + length, half)
            return f'<path d="{polygon(a, b).rstrip("Z")}{polygon(c, d).rstrip("Z")}"{pen}/>'
        return ""

    def _edge_label(self, edge: EdgeDrawing) -> str:
        ground = self.paints(fill=self.drawing.label_background)
        boxes = "".join(
            f'<rect {_place(Box(t.box.x - 2, t.box.y, t.box.w + 4, t.box.h))}{ground} fill-opacity="0.85"/>'
            for t in edge.texts
        )
        badge = self._badge(edge.badge) if edge.badge else ""
        return boxes + "".join(map(self._line, edge.texts)) + badge

    def _badge(self, badge: Badge) -> str:
        cx, cy = badge.box.center
        return (
            f'<circle cx="{number(cx)}" cy="{number(cy)}" r="{number(badge.box.w / 2)}"'
            f"{self.paints(fill=badge.fill)}/>{self._line(badge.text)}"
        )

    def _swatch(self, swatch: Swatch) -> str:
        box, pen = swatch.box, f' stroke-width="{number(swatch.width)}"{_dash(swatch.dash)}'
        if not box.h:
            way = f"M{number(box.x)} {number(box.y)}H{number(box.right)}"
            return f'<path d="{way}"{self.paints(stroke=swatch.stroke)}{pen}/>'
        colours = self.paints(fill=swatch.fill or "none", stroke=swatch.stroke)
        return f"<rect {_place(box)}{colours}{pen}/>"


def _credit(drawing: Drawing) -> Iterator[str]:
    """Whose icons they are, where they are AWS's."""
    references = [node.icon.reference for node in drawing.nodes if node.icon]
    if any(reference.startswith("aws") for reference in references):
        yield f"<metadata>{escape_text(license.CREDIT)}</metadata>"


def _symbols(drawing: Drawing, density: float) -> list[str]:
    """Each icon once, whatever the number of nodes that show it, with `density` pixels for each
    point that it is drawn at (or as many as it has)."""
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
    drawn = artwork.load(icon, pixels)
    if drawn.vector:
        sides = " ".join(map(number, drawn.vector.box))
        return f'<symbol id="{icon.id}" viewBox="{sides}">{drawn.vector.body}</symbol>'
    data = base64.b64encode(drawn.png).decode("ascii")
    return (
        f'<symbol id="{icon.id}" viewBox="0 0 {drawn.w} {drawn.h}">'
        f'<image width="{drawn.w}" height="{drawn.h}" '
        f'xlink:href="data:image/png;base64,{data}"/></symbol>'
    )


def _use(icon: Icon, box: Box) -> str:
    return f'<use xlink:href="#{icon.id}" {_place(box)}/>'


def _place(box: Box) -> str:
    return f'x="{number(box.x)}" y="{number(box.y)}" width="{number(box.w)}" height="{number(box.h)}"'


def _dash(dash: tuple[float, ...]) -> str:
    return f' stroke-dasharray="{" ".join(map(number, dash))}"' if dash else ""


def _short(edge: EdgeDrawing) -> tuple[Point, ...]:
    """The path, drawn back from an arrow's tip where the line is broader than the tip."""
    back = max((edge.width or 0.0) - _THICK, 0.0)
    points = list(edge.points)
    if back and edge.head == "arrow":
        points[-1] = _towards(points[-1], points[-2], min(back, _distance(*points[-2:]) / 2))
    if back and edge.tail == "arrow":
        points[0] = _towards(points[0], points[1], min(back, _distance(*points[:2]) / 2))
    return tuple(points)


def _way(points: tuple[Point, ...], corner: float, hops: tuple[Hop, ...] = ()) -> str:
    """The path through `points`, its corners rounded as far as their stretches allow, with its hops."""
    parts = [f"M{_at(points[0])}", *(_hop(hop) for hop in hops if hop.segment == 0)]
    for index, (before, at, after) in enumerate(zip(points, points[1:], points[2:], strict=False), 1):
        radius = min(corner, _distance(before, at) / 2, _distance(at, after) / 2)
        start, end = _towards(at, before, radius), _towards(at, after, radius)
        parts.append(f"L{_at(start)}Q{_at(at)} {_at(end)}")
        parts += [_hop(hop) for hop in hops if hop.segment == index]
    parts.append(f"L{_at(points[-1])}")
    return "".join(parts)


def _hop(hop: Hop) -> str:
    """Half an ellipse, as long as the hop and as high as its radius: half a circle over one line."""
    half = _distance(hop.start, hop.end) / 2
    upright = abs(hop.start[0] - hop.end[0]) < 0.01
    radii = (hop.radius, half) if upright else (half, hop.radius)
    arc = f"A{number(radii[0])} {number(radii[1])} 0 0 {int(hop.clockwise)} "
    return f"L{_at(hop.start)}{arc}{_at(hop.end)}"


def _at(point: Point) -> str:
    return f"{number(point[0])} {number(point[1])}"


def _curve(points: tuple[Point, ...]) -> str:
    start, *rest = points
    numbers = " ".join(f"{number(x)} {number(y)}" for x, y in rest)
    return f"M{number(start[0])} {number(start[1])}C{numbers}"


def _distance(a: Point, b: Point) -> float:
    return math.hypot(a[0] - b[0], a[1] - b[1])


def _unit(a: Point, b: Point) -> Point:
    """The direction from `a` to `b`."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = max(math.hypot(dx, dy), 1e-9)
    return dx / length, dy / length


def _towards(a: Point, b: Point, by: float) -> Point:
    ux, uy = _unit(a, b)
    return a[0] + ux * by, a[1] + uy * by
