"""A drawing as PNG: the SVG of the same drawing, rasterised by resvg with the carried font."""

from __future__ import annotations

import struct
import zlib
from functools import lru_cache
from typing import Any

from diagramkit.drawing import Drawing
from diagramkit.style import font
from diagramkit.writers import svg

_INCH = 0.0254


def write(drawing: Drawing, scale: float) -> bytes:
    """The drawing at `scale` pixels a point. Characters that the carried font lacks are drawn
    with the machine's fonts; `foreign` tells which those are."""
    from resvg import render, usvg

    text = "".join(line.text for line in drawing.texts())
    options = _options(font.subset(text).ttf, bool(font.missing(text)))
    tree = usvg.Tree.from_str(svg.write_for_raster(drawing, scale), options)
    return _with_density(bytes(render(tree, (1.0, 0.0, 0.0, 0.0, 1.0, 0.0))), scale)


def foreign(drawing: Drawing) -> str:
    """The characters in the picture that the carried font lacks."""
    return font.missing("".join(line.text for line in drawing.texts()))


@lru_cache(maxsize=4)
def _options(data: bytes, system: bool) -> Any:
    from resvg import usvg

    options = usvg.Options.default()
    options.load_font_data(data)
    if system:
        options.load_system_fonts()
    options.font_family = font.FAMILY
    return options


def _with_density(png: bytes, scale: float) -> bytes:
    """The PNG with its physical size set, so that it is as large in print as the drawing.

    A pHYs chunk (PNG specification, 11.3.4.3) behind the header: pixels a metre.
    """
    density = round(72 * scale / _INCH)
    body = b"pHYs" + struct.pack(">IIB", density, density, 1)
    chunk = struct.pack(">I", 9) + body + struct.pack(">I", zlib.crc32(body))
    header = 8 + 25
    return png[:header] + chunk + png[header:]
