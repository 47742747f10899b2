"""The artwork of icons: each file is decoded once per process and reduced to the size at which it is drawn.

AWS's icons are licensed under CC-BY-ND, so they are scaled but never recolored or redrawn.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

import PIL
from msgspec import Struct

from diagramkit import cache, files
from diagramkit.diagnostics import Span, fail, os_error_reason
from diagramkit.icons.icon import FILE_PREFIX, Icon, IconTraits
from diagramkit.icons.packs.clean import UnsafeIconError, Vector, clean, read
from diagramkit.sources import limits

if TYPE_CHECKING:
    from PIL import Image

_T = TypeVar("_T")
MAX_PIXELS = 180
"""The largest side, in pixels, with which an icon is embedded: three pixels per point at its drawn size."""


# Part of the names of cache files: increase the first number when this code produces other results.
_CACHE_VERSION = f"3-{PIL.__version__}"
# Each bitmap takes about 60 kB. One that was evicted is read from the disk cache in about 0.1 ms.
_BITMAPS_IN_MEMORY = 128


class Artwork(Struct, frozen=True):
    """An icon that is ready to draw: a PNG of `w` x `h` pixels, or a vector of `w` x `h` units."""

    traits: IconTraits
    png: bytes
    w: int
    h: int
    vector: Vector | None = None


@lru_cache(maxsize=1024)
def load(icon: Icon, pixels: int = MAX_PIXELS) -> Artwork:
    """Return the artwork of an icon; a PNG is reduced to at most `pixels` per side.

    Raises `DiagramError` (bad-icon, pack-differs) if the file of the icon cannot be used.
    """
    if icon.is_vector:
        vector = _vector(icon)
        with _errors_of(icon):
            traits = _vector_traits(vector)
        return Artwork(traits, b"", round(vector.box[2]), round(vector.box[3]), vector)
    raw = _bytes(icon)
    digest = hashlib.sha256(raw).hexdigest()[:24]
    return _cached(f"icon-{digest}-{pixels}", lambda: _encode(icon, pixels), _decode)


def _cached(name: str, create: Callable[[], bytes], decode: Callable[[bytes], _T]) -> _T:
    """Return what `decode` makes of a file in the cache; a file that is missing or damaged is created again."""
    content = cache.get_or_create(f"{name}-{_CACHE_VERSION}", create)
    try:
        return decode(content)
    except (ValueError, TypeError):
        return decode(create())


def _encode(icon: Icon, side: int) -> bytes:
    """Return the reduced PNG of an icon after a line of JSON, as the cache stores it."""
    from diagramkit.icons import pixels

    return pixels.png_with_traits(_decoded_png(icon), side)


def _decode(cached: bytes) -> Artwork:
    """Return the artwork that `_encode` wrote. Raises `ValueError` or `TypeError` if it is damaged."""
    head, _, png = cached.partition(b"\n")
    is_tile, inset, (w, h) = json.loads(head)
    left, top, right = inset
    if not png.startswith(b"\x89PNG"):
        raise ValueError("not an icon")
    return Artwork(IconTraits(is_tile, (left, top, right)), png, w, h)


class Bitmap(Struct, frozen=True):
    """The pixels of an icon: RGBA, row by row."""

    w: int
    h: int
    rgba: bytes


@lru_cache(maxsize=_BITMAPS_IN_MEMORY)
def bitmap(icon: Icon, side: int, dx: float = 0.0, dy: float = 0.0) -> Bitmap:
    """Return an icon whose longer side has exactly `side` pixels, shifted by the fractions `dx` and `dy` of a pixel.

    A shifted icon has one more column and one more row. Raises `DiagramError` (bad-icon, pack-differs).
    """
    name = f"bitmap-{_digest(icon)}-{side}-{dx:g}-{dy:g}"
    return _cached(name, lambda: _scaled(icon, side, dx, dy), _unpacked)


def _unpacked(packed: bytes) -> Bitmap:
    """Return the bitmap that `_scaled` packed. Raises `ValueError` if it is damaged."""
    w, h = (int.from_bytes(packed[start : start + 4], "little") for start in (0, 4))
    if len(packed) != 8 + 4 * w * h:
        raise ValueError("not a bitmap")
    return Bitmap(w, h, packed[8:])


@lru_cache(maxsize=1024)
def _digest(icon: Icon) -> str:
    """Return a digest that identifies the picture of an icon in the cache."""
    return hashlib.sha256(_bytes(icon) + icon.id.encode("ascii")).hexdigest()[:24]


def _scaled(icon: Icon, side: int, dx: float, dy: float) -> bytes:
    from diagramkit.icons import pixels

    if icon.is_vector:
        # A shifted vector is rasterized at four times its size, so that resampling keeps it sharp.
        with _errors_of(icon):
            image = pixels.rasterize(_vector(icon), side if not (dx or dy) else 4 * side)
    else:
        image = _decoded_png(icon)
    return pixels.scaled(image, side, dx, dy)


def picture(icon: Icon, side: int) -> Image.Image:
    """Return an icon as an image whose longer side has at most `side` pixels. Raises `DiagramError`."""
    from diagramkit.icons import pixels

    if icon.is_vector:
        with _errors_of(icon):
            return pixels.rasterize(_vector(icon), side)
    return pixels.thumbnail(_decoded_png(icon), side)


def traits(icon: Icon) -> IconTraits:
    """Return what the layout must know about an icon. Raises `DiagramError`."""
    return load(icon).traits


def _vector(icon: Icon) -> Vector:
    raw = _bytes(icon)
    with _errors_of(icon):
        if icon.digest:  # The icons of packs were cleaned when the pack was added.
            return read(raw.decode("utf-8"))
        return clean(raw, icon.id)


@contextmanager
def _errors_of(icon: Icon) -> Iterator[None]:
    """Raise `DiagramError` (bad-icon) if the block finds that the SVG of an icon cannot be used."""
    try:
        yield
    except (UnsafeIconError, UnicodeDecodeError) as error:
        raise fail("bad-icon", f"this icon {error}", Span(_display_name(icon))) from None


def _bytes(icon: Icon) -> bytes:
    try:
        raw = files.content(icon.path)
    except OSError as error:
        raise fail("bad-icon", f"cannot be read: {os_error_reason(error)}", Span(_display_name(icon))) from None
    if icon.digest and hashlib.sha256(raw).hexdigest() != icon.digest:
        message = "was changed after its pack was added; add the pack again with 'diagramkit icons add'"
        raise fail("pack-differs", message, Span(_display_name(icon)))
    return raw


def _display_name(icon: Icon) -> str:
    """Return the name of an icon for messages: the path of a user's own file, the reference of any other icon."""
    return icon.reference.removeprefix(FILE_PREFIX)


@lru_cache(maxsize=1024)
def _vector_traits(vector: Vector) -> IconTraits:
    digest = hashlib.sha256(vector.text().encode("utf-8")).hexdigest()[:24]
    return _cached(f"look-{digest}", lambda: _encode_traits(vector), _decode_traits)


def _encode_traits(vector: Vector) -> bytes:
    from diagramkit.icons import pixels

    measured = pixels.traits_of_vector(vector)
    return json.dumps([measured.is_tile, measured.inset]).encode("ascii")


def _decode_traits(cached: bytes) -> IconTraits:
    is_tile, (left, top, right) = json.loads(cached)
    return IconTraits(is_tile, (left, top, right))


def _decoded_png(icon: Icon) -> Image.Image:
    """Return the decoded image of an icon that is a PNG. Raises `DiagramError` (bad-icon)."""
    from diagramkit.icons import pixels

    try:
        return pixels.open_png(_bytes(icon), limits.for_file(icon.path).icon)
    except ValueError as error:
        raise fail("bad-icon", f"this icon {error}", Span(_display_name(icon))) from None
