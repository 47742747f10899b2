"""Writes colors as SVG attributes, and as CSS classes where a picture follows the viewer's light or dark mode."""

from __future__ import annotations

from diagramkit.style import colors
from diagramkit.writers.svg_paths import number


class ColorAttributes:
    """Writes colors as attributes, and collects the style sheet that they need.

    A pair of colors (`#111111 #EEEEEE`) is for light mode and dark mode. The first color is also written as
    an attribute, for viewers that do not support style sheets.
    """

    def __init__(self) -> None:
        self._classes: dict[tuple[str, str, str], str] = {}

    def __call__(self, *, fill: str | None = None, stroke: str | None = None) -> str:
        """Return the attributes for these colors, such as ` fill="#111111"`, with a class for a pair of colors."""
        attributes, opacities, classes = "", "", []
        for name, color in (("fill", fill), ("stroke", stroke)):
            if color is None:
                continue
            light, _, dark = color.partition(" ")
            light_color, opacity = colors.split(light)
            attributes += f' {name}="{light_color}"'
            if 0 < opacity < 1:
                opacities += f' {name}-opacity="{number(opacity)}"'
            if dark:
                key = name, light, dark
                classes.append(self._classes.setdefault(key, f"dk-{len(self._classes)}"))
        return attributes + (f' class="{" ".join(classes)}"' if classes else "") + opacities

    def sheet(self) -> str:
        """Return the CSS rules for dark mode, or an empty string if there was no pair of colors."""
        rules = "".join(f".{name}{{{_rule(*key)}}}" for key, name in self._classes.items())
        return f"@media(prefers-color-scheme:dark){{{rules}}}" if rules else ""


def _rule(name: str, light: str, dark: str) -> str:
    """Return the declarations for dark mode."""
    color, opacity = colors.split(dark)
    written_opacity = 1.0 if light == colors.NONE else colors.split(light)[1]
    needs_opacity = color != colors.NONE and opacity != written_opacity
    return f"{name}:{color};{name}-opacity:{number(opacity)}" if needs_opacity else f"{name}:{color}"
