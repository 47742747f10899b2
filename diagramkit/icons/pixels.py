"""Icons in pixels: decoded, scaled, looked at. Apart from `art.py`, since Pillow takes a while to import and
what is kept of icons needs none of it."""

from __future__ import annotations

import io
import json
import struct

from PIL import Image

from diagramkit.icons.icon import IconTraits
from diagramkit.icons.packs.clean import Vector

_DEEPEST = 0.3
_LOOK = 96  # Pixels a side at which an icon is looked at.
# As sharp as Lanczos' for what is made smaller, and without its ripples beside lines: a PNG is a fifth smaller.
_SMALLER, _LARGER = Image.Resampling.HAMMING, Image.Resampling.LANCZOS


def open_png(png: bytes, most: int) -> Image.Image:
    """A PNG's picture, in colours with alpha, of at most `most` pixels a side. Raises `ValueError` where it is
    broken or too large."""
    try:
        with Image.open(io.BytesIO(png), formats=("PNG",)) as file:
            if max(file.size) > most:
                w, h = file.size
                raise ValueError(f"has {w} x {h} pixels; no side may have more than {most}")
            return file.convert("RGBA")
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError(f"is no whole PNG: {str(error).partition(' <')[0]}") from None


def raster(vector: Vector, pixels: int) -> Image.Image:
    """A vector as a picture, its longer side of `pixels`."""
    from resvg import render, usvg

    side = pixels / max(vector.box[2:])
    text = vector.text().replace(
        "<svg ",
        f'<svg width="{vector.box[2] * side:g}" height="{vector.box[3] * side:g}" xmlns:xlink="http://www.w3.org/1999/xlink" ',
        1,
    )
    tree = usvg.Tree.from_str(text, usvg.Options.default())
    return Image.open(io.BytesIO(bytes(render(tree, (1.0, 0.0, 0.0, 0.0, 1.0, 0.0))))).convert("RGBA")


def small(image: Image.Image, pixels: int) -> bytes:
    """A PNG made no larger than `pixels`, behind a line of JSON with what the layout must know."""
    look = look_of(image)
    if max(image.size) > pixels:
        image.thumbnail((pixels, pixels), _SMALLER)
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=True)
    head = json.dumps([look.dark, look.inset, image.size])
    return head.encode("ascii") + b"\n" + buffer.getvalue()


def limited(image: Image.Image, side: int) -> Image.Image:
    """The picture made no larger than `side` pixels."""
    image.thumbnail((side, side), _SMALLER)
    return image


def scaled(image: Image.Image, side: int, dx: float, dy: float) -> bytes:
    """A picture whose longer side has `side` pixels, moved by parts of a pixel: its width and height (two
    little-endian words), then RGBA, row by row."""
    more = max(image.size) / side
    w, h = (max(1, round(length / more)) for length in image.size)
    if dx or dy:
        pad = int(more) + 1
        padded = Image.new("RGBA", (image.width + 2 * pad, image.height + 2 * pad))
        padded.paste(image, (pad, pad))
        left, top = pad - dx * more, pad - dy * more
        w, h = w + 1, h + 1
        box = (left, top, min(left + w * more, padded.width), min(top + h * more, padded.height))
        image = padded.resize((w, h), _SMALLER if more > 1 else _LARGER, box)
    elif image.size != (w, h):
        image = image.resize((w, h), _SMALLER if more > 1 else _LARGER)
    return struct.pack("<II", *image.size) + image.tobytes()


def look_of(image: Image.Image) -> IconTraits:
    """Whether a picture is dark lines, and how far inside its ink begins."""
    return IconTraits(_is_dark(image), _inset(image))


def look_of_vector(vector: Vector) -> IconTraits:
    """What the layout must know of a vector."""
    return look_of(raster(vector, _LOOK))


def _inset(image: Image.Image) -> tuple[float, float, float]:
    """The empty parts at the left, top and right, seen along the middle third of the icon."""
    solid = image.getchannel("A").resize((_LOOK, _LOOK), Image.Resampling.BOX).point(_solid)
    level = solid.crop((0, 36, _LOOK, 60)).getbbox()
    upright = solid.crop((36, 0, 60, _LOOK)).getbbox()
    if level is None or upright is None:
        return 0.0, 0.0, 0.0
    parts = level[0] / _LOOK, upright[1] / _LOOK, 1 - level[2] / _LOOK
    left, top, right = (round(min(part, _DEEPEST), 3) for part in parts)
    return left, top, right


def _solid(alpha: int) -> int:
    return 255 if alpha > 96 else 0


def _is_dark(image: Image.Image) -> bool:
    """Whether the icon is thin and dark: it would vanish on a dark background."""
    small = image.resize((48, 48), Image.Resampling.BOX)
    raw = small.tobytes()
    ink = [pixel for pixel in zip(raw[::4], raw[1::4], raw[2::4], raw[3::4], strict=True) if pixel[3] > 96]
    if not ink:
        return False
    light = sum(0.2126 * r + 0.7152 * g + 0.0722 * b for r, g, b, _ in ink) / len(ink)
    return light < 90
