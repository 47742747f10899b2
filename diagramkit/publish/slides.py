"""Arrange patterns as a deck: a title slide, a slide for each category, and a slide for each pattern."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from diagramkit import pipeline
from diagramkit.batch.executor import IN_PROCESS, Executor
from diagramkit.diagnostics import Diagnostic, Span, problems_of
from diagramkit.drawing import Box
from diagramkit.graph import Pattern
from diagramkit.options import Options
from diagramkit.style.colors import luminance
from diagramkit.writers import pptx
from diagramkit.writers.pptx.deck import Deck, DiagramSlide, Panel, Slide, TitleSlide

_DARK_LUMINANCE = 0.18  # Of a middle gray; a background below it is dark.
ASPECTS = {"16:9": (960.0, 540.0), "4:3": (720.0, 540.0)}
"""The sizes of slides in points, by aspect ratio."""
_PNG_WIDTH = 3840  # Of a diagram as one picture, in pixels.
_SCREEN_WIDTH = 1920  # Of a slide on a screen, in pixels; the layout keeps text readable at this size.


class SlideOptions(Struct, frozen=True):
    """How to make a deck.

    `aspect` is the aspect ratio of the slides, unless a PowerPoint `template` determines it. `panel` puts lists next
    to the pictures. `as_picture` adds each diagram as one PNG instead of shapes. `steps` adds a slide for each
    numbered step.
    """

    aspect: str = "16:9"
    template: bytes | None = None
    panel: bool = False
    as_picture: bool = False
    steps: bool = False


class DeckResult(Struct, frozen=True):
    """A deck, and the problems of the patterns that are missing from it."""

    deck: Deck
    problems: tuple[Diagnostic, ...]


def deck(
    patterns: Sequence[Pattern],
    title: str,
    slide_options: SlideOptions,
    options: Options,
    executor: Executor = IN_PROCESS,
) -> DeckResult:
    """Return a deck of patterns, drawn with `executor` to fill its slides.

    Raises `DiagramError` if the theme is invalid.
    """
    template = pptx.template_info(slide_options.template) if slide_options.template is not None else None
    # `light` is the default theme: on a dark template it means that the user chose none.
    if template and options.theme == "light" and luminance(template.background) < _DARK_LUMINANCE:
        options = replace(options, theme="dark")
    empty_deck = _empty_deck(title, slide_options, options, template)
    picture_areas = {panel: pptx.picture_area(empty_deck, panel) for panel in {False, slide_options.panel}}
    slides: list[Slide] = []
    problems: list[Diagnostic] = []
    if len(patterns) > 1:
        slides.append(TitleSlide(title, _count_text(patterns)))
    category = None
    for pattern in patterns:
        try:
            fitted_options = _fit_options(options, picture_areas, pattern, slide_options, empty_deck)
            pattern_slides = executor.call(pattern.span, _slides, pattern, slide_options, fitted_options)
        except Exception as error:
            problems += problems_of(error, pattern.span)
            continue
        if len(patterns) > 1 and pattern.category and pattern.category != category:
            slides.append(TitleSlide(pattern.category, section=True))
        category = pattern.category
        slides += pattern_slides
    return DeckResult(replace(empty_deck, slides=tuple(slides)), tuple(problems))


def _empty_deck(title: str, slide_options: SlideOptions, options: Options, template: pptx.TemplateInfo | None) -> Deck:
    """Return the deck without slides: its size and colors."""
    theme = pipeline.themes(options, Span("<deck>"))[0]
    if template is not None:
        # Text and background of the drawing take the colors of text and background in the template.
        scheme_colors = {theme.text: "tx1", theme.muted: "tx1", theme.edge: "tx1", theme.background: "bg1"}
        colors = tuple(sorted((color, name) for color, name in scheme_colors.items() if color != "none"))
        return Deck(title, (), template.width, template.height, None, slide_options.template, colors)
    width, height = ASPECTS[slide_options.aspect]
    background = theme.background if theme.background not in ("none", "#FFFFFF") else None
    return Deck(title, (), width, height, background)


def _slides(pattern: Pattern, slide_options: SlideOptions, options: Options) -> list[Slide]:
    """Return the slides of one pattern. Raises `DiagramError`."""
    panel = Panel(pattern.lists) if slide_options.panel and pattern.lists else None
    drawing = pipeline.draw(pattern, options)
    png = None
    if slide_options.as_picture:
        # A PNG only, because programs render an SVG with many parts differently.
        png = pipeline.render(pattern, ("png",), replace(options, width=_PNG_WIDTH)).outputs["png"]
    slides: list[Slide] = [DiagramSlide(pattern.title, drawing, _notes(pattern), panel, png)]
    if slide_options.steps:
        for number, text in pipeline.steps(pattern):
            title = f"{pattern.title}: {number}. {text}"
            slides.append(DiagramSlide(title, drawing, text, panel, None, number))
    return slides


def _fit_options(
    options: Options,
    picture_areas: Mapping[bool, Box],
    pattern: Pattern,
    slide_options: SlideOptions,
    empty_deck: Deck,
) -> Options:
    """Return the options with which a picture fills its area. The slide itself has the title and the background.

    `picture_areas` has the area by whether the slide has a panel.
    """
    area = picture_areas[slide_options.panel and bool(pattern.lists)]
    pixels_per_point = _SCREEN_WIDTH / empty_deck.width
    canvas = f"{max(round(area.w * pixels_per_point), 16)}x{max(round(area.h * pixels_per_point), 16)}"
    steps = True if slide_options.steps else options.picture_options.steps
    look = replace(options.picture_options, canvas=canvas, title=False, steps=steps)
    background = options.background or ("transparent" if empty_deck.template is None else None)
    return replace(options, picture_options=look, background=background)


def _notes(pattern: Pattern) -> str:
    """Return the speaker notes: the title and the lists, or nothing if there are no lists."""
    parts = [f"{heading}\n" + "\n".join(f"• {item}" for item in items) for heading, items in pattern.lists]
    return "\n\n".join([pattern.title, *parts]) if parts else ""


def _count_text(patterns: Sequence[Pattern]) -> str:
    """Return the subtitle of the deck, such as '11 patterns in 3 categories'."""
    categories = len({pattern.category for pattern in patterns if pattern.category})
    text = f"{len(patterns)} patterns"
    if categories > 1:
        text += f" in {categories} categories"
    return text
