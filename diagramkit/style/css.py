"""Reads the CSS of Mermaid's `classDef`, `style` and `linkStyle`, and of HTML in labels, as far as it can be drawn.

`PROPERTIES` are the properties that are drawn. Lengths are in pixels, which count as points. A value that is not valid
is ignored.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from msgspec import Struct

from diagramkit.graph import Style
from diagramkit.style import colors
from diagramkit.style.text_style import PLAIN, TextStyle

PROPERTIES = frozenset(
    {
        "fill",
        "background",
        "background-color",
        "stroke",
        "color",
        "stroke-width",
        "stroke-dasharray",
        "opacity",
        "fill-opacity",
        "stroke-opacity",
        "display",
        "visibility",
        "font-size",
        "font-weight",
        "font-style",
        "text-decoration",
        "text-decoration-line",
    }
)
"""The CSS properties that are drawn."""

COLOR_PROPERTIES = frozenset({"fill", "background", "background-color", "stroke", "color"})
"""Those of them that are colors."""

_LENGTH = re.compile(r"(\d+(?:\.\d+)?|\.\d+)(?:px|pt)?")
_RELATIVE_SIZE = re.compile(r"(\d+(?:\.\d+)?|\.\d+)(em|rem|%)")
_FRACTION = re.compile(r"(\d+(?:\.\d+)?|\.\d+)(%?)")
_MAX_WIDTH = 12.0  # Points; wider lines are reduced to this.
_MIN_TEXT_SIZE, _MAX_TEXT_SIZE = 5.0, 72.0  # Points.
# The values of properties with keywords, as regular expressions.
_KEYWORDS = {
    "font-weight": r"\d{1,4}|normal|bold|bolder|lighter",
    "font-style": "normal|italic|oblique.*",
    "text-decoration": "(?:(?:none|underline|line-through|solid)\\s*)+",
    "text-decoration-line": "(?:(?:none|underline|line-through)\\s*)+",
    "visibility": "visible|hidden|collapse",
}
_MAX_DASHES = 8
_MAX_DASH = 100.0  # Points.
_MIN_DASH = 0.1  # Points: a dash without a length is a dot, which not every output can draw.
_BOLD = 600  # The smallest font weight that is drawn bold.
# The absolute and relative sizes of CSS Fonts 4, as factors of the normal size.
_SIZE_NAMES = {
    "xx-small": 0.6,
    "x-small": 0.75,
    "small": 0.89,
    "smaller": 0.83,
    "medium": 1.0,
    "larger": 1.2,
    "large": 1.2,
    "x-large": 1.5,
    "xx-large": 2.0,
    "xxx-large": 3.0,
}


class TextSize(Struct, frozen=True):
    """A text size: `value` points or, if `is_factor` is set, times the size that the text has anyway."""

    value: float
    is_factor: bool = False

    def points(self, size: float) -> float:
        """Return the size in points; `size` is the size that the text has anyway."""
        return min(max(size * self.value if self.is_factor else self.value, _MIN_TEXT_SIZE), _MAX_TEXT_SIZE)


class CssStyle(Struct, frozen=True):
    """Colors as in `colors`, lengths in points; None for each property that is not set.

    `fill` and `stroke` have their opacities already; `fill_opacity` and `stroke_opacity` are for colors of the theme.
    `is_hidden` says that nothing of the element but its label is visible. `color`, `text` and `text_size` are the
    color, the style and the size of its label.
    """

    fill: str | None = None
    stroke: str | None = None
    color: str | None = None
    width: float | None = None
    dash: tuple[float, ...] | None = None
    opacity: float = 1.0
    is_hidden: bool = False
    text: TextStyle = PLAIN
    text_size: TextSize | None = None
    fill_opacity: float = 1.0
    stroke_opacity: float = 1.0

    def fill_or(self, default: str) -> str:
        """Return the fill, or one of the color `default` with the opacity of fills."""
        return self.fill or colors.with_opacity(default, self.fill_opacity)

    def stroke_or(self, default: str) -> str:
        """Return the color of the line, or `default` with the opacity of lines."""
        return self.stroke or colors.with_opacity(default, self.stroke_opacity)

    @property
    def paints_plate(self) -> bool:
        """Whether the style paints an area or a border behind an icon."""
        return any(color not in (None, colors.NONE) for color in (self.fill, self.stroke))

    def visible(self, color: str) -> str:
        """Return a color of the element as its opacity makes it."""
        return colors.NONE if self.is_hidden else colors.with_opacity(color, self.opacity)


EMPTY_STYLE = CssStyle()


@lru_cache(maxsize=1024)
def css_style(style: Style) -> CssStyle:
    """Return the parsed `style`; the last value of a property wins."""
    if not style:
        return EMPTY_STYLE
    values = {name.strip().lower(): value.removesuffix("!important").strip().lower() for name, value in style}
    width = _parse_length(values.get("stroke-width"))
    fill = _first_color(values, "fill", "background", "background-color")
    stroke = colors.NONE if width == 0 else _first_color(values, "stroke")
    text_size = parse_text_size(values.get("font-size"))
    color = None if values.get("color") == "none" else _first_color(values, "color")  # `none` is no color of text.
    fill_opacity, stroke_opacity, opacity = (
        _parse_fraction(values.get(name)) for name in ("fill-opacity", "stroke-opacity", "opacity")
    )
    return CssStyle(
        fill and colors.with_opacity(fill, fill_opacity),
        stroke and colors.with_opacity(stroke, stroke_opacity),
        colors.NONE if text_size and text_size.value == 0 else color,
        width,
        _parse_dash(values.get("stroke-dasharray")),
        opacity,
        opacity == 0 or values.get("display") == "none" or values.get("visibility") in ("hidden", "collapse"),
        text_style(values, PLAIN),
        text_size,
        fill_opacity,
        stroke_opacity,
    )


def text_style(values: Mapping[str, str], inherited: TextStyle) -> TextStyle:
    """Return the weight, slant and decoration that CSS properties give to text; the rest is inherited."""
    weight, slant = values.get("font-weight", ""), values.get("font-style", "")
    decoration = values.get("text-decoration-line") or values.get("text-decoration")
    is_bold = int(weight) >= _BOLD if re.fullmatch(r"\d{1,4}", weight) else weight in ("bold", "bolder")
    lines = inherited if decoration is None else TextStyle()
    return TextStyle(
        is_bold if weight else inherited.bold,
        slant.startswith(("italic", "oblique")) if slant else inherited.italic,
        lines.underline or "underline" in (decoration or ""),
        lines.strikethrough or "line-through" in (decoration or ""),
        inherited.monospace,
        inherited.size,
        inherited.scale,
        inherited.rise,
        inherited.color,
    )


def parse_text_size(text: str | None) -> TextSize | None:
    """Return a CSS font size, or None if it is not valid."""
    text = (text or "").strip().lower()
    if text in _SIZE_NAMES:
        return TextSize(_SIZE_NAMES[text], True)
    if match := _RELATIVE_SIZE.fullmatch(text):
        return TextSize(float(match[1]) / (100 if match[2] == "%" else 1), True)
    match = _LENGTH.fullmatch(text)
    return TextSize(float(match[1])) if match else None


def hides_text(values: Mapping[str, str]) -> bool:
    """Return whether CSS properties make the text of an element invisible, apart from its color."""
    size = parse_text_size(values.get("font-size"))
    return (
        values.get("display") == "none"
        or values.get("visibility") in ("hidden", "collapse")
        or _parse_fraction(values.get("opacity")) == 0
        or (size is not None and size.value == 0)
    )


def is_drawn(name: str, value: str) -> bool:
    """Return whether the value of a property of `PROPERTIES` is drawn as it is, and not reduced or ignored."""
    value = value.removesuffix("!important").strip().lower()
    if name in COLOR_PROPERTIES:
        return colors.parse(value) is not None
    if name in ("opacity", "fill-opacity", "stroke-opacity"):
        return _FRACTION.fullmatch(value) is not None
    if name == "stroke-width":
        return _is_length_drawn(value, _MAX_WIDTH)
    if name == "stroke-dasharray":
        parts = [part for part in re.split(r"[\s,]+", value) if part]
        return value == "none" or (
            0 < len(parts) <= _MAX_DASHES and all(_is_length_drawn(part, _MAX_DASH) for part in parts)
        )
    if name == "font-size":
        size = parse_text_size(value)
        return size is not None and (size.is_factor or size.value == 0 or size.points(0.0) == size.value)
    return re.fullmatch(_KEYWORDS.get(name, ".*"), value) is not None


def _is_length_drawn(text: str, maximum: float) -> bool:
    match = _LENGTH.fullmatch(text)
    return match is not None and float(match[1]) <= maximum


def declarations(text: str) -> dict[str, str]:
    """Return the properties of an HTML attribute `style`, with names and values in lower case."""
    pairs = (part.split(":", 1) for part in text.lower().split(";") if ":" in part)
    return {name.strip(): value.removesuffix("!important").strip() for name, value in pairs}


def _first_color(values: Mapping[str, str], *names: str) -> str | None:
    """Return the color of the first of the properties `names` that is set."""
    text = next((values[name] for name in names if values.get(name)), None)
    return colors.parse(text) if text else None


def _parse_fraction(text: str | None) -> float:
    """Return an opacity from 0 to 1; 1 if it is not set or not valid."""
    match = _FRACTION.fullmatch(text or "")
    return min(float(match[1]) / (100 if match[2] else 1), 1.0) if match else 1.0


def _parse_length(text: str | None, maximum: float = _MAX_WIDTH) -> float | None:
    match = _LENGTH.fullmatch(text or "")
    return min(float(match[1]), maximum) if match else None


def _parse_dash(text: str | None) -> tuple[float, ...] | None:
    """Return the lengths of dashes and gaps (empty for a solid line), or None if they are not set or not valid."""
    if text == "none":
        return ()
    lengths = [_parse_length(part, _MAX_DASH) for part in re.split(r"[\s,]+", text or "") if part]
    valid = [length for length in lengths if length is not None]
    if not lengths or len(valid) < len(lengths) or len(lengths) > _MAX_DASHES:
        return None
    return tuple(max(length, _MIN_DASH) for length in valid) if any(valid) else ()


def hides(name: str, value: str) -> bool:
    """Return whether a CSS declaration makes an element invisible."""
    value = value.removesuffix("!important").strip().lower()
    if name.strip().lower() == "opacity":
        return re.fullmatch(r"(?:0+(?:\.0+)?|\.0+)%?", value) is not None
    return (name.strip().lower(), value) in (("display", "none"), ("visibility", "hidden"), ("visibility", "collapse"))
