"""Icon files as art: decoded once a process, made no larger than they are drawn.

The art is AWS's (CC-BY-ND): it is scaled, never recoloured or redrawn.
"""

from __future__ import annotations

import hashlib
import io
import json
import struct
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import PIL
from PIL import Image

from diagramkit import cache
from diagramkit.icons.icon import Icon
from diagramkit.icons.packs.clean import Refused, Vector, clean, read
from diagramkit.problems import Span, fail, reason

_DEEPEST = 0.3
_LOOK = 96  # Pixels a side at which an icon is looked at.
PIXELS = 180
"""The most pixels an icon is carried at, per side: three for each point it is drawn at."""

MOST_PIXELS = 4096
"""The largest side of a picture that may be an icon."""


@dataclass(frozen=True, slots=True)
class Look:
    """What the layout must know of an icon: whether it is a dark line drawing, and its insets.

    `inset` is what is empty at its left, top and right, along its middle lines, as parts of
    its side: edges end where the ink begins.
    """

    dark: bool
    inset: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Art:
    """An icon to draw: as PNG with its size in pixels, or as a vector."""

    look: Look
    png: bytes
    w: int
    h: int
    vector: Vector | None = None


@lru_cache(maxsize=1024)
def load(icon: Icon, pixels: int = PIXELS) -> Art:
    """The art of an icon. Raises `DiagramError` (bad-icon) where its file cannot be used."""
    if icon.is_vector:
        vector = _vector(icon)
        return Art(_look_of(vector), b"", round(vector.box[2]), round(vector.box[3]), vector)
    raw = _bytes(icon)
    digest = hashlib.sha256(raw).hexdigest()[:24]
    made = cache.remember(
        f"icon-{digest}-{pixels}-{PIL.__version__}", lambda: _small(icon, raw, pixels)
    )
    try:
        return _unpacked(made)
    except (ValueError, TypeError):  # The cache was damaged: it only saves time.
        return _unpacked(_small(icon, raw, pixels))


def _small(icon: Icon, raw: bytes, pixels: int) -> bytes:
    """A PNG made no larger than `pixels`, behind a line of JSON with what the layout must know."""
    image = _image(icon, raw)
    look = look_of(image)
    if max(image.size) > pixels:
        image.thumbnail((pixels, pixels), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=True)
    head = json.dumps([look.dark, look.inset, image.size])
    return head.encode("ascii") + b"\n" + buffer.getvalue()


def _unpacked(made: bytes) -> Art:
    head, _, png = made.partition(b"\n")
    dark, inset, (w, h) = json.loads(head)
    left, top, right = inset
    if not png.startswith(b"\x89PNG"):
        raise ValueError("not an icon")
    return Art(Look(dark, (left, top, right)), png, w, h)


@dataclass(frozen=True, slots=True)
class Bitmap:
    """An icon in pixels: RGBA, row by row."""

    w: int
    h: int
    rgba: bytes


@lru_cache(maxsize=512)
def bitmap(icon: Icon, side: int, dx: float = 0.0, dy: float = 0.0) -> Bitmap:
    """An icon whose longer side has just `side` pixels, moved by parts of a pixel (then with a
    column and a row more). Raises `DiagramError` (bad-icon)."""
    raw = _bytes(icon)
    digest = hashlib.sha256(raw + icon.id.encode("ascii")).hexdigest()[:24]
    name = f"bitmap-{digest}-{side}-{dx:g}-{dy:g}-{PIL.__version__}"
    made = cache.remember(name, lambda: _scaled(icon, side, dx, dy))
    w, h = struct.unpack("<II", made[:8])
    if len(made) != 8 + 4 * w * h:  # The cache was damaged: it only saves time.
        made = _scaled(icon, side, dx, dy)
    return Bitmap(w, h, made[8:])


def _scaled(icon: Icon, side: int, dx: float, dy: float) -> bytes:
    if icon.is_vector:
        image = raster(_vector(icon), side if not (dx or dy) else 4 * side)
    else:
        image = _image(icon, _bytes(icon))
    more = max(image.size) / side
    w, h = (max(1, round(length / more)) for length in image.size)
    if dx or dy:
        pad = int(more) + 1
        padded = Image.new("RGBA", (image.width + 2 * pad, image.height + 2 * pad))
        padded.paste(image, (pad, pad))
        left, top = pad - dx * more, pad - dy * more
        w, h = w + 1, h + 1
        box = (left, top, min(left + w * more, padded.width), min(top + h * more, padded.height))
        image = padded.resize((w, h), Image.Resampling.LANCZOS, box)
    elif image.size != (w, h):
        image = image.resize((w, h), Image.Resampling.LANCZOS)
    return struct.pack("<II", *image.size) + image.tobytes()


def picture(icon: Icon, pixels: int) -> Image.Image:
    """An icon as a picture whose longer side is at most `pixels`. Raises `DiagramError`."""
    if icon.is_vector:
        return raster(_vector(icon), pixels)
    image = _image(icon, _bytes(icon))
    image.thumbnail((pixels, pixels), Image.Resampling.LANCZOS)
    return image


def look(icon: Icon) -> Look:
    """What the layout must know of an icon."""
    return load(icon).look


def open_png(png: bytes) -> Image.Image:
    """A PNG's picture, in colours with alpha. Raises `ValueError` where it is broken or too large."""
    try:
        with Image.open(io.BytesIO(png), formats=("PNG",)) as file:
            if max(file.size) > MOST_PIXELS:
                w, h = file.size
                raise ValueError(f"has {w} x {h} pixels; no side may have more than {MOST_PIXELS}")
            return file.convert("RGBA")
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError(f"is no whole PNG: {str(error).partition(' <')[0]}") from None


def raster(vector: Vector, pixels: int) -> Image.Image:
    """A vector as a picture, its longer side of `pixels`."""
    from resvg import render, usvg

    side = pixels / max(vector.box[2:])
    text = vector.text().replace("<svg ", f'<svg width="{vector.box[2] * side:g}" height="{vector.box[3] * side:g}" xmlns:xlink="http://www.w3.org/1999/xlink" ', 1)  # fmt: skip
    tree = usvg.Tree.from_str(text, usvg.Options.default())
    return Image.open(io.BytesIO(bytes(render(tree, (1.0, 0.0, 0.0, 0.0, 1.0, 0.0))))).convert(
        "RGBA"
    )


@lru_cache(maxsize=1024)
def _look_of(vector: Vector) -> Look:
    return look_of(raster(vector, _LOOK))


def look_of(image: Image.Image) -> Look:
    """Whether a picture is dark lines, and how far inside its ink begins."""
    return Look(_is_dark(image), _inset(image))


def _vector(icon: Icon) -> Vector:
    raw = _bytes(icon)
    try:
        if icon.digest:
            return read(raw.decode("utf-8"))
        return clean(raw, icon.id)
    except (Refused, UnicodeDecodeError) as error:
        raise fail("bad-icon", f"this icon {error}", Span(_told(icon))) from None


def _image(icon: Icon, raw: bytes) -> Image.Image:
    try:
        return open_png(raw)
    except ValueError as error:
        raise fail("bad-icon", f"this icon {error}", Span(_told(icon))) from None


def _bytes(icon: Icon) -> bytes:
    try:
        raw = Path(icon.path).read_bytes()
    except OSError as error:
        raise fail("bad-icon", f"cannot be read: {reason(error)}", Span(_told(icon))) from None
    if icon.digest and hashlib.sha256(raw).hexdigest() != icon.digest:
        message = (
            "was changed after it was brought in; add its pack again with 'diagramkit icons add'"
        )
        raise fail("pack-differs", message, Span(_told(icon)))
    return raw


def _told(icon: Icon) -> str:
    """An icon as messages name it: an own file by its path, others by their reference."""
    return icon.reference.removeprefix("file:")


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
    ink = [
        pixel
        for pixel in zip(raw[::4], raw[1::4], raw[2::4], raw[3::4], strict=True)
        if pixel[3] > 96
    ]
    if not ink:
        return False
    light = sum(0.2126 * r + 0.7152 * g + 0.0722 * b for r, g, b, _ in ink) / len(ink)
    return light < 90
