"""Icon files as art: decoded once a process, made no larger than they are drawn.

The art is AWS's (CC-BY-ND): it is scaled, never recoloured or redrawn.
"""

from __future__ import annotations

import hashlib
import json
import struct
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import PIL
from msgspec import Struct

from diagramkit import cache
from diagramkit.diagnostics import Span, fail, os_error_reason
from diagramkit.icons.icon import Icon, IconTraits
from diagramkit.icons.packs.clean import UnsafeIconError, Vector, clean, read
from diagramkit.sources import limits

if TYPE_CHECKING:
    from PIL import Image

PIXELS = 180
"""The most pixels an icon is carried at, per side: three for each point it is drawn at."""


# By what it is made that the cache keeps; the first number is that of the code here.
_MADE = f"2-{PIL.__version__}"
_BITMAPS = 128  # Of some 60 kB each; another is read from the cache in a tenth of a millisecond.


class Artwork(Struct, frozen=True):
    """An icon to draw: as PNG with its size in pixels, or as a vector."""

    look: IconTraits
    png: bytes
    w: int
    h: int
    vector: Vector | None = None


@lru_cache(maxsize=1024)
def load(icon: Icon, pixels: int = PIXELS) -> Artwork:
    """The art of an icon. Raises `DiagramError` (bad-icon) where its file cannot be used."""
    if icon.is_vector:
        vector = _vector(icon)
        return Artwork(_look_of(vector), b"", round(vector.box[2]), round(vector.box[3]), vector)
    raw = _bytes(icon)
    digest = hashlib.sha256(raw).hexdigest()[:24]
    made = cache.remember(f"icon-{digest}-{pixels}-{_MADE}", lambda: _small(icon, pixels))
    try:
        return _unpacked(made)
    except (ValueError, TypeError):  # The cache was damaged: it only saves time.
        return _unpacked(_small(icon, pixels))


def _small(icon: Icon, side: int) -> bytes:
    from diagramkit.icons import pixels

    return pixels.small(_picture(icon), side)


def _unpacked(made: bytes) -> Artwork:
    head, _, png = made.partition(b"\n")
    dark, inset, (w, h) = json.loads(head)
    left, top, right = inset
    if not png.startswith(b"\x89PNG"):
        raise ValueError("not an icon")
    return Artwork(IconTraits(dark, (left, top, right)), png, w, h)


class Bitmap(Struct, frozen=True):
    """An icon in pixels: RGBA, row by row."""

    w: int
    h: int
    rgba: bytes


@lru_cache(maxsize=_BITMAPS)
def bitmap(icon: Icon, side: int, dx: float = 0.0, dy: float = 0.0) -> Bitmap:
    """An icon whose longer side has just `side` pixels, moved by parts of a pixel (then with a
    column and a row more). Raises `DiagramError` (bad-icon)."""
    name = f"bitmap-{_digest(icon)}-{side}-{dx:g}-{dy:g}-{_MADE}"
    made = cache.remember(name, lambda: _scaled(icon, side, dx, dy))
    w, h = struct.unpack("<II", made[:8])
    if len(made) != 8 + 4 * w * h:  # The cache was damaged: it only saves time.
        made = _scaled(icon, side, dx, dy)
    return Bitmap(w, h, made[8:])


@lru_cache(maxsize=1024)
def _digest(icon: Icon) -> str:
    """What tells an icon's picture from all others."""
    return hashlib.sha256(_bytes(icon) + icon.id.encode("ascii")).hexdigest()[:24]


def _scaled(icon: Icon, side: int, dx: float, dy: float) -> bytes:
    from diagramkit.icons import pixels

    if icon.is_vector:
        image = pixels.raster(_vector(icon), side if not (dx or dy) else 4 * side)
    else:
        image = _picture(icon)
    return pixels.scaled(image, side, dx, dy)


def picture(icon: Icon, side: int) -> Image.Image:
    """An icon as a picture whose longer side is at most `side` pixels. Raises `DiagramError`."""
    from diagramkit.icons import pixels

    if icon.is_vector:
        return pixels.raster(_vector(icon), side)
    return pixels.limited(_picture(icon), side)


def look(icon: Icon) -> IconTraits:
    """What the layout must know of an icon."""
    return load(icon).look


def _vector(icon: Icon) -> Vector:
    raw = _bytes(icon)
    try:
        if icon.digest:
            return read(raw.decode("utf-8"))
        return clean(raw, icon.id)
    except (UnsafeIconError, UnicodeDecodeError) as error:
        raise fail("bad-icon", f"this icon {error}", Span(_told(icon))) from None


def _bytes(icon: Icon) -> bytes:
    try:
        raw = Path(icon.path).read_bytes()
    except OSError as error:
        raise fail("bad-icon", f"cannot be read: {os_error_reason(error)}", Span(_told(icon))) from None
    if icon.digest and hashlib.sha256(raw).hexdigest() != icon.digest:
        message = "was changed after it was brought in; add its pack again with 'diagramkit icons add'"
        raise fail("pack-differs", message, Span(_told(icon)))
    return raw


def _told(icon: Icon) -> str:
    """An icon as messages name it: an own file by its path, others by their reference."""
    return icon.reference.removeprefix("file:")


@lru_cache(maxsize=1024)
def _look_of(vector: Vector) -> IconTraits:
    digest = hashlib.sha256(vector.text().encode("utf-8")).hexdigest()[:24]
    made = cache.remember(f"look-{digest}-{PIL.__version__}", lambda: _looked_at(vector))
    try:
        return _unpacked_look(made)
    except (ValueError, TypeError):  # The cache was damaged: it only saves time.
        return _unpacked_look(_looked_at(vector))


def _looked_at(vector: Vector) -> bytes:
    from diagramkit.icons import pixels

    found = pixels.look_of_vector(vector)
    return json.dumps([found.dark, found.inset]).encode("ascii")


def _unpacked_look(made: bytes) -> IconTraits:
    dark, (left, top, right) = json.loads(made)
    return IconTraits(dark, (left, top, right))


def _picture(icon: Icon) -> Image.Image:
    """An icon that is no vector, decoded."""
    from diagramkit.icons import pixels

    try:
        return pixels.open_png(_bytes(icon), limits.for_file(icon.path).icon)
    except ValueError as error:
        raise fail("bad-icon", f"this icon {error}", Span(_told(icon))) from None
