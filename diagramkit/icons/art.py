"""Icon files as pictures: decoded once, made no larger than they are drawn.

The art is AWS's (CC-BY-ND): it is scaled, never recoloured or redrawn.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image

from diagramkit.icons import library

_DEEPEST = 0.3
PIXELS = 180
"""The most pixels an icon is carried at, per side: three for each point it is drawn at."""


@dataclass(frozen=True, slots=True)
class Art:
    """An icon as PNG, its size in pixels, and whether it is a dark line drawing.

    `inset` is what is empty at its left, top and right, along its middle lines, as parts of
    its side: edges end where the ink begins.
    """

    png: bytes
    w: int
    h: int
    dark: bool
    inset: tuple[float, float, float]


@lru_cache(maxsize=1024)
def load(reference: str, pixels: int = PIXELS) -> Art:
    """The icon that `reference` names, which must exist."""
    path = library.icon_file(reference)
    assert path is not None, reference
    with Image.open(path) as file:
        image = file.convert("RGBA")
    dark, inset = _is_dark(image), _inset(image)
    if max(image.size) > pixels:
        image.thumbnail((pixels, pixels), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=True)
    return Art(buffer.getvalue(), *image.size, dark, inset)


def _inset(image: Image.Image) -> tuple[float, float, float]:
    """The empty parts at the left, top and right, seen along the middle third of the icon."""
    solid = image.getchannel("A").resize((96, 96), Image.Resampling.BOX).point(_solid)
    level = solid.crop((0, 36, 96, 60)).getbbox()
    upright = solid.crop((36, 0, 60, 96)).getbbox()
    if level is None or upright is None:
        return 0.0, 0.0, 0.0
    parts = level[0] / 96, upright[1] / 96, 1 - level[2] / 96
    left, top, right = (round(min(part, _DEEPEST), 3) for part in parts)
    return left, top, right


def _solid(alpha: int) -> int:
    return 255 if alpha > 96 else 0


def _is_dark(image: Image.Image) -> bool:
    """Whether the icon is thin and dark: it would vanish on a dark background."""
    small = image.resize((48, 48), Image.Resampling.BOX)
    pixels = [small.getpixel((x, y)) for x in range(48) for y in range(48)]
    ink = [pixel for pixel in pixels if isinstance(pixel, tuple) and pixel[3] > 96]
    if not ink:
        return False
    light = sum(0.2126 * r + 0.7152 * g + 0.0722 * b for r, g, b, _ in ink) / len(ink)
    return light < 90
