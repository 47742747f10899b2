"""What a picture is to fit: a slide, a page, so many pixels, or nothing at all."""

from __future__ import annotations

import re

from msgspec import Struct

_PIXELS = re.compile(r"(\d{2,5})x(\d{2,5})")
MAX_SIDE = 16384
"""The longest side of a canvas, in pixels."""


class Canvas(Struct, frozen=True):
    """Width and height in pixels, and the least size of text there that can be read.

    `exact` ones are filled up with background; the others only say which proportions to seek.
    `turns`: it may stand upright as well.
    """

    width: float
    height: float
    readable: float
    exact: bool = False
    turns: bool = False

    def scale(self, width: float, height: float) -> float:
        """How many times its size a picture of so many points has at most on the canvas."""
        flat = min(self.width / width, self.height / height)
        return max(flat, min(self.height / width, self.width / height)) if self.turns else flat

    def filled(self, width: float, height: float) -> float:
        """The part of the canvas' less filled dimension that such a picture takes."""
        scale = self.scale(width, height)
        long, short = max(self.width, self.height), min(self.width, self.height)
        if self.turns:
            return min(max(width, height) * scale / long, min(width, height) * scale / short)
        return min(width * scale / self.width, height * scale / self.height)


NAMED = {
    "16:9": Canvas(1920, 1080, 16),
    "4:3": Canvas(1440, 1080, 16),
    "square": Canvas(1080, 1080, 16),
    # ISO 216 in points, with a margin of 15 mm; 7 points are the least to be read in print.
    "a4": Canvas(757, 510, 7, turns=True),
}
"""The canvases with a name. `natural` is none."""


def parse(text: str) -> Canvas | None:
    """The canvas of a name or of `WIDTHxHEIGHT` in pixels; None for `natural`.

    Raises `ValueError`, with what to write instead.
    """
    if text == "natural":
        return None
    if text in NAMED:
        return NAMED[text]
    match = _PIXELS.fullmatch(text)
    if match and all(16 <= int(side) <= MAX_SIDE for side in match.groups()):
        width, height = map(float, match.groups())
        return Canvas(width, height, 16 * min(width / 1920, height / 1080, 1), exact=True)
    raise ValueError(
        f"'{text}' is no canvas; write {', '.join(NAMED)}, natural, or pixels as 1920x1080 "
        f"(each side from 16 to {MAX_SIDE})"
    )
