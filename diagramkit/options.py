"""How to draw a diagram: the options of a picture, and the defaults that apply if nothing sets them."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

Lines = Literal["orthogonal", "curved", "straight"]


class PictureOptions(Struct, frozen=True):
    """How a picture is laid out, and what is around it; None means unspecified.

    `canvas`: the area that it should suit (`16:9`, `1920x1080`, `natural`). `lines`: the shape of edges. `hops`:
    whether edges hop over each other where they cross. `frame`: a group around everything that AWS runs (`aws-cloud`).
    `title`: whether to show the title. `legend`: pairs of a sample (a kind of group, a stroke, a class) and its
    meaning; empty for the kinds of groups in the graph. `steps`: whether to number the edges and add a list of them.
    """

    canvas: str | None = None
    lines: Lines | None = None
    hops: bool | None = None
    frame: str | None = None
    title: bool | None = None
    caption: str | None = None
    legend: tuple[tuple[str, str], ...] | None = None
    footer: str | None = None
    steps: bool | None = None

    def with_fallback(self, fallback: PictureOptions) -> PictureOptions:
        """Return these options, with those of `fallback` where these are unspecified."""
        specified = {name: value for name in self.__struct_fields__ if (value := getattr(self, name)) is not None}
        return replace(fallback, **specified)


DEFAULT_SCALE = 2.0
"""The resolution of a PNG in pixels per point, if none is requested."""

DEFAULT_MAX_PIXELS = 32_000_000
"""The maximum number of pixels in a PNG without a requested scale: four 4K screens. Larger pictures are scaled down."""

UNSET = PictureOptions()
"""Picture options of which none is set."""


class Options(Struct, frozen=True):
    """How to draw a diagram.

    `theme` is one of `style.theme.THEMES` or a theme file (`.yaml`). `scale` is the resolution of the PNG in pixels
    per point (None: `DEFAULT_SCALE`, less for very large pictures); `width` sets its width in pixels instead.
    `palette` limits the PNG to 256 colors. `background` is a color or `transparent`. `outlines` draws the text of the
    SVG as paths. The `picture_options` override those of the source. `packs` are folders of icon packs; earlier packs
    take precedence. With `strict`, a component without an icon is an error.
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


DEFAULTS = PictureOptions(canvas="16:9", lines="orthogonal", hops=True, title=False, steps=False)
"""The picture options that apply if neither the command line nor the source sets them."""
