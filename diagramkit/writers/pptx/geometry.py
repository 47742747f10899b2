"""Writes outlines as DrawingML custom geometry (ECMA-376 Part 1, 20.1.9.8), with connection sites for edges."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from fontTools.pens.recordingPen import RecordingPen
from fontTools.svgLib.path import parse_path
from msgspec import Struct

from diagramkit.drawing import Box, Drawing, Point, bounds

EMU = 12_700
"""English metric units (EMU) per point."""
_COMMANDS = {"moveTo": "moveTo", "lineTo": "lnTo", "curveTo": "cubicBezTo", "qCurveTo": "quadBezTo"}
"""The DrawingML element for each command of a fontTools pen."""
MAX_SCALE = 1.5
"""The most by which diagrams are enlarged; the text of labels is then 19.5 points."""
_LINE_SPACE = 3.0  # Points around shapes and lines for their widths and arrowheads.
_PRESET_SITES = 4  # Of a rectangle.
_CORNERS = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


def emu(points: float) -> int:
    """Return a length in points as English metric units."""
    return round(points * EMU)


class Placement(Struct, frozen=True):
    """Where a drawing is on a slide: `scale` points of the slide per point of the drawing, then `dx` and `dy`."""

    scale: float
    dx: float
    dy: float

    def point(self, point: Point) -> Point:
        """Return where a point of the drawing is on the slide."""
        return self.dx + point[0] * self.scale, self.dy + point[1] * self.scale

    def box(self, box: Box) -> Box:
        """Return where a box of the drawing is on the slide."""
        return Box(*self.point((box.x, box.y)), box.w * self.scale, box.h * self.scale)


def fit(content: Box, area: Box, max_scale: float = math.inf) -> Placement:
    """Return the placement with which a part of a drawing fills an area as far as its proportions allow, centered."""
    scale = min(area.w / content.w, area.h / content.h, max_scale)
    (cx, cy), (x, y) = content.center, area.center
    return Placement(scale, x - cx * scale, y - cy * scale)


def content(drawing: Drawing) -> Box:
    """Return the smallest box around everything in a drawing, with its lines and arrowheads: it has no margin."""
    boxes = [*(group.box for group in drawing.groups), *(node.solid for node in drawing.nodes)]
    boxes += [text.box for text in drawing.texts()]
    boxes += [badge.box for badge in drawing.notes.badges] + [swatch.box for swatch in drawing.notes.swatches]
    boxes += [Box(x, y, 0, 0) for edge in drawing.edges for x, y in edge.line()]
    return bounds(boxes).grown(_LINE_SPACE) if boxes else Box(0, 0, drawing.width, drawing.height)


def overlap(box: Box, other: Box) -> Box:
    """Return the area that two boxes share."""
    x, y = max(box.x, other.x), max(box.y, other.y)
    return Box(x, y, min(box.right, other.right) - x, min(box.bottom, other.bottom) - y)


def crop(part: Box, picture: Box) -> str:
    """Return the element that shows only a part of a picture, whose box is `picture`."""
    sides = {
        "l": (part.x - picture.x) / picture.w,
        "t": (part.y - picture.y) / picture.h,
        "r": (picture.right - part.right) / picture.w,
        "b": (picture.bottom - part.bottom) / picture.h,
    }
    return "<a:srcRect" + "".join(f' {side}="{round(value * 100_000)}"' for side, value in sides.items()) + "/>"


class Outline(Struct, frozen=True):
    """A path of a geometry as SVG path data, and whether it is filled and drawn with the line of the shape."""

    path: str
    is_filled: bool = True
    has_line: bool = True


def custom_geometry(outlines: Sequence[Outline], box: Box, sites: Sequence[Point], scale: float = 1.0) -> str:
    """Return the geometry of a shape in `box` with `outlines` and the connection `sites`.

    The paths have the same coordinates as `box` and `sites`, with `scale` points on the slide per unit.
    """
    paths = []
    for outline in outlines:
        pen = RecordingPen()
        parse_path(outline.path, pen)
        commands = "".join(_command(name, points, box, scale) for name, points in pen.value)
        attributes = ("" if outline.is_filled else ' fill="none"') + ("" if outline.has_line else ' stroke="0"')
        paths.append((attributes, commands))
    return _geometry(paths, box, sites, scale)


def rectangle(box: Box, sites: Sequence[Point], scale: float = 1.0) -> str:
    """Return the geometry of a rectangle with the connection `sites`.

    It is the preset if that has all of them: the first four are the middle of each side.
    """
    if len(sites) <= _PRESET_SITES:
        return '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom>'
    corners = [(box.x + box.w * x, box.y + box.h * y) for x, y in _CORNERS]
    commands = _command("moveTo", corners[:1], box, scale)
    commands += "".join(_command("lineTo", [corner], box, scale) for corner in corners[1:])
    return _geometry([("", commands + "<a:close/>")], box, sites, scale)


def _command(name: str, points: Iterable[Any], box: Box, scale: float) -> str:
    if name in ("closePath", "endPath"):
        return "<a:close/>" if name == "closePath" else ""
    coordinates = "".join(f'<a:pt x="{emu((x - box.x) * scale)}" y="{emu((y - box.y) * scale)}"/>' for x, y in points)
    return f"<a:{_COMMANDS[name]}>{coordinates}</a:{_COMMANDS[name]}>"


def _geometry(paths: Sequence[tuple[str, str]], box: Box, sites: Sequence[Point], scale: float) -> str:
    """Return the geometry of paths, each with its attributes and commands.

    The sites are written as fractions of the shape's size, as PowerPoint writes them: LibreOffice misinterprets
    plain numbers.
    """
    width, height = max(emu(box.w * scale), 1), max(emu(box.h * scale), 1)
    guides, connections = [], []
    for number, (x, y) in enumerate(sites):
        guides.append(f'<a:gd name="x{number}" fmla="*/ {emu((x - box.x) * scale)} w {width}"/>')
        guides.append(f'<a:gd name="y{number}" fmla="*/ {emu((y - box.y) * scale)} h {height}"/>')
        connections.append(f'<a:cxn ang="0"><a:pos x="x{number}" y="y{number}"/></a:cxn>')
    elements = "".join(
        f'<a:path w="{width}" h="{height}"{attributes}>{commands}</a:path>' for attributes, commands in paths
    )
    return (
        f"<a:custGeom><a:avLst/><a:gdLst>{''.join(guides)}</a:gdLst><a:ahLst/>"
        f'<a:cxnLst>{"".join(connections)}</a:cxnLst><a:rect l="0" t="0" r="r" b="b"/>'
        f"<a:pathLst>{elements}</a:pathLst></a:custGeom>"
    )
