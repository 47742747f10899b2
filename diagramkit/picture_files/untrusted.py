"""Reads XML and compressed data from files that may come from anywhere, within limits."""

from __future__ import annotations

import io
import zipfile
import zlib
from xml.etree.ElementTree import Element, ParseError

MAX_BYTES = 50_000_000
"""The size of the largest file, and of what is unpacked from one."""
_MAX_DEPTH = 200
_MAX_ELEMENTS = 500_000


class BadPictureError(ValueError):
    """A file is not one that can be read. The message says why."""


def parsed(data: str | bytes) -> Element:
    """Return the root of an XML text without entities. Raises `BadPictureError`."""
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    if len(data) > MAX_BYTES:
        raise BadPictureError("it is too large")
    try:
        root: Element = fromstring(data, forbid_dtd=True)
    except DefusedXmlException:
        raise BadPictureError("it declares entities, which can expand without limit or read files") from None
    except (ParseError, ValueError, LookupError) as error:
        raise BadPictureError(f"it is not well-formed XML: {error}") from None
    _check_size(root)
    return root


def _check_size(root: Element) -> None:
    """Check the number of elements and their depth. Raises `BadPictureError`."""
    level, count = [root], 0
    for _ in range(_MAX_DEPTH):
        count += len(level)
        if count > _MAX_ELEMENTS:
            raise BadPictureError("it has too many elements")
        level = [child for element in level for child in element]
        if not level:
            return
    raise BadPictureError("it is nested too deeply")


def inflated(data: bytes) -> bytes:
    """Return what raw deflate data contains. Raises `BadPictureError`."""
    decompressor = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        result = decompressor.decompress(data, MAX_BYTES)
    except zlib.error:
        raise BadPictureError("its compressed page is damaged") from None
    if decompressor.unconsumed_tail:
        raise BadPictureError("its compressed page is too large")
    return result


class Archive:
    """The members of a zip file, of which each is read within the limits. Raises `BadPictureError`."""

    def __init__(self, data: bytes) -> None:
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
            raise BadPictureError("it is not a zip file") from None
        self._left = MAX_BYTES

    def names(self) -> frozenset[str]:
        """Return the names of the members."""
        return frozenset(self._archive.namelist())

    def read(self, name: str) -> bytes:
        """Return a member. Raises `BadPictureError`."""
        try:
            with self._archive.open(name) as member:
                data = member.read(self._left + 1)
        except (KeyError, zipfile.BadZipFile, zlib.error, OSError, RuntimeError, EOFError):
            raise BadPictureError(f"its part '{name[:100]}' is missing or damaged") from None
        self._left -= len(data)
        if self._left < 0:
            raise BadPictureError("its contents are too large")
        return data
