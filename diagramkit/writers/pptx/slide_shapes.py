"""A drawing as PowerPoint's shapes: groups are rectangles, icons pictures, edges connectors that hold on to both.

An icon and its label are one group, so that they move together; what is painted above another thing in the SVG is
above it here.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct, field

from diagramkit.drawing import (
    PLATE,
    Badge,
    Box,
    Drawing,
    EdgeDrawing,
    GroupDrawing,
    NodeDrawing,
    Point,
    TextSpan,
    bounds,
)
from diagramkit.graph import Head
from diagramkit.markup import attribute, safe_link
from diagramkit.style import theme
from diagramkit.writers.pptx import geometry
from diagramkit.writers.pptx.connectors import connector
from diagramkit.writers.pptx.geometry import emu
from diagramkit.writers.pptx.media import Media
from diagramkit.writers.pptx.texts import body, colour, named
from diagramkit.writers.svg_paths import outline, rounded

SPACES = (
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
"""The name spaces that every shape is written in."""
_HEADS: dict[Head, str] = {"arrow": "arrow", "circle": "oval", "cross": "diamond"}
# How many times the line's width a head is long; of lines thinner than `_THINNEST` slide points, of that.
_SIZES = {"sm": 2.0, "med": 3.0, "lg": 5.0}
_THINNEST = 2.0
_THICK = 2.2
_SEEN = 0.85  # How much a label's ground covers.
_STANDS_OUT = 2.0
_BEHIND = 0.3  # How much is seen of an edge that a slide is not about.


class _Ends(Struct):
    """The shapes that edges hold on to: the id of each, and the points at which."""

    sites: dict[str, list[Point]] = field(default_factory=dict)
    ids: dict[str, int] = field(default_factory=dict)

    def hold(self, key: str, point: Point) -> int:
        """The number of the site of a shape at `point`."""
        known = self.sites.setdefault(key, [])
        if point not in known:
            known.append(point)
        return known.index(point)


class Shapes:
    """The shapes of one drawing on one slide, in the area that `place` leaves it.

    Positions come from the drawing, times `scale`, moved to `area`; ids begin at `first`.
    """

    def __init__(
        self,
        drawing: Drawing,
        area: Box,
        slide: Any,
        media: Media,
        house: Mapping[str, str],
        first: int,
        step: int | None = None,
    ) -> None:
        self.drawing, self.slide, self.media, self.house = drawing, slide, media, house
        self.step = step
        self.scale = min(area.w / drawing.width, area.h / drawing.height)
        self.dx = area.x + (area.w - drawing.width * self.scale) / 2
        self.dy = area.y + (area.h - drawing.height * self.scale) / 2
        self._next = first
        self._ends = _Ends()
        self._held = [
            (self._hold(edge.source, edge.points[0]), self._hold(edge.target, edge.points[-1]))
            for edge in drawing.edges
        ]

    def all(self) -> Iterator[str]:
        """The shapes, as XML with its name spaces, in the order in which they lie on each other."""
        drawing = self.drawing
        # Connectors name the shapes at their ends, which lie above them: ids are given first.
        groups = [part for group in drawing.groups for part in self._group(group)]
        nodes = [self._node(node) for node in drawing.nodes]
        edges = [self._edge(number, edge) for number, edge in enumerate(drawing.edges)]
        labels = [part for edge in drawing.edges for part in self._edge_label(edge)]
        yield from (*groups, *edges, *nodes, *labels, *self._notes())

    # Where things are

    def _hold(self, name: str, point: Point) -> tuple[str, int]:
        """What an edge's end holds on to: an icon or its label, a shape, or a group's border."""
        node = next((node for node in self.drawing.nodes if node.id == name), None)
        key = f"group {name}"
        if node is not None:
            key = f"node {name}"
            if node.icon and node.texts and not node.solid.grown(1).contains(Box(*point, 0, 0)):
                key = f"label {name}"
        return key, self._ends.hold(key, point)

    def _id(self, key: str = "") -> int:
        number, self._next = self._next, self._next + 1
        if key:
            self._ends.ids[key] = number
        return number

    def _place(self, box: Box, turned: str = "", tag: str = "a:xfrm") -> str:
        x, y = emu(self.dx + box.x * self.scale), emu(self.dy + box.y * self.scale)
        w, h = emu(box.w * self.scale), emu(box.h * self.scale)
        return f'<{tag}{turned}><a:off x="{x}" y="{y}"/><a:ext cx="{w}" cy="{h}"/></{tag}>'

    def _sites(self, key: str) -> list[Point]:
        return self._ends.sites.get(key, [])

    def _pen(
        self,
        value: str | None,
        width: float,
        dash: Sequence[float] = (),
        ends: str = "",
        alpha: float = 1.0,
    ) -> str:
        if value is None or value == "none":
            return "<a:ln><a:noFill/></a:ln>"
        dashes = ""
        if dash:
            pairs = [*dash, dash[-1]][: len(dash) // 2 * 2 or 2]
            stops = "".join(
                f'<a:ds d="{round(on / width * 100_000)}" sp="{round(off / width * 100_000)}"/>'
                for on, off in zip(pairs[::2], pairs[1::2], strict=True)
            )
            dashes = f"<a:custDash>{stops}</a:custDash>"
        paint = colour(value, self.house, alpha)
        return f'<a:ln w="{emu(width * self.scale)}">{paint}{dashes}<a:round/>{ends}</a:ln>'

    # Shapes

    def _shape(
        self,
        number: int,
        name: str,
        box: Box,
        form: str,
        paint: str,
        pen: str,
        text: str = "",
        told: str = "",
        link: str = "",
        kind: str = "",
    ) -> str:
        return (
            f"<p:sp {SPACES}><p:nvSpPr>{named(number, name, told, link)}<p:cNvSpPr{kind}/><p:nvPr/>"
            f"</p:nvSpPr><p:spPr>{self._place(box)}{form}{paint}{pen}</p:spPr>"
            f"{text or '<p:txBody><a:bodyPr/><a:lstStyle/><a:p/></p:txBody>'}</p:sp>"
        )

    def _text(
        self,
        lines: Sequence[TextSpan],
        name: str,
        key: str = "",
        align: str = "ctr",
        ground: str | None = None,
    ) -> str:
        """A text box around lines."""
        box = bounds([line.box for line in lines])
        if ground:
            box = Box(box.x - 2, box.y, box.w + 4, box.h)
        paint = colour(ground, self.house, _SEEN) if ground else "<a:noFill/>"
        form = geometry.rectangle(box, self._sites(key), self.scale)
        text = body(lines, box, self.scale, self.house, align)
        return self._shape(self._id(key), name, box, form, paint, "", text, kind=' txBox="1"')

    def _group(self, group: GroupDrawing) -> list[str]:
        key = f"group {group.id}"
        paint = colour(group.fill or "none", self.house)
        form = geometry.rectangle(group.box, self._or_sides(group.box, self._sites(key)), self.scale)
        pen = self._pen(group.border, group.width, group.dash)
        parts = [self._shape(self._id(key), f"Group: {group.title}", group.box, form, paint, pen)]
        if group.tile and group.glyph:
            fill = colour(group.tile_fill or "none", self.house)
            plain = geometry.rectangle(group.tile, ())
            parts.append(self._shape(self._id(), f"Tile: {group.title}", group.tile, plain, fill, self._pen(None, 0)))
            parts.append(self._glyph(group.glyph, group.tile))
        elif group.tile and group.icon:
            parts.append(self._icon(group.icon, group.tile, f"{group.title}: group icon", "", []))
        if group.texts:
            align = "l" if group.tile is None or group.texts[0].box.x > group.tile.right else "ctr"
            parts.append(self._text(group.texts, f"Title: {group.title}", align=align))
        return parts

    def _glyph(self, name: str, tile: Box) -> str:
        """A group's sign: white lines on its tile, on a field of 24 by 24."""
        side = tile.w / 24
        form = geometry.outlined(theme.glyph(name), Box(0, 0, 24, 24), (), side * self.scale, fill=False)
        return self._shape(self._id(), f"Sign: {name}", tile, form, "<a:noFill/>", self._pen("#FFFFFF", 1.4 * side))

    def _icon(self, icon: Any, box: Box, told: str, link: str, sites: Sequence[Point], key: str = "") -> str:
        form = geometry.rectangle(box, sites, self.scale)
        return (
            f"<p:pic {SPACES}><p:nvPicPr>{named(self._id(key), told, told, link)}"
            '<p:cNvPicPr><a:picLocks noChangeAspect="1"/></p:cNvPicPr><p:nvPr/></p:nvPicPr>'
            f"{self.media.icon(self.slide, icon)}<p:spPr>{self._place(box)}{form}</p:spPr></p:pic>"
        )

    def _node(self, node: NodeDrawing) -> str:
        key, link = f"node {node.id}", self._link(node)
        sites = self._sites(key)
        if node.icon is None:
            form = geometry.outlined(
                outline(node.shape, node.box), node.box, self._or_sides(node.box, sites), self.scale
            )
            paint = colour(node.fill or "none", self.house)
            text = body(node.texts, node.box, self.scale, self.house, "ctr")
            pen = self._pen(node.border, node.width, node.dash)
            return self._shape(self._id(key), node.title, node.box, form, paint, pen, text, link=link)
        parts, boxes = [], [node.solid]
        whole = self._id()
        if node.plate:
            form = geometry.outlined(rounded(node.solid, PLATE + 2), node.solid, (), self.scale)
            pen = self._pen(node.border, node.width, node.dash)
            parts.append(
                self._shape(self._id(), f"Plate: {node.title}", node.solid, form, colour(node.plate, self.house), pen)
            )
        parts.append(self._icon(node.icon, node.box, node.title, link, self._or_sides(node.box, sites), key))
        if node.texts:
            boxes.append(bounds([line.box for line in node.texts]))
            parts.append(self._text(node.texts, f"Label: {node.title}", f"label {node.id}"))
        if len(parts) == 1:
            return parts[0]
        return self._together(whole, node.title, bounds(boxes), parts)

    def _or_sides(self, box: Box, sites: Sequence[Point]) -> list[Point]:
        """The sites of a shape: those in use, then the middles of its sides, for edges drawn by hand."""
        if not sites:  # The preset has these.
            return []
        cx, cy = box.center
        sides = [(cx, box.y), (box.x, cy), (cx, box.bottom), (box.right, cy)]
        return [*sites, *(side for side in sides if side not in sites)]

    def _together(self, number: int, name: str, box: Box, parts: list[str]) -> str:
        place = self._place(box)
        inner = place[place.index("<a:off") : place.rindex("</a:xfrm>")]
        child = inner.replace("a:off", "a:chOff").replace("a:ext", "a:chExt")
        return (
            f"<p:grpSp {SPACES}><p:nvGrpSpPr>{named(number, name)}<p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr>"
            f"<p:grpSpPr><a:xfrm>{inner}{child}</a:xfrm></p:grpSpPr>{''.join(parts)}</p:grpSp>"
        )

    def _link(self, node: NodeDrawing) -> str:
        link = safe_link(node.link)
        if not link or ":" not in link:  # A path means nothing to a slide.
            return ""
        from pptx.opc.constants import RELATIONSHIP_TYPE as RT

        relation = self.slide.part.relate_to(link, RT.HYPERLINK, is_external=True)
        told = f" tooltip={attribute(node.tooltip)}" if node.tooltip else ""
        return f'<a:hlinkClick r:id="{relation}"{told}/>'

    # Edges

    def _edge(self, number: int, edge: EdgeDrawing) -> str:
        (tail, tail_site), (head, head_site) = self._held[number]
        found = None if edge.curve else connector(edge.points)
        if found is None:
            xs, ys = zip(*edge.line(), strict=True)
            box = Box(min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys))
            form = geometry.outlined(_path(edge), box, (), self.scale, fill=False)
            place = self._place(box)
        else:
            guides = "".join(f'<a:gd name="adj{at}" fmla="val {value}"/>' for at, value in enumerate(found.adjust, 1))
            form = f'<a:prstGeom prst="{found.preset}"><a:avLst>{guides}</a:avLst></a:prstGeom>'
            turned = f' rot="{found.turn * 60_000}"' if found.turn else ""
            turned += ' flipH="1"' if found.flip_x else ""
            turned += ' flipV="1"' if found.flip_y else ""
            place = self._place(found.box, turned)
        return (
            f"<p:cxnSp {SPACES}><p:nvCxnSpPr>{named(self._id(), f'Edge: {edge.source} to {edge.target}')}"
            f'<p:cNvCxnSpPr><a:stCxn id="{self._ends.ids[tail]}" idx="{tail_site}"/>'
            f'<a:endCxn id="{self._ends.ids[head]}" idx="{head_site}"/></p:cNvCxnSpPr><p:nvPr/></p:nvCxnSpPr>'
            f"<p:spPr>{place}{form}{self._edge_pen(edge)}</p:spPr></p:cxnSp>"
        )

    def _edge_pen(self, edge: EdgeDrawing) -> str:
        width = self.drawing.edge_width * (_THICK if edge.stroke == "thick" else 1)
        width = width if edge.width is None else edge.width
        dash = (3.0, 4.0) if edge.stroke == "dotted" and edge.dash is None else edge.dash or ()
        alpha = 1.0
        if self.step is not None:
            about = edge.badge is not None and edge.badge.text.text == str(self.step)
            width, alpha = (width * _STANDS_OUT, 1.0) if about else (width, _BEHIND)
        wanted = self.drawing.head_length / max(width, _THINNEST / self.scale)
        size = min(_SIZES, key=lambda name: abs(_SIZES[name] - wanted))
        ends = "".join(
            f'<a:{end} type="{_HEADS[head]}" w="{size}" len="{size}"/>'
            for end, head in (("headEnd", edge.tail), ("tailEnd", edge.head))
            if head in _HEADS
        )
        return self._pen(edge.color, width, dash, ends, alpha)

    def _edge_label(self, edge: EdgeDrawing) -> Iterator[str]:
        if edge.texts:
            ground = self.drawing.label_background
            yield self._text(edge.texts, "Edge label", ground=None if ground == "none" else ground)
        if edge.badge:
            yield self._badge(edge.badge)

    # What stands around

    def _badge(self, badge: Badge) -> str:
        text = body([badge.text], badge.box, self.scale, self.house, "ctr")
        form = '<a:prstGeom prst="ellipse"><a:avLst/></a:prstGeom>'
        paint = colour(badge.fill, self.house)
        return self._shape(self._id(), f"Step {badge.text.text}", badge.box, form, paint, self._pen(None, 0), text)

    def _notes(self) -> Iterator[str]:
        for swatch in self.drawing.notes.swatches:
            form = geometry.rectangle(swatch.box, ())
            pen = self._pen(swatch.stroke, swatch.width, swatch.dash)
            paint = colour(swatch.fill or "none", self.house)
            yield self._shape(self._id(), "Legend sample", swatch.box, form, paint, pen)
        yield from map(self._badge, self.drawing.notes.badges)
        for text in self.drawing.notes.texts:
            yield self._text([text], "Text", align="l")


def _path(edge: EdgeDrawing) -> str:
    """An edge as path data."""
    if edge.curve:
        start, *rest = edge.curve
        return f"M{start[0]} {start[1]}C" + " ".join(f"{x} {y}" for x, y in rest)
    return "M" + "L".join(f"{x} {y}" for x, y in edge.points if math.isfinite(x))
