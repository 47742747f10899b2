"""Writes a deck of slides as a PowerPoint file (Office Open XML, ECMA-376) whose diagrams can be edited."""

from __future__ import annotations

import datetime
import io
import zipfile
from typing import TYPE_CHECKING

from msgspec import Struct

from diagramkit.drawing import Box, Drawing
from diagramkit.markup import strip_forbidden
from diagramkit.writers.pptx.deck import Deck

if TYPE_CHECKING:
    from typing import Any

    from diagramkit.picture_files.picture_page import PictureRecord
    from diagramkit.writers.pptx.geometry import Placement

_TIMESTAMP = (1980, 1, 1, 0, 0, 0)  # The earliest time in a zip file; constant, so that equal decks give equal bytes.


class Areas(Struct, frozen=True):
    """The areas on slides, in points: of a diagram alone, of one beside a panel, and of the panel."""

    diagram: Box
    beside_panel: Box
    panel: Box

    def of(self, has_panel: bool) -> Box:
        """Return the area of a diagram, beside a panel if there is one."""
        return self.beside_panel if has_panel else self.diagram


def areas(deck: Deck) -> Areas:
    """Return the areas on the deck's slides."""
    from diagramkit.writers.pptx import layouts

    presentation = layouts.empty_presentation(deck)
    beside = layouts.slide_areas(presentation, panel=True)
    assert beside.panel is not None
    return Areas(layouts.slide_areas(presentation, panel=False).picture, beside.picture, beside.panel)


def placement(drawing: Drawing, area: Box) -> Placement:
    """Return where a diagram is on a slide that has `area` for it."""
    from diagramkit.writers.pptx import geometry

    return geometry.fit(geometry.content(drawing), area, geometry.MAX_SCALE)


class TemplateInfo(Struct, frozen=True):
    """The size of a template's slides in points, and the color of their background."""

    width: float
    height: float
    background: str


def template_info(template: bytes) -> TemplateInfo:
    """Return the properties of a template. Raises `ValueError` if it is not a PowerPoint file."""
    from pptx import Presentation
    from pptx.exc import PackageNotFoundError

    from diagramkit.writers.pptx import layouts

    try:
        presentation = Presentation(io.BytesIO(template))
        width, height = (presentation.slide_width or 0) / 12_700, (presentation.slide_height or 0) / 12_700
        return TemplateInfo(width, height, layouts.background_color(presentation))
    except (PackageNotFoundError, KeyError, ValueError, TypeError, zipfile.BadZipFile) as error:
        raise ValueError(str(error) or type(error).__name__) from None


def write(deck: Deck) -> bytes:
    """Return the deck as a PowerPoint file. Equal decks give equal bytes."""
    from diagramkit.writers.pptx import layouts, presentation_writer
    from diagramkit.writers.pptx.media import Media

    presentation = layouts.empty_presentation(deck)
    media = Media(presentation.part.package)
    slides = (presentation_writer.add_slide(presentation, slide, media, deck) for slide in deck.slides)
    records = [record for record in slides if record]
    if records:
        _add_records(presentation, records)
    properties = presentation.core_properties
    properties.title, properties.author, properties.last_modified_by = strip_forbidden(deck.title)[:255], "", ""
    properties.created = properties.modified = datetime.datetime(*_TIMESTAMP, tzinfo=datetime.UTC)
    buffer = io.BytesIO()
    presentation.save(buffer)
    return _with_constant_times(buffer.getvalue())


def _add_records(presentation: Any, records: list[PictureRecord]) -> None:
    """Add properties of the document with what the slides were written from. A template may have others already."""
    from lxml import etree
    from pptx.opc.constants import CONTENT_TYPE as CT
    from pptx.opc.constants import RELATIONSHIP_TYPE as RT
    from pptx.opc.package import Part
    from pptx.opc.packuri import PackURI

    from diagramkit.picture_files import pptx_pages

    package = presentation.part.package
    try:
        part = package.part_related_by(RT.CUSTOM_PROPERTIES)
        root = etree.fromstring(part.blob)
    except KeyError:
        part = Part(PackURI("/docProps/custom.xml"), CT.OFC_CUSTOM_PROPERTIES, package, b"")
        package.relate_to(part, RT.CUSTOM_PROPERTIES)
        root = etree.fromstring(pptx_pages.NO_PROPERTIES)
    for element in pptx_pages.properties(records, first_number=len(root) + 2):
        root.append(etree.fromstring(element))
    part._blob = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def _with_constant_times(data: bytes) -> bytes:
    """Return a zip file with all times and permissions set to constants."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(buffer, "w") as target:
        for name in source.namelist():
            entry = zipfile.ZipInfo(name, _TIMESTAMP)
            entry.compress_type, entry.create_system = zipfile.ZIP_DEFLATED, 3
            entry.external_attr = 0o644 << 16
            target.writestr(entry, source.read(name))
    return buffer.getvalue()
