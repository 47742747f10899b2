"""Size, time and digest of files that were read: one that has them as they were need not be read again, as git's
index does it.

They are this machine's alone, so they are kept in the cache, not with the pictures. Each is packed, since there are
four of every source.
"""

from __future__ import annotations

import hashlib
import json
import os
import struct

from diagramkit import cache as disk
from diagramkit import files

_STAMP = struct.Struct("<Qq32s")  # Size in bytes, time of the last change in nanoseconds, SHA-256.


def stamp(stat: os.stat_result, digest: str) -> bytes:
    """The stamp of a file that is so, and has this digest (hexadecimal)."""
    return _STAMP.pack(stat.st_size, stat.st_mtime_ns, bytes.fromhex(digest))


def digest_if(known: bytes, stat: os.stat_result) -> str:
    """The digest in a stamp, where the file's size and time are still those in it; else nothing."""
    size, at, digest = _STAMP.unpack(known)
    return digest.hex() if (size, at) == (stat.st_size, stat.st_mtime_ns) else ""


def time_of(known: bytes) -> int:
    """The time of the last change in a stamp, in nanoseconds."""
    at: int = _STAMP.unpack(known)[1]
    return at


def kept(folder: str) -> dict[str, bytes]:
    """The stamps of an output folder's files and its sources, by path, as the cache has them."""
    found = files.read(str(disk.folder() / _name(folder)))
    try:
        return {
            path: _STAMP.pack(size, at, bytes.fromhex(digest))
            for path, (size, at, digest) in json.loads(found or b"{}").items()
        }
    except (ValueError, TypeError, AttributeError, struct.error):
        return {}  # Damaged: they are read again.


def keep(folder: str, settled: dict[str, bytes]) -> None:
    """Keep stamps for the next run."""
    text = bytearray(b"{")
    for path, known in settled.items():
        size, at, digest = _STAMP.unpack(known)
        text += f'{json.dumps(path)}: [{size}, {at}, "{digest.hex()}"],\n'.encode("ascii")
    text[1 if not settled else -2 :] = b"}"
    disk.keep(_name(folder), bytes(text))


def _name(folder: str) -> str:
    here = hashlib.sha256(os.path.abspath(folder).encode("utf-8", "surrogatepass")).hexdigest()
    return f"stamps-{here[:24]}.json"
