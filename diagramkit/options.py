"""How to draw a diagram: the options of a picture, and the defaults that apply if nothing sets them."""

from __future__ import annotations

import re
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

Lines = Literal["orthogonal", "curved", "straight"]


class PictureOptions(Struct, frozen=True):
    """How a picture is laid out, and what is around it. None means unspecified.

    - `canvas`: the area that it should suit: `16:9`, `4:3`, `a4`, `square`, `natural`, or pixels such as `1920x1080`.
    - `lines`: the shape of edges.
    - `hops`: whether edges hop over each other where they cross.
    - `frame`: `aws-cloud` for a group around everything that AWS runs.
    - `title`: whether to show the title. Unless that is specified, a title in the Mermaid is shown, as by Mermaid.
    - `title_text`: the title to show instead of the diagram's own.
    - `caption`: a sentence below the picture.
    - `legend`: pairs of a sample (a kind of group, a stroke or a class) and its meaning. It is empty for the kinds of
      groups in the graph.
    - `footer`: small print at the bottom.
    - `steps`: whether to number the edges and list the texts of their labels.
    """

    canvas: str | None = None
    lines: Lines | None = None
    hops: bool | None = None
    frame: str | None = None
    title: bool | None = None
    title_text: str | None = None
    caption: str | None = None
    legend: tuple[tuple[str, str], ...] | None = None
    footer: str | None = None
    steps: bool | None = None

    def with_fallback(self, fallback: PictureOptions) -> PictureOptions:
        """Return these options, with those of `fallback` where these are unspecified."""
        specified = {name: value for name in self.__struct_fields__ if (value := getattr(self, name)) is not None}
        return replace(fallback, **specified)


def canvas_name(text: str) -> str:
    """Return the usual spelling of a canvas: `16:9` for `16x9` or `16/9`, `a4` for `A4`, `1920x1080` for `1920 X 1080`.

    A text that is no such spelling is returned in lower case.
    """
    name = re.sub(r"\s+", "", text.lower()).replace("×", "x").replace("*", "x")
    if match := re.fullmatch(r"(\d{1,2})[:x/-](\d{1,2})", name):
        name = f"{match[1]}:{match[2]}"
    return "square" if name == "1:1" else name


DEFAULT_SCALE = 2.0
"""The resolution of a PNG in pixels per point, if none is requested."""

DEFAULT_MAX_PIXELS = 32_000_000
"""The maximum number of pixels in a PNG without a requested scale: four 4K screens. Larger pictures are scaled down."""
CANVAS_SIDES = (16, 16_384)
"""The least and the greatest width and height of a canvas, in pixels."""

UNSET = PictureOptions()
"""Picture options of which none is set."""


class Options(Struct, frozen=True):
    """How to draw a diagram.

    - `theme`: `light`, `dark`, `auto`, `mono`, or a theme file (`.yaml`).
    - `scale`: the resolution of the PNG in pixels per point. None means `DEFAULT_SCALE`, or less for a picture that
      would exceed `DEFAULT_MAX_PIXELS`.
    - `engine`: the layout engine: `layered` (diagramkit's own), `wasm` (the bundled Graphviz) or `native` (the Graphviz
      that is installed).
    - `background`: a color (`#RRGGBB`) or `transparent`. None means the theme's.
    - `outlines`: whether the text of the SVG is drawn as paths.
    - `width`: the width of the PNG in pixels, instead of a scale.
    - `palette`: whether to limit the PNG to 256 colors.
    - `picture_options`: options that override those of the source.
    - `packs`: folders of icon packs. Earlier packs take precedence.
    - `strict`: whether a component without an icon is an error.
    """

    theme: str = "light"
    scale: float | None = None
    engine: str = "layered"
    background: str | None = None
    outlines: bool = False
    width: int | None = None
    palette: bool = False
    picture_options: PictureOptions = UNSET
    packs: tuple[str, ...] = ()
    strict: bool = False

    def for_titled_page(self) -> Options:
        """Return the options for a page that shows the title: the picture repeats it only if that is requested."""
        shown = self.picture_options.title or self.picture_options.title_text is not None
        return replace(self, picture_options=replace(self.picture_options, title=shown))


DEFAULTS = PictureOptions(canvas="16:9", lines="orthogonal", hops=True, steps=False)
"""The picture options that apply if neither the command line nor the source sets them; for others, there are none."""
