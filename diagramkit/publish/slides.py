"""Patterns as a deck: a title, a slide for each category, a slide a pattern."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from diagramkit import pipeline
from diagramkit.diagnostics import Diagnostic, DiagramError, Span
from diagramkit.drawing import Box
from diagramkit.graph import Pattern
from diagramkit.pipeline import Options
from diagramkit.style.css import luminance
from diagramkit.writers import pptx
from diagramkit.writers.pptx.deck import Deck, DiagramSlide, Panel, Slide, TitleSlide

_DARK = 0.18  # The luminance of a middle grey.
ASPECTS = {"16:9": (960.0, 540.0), "4:3": (720.0, 540.0)}
"""The sizes of slides, in points."""
_FLAT = 3840  # Pixels of a picture without shapes.
_PIXELS = 1920  # The width of a slide on a screen, by which text is judged to be readable.


class SlideOptions(Struct, frozen=True):
    """How a deck is to be: the slides' `aspect`, a `template` in its place, lists beside the pictures (`panel`), pictures without shapes (`flat`), and a slide
    for each numbered step."""

    aspect: str = "16:9"
    template: bytes | None = None
    panel: bool = False
    flat: bool = False
    steps: bool = False


class DeckResult(Struct, frozen=True):
    """A deck, and what was wrong with what is not in it."""

    deck: Deck
    problems: tuple[Diagnostic, ...]


def deck(patterns: Sequence[Pattern], title: str, wish: SlideOptions, options: Options) -> DeckResult:
    """A deck of patterns, drawn to fill its slides. Raises `DiagramError` where the theme is at fault."""
    house = pptx.template_info(wish.template) if wish.template is not None else None
    if house and options.theme == "light" and luminance(house.background) < _DARK:
        options = replace(options, theme="dark")  # No theme was asked for.
    empty = _empty(title, wish, options, house)
    rooms = {panel: pptx.picture_area(empty, panel) for panel in {False, wish.panel}}
    slides: list[Slide] = []
    problems: list[Diagnostic] = []
    if len(patterns) > 1:
        slides.append(TitleSlide(title, _counted(patterns)))
    category = None
    for pattern in patterns:
        try:
            made = list(_slides(pattern, wish, _fitting(options, rooms, pattern, wish, empty)))
        except DiagramError as error:
            problems += error.problems
            continue
        if len(patterns) > 1 and pattern.category and pattern.category != category:
            slides.append(TitleSlide(pattern.category, section=True))
        category = pattern.category
        slides += made
    return DeckResult(replace(empty, slides=tuple(slides)), tuple(problems))


def _empty(title: str, wish: SlideOptions, options: Options, house: pptx.TemplateInfo | None) -> Deck:
    """The deck without its slides: how large they are, and in which colours."""
    used = pipeline.themes(options, Span("<deck>"))[0]
    if house is not None:
        # What is text and ground in the drawing is the house's text and ground.
        names = {used.text: "tx1", used.muted: "tx1", used.edge: "tx1", used.background: "bg1"}
        colours = tuple(sorted((name, to) for name, to in names.items() if name != "none"))
        return Deck(title, (), house.width, house.height, None, wish.template, colours)
    width, height = ASPECTS[wish.aspect]
    ground = used.background if used.background not in ("none", "#FFFFFF") else None
    return Deck(title, (), width, height, ground)


def _slides(pattern: Pattern, wish: SlideOptions, how: Options) -> Iterator[Slide]:
    panel = Panel(pattern.lists) if wish.panel and pattern.lists else None
    drawing = pipeline.draw(pattern, how)
    flat = None
    if wish.flat:
        # Pixels alone: what programs make of an SVG of many parts differs.
        flat = pipeline.render(pattern, ("png",), replace(how, width=_FLAT)).outputs["png"]
    yield DiagramSlide(pattern.title, drawing, _notes(pattern), panel, flat)
    if wish.steps:
        for number, words in pipeline.steps(pattern):
            title = f"{pattern.title}: {number}. {words}"
            yield DiagramSlide(title, drawing, words, panel, None, number)


def _fitting(options: Options, rooms: Mapping[bool, Box], pattern: Pattern, wish: SlideOptions, empty: Deck) -> Options:
    """The options by which a picture fills its place; the slide has the title and the ground."""
    room, pixels = rooms[wish.panel and bool(pattern.lists)], _PIXELS / empty.width
    canvas = f"{max(round(room.w * pixels), 16)}x{max(round(room.h * pixels), 16)}"
    steps = True if wish.steps else options.picture_options.steps
    look = replace(options.picture_options, canvas=canvas, title=False, steps=steps)
    ground = options.background or ("transparent" if empty.template is None else None)
    return replace(options, picture_options=look, background=ground)


def _notes(pattern: Pattern) -> str:
    parts = [f"{heading}\n" + "\n".join(f"• {item}" for item in items) for heading, items in pattern.lists]
    return "\n\n".join([pattern.title, *parts]) if parts else ""


def _counted(patterns: Sequence[Pattern]) -> str:
    categories = len({pattern.category for pattern in patterns if pattern.category})
    told = f"{len(patterns)} patterns"
    if categories > 1:
        told += f" in {categories} categories"
    return told
