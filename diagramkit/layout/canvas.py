"""The canvas that a picture should suit: a slide, a page, an exact size in pixels, or none."""

from __future__ import annotations

import re

from msgspec import Struct

from diagramkit.options import CANVAS_SIDES, canvas_name

_PIXELS = re.compile(r"(\d{2,5})x(\d{2,5})")
"""The maximum length of a side of a canvas, in pixels."""


class Canvas(Struct, frozen=True):
    """The size of a canvas in pixels, and the minimum size at which text is readable there.

    A picture for an `exact` canvas is extended with background to its size; the size of other canvases only determines
    the preferred proportions. A `rotatable` canvas may also be used in portrait orientation.
    """

    width: float
    height: float
    min_text_size: float
    exact: bool = False
    rotatable: bool = False

    def scale(self, width: float, height: float) -> float:
        """Return the maximum scale, in pixels per point, at which a picture fits on the canvas.

        `width` and `height` are in points.
        """
        landscape_scale = min(self.width / width, self.height / height)
        return (
            max(landscape_scale, min(self.height / width, self.width / height)) if self.rotatable else landscape_scale
        )


NAMED = {
    "16:9": Canvas(1920, 1080, 16),
    "4:3": Canvas(1440, 1080, 16),
    "square": Canvas(1080, 1080, 16),
    # ISO 216 in points, with margins of 15 mm; 7 points is the minimum for readable print.
    "a4": Canvas(757, 510, 7, rotatable=True),
}
"""The canvases that have names. `natural` means no canvas, so it is not listed."""


def parse(text: str) -> Canvas | None:
    """Return the canvas for a name or for `WIDTHxHEIGHT` in pixels, in any spelling; None for `natural`.

    Raises `ValueError` with a message that lists the valid values.
    """
    name = canvas_name(text)
    if name == "natural":
        return None
    if name in NAMED:
        return NAMED[name]
    min_side, max_side = CANVAS_SIDES
    match = _PIXELS.fullmatch(name)
    if match and all(min_side <= int(side) <= max_side for side in match.groups()):
        width, height = map(float, match.groups())
        return Canvas(width, height, 16 * min(width / 1920, height / 1080, 1), exact=True)
    raise ValueError(
        f"invalid canvas '{text}': expected {', '.join(NAMED)}, natural or WIDTHxHEIGHT in pixels, "
        f"{min_side} to {max_side} each"
    )
