"""Icons as pixels: decode, scale and analyze them.

This is separate from `artwork.py` because importing Pillow is slow, and icons that are cached do not need it.
"""

from __future__ import annotations

import io
import json
import struct
import warnings

from PIL import Image

from diagramkit import panics
from diagramkit.icons.icon import IconTraits
from diagramkit.icons.packs.clean import UnsafeIconError, Vector

_MAX_INSET = 0.3
_ANALYZED_SIDE = 96  # An icon is analyzed at this many pixels per side.
_MIN_TILE_SHARE = 0.9
_MIN_ALPHA = 96  # Pixels with a higher alpha (0 to 255) count as visible.
# For reduction, Hamming is as sharp as Lanczos without ripples next to lines; the PNG becomes a fifth smaller.
_REDUCE, _ENLARGE = Image.Resampling.HAMMING, Image.Resampling.LANCZOS


def open_png(png: bytes, max_side: int) -> Image.Image:
    """Return the RGBA image of a PNG.

    Raises `ValueError` if the PNG is broken or a side has more than `max_side` pixels. The message is a predicate,
    such as "is not a valid PNG", for the caller to put after the name of the file.
    """
    try:
        with (
            # Larger images are rejected below, or the settings allow them.
            warnings.catch_warnings(action="ignore", category=Image.DecompressionBombWarning),
            Image.open(io.BytesIO(png), formats=("PNG",)) as file,
        ):
            w, h = file.size
            image = file.convert("RGBA") if max(w, h) <= max_side else None
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise ValueError(f"is not a valid PNG: {str(error).partition(' <')[0]}") from None
    if image is None:
        raise ValueError(f"has {w} x {h} pixels; the limit is {max_side} pixels per side")
    return image


def rasterize(vector: Vector, pixels: int) -> Image.Image:
    """Return a vector as an RGBA image whose longer side has `pixels` pixels.

    Raises `UnsafeIconError` if it cannot be drawn.
    """
    from resvg import render, usvg

    scale = pixels / max(vector.box[2:])
    w, h = vector.box[2] * scale, vector.box[3] * scale
    root = f'<svg width="{w:g}" height="{h:g}" xmlns:xlink="http://www.w3.org/1999/xlink" '
    try:
        with panics.as_errors():
            tree = usvg.Tree.from_str(vector.text().replace("<svg ", root, 1), usvg.Options.default())
            png = bytes(render(tree, (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)))
    except panics.PanicError as error:
        raise UnsafeIconError(f"cannot be drawn: {error}") from None
    return Image.open(io.BytesIO(png)).convert("RGBA")


def png_with_traits(image: Image.Image, pixels: int) -> bytes:
    """Return a line of JSON (is_tile, inset, size in pixels) and a PNG with at most `pixels` per side."""
    traits = traits_of(image)
    if max(image.size) > pixels:
        image.thumbnail((pixels, pixels), _REDUCE)
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=True)
    head = json.dumps([traits.is_tile, traits.inset, image.size])
    return head.encode("ascii") + b"\n" + buffer.getvalue()


def thumbnail(image: Image.Image, side: int) -> Image.Image:
    """Reduce an image, in place, to at most `side` pixels per side and return it."""
    image.thumbnail((side, side), _REDUCE)
    return image


def scaled(image: Image.Image, side: int, dx: float, dy: float) -> bytes:
    """Return an image whose longer side has `side` pixels, shifted by the fractions `dx` and `dy` of a pixel.

    The result is its width and height (two little-endian 32-bit words), then RGBA, row by row.
    """
    ratio = max(image.size) / side
    w, h = (max(1, round(length / ratio)) for length in image.size)
    if dx or dy:
        pad = int(ratio) + 1
        padded = Image.new("RGBA", (image.width + 2 * pad, image.height + 2 * pad))
        padded.paste(image, (pad, pad))
        left, top = pad - dx * ratio, pad - dy * ratio
        w, h = w + 1, h + 1
        box = (left, top, min(left + w * ratio, padded.width), min(top + h * ratio, padded.height))
        image = padded.resize((w, h), _REDUCE if ratio > 1 else _ENLARGE, box)
    elif image.size != (w, h):
        image = image.resize((w, h), _REDUCE if ratio > 1 else _ENLARGE)
    return struct.pack("<II", *image.size) + image.tobytes()


def traits_of(image: Image.Image) -> IconTraits:
    """Return whether an image fills its square, and the empty margins around its visible part."""
    return IconTraits(_is_tile(image), _inset(image))


def traits_of_vector(vector: Vector) -> IconTraits:
    """Return what the layout must know about a vector."""
    return traits_of(rasterize(vector, _ANALYZED_SIDE))


def _inset(image: Image.Image) -> tuple[float, float, float]:
    """Return the empty parts at the left, top and right, measured along the middle quarter of the icon."""
    mask = image.getchannel("A").resize((_ANALYZED_SIDE, _ANALYZED_SIDE), Image.Resampling.BOX).point(_visible)
    horizontal = mask.crop((0, 36, _ANALYZED_SIDE, 60)).getbbox()
    vertical = mask.crop((36, 0, 60, _ANALYZED_SIDE)).getbbox()
    if horizontal is None or vertical is None:
        return 0.0, 0.0, 0.0
    fractions = horizontal[0] / _ANALYZED_SIDE, vertical[1] / _ANALYZED_SIDE, 1 - horizontal[2] / _ANALYZED_SIDE
    left, top, right = (round(min(fraction, _MAX_INSET), 3) for fraction in fractions)
    return left, top, right


def _visible(alpha: int) -> int:
    return 255 if alpha > _MIN_ALPHA else 0


def _is_tile(image: Image.Image) -> bool:
    """Return whether the visible part of an icon is most of its square, up to rounded corners."""
    mask = image.getchannel("A").resize((_ANALYZED_SIDE, _ANALYZED_SIDE), Image.Resampling.BOX).point(_visible)
    return mask.histogram()[255] >= _MIN_TILE_SHARE * _ANALYZED_SIDE**2
