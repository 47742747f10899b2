"""Writes drawings as a draw.io file: one page per drawing, with draw.io's AWS shapes where it has them.

Groups are containers with their members as children. Edges are attached to their ends and keep the bends of
their routes as waypoints. Labels belong to their node or edge. One point is one draw.io unit. The format is the
uncompressed XML of mxGraph, as draw.io writes it with "Compressed" off.
"""

from __future__ import annotations

import base64
import html
import itertools
import math
from collections.abc import Iterator, Sequence

from msgspec import Struct, field

from diagramkit import data
from diagramkit.drawing import (
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
from diagramkit.graph import Head, Pattern
from diagramkit.icons import artwork
from diagramkit.icons.icon import Icon
from diagramkit.markup import quote_attribute, safe_link
from diagramkit.picture_files import drawio_pages
from diagramkit.style import colors, group_kinds, shapes
from diagramkit.style.text_style import StyledText
from diagramkit.writers import drawio_stencils, picture_origin

_HEADS: dict[Head, str] = {"none": "none", "arrow": "open", "circle": "oval", "cross": "cross"}
_ICON_STYLE = (
    "sketch=0;outlineConnect=0;dashed=0;verticalLabelPosition=bottom;verticalAlign=top;align=center;html=1;"
    "aspect=fixed;spacing=0;"
)
_CONTAINER_STYLE = "container=1;pointerEvents=0;collapsible=0;recursiveResize=0;html=1;"
_ICON_PIXELS = 256
_MIN_LABEL_OFFSET = 0.5  # Points from the middle of its shape from which on a label gets an offset.
_MONOSPACE = "'Courier New',monospace"  # Its letters are as wide as those of the font of the pictures.
_JUMP_SIZE = 10.0  # draw.io's unit for line jumps; this is about the width of a hop.
_SWATCH_HEIGHT = 10.0  # Of a line in the legend: draw.io needs a cell with a height.


class DrawioPage(Struct, frozen=True):
    """A page of the file: its name, its drawing, and the pattern that `diagramkit pull` finds the source by."""

    name: str
    drawing: Drawing
    pattern: Pattern | None = None


def write(pages: Sequence[DrawioPage]) -> str:
    """Return the draw.io file with these pages."""
    diagrams = "".join(_PageWriter(number, page).text() for number, page in enumerate(pages, 1))
    return f'<mxfile host="diagramkit" type="device" pages="{len(pages)}">\n{diagrams}</mxfile>\n'


class _PageWriter(Struct):
    number: int
    page: DrawioPage
    ids: dict[str, str] = field(default_factory=dict)  # The cell id of each group and node.
    boxes: dict[str, Box] = field(default_factory=dict)  # The box of each group and node on the page.

    def text(self) -> str:
        """Return the XML element of the page."""
        drawing = self.page.drawing
        cells = [*self._groups(), *self._nodes(), *self._edges(), *self._notes()]
        record = self._record(cells)
        background = "" if drawing.background in ("none", "#FFFFFF") else f' background="{drawing.background}"'
        w, h = math.ceil(drawing.width), math.ceil(drawing.height)
        root = '<mxCell id="0"/>'
        if record:
            root = f'<object label="" {drawio_pages.RECORD}={quote_attribute(record)} id="0"><mxCell/></object>'
        return (
            f'  <diagram id="page-{self.number}" name={quote_attribute(self.page.name)}>\n'
            f'    <mxGraphModel dx="0" dy="0" grid="0" gridSize="10" guides="1" tooltips="1" connect="1" '
            f'arrows="1" fold="1" page="1" pageScale="1" pageWidth="{w}" pageHeight="{h}" math="0" '
            f'shadow="0"{background}>\n      <root>\n        {root}\n        <mxCell id="1" parent="0"/>\n'
            + "".join(f"        {cell}\n" for cell in cells)
            + "      </root>\n    </mxGraphModel>\n  </diagram>\n"
        )

    def _record(self, cells: Sequence[str]) -> str:
        """Return the record of the page as JSON; an empty text if nothing is known about its source."""
        drawing, pattern = self.page.drawing, self.page.pattern
        keys = picture_origin.ShapeKeys(self.ids, {}, [f"edge-{number}" for number in range(len(drawing.edges))], {})
        record = picture_origin.record_of(pattern, drawing, keys) if pattern else None
        if record is None:
            return ""
        page = drawio_pages.parse_cells("".join(cells))
        return record.with_shapes(page.shapes).to_json()

    # Groups and nodes

    def _groups(self) -> Iterator[str]:
        for number, group in enumerate(self.page.drawing.groups):
            self.ids[group.id], self.boxes[group.id] = f"group-{number}", group.box
            parent = self._parent(group.box, group.id)
            yield self._vertex(self.ids[group.id], _html(group.texts), _group_style(group), group.box, parent, group)

    def _nodes(self) -> Iterator[str]:
        for number, node in enumerate(self.page.drawing.nodes):
            self.ids[node.id], self.boxes[node.id] = f"node-{number}", node.box
            parent = self._parent(node.box)
            if node.plate:
                paint = _paint("fill", node.plate) + _paint("stroke", node.border)
                style = f"rounded=1;absoluteArcSize=1;arcSize=12;{paint}html=1;"
                yield self._vertex(f"plate-{number}", "", style, node.solid, parent)
            style, box = _node_style(node)
            yield self._vertex(self.ids[node.id], _html(node.texts), style, box, parent, node)
            self.boxes[node.id] = box

    def _parent(self, box: Box, group_id: str = "") -> str | None:
        """Return the id of the innermost group around a box; `group_id` is set if the box is a group's own."""
        ancestors = [
            group
            for group in self.page.drawing.groups
            if group.id != group_id and group.box.contains(box) and (not group_id or group.box != box)
        ]
        return min(ancestors, key=lambda group: group.box.w * group.box.h).id if ancestors else None

    def _vertex(
        self,
        cell_id: str,
        label: str,
        style: str,
        box: Box,
        parent: str | None,
        item: NodeDrawing | GroupDrawing | None = None,
    ) -> str:
        """Return a cell, with the link of `item`.

        `parent` is the id of a group; the coordinates in the cell are relative to it.
        """
        parent_id = self.ids[parent] if parent else "1"
        origin = self.boxes[parent] if parent else Box(0, 0, 0, 0)
        relative = box.moved(-origin.x, -origin.y)
        cell = (
            f'style={quote_attribute(style)} vertex="1" parent="{parent_id}"><mxGeometry {_box_attributes(relative)} '
            'as="geometry"/></mxCell>'
        )
        link = safe_link(item.link) if item else None
        tooltip = item.tooltip if item else None
        if not link and not tooltip:
            return f'<mxCell id="{cell_id}" value={quote_attribute(label)} {cell}'
        attributes = f" link={quote_attribute(link)}" if link else ""
        attributes += f" tooltip={quote_attribute(tooltip)}" if tooltip else ""
        return f'<UserObject label={quote_attribute(label)}{attributes} id="{cell_id}"><mxCell {cell}</UserObject>'

    # Edges

    def _edges(self) -> Iterator[str]:
        for number, edge in enumerate(self.page.drawing.edges):
            cell_id = f"edge-{number}"
            bends = "".join(f'<mxPoint x="{_n(x)}" y="{_n(y)}"/>' for x, y in edge.points[1:-1])
            points = f'<Array as="points">{bends}</Array>' if bends else ""
            yield (
                f'<mxCell id="{cell_id}" style={quote_attribute(self._edge_style(edge))} edge="1" parent="1" '
                f'source="{self.ids[edge.source]}" target="{self.ids[edge.target]}"><mxGeometry relative="1" '
                f'as="geometry">{points}</mxGeometry></mxCell>'
            )
            if edge.texts:
                yield self._edge_label(f"{cell_id}-label", cell_id, edge, edge.texts)
            if edge.badge:
                yield self._edge_badge(f"{cell_id}-step", cell_id, edge, edge.badge)

    def _edge_style(self, edge: EdgeDrawing) -> str:
        drawing = self.page.drawing
        width, dash = drawing.pen_of(edge)
        orthogonal = all(a[0] == b[0] or a[1] == b[1] for a, b in itertools.pairwise(edge.points))
        corners = "curved=1;" if edge.curve else f"rounded=1;arcSize={_n(2 * drawing.corner)};"
        router = "orthogonalEdgeStyle" if orthogonal and len(edge.points) > 2 and not edge.curve else "none"
        size = _n(drawing.head_length * 0.85)
        heads = [_HEADS[head if edge.color != "none" else "none"] for head in (edge.tail, edge.head)]
        jumps = f"jumpStyle=arc;jumpSize={_n(_JUMP_SIZE)};" if drawing.hops and not edge.curve else ""
        return (
            f"edgeStyle={router};{corners}html=1;jettySize=auto;"
            f"{_paint('stroke', edge.color)}strokeWidth={_n(width)};{_dash_style(dash)}{jumps}"
            f"startArrow={heads[0]};startSize={size};startFill=0;"
            f"endArrow={heads[1]};endSize={size};endFill=0;"
            f"{self._end('exit', edge.source, edge.points[0])}{self._end('entry', edge.target, edge.points[-1])}"
        )

    def _end(self, prefix: str, name: str, point: Point) -> str:
        """Return the style that attaches an edge's end to a cell at `point`; `prefix` is `exit` or `entry`.

        The point is written as a fraction of the cell's width and height, and an offset from there.
        """
        box, parts = self.boxes[name], []
        for axis, start, side, position in (("X", box.x, box.w, point[0]), ("Y", box.y, box.h, point[1])):
            fraction = min(max((position - start) / side, 0.0), 1.0) if side else 0.0
            offset = position - start - fraction * side
            parts.append(f"{prefix}{axis}={round(fraction, 4):g};{prefix}D{axis.lower()}={_n(offset)};")
        return f"{''.join(parts)}{prefix}Perimeter=0;"

    def _edge_label(self, cell_id: str, edge_id: str, edge: EdgeDrawing, texts: Sequence[TextSpan]) -> str:
        left, right = min(text.box.x for text in texts), max(text.box.right for text in texts)
        top, bottom = min(text.box.y for text in texts), max(text.box.bottom for text in texts)
        position, dx, dy = _relative_position(edge.line(), ((left + right) / 2, (top + bottom) / 2))
        background = "none" if texts[0].color == "none" else colors.split(edge.label_background)[0]
        style = (
            f"edgeLabel;html=1;align=center;verticalAlign=middle;resizable=0;points=[];fontSize={_n(texts[0].size)};"
            f"{_font_color(texts[0])}labelBackgroundColor={background};"
        )
        return (
            f'<mxCell id="{cell_id}" value={quote_attribute(_html(texts))} style={quote_attribute(style)} vertex="1" '
            f'connectable="0" parent="{edge_id}"><mxGeometry x="{position:.4f}" relative="1" as="geometry">'
            f'<mxPoint x="{_n(dx)}" y="{_n(dy)}" as="offset"/></mxGeometry></mxCell>'
        )

    def _edge_badge(self, cell_id: str, edge_id: str, edge: EdgeDrawing, badge: Badge) -> str:
        position, dx, dy = _relative_position(edge.line(), badge.box.center)
        box = badge.box
        value, style = quote_attribute(_html([badge.text])), quote_attribute(_badge_style(badge))
        return (
            f'<mxCell id="{cell_id}" value={value} style={style} '
            f'vertex="1" connectable="0" parent="{edge_id}"><mxGeometry x="{position:.4f}" width="{_n(box.w)}" '
            f'height="{_n(box.h)}" relative="1" as="geometry"><mxPoint x="{_n(dx - box.w / 2)}" '
            f'y="{_n(dy - box.h / 2)}" as="offset"/></mxGeometry></mxCell>'
        )

    def _notes(self) -> Iterator[str]:
        notes = self.page.drawing.notes
        for number, swatch in enumerate(notes.swatches):
            style = (
                f"html=1;fillColor={swatch.fill or 'none'};strokeColor={swatch.stroke};"
                f"strokeWidth={_n(swatch.width)};{_dash_style(swatch.dash)}"
            )
            box = swatch.box
            if not box.h:
                style = f"shape=line;{style}"
                box = Box(box.x, box.y - _SWATCH_HEIGHT / 2, box.w, _SWATCH_HEIGHT)
            yield self._vertex(f"sample-{number}", "", style, box, None)
        for number, badge in enumerate(notes.badges):
            yield self._vertex(f"badge-{number}", _html([badge.text]), _badge_style(badge), badge.box, None)
        for number, text in enumerate(notes.texts):
            style = (
                "text;html=1;align=left;verticalAlign=middle;spacing=0;whiteSpace=nowrap;"
                f"fontSize={_n(text.size)};{_font_color(text)}"
            )
            yield self._vertex(f"text-{number}", _html([text]), style, text.box, None)


def _dash_style(dash: Sequence[float]) -> str:
    return f"dashed=1;fixDash=1;dashPattern={' '.join(map(_n, dash))};" if dash else ""


def _badge_style(badge: Badge) -> str:
    return (
        f"ellipse;html=1;aspect=fixed;fillColor={badge.fill};strokeColor=none;spacing=0;resizable=0;points=[];"
        f"fontSize={_n(badge.text.size)};fontColor={badge.text.color};"
    )


def _group_style(group: GroupDrawing) -> str:
    icon = group_kinds.load()[group.kind].get("drawio")
    color = _font_color(group.texts[0]) if group.texts else f"fontColor={group.border};"
    centered = group.tile is None and group.texts and group.texts[0].box.center[0] > group.box.x + group.box.w / 3
    size = f"fontSize={_n(group.texts[0].size)};" if group.texts else ""
    base = (
        f"{_CONTAINER_STYLE}verticalAlign=top;{_paint('stroke', group.border)}{_paint('fill', group.fill)}"
        f"strokeWidth={_n(group.width)};{color}{size}{_dash_style(group.dash) or 'dashed=0;'}"
    )
    if group.tile and icon:
        if group.tile.x > group.box.x + group.box.w / 4:
            title = "shape=mxgraph.aws4.groupCenter;grStroke=1;align=center;spacingTop=25;"
        else:
            title = "shape=mxgraph.aws4.group;grStroke=1;align=left;spacingLeft=30;spacingTop=4;"
        return f"{base}{title}grIcon=mxgraph.aws4.{icon};"
    if group.tile and group.icon:
        title = "align=left;imageAlign=left;imageVerticalAlign=top;shape=label;spacingTop=4;"
        side = _n(group.tile.w)
        background = f"imageBackground={group.tile_fill};" if group.tile_fill else ""
        return (
            f"{base}{title}imageWidth={side};imageHeight={side};spacing=0;spacingLeft={_n(group.tile.w + 8)};"
            f"{background}image={_image(group.icon)};"
        )
    return f"{base}align={'center' if centered else 'left'};spacingLeft={0 if centered else 6};spacingTop=4;"


def _node_style(node: NodeDrawing) -> tuple[str, Box]:
    """Return a node's style and the box of its cell.

    The box differs from the drawing's if draw.io's shape has other proportions: it keeps those of the shape.
    """
    text = node.texts[0] if node.texts else None
    font = f"fontSize={_n(text.size)};{_font_color(text)}" if text else ""
    if node.icon is None:
        return f"{_shape_style(node)}{font}", node.box
    fading = f"opacity={round(100 * node.opacity)};" if node.opacity < 1 else ""
    font += fading
    shape = data.load("writers", "aws4.yaml").get(node.icon.reference)
    if shape is None:
        return f"shape=image;{_ICON_STYLE}imageAspect=0;image={_image(node.icon)};{font}", node.box
    if service := shape.get("service"):
        style = (
            f"{_ICON_STYLE}fillColor={shape['fill']};strokeColor=#ffffff;gradientColor=none;"
            f"shape=mxgraph.aws4.resourceIcon;resIcon=mxgraph.aws4.{service};{font}"
        )
        return style, node.box
    ratio, box = shape.get("ratio", 1.0), node.box
    inner = Box(box.x, box.y, box.w * min(ratio, 1.0), box.h / max(ratio, 1.0))
    inner = inner.moved((box.w - inner.w) / 2, (box.h - inner.h) / 2)
    style = (
        f"{_ICON_STYLE}fillColor={shape['fill']};strokeColor=none;gradientColor=none;"
        f"shape=mxgraph.aws4.{shape['resource']};"
    )
    # draw.io measures the label's distance from the bottom of the cell, which is above the bottom of the box.
    return f"{style}{font}spacingTop={_n(box.bottom - inner.bottom)};", inner


def _shape_style(node: NodeDrawing) -> str:
    """Return the style of a node's shape, and where its label is."""
    shape = shapes.get(node.shape)
    kind = shape.drawio or drawio_stencils.style(shape, node.box)
    border = node.border if shape.has_border or shape.lines else None
    place = ""
    if node.has_label_below:
        place = "verticalLabelPosition=bottom;verticalAlign=top;align=center;spacing=0;"
    elif node.texts and "boundedLbl=1" not in kind:  # Then draw.io moves the label itself.
        area = bounds([text.box for text in node.texts])
        for name, offset in (
            ("Left", area.center[0] - node.box.center[0]),
            ("Top", area.center[1] - node.box.center[1]),
        ):
            place += f"spacing{name}={_n(2 * offset)};" if abs(offset) >= _MIN_LABEL_OFFSET else ""
    return (
        f"{kind};html=1;{_paint('fill', node.fill)}{_paint('stroke', border)}strokeWidth={_n(node.width)};"
        f"{_dash_style(node.dash)}{place}"
    )


def _image(icon: Icon) -> str:
    """Return an icon as a data URI without ";base64", because ";" separates the entries of a style."""
    image = artwork.load(icon, _ICON_PIXELS)
    subtype, raw = ("png", image.png) if image.vector is None else ("svg+xml", image.vector.text().encode("utf-8"))
    return f"data:image/{subtype},{base64.b64encode(raw).decode('ascii')}"


def _paint(name: str, color: str | None) -> str:
    """Return the style entries for the color `fill` or `stroke` of a cell."""
    opaque, opacity = colors.split(color or colors.NONE)
    translucent = f"{name}Opacity={round(100 * opacity)};" if 0 < opacity < 1 else ""
    return f"{name}Color={opaque};{translucent}"


def _font_color(text: TextSpan) -> str:
    """Return the style entries for the color of a cell's text."""
    opaque, opacity = colors.split(text.color)
    if opaque == colors.NONE:
        return "fontColor=none;textOpacity=0;"
    return f"fontColor={opaque};" + (f"textOpacity={round(100 * opacity)};" if opacity < 1 else "")


def _html(lines: Sequence[TextSpan]) -> str:
    """Return lines as the HTML of a label. Lines whose size or color differs from the first are styled."""
    parts = []
    for line in lines:
        text, style = "".join(_html_part(part, line) for part in line.styled_parts), ""
        if line.size != lines[0].size:
            style += f"font-size:{_n(line.size)}px;"
        if line.color != lines[0].color:
            style += f"color:{line.color};"
        parts.append(f'<span style="{style}">{text}</span>' if style else text)
    return "<br>".join(parts)


def _html_part(part: StyledText, line: TextSpan) -> str:
    """Return a part of a line with its style."""
    text, style = html.escape(part.text), part.style
    if style.rise:
        element = "sup" if style.rise > 0 else "sub"
        text = f"<{element}>{text}</{element}>"
    decoration = " ".join(["underline"] * style.underline + ["line-through"] * style.strikethrough)
    values = {
        "font-family": _MONOSPACE if style.monospace else "",
        "font-weight": "bold" if style.bold else "",
        "font-style": "italic" if style.italic else "",
        "text-decoration": decoration,
        "font-size": f"{_n(style.points(line.size))}px" if style.scale != 1 and not style.rise else "",
        "color": style.color if style.color and style.color != colors.NONE else "",
    }
    css = "".join(f"{name}:{value};" for name, value in values.items() if value)
    return f'<span style="{css}">{text}</span>' if css else text


def _relative_position(line: Sequence[Point], point: Point) -> tuple[float, float, float]:
    """Return where `point` is relative to a polyline, as draw.io places the labels of edges.

    The result is the position of the nearest point on the line (-1 is its start, 1 its end) and the offset x, y
    from there.
    """
    lengths = [math.dist(a, b) for a, b in itertools.pairwise(line)]
    total, before = sum(lengths) or 1.0, 0.0
    nearest = (math.inf, 0.0, 0.0, 0.0)
    for (ax, ay), (bx, by), length in zip(line, line[1:], lengths, strict=False):
        fraction = ((point[0] - ax) * (bx - ax) + (point[1] - ay) * (by - ay)) / length**2 if length else 0.0
        fraction = min(max(fraction, 0.0), 1.0)
        x, y = ax + fraction * (bx - ax), ay + fraction * (by - ay)
        dx, dy = point[0] - x, point[1] - y
        nearest = min(nearest, (math.hypot(dx, dy), (before + fraction * length) / total * 2 - 1, dx, dy))
        before += length
    return nearest[1:]


def _box_attributes(box: Box) -> str:
    return f'x="{_n(box.x)}" y="{_n(box.y)}" width="{_n(box.w)}" height="{_n(box.h)}"'


def _n(value: float) -> str:
    return f"{round(value, 2):g}"
