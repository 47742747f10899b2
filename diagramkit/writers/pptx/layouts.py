"""Finds the layouts of a presentation for each kind of slide, and the areas that they leave for contents."""

from __future__ import annotations

import io
import re
from typing import Any

from msgspec import Struct
from pptx import Presentation
from pptx.enum.shapes import PP_PLACEHOLDER
from pptx.opc.constants import RELATIONSHIP_TYPE
from pptx.oxml import parse_xml
from pptx.oxml.ns import qn

from diagramkit.drawing import Box
from diagramkit.writers.pptx import default_template
from diagramkit.writers.pptx.deck import Deck
from diagramkit.writers.pptx.geometry import EMU

TITLES = (PP_PLACEHOLDER.TITLE, PP_PLACEHOLDER.CENTER_TITLE)
FOOTERS = (PP_PLACEHOLDER.DATE, PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.SLIDE_NUMBER)
DIAGRAM, SECTION, TITLE, TEXT = (
    ("titleOnly", "title only"),
    ("secHead", "section"),
    ("title", "title slide"),
    ("obj", "content"),
)
"""The type of the layout for each kind of slide (ECMA-376 Part 1, 19.7.15), and a part of its name."""
_MARGIN = 0.03  # As a part of a slide's width.
_PANEL_WIDTH = 0.27  # As a part of a slide's width.


class SlideAreas(Struct, frozen=True):
    """The areas of a slide with a diagram, in points: for the diagram, and for the panel if there is one."""

    picture: Box
    panel: Box | None


def empty_presentation(deck: Deck) -> Any:
    """Return a presentation without slides: the template of the deck without its own slides, or the default one."""
    if deck.template is None:
        return default_template.build(deck.width, deck.height, deck.background)
    presentation = Presentation(io.BytesIO(deck.template))
    ids = presentation.slides._sldIdLst
    for entry in list(ids):
        presentation.part.drop_rel(entry.rId)
        ids.remove(entry)
    return presentation


def background_color(presentation: Any) -> str:
    """Return the background color of a template's master: its theme's color `bg1`, or white if there is none."""
    master = presentation.slide_master
    name = master.element.find(qn("p:clrMap")).get("bg1", "lt1")
    part = master.part.part_related_by(RELATIONSHIP_TYPE.THEME)
    element = parse_xml(part.blob).find(f".//{qn('a:clrScheme')}/{qn(f'a:{name}')}")
    for color in element if element is not None else ():
        value = color.get("lastClr") or color.get("val", "")
        if re.fullmatch("[0-9A-Fa-f]{6}", value):
            return f"#{value.upper()}"
    return "#FFFFFF"


def find(presentation: Any, layout: tuple[str, str]) -> Any:
    """Return the best layout for a purpose, `DIAGRAM` and so on.

    This is the first layout of its type, else the first with the given part in its name, else the first with a title,
    else the first.
    """
    kind, name = layout
    layouts = list(presentation.slide_layouts)
    for candidate in layouts:
        if candidate.element.get("type") == kind:
            return candidate
    for candidate in layouts:
        if name in candidate.name.lower():
            return candidate
    for candidate in layouts:
        if any(shape.placeholder_format.type in TITLES for shape in candidate.placeholders):
            return candidate
    return layouts[0]


def slide_areas(presentation: Any, panel: bool) -> SlideAreas:
    """Return the areas of a slide below its title and above its footer, with space for a `panel` if there is one."""
    width, height = presentation.slide_width / EMU, presentation.slide_height / EMU
    margin = width * _MARGIN
    top, bottom = margin, height - margin / 2
    for shape in find(presentation, DIAGRAM).placeholders:
        kind, in_upper_half = shape.placeholder_format.type, shape.top / EMU < height / 2
        if kind in TITLES and in_upper_half:
            top = max(top, (shape.top + shape.height) / EMU + margin / 4)
        elif kind in FOOTERS and not in_upper_half:
            bottom = min(bottom, shape.top / EMU)
    area = Box(margin, top, width - 2 * margin, bottom - top)
    if not panel:
        return SlideAreas(area, None)
    panel_width = width * _PANEL_WIDTH
    return SlideAreas(
        Box(area.x, area.y, area.w - panel_width - margin / 2, area.h),
        Box(area.right - panel_width, area.y, panel_width, area.h),
    )


def free_area(presentation: Any, page: Any) -> Box | None:
    """Return the largest area beside the placeholders of a section slide, or None if there is little space."""
    width, height = presentation.slide_width / EMU, presentation.slide_height / EMU
    margin = width * _MARGIN
    boxes = [
        Box(shape.left / EMU, shape.top / EMU, shape.width / EMU, shape.height / EMU)
        for shape in page.placeholders
        if shape.placeholder_format.type not in FOOTERS
    ]
    footers = [
        shape.top / EMU
        for shape in page.slide_layout.placeholders
        if shape.placeholder_format.type in FOOTERS and shape.top / EMU > height / 2
    ]
    lowest, bottom = height - margin, min([height - margin, *footers])
    right = max((box.right for box in boxes), default=0.0)
    below = max((box.bottom for box in boxes), default=0.0)
    above = min((box.y for box in boxes), default=0.0)
    candidates = [
        Box(right + 2 * margin, margin, width - right - 3 * margin, min(lowest, bottom) - margin),
        Box(margin, below + margin / 2, width - 2 * margin, bottom - below - margin / 2),
        Box(margin, margin, width - 2 * margin, above - 1.5 * margin),
    ]
    best = max(candidates, key=lambda box: max(box.w, 0.0) * max(box.h, 0.0))
    return best if best.w > width * 0.3 and best.h > height * 0.25 else None
