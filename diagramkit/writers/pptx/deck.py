"""Describes a deck of slides and their contents, independently of PowerPoint."""

from __future__ import annotations

from msgspec import Struct

from diagramkit.drawing import Drawing
from diagramkit.graph import Pattern


class TitleSlide(Struct, frozen=True):
    """The first slide, with a title and a line below it. `notes` are the speaker notes."""

    title: str
    subtitle: str = ""
    notes: str = ""


class Thumbnail(Struct, frozen=True):
    """A small picture of a diagram that follows, with its title."""

    title: str
    drawing: Drawing


class SectionSlide(Struct, frozen=True):
    """A slide that begins a section of the deck, with a picture of each of its diagrams."""

    title: str
    subtitle: str
    thumbnails: tuple[Thumbnail, ...]


class TextList(Struct, frozen=True):
    """A list with a heading. `numbers` are the numbers of its items, or empty for bullets."""

    heading: str
    items: tuple[str, ...]
    numbers: tuple[int, ...] = ()


class Panel(Struct, frozen=True):
    """Lists beside a diagram. If `current` is set, the item with that number stands out."""

    lists: tuple[TextList, ...]
    current: int | None = None


class TextSlide(Struct, frozen=True):
    """A slide with lists."""

    title: str
    lists: tuple[TextList, ...]


class DiagramSlide(Struct, frozen=True):
    """A slide with a diagram, as shapes or as the PNG `image`.

    `notes` are the speaker notes. `pattern` is what the diagram shows.
    """

    title: str
    drawing: Drawing
    notes: str = ""
    panel: Panel | None = None
    image: bytes | None = None
    pattern: Pattern | None = None


Slide = TitleSlide | SectionSlide | TextSlide | DiagramSlide


class Deck(Struct, frozen=True):
    """Slides in order, of `width` by `height` points.

    `template` is a PowerPoint file whose layouts and colors are used. `theme_colors` maps colors of the drawings
    (#RRGGBB) to colors of the template's theme, such as `tx1` and `bg1`.
    """

    title: str
    slides: tuple[Slide, ...]
    width: float
    height: float
    background: str | None = None
    template: bytes | None = None
    theme_colors: tuple[tuple[str, str], ...] = ()
