"""Two states of a picture for a reviewer: before, after, and what differs in red."""

from __future__ import annotations

import io
import warnings
from collections.abc import Mapping

from msgspec import Struct
from PIL import Image, ImageChops

from diagramkit.sources import limits

_PALE = 0.75
_SEEN = 8  # Of 255: what a channel must differ by to count.


class Compared(Struct, frozen=True):
    """Pictures as PNG by what they show (`before`, `after`, `diff`), and the share of pixels that differ."""

    pictures: Mapping[str, bytes]
    share: float


def compared(before: bytes | None, after: bytes) -> Compared:
    """Compare two states of a picture, PNG, WebP or SVG. Where there is none before, or it cannot be read, all
    of it differs."""
    new = _image(after)
    assert new is not None
    old = _image(before) if before is not None else None
    made = {"after": _png(new)}
    if old is None:
        return Compared(made, 1.0)
    made["before"] = _png(old)
    size = max(old.width, new.width), max(old.height, new.height)
    old, new = _on_white(old, size), _on_white(new, size)
    bands = ImageChops.difference(old, new).split()
    most = ImageChops.lighter(ImageChops.lighter(bands[0], bands[1]), bands[2])
    mask = most.point([255 if value > _SEEN else 0 for value in range(256)])
    pale = Image.blend(new, Image.new("RGB", size, "white"), _PALE)
    made["diff"] = _png(Image.composite(Image.new("RGB", size, (214, 0, 0)), pale, mask))
    return Compared(made, mask.histogram()[255] / (size[0] * size[1]))


def _image(data: bytes) -> Image.Image | None:
    """A picture; None where it cannot be read, or is too large."""
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
    ground = Image.new("RGBA", size, "white")
    ground.alpha_composite(image)
    return ground.convert("RGB")


def _png(image: Image.Image) -> bytes:
    made = io.BytesIO()
    image.save(made, "PNG")
    return made.getvalue()
