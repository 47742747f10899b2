"""The whole way of a diagram, step by step: the table of contents of diagramkit.

    source     read          resolve    measure, place, route   write
    .yaml   -> Pattern   ->  icons   -> Drawing              -> SVG, PNG
    .mmd       (a Graph)                (geometry in points)
    .md

Each step is a folder: `sources`, `icons`, `measure`, `layout` (with `compile`, the way through
`diagrams`), `writers`; `style` holds what they draw with.
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
"""What a diagram can be written as, in the order in which files are listed."""

DEFAULT_FORMATS = ("mmd", "svg", "png")
"""What is written where no format is asked for."""

DEFAULT_SCALE = 2.0
"""Pixels a point in a PNG, where none are asked for."""

DEFAULT_MAX_PIXELS = 32_000_000
"""The largest PNG that is made unasked, four screens of 4K: a larger picture gets fewer pixels a point."""


UNSET = PictureOptions()
"""A look that says nothing."""


class Options(Struct, frozen=True):
    """How to draw.

    `theme` is one of `style.theme.THEMES` or a file (`.yaml`); `scale` is in pixels a point, for
    PNG (None: `USUAL_SCALE`, less for a very large picture), `width` its width in pixels instead; `background` a colour or `transparent`; `outlines`
    draws text as paths in the SVG. What `look` says stands above what a source says. `packs` are
    folders of icon packs, the first one's icons before the next one's; with `strict`, a node without
    an icon is an error.
    """

    theme: str = "light"
    scale: float | None = None
    engine: str = "layered"
    background: str | None = None
    outlines: bool = False
    width: int | None = None
    palette: bool = False
    look: PictureOptions = UNSET
    packs: tuple[str, ...] = ()
    strict: bool = False


DEFAULTS = PictureOptions(canvas="16:9", lines="orthogonal", hops=True, title=False, steps=False)
"""How a picture looks where neither the command nor the source says."""


class Rendered(Struct, frozen=True):
    """A diagram's outputs by format, what was noticed while making them, which icons of its project it
    was drawn with, and what it shows in words (nothing where no picture was asked for)."""

    outputs: dict[str, bytes]
    warnings: tuple[Diagnostic, ...]
    needs: tuple[Icon, ...] = ()
    description: str = ""


def draw(pattern: Pattern, options: Options) -> Drawing:
    """The picture as geometry; in light, where its theme is for readers in both. Raises
    `DiagramError`."""
    return _drawn(pattern, options, {})[0]


def render(pattern: Pattern, formats: tuple[str, ...], options: Options) -> Rendered:
    """The diagram in each of `formats`, laid out once. Raises `DiagramError`."""
    outputs: dict[str, bytes] = {}
    warnings: tuple[Diagnostic, ...] = ()
    needs: tuple[Icon, ...] = ()
    description, elements = "", None
    if "mmd" in formats:
        outputs["mmd"] = pattern.source_text.encode("utf-8")
    if set(formats) - {"mmd"}:
        heard: dict[Diagnostic, None] = {}
        drawings = _drawn(pattern, options, heard)
        warnings += tuple(heard)
        description = drawings[0].description
        icons = [node.icon for node in drawings[0].nodes if node.icon]
        from diagramkit.icons.icon import FILE

        own = {icon.path: icon for icon in icons if icon.reference.startswith(FILE)}
        needs = tuple(own[path] for path in sorted(own))
        if "svg" in formats:
            from diagramkit.drawing import with_both_themes
            from diagramkit.writers import svg

            both = with_both_themes(*drawings) if len(drawings) == 2 else drawings[0]
            written = svg.svg_parts(both, options.outlines)
            outputs["svg"] = written.document.encode("utf-8")
            elements = None if options.outlines else written.elements
        if "png" in formats or "webp" in formats:
            outputs["png"] = _png(pattern, drawings[0], options, elements)
            warnings += _smaller(pattern, drawings[0], options)
        if "webp" in formats:
            from diagramkit.writers import webp

            try:
                outputs["webp"] = webp.write(outputs["png"])
            except ValueError as error:
                raise fail("too-large", str(error), pattern.span) from None
        if "pdf" in formats:
            outputs["pdf"] = _pdf(pattern, drawings[0])
        if set(formats) & {"png", "pdf", "webp"}:
            warnings += _foreign(pattern, drawings[0])
    return Rendered({name: outputs[name] for name in formats}, warnings, needs, description)


def _drawn(pattern: Pattern, options: Options, heard: dict[Diagnostic, None]) -> tuple[Drawing, ...]:
    """The picture in each of its themes. What the layout warns of is put into `heard`, each once."""
    from diagramkit.icons import resolver
    from diagramkit.layout import canvas, compose, hops
    from diagramkit.layout.engine import Engine
    from diagramkit.sources import limits

    limits.check(pattern.graph, pattern.span.file, pattern.span)
    graph = replace(pattern.graph, title=pattern.title)
    look = options.look.with_fallback(pattern.options).with_fallback(DEFAULTS)
    try:
        wanted = canvas.parse(look.canvas or "natural")
    except ValueError as error:
        raise fail("wrong-value", str(error), pattern.span) from None
    shelf = catalog_of(pattern, options)
    chosen = resolver.resolve(pattern, shelf)
    if options.strict and (problems := unresolved(pattern, chosen, "error")):
        raise DiagramError(problems)
    allowed = limits.of(pattern.span.file)
    memory = allowed.memory * 1_000_000
    engine = Engine(options.engine, allowed.seconds, memory, heard.setdefault)
    setting = compose.CompositionSettings(themes(options, pattern.span), look, wanted, engine, shelf)
    drawings = compose.draw(graph, chosen, setting, pattern.span)
    if look.hops and look.lines == "orthogonal":
        return tuple(hops.with_hops(drawing) for drawing in drawings)
    return drawings


def catalog_of(pattern: Pattern, options: Options) -> IconCatalog:
    """Where a diagram's icons are: in the packs, in `diagrams`, in its own project."""
    from diagramkit import project
    from diagramkit.icons.catalog import IconCatalog

    file = pattern.span.file
    folder = project.folder_of(file) if file != "<stdin>" else Path.cwd()
    return IconCatalog(options.packs, str(project.root_of(folder)))


def unresolved(pattern: Pattern, chosen: Mapping[str, IconChoice], severity: str) -> tuple[Diagnostic, ...]:
    """A problem for each node that has no icon and did not ask for none, with the nearest icons."""
    from diagramkit.icons import search

    found = []
    for node in pattern.graph.nodes:
        choice = chosen[node.id]
        if choice.icon is not None or choice.sure == "said" or node.shape == "junction":
            continue
        near = search.nearest(node.label, pattern.provider)
        label = " ".join(simple_text(node.label).split()) or node.id
        message = f"no icon for '{label[:60]}'" + (f"; near: {', '.join(near)}" if near else "")
        if choice.reason.endswith("is in no pack here"):
            said = choice.reason.rpartition("; ")[2]
            message += f"; {said}: add one with 'diagramkit icons add npm:aws-icons'"
        else:
            message += "; name one under 'icons:', or 'none' to keep the shape"
        found.append(Diagnostic("no-icon", message, node.span, severity))
    return tuple(found)


def simple_text(label: str) -> str:
    """A label in one line, as messages show it."""
    from diagramkit.measure.text_layout import plain_lines

    return " / ".join(plain_lines(label))


def steps(pattern: Pattern) -> tuple[tuple[int, str], ...]:
    """The numbered steps of a pattern, with what each says."""
    from diagramkit.layout import steps as found

    return found.find_steps(pattern.graph).entries


def themes(options: Options, where: Span) -> tuple[Theme, ...]:
    """The themes that a picture is painted in: one, or for readers in light and dark two. Raises
    `DiagramError`."""
    from diagramkit.style import theme

    if options.theme == "auto":
        found: tuple[Theme, ...] = theme.for_readers()
    elif options.theme in theme.BASES:
        found = (theme.load(options.theme),)
    else:
        from diagramkit.sources import themefile

        found = (themefile.load(options.theme)[0],)
    if options.background:
        ground = "none" if options.background == "transparent" else options.background
        try:
            found = tuple(one.on(ground) for one in found)
        except ValueError as error:
            raise fail("theme-contrast", str(error), where) from None
    return found


def scale_of(drawing: Drawing, options: Options) -> float:
    """A drawing's pixels a point in its PNG."""
    if width := options.width or drawing.pixels:
        return width / drawing.width
    if options.scale is not None:
        return options.scale
    fitting = math.sqrt(DEFAULT_MAX_PIXELS / (drawing.width * drawing.height))
    return min(DEFAULT_SCALE, max(0.1, math.floor(fitting * 100) / 100))


def _png(pattern: Pattern, drawing: Drawing, options: Options, elements: str | None) -> bytes:
    from diagramkit.sources import limits
    from diagramkit.writers import png

    scale = scale_of(drawing, options)
    pixels = drawing.width * scale * drawing.height * scale
    most = limits.of(pattern.span.file).pixels
    if pixels > most:
        raise fail(
            "too-large",
            f"the PNG would have {pixels / 1e6:.0f} million pixels, more than {most / 1e6:g}; choose a smaller "
            "--scale or --width, or set 'pixels' under [limits] in the settings",
            pattern.span,
        )
    return png.write(drawing, scale, options.palette, elements)


def _smaller(pattern: Pattern, drawing: Drawing, options: Options) -> tuple[Diagnostic, ...]:
    """A note where a picture has fewer pixels than usual."""
    scale = scale_of(drawing, options)
    if options.width or drawing.pixels or options.scale is not None or scale >= DEFAULT_SCALE:
        return ()
    message = f"so large a picture has {scale:g} pixels a point in its PNG, not 2; --scale says otherwise"
    return (Diagnostic("fewer-pixels", message, pattern.span, "note"),)


def _pdf(pattern: Pattern, drawing: Drawing) -> bytes:
    from diagramkit.writers import pdf

    if not pdf.available():
        message = "PDF needs the package fpdf2; install it with pip install 'diagramkit[pdf]'"
        raise fail("no-pdf", message, pattern.span)
    return pdf.write(drawing)


def _foreign(pattern: Pattern, drawing: Drawing) -> tuple[Diagnostic, ...]:
    """A warning where a picture in pixels depends on this machine, and one where that has no font."""
    from diagramkit.writers import png

    lent, none = png.foreign(drawing)
    warnings = []
    if lent:
        message = f"the carried font has no '{_some(lent)}': this picture depends on the fonts of this machine"
        warnings.append(Diagnostic("foreign-text", message, pattern.span, "warning"))
    if none:
        message = (
            f"no font of this machine has '{_some(none)}': it shows as empty boxes; install a font "
            "that has it (Noto Sans CJK, Noto Color Emoji), or use the SVG"
        )
        warnings.append(Diagnostic("missing-font", message, pattern.span, "warning"))
    return tuple(warnings)


def _some(characters: str) -> str:
    return characters[:12] + ("…" if len(characters) > 12 else "")
