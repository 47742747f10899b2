"""Stamps: the size, modification time and digest of files that were read before.

A file whose size and time are unchanged need not be read again; git's index works the same way. Stamps are valid on
one machine only, so they are kept in the cache, not with the pictures.

A source usually has about four files, whose digests the manifest records anyway. For these, only sizes and times are
kept, packed together in one record per source, which is valid only with exactly the digests that the manifest had.
"""

from __future__ import annotations

import hashlib
import json
import os
import struct
from collections.abc import Container, Iterable, Iterator

from diagramkit import cache as disk
from diagramkit import files

_STAMP = struct.Struct("<Qq32s")  # Size in bytes, modification time in nanoseconds, SHA-256.
_STATE = struct.Struct("<Qq")  # A stamp without its digest, which the manifest has.
_FINGERPRINT_SIZE = 8  # Bytes of the hash that binds a packed record to its paths and digests.
_UNKNOWN = bytes(_STATE.size)


class Stamps:
    """The stamps of files by path (`single`), and packed records of the files of one source by name (`packed`)."""

    def __init__(self, single: dict[str, bytes], packed: dict[str, bytes]) -> None:
        self._single, self._packed = single, packed
        self._changed = False

    def digest_if_unchanged(self, path: str, stat: os.stat_result) -> str:
        """Return the digest of a file if its size and time match the known stamp, otherwise an empty string."""
        stamp = self._single.get(path)
        if stamp is None:
            return ""
        size, mtime, digest = _STAMP.unpack(stamp)
        return digest.hex() if (size, mtime) == (stat.st_size, stat.st_mtime_ns) else ""

    def record(self, path: str, stat: os.stat_result, digest: str) -> None:
        """Record the size, time and hexadecimal digest of a file."""
        self._single[path] = _STAMP.pack(stat.st_size, stat.st_mtime_ns, bytes.fromhex(digest))
        self._changed = True

    def pack(self, name: str, digests: Iterable[tuple[str, str]]) -> None:
        """Move the stamps of some files into one packed record.

        `digests` are the paths and digests of these files; a stamp with another digest is dropped.
        """
        listed = list(digests)
        record = bytearray(_fingerprint(listed))
        for path, digest in listed:
            stamp = self._single.pop(path, b"")
            matches = stamp[_STATE.size :].hex() == digest
            record += stamp[: _STATE.size] if matches else _UNKNOWN
        packed = bytes(record)
        if packed != self._packed.get(name):
            self._packed[name] = packed
            self._changed = True

    def unpack(self, name: str, digests: Iterable[tuple[str, str]]) -> None:
        """Restore the stamps in a packed record, provided that it was packed with exactly these paths and digests."""
        record, listed = self._packed.get(name, b""), list(digests)
        expected_size = _FINGERPRINT_SIZE + _STATE.size * len(listed)
        if record[:_FINGERPRINT_SIZE] != _fingerprint(listed) or len(record) != expected_size:
            return
        for (path, digest), offset in zip(listed, range(_FINGERPRINT_SIZE, len(record), _STATE.size), strict=True):
            state = record[offset : offset + _STATE.size]
            if state != _UNKNOWN:
                self._single[path] = state + bytes.fromhex(digest)

    def save(self, folder: str, names: Container[str], before: int) -> None:
        """Write the stamps to the cache, for the next run into the same output folder, if they have changed.

        Packed records are written only if their names are in `names`, and stamps only of files that were modified
        before the time `before` (in nanoseconds).
        """
        if self._changed:
            disk.store(_cache_name(folder), self._to_json(names, before))
            self._changed = False

    def _to_json(self, names: Container[str], before: int) -> Iterator[bytes]:
        # The keys are part of the format of the cache file.
        stamps = ((path, *_STAMP.unpack(stamp)) for path, stamp in self._single.items())
        yield b'{"single": '
        yield from _json_object(
            (path, f'[{size}, {mtime}, "{digest.hex()}"]') for path, size, mtime, digest in stamps if mtime < before
        )
        yield b',\n"folded": '
        yield from _json_object(
            (name, f'"{_without_recent(record, before).hex()}"')
            for name, record in self._packed.items()
            if name in names
        )
        yield b"}\n"


def _json_object(pairs: Iterable[tuple[str, str]]) -> Iterator[bytes]:
    """Yield the text of a JSON object with one line per pair. The values are already JSON."""
    separator = "{"
    for name, value in pairs:
        yield f"{separator}\n{json.dumps(name)}: {value}".encode("ascii")
        separator = ","
    yield b"}" if separator == "," else b"{}"


def _fingerprint(digests: list[tuple[str, str]]) -> bytes:
    """Return a short hash of paths and digests, by which a packed record is recognized."""
    text = "\0".join(part for pair in digests for part in pair)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_FINGERPRINT_SIZE).digest()


def _without_recent(record: bytes, before: int) -> bytes:
    """Return a packed record in which files modified at the time `before` or later are unknown."""
    states = list(_STATE.iter_unpack(record[_FINGERPRINT_SIZE:]))
    if all(mtime < before for _, mtime in states):
        return record
    packed = (_STATE.pack(size, mtime) if mtime < before else _UNKNOWN for size, mtime in states)
    return record[:_FINGERPRINT_SIZE] + b"".join(packed)


def load(folder: str) -> Stamps:
    """Return the stamps in the cache for an output folder and its sources; none if the cache file is damaged."""
    data = files.read(str(disk.folder() / _cache_name(folder)))
    try:
        document = files.parse_json(data or b"{}")
        single = {
            path: _STAMP.pack(size, mtime, bytes.fromhex(digest))
            for path, (size, mtime, digest) in document.get("single", {}).items()
        }
        packed = {name: bytes.fromhex(record) for name, record in document.get("folded", {}).items()}
    except (ValueError, TypeError, AttributeError, struct.error):
        return Stamps({}, {})  # The files are read again.
    return Stamps(single, packed)


def _cache_name(folder: str) -> str:
    digest = hashlib.sha256(os.path.abspath(folder).encode("utf-8", "surrogatepass")).hexdigest()
    return f"stamps-{digest[:24]}.json"
