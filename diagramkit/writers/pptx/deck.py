"""A deck of slides: what is on each, before any of it is PowerPoint's."""

from __future__ import annotations

from msgspec import Struct

from diagramkit.drawing import Drawing


class TitleSlide(Struct, frozen=True):
    """A title with a line below it; `section` where it begins a part of the deck."""

    title: str
    subtitle: str = ""
    section: bool = False


class Panel(Struct, frozen=True):
    """Lists that stand beside a picture: each a heading and its items."""

    lists: tuple[tuple[str, tuple[str, ...]], ...]


class DiagramSlide(Struct, frozen=True):
    """A slide with a picture: as shapes, or as the PNG `flat`. `notes` are for whoever speaks. `step`: the number that the
    slide is about, whose edges stand out."""

    title: str
    drawing: Drawing
    notes: str = ""
    panel: Panel | None = None
    flat: bytes | None = None
    step: int | None = None


Slide = TitleSlide | DiagramSlide


class Deck(Struct, frozen=True):
    """Slides in order, of `width` by `height` points. `colours` of drawings are colours of the house: `tx1`,
    `bg1` and their like, by #RRGGBB. Of a `template`, layouts and colours are used."""

    title: str
    slides: tuple[Slide, ...]
    width: float
    height: float
    background: str | None = None
    template: bytes | None = None
    colours: tuple[tuple[str, str], ...] = ()
