"""Size, time and digest of files that were read: one that has them as they were need not be read again, as git's
index does it.

They are this machine's alone, so they are kept in the cache, not with the pictures. There are four files of every
source, whose digests the manifest has: of these only sizes and times are kept, together, for that one state of it.
"""

from __future__ import annotations

import hashlib
import json
import os
import struct
from collections.abc import Container, Iterable, Iterator

from diagramkit import cache as disk
from diagramkit import files

_STAMP = struct.Struct("<Qq32s")  # Size in bytes, time of the last change in nanoseconds, SHA-256.
_STATE = struct.Struct("<Qq")  # A stamp without its digest: what that is, is said elsewhere.
_BOUND = 8  # Bytes of what tells to which paths and digests some states belong.
_UNKNOWN = bytes(_STATE.size)


class Stamps:
    """Stamps of files by path, and of some, which belong to one source, `folded` by a name."""

    def __init__(self, single: dict[str, bytes], folded: dict[str, bytes]) -> None:
        self._single, self._folded = single, folded
        self._changed = False

    def digest_if(self, path: str, stat: os.stat_result) -> str:
        """The digest of a file, where its size and time are still those that are known; else nothing."""
        known = self._single.get(path)
        if known is None:
            return ""
        size, at, digest = _STAMP.unpack(known)
        return digest.hex() if (size, at) == (stat.st_size, stat.st_mtime_ns) else ""

    def note(self, path: str, stat: os.stat_result, digest: str) -> None:
        """Note the digest (hexadecimal) of a file that is so."""
        self._single[path] = _STAMP.pack(stat.st_size, stat.st_mtime_ns, bytes.fromhex(digest))
        self._changed = True

    def fold(self, name: str, said: Iterable[tuple[str, str]]) -> None:
        """Keep the stamps of files, of which it is said elsewhere what digests they have, under a name."""
        listed = list(said)
        states = bytearray(_bound(listed))
        for path, digest in listed:
            known = self._single.pop(path, b"")
            same = known[_STATE.size :].hex() == digest
            states += known[: _STATE.size] if same else _UNKNOWN
        folded = bytes(states)
        if folded != self._folded.get(name):
            self._folded[name] = folded
            self._changed = True

    def unfold(self, name: str, said: Iterable[tuple[str, str]]) -> None:
        """Have the stamps of files by path that were folded under a name, if these had just those digests."""
        known, listed = self._folded.get(name, b""), list(said)
        if known[:_BOUND] != _bound(listed) or len(known) != _BOUND + _STATE.size * len(listed):
            return
        for (path, digest), at in zip(listed, range(_BOUND, len(known), _STATE.size), strict=True):
            state = known[at : at + _STATE.size]
            if state != _UNKNOWN:
                self._single[path] = state + bytes.fromhex(digest)

    def keep(self, folder: str, names: Container[str], young: int) -> None:
        """Keep them for the next run into an output folder, if they are others: of folded ones those of `names`, and
        none of a file that changed at the time `young` (nanoseconds) or later."""
        if self._changed:
            disk.store(_name(folder), self._text(names, young))
            self._changed = False

    def _text(self, names: Container[str], young: int) -> Iterator[bytes]:
        stamps = ((path, *_STAMP.unpack(known)) for path, known in self._single.items())
        yield b'{"single": '
        yield from _object(
            (path, f'[{size}, {at}, "{digest.hex()}"]') for path, size, at, digest in stamps if at < young
        )
        yield b',\n"folded": '
        yield from _object(
            (name, f'"{_settled(states, young).hex()}"') for name, states in self._folded.items() if name in names
        )
        yield b"}\n"


def _object(pairs: Iterable[tuple[str, str]]) -> Iterator[bytes]:
    """A JSON object of values that are JSON already, a line each."""
    between = "{"
    for name, value in pairs:
        yield f"{between}\n{json.dumps(name)}: {value}".encode("ascii")
        between = ","
    yield b"}" if between == "," else b"{}"


def _bound(said: list[tuple[str, str]]) -> bytes:
    text = "\0".join(part for one in said for part in one)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_BOUND).digest()


def _settled(states: bytes, young: int) -> bytes:
    """Folded states without young ones."""
    known = list(_STATE.iter_unpack(states[_BOUND:]))
    if all(at < young for _, at in known):
        return states
    kept = (_STATE.pack(size, at) if at < young else _UNKNOWN for size, at in known)
    return states[:_BOUND] + b"".join(kept)


def load(folder: str) -> Stamps:
    """The stamps of an output folder's files and its sources, as the cache has them."""
    found = files.read(str(disk.folder() / _name(folder)))
    try:
        said = json.loads(found or b"{}")
        single = {
            path: _STAMP.pack(size, at, bytes.fromhex(digest))
            for path, (size, at, digest) in said.get("single", {}).items()
        }
        folded = {name: bytes.fromhex(states) for name, states in said.get("folded", {}).items()}
    except (ValueError, TypeError, AttributeError, struct.error):
        return Stamps({}, {})  # Damaged: they are read again.
    return Stamps(single, folded)


def _name(folder: str) -> str:
    here = hashlib.sha256(os.path.abspath(folder).encode("utf-8", "surrogatepass")).hexdigest()
    return f"stamps-{here[:24]}.json"
