"""The rasterizer's PNG rows say just the pixels that were drawn: any picture, any width, with alpha and without."""

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
_COLOURS = [0xFF000000 | colour for colour in (0x102030, 0x102031, 0xFFFFFF, 0, 0x00FF00)]

Things = list[tuple[int, int, int, int, list[int]]]
"""Left, top, width, height and the pixels of each: one for a rectangle, all for a bitmap."""


def png(wide: int, high: int, things: Things, channels: int) -> Image.Image:
    """What the rasterizer makes of things, on white or (4 channels) on nothing, read by Pillow."""
    module = wasm.kernel("writers", "rasterizer")
    words, reals = array("I"), array("d")
    bitmaps: list[array[int]] = []
    shown: list[int] = []
    for x, y, w, h, pixels in things:
        if len(pixels) == 1:
            words.extend((_RECTANGLE, pixels[0]))
            reals.extend((x, y, x + w, y + h))
        else:
            shown.append(len(words) + 1)
            bitmaps.append(array("I", pixels))
            words.extend((_BITMAP, 0, w, h, x & 0xFFFFFFFF, y & 0xFFFFFFFF))
    words.append(_END)
    data: list[array[Any]] = [words, reals, *bitmaps]
    asked_at, *places = module.allocate(24, *(len(one) * one.itemsize for one in data))
    for at, place in zip(shown, places[2:], strict=True):
        words[at] = place
    asked = struct.pack("<6I", wide, high, 0xFFFFFFFF if channels == 3 else 0, channels, *places[:2])
    module.write((asked_at, *places), asked, *data)
    at, size = struct.unpack("<2I", module.read(module.call("draw", asked_at), 8))
    rows = module.read(at, size)
    module.finish()
    head = struct.pack(">IIBBBBB", wide, high, 8, 6 if channels == 4 else 2, 0, 0, 0)
    made = b"\x89PNG\r\n\x1a\n"
    for body in (b"IHDR" + head, b"IDAT" + rows, b"IEND"):
        made += struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    assert len(zlib.decompress(rows)) == high * (1 + wide * channels)  # Adler-32 is right, too.
    return Image.open(io.BytesIO(made))


def test_nothing_beyond_a_modules_memory_is_read_or_written() -> None:
    """Whatever place or size it names: what runs in a sandbox reads strangers' text."""
    module = wasm.kernel("writers", "rasterizer")
    module.allocate(16)
    end = len(wasm.memory_view(module._store, module._memory))
    assert end < 1 << 30
    assert module.read(end - 4, 1 << 20) == module.read(end - 4, 4)
    with pytest.raises(ValueError, match="different structures"):
        module.write([end - 4], bytes(8))


def expected(wide: int, high: int, things: Things, channels: int) -> bytes:
    """The same by a loop: what comes later lies above, what is clear shows what is below."""
    canvas = [0xFFFFFFFF if channels == 3 else 0] * (wide * high)
    for x, y, w, h, pixels in things:
        for row in range(max(y, 0), min(y + h, high)):
            for column in range(max(x, 0), min(x + w, wide)):
                pixel = pixels[0] if len(pixels) == 1 else pixels[(row - y) * w + column - x]
                if pixel >> 24:
                    canvas[row * wide + column] = pixel
    data = array("I", canvas).tobytes()
    return data if channels == 4 else b"".join(data[at : at + 3] for at in range(0, len(data), 4))


@st.composite
def some_things(draw: st.DrawFn, wide: int, high: int) -> Things:
    """Rectangles and bitmaps, opaque or clear, in part beyond the picture; some bitmaps repeat, some are noise."""
    found: Things = []
    for _ in range(draw(st.integers(0, 8))):
        x, y = draw(st.integers(-9, wide)), draw(st.integers(-9, high))
        w, h = draw(st.integers(2, 40)), draw(st.integers(1, 12))
        if draw(st.booleans()):
            found.append((x, y, w, h, [draw(st.sampled_from(_COLOURS))]))
            continue
        noise = draw(st.randoms(use_true_random=False))
        any_ = draw(st.booleans())
        row = [0xFF000000 | noise.getrandbits(24) if any_ else noise.choice([*_COLOURS, 0]) for _ in range(w * h)]
        found.append((x, y, w, h, row))
    return found


@settings(max_examples=60, deadline=None)
@given(st.data(), st.sampled_from([1, 2, 5, 16, 33, 100, 700]), st.integers(1, 60), st.sampled_from([3, 4]))
def test_any_picture_reads_back(data: st.DataObject, wide: int, high: int, channels: int) -> None:
    things = data.draw(some_things(wide, high))
    assert png(wide, high, things, channels).tobytes() == expected(wide, high, things, channels)


@pytest.mark.parametrize("wide", [10922, 10923, 12000, 16384])
@pytest.mark.parametrize("channels", [3, 4])
def test_rows_longer_than_deflate_looks_back_read_back(wide: int, channels: int) -> None:
    """Above 32 kB a row, what is above is out of reach (RFC 1951, 3.2.5)."""
    things: Things = [(at * 97, 1, 40, 3, [_COLOURS[at % 3]]) for at in range(wide // 97)]
    assert png(wide, 6, things, channels).tobytes() == expected(wide, 6, things, channels)


@pytest.mark.parametrize("wide", [1, 85, 86, 87, 172, 173, 258, 259, 1024])
def test_flat_pictures_of_any_width_read_back(wide: int) -> None:
    """Rows that are nothing new are said by the longest matches, and one that is no shorter than may be."""
    assert png(wide, 40, [], 3).tobytes() == b"\xff" * (wide * 40 * 3)
    assert png(wide, 40, [], 4).tobytes() == bytes(wide * 40 * 4)
