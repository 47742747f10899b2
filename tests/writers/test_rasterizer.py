"""The rasterizer compresses any picture without loss: of any width, with and without alpha."""

from __future__ import annotations

import io
import struct
import zlib
from array import array
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from diagramkit.layout import wasm

_RECTANGLE, _BITMAP, _END = 3, 4, 0
_COLORS = [0xFF000000 | color for color in (0x102030, 0x102031, 0xFFFFFF, 0, 0x00FF00)]

Items = list[tuple[int, int, int, int, list[int]]]
"""Left, top, width, height and pixels of each item: a single pixel for a rectangle, all pixels for a bitmap."""


def png(width: int, height: int, items: Items, channels: int) -> Image.Image:
    """Draw items on white, or with 4 channels on a transparent background, and read the PNG with Pillow."""
    module = wasm.kernel("writers", "rasterizer")
    words, reals = array("I"), array("d")
    bitmaps: list[array[int]] = []
    bitmap_words: list[int] = []  # The indexes of the words for the addresses of the bitmaps.
    for x, y, w, h, pixels in items:
        if len(pixels) == 1:
            words.extend((_RECTANGLE, pixels[0]))
            reals.extend((x, y, x + w, y + h))
        else:
            bitmap_words.append(len(words) + 1)
            bitmaps.append(array("I", pixels))
            words.extend((_BITMAP, 0, w, h, x & 0xFFFFFFFF, y & 0xFFFFFFFF))
    words.append(_END)
    data: list[array[Any]] = [words, reals, *bitmaps]
    request_address, *addresses = module.allocate(24, *(len(part) * part.itemsize for part in data))
    for index, address in zip(bitmap_words, addresses[2:], strict=True):
        words[index] = address
    background = 0xFFFFFFFF if channels == 3 else 0
    request = struct.pack("<6I", width, height, background, channels, *addresses[:2])
    module.write((request_address, *addresses), request, *data)
    address, size = struct.unpack("<2I", module.read(module.call("draw", request_address), 8))
    rows = module.read(address, size)
    module.finish()
    header = struct.pack(">IIBBBBB", width, height, 8, 6 if channels == 4 else 2, 0, 0, 0)
    file = b"\x89PNG\r\n\x1a\n"
    for body in (b"IHDR" + header, b"IDAT" + rows, b"IEND"):
        file += struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    # This checks Adler-32 too.
    assert len(zlib.decompress(rows)) == height * (1 + width * channels)
    return Image.open(io.BytesIO(file))


def test_nothing_outside_a_modules_memory_is_read_or_written() -> None:
    """This holds for any address and size that a module returns, because it processes untrusted input."""
    module = wasm.kernel("writers", "rasterizer")
    module.allocate(16)
    end = len(wasm.memory_view(module._store, module._memory))
    assert end < 1 << 30
    assert module.read(end - 4, 1 << 20) == module.read(end - 4, 4)
    with pytest.raises(ValueError, match="different structures"):
        module.write([end - 4], bytes(8))


def expected(width: int, height: int, items: Items, channels: int) -> bytes:
    """Return the pixels of the picture, painted by a loop: later items are above, transparent pixels are skipped."""
    canvas = [0xFFFFFFFF if channels == 3 else 0] * (width * height)
    for x, y, w, h, pixels in items:
        for row in range(max(y, 0), min(y + h, height)):
            for column in range(max(x, 0), min(x + w, width)):
                pixel = pixels[0] if len(pixels) == 1 else pixels[(row - y) * w + column - x]
                if pixel >> 24:
                    canvas[row * width + column] = pixel
    data = array("I", canvas).tobytes()
    return data if channels == 4 else b"".join(data[i : i + 3] for i in range(0, len(data), 4))


@st.composite
def item_lists(draw: st.DrawFn, width: int, height: int) -> Items:
    """Rectangles and bitmaps, some outside the picture, with opaque and transparent pixels; some bitmaps are noise."""
    items: Items = []
    for _ in range(draw(st.integers(0, 8))):
        x, y = draw(st.integers(-9, width)), draw(st.integers(-9, height))
        w, h = draw(st.integers(2, 40)), draw(st.integers(1, 12))
        if draw(st.booleans()):
            items.append((x, y, w, h, [draw(st.sampled_from(_COLORS))]))
            continue
        random = draw(st.randoms(use_true_random=False))
        is_noise = draw(st.booleans())
        pixels = [
            0xFF000000 | random.getrandbits(24) if is_noise else random.choice([*_COLORS, 0]) for _ in range(w * h)
        ]
        items.append((x, y, w, h, pixels))
    return items


@settings(max_examples=60, deadline=None)
@given(st.data(), st.sampled_from([1, 2, 5, 16, 33, 100, 700]), st.integers(1, 60), st.sampled_from([3, 4]))
def test_any_picture_is_lossless(data: st.DataObject, width: int, height: int, channels: int) -> None:
    items = data.draw(item_lists(width, height))
    assert png(width, height, items, channels).tobytes() == expected(width, height, items, channels)


@pytest.mark.parametrize("width", [10922, 10923, 12000, 16384])
@pytest.mark.parametrize("channels", [3, 4])
def test_rows_longer_than_the_largest_distance_are_lossless(width: int, channels: int) -> None:
    """If a row has more than 32 kB, a match cannot refer to the row above (RFC 1951, 3.2.5)."""
    items: Items = [(i * 97, 1, 40, 3, [_COLORS[i % 3]]) for i in range(width // 97)]
    assert png(width, 6, items, channels).tobytes() == expected(width, 6, items, channels)


@pytest.mark.parametrize("width", [1, 85, 86, 87, 172, 173, 258, 259, 1024])
def test_rows_equal_to_the_row_above_are_lossless(width: int) -> None:
    """They are encoded as matches of the greatest length, and a last one of at least the least length."""
    assert png(width, 40, [], 3).tobytes() == b"\xff" * (width * 40 * 3)
    assert png(width, 40, [], 4).tobytes() == bytes(width * 40 * 4)
