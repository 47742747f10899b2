"""Comparison of two versions of a picture for a reviewer: before, after, and the differences in red."""

from __future__ import annotations

import io
import warnings
from collections.abc import Mapping

from msgspec import Struct
from PIL import Image, ImageChops

from diagramkit.sources import limits

_FADE = 0.75  # How far the unchanged parts are blended with white in the picture of the differences.
_THRESHOLD = 8  # The largest difference of a channel, of 255, that is ignored.


class Comparison(Struct, frozen=True):
    """PNG files by name (`before`, `after`, `diff`), and the share of the pixels that differ (0 to 1)."""

    pictures: Mapping[str, bytes]
    share: float


def compare_pictures(before: bytes | None, after: bytes) -> Comparison:
    """Compare two versions of a picture (PNG, WebP or SVG).

    If `before` is None or cannot be read, all pixels differ. Pictures of different sizes are aligned at the top left
    corner; the smaller one is extended with white.
    """
    new = _load_image(after)
    assert new is not None
    old = _load_image(before) if before is not None else None
    pictures = {"after": _to_png(new)}
    if old is None:
        return Comparison(pictures, 1.0)
    pictures["before"] = _to_png(old)
    size = max(old.width, new.width), max(old.height, new.height)
    old, new = _on_white(old, size), _on_white(new, size)
    bands = ImageChops.difference(old, new).split()
    max_difference = ImageChops.lighter(ImageChops.lighter(bands[0], bands[1]), bands[2])
    mask = max_difference.point([255 if value > _THRESHOLD else 0 for value in range(256)])
    faded = Image.blend(new, Image.new("RGB", size, "white"), _FADE)
    pictures["diff"] = _to_png(Image.composite(Image.new("RGB", size, (214, 0, 0)), faded, mask))
    return Comparison(pictures, mask.histogram()[255] / (size[0] * size[1]))


def _load_image(data: bytes) -> Image.Image | None:
    """Return a picture as RGBA, or None if it cannot be read or is too large."""
    if not data.startswith((b"\x89PNG", b"RIFF")):
        from diagramkit.writers import png

        try:
            data = png.from_svg(data.decode("utf-8"))
        except ValueError:
            return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(data), formats=("PNG", "WEBP"))
        if image.width * image.height > limits.Limits().pixels:
            return None
        return image.convert("RGBA")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None


def _on_white(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    background = Image.new("RGBA", size, "white")
    background.alpha_composite(image)
    return background.convert("RGB")


def _to_png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()
