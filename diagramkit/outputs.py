"""The output formats: one table that feeds the command line, the API, the downloads and the documentation.

A new format needs two files: its writer in `writers/`, and an entry here. An entry says which options the format can
honor, so that the command line can reject the others.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from diagramkit import panics
from diagramkit.diagnostics import Diagnostic, DiagramError, Span, fail
from diagramkit.extras import PACKAGES, install_command
from diagramkit.options import DEFAULT_MAX_PIXELS, DEFAULT_SCALE, Options, PictureOptions

if TYPE_CHECKING:
    from diagramkit.drawing import Drawing
    from diagramkit.graph import Pattern
    from diagramkit.icons.resolver import IconChoice
    from diagramkit.report.report_records import Report
    from diagramkit.writers.display_list import Element

# Writers are imported when a diagram is written, so that an unused format costs nothing.

_APPEARANCE = frozenset(("theme", "background", *PictureOptions.__struct_fields__))
_RESOLUTION = frozenset(("scale", "width", "palette"))


class Rendering:
    """One diagram that is being written: what writers need of it, computed when the first of them asks for it."""

    def __init__(
        self,
        pattern: Pattern,
        options: Options,
        draw: Callable[[dict[Diagnostic, None]], tuple[Drawing, ...]],
        resolve: Callable[[], Mapping[str, IconChoice]],
        draw_for_slide: Callable[[Pattern, Options], Drawing],
        examine: Callable[[Mapping[str, IconChoice], Drawing], Report],
    ) -> None:
        self.pattern, self.options = pattern, options
        self.warnings: list[Diagnostic] = []
        self._draw, self._resolve, self.draw_for_slide = draw, resolve, draw_for_slide
        self._examine = examine

    @property
    def is_drawn(self) -> bool:
        """Whether a writer has asked for the drawing."""
        return "drawings" in self.__dict__

    @cached_property
    def drawings(self) -> tuple[Drawing, ...]:
        """The drawing in each of its themes: one, or for the theme `auto` a light and a dark one."""
        layout_warnings: dict[Diagnostic, None] = {}
        drawings = self._draw(layout_warnings)
        self.warnings += layout_warnings
        return drawings

    @property
    def drawing(self) -> Drawing:
        """The drawing; of the theme `auto` the light one."""
        return self.drawings[0]

    @cached_property
    def themed_drawing(self) -> Drawing:
        """The drawing with the colors of each of its themes."""
        from diagramkit.drawing import with_both_themes

        return with_both_themes(*self.drawings) if len(self.drawings) == 2 else self.drawing

    @cached_property
    def elements(self) -> tuple[Element, ...]:
        """The display list, with the colors of each theme."""
        from diagramkit.writers.display_list import display_list

        return display_list(self.themed_drawing)

    @cached_property
    def choices(self) -> Mapping[str, IconChoice]:
        """The icon of each node, by the node's id."""
        return self._resolve()

    @cached_property
    def report(self) -> Report:
        """The report about the picture."""
        return self._examine(self.choices, self.drawing)

    @cached_property
    def png(self) -> bytes:
        """The PNG. Raises `DiagramError` (too-large, not-drawn)."""
        from diagramkit.sources import limits
        from diagramkit.writers import png

        drawing, scale = self.drawing, scale_of(self.drawing, self.options)
        pixels = drawing.width * scale * drawing.height * scale
        max_pixels = limits.for_file(self.pattern.span.file).pixels
        if pixels > max_pixels:
            raise fail(
                "too-large",
                f"the PNG would have {pixels / 1e6:.0f} million pixels, more than {max_pixels / 1e6:g} million; choose "
                "a smaller --scale or --width, or raise limits.pixels in the settings",
                self.pattern.span,
            )
        try:
            data = png.write(drawing, scale, self.options.palette, self.elements)
        except panics.PanicError as error:
            message = f"the PNG cannot be drawn ({error}): use simpler icons, or SVG"
            raise fail("not-drawn", message, self.pattern.span) from None
        self._note_reduced_scale(scale)
        return data

    def _note_reduced_scale(self, scale: float) -> None:
        """Add a note if a large picture gets fewer pixels per point than the default."""
        options = self.options
        if options.width or self.drawing.pixels or options.scale is not None or scale >= DEFAULT_SCALE:
            return
        message = (
            f"the PNG of this large picture has {scale:g} pixels per point instead of 2; use --scale to change that"
        )
        self.warnings.append(Diagnostic("fewer-pixels", message, self.pattern.span, "note"))

    def warn_about_fonts(self) -> None:
        """Add warnings about characters that need a font of this machine, or that no font has."""
        from diagramkit.writers import png

        from_system, unavailable = png.missing_characters(self.drawing)
        if from_system:
            message = (
                f"the bundled font lacks '{_shorten(from_system)}': this picture depends on the fonts of this machine"
            )
            self.warnings.append(Diagnostic("foreign-text", message, self.pattern.span, "warning"))
        if unavailable:
            message = (
                f"no font on this machine has '{_shorten(unavailable)}', which appears as empty boxes; install a font "
                "that has it (Noto Sans CJK, Noto Color Emoji), or use the SVG"
            )
            self.warnings.append(Diagnostic("missing-font", message, self.pattern.span, "warning"))


class Output(Struct, frozen=True):
    """An output format.

    `title` is the text in menus, `summary` a phrase for help texts. `write` returns the file of one diagram, and
    `write_all` that of several, if the format can hold several. `needs_fonts` says that the bytes depend on the fonts
    of this machine if the bundled font lacks a character. `options` are the options of the command line that change the
    file. `qualifier` tells apart files with the same extension: `shop.formatted.mmd`. Some formats need a `module`,
    which an `extra` installs. Writers raise `DiagramError`.
    """

    name: str
    title: str
    extension: str
    media_type: str
    summary: str
    write: Callable[[Rendering], bytes]
    write_all: Callable[[Sequence[Rendering]], bytes] | None = None
    is_text: bool = True
    needs_fonts: bool = False
    options: frozenset[str] = frozenset()
    qualifier: str = ""
    module: str = ""
    extra: str = ""

    def check_package(self, span: Span) -> None:
        """Raise `DiagramError`, at `span`, if the package that the format needs is not installed."""
        if self.module and find_spec(self.module) is None:
            package = PACKAGES[self.extra][0].partition(">")[0]
            message = f"{self.title} needs the package {package}; install it with {install_command(self.extra)}"
            raise fail(f"no-{self.extra}", message, span)

    @property
    def ending(self) -> str:
        """The end of the names of the files that a batch writes. Each format has its own."""
        return f"{self.qualifier}.{self.extension}" if self.qualifier else self.extension


def scale_of(drawing: Drawing, options: Options) -> float:
    """Return the resolution of a drawing's PNG in pixels per point."""
    if width := options.width or drawing.pixels:
        return width / drawing.width
    if options.scale is not None:
        return options.scale
    max_scale = math.sqrt(DEFAULT_MAX_PIXELS / (drawing.width * drawing.height))
    return min(DEFAULT_SCALE, max(0.1, math.floor(max_scale * 100) / 100))


def unused_options(names: Iterable[str], formats: Iterable[str]) -> list[str]:
    """Return those of the options `names` that change the file of none of `formats`."""
    used = frozenset[str]().union(*(OUTPUTS[name].options for name in formats))
    known = frozenset[str]().union(*(output.options for output in OUTPUTS.values()))
    return [name for name in names if name in known and name not in used]


def output_of(path: str) -> Output | None:
    """Return the format of a file by its extension, or None if no format has it."""
    extension = path.rpartition(".")[2].lower() if "." in path else ""
    extension = {"mermaid": "mmd", "gv": "dot"}.get(extension, extension)
    return next((output for output in OUTPUTS.values() if output.extension == extension), None)


def _source(rendering: Rendering) -> bytes:
    return rendering.pattern.source_text.encode("utf-8")


def _svg(rendering: Rendering) -> bytes:
    from diagramkit.writers import svg

    return svg.write(rendering.themed_drawing, rendering.options.outlines, rendering.elements).encode("utf-8")


def _png(rendering: Rendering) -> bytes:
    return rendering.png


def _webp(rendering: Rendering) -> bytes:
    from diagramkit.writers import webp

    try:
        return webp.write(rendering.png)
    except ValueError as error:
        raise fail("too-large", str(error), rendering.pattern.span) from None


def _pdf(rendering: Rendering) -> bytes:
    from diagramkit.writers import pdf

    OUTPUTS["pdf"].check_package(rendering.pattern.span)
    if links := pdf.page_links(rendering.drawing):
        message = f"a PDF has no place that the link '{links[0]}' leads to: it is left out; use a complete address"
        rendering.warnings.append(Diagnostic("page-link", message, rendering.pattern.span, "note"))
    return pdf.write(rendering.drawing)


def _mermaid(rendering: Rendering) -> bytes:
    from diagramkit.sources.mermaid.write import to_mermaid

    return to_mermaid(rendering.pattern.graph).encode("utf-8")


def _architecture(rendering: Rendering) -> bytes:
    from diagramkit.icons import external
    from diagramkit.sources.mermaid.write_architecture import to_architecture

    logos = external.logos_by_icon()
    icons = {name: choice.icon for name, choice in rendering.choices.items() if choice.icon}
    logo_names = {name: logos[icon] for name, icon in icons.items() if icon in logos}
    return to_architecture(rendering.pattern.graph, logo_names).encode("utf-8")


def _drawio(renderings: Sequence[Rendering]) -> bytes:
    from diagramkit.writers import drawio

    pages = [drawio.DrawioPage(one.pattern.title, one.drawing, one.pattern) for one in renderings]
    return drawio.write(pages).encode("utf-8")


def _script(rendering: Rendering) -> bytes:
    from diagramkit.writers import script

    return script.write(rendering.pattern, rendering.choices).encode("utf-8")


def _dot(rendering: Rendering) -> bytes:
    from diagramkit.writers import dot

    return dot.write(rendering.pattern).encode("utf-8")


def _slides(renderings: Sequence[Rendering]) -> bytes:
    from diagramkit.slides import arrangement
    from diagramkit.writers import pptx

    first = renderings[0]
    OUTPUTS["pptx"].check_package(first.pattern.span)
    for rendering in renderings:
        _ = rendering.drawing  # Its warnings and its icons are those of the slides.
    patterns = [rendering.pattern for rendering in renderings]
    slide_options = arrangement.SlideOptions()
    result = arrangement.deck(patterns, None, slide_options, first.options, first.draw_for_slide, _call_directly)
    if result.problems:
        raise DiagramError(result.problems)
    first.warnings += result.warnings
    return pptx.write(result.deck)


def _call_directly(_: Span, function: Callable[..., Any], *arguments: Any) -> Any:
    return function(*arguments)


def _report(rendering: Rendering) -> bytes:
    return rendering.report.to_json().encode("utf-8")


def _json(rendering: Rendering) -> bytes:
    from diagramkit.writers import structure

    return structure.write(rendering.pattern, rendering.choices, rendering.drawing).encode("utf-8")


def _shorten(characters: str) -> str:
    return characters[:12] + ("…" if len(characters) > 12 else "")


_ALL = (
    Output("mmd", "Mermaid source", "mmd", "text/plain; charset=utf-8", "the Mermaid source", _source),
    Output("svg", "SVG", "svg", "image/svg+xml", "SVG", _svg, options=_APPEARANCE | {"text"}),
    Output(
        "png",
        "PNG",
        "png",
        "image/png",
        "PNG",
        _png,
        is_text=False,
        needs_fonts=True,
        options=_APPEARANCE | _RESOLUTION,
    ),
    Output(
        "pdf",
        "PDF",
        "pdf",
        "application/pdf",
        "PDF",
        _pdf,
        is_text=False,
        needs_fonts=True,
        options=_APPEARANCE,
        module="fpdf",
        extra="pdf",
    ),
    Output(
        "webp",
        "WebP",
        "webp",
        "image/webp",
        "lossless WebP",
        _webp,
        is_text=False,
        needs_fonts=True,
        options=_APPEARANCE | _RESOLUTION,
    ),
    Output(
        "mermaid",
        "Mermaid, formatted",
        "mmd",
        "text/plain; charset=utf-8",
        "formatted Mermaid, which gives the same diagram when read again",
        _mermaid,
        qualifier="formatted",
    ),
    Output(
        "architecture-beta",
        "Mermaid architecture",
        "mmd",
        "text/plain; charset=utf-8",
        "a Mermaid architecture diagram, which has icons",
        _architecture,
        qualifier="architecture",
    ),
    Output(
        "drawio",
        "draw.io",
        "drawio",
        "application/xml",
        "a draw.io file with AWS shapes and one page per diagram",
        lambda rendering: _drawio([rendering]),
        _drawio,
        options=_APPEARANCE,
    ),
    Output(
        "pptx",
        "PowerPoint",
        "pptx",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "PowerPoint slides with editable shapes",
        lambda rendering: _slides([rendering]),
        _slides,
        is_text=False,
        options=_APPEARANCE - {"canvas", "hops", "title"},
        module="pptx",
        extra="slides",
    ),
    Output("python", "Python", "py", "text/x-python", "a Python script that uses the package 'diagrams'", _script),
    Output("dot", "DOT", "dot", "text/vnd.graphviz", "DOT", _dot),
    Output(
        "json",
        "JSON",
        "json",
        "application/json",
        "JSON with the position of everything",
        _json,
        options=_APPEARANCE - {"background", "hops"},
    ),
    Output(
        "report",
        "Report",
        "json",
        "application/json",
        "a report about the picture, with the reason for each icon, what is hard to read and what to change",
        _report,
        qualifier="report",
        options=_APPEARANCE - {"background", "hops"},
    ),
)

OUTPUTS: Mapping[str, Output] = {output.name: output for output in _ALL}
"""All formats by name, in the order in which files are listed."""

ENDINGS = tuple(output.ending for output in _ALL)
"""The ends of the names of the files of each format."""

DEFAULT_FORMATS = ("mmd", "svg", "png")
"""The formats that `render` writes if none are requested."""
