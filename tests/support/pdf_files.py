"""Reading PDF files in tests."""

from __future__ import annotations

import contextlib
import re
import zlib
from collections.abc import Iterator


def streams(data: bytes) -> Iterator[bytes]:
    """Yield the decompressed streams of a PDF; skip those that are not compressed."""
    for part in re.findall(rb"stream\n(.*?)\nendstream", data, re.S):
        with contextlib.suppress(zlib.error):
            yield zlib.decompress(part)
