"""Describes a deck of slides and their contents, independently of PowerPoint."""

from __future__ import annotations

from msgspec import Struct

from diagramkit.drawing import Drawing


class TitleSlide(Struct, frozen=True):
    """A slide with a title and a line below it. `section` is set if it begins a section of the deck."""

    title: str
    subtitle: str = ""
    section: bool = False


class Panel(Struct, frozen=True):
    """Lists beside a diagram, each with a heading and its items."""

    lists: tuple[tuple[str, tuple[str, ...]], ...]


class DiagramSlide(Struct, frozen=True):
    """A slide with a diagram, as shapes or as the PNG `image`.

    `notes` are the speaker notes. If the slide is about one step of the diagram, `step` is its number, and the
    edges of that step are emphasized.
    """

    title: str
    drawing: Drawing
    notes: str = ""
    panel: Panel | None = None
    image: bytes | None = None
    step: int | None = None


Slide = TitleSlide | DiagramSlide


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
