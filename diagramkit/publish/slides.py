"""Patterns as a deck: a title, a slide for each category, a slide a pattern."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from diagramkit import pipeline
from diagramkit.drawing import Box
from diagramkit.graph import Pattern
from diagramkit.pipeline import Options
from diagramkit.problems import DiagramError, Problem, Span
from diagramkit.style.css import luminance
from diagramkit.writers import pptx
from diagramkit.writers.pptx.model import Deck, DiagramSlide, Panel, Slide, TitleSlide

_DARK = 0.18  # The luminance of a middle grey.
ASPECTS = {"16:9": (960.0, 540.0), "4:3": (720.0, 540.0)}
"""The sizes of slides, in points."""
_FLAT = 3840  # Pixels of a picture without shapes.
_PIXELS = 1920  # The width of a slide on a screen, by which text is judged to be readable.


@dataclass(frozen=True, slots=True)
class Wish:
    """How a deck is to be: its title (None: the catalogue's, or of the first pattern), the slides' `aspect`, a
    `template` in its place, lists beside the pictures (`panel`), pictures without shapes (`flat`), and a slide
    for each numbered step."""

    title: str | None = None
    aspect: str = "16:9"
    template: bytes | None = None
    panel: bool = False
    flat: bool = False
    steps: bool = False


@dataclass(frozen=True, slots=True)
class Made:
    """A deck, and what was wrong with what is not in it."""

    deck: Deck
    problems: tuple[Problem, ...]


def deck(patterns: Sequence[Pattern], title: str, wish: Wish, options: Options) -> Made:
    """A deck of patterns, drawn to fill its slides. Raises `DiagramError` where the theme is at fault."""
    options = _in_house(options, wish)
    empty = _empty(title, wish, options)
    slides: list[Slide] = []
    problems: list[Problem] = []
    if len(patterns) > 1:
        slides.append(TitleSlide(title, _counted(patterns)))
    category = None
    for pattern in patterns:
        try:
            made = list(_slides(pattern, wish, options, empty))
        except DiagramError as error:
            problems += error.problems
            continue
        if len(patterns) > 1 and pattern.category and pattern.category != category:
            slides.append(TitleSlide(pattern.category, section=True))
        category = pattern.category
        slides += made
    return Made(replace(empty, slides=tuple(slides)), tuple(problems))


def _empty(title: str, wish: Wish, options: Options) -> Deck:
    """The deck without its slides: how large they are, and in which colours."""
    width, height = ASPECTS[wish.aspect]
    used = pipeline.themes(options, Span("<deck>"))[0]
    if wish.template is not None:
        house = pptx.house_of(wish.template)
        # What is text and ground in the drawing is the house's text and ground.
        names = {used.text: "tx1", used.muted: "tx1", used.edge: "tx1", used.background: "bg1"}
        colours = tuple(sorted((name, to) for name, to in names.items() if name != "none"))
        return Deck(title, (), house.width, house.height, None, wish.template, colours)
    ground = used.background if used.background not in ("none", "#FFFFFF") else None
    return Deck(title, (), width, height, ground)


def _in_house(options: Options, wish: Wish) -> Options:
    """The options with a dark theme where the template's ground is dark and no theme was asked for."""
    if wish.template is None or options.theme != "light":
        return options
    dark = luminance(pptx.house_of(wish.template).ground) < _DARK
    return replace(options, theme="dark") if dark else options


def _slides(pattern: Pattern, wish: Wish, options: Options, empty: Deck) -> Iterator[Slide]:
    lists = tuple(
        (heading, items)
        for heading, items in (
            ("Components", pattern.components),
            ("Best practices", pattern.best_practices),
        )
        if items
    )
    panel = Panel(lists) if wish.panel and lists else None
    how = _fitting(options, pptx.room(empty, panel is not None), empty)
    if wish.steps:
        how = replace(how, look=replace(how.look, steps=True))
    drawing = pipeline.draw(pattern, how)
    flat = None
    if wish.flat:
        # Pixels alone: what programs make of an SVG of many parts differs.
        flat = pipeline.render(pattern, ("png",), replace(how, width=_FLAT)).outputs["png"]
    yield DiagramSlide(pattern.title, drawing, _notes(pattern.title, lists), panel, flat)
    if wish.steps:
        for number, words in pipeline.steps(pattern):
            title = f"{pattern.title}: {number}. {words}"
            yield DiagramSlide(title, drawing, words, panel, None, number)


def _fitting(options: Options, room: Box, empty: Deck) -> Options:
    """The options by which a picture fills its place; the slide has the title and the ground."""
    pixels = _PIXELS / empty.width
    canvas = f"{max(round(room.w * pixels), 16)}x{max(round(room.h * pixels), 16)}"
    look = replace(options.look, canvas=canvas, title=False)
    ground = options.background or ("transparent" if empty.template is None else None)
    return replace(options, look=look, background=ground)


def _notes(title: str, lists: Iterable[tuple[str, Sequence[str]]]) -> str:
    parts = [f"{heading}\n" + "\n".join(f"• {item}" for item in items) for heading, items in lists]
    return "\n\n".join([title, *parts]) if parts else ""


def _counted(patterns: Sequence[Pattern]) -> str:
    categories = len({pattern.category for pattern in patterns if pattern.category})
    told = f"{len(patterns)} patterns"
    if categories > 1:
        told += f" in {categories} categories"
    return told
