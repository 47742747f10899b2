"""Builds the presentation that decks without a template of the user's own begin with, from `style/data/slides.yaml`.

It has four layouts, for titles, sections, diagrams and texts, in a theme with its own colors and fonts (ECMA-376
Part 1, 19.3.1 and 20.1.6).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, convert
from pptx import Presentation
from pptx.opc.constants import RELATIONSHIP_TYPE
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn
from pptx.util import Emu

from diagramkit import data
from diagramkit.drawing import Box
from diagramkit.writers.pptx.geometry import emu

_WIDTH, _HEIGHT = 960.0, 540.0  # Of the slides that the file describes, in points.
COLORS = {
    "ink": '<a:srgbClr val="232F3E"/>',
    "white": '<a:srgbClr val="FFFFFF"/>',
    "accent": '<a:schemeClr val="accent1"/>',
    "tx1": '<a:schemeClr val="tx1"/>',
    "muted": '<a:schemeClr val="tx1"><a:lumMod val="65000"/><a:lumOff val="35000"/></a:schemeClr>',
}
"""The colors of the file in DrawingML."""
_INDICES = {"ctrTitle": None, "title": None, "subTitle": 1, "body": 1, "sldNum": 12}
"""The index of each kind of placeholder, by which a slide finds it in its layout."""


class _Placeholder(Struct, frozen=True, forbid_unknown_fields=True):
    """A placeholder: its box, text size in points, color, vertical anchor and horizontal alignment."""

    box: tuple[float, float, float, float]
    size: float
    color: str
    bold: bool = False
    anchor: str = "t"
    align: str = "l"
    fixed: bool = False


class _Fill(Struct, frozen=True, forbid_unknown_fields=True):
    """A colored area. One that is `fixed` has the same width on slides of every width."""

    box: tuple[float, float, float, float]
    fill: str
    fixed: bool = False


class _Layout(Struct, frozen=True, forbid_unknown_fields=True):
    """A layout of slides: its name, background, areas and placeholders."""

    name: str
    placeholders: dict[str, _Placeholder]
    shapes: tuple[_Fill, ...] = ()
    background: str | None = None


class _Design(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    fonts: dict[str, str]
    colors: dict[str, str]
    layouts: dict[str, _Layout]


def build(width: float, height: float, background: str | None) -> Any:
    """Return a presentation without slides; `background` (#RRGGBB) is that of a dark deck."""
    design = convert(data.load("style", "slides.yaml"), _Design)
    presentation = Presentation()
    _remove_thumbnail(presentation)
    presentation.slide_width, presentation.slide_height = Emu(emu(width)), Emu(emu(height))
    _set_theme(presentation, design)
    _set_master(presentation, width, height)
    for layout in list(presentation.slide_layouts):
        described = design.layouts.get(layout.element.get("type"))
        if described is None:
            presentation.slide_layouts.remove(layout)
        else:
            _set_layout(layout, described, width / _WIDTH, height / _HEIGHT)
    if background is not None:
        _use_dark_background(presentation, background)
    return presentation


def _remove_thumbnail(presentation: Any) -> None:
    """Remove the preview picture of python-pptx's own presentation."""
    package = presentation.part.package
    for name, relation in list(package._rels.items()):
        if relation.reltype == RELATIONSHIP_TYPE.THUMBNAIL:
            package.drop_rel(name)


def _set_theme(presentation: Any, design: _Design) -> None:
    """Set the colors and fonts of the theme."""
    part = presentation.slide_master.part.part_related_by(RELATIONSHIP_TYPE.THEME)
    theme = parse_xml(part.blob)
    theme.set("name", "diagramkit")
    scheme = theme.find(f".//{qn('a:clrScheme')}")
    scheme.set("name", "diagramkit")
    for slot in list(scheme):
        name = slot.tag.rpartition("}")[2]
        for color in list(slot):
            slot.remove(color)
        slot.append(parse_xml(f'<a:srgbClr {nsdecls("a")} val="{design.colors[name]}"/>'))
    fonts = theme.find(f".//{qn('a:fontScheme')}")
    fonts.set("name", "diagramkit")
    for kind, name in (("a:majorFont", design.fonts["headings"]), ("a:minorFont", design.fonts["text"])):
        fonts.find(f"{qn(kind)}/{qn('a:latin')}").set("typeface", name)
    from lxml import etree

    part._blob = etree.tostring(theme, xml_declaration=True, encoding="UTF-8", standalone=True)


def _set_master(presentation: Any, width: float, height: float) -> None:
    """Place the placeholders of the master, from which layouts inherit, and align titles to the left."""
    master = presentation.slide_master
    for shape in master.shapes:
        shape.left, shape.width = (Emu(round(side * emu(width) / 9_144_000)) for side in (shape.left, shape.width))
        shape.top, shape.height = (Emu(round(side * emu(height) / 6_858_000)) for side in (shape.top, shape.height))
    title = master.element.find(f"{qn('p:txStyles')}/{qn('p:titleStyle')}/{qn('a:lvl1pPr')}")
    title.set("algn", "l")


def _set_layout(layout: Any, described: _Layout, x_scale: float, y_scale: float) -> None:
    """Replace the contents of a layout."""
    layout.name = described.name
    slide_data = layout.element.cSld
    tree = slide_data.spTree
    for shape in list(tree)[2:]:
        tree.remove(shape)
    if described.background:
        fill = f"<a:solidFill>{COLORS[described.background]}</a:solidFill><a:effectLst/>"
        slide_data.insert(0, parse_xml(f"<p:bg {nsdecls('p', 'a')}><p:bgPr>{fill}</p:bgPr></p:bg>"))
    number = 2
    for area in described.shapes:
        box = _scaled(area.box, 1.0 if area.fixed else x_scale, y_scale)
        tree.append(parse_xml(_area_xml(number, box, area.fill)))
        number += 1
    for kind, placeholder in described.placeholders.items():
        box = _scaled(placeholder.box, 1.0 if placeholder.fixed else x_scale, y_scale)
        tree.append(parse_xml(_placeholder_xml(number, kind, placeholder, box)))
        number += 1


def _scaled(box: tuple[float, float, float, float], x_scale: float, y_scale: float) -> Box:
    """Return a box of the file on a slide of another width: margins and distances from the sides stay the same."""
    x, y, w, h = box
    right = _WIDTH * x_scale - (_WIDTH - x - w)
    if x_scale == 1.0 or x + w <= _WIDTH / 4:
        return Box(x, y * y_scale, w, h * y_scale)
    left = x if x < _WIDTH / 2 else right - w
    return Box(left, y * y_scale, right - left, h * y_scale)


def _transform(box: Box) -> str:
    return f'<a:xfrm><a:off x="{emu(box.x)}" y="{emu(box.y)}"/><a:ext cx="{emu(box.w)}" cy="{emu(box.h)}"/></a:xfrm>'


def _area_xml(number: int, box: Box, color: str) -> str:
    return (
        f'<p:sp {nsdecls("p", "a")}><p:nvSpPr><p:cNvPr id="{number}" name="Area {number}"/><p:cNvSpPr/>'
        '<p:nvPr userDrawn="1"/></p:nvSpPr>'
        f'<p:spPr>{_transform(box)}<a:prstGeom prst="rect"><a:avLst/></a:prstGeom>'
        f"<a:solidFill>{COLORS[color]}</a:solidFill><a:ln><a:noFill/></a:ln></p:spPr></p:sp>"
    )


def _placeholder_xml(number: int, kind: str, placeholder: _Placeholder, box: Box) -> str:
    index = _INDICES[kind]
    attributes = f'type="{kind}"' + (f' idx="{index}"' if index else "") + (' sz="quarter"' if kind == "sldNum" else "")
    bold = f' b="{int(placeholder.bold)}"'
    style = (
        f'<a:lvl1pPr marL="0" indent="0" algn="{placeholder.align}"><a:buNone/>'
        f'<a:defRPr sz="{round(placeholder.size * 100)}"{bold}><a:solidFill>{COLORS[placeholder.color]}</a:solidFill>'
        "</a:defRPr></a:lvl1pPr>"
    )
    run = (
        '<a:fld id="{B6F15528-21DE-4FAA-801E-634DDDAF4B2B}" type="slidenum"><a:rPr lang="en-US"/><a:t>‹#›</a:t></a:fld>'
    )
    paragraph = run if kind == "sldNum" else '<a:r><a:rPr lang="en-US"/><a:t>Text</a:t></a:r>'
    return (
        f'<p:sp {nsdecls("p", "a")}><p:nvSpPr><p:cNvPr id="{number}" name="{kind} {number}"/>'
        f'<p:cNvSpPr><a:spLocks noGrp="1"/></p:cNvSpPr><p:nvPr><p:ph {attributes}/></p:nvPr></p:nvSpPr>'
        f"<p:spPr>{_transform(box)}</p:spPr>"
        f'<p:txBody><a:bodyPr lIns="0" rIns="0" tIns="0" bIns="0" anchor="{placeholder.anchor}"><a:normAutofit/>'
        f"</a:bodyPr><a:lstStyle>{style}</a:lstStyle><a:p>{paragraph}</a:p></p:txBody></p:sp>"
    )


def _use_dark_background(presentation: Any, background: str) -> None:
    """Give all slides a dark background, and swap the dark and light colors of text and background."""
    master = presentation.slide_master.element
    slide_data = master.cSld
    for element in slide_data.findall(qn("p:bg")):
        slide_data.remove(element)
    fill = f'<a:solidFill><a:srgbClr val="{background[1:]}"/></a:solidFill><a:effectLst/>'
    slide_data.insert(0, parse_xml(f"<p:bg {nsdecls('p', 'a')}><p:bgPr>{fill}</p:bgPr></p:bg>"))
    color_map: Mapping[str, str] = master.find(qn("p:clrMap"))
    for background_name, text_name in (("bg1", "tx1"), ("bg2", "tx2")):
        color_map.set(background_name, f"dk{background_name[-1]}")  # type: ignore[attr-defined]  # An XML element.
        color_map.set(text_name, f"lt{text_name[-1]}")  # type: ignore[attr-defined]
