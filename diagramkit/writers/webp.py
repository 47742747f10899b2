"""A PNG as WebP without loss: the same pixels in about half the bytes."""

from __future__ import annotations

import io


def write(png: bytes) -> bytes:
    """The picture as lossless WebP (RFC 9649)."""
    from PIL import Image

    buffer = io.BytesIO()
    with Image.open(io.BytesIO(png)) as image:
        image.save(buffer, "WEBP", lossless=True, method=4, exact=True)
    return buffer.getvalue()
