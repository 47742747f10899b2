"""Reads the CSS of Mermaid's `classDef`, `style` and `linkStyle` as far as a picture can show it.

The supported properties are fill (or background), stroke, color, stroke-width (in pixels, which count
as points) and stroke-dasharray. A value that is not a valid color or length is ignored.
"""

from __future__ import annotations

import re

from msgspec import Struct

from diagramkit.graph import Style

_LENGTH = re.compile(r"(\d+(?:\.\d+)?|\.\d+)(?:px|pt)?")
_MAX_LENGTH = 12.0  # Points; longer lengths are reduced to this.
_MAX_COLOR_CHARACTERS = 40
_MAX_DASHES = 8
MIN_CONTRAST = 4.5
"""The minimum contrast of a text with its background (WCAG 2, success criterion 1.4.3)."""
_LIGHT_TEXT, _DARK_TEXT = "#FFFFFF", "#16191F"


class CssStyle(Struct, frozen=True):
    """Colors as #RRGGBB and lengths in points; None for each property that is not set."""

    fill: str | None = None
    stroke: str | None = None
    color: str | None = None
    width: float | None = None
    dash: tuple[float, ...] | None = None

    @property
    def has_fill_or_stroke(self) -> bool:
        """Whether the style sets the color of an area or of its border."""
        return bool(self.fill or self.stroke)


EMPTY_STYLE = CssStyle()


def css_style(style: Style, background: str) -> CssStyle:
    """Return the parsed `style`; the last value of a property wins.

    Translucent colors are blended with `background`.
    """
    if not style:
        return EMPTY_STYLE
    values = {name.strip().lower(): value.removesuffix("!important").strip() for name, value in style}
    return CssStyle(
        _parse_color(values.get("fill") or values.get("background"), background),
        _parse_color(values.get("stroke"), background),
        _parse_color(values.get("color"), background),
        _parse_length(values.get("stroke-width")),
        _parse_dash(values.get("stroke-dasharray")),
    )


def readable_color(preferred: str | None, background: str, default: str) -> str:
    """Return a color for text on `background`.

    This is the first of `preferred` and `default` whose contrast is at least `MIN_CONTRAST`; if neither
    is, it is near-black or white, whichever has more contrast.
    """
    for color in (preferred, default):
        if color and contrast(color, background) >= MIN_CONTRAST:
            return color
    return max((_DARK_TEXT, _LIGHT_TEXT), key=lambda color: contrast(color, background))


def contrast(a: str, b: str) -> float:
    """Return the contrast ratio of two colors, from 1 to 21 (WCAG 2, "contrast ratio")."""
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def luminance(color: str) -> float:
    """Return the relative luminance of a color, from 0 to 1 (WCAG 2, "relative luminance")."""
    channels = [int(color[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    r, g, b = (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in channels)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def _parse_color(text: str | None, background: str) -> str | None:
    """Return a CSS color as #RRGGBB, or None if it is invalid or fully transparent."""
    if not text or len(text) > _MAX_COLOR_CHARACTERS:
        return None
    from PIL import ImageColor  # Imported here: most diagrams set no colors and need no Pillow.

    try:
        color = ImageColor.getcolor(text, "RGBA")
        backdrop = ImageColor.getrgb(background)
    except ValueError:
        return None
    if not isinstance(color, tuple) or color[3] == 0:
        return None
    alpha = color[3] / 255
    blended = (round(color[i] * alpha + backdrop[i] * (1 - alpha)) for i in range(3))
    return "#" + "".join(f"{value:02X}" for value in blended)


def _parse_length(text: str | None) -> float | None:
    match = _LENGTH.fullmatch(text or "")
    return min(float(match[1]), _MAX_LENGTH) if match else None


def _parse_dash(text: str | None) -> tuple[float, ...] | None:
    lengths = [_parse_length(part) for part in re.split(r"[\s,]+", text or "") if part]
    if not lengths or len(lengths) > _MAX_DASHES or not all(lengths):
        return None
    return tuple(length for length in lengths if length)
