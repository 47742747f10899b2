"""Outlines as DrawingML's custom geometry (ECMA-376 Part 1, 20.1.9.8): paths, and the sites at which
connectors hold on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from fontTools.pens.recordingPen import RecordingPen
from fontTools.svgLib.path import parse_path

from diagramkit.drawing import Box, Point

EMU = 12_700
"""English metric units in a point."""
_STEPS = {"moveTo": "moveTo", "lineTo": "lnTo", "curveTo": "cubicBezTo", "qCurveTo": "quadBezTo"}
_RECTANGLE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


def emu(points: float) -> int:
    """A length in points as English metric units."""
    return round(points * EMU)


def outlined(path: str, box: Box, sites: Sequence[Point], scale: float = 1.0, fill: bool = True) -> str:
    """The geometry of a shape in `box` that has the outline `path` (SVG's path data in the same coordinates)
    and the connection `sites`. `scale`: slide points for each of theirs."""
    pen = RecordingPen()
    parse_path(path, pen)
    steps = "".join(_step(name, points, box, scale) for name, points in pen.value)
    return _geometry(steps, box, sites, scale, fill)


def rectangle(box: Box, sites: Sequence[Point], scale: float = 1.0) -> str:
    """The geometry of a rectangle with `sites`; without any it is the preset, which has its own four."""
    if not sites:
        return '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom>'
    corners = [(box.x + box.w * x, box.y + box.h * y) for x, y in _RECTANGLE]
    steps = _step("moveTo", corners[:1], box, scale)
    steps += "".join(_step("lineTo", [corner], box, scale) for corner in corners[1:])
    return _geometry(steps + "<a:close/>", box, sites, scale, fill=True)


def _step(name: str, points: Iterable[Any], box: Box, scale: float) -> str:
    if name in ("closePath", "endPath"):
        return "<a:close/>" if name == "closePath" else ""
    places = "".join(f'<a:pt x="{emu((x - box.x) * scale)}" y="{emu((y - box.y) * scale)}"/>' for x, y in points)
    return f"<a:{_STEPS[name]}>{places}</a:{_STEPS[name]}>"


def _geometry(steps: str, box: Box, sites: Sequence[Point], scale: float, fill: bool) -> str:
    """`steps` in a box. Sites are said as parts of the shape, as PowerPoint says them: LibreOffice takes
    plain numbers for something else."""
    wide, high = max(emu(box.w * scale), 1), max(emu(box.h * scale), 1)
    guides, places = [], []
    for number, (x, y) in enumerate(sites):
        guides.append(f'<a:gd name="x{number}" fmla="*/ {emu((x - box.x) * scale)} w {wide}"/>')
        guides.append(f'<a:gd name="y{number}" fmla="*/ {emu((y - box.y) * scale)} h {high}"/>')
        places.append(f'<a:cxn ang="0"><a:pos x="x{number}" y="y{number}"/></a:cxn>')
    plain = "" if fill else ' fill="none"'
    return (
        f"<a:custGeom><a:avLst/><a:gdLst>{''.join(guides)}</a:gdLst><a:ahLst/>"
        f'<a:cxnLst>{"".join(places)}</a:cxnLst><a:rect l="0" t="0" r="r" b="b"/>'
        f'<a:pathLst><a:path w="{wide}" h="{high}"{plain}>{steps}</a:path></a:pathLst></a:custGeom>'
    )
