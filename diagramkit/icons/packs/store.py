"""Installed packs: folders with cleaned icons and `pack.json`, which lists each icon with its digest.

`pack.json` contains the pack's name, version, source and license, and for each icon its file, the SHA-256 of the
file, and what the layout must know about it (tile, inset). The digest of the pack is the SHA-256 of the names and
digests of all icons, so it identifies the content of every icon.
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from msgspec import Struct

from diagramkit import files
from diagramkit.diagnostics import printable
from diagramkit.icons.icon import Icon

INDEX = "pack.json"
_PACK_WORD = re.compile(r"\w[\w.+-]*")
_PREFIX = re.compile(r"^(?:arch(?:itecture)?[-_ ](?:service[-_])?|res(?:ource)?[-_]|group[-_])", re.I)
_SUFFIX = re.compile(r"[-_](?:16|32|48|64)(?=[-_]|$)|[-_]light$", re.I)


def key_of(name: str) -> str:
    """Return the name of an icon in the form on which all packs agree.

    It is `awslambda` for `Arch_AWS-Lambda_64`, `AWSLambda` and `arch-aws-lambda`.
    """
    return re.sub(r"[^a-z0-9]", "", plain_name(name).lower())


def plain_name(stem: str) -> str:
    """Return the name of an icon without the prefix and size of AWS's asset package: `Arch_AWS-Lambda_64`."""
    return _SUFFIX.sub("", _PREFIX.sub("", stem)) or stem


def is_pack_word(text: str) -> bool:
    """Return whether a text can be the name or version of a pack, which its folder is named for."""
    return _PACK_WORD.fullmatch(text) is not None


def folder_name(name: str, version: str) -> str:
    """Return the name of a pack's folder."""
    return re.sub(r"[^\w.+-]", "-", f"{name}-{version}")


class Pack(Struct, frozen=True, eq=False):
    """An installed pack: its folder, its digest and its icons by name.

    `official` is true for packs of AWS's own icons.
    """

    name: str
    version: str
    folder: str
    digest: str
    official: bool
    icons: dict[str, dict[str, Any]]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pack) and self._identity == other._identity

    def __hash__(self) -> int:
        return hash(self._identity)

    @property
    def _identity(self) -> tuple[str, ...]:
        return self.name, self.version, self.folder, self.digest

    def icon(self, name: str) -> Icon | None:
        """Return the icon with a name, or None."""
        entry = self.icons.get(name)
        if entry is None:
            return None
        path = str(Path(self.folder) / entry["file"])
        return Icon(f"{self.name}:{name}", path, entry["sha256"])

    def by_key(self, key: str) -> Icon | None:
        """Return the icon whose name has a key (see `key_of`), or None."""
        name = _names_by_key(self).get(key)
        return self.icon(name) if name else None


@lru_cache(maxsize=32)
def _names_by_key(pack: Pack) -> dict[str, str]:
    names: dict[str, str] = {}
    for name in pack.icons:
        names.setdefault(key_of(name), name)
    return names


def read(folder: str) -> Pack:
    """Return the pack in a folder.

    Raises `OSError` if there is none, and `ValueError` if its `pack.json` is invalid.
    """
    text = (Path(folder) / INDEX).read_bytes()
    return _parsed(folder, text)


@lru_cache(maxsize=32)
def _parsed(folder: str, text: bytes) -> Pack:
    try:
        index = files.parse_json(text)
        icons = index["icons"]
        for word in (index["name"], index["version"]):
            if not is_pack_word(word):
                raise ValueError(f"the name or version {word!r}")
        for name, entry in icons.items():
            if not re.fullmatch(r"[\w.-]+\.(?:svg|png)", entry["file"]) or not entry["sha256"]:
                raise ValueError(entry["file"])
            if not name.isprintable():  # Names are printed by `icons`.
                raise ValueError(f"the name {name!r}")
        return Pack(index["name"], index["version"], folder, digest_of(icons), bool(index["official"]), icons)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{INDEX} is not a valid pack index: {error}") from None


def digest_of(icons: dict[str, dict[str, Any]]) -> str:
    """Return the digest of a pack with these icons."""
    lines = "".join(f"{icons[name]['sha256']} {name}\n" for name in sorted(icons))
    return hashlib.sha256(lines.encode("utf-8")).hexdigest()


def details(folder: str) -> dict[str, Any]:
    """Return the contents of `pack.json` without the icons, with texts that are safe to print."""
    index: dict[str, Any] = files.parse_json((Path(folder) / INDEX).read_bytes())
    index.pop("icons")
    return {key: printable(value) if isinstance(value, str) else value for key, value in index.items()}
