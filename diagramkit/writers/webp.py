"""Converts a PNG to lossless WebP: the same pixels in about half the bytes."""

from __future__ import annotations

import io

MAX_SIDE = 16383
"""The maximum width and height of a WebP, in pixels (RFC 9649, 3.4)."""


def write(png: bytes) -> bytes:
    """Return the picture as lossless WebP (RFC 9649). Raises `ValueError` if it is larger than WebP allows."""
    from PIL import Image

    buffer = io.BytesIO()
    with Image.open(io.BytesIO(png)) as image:
        if max(image.size) > MAX_SIDE:
            width, height = image.size
            raise ValueError(
                f"the picture is too large for WebP ({width}x{height}): its limit is {MAX_SIDE} pixels per side; "
                "choose a smaller scale"
            )
        image.save(buffer, "WEBP", lossless=True, method=4, exact=True)
    return buffer.getvalue()
