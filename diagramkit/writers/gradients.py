"""Colours in SVG: attributes, and classes where a picture follows its reader's light or dark."""

from __future__ import annotations


class Gradients:
    """Writes colours as attributes, and gathers the style sheet that they need.

    Two colours in one (`#111111 #EEEEEE`) are the reader's in light and in dark: the first
    stands as an attribute too, for viewers that know no style sheets.
    """

    def __init__(self) -> None:
        self._classes: dict[tuple[str, str, str], str] = {}

    def __call__(self, *, fill: str | None = None, stroke: str | None = None) -> str:
        """The attributes for these colours: ` fill="#111111"`, with a class where they are two."""
        attributes, classes = "", []
        for name, colour in (("fill", fill), ("stroke", stroke)):
            if colour is None:
                continue
            light, _, dark = colour.partition(" ")
            attributes += f' {name}="{light}"'
            if dark:
                key = name, light, dark
                classes.append(self._classes.setdefault(key, f"dk-{len(self._classes)}"))
        return attributes + (f' class="{" ".join(classes)}"' if classes else "")

    def sheet(self) -> str:
        """The rules for readers in dark; nothing where no colour is two."""
        rules = "".join(f".{name}{{{what}:{dark}}}" for (what, _, dark), name in self._classes.items())
        return f"@media(prefers-color-scheme:dark){{{rules}}}" if rules else ""
