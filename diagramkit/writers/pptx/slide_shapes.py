"""Writes a drawing as PowerPoint shapes: groups are rectangles, icons are pictures, edges are attached connectors.

An icon, its label and the anchors of its edges form a group, so that they move together. The stacking order is that of
the SVG.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from diagramkit.drawing import (
    PLATE_RADIUS,
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
from diagramkit.markup import quote_attribute, safe_link
from diagramkit.picture_files.pptx_pages import ANCHOR
from diagramkit.style import shapes, theme
from diagramkit.writers import edge_shapes
from diagramkit.writers.pptx import geometry
from diagramkit.writers.pptx.attachments import Attachments
from diagramkit.writers.pptx.geometry import emu
from diagramkit.writers.pptx.media import Media
from diagramkit.writers.pptx.texts import MAX_NAME, shape_properties, solid_fill, text_body
from diagramkit.writers.svg_paths import lines, outline, rounded

NAMESPACES = (
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
"""The declarations of the XML namespaces, for the outermost element of a shape."""
_HEADS: dict[Head, str] = {"arrow": "arrow", "circle": "oval", "cross": "diamond"}
# The length of an arrowhead as a factor of the line's width. PowerPoint counts lines as at least
# `_MIN_HEAD_WIDTH` slide points wide.
_HEAD_LENGTHS = {"sm": 2.0, "med": 3.0, "lg": 5.0}
_MIN_HEAD_WIDTH = 2.0


def _outlines(node: NodeDrawing) -> list[geometry.Outline]:
    """Return the outline of a node's shape, and the lines on it."""
    shape = shapes.get(node.shape)
    outlines = [geometry.Outline(outline(node.shape, node.box), has_line=shape.has_border)]
    if shape.lines:
        outlines.append(geometry.Outline(lines(node.shape, node.box), is_filled=False))
    return outlines


class Shapes:
    """Writes the shapes of one drawing on one slide.

    The drawing is scaled to fit into `area` and centered there. `theme_colors` as in `Deck`. The ids of the
    shapes begin at `first_id`. `names` are the names of shapes, each of which is unique on the slide: those of nodes
    and groups (`node ID`, `group ID`), of their texts (`label ID`, `title ID`), and of edges and their labels
    (`edge 0`, `edge label 0`).
    """

    def __init__(
        self,
        drawing: Drawing,
        area: Box,
        slide: Any,
        media: Media,
        theme_colors: Mapping[str, str],
        first_id: int,
    ) -> None:
        self.drawing, self.slide, self.media, self.theme_colors = drawing, slide, media, theme_colors
        self._placement = geometry.fit(geometry.content(drawing), area, geometry.MAX_SCALE)
        self.scale = self._placement.scale
        self._next_id = first_id
        self._taken: set[str] = set()
        self.names: dict[str, str] = {}
        self._attachments = Attachments(drawing)

    def all(self) -> Iterator[str]:
        """Yield the shapes as XML, from the lowest to the topmost."""
        drawing = self.drawing
        # Nodes lie above edges, but are written first: a connector refers to the ids of the shapes at its ends.
        groups = [part for group in drawing.groups for part in self._group(group)]
        nodes = [self._node(node) for node in drawing.nodes]
        edges = [self._edge(number, edge) for number, edge in enumerate(drawing.edges)]
        labels = [part for number, edge in enumerate(drawing.edges) for part in self._edge_label(number, edge)]
        headings = [part for group in drawing.groups if group.halo for part in self._heading(group)]
        yield from (*groups, *edges, *headings, *nodes, *labels, *self._notes())

    # Positions and lines

    def _new_id(self, key: str = "") -> int:
        number, self._next_id = self._next_id, self._next_id + 1
        if key:
            self._attachments.ids[key] = number
        return number

    def _name(self, name: str, key: str = "") -> str:
        """Return a name that no other shape has, and remember it under a key."""
        short = " ".join(name.split())[:MAX_NAME]
        unique, count = short, 2
        while unique in self._taken:
            unique, count = f"{short} ({count})", count + 1
        self._taken.add(unique)
        if key:
            self.names[key] = unique
        return unique

    def _transform(self, box: Box, attributes: str = "") -> str:
        """Return the position of a box on the slide; `attributes` are its rotation and flips."""
        placed = self._placement.box(box)
        x, y, w, h = emu(placed.x), emu(placed.y), emu(placed.w), emu(placed.h)
        return f'<a:xfrm{attributes}><a:off x="{x}" y="{y}"/><a:ext cx="{w}" cy="{h}"/></a:xfrm>'

    def _line(
        self,
        color: str | None,
        width: float,
        dash: Sequence[float] = (),
        heads: str = "",
    ) -> str:
        """Return the properties of a line, with `width` and `dash` in points of the drawing."""
        if color is None or color == "none":
            return "<a:ln><a:noFill/></a:ln>"
        dashes = ""
        if dash:
            # DrawingML needs pairs of dash and gap: an odd pattern is completed with its last length.
            pairs = [*dash, dash[-1]][: len(dash) // 2 * 2 or 2]
            stops = "".join(
                f'<a:ds d="{round(on / width * 100_000)}" sp="{round(off / width * 100_000)}"/>'
                for on, off in zip(pairs[::2], pairs[1::2], strict=True)
            )
            dashes = f"<a:custDash>{stops}</a:custDash>"
        fill = solid_fill(color, self.theme_colors)
        return f'<a:ln w="{emu(width * self.scale)}">{fill}{dashes}<a:round/>{heads}</a:ln>'

    # Shapes

    def _shape(
        self,
        number: int,
        name: str,
        box: Box,
        shape_geometry: str,
        fill: str,
        line: str,
        text: str = "",
        link: str = "",
        attributes: str = "",
    ) -> str:
        return (
            f"<p:sp {NAMESPACES}><p:nvSpPr>{shape_properties(number, name, link=link)}<p:cNvSpPr{attributes}/><p:nvPr/>"
            f"</p:nvSpPr><p:spPr>{self._transform(box)}{shape_geometry}{fill}{line}</p:spPr>"
            f"{text or '<p:txBody><a:bodyPr/><a:lstStyle/><a:p/></p:txBody>'}</p:sp>"
        )

    def _text(
        self,
        lines: Sequence[TextSpan],
        name: str,
        key: str = "",
        alignment: str = "ctr",
        background: str | None = None,
        link: str = "",
        name_key: str = "",
    ) -> str:
        """Return a text box around lines."""
        box = bounds([line.box for line in lines])
        if background:
            box = edge_shapes.label_background(box)
        fill = solid_fill(background, self.theme_colors) if background else "<a:noFill/>"
        outline_geometry = geometry.rectangle(box, self._attachments.sites(key) if key else (), self.scale)
        text = text_body(lines, box, self.scale, self.theme_colors, alignment)
        unique = self._name(name, name_key)
        return self._shape(self._new_id(key), unique, box, outline_geometry, fill, "", text, link, ' txBox="1"')

    def _group(self, group: GroupDrawing) -> list[str]:
        key = f"group {group.id}"
        fill = solid_fill(group.fill or "none", self.theme_colors)
        border_geometry = geometry.rectangle(group.box, self._attachments.sites(key), self.scale)
        line = self._line(group.border, group.width, group.dash)
        number, name, link = self._new_id(key), self._name(f"Group: {group.title}", key), self._link(group)
        parts = [self._shape(number, name, group.box, border_geometry, fill, line, link=link)]
        if anchors := list(self._anchors_of(group)):
            parts = [self._grouped(self._new_id(), group.title, group.box, [*parts, *anchors])]
        return [*parts, *(() if group.halo else self._heading(group))]

    def _heading(self, group: GroupDrawing) -> Iterator[str]:
        """Yield the icon and the title of a group. Edges pass behind a title with a halo."""
        if group.tile and group.tile_fill:
            fill = solid_fill(group.tile_fill, self.theme_colors)
            tile_geometry, no_line = geometry.rectangle(group.tile, ()), self._line(None, 0)
            name = self._name(f"Tile: {group.title}")
            yield self._shape(self._new_id(), name, group.tile, tile_geometry, fill, no_line)
        if group.tile and group.glyph:
            yield self._glyph(group.glyph, group.tile)
        elif group.tile and group.icon:
            name = self._name(f"{group.title}: group icon")
            yield self._icon(group.icon, group.icon_box or group.tile, name, "", [])
        if group.texts:
            alignment = "l" if group.tile is None or group.texts[0].box.x > group.tile.right else "ctr"
            name, link = f"Title: {group.title}", self._link(group)
            name_key = f"title {group.id}"
            yield self._text(
                group.texts, name, alignment=alignment, background=group.halo, link=link, name_key=name_key
            )

    def _glyph(self, name: str, tile: Box) -> str:
        """Return the glyph of a group: white lines on its tile, in a coordinate system of 24 by 24."""
        unit = tile.w / 24
        glyph = geometry.Outline(theme.glyph(name), is_filled=False)
        glyph_geometry = geometry.custom_geometry([glyph], Box(0, 0, 24, 24), (), unit * self.scale)
        line = self._line("#FFFFFF", 1.4 * unit)
        return self._shape(self._new_id(), self._name(f"Sign: {name}"), tile, glyph_geometry, "<a:noFill/>", line)

    def _icon(
        self,
        icon: Any,
        box: Box,
        name: str,
        link: str,
        sites: Sequence[Point],
        key: str = "",
        opacity: float = 1.0,
    ) -> str:
        outline_geometry = geometry.rectangle(box, sites, self.scale)
        return (
            f"<p:pic {NAMESPACES}><p:nvPicPr>{shape_properties(self._new_id(key), name, name, link)}"
            '<p:cNvPicPr><a:picLocks noChangeAspect="1"/></p:cNvPicPr><p:nvPr/></p:nvPicPr>'
            f"{self.media.icon(self.slide, icon, opacity)}"
            f"<p:spPr>{self._transform(box)}{outline_geometry}</p:spPr></p:pic>"
        )

    def _node(self, node: NodeDrawing) -> str:
        key, link = f"node {node.id}", self._link(node)
        sites = self._attachments.sites(key)
        if not node.has_label_below:
            text = text_body(node.texts, node.box, self.scale, self.theme_colors, "ctr")
            shape = self._node_shape(node, key, sites, text, link)
            anchors = list(self._anchors_of(node))
            return self._grouped(self._new_id(), node.title, node.box, [shape, *anchors]) if anchors else shape
        boxes, group_id = [node.solid], self._new_id()
        parts = self._node_icon(node, key, sites, link) if node.icon else [self._node_shape(node, key, sites, "", link)]
        if node.texts:
            boxes.append(bounds([line.box for line in node.texts]))
            label_key = f"label {node.id}"
            parts.append(self._text(node.texts, f"Label: {node.title}", label_key, name_key=label_key))
        parts += self._anchors_of(node)
        if len(parts) == 1:
            return parts[0]
        return self._grouped(group_id, node.title, bounds(boxes), parts)

    def _anchors_of(self, item: NodeDrawing | GroupDrawing) -> Iterator[str]:
        """Yield the invisible rectangles to which edges of a node or group are attached."""
        for anchor in self._attachments.anchors(item.id):
            number, name = self._new_id(anchor.key), self._name(f"{ANCHOR}{item.title}")
            rectangle, line = geometry.rectangle(anchor.box, ()), self._line(None, 0)
            if anchor.clearance:
                line += _transparent_glow(emu(anchor.clearance * self.scale))
            yield self._shape(number, name, anchor.box, rectangle, "<a:noFill/>", line)

    def _node_shape(self, node: NodeDrawing, key: str, sites: Sequence[Point], text: str, link: str) -> str:
        """Return the shape of a node without an icon; `text` is the label inside it."""
        shape_geometry = geometry.custom_geometry(_outlines(node), node.box, sites, self.scale)
        fill = solid_fill(node.fill or "none", self.theme_colors)
        line = self._line(node.border, node.width, node.dash)
        name = self._name(node.title, key)
        return self._shape(self._new_id(key), name, node.box, shape_geometry, fill, line, text, link)

    def _node_icon(self, node: NodeDrawing, key: str, sites: Sequence[Point], link: str) -> list[str]:
        """Return the icon of a node, behind it its plate if it has one."""
        assert node.icon
        parts = []
        if node.plate:
            plate_outline = geometry.Outline(rounded(node.solid, PLATE_RADIUS))
            plate_geometry = geometry.custom_geometry([plate_outline], node.solid, sites, self.scale)
            fill = solid_fill(node.plate, self.theme_colors)
            line = self._line(node.border, node.width, node.dash)
            number = self._new_id(key)
            name = self._name(f"Plate: {node.title}")
            parts.append(self._shape(number, name, node.solid, plate_geometry, fill, line))
        # Edges end at the plate where there is one.
        icon_key, icon_sites = ("", []) if node.plate else (key, sites)
        name = self._name(node.title, f"node {node.id}")
        parts.append(self._icon(node.icon, node.box, name, link, icon_sites, icon_key, node.opacity))
        return parts

    def _grouped(self, number: int, name: str, box: Box, parts: list[str]) -> str:
        """Return a group of shapes. Its members have the coordinates of the slide."""
        transform = self._transform(box)
        position = transform[transform.index("<a:off") : transform.rindex("</a:xfrm>")]
        child_position = position.replace("a:off", "a:chOff").replace("a:ext", "a:chExt")
        return (
            f"<p:grpSp {NAMESPACES}><p:nvGrpSpPr>{shape_properties(number, name)}<p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr>"
            f"<p:grpSpPr><a:xfrm>{position}{child_position}</a:xfrm></p:grpSpPr>{''.join(parts)}</p:grpSp>"
        )

    def _link(self, item: NodeDrawing | GroupDrawing) -> str:
        """Return the hyperlink of a node or group, or an empty string if it has none."""
        link = safe_link(item.link)
        if not link or ":" not in link:  # A relative path does not work on a slide.
            return ""
        from pptx.opc.constants import RELATIONSHIP_TYPE as RT

        relation = self.slide.part.relate_to(link, RT.HYPERLINK, is_external=True)
        tooltip = f" tooltip={quote_attribute(item.tooltip)}" if item.tooltip else ""
        return f'<a:hlinkClick r:id="{relation}"{tooltip}/>'

    # Edges

    def _edge(self, number: int, edge: EdgeDrawing) -> str:
        connector, ends = self._attachments.connectors[number], self._attachments.ends(number)
        name = self._name(f"Edge: {edge.source} to {edge.target}", f"edge {number}")
        if connector is None or ends is None:
            return self._free_edge(edge, name)
        guides = "".join(
            f'<a:gd name="adj{number}" fmla="val {value}"/>' for number, value in enumerate(connector.adjustments, 1)
        )
        # Angles are in units of 1/60,000 of a degree.
        attributes = f' rot="{connector.rotation * 60_000}"' if connector.rotation else ""
        attributes += ' flipH="1"' if connector.flip_x else ""
        attributes += ' flipV="1"' if connector.flip_y else ""
        attached = "".join(
            f'<a:{element} id="{self._attachments.ids[end.key]}" idx="{end.site}"/>'
            for element, end in zip(("stCxn", "endCxn"), ends, strict=True)
        )
        return (
            f"<p:cxnSp {NAMESPACES}><p:nvCxnSpPr>{shape_properties(self._new_id(), name)}<p:cNvCxnSpPr>{attached}"
            f"</p:cNvCxnSpPr><p:nvPr/></p:nvCxnSpPr><p:spPr>{self._transform(connector.box, attributes)}"
            f'<a:prstGeom prst="{connector.preset}"><a:avLst>{guides}</a:avLst></a:prstGeom>'
            f"{self._edge_line(edge)}</p:spPr></p:cxnSp>"
        )

    def _free_edge(self, edge: EdgeDrawing, name: str) -> str:
        """Return an edge that no connector can draw, as a line that is not attached.

        A connector with a custom geometry is not an alternative: LibreOffice ignores its geometry.
        """
        xs, ys = zip(*edge.line(), strict=True)
        box = Box(min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys))
        line = geometry.custom_geometry([geometry.Outline(_path_data(edge), is_filled=False)], box, (), self.scale)
        return self._shape(self._new_id(), name, box, line, "<a:noFill/>", self._edge_line(edge))

    def _edge_line(self, edge: EdgeDrawing) -> str:
        width, dash = self.drawing.pen_of(edge)
        factor = self.drawing.head_length / max(width, _MIN_HEAD_WIDTH / self.scale)
        size = min(_HEAD_LENGTHS, key=lambda name: abs(_HEAD_LENGTHS[name] - factor))
        # DrawingML calls the start of a line its head.
        heads = "".join(
            f'<a:{element} type="{_HEADS[head]}" w="{size}" len="{size}"/>'
            for element, head in (("headEnd", edge.tail), ("tailEnd", edge.head))
            if head in _HEADS
        )
        return self._line(edge.color, width, dash, heads)

    def _edge_label(self, number: int, edge: EdgeDrawing) -> Iterator[str]:
        if edge.texts:
            background = "none" if edge.texts[0].color == "none" else edge.label_background
            yield self._text(
                edge.texts,
                "Edge label",
                background=None if background == "none" else background,
                name_key=f"edge label {number}",
            )
        if edge.badge:
            yield self._badge(edge.badge)

    # Badges, legend and other notes

    def _badge(self, badge: Badge) -> str:
        text = text_body([badge.text], badge.box, self.scale, self.theme_colors, "ctr")
        circle = '<a:prstGeom prst="ellipse"><a:avLst/></a:prstGeom>'
        fill, line = solid_fill(badge.fill, self.theme_colors), self._line(None, 0)
        name = self._name(f"Step {badge.text.text}")
        return self._shape(self._new_id(), name, badge.box, circle, fill, line, text)

    def _notes(self) -> Iterator[str]:
        for swatch in self.drawing.notes.swatches:
            rectangle = geometry.rectangle(swatch.box, ())
            line = self._line(swatch.stroke, swatch.width, swatch.dash)
            fill = solid_fill(swatch.fill or "none", self.theme_colors)
            yield self._shape(self._new_id(), self._name("Legend sample"), swatch.box, rectangle, fill, line)
        yield from map(self._badge, self.drawing.notes.badges)
        for text in self.drawing.notes.texts:
            yield self._text([text], "Text", alignment="l")


def _transparent_glow(radius: int) -> str:
    """Return a glow that nobody sees, but that LibreOffice counts as a part of the shape when it routes connectors."""
    color = '<a:srgbClr val="FFFFFF"><a:alpha val="0"/></a:srgbClr>'
    return f'<a:effectLst><a:glow rad="{radius}">{color}</a:glow></a:effectLst>'


def _path_data(edge: EdgeDrawing) -> str:
    """Return the line of an edge as SVG path data."""
    if edge.curve:
        start, *rest = edge.curve
        return f"M{start[0]} {start[1]}C" + " ".join(f"{x} {y}" for x, y in rest)
    return "M" + "L".join(f"{x} {y}" for x, y in edge.points if math.isfinite(x))
