"""Writes colors as SVG attributes, and as CSS classes where a picture follows the viewer's light or dark mode."""

from __future__ import annotations


class ColorAttributes:
    """Writes colors as attributes, and collects the style sheet that they need.

    A pair of colors (`#111111 #EEEEEE`) is for light mode and dark mode. The first color is also written as
    an attribute, for viewers that do not support style sheets.
    """

    def __init__(self) -> None:
        self._classes: dict[tuple[str, str, str], str] = {}

    def __call__(self, *, fill: str | None = None, stroke: str | None = None) -> str:
        """Return the attributes for these colors, such as ` fill="#111111"`, with a class for a pair of colors."""
        attributes, classes = "", []
        for name, color in (("fill", fill), ("stroke", stroke)):
            if color is None:
                continue
            light, _, dark = color.partition(" ")
            attributes += f' {name}="{light}"'
            if dark:
                key = name, light, dark
                classes.append(self._classes.setdefault(key, f"dk-{len(self._classes)}"))
        return attributes + (f' class="{" ".join(classes)}"' if classes else "")

    def sheet(self) -> str:
        """Return the CSS rules for dark mode, or an empty string if there was no pair of colors."""
        rules = "".join(f".{name}{{{prop}:{dark}}}" for (prop, _, dark), name in self._classes.items())
        return f"@media(prefers-color-scheme:dark){{{rules}}}" if rules else ""
