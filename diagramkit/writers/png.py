"""A drawing as PNG: the SVG of the same drawing, rasterised by resvg with the carried font."""

from __future__ import annotations

import io
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from diagramkit import timing
from diagramkit.drawing import Drawing
from diagramkit.style import system
from diagramkit.style.system import SystemFont
from diagramkit.writers import svg


@timing.step("raster and encode")
def write(drawing: Drawing, scale: float, palette: bool = False, elements: str | None = None) -> bytes:
    """The drawing at `scale` pixels a point, in true colours or (`palette`) in at most 256. Characters that the
    carried font lacks are drawn with the machine's fonts; `foreign` tells which those are. `elements` are those
    of its SVG without outlines of text, where they are made already."""
    from diagramkit.writers import rasterizer

    text = _all_text(drawing)
    fonts = system.fonts_for(drawing.face.missing(text))
    elements = svg.shapes_of(drawing) if elements is None else elements
    drawn = rasterizer.write(drawing, elements, scale, fonts) if rasterizer.available() else None
    if drawn is None:
        drawn = _with_density(_by_resvg(drawing, scale, text, fonts), scale)
    return _with_density(_reduced(drawn), scale) if palette else drawn


def _by_resvg(drawing: Drawing, scale: float, text: str, fonts: Mapping[str, SystemFont]) -> bytes:
    """The picture where our own rasterizer cannot draw it: emoji in colour, no WebAssembly."""
    from resvg import render, usvg

    files = tuple(dict.fromkeys(font.file for font in fonts.values()))
    options = _options(drawing.face.family, drawing.face.subset(text).ttf, files)
    tree = usvg.Tree.from_str(svg.write_for_raster(drawing, scale, fonts), options)
    return bytes(render(tree, (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)))


def of_svg(text: str) -> bytes:
    """Any SVG as PNG, a pixel a unit, letters in the carried font: to be looked at. Raises `ValueError`."""
    from defusedxml import ElementTree
    from resvg import render, usvg

    from diagramkit.style.font import bundled

    face = bundled()
    try:
        ElementTree.fromstring(text)  # What is no XML makes resvg panic.
        tree = usvg.Tree.from_str(text, _options(face.family, Path(face.file).read_bytes(), ()))
        return bytes(render(tree, (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)))
    except BaseException as error:  # A panic is no `Exception`.
        if isinstance(error, Exception) or type(error).__name__ == "PanicException":
            raise ValueError(str(error)) from None
        raise


def _reduced(drawn: bytes) -> bytes:
    """The PNG with a palette of 256 colours: a third of the size, gradients in fine steps."""
    from PIL import Image

    buffer = io.BytesIO()
    with Image.open(io.BytesIO(drawn)) as image:
        clear = image.mode == "RGBA" and image.getchannel("A").getextrema() != (255, 255)
        way = Image.Quantize.FASTOCTREE if clear else Image.Quantize.MEDIANCUT
        colours = image if clear else image.convert("RGB")  # Only this way keeps pale fills.
        small = colours.quantize(256, way, dither=Image.Dither.NONE)
        small.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def foreign(drawing: Drawing) -> tuple[str, str]:
    """The characters in the picture that its font lacks: those that a font of this machine has,
    and those that none has."""
    lacking = drawing.face.missing(_all_text(drawing))
    fonts = system.fonts_for(lacking)
    none = "".join(char for char in lacking if char not in fonts)
    return "".join(char for char in lacking if char in fonts), none


def _all_text(drawing: Drawing) -> str:
    return "".join(line.text for line in drawing.texts())


@lru_cache(maxsize=4)
def _options(family: str, data: bytes, files: tuple[str, ...]) -> Any:
    from resvg import usvg

    options = usvg.Options.default()
    options.load_font_data(data)
    for file in files:
        options.load_font_data(Path(file).read_bytes())
    options.font_family = family
    return options


def _with_density(png: bytes, scale: float) -> bytes:
    """The PNG with its physical size set, behind the header."""
    from diagramkit.writers import rasterizer

    header = 8 + 25
    return b"".join([png[:header], *rasterizer.chunk(rasterizer.density(scale)), png[header:]])
