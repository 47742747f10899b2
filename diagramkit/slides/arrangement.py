"""Arrange patterns as a deck: a title slide, a slide for each category, and slides for each pattern."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from diagramkit.diagnostics import Diagnostic, Span, problems_of
from diagramkit.drawing import Drawing
from diagramkit.graph import Pattern
from diagramkit.icons import attribution
from diagramkit.icons.catalog import catalog_of
from diagramkit.layout.steps import find_steps
from diagramkit.options import Options
from diagramkit.slides import overviews, step_pictures
from diagramkit.sources import themes
from diagramkit.style.colors import luminance
from diagramkit.writers import png, pptx
from diagramkit.writers.pptx import lists
from diagramkit.writers.pptx.deck import (
    Deck,
    DiagramSlide,
    Panel,
    SectionSlide,
    Slide,
    TextList,
    TextSlide,
    Thumbnail,
    TitleSlide,
)

_DARK_LUMINANCE = 0.18  # Of a middle gray; a background below it is dark.
ASPECTS = {"16:9": (960.0, 540.0), "4:3": (720.0, 540.0)}
"""The sizes of slides in points, by aspect ratio."""
_PNG_WIDTH = 3840  # Of a diagram as one picture, in pixels.
_SCREEN_WIDTH = 1920  # Of a slide on a screen, in pixels; the layout keeps text readable at this size.
_SMALL_DIAGRAM = 15  # Nodes.
_MIN_TEXT_SMALL, _MIN_TEXT = 8.0, 6.5  # Of text in diagrams with up to so many nodes, and in others, in points.

Draw: TypeAlias = Callable[[Pattern, Options], Drawing]
"""Draws a pattern, without a list of its steps. It can be pickled."""
Call: TypeAlias = Callable[..., Any]
"""Calls a function, its second argument, with the arguments that follow. The first is the span of what it is about."""


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
    """A deck, the problems of the patterns that are missing from it, and warnings about others."""

    deck: Deck
    problems: tuple[Diagnostic, ...]
    warnings: tuple[Diagnostic, ...] = ()


class _PatternSlides(Struct, frozen=True):
    """The slides of a pattern, of which the first shows all of it, and warnings about them."""

    pattern: Pattern
    slides: tuple[Slide, ...]
    warnings: tuple[Diagnostic, ...]

    @property
    def drawings(self) -> list[Drawing]:
        """The drawings on the slides."""
        return [slide.drawing for slide in self.slides if isinstance(slide, DiagramSlide)]


def deck(
    patterns: Sequence[Pattern],
    title: str | None,
    slide_options: SlideOptions,
    options: Options,
    draw: Draw,
    call: Call,
) -> DeckResult:
    """Return a deck of patterns, drawn with `draw` to fill its slides. `call` makes the calls that may take long.

    Without a title, that of the only pattern is the title.

    Raises `DiagramError` if the theme is invalid.
    """
    patterns = [_with_shown_title(pattern, options) for pattern in patterns]
    title = title or (patterns[0].title if len(patterns) == 1 else "Architecture diagrams")
    template = pptx.template_info(slide_options.template) if slide_options.template is not None else None
    # `light` is the default theme: on a dark template it means that the user chose none.
    if template and options.theme == "light" and luminance(template.background) < _DARK_LUMINANCE:
        options = replace(options, theme="dark")
    empty_deck = _empty_deck(title, slide_options, options, template)
    writer = _SlideWriter(slide_options, options, empty_deck, pptx.areas(empty_deck), draw)
    problems: list[Diagnostic] = []
    drawn: list[_PatternSlides] = []
    for pattern in patterns:
        try:
            drawn.append(call(pattern.span, _pattern_slides, writer, pattern))
        except Exception as error:
            problems += problems_of(error, pattern.span)
    if not drawn:
        return DeckResult(empty_deck, tuple(problems))
    slides: list[Slide] = [_title_slide(title, patterns)]
    for category, members in itertools.groupby(drawn, lambda item: item.pattern.category):
        section = list(members)
        if category and len(patterns) > 1:
            slides.append(_section_slide(category, section))
        slides += [slide for item in section for slide in item.slides]
    slides += _attribution_slides(drawn, options, empty_deck)
    warnings = tuple(warning for item in drawn for warning in item.warnings)
    return DeckResult(replace(empty_deck, slides=tuple(slides)), tuple(problems), warnings)


def _with_shown_title(pattern: Pattern, options: Options) -> Pattern:
    """Return a pattern whose title is the one to show instead, if there is one."""
    shown = options.picture_options.with_fallback(pattern.options).title_text
    return pattern if shown is None else replace(pattern, title=shown)


def _empty_deck(title: str, slide_options: SlideOptions, options: Options, template: pptx.TemplateInfo | None) -> Deck:
    """Return the deck without slides: its size and colors."""
    theme = themes.themes_of(options, Span("<deck>"))[0]
    if template is not None:
        # Text and background of the drawing take the colors of text and background in the template.
        scheme_colors = {theme.text: "tx1", theme.muted: "tx1", theme.edge: "tx1", theme.background: "bg1"}
        colors = tuple(sorted((color, name) for color, name in scheme_colors.items() if color != "none"))
        return Deck(title, (), template.width, template.height, None, slide_options.template, colors)
    width, height = ASPECTS[slide_options.aspect]
    background = theme.background if theme.background not in ("none", "#FFFFFF") else None
    return Deck(title, (), width, height, background)


def _title_slide(title: str, patterns: Sequence[Pattern]) -> TitleSlide:
    if len(patterns) > 1:
        return TitleSlide(title, _count_text(patterns))
    (pattern,) = patterns
    return TitleSlide(title, pattern.category or "", _notes(pattern))


def _count_text(patterns: Sequence[Pattern]) -> str:
    """Return the subtitle of the deck, such as '11 patterns in 3 categories', or '3 diagrams' without categories."""
    categories = len({pattern.category for pattern in patterns if pattern.category})
    text = f"{len(patterns)} {'patterns' if categories else 'diagrams'}"
    if categories > 1:
        text += f" in {categories} categories"
    return text


def _section_slide(category: str, section: Sequence[_PatternSlides]) -> SectionSlide:
    thumbnails = tuple(Thumbnail(item.pattern.title, item.drawings[0]) for item in section)
    count = f"{len(section)} pattern{'s' if len(section) > 1 else ''}"
    return SectionSlide(category, count, thumbnails)


def _attribution_slides(drawn: Sequence[_PatternSlides], options: Options, empty_deck: Deck) -> Iterator[TextSlide]:
    """Yield slides with the attribution that the licenses of the icons require, if they do."""
    references: dict[str, None] = {}
    for item in drawn:
        for drawing in item.drawings:
            icons = [*(node.icon for node in drawing.nodes), *(group.icon for group in drawing.groups)]
            references.update(dict.fromkeys(icon.reference for icon in icons if icon))
            # The glyphs of groups are AWS's.
            references.update(dict.fromkeys(f"group.{group.kind}" for group in drawing.groups if group.glyph))
    catalog = catalog_of(drawn[0].pattern, options)
    entries = [
        TextList(one.credit, tuple(filter(None, (f"License: {one.license}", one.url))))
        for one in attribution.required_credits(references, catalog)
        if one.credit
    ]
    for page in lists.pages(entries, pptx.areas(empty_deck).diagram):
        yield TextSlide("Attribution", page)


def _notes(pattern: Pattern) -> str:
    """Return the speaker notes: the title, the description, the notes and the lists; nothing without any of them."""
    parts = [f"{heading}\n" + "\n".join(f"• {item}" for item in items) for heading, items in pattern.lists]
    parts = [text for text in (pattern.graph.description, pattern.notes) if text] + parts
    return "\n\n".join([pattern.title, *parts]) if parts else ""


def _pattern_slides(writer: _SlideWriter, pattern: Pattern) -> _PatternSlides:
    """Return the slides of a pattern. Raises `DiagramError`."""
    return writer.slides(pattern)


class _SlideWriter(Struct, frozen=True):
    """Draws patterns for the slides of a deck. Without a panel, lists have slides of their own."""

    slide_options: SlideOptions
    options: Options
    empty_deck: Deck
    areas: pptx.Areas
    draw: Draw
    has_panel: bool = True

    def slides(self, pattern: Pattern) -> _PatternSlides:
        """Return the slides of a pattern. One whose text would be too small is divided. Raises `DiagramError`.

        Where that is not enough, but would be without the panel, there is none.
        """
        parts = list(self._readable(pattern))
        if self._panel_lists(pattern) and not all(itertools.starmap(self._is_readable, parts)):
            wide = replace(self, has_panel=False)
            wide_parts = list(wide._readable(pattern))
            if all(itertools.starmap(wide._is_readable, wide_parts)):
                return wide._slides_of(pattern, wide_parts)
        return self._slides_of(pattern, parts)

    def _slides_of(self, pattern: Pattern, parts: Sequence[tuple[Pattern, Drawing]]) -> _PatternSlides:
        """Return the slides of the parts of a pattern, with a warning about each whose text is too small."""
        slides: list[Slide] = []
        warnings: list[Diagnostic] = []
        for number, (part, drawing) in enumerate(parts):
            size = self._text_size(part, drawing)
            if size < _min_text(drawing):
                message = f"the text on the slide '{part.title}' is only {size:.1f} points high; divide the diagram"
                warnings.append(Diagnostic("small-text", message, pattern.span, "warning"))
            slides += self._part_slides(pattern, part, drawing, _notes(pattern) if not number else "")
        slides += self._continued_lists(pattern)
        return _PatternSlides(pattern, tuple(slides), tuple(warnings))

    def _readable(self, pattern: Pattern, subject: str | None = None) -> Iterator[tuple[Pattern, Drawing]]:
        """Yield a pattern with its drawing, or an overview and the parts of the pattern if its text would be small.

        `subject` is the group that the pattern is about, if it is such a part.
        """
        drawing = self._draw(pattern)
        if self._is_readable(pattern, drawing):
            yield pattern, drawing
            return
        if self._is_numbered(pattern) and subject is None:
            pattern = overviews.numbered(pattern)
        divided = self._overview(pattern, subject)
        if divided is None:
            yield self._enlarged(pattern, drawing, subject)
            return
        overview, overview_drawing, collapsed = divided
        yield overview, overview_drawing
        for group in collapsed:
            yield from self._readable(overviews.part(pattern, group, collapsed), group)

    def _overview(self, pattern: Pattern, subject: str | None) -> tuple[Pattern, Drawing, tuple[str, ...]] | None:
        """Return the most detailed overview that is readable, or the shortest, with the groups that it collapses.

        Return None if an overview would show nothing: if there are no groups, or only one around everything.
        """
        result = None
        for overview, collapsed in overviews.levels(pattern, subject):
            if len(overview.graph.nodes) == 1:
                break
            result = (*self._enlarged(overview, self._draw(overview), None), collapsed)
            if self._is_readable(*result[:2]):
                break
        return result

    def _enlarged(self, pattern: Pattern, drawing: Drawing, subject: str | None) -> tuple[Pattern, Drawing]:
        """Return a pattern in its most readable form.

        This is as it is, with frames around nodes with the same connections, turned, or without what surrounds its
        `subject`.
        """
        if self._is_readable(pattern, drawing):
            return pattern, drawing
        gathered = overviews.gathered(pattern)
        forms = [pattern, *([gathered] if gathered else []), overviews.turned(pattern)]
        if subject is not None:
            forms.append(overviews.without_surroundings(pattern, subject))
        candidates = [(pattern, drawing), *((form, self._draw(form)) for form in forms[1:])]
        readable = [candidate for candidate in candidates if self._is_readable(*candidate)]
        return readable[0] if readable else max(candidates, key=lambda candidate: self._text_size(*candidate))

    def _draw(self, pattern: Pattern) -> Drawing:
        return self.draw(pattern, self._fitted_options(pattern))

    def _is_readable(self, pattern: Pattern, drawing: Drawing) -> bool:
        return self._text_size(pattern, drawing) >= _min_text(drawing)

    def _text_size(self, pattern: Pattern, drawing: Drawing) -> float:
        """Return the size of the smallest text of a drawing on its slide, in points."""
        scale = pptx.placement(drawing, self.areas.of(bool(self._panel_lists(pattern)))).scale
        return min((text.size * scale for text in drawing.texts()), default=_MIN_TEXT_SMALL)

    def _part_slides(self, pattern: Pattern, part: Pattern, drawing: Drawing, notes: str) -> Iterator[Slide]:
        """Yield the slide of a drawing, and those of its steps."""
        panel_lists = self._panel_lists(part)
        panel = Panel(panel_lists) if panel_lists else None
        yield DiagramSlide(part.title, drawing, notes, panel, self._image(drawing), pattern)
        if self.slide_options.steps:
            steps = find_steps(part.graph).entries
            for number, text in steps:
                emphasized = step_pictures.emphasize(drawing, number)
                step_panel = Panel(self._page_of_step(steps, number), number) if panel else None
                title = f"{part.title}: {number}. {text}"
                yield DiagramSlide(title, emphasized, text, step_panel, self._image(emphasized), pattern)

    def _image(self, drawing: Drawing) -> bytes | None:
        """Return the drawing as a PNG if the deck has pictures: programs draw an SVG with many parts differently."""
        if not self.slide_options.as_picture:
            return None
        # Without a template, the slide has the background of the drawing.
        background = drawing.background if self.empty_deck.template is not None else "none"
        return png.write(replace(drawing, background=background), _PNG_WIDTH / drawing.width)

    def _lists(self, pattern: Pattern) -> list[tuple[TextList, ...]]:
        """Return the lists of a pattern in parts that fit the panel."""
        entries = [TextList(heading, items) for heading, items in pattern.lists] if self.slide_options.panel else []
        if self._is_numbered(pattern) and (steps := find_steps(pattern.graph).entries):
            entries.insert(0, _step_list(steps))
        return list(lists.pages(entries, self.areas.panel))

    def _is_numbered(self, pattern: Pattern) -> bool:
        """Return whether the edges of a pattern are numbered, so that their texts have to be listed."""
        requested = self.options.picture_options.with_fallback(pattern.options).steps
        return self.slide_options.steps or bool(requested)

    def _panel_lists(self, pattern: Pattern) -> tuple[TextList, ...]:
        """Return what the panel beside a diagram shows: as much of the lists as fits."""
        return next(iter(self._lists(pattern)), ()) if self.has_panel else ()

    def _page_of_step(self, steps: Sequence[tuple[int, str]], number: int) -> tuple[TextList, ...]:
        """Return the part of the list of steps with the given one."""
        pages = lists.pages([_step_list(steps)], self.areas.panel)
        return next(page for page in pages if number in page[0].numbers)

    def _continued_lists(self, pattern: Pattern) -> Iterator[TextSlide]:
        """Yield slides with the parts of the lists that the panel has no space for."""
        rest = [entry for page in self._lists(pattern)[self.has_panel :] for entry in page]
        for page in lists.pages(rest, self.areas.diagram):
            yield TextSlide(f"{pattern.title} (continued)", page)

    def _fitted_options(self, pattern: Pattern) -> Options:
        """Return the options with which a picture fills its area. The slide itself has the title.

        The background is that of the slide, so that labels on lines have one too.
        """
        area = self.areas.of(bool(self._panel_lists(pattern)))
        pixels_per_point = _SCREEN_WIDTH / self.empty_deck.width
        canvas = f"{max(round(area.w * pixels_per_point), 16)}x{max(round(area.h * pixels_per_point), 16)}"
        steps = True if self.slide_options.steps else self.options.picture_options.steps
        look = replace(self.options.picture_options, canvas=canvas, title=False, steps=steps)
        return replace(self.options, picture_options=look)


def _min_text(drawing: Drawing) -> float:
    return _MIN_TEXT_SMALL if len(drawing.nodes) <= _SMALL_DIAGRAM else _MIN_TEXT


def _step_list(steps: Sequence[tuple[int, str]]) -> TextList:
    return TextList("Steps", tuple(text for _, text in steps), tuple(number for number, _ in steps))
