"""Colors: CSS notations, transparency, blending and contrast.

A color is #RRGGBB, #RRGGBBAA if it is translucent, or `none` if nothing is painted.
"""

from __future__ import annotations

import colorsys
import re
from collections.abc import Iterable
from functools import lru_cache

NONE = "none"
MIN_CONTRAST = 4.5
"""The minimum contrast of a text with its background (WCAG 2, success criterion 1.4.3)."""
MIN_LINE_CONTRAST = 3.0
"""The minimum contrast of a line with its background (WCAG 2, success criterion 1.4.11)."""

_LIGHT, _DARK = "#FFFFFF", "#16191F"
_GRAYS = tuple(f"#{level:02X}{level:02X}{level:02X}" for level in range(0, 256, 5))
_MAX_CHARACTERS = 60  # Of the notation of a color.
_HEX = re.compile(r"#(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})", re.I)
_FUNCTION = re.compile(r"(rgb|hsl)a?\(([^()]*)\)", re.I)
_NUMBER = re.compile(r"([+-]?(?:\d+(?:\.\d*)?|\.\d+))(%|deg)?")


@lru_cache(maxsize=1024)
def parse(text: str) -> str | None:
    """Return a CSS color (CSS Color 4: names, hexadecimal, rgb, rgba, hsl, hsla), or None if it is invalid.

    A fully transparent color is `none`.
    """
    text = text.strip().lower()
    if text in (NONE, "transparent"):
        return NONE
    if len(text) > _MAX_CHARACTERS:
        return None
    if _HEX.fullmatch(text):
        digits = text[1:] if len(text) > 5 else "".join(2 * digit for digit in text[1:])
        return _color([int(digits[start : start + 2], 16) for start in range(0, len(digits), 2)])
    if match := _FUNCTION.fullmatch(text):
        return _from_function(match[1], match[2])
    from PIL import ImageColor  # Imported here: few diagrams name colors, and the others need no Pillow.

    # Pillow replaces the values of this table by tuples once it has parsed them.
    return _color(list(ImageColor.getrgb(text))) if text in ImageColor.colormap else None


def parse_legacy(text: str) -> str | None:
    """Return a color in an attribute of HTML, as browsers read it ("legacy color value"), or None if there is none."""
    text = text.strip().lower()
    if not text or text == "transparent" or len(text) > _MAX_CHARACTERS:
        return None
    if ((text.isalpha() and text != NONE) or re.fullmatch("#[0-9a-f]{3}", text)) and (color := parse(text)):
        return color
    digits = re.sub("[^0-9a-f]", "0", text.removeprefix("#"))
    digits += "0" * (-len(digits) % 3)
    size = len(digits) // 3
    parts = [digits[start : start + size][-8:] for start in (0, size, 2 * size)]
    while len(parts[0]) > 2 and all(part.startswith("0") for part in parts):
        parts = [part[1:] for part in parts]
    return _color([int(part[:2], 16) for part in parts])


def with_opacity(color: str, opacity: float) -> str:
    """Return a color whose opacity, from 0 to 1, is multiplied by `opacity`."""
    if color == NONE or opacity >= 1:
        return color
    red, green, blue, alpha = _channels(color)
    return _color([red, green, blue, round(alpha * max(opacity, 0.0))])


def split(color: str) -> tuple[str, float]:
    """Return a color without its transparency, and its opacity from 0 to 1 in hundredths."""
    if color == NONE:
        return NONE, 0.0
    return (color, 1.0) if len(color) == 7 else (color[:7], round(int(color[7:], 16) / 255, 2))


def blend(color: str, background: str) -> str:
    """Return the opaque color that a color, or `none`, has on an opaque background."""
    if color == NONE:
        return background
    if len(color) == 7:
        return color
    alpha = int(color[7:], 16) / 255
    pairs = zip(_channels(color)[:3], _channels(background)[:3], strict=True)
    return _color([round(over * alpha + under * (1 - alpha)) for over, under in pairs])


def readable(candidates: Iterable[str | None], backgrounds: Iterable[str], minimum: float = MIN_CONTRAST) -> str | None:
    """Return the first of `candidates` whose contrast with each of `backgrounds` is at least `minimum`.

    If none is, return near-black, white or the gray with the highest contrast, or None if even that has too little.
    """
    behind = tuple(dict.fromkeys(backgrounds))
    for color in (*candidates, _DARK, _LIGHT):
        if color and min(contrast(blend(color, background), background) for background in behind) >= minimum:
            return color
    best = max(_GRAYS, key=lambda color: min(contrast(color, background) for background in behind))
    return best if min(contrast(best, background) for background in behind) >= minimum else None


def is_dark(color: str) -> bool:
    """Return whether white has more contrast with an opaque color than near-black has."""
    return contrast(_LIGHT, color) > contrast(_DARK, color)


@lru_cache(maxsize=4096)
def contrast(a: str, b: str) -> float:
    """Return the contrast ratio of two opaque colors, from 1 to 21 (WCAG 2, "contrast ratio")."""
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def luminance(color: str) -> float:
    """Return the relative luminance of an opaque color, from 0 to 1 (WCAG 2, "relative luminance")."""
    r, g, b = (
        v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in (c / 255 for c in _channels(color)[:3])
    )
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def _from_function(name: str, arguments: str) -> str | None:
    values = [_NUMBER.fullmatch(part) for part in re.split(r"[\s,/]+", arguments.strip())]
    if len(values) not in (3, 4) or not all(values):
        return None
    numbers = [(float(match[1]), match[2]) for match in values if match]
    value, unit = numbers[3] if len(numbers) == 4 else (1.0, None)
    alpha = 255 * (value / 100 if unit == "%" else value)
    if name == "rgb":
        channels = [255 * value / 100 if unit == "%" else value for value, unit in numbers[:3]]
    else:
        hue, saturation, lightness = (value for value, _ in numbers[:3])
        rgb = colorsys.hls_to_rgb(hue % 360 / 360, _fraction(lightness / 100), _fraction(saturation / 100))
        channels = [255 * value for value in rgb]
    return _color([round(min(max(value, 0.0), 255.0)) for value in (*channels, alpha)])


def _fraction(value: float) -> float:
    return min(max(value, 0.0), 1.0)


def _channels(color: str) -> tuple[int, int, int, int]:
    """Return red, green, blue and alpha, from 0 to 255."""
    red, green, blue = (int(color[start : start + 2], 16) for start in (1, 3, 5))
    return red, green, blue, int(color[7:] or "ff", 16)


def _color(channels: list[int]) -> str:
    """Return a color from red, green, blue and possibly alpha."""
    if len(channels) == 4 and channels[3] == 0:
        return NONE
    opaque = channels[:3] if len(channels) == 4 and channels[3] == 255 else channels
    return "#" + "".join(f"{channel:02X}" for channel in opaque)
