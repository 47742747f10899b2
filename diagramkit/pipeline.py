"""The whole way of a diagram, step by step: the table of contents of diagramkit.

    source     read          resolve    measure, place, route   write
    .yaml   -> Pattern   ->  icons   -> Drawing              -> SVG, PNG
    .mmd       (a Graph)                (geometry in points)
    .md

Each step is a folder: `sources`, `icons`, `measure`, `layout` (with `compile`, the way through
`diagrams`), `writers`; `style` holds what they draw with.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from diagramkit.drawing import Drawing
from diagramkit.graph import Pattern
from diagramkit.problems import Problem, fail

FORMATS = ("mmd", "svg", "png")
"""What a diagram can be written as, in the order in which files are listed."""

MOST_PIXELS = 100_000_000
"""The largest PNG that is made: above it, the rasteriser's memory would be spent first."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to draw. `scale` is in pixels a point, for PNG."""

    theme: str = "light"
    scale: float = 2.0
    engine: str = "wasm"
    canvas: str = "16:9"


@dataclass(frozen=True, slots=True)
class Rendered:
    """A diagram's outputs by format, and what was noticed while making them."""

    outputs: dict[str, bytes]
    warnings: tuple[Problem, ...]


def draw(pattern: Pattern, options: Options) -> Drawing:
    """The picture as geometry. Raises `DiagramError`."""
    from diagramkit.icons import resolver
    from diagramkit.layout import canvas, compose
    from diagramkit.style import theme

    graph = replace(pattern.graph, title=pattern.title)
    icons = resolver.resolve(pattern)
    return compose.draw(
        graph,
        icons,
        theme.load(options.theme),
        canvas.named(options.canvas),
        options.engine,
        pattern.span,
    )


def render(pattern: Pattern, formats: tuple[str, ...], options: Options) -> Rendered:
    """The diagram in each of `formats`, laid out once. Raises `DiagramError`."""
    outputs: dict[str, bytes] = {}
    warnings: tuple[Problem, ...] = ()
    if "mmd" in formats:
        outputs["mmd"] = pattern.source_text.encode("utf-8")
    if "svg" in formats or "png" in formats:
        drawing = draw(pattern, options)
        if "svg" in formats:
            from diagramkit.writers import svg

            outputs["svg"] = svg.write(drawing).encode("utf-8")
        if "png" in formats:
            outputs["png"], warnings = _png(pattern, drawing, options.scale)
    return Rendered({name: outputs[name] for name in formats}, warnings)


def _png(pattern: Pattern, drawing: Drawing, scale: float) -> tuple[bytes, tuple[Problem, ...]]:
    from diagramkit.writers import png

    pixels = drawing.width * scale * drawing.height * scale
    if pixels > MOST_PIXELS:
        raise fail(
            "too-large",
            f"the PNG would have {pixels / 1e6:.0f} million pixels, more than "
            f"{MOST_PIXELS // 1_000_000}; choose a smaller --scale",
            pattern.span,
        )
    return png.write(drawing, scale), _foreign(pattern, drawing)


def _foreign(pattern: Pattern, drawing: Drawing) -> tuple[Problem, ...]:
    """A warning where a picture in pixels depends on this machine, and one where that has no font."""
    from diagramkit.writers import png

    lent, none = png.foreign(drawing)
    warnings = []
    if lent:
        message = f"the carried font has no '{_some(lent)}': this picture depends on the fonts of this machine"
        warnings.append(Problem("foreign-text", message, pattern.span, "warning"))
    if none:
        message = (
            f"no font of this machine has '{_some(none)}': it shows as empty boxes; install a font "
            "that has it (Noto Sans CJK, Noto Color Emoji), or use the SVG"
        )
        warnings.append(Problem("missing-font", message, pattern.span, "warning"))
    return tuple(warnings)


def _some(characters: str) -> str:
    return characters[:12] + ("…" if len(characters) > 12 else "")
