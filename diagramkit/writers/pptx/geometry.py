"""Writes outlines as DrawingML custom geometry (ECMA-376 Part 1, 20.1.9.8), with connection sites for edges."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from fontTools.pens.recordingPen import RecordingPen
from fontTools.svgLib.path import parse_path
from msgspec import Struct

from diagramkit.drawing import Box, Point

EMU = 12_700
"""English metric units (EMU) per point."""
_COMMANDS = {"moveTo": "moveTo", "lineTo": "lnTo", "curveTo": "cubicBezTo", "qCurveTo": "quadBezTo"}
"""The DrawingML element for each command of a fontTools pen."""
_CORNERS = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


def emu(points: float) -> int:
    """Return a length in points as English metric units."""
    return round(points * EMU)


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

    Without any it is the preset, which has one in the middle of each side.
    """
    if not sites:
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
