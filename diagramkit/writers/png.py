"""Writes a drawing as PNG: with our own rasterizer, or with resvg where that cannot draw it."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from diagramkit import panics, timing
from diagramkit.drawing import Drawing
from diagramkit.style import installed_fonts
from diagramkit.style.shaping import Font
from diagramkit.writers import svg, text_rendering
from diagramkit.writers.display_list import Element, display_list
from diagramkit.writers.text_rendering import fallback_fonts, texts_by_face


@timing.step("raster and encode")
def write(drawing: Drawing, scale: float, palette: bool = False, elements: Sequence[Element] | None = None) -> bytes:
    """Return the drawing as PNG at `scale` pixels per point, with at most 256 colors if `palette` is set.

    Characters that the drawing's font lacks are drawn with fonts of this machine; `missing_characters` lists them.
    `elements` are the display list, if the caller has it.
    """
    from diagramkit.writers import rasterizer

    fonts = fallback_fonts(drawing)
    elements = display_list(drawing) if elements is None else elements
    data = rasterizer.write(drawing, elements, scale, fonts) if rasterizer.available() else None
    if data is None:
        data = _with_density(_by_resvg(drawing, scale, fonts), scale)
    return _with_density(_quantized(data), scale) if palette else data


def _by_resvg(drawing: Drawing, scale: float, fonts: Mapping[str, Font]) -> bytes:
    """Return the picture drawn by resvg, for color emoji and for machines without WebAssembly."""
    from resvg import render, usvg

    files = tuple(dict.fromkeys(font.file for font in fonts.values()))
    font_data = tuple(face.subset(text, "ttf") for face, text in texts_by_face(drawing).items())
    options = _options(drawing.face.family, font_data, files)
    with panics.as_errors():
        tree = usvg.Tree.from_str(svg.write_for_raster(drawing, scale, fonts), options)
        return bytes(render(tree, (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)))


def from_svg(text: str) -> bytes:
    """Return any SVG as PNG, at one pixel per unit and with its text in the bundled font.

    It is meant for previews. Raises `ValueError` if the SVG cannot be drawn.
    """
    from defusedxml import ElementTree
    from resvg import render, usvg

    from diagramkit.style.font import bundled

    face = bundled()
    try:
        ElementTree.fromstring(text)
    except (SyntaxError, ValueError, LookupError) as error:  # resvg panics on text that is not XML.
        raise ValueError(str(error)) from None
    with panics.as_errors():
        tree = usvg.Tree.from_str(text, _options(face.family, (Path(face.file).read_bytes(),), ()))
        return bytes(render(tree, (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)))


def _quantized(png: bytes) -> bytes:
    """Return a PNG with a palette of 256 colors, which is about a third of the size."""
    from PIL import Image

    buffer = io.BytesIO()
    with Image.open(io.BytesIO(png)) as image:
        is_transparent = image.mode == "RGBA" and image.getchannel("A").getextrema() != (255, 255)
        method = Image.Quantize.FASTOCTREE if is_transparent else Image.Quantize.MEDIANCUT
        # Only MEDIANCUT keeps pale fills, and it does not support alpha.
        source = image if is_transparent else image.convert("RGB")
        quantized = source.quantize(256, method, dither=Image.Dither.NONE)
        quantized.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def missing_characters(drawing: Drawing) -> tuple[str, str]:
    """Return the characters that the drawing's font lacks: those in a font of this machine, and those in none."""
    missing = text_rendering.missing_text(drawing)
    fonts = installed_fonts.fonts_for(missing)
    in_no_font = "".join(char for char in missing if char not in fonts)
    return "".join(char for char in missing if char in fonts), in_no_font


@lru_cache(maxsize=4)
def _options(family: str, font_data: tuple[bytes, ...], files: tuple[str, ...]) -> Any:
    from resvg import usvg

    options = usvg.Options.default()
    for data in font_data:
        options.load_font_data(data)
    for file in files:
        options.load_font_data(Path(file).read_bytes())
    options.font_family = family
    return options


def _with_density(png: bytes, scale: float) -> bytes:
    """Return the PNG with its physical size, in a chunk after the header."""
    from diagramkit.writers import rasterizer

    header_end = 8 + 25  # The signature and the chunk IHDR.
    return b"".join([png[:header_end], *rasterizer.chunk(rasterizer.density_chunk(scale)), png[header_end:]])
