"""What `classDef`, `style` and `linkStyle` say, as far as a picture shows it.

The properties are CSS's, as Mermaid takes them: fill, stroke, color, stroke-width (pixels, taken
as points) and stroke-dasharray. A value that is no colour or length is left out.
"""

from __future__ import annotations

import re

from msgspec import Struct

from diagramkit.graph import Style

_LENGTH = re.compile(r"(\d+(?:\.\d+)?|\.\d+)(?:px|pt)?")
_WIDEST = 12.0
READABLE = 4.5
"""The least contrast of text with what it stands on (WCAG 2, success criterion 1.4.3)."""
_PALE, _DARK = "#FFFFFF", "#16191F"


class CssStyle(Struct, frozen=True):
    """Colours as #RRGGBB, lengths in points; None where nothing is said."""

    fill: str | None = None
    stroke: str | None = None
    color: str | None = None
    width: float | None = None
    dash: tuple[float, ...] | None = None

    @property
    def framed(self) -> bool:
        """Whether it says something of an area or its border."""
        return bool(self.fill or self.stroke)


PLAIN = CssStyle()


def css_style(style: Style, background: str) -> CssStyle:
    """The look that `style` asks for; later values win. Clear colours show `background`."""
    if not style:
        return PLAIN
    said = {name.strip().lower(): value.removesuffix("!important").strip() for name, value in style}
    return CssStyle(
        _colour(said.get("fill") or said.get("background"), background),
        _colour(said.get("stroke"), background),
        _colour(said.get("color"), background),
        _length(said.get("stroke-width")),
        _dash(said.get("stroke-dasharray")),
    )


def readable(wish: str | None, ground: str, usual: str) -> str:
    """A text colour on `ground`: the one wished, else the usual one, else black or white,
    whichever is the first with a contrast of 4.5 (WCAG 2, success criterion 1.4.3)."""
    for colour in (wish, usual):
        if colour and contrast(colour, ground) >= READABLE:
            return colour
    return max((_DARK, _PALE), key=lambda colour: contrast(colour, ground))


def contrast(a: str, b: str) -> float:
    """The contrast of two colours, 1 to 21 (WCAG 2, "contrast ratio")."""
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    """The relative luminance of a colour, 0 to 1 (WCAG 2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    r, g, b = (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def _colour(text: str | None, background: str) -> str | None:
    """A CSS colour as #RRGGBB; None for what is none, or is not to be seen at all."""
    if not text or len(text) > 40:
        return None
    from PIL import ImageColor  # Only what has colours of its own needs it.

    try:
        found = ImageColor.getcolor(text, "RGBA")
        ground = ImageColor.getrgb(background)
    except ValueError:
        return None
    if not isinstance(found, tuple) or found[3] == 0:
        return None
    share = found[3] / 255
    mixed = (round(found[i] * share + ground[i] * (1 - share)) for i in range(3))
    return "#" + "".join(f"{value:02X}" for value in mixed)


def _length(text: str | None) -> float | None:
    match = _LENGTH.fullmatch(text or "")
    return min(float(match[1]), _WIDEST) if match else None


def _dash(text: str | None) -> tuple[float, ...] | None:
    parts = [_length(part) for part in re.split(r"[\s,]+", text or "") if part]
    if not parts or len(parts) > 8 or not all(parts):
        return None
    return tuple(part for part in parts if part)
