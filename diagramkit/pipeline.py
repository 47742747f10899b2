"""The pipeline: every step from a source to its pictures. Start here to find your way through diagramkit.

    source     read          resolve    measure, lay out, route   write
    .yaml   -> Pattern   ->  icons   -> Drawing                -> SVG, PNG
    .mmd       (a Graph)                (coordinates in points)
    .md

Each step is a subpackage: `sources`, `icons`, `measure`, `layout` (with `compile`, which goes through the package
`diagrams`) and `writers`. `style` holds the themes and fonts that they draw with.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from diagramkit.diagnostics import Diagnostic, DiagramError, Span, fail
from diagramkit.graph import Pattern, PictureOptions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from diagramkit.drawing import Drawing
    from diagramkit.icons.catalog import IconCatalog
    from diagramkit.icons.icon import Icon
    from diagramkit.icons.resolver import IconChoice
    from diagramkit.style.theme import Theme

FORMATS = ("mmd", "svg", "png", "pdf", "webp")
"""The output formats, in the order in which files are listed."""

DEFAULT_FORMATS = ("mmd", "svg", "png")
"""The formats that are written if none are requested."""

DEFAULT_SCALE = 2.0
"""The resolution of a PNG in pixels per point, if none is requested."""

DEFAULT_MAX_PIXELS = 32_000_000
"""The maximum number of pixels in a PNG without a requested scale: four 4K screens. Larger pictures are scaled down."""

UNSET = PictureOptions()
"""Picture options of which none is set."""


class Options(Struct, frozen=True):
    """How to draw a diagram.

    `theme` is one of `style.theme.THEMES` or a theme file (`.yaml`). `scale` is the resolution of the PNG in pixels
    per point (None: `DEFAULT_SCALE`, less for very large pictures); `width` sets its width in pixels instead.
    `palette` limits the PNG to 256 colors. `background` is a color or `transparent`. `outlines` draws the text of the
    SVG as paths. The `picture_options` override those of the source. `packs` are folders of icon packs; earlier packs
    take precedence. With `strict`, a node without an icon is an error.
    """

    theme: str = "light"
    scale: float | None = None
    engine: str = "layered"
    background: str | None = None
    outlines: bool = False
    width: int | None = None
    palette: bool = False
    picture_options: PictureOptions = UNSET
    packs: tuple[str, ...] = ()
    strict: bool = False


DEFAULTS = PictureOptions(canvas="16:9", lines="orthogonal", hops=True, title=False, steps=False)
"""The picture options that apply if neither the command line nor the source sets them."""


class Rendered(Struct, frozen=True):
    """The outputs of a diagram by format, and what was learned while drawing them.

    `dependencies` are the icon files of the diagram's project that the picture contains. `description` is the text
    alternative of the picture, or "" if only Mermaid was requested.
    """

    outputs: dict[str, bytes]
    warnings: tuple[Diagnostic, ...]
    dependencies: tuple[Icon, ...] = ()
    description: str = ""


def draw(pattern: Pattern, options: Options) -> Drawing:
    """Return the drawing of a pattern. For the theme `auto`, return the light variant. Raises `DiagramError`."""
    return _draw_themes(pattern, options, {})[0]


def render(pattern: Pattern, formats: tuple[str, ...], options: Options) -> Rendered:
    """Lay out a diagram once and write it in each of `formats`. Raises `DiagramError`."""
    outputs: dict[str, bytes] = {}
    warnings: tuple[Diagnostic, ...] = ()
    dependencies: tuple[Icon, ...] = ()
    description, elements = "", None
    if "mmd" in formats:
        outputs["mmd"] = pattern.source_text.encode("utf-8")
    if set(formats) - {"mmd"}:
        layout_warnings: dict[Diagnostic, None] = {}
        drawings = _draw_themes(pattern, options, layout_warnings)
        warnings += tuple(layout_warnings)
        description = drawings[0].description
        icons = [node.icon for node in drawings[0].nodes if node.icon]
        from diagramkit.icons.icon import FILE_PREFIX

        project_icons = {icon.path: icon for icon in icons if icon.reference.startswith(FILE_PREFIX)}
        dependencies = tuple(project_icons[path] for path in sorted(project_icons))
        if "svg" in formats:
            from diagramkit.drawing import with_both_themes
            from diagramkit.writers import svg

            drawing = with_both_themes(*drawings) if len(drawings) == 2 else drawings[0]
            written = svg.svg_parts(drawing, options.outlines)
            outputs["svg"] = written.document.encode("utf-8")
            elements = None if options.outlines else written.elements
        if "png" in formats or "webp" in formats:
            outputs["png"] = _png(pattern, drawings[0], options, elements)
            warnings += _reduced_scale_note(pattern, drawings[0], options)
        if "webp" in formats:
            from diagramkit.writers import webp

            try:
                outputs["webp"] = webp.write(outputs["png"])
            except ValueError as error:
                raise fail("too-large", str(error), pattern.span) from None
        if "pdf" in formats:
            outputs["pdf"] = _pdf(pattern, drawings[0])
        if set(formats) & {"png", "pdf", "webp"}:
            warnings += _font_warnings(pattern, drawings[0])
    return Rendered({name: outputs[name] for name in formats}, warnings, dependencies, description)


def _draw_themes(pattern: Pattern, options: Options, warnings: dict[Diagnostic, None]) -> tuple[Drawing, ...]:
    """Return the drawing in each theme, and add each distinct warning of the layout to `warnings`."""
    from diagramkit.icons import resolver
    from diagramkit.layout import canvas, compose, hops
    from diagramkit.layout.engine import Engine
    from diagramkit.sources import limits

    limits.check(pattern.graph, pattern.span.file, pattern.span)
    graph = replace(pattern.graph, title=pattern.title)
    picture_options = options.picture_options.with_fallback(pattern.options).with_fallback(DEFAULTS)
    try:
        wanted_canvas = canvas.parse(picture_options.canvas or "natural")
    except ValueError as error:
        raise fail("wrong-value", str(error), pattern.span) from None
    catalog = catalog_of(pattern, options)
    choices = resolver.resolve(pattern, catalog)
    if options.strict and (problems := unresolved(pattern, choices, "error")):
        raise DiagramError(problems)
    allowed = limits.for_file(pattern.span.file)
    max_bytes = allowed.memory * 1_000_000
    engine = Engine(options.engine, allowed.seconds, max_bytes, warnings.setdefault)
    settings = compose.CompositionSettings(
        themes(options, pattern.span), picture_options, wanted_canvas, engine, catalog
    )
    drawings = compose.draw(graph, choices, settings, pattern.span)
    if picture_options.hops and picture_options.lines == "orthogonal":
        return tuple(hops.with_hops(drawing) for drawing in drawings)
    return drawings


def catalog_of(pattern: Pattern, options: Options) -> IconCatalog:
    """Return the icons that a diagram may use: from the packs, from `diagrams`, and from its own project."""
    from diagramkit import project
    from diagramkit.icons.catalog import IconCatalog

    file = pattern.span.file
    folder = project.folder_of(file) if file != "<stdin>" else Path.cwd()
    return IconCatalog(options.packs, str(project.root_of(folder)))


def unresolved(pattern: Pattern, choices: Mapping[str, IconChoice], severity: str) -> tuple[Diagnostic, ...]:
    """Return a diagnostic for each node without an icon, with similar icons, unless the node asks for none."""
    from diagramkit.icons import search

    problems = []
    for node in pattern.graph.nodes:
        choice = choices[node.id]
        if choice.icon is not None or choice.confidence == "explicit" or node.shape == "junction":
            continue
        similar = search.nearest(node.label, pattern.provider)
        label = " ".join(simple_text(node.label).split()) or node.id
        message = f"no icon for '{label[:60]}'" + (f"; similar icons: {', '.join(similar)}" if similar else "")
        if choice.reason.endswith("is in no installed pack"):
            reason = choice.reason.rpartition("; ")[2]
            message += f"; {reason}: add one with 'diagramkit icons add npm:aws-icons'"
        else:
            message += "; name one under 'icons:', or 'none' to keep the shape"
        problems.append(Diagnostic("no-icon", message, node.span, severity))
    return tuple(problems)


def simple_text(label: str) -> str:
    """Return a label on one line, as messages show it."""
    from diagramkit.measure.text_layout import plain_lines

    return " / ".join(plain_lines(label))


def steps(pattern: Pattern) -> tuple[tuple[int, str], ...]:
    """Return the numbered steps of a pattern, each with its text."""
    from diagramkit.layout import steps as step_numbers

    return step_numbers.find_steps(pattern.graph).entries


def themes(options: Options, span: Span) -> tuple[Theme, ...]:
    """Return the themes to draw a picture in: one, or for `auto` a light and a dark one.

    Raises `DiagramError` for an invalid theme file, or (theme-contrast, at `span`) if the theme is illegible on the
    requested background.
    """
    from diagramkit.style import theme

    if options.theme == "auto":
        result: tuple[Theme, ...] = theme.light_and_dark()
    elif options.theme in theme.BASES:
        result = (theme.load(options.theme),)
    else:
        from diagramkit.sources import themefile

        result = (themefile.load(options.theme)[0],)
    if options.background:
        background = "none" if options.background == "transparent" else options.background
        try:
            result = tuple(base.on_background(background) for base in result)
        except ValueError as error:
            raise fail("theme-contrast", str(error), span) from None
    return result


def scale_of(drawing: Drawing, options: Options) -> float:
    """Return the resolution of a drawing's PNG in pixels per point."""
    if width := options.width or drawing.pixels:
        return width / drawing.width
    if options.scale is not None:
        return options.scale
    max_scale = math.sqrt(DEFAULT_MAX_PIXELS / (drawing.width * drawing.height))
    return min(DEFAULT_SCALE, max(0.1, math.floor(max_scale * 100) / 100))


def _png(pattern: Pattern, drawing: Drawing, options: Options, elements: str | None) -> bytes:
    """Return the drawing as PNG. `elements` is its SVG content, if that was written. Raises `DiagramError`."""
    from diagramkit.sources import limits
    from diagramkit.writers import png

    scale = scale_of(drawing, options)
    pixels = drawing.width * scale * drawing.height * scale
    max_pixels = limits.for_file(pattern.span.file).pixels
    if pixels > max_pixels:
        raise fail(
            "too-large",
            f"the PNG would have {pixels / 1e6:.0f} million pixels, more than {max_pixels / 1e6:g} million; choose a "
            "smaller --scale or --width, or raise limits.pixels in the settings",
            pattern.span,
        )
    return png.write(drawing, scale, options.palette, elements)


def _reduced_scale_note(pattern: Pattern, drawing: Drawing, options: Options) -> tuple[Diagnostic, ...]:
    """Return a note if a large picture gets fewer pixels per point than the default."""
    scale = scale_of(drawing, options)
    if options.width or drawing.pixels or options.scale is not None or scale >= DEFAULT_SCALE:
        return ()
    message = f"the PNG of this large picture has {scale:g} pixels per point instead of 2; use --scale to change that"
    return (Diagnostic("fewer-pixels", message, pattern.span, "note"),)


def _pdf(pattern: Pattern, drawing: Drawing) -> bytes:
    from diagramkit.writers import pdf

    if not pdf.available():
        message = "PDF needs the package fpdf2; install it with pip install 'diagramkit[pdf]'"
        raise fail("no-pdf", message, pattern.span)
    return pdf.write(drawing)


def _font_warnings(pattern: Pattern, drawing: Drawing) -> tuple[Diagnostic, ...]:
    """Return warnings about characters that need a font of this machine, or that no font has."""
    from diagramkit.writers import png

    from_system, unavailable = png.missing_characters(drawing)
    warnings = []
    if from_system:
        message = f"the bundled font lacks '{_shorten(from_system)}': this picture depends on the fonts of this machine"
        warnings.append(Diagnostic("foreign-text", message, pattern.span, "warning"))
    if unavailable:
        message = (
            f"no font on this machine has '{_shorten(unavailable)}', which appears as empty boxes; install a font "
            "that has it (Noto Sans CJK, Noto Color Emoji), or use the SVG"
        )
        warnings.append(Diagnostic("missing-font", message, pattern.span, "warning"))
    return tuple(warnings)


def _shorten(characters: str) -> str:
    return characters[:12] + ("…" if len(characters) > 12 else "")
