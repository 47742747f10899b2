"""Drawings as a file of draw.io: a page each, with AWS's own shapes where draw.io has them.

Groups are containers, what is in them are their children; edges hold on to what they join and run through the
corners of their paths; labels belong to what they name. One point is one of draw.io's units. The format is
mxGraph's XML, uncompressed, as draw.io writes it with "Compressed" off.
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
)
from diagramkit.graph import Head
from diagramkit.icons import artwork
from diagramkit.icons.icon import Icon
from diagramkit.markup import attribute, safe_link

_HEADS: dict[Head, str] = {"none": "none", "arrow": "open", "circle": "oval", "cross": "cross"}
_THICK = 2.2
_ICON = (
    "sketch=0;outlineConnect=0;dashed=0;verticalLabelPosition=bottom;verticalAlign=top;align=center;html=1;"
    "aspect=fixed;spacing=0;"
)
_CONTAINER = "container=1;pointerEvents=0;collapsible=0;recursiveResize=0;html=1;"
_PIXELS = 256
_JUMP = 10.0  # draw.io's size of a line jump: about as wide as a hop.


class DrawioPage(Struct, frozen=True):
    """A page of the file: its name and what is on it."""

    name: str
    drawing: Drawing


def write(pages: Sequence[DrawioPage]) -> str:
    """The file with all pages."""
    diagrams = "".join(_PageWriter(number, page).text() for number, page in enumerate(pages, 1))
    return f'<mxfile host="diagramkit" type="device" pages="{len(pages)}">\n{diagrams}</mxfile>\n'


class _PageWriter(Struct):
    number: int
    page: DrawioPage
    ids: dict[str, str] = field(default_factory=dict)
    boxes: dict[str, Box] = field(default_factory=dict)

    def text(self) -> str:
        drawing = self.page.drawing
        cells = [*self._groups(), *self._nodes(), *self._edges(), *self._notes()]
        ground = "" if drawing.background in ("none", "#FFFFFF") else f' background="{drawing.background}"'
        w, h = math.ceil(drawing.width), math.ceil(drawing.height)
        return (
            f'  <diagram id="page-{self.number}" name={attribute(self.page.name)}>\n'
            f'    <mxGraphModel dx="0" dy="0" grid="0" gridSize="10" guides="1" tooltips="1" connect="1" '
            f'arrows="1" fold="1" page="1" pageScale="1" pageWidth="{w}" pageHeight="{h}" math="0" '
            f'shadow="0"{ground}>\n      <root>\n        <mxCell id="0"/>\n        <mxCell id="1" parent="0"/>\n'
            + "".join(f"        {cell}\n" for cell in cells)
            + "      </root>\n    </mxGraphModel>\n  </diagram>\n"
        )

    # Groups and nodes

    def _groups(self) -> Iterator[str]:
        for number, group in enumerate(self.page.drawing.groups):
            self.ids[group.id], self.boxes[group.id] = f"group-{number}", group.box
            inside = self._parent(group.box, group.id)
            yield self._vertex(self.ids[group.id], _said(group.texts), _group_style(group), group.box, inside)

    def _nodes(self) -> Iterator[str]:
        for number, node in enumerate(self.page.drawing.nodes):
            self.ids[node.id], self.boxes[node.id] = f"node-{number}", node.box
            inside = self._parent(node.box)
            if node.plate:
                style = f"rounded=1;absoluteArcSize=1;arcSize=12;fillColor={node.plate};strokeColor={node.border or 'none'};html=1;"
                yield self._vertex(f"plate-{number}", "", style, node.solid, inside)
            style, box = _node_style(node)
            # The label counts from the cell's lower edge: of a shape that fills its box only in part, too.
            yield self._vertex(self.ids[node.id], _said(node.texts), style, box, inside, node)
            self.boxes[node.id] = box

    def _parent(self, box: Box, own: str = "") -> str | None:
        """The innermost group around a box."""
        around = [
            group
            for group in self.page.drawing.groups
            if group.id != own and group.box.contains(box) and (not own or group.box != box)
        ]
        return min(around, key=lambda group: group.box.w * group.box.h).id if around else None

    def _vertex(
        self,
        name: str,
        value: str,
        style: str,
        box: Box,
        inside: str | None,
        node: NodeDrawing | None = None,
    ) -> str:
        parent = self.ids[inside] if inside else "1"
        at = self.boxes[inside] if inside else Box(0, 0, 0, 0)
        cell = (
            f'style={attribute(style)} vertex="1" parent="{parent}"><mxGeometry {_place(box.moved(-at.x, -at.y))} '
            'as="geometry"/></mxCell>'
        )
        link = safe_link(node.link) if node else None
        tooltip = node.tooltip if node else None
        if not link and not tooltip:
            return f'<mxCell id="{name}" value={attribute(value)} {cell}'
        more = f" link={attribute(link)}" if link else ""
        more += f" tooltip={attribute(tooltip)}" if tooltip else ""
        return f'<UserObject label={attribute(value)}{more} id="{name}"><mxCell {cell}</UserObject>'

    # Edges

    def _edges(self) -> Iterator[str]:
        for number, edge in enumerate(self.page.drawing.edges):
            name = f"edge-{number}"
            inner = "".join(f'<mxPoint x="{_n(x)}" y="{_n(y)}"/>' for x, y in edge.points[1:-1])
            points = f'<Array as="points">{inner}</Array>' if inner else ""
            yield (
                f'<mxCell id="{name}" style={attribute(self._edge_style(edge))} edge="1" parent="1" '
                f'source="{self.ids[edge.source]}" target="{self.ids[edge.target]}"><mxGeometry relative="1" '
                f'as="geometry">{points}</mxGeometry></mxCell>'
            )
            if edge.texts:
                yield self._label(f"{name}-label", name, edge, edge.texts)
            if edge.badge:
                yield self._step(f"{name}-step", name, edge, edge.badge)

    def _edge_style(self, edge: EdgeDrawing) -> str:
        drawing = self.page.drawing
        width = drawing.edge_width * (_THICK if edge.stroke == "thick" else 1)
        width = width if edge.width is None else edge.width
        dash = (3.0, 4.0) if edge.stroke == "dotted" and edge.dash is None else edge.dash or ()
        right = all(a[0] == b[0] or a[1] == b[1] for a, b in zip(edge.points, edge.points[1:], strict=False))
        kind = "curved=1;" if edge.curve else f"rounded=1;arcSize={_n(2 * drawing.corner)};"
        router = "orthogonalEdgeStyle" if right and len(edge.points) > 2 and not edge.curve else "none"
        dashes = f"dashed=1;fixDash=1;dashPattern={' '.join(map(_n, dash))};" if dash else ""
        size = _n(drawing.head_length * 0.85)
        jumps = f"jumpStyle=arc;jumpSize={_n(_JUMP)};" if drawing.hops and not edge.curve else ""
        return (
            f"edgeStyle={router};{kind}html=1;jettySize=auto;strokeColor={edge.color};strokeWidth={_n(width)};{dashes}{jumps}"
            f"startArrow={_HEADS[edge.tail]};startSize={size};startFill=0;"
            f"endArrow={_HEADS[edge.head]};endSize={size};endFill=0;"
            f"{self._end('exit', edge.source, edge.points[0])}{self._end('entry', edge.target, edge.points[-1])}"
        )

    def _end(self, which: str, name: str, point: Point) -> str:
        """Where an edge holds on: at a part of the cell's sides, and so many units beyond."""
        box, parts = self.boxes[name], []
        for axis, start, side, at in (("X", box.x, box.w, point[0]), ("Y", box.y, box.h, point[1])):
            part = min(max((at - start) / side, 0.0), 1.0) if side else 0.0
            parts.append(f"{which}{axis}={round(part, 4):g};{which}D{axis.lower()}={_n(at - start - part * side)};")
        return f"{''.join(parts)}{which}Perimeter=0;"

    def _label(self, name: str, edge_name: str, edge: EdgeDrawing, texts: Sequence[TextSpan]) -> str:
        left, right = min(t.box.x for t in texts), max(t.box.right for t in texts)
        top, low = min(t.box.y for t in texts), max(t.box.bottom for t in texts)
        part, dx, dy = _beside(edge.line(), ((left + right) / 2, (top + low) / 2))
        ground = self.page.drawing.label_background
        style = (
            f"edgeLabel;html=1;align=center;verticalAlign=middle;resizable=0;points=[];fontSize={_n(texts[0].size)};"
            f"fontColor={texts[0].color};labelBackgroundColor={ground};"
        )
        return (
            f'<mxCell id="{name}" value={attribute(_said(texts))} style={attribute(style)} vertex="1" connectable="0" '
            f'parent="{edge_name}"><mxGeometry x="{part:.4f}" relative="1" as="geometry">'
            f'<mxPoint x="{_n(dx)}" y="{_n(dy)}" as="offset"/></mxGeometry></mxCell>'
        )

    def _step(self, name: str, edge_name: str, edge: EdgeDrawing, badge: Badge) -> str:
        part, dx, dy = _beside(edge.line(), badge.box.center)
        box = badge.box
        return (
            f'<mxCell id="{name}" value={attribute(_said([badge.text]))} style={attribute(_badge_style(badge))} '
            f'vertex="1" connectable="0" parent="{edge_name}"><mxGeometry x="{part:.4f}" width="{_n(box.w)}" '
            f'height="{_n(box.h)}" relative="1" as="geometry"><mxPoint x="{_n(dx - box.w / 2)}" '
            f'y="{_n(dy - box.h / 2)}" as="offset"/></mxGeometry></mxCell>'
        )

    def _notes(self) -> Iterator[str]:
        notes = self.page.drawing.notes
        for number, swatch in enumerate(notes.swatches):
            dash = f"dashed=1;fixDash=1;dashPattern={' '.join(map(_n, swatch.dash))};" if swatch.dash else ""
            style = f"html=1;fillColor={swatch.fill or 'none'};strokeColor={swatch.stroke};strokeWidth={_n(swatch.width)};{dash}"
            style = style if swatch.box.h else f"shape=line;{style}"
            box = swatch.box if swatch.box.h else Box(swatch.box.x, swatch.box.y - 5, swatch.box.w, 10)
            yield self._vertex(f"sample-{number}", "", style, box, None)
        for number, badge in enumerate(notes.badges):
            yield self._vertex(f"badge-{number}", _said([badge.text]), _badge_style(badge), badge.box, None)
        for number, text in enumerate(notes.texts):
            style = f"text;html=1;align=left;verticalAlign=middle;spacing=0;whiteSpace=nowrap;fontSize={_n(text.size)};fontColor={text.color};"
            yield self._vertex(f"text-{number}", _said([text]), style, text.box, None)


def _badge_style(badge: Badge) -> str:
    return (
        f"ellipse;html=1;aspect=fixed;fillColor={badge.fill};strokeColor=none;spacing=0;resizable=0;points=[];"
        f"fontSize={_n(badge.text.size)};fontColor={badge.text.color};"
    )


def _group_style(group: GroupDrawing) -> str:
    kinds: dict[str, str] = data.load("writers", "drawio.yaml")["groups"]
    colour = group.texts[0].color if group.texts else group.border
    centred = group.tile is None and group.texts and group.texts[0].box.center[0] > group.box.x + group.box.w / 3
    size = f"fontSize={_n(group.texts[0].size)};" if group.texts else ""
    base = (
        f"{_CONTAINER}verticalAlign=top;strokeColor={group.border};fillColor={group.fill or 'none'};"
        f"strokeWidth={_n(group.width)};fontColor={colour};{size}"
    )
    dashes = f"dashed=1;fixDash=1;dashPattern={' '.join(map(_n, group.dash))};" if group.dash else "dashed=0;"
    if group.tile and (sign := kinds.get(group.kind)):
        if group.tile.x > group.box.x + group.box.w / 4:
            place = "shape=mxgraph.aws4.groupCenter;grStroke=1;align=center;spacingTop=25;"
        else:
            place = "shape=mxgraph.aws4.group;grStroke=1;align=left;spacingLeft=30;spacingTop=4;"
        return f"{base}{dashes}{place}grIcon=mxgraph.aws4.{sign};"
    if group.tile and group.icon:
        place = "align=left;imageAlign=left;imageVerticalAlign=top;shape=label;spacingTop=4;"
        side = _n(group.tile.w)
        return (
            f"{base}{dashes}{place}imageWidth={side};imageHeight={side};spacing=0;spacingLeft={_n(group.tile.w + 8)};"
            f"image={_image(group.icon)};"
        )
    return f"{base}{dashes}align={'center' if centred else 'left'};spacingLeft={0 if centred else 6};spacingTop=4;"


def _node_style(node: NodeDrawing) -> tuple[str, Box]:
    """A node's style, and its box where that differs from the drawing's: shapes keep their proportions."""
    text = node.texts[0] if node.texts else None
    font = f"fontSize={_n(text.size)};fontColor={text.color};" if text else ""
    if node.icon is None:
        shapes: dict[str, str] = data.load("writers", "drawio.yaml")["shapes"]
        dashes = f"dashed=1;fixDash=1;dashPattern={' '.join(map(_n, node.dash))};" if node.dash else ""
        return (
            (
                f"{shapes.get(node.shape, shapes['square'])};html=1;fillColor={node.fill or 'none'};"
                f"strokeColor={node.border or 'none'};strokeWidth={_n(node.width)};{dashes}{font}"
            ),
            node.box,
        )
    known = data.load("writers", "aws4.yaml").get(node.icon.reference)
    if known is None:
        return f"shape=image;{_ICON}imageAspect=0;image={_image(node.icon)};{font}", node.box
    if name := known.get("service"):
        return (
            (
                f"{_ICON}fillColor={known['fill']};strokeColor=#ffffff;gradientColor=none;"
                f"shape=mxgraph.aws4.resourceIcon;resIcon=mxgraph.aws4.{name};{font}"
            ),
            node.box,
        )
    ratio, box = known.get("ratio", 1.0), node.box
    inner = Box(box.x, box.y, box.w * min(ratio, 1.0), box.h / max(ratio, 1.0))
    inner = inner.moved((box.w - inner.w) / 2, (box.h - inner.h) / 2)
    style = (
        f"{_ICON}fillColor={known['fill']};strokeColor=none;gradientColor=none;shape=mxgraph.aws4.{known['resource']};"
    )
    return f"{style}{font}spacingTop={_n(box.bottom - inner.bottom)};", inner


def _image(icon: Icon) -> str:
    """A picture inside a style: base64 without its mark, since `;` ends a style's part."""
    drawn = artwork.load(icon, _PIXELS)
    kind, raw = ("png", drawn.png) if drawn.vector is None else ("svg+xml", drawn.vector.text().encode("utf-8"))
    return f"data:image/{kind},{base64.b64encode(raw).decode('ascii')}"


def _said(lines: Sequence[TextSpan]) -> str:
    """Lines as a label's HTML; a line of another size or colour says so."""
    found = []
    for line in lines:
        text, style = html.escape(line.text), ""
        if line.size != lines[0].size:
            style += f"font-size:{_n(line.size)}px;"
        if line.color != lines[0].color:
            style += f"color:{line.color};"
        found.append(f'<span style="{style}">{text}</span>' if style else text)
    return "<br>".join(found)


def _beside(line: Sequence[Point], at: Point) -> tuple[float, float, float]:
    """Where a point lies along a line (-1: at its start, 1: at its end) and how far it is from there."""
    lengths = [math.dist(a, b) for a, b in itertools.pairwise(line)]
    whole, gone = sum(lengths) or 1.0, 0.0
    best = (math.inf, 0.0, 0.0, 0.0)
    for (ax, ay), (bx, by), length in zip(line, line[1:], lengths, strict=False):
        part = ((at[0] - ax) * (bx - ax) + (at[1] - ay) * (by - ay)) / length**2 if length else 0.0
        part = min(max(part, 0.0), 1.0)
        x, y = ax + part * (bx - ax), ay + part * (by - ay)
        dx, dy = at[0] - x, at[1] - y
        best = min(best, (math.hypot(dx, dy), (gone + part * length) / whole * 2 - 1, dx, dy))
        gone += length
    return best[1:]


def _place(box: Box) -> str:
    return f'x="{_n(box.x)}" y="{_n(box.y)}" width="{_n(box.w)}" height="{_n(box.h)}"'


def _n(value: float) -> str:
    return f"{round(value, 2):g}"
