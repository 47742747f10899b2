"""A pack on disk: a folder with cleaned icons and `pack.json`, which lists each with its digest.

`pack.json` has the pack's name, version and source, its licence, and for each icon its file, the
file's SHA-256, and what the layout must know of it (dark, insets). The pack's own digest is the
SHA-256 of the names and digests of its icons: who knows it knows every byte of every icon.
"""

from __future__ import annotations

import hashlib
import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from msgspec import Struct

from diagramkit.icons.icon import Icon

INDEX = "pack.json"
_LEAD = re.compile(r"^(?:arch(?:itecture)?[-_ ](?:service[-_])?|res(?:ource)?[-_]|group[-_])", re.I)
_TAIL = re.compile(r"[-_](?:16|32|48|64)(?=[-_]|$)|[-_]light$", re.I)


def key_of(name: str) -> str:
    """An icon's name as all packs agree on it: `Arch_AWS-Lambda_64`, `AWSLambda`, `arch-aws-lambda`
    are all `awslambda`."""
    return re.sub(r"[^a-z0-9]", "", plain_name(name).lower())


def plain_name(stem: str) -> str:
    """An icon's name without what AWS's asset package puts around it: `Arch_AWS-Lambda_64`."""
    return _TAIL.sub("", _LEAD.sub("", stem)) or stem


class Pack(Struct, frozen=True, eq=False):
    """A pack that is installed: its folder and the digest of its list. `official`: it is AWS's own."""

    name: str
    version: str
    folder: str
    digest: str
    official: bool
    icons: dict[str, dict[str, Any]]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pack) and self._which == other._which

    def __hash__(self) -> int:
        return hash(self._which)

    @property
    def _which(self) -> tuple[str, ...]:
        return self.name, self.version, self.folder, self.digest

    def icon(self, name: str) -> Icon | None:
        """One of its icons by name."""
        entry = self.icons.get(name)
        if entry is None:
            return None
        path = str(Path(self.folder) / entry["file"])
        return Icon(f"{self.name}:{name}", path, entry["sha256"])

    def by_key(self, key: str) -> Icon | None:
        """One of its icons by the name that all packs agree on."""
        name = _keys(self).get(key)
        return self.icon(name) if name else None


@lru_cache(maxsize=32)
def _keys(pack: Pack) -> dict[str, str]:
    keys: dict[str, str] = {}
    for name in pack.icons:
        keys.setdefault(key_of(name), name)
    return keys


def read(folder: str) -> Pack:
    """The pack in a folder. Raises `OSError` where there is none, `ValueError` where its list is
    no list of a pack."""
    text = (Path(folder) / INDEX).read_bytes()
    return _parsed(folder, text)


@lru_cache(maxsize=32)
def _parsed(folder: str, text: bytes) -> Pack:
    try:
        listed = json.loads(text)
        icons = listed["icons"]
        for entry in icons.values():
            if not re.fullmatch(r"[\w.-]+\.(?:svg|png)", entry["file"]) or not entry["sha256"]:
                raise ValueError(entry["file"])
        return Pack(listed["name"], listed["version"], folder, digest_of(icons), bool(listed["official"]), icons)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{INDEX} is no list of a pack: {error}") from None


def digest_of(icons: dict[str, dict[str, Any]]) -> str:
    """The digest of a pack with these icons."""
    lines = "".join(f"{icons[name]['sha256']} {name}\n" for name in sorted(icons))
    return hashlib.sha256(lines.encode("utf-8")).hexdigest()


def details(folder: str) -> dict[str, Any]:
    """All that a pack's list says of the pack itself."""
    listed: dict[str, Any] = json.loads((Path(folder) / INDEX).read_bytes())
    listed.pop("icons")
    return listed
