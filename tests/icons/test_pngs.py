"""PNG files as icons: each is an image or rejected in words that follow the name of its file."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from PIL import Image

from diagramkit.icons import pixels
from tests.support.icon_packs import png


def with_size(w: int, h: int) -> bytes:
    """Return a PNG whose header declares a size, with hardly any data."""
    raw = bytearray(png(1, 1))
    raw[16:24] = struct.pack(">II", w, h)
    raw[29:33] = struct.pack(">I", zlib.crc32(raw[12:29]))
    return bytes(raw)


def message(raw: bytes, max_side: int = 4096) -> str:
    with pytest.raises(ValueError, match=r".") as error:
        pixels.open_png(raw, max_side)
    return str(error.value)


def test_a_png_at_the_limit_is_accepted_and_a_larger_one_is_rejected() -> None:
    assert pixels.open_png(png(9, 7), 9).size == (9, 7)
    assert message(png(10, 7), 9) == "has 10 x 7 pixels; the limit is 9 pixels per side"
    assert message(png(7, 10), 9) == "has 7 x 10 pixels; the limit is 9 pixels per side"


@pytest.mark.parametrize("size", [(12_000, 12_000), (100_000, 1), (2_000_000_000, 2_000_000_000)])
def test_a_huge_png_is_rejected_before_it_is_decoded(size: tuple[int, int]) -> None:
    """Warnings are errors in tests; users would see them between the messages."""
    assert message(with_size(*size)).startswith(("has ", "is not a valid PNG: Image size "))
    assert message(with_size(*size), 10**10).startswith("is not a valid PNG: ")


def test_other_formats_are_rejected() -> None:
    for name in ("GIF", "BMP", "TIFF", "PPM"):
        buffer = io.BytesIO()
        Image.new("RGB", (9, 9)).save(buffer, name)
        assert message(buffer.getvalue()) == "is not a valid PNG: cannot identify image file"
    assert message(b"") == "is not a valid PNG: cannot identify image file"


@pytest.mark.parametrize("mode", ["RGBA", "P", "1", "I;16", "LA"])
def test_a_damaged_png_is_an_image_or_rejected(mode: str) -> None:
    buffer = io.BytesIO()
    Image.new(mode, (9, 7)).save(buffer, "PNG")
    raw = buffer.getvalue()
    for position in range(len(raw)):
        for damaged in (raw[:position], raw[:position] + bytes([raw[position] ^ 0xFF]) + raw[position + 1 :]):
            try:
                assert pixels.open_png(damaged, 4096).mode == "RGBA"
            except ValueError as error:
                assert str(error).startswith(("is not a valid PNG: ", "has "))
    header = raw[:8] + struct.pack(">I", 12) + raw[12:28] + struct.pack(">I", zlib.crc32(raw[12:28]))
    assert message(header) == "is not a valid PNG: Truncated IHDR chunk"
