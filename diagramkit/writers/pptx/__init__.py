"""A deck of slides as a PowerPoint file (Office Open XML, ECMA-376), in which diagrams can be edited."""

from __future__ import annotations

import datetime
import io
import zipfile
from importlib.util import find_spec

from msgspec import Struct

from diagramkit.drawing import Box
from diagramkit.markup import strip_forbidden
from diagramkit.writers.pptx.deck import Deck

_FIRST = (1980, 1, 1, 0, 0, 0)  # The earliest time that a zip can say.


def available() -> bool:
    """Whether slides can be written: the extra `slides` is installed."""
    return find_spec("pptx") is not None


def picture_area(deck: Deck, panel: bool) -> Box:
    """Where a slide of the deck has room for a picture, in points."""
    from diagramkit.writers.pptx import presentation_writer

    return presentation_writer.slide_areas(
        presentation_writer.presentation(deck), panel, deck.template is not None
    ).picture


class TemplateInfo(Struct, frozen=True):
    """What a template says: the size of its slides in points, and the colour of their ground."""

    width: float
    height: float
    ground: str


def template_info(template: bytes) -> TemplateInfo:
    """What a template says. Raises `ValueError` where it is none."""
    from pptx import Presentation
    from pptx.exc import PackageNotFoundError

    from diagramkit.writers.pptx import presentation_writer

    try:
        made = Presentation(io.BytesIO(template))
        width, height = (made.slide_width or 0) / 12_700, (made.slide_height or 0) / 12_700
        return TemplateInfo(width, height, presentation_writer.ground_of(made))
    except (PackageNotFoundError, KeyError, ValueError, TypeError, zipfile.BadZipFile) as error:
        raise ValueError(str(error) or type(error).__name__) from None


def write(deck: Deck) -> bytes:
    """The deck as a file: the same bytes for the same deck."""
    from diagramkit.writers.pptx import presentation_writer
    from diagramkit.writers.pptx.media import Media

    made = presentation_writer.presentation(deck)
    media = Media(made.part.package)
    for slide in deck.slides:
        presentation_writer.add(made, slide, media, deck)
    told = made.core_properties
    told.title, told.author, told.last_modified_by = strip_forbidden(deck.title)[:255], "", ""
    told.created = told.modified = datetime.datetime(*_FIRST, tzinfo=datetime.UTC)
    buffer = io.BytesIO()
    made.save(buffer)
    return _undated(buffer.getvalue())


def _undated(data: bytes) -> bytes:
    """A zip whose files say no time."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as given, zipfile.ZipFile(buffer, "w") as made:
        for name in given.namelist():
            entry = zipfile.ZipInfo(name, _FIRST)
            entry.compress_type, entry.create_system = zipfile.ZIP_DEFLATED, 3
            entry.external_attr = 0o644 << 16
            made.writestr(entry, given.read(name))
    return buffer.getvalue()
