"""Fonts of this machine, for the characters that a picture's own font lacks.

Only what is drawn in pixels or for print needs them: an SVG names families and leaves the
choice to its reader. What is found depends on the machine, so whoever uses it says so.
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path

from msgspec import Struct

FAMILIES = (
    "Noto Sans",
    "Noto Sans CJK JP",
    "Noto Sans JP",
    "Hiragino Sans",
    "Yu Gothic",
    "Meiryo",
    "PingFang SC",
    "Microsoft YaHei",
    "Segoe UI",
    "Geeza Pro",
    "Apple Color Emoji",
    "Segoe UI Emoji",
    "Noto Color Emoji",
)
"""The families that an SVG asks for, where its own font lacks a character."""

_ENDINGS = (".ttf", ".otf", ".ttc")
_UNWANTED = re.compile(r"bold|black|italic|oblique|light|thin|medium|semi|cond|mono|serif|math|narrow|symbol", re.I)
_WANTED = re.compile(r"noto ?sans|dejavusans|hiragino|yugoth|msyh|arial|segoeui", re.I)


class SystemFont(Struct, frozen=True):
    """A font file of this machine and the name of its family."""

    file: str
    family: str


def fonts_for(characters: str) -> dict[str, SystemFont]:
    """For each of `characters`, the font to draw it with; those that none has are left out."""
    left, found = list(dict.fromkeys(characters)), dict[str, SystemFont]()
    for path in _files():
        if not left:
            break
        known = _characters(path)
        here = [char for char in left if ord(char) in known]
        if here and (family := _family(path)):
            found |= dict.fromkeys(here, SystemFont(path, family))
            left = [char for char in left if char not in found]
    return found


@cache
def state() -> str:
    """A digest of which fonts this machine has: by name and size in bytes."""
    listed = [f"{Path(path).name} {Path(path).stat().st_size}" for path in _files()]
    return hashlib.sha256("\n".join(listed).encode("utf-8", "surrogatepass")).hexdigest()


def _folders() -> Iterator[Path]:
    home = Path.home()
    if sys.platform == "darwin":
        yield from (Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library/Fonts")
    elif sys.platform == "win32":
        yield Path(os.environ.get("WINDIR", "C:/Windows")) / "Fonts"
        yield home / "AppData/Local/Microsoft/Windows/Fonts"
    else:
        yield from (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
        yield from (home / ".local/share/fonts", home / ".fonts")


@cache
def _files() -> tuple[str, ...]:
    """The machine's font files, upright sans serif ones of usual weight first."""
    paths = [
        path
        for folder in _folders()
        if folder.is_dir()
        for path in folder.rglob("*")
        if path.suffix.lower() in _ENDINGS
    ]
    paths.sort(key=lambda path: (*_rank(path.stem), path.name, str(path)))
    return tuple(map(str, paths))


def _rank(name: str) -> tuple[bool, bool]:
    return bool(_UNWANTED.search(name)), not _WANTED.search(name)


@lru_cache(maxsize=256)
def _characters(path: str) -> frozenset[int]:
    import uharfbuzz as hb

    try:
        return frozenset(hb.Face(hb.Blob.from_file_path(path)).unicodes)
    except (OSError, ValueError, hb.HarfBuzzError):
        return frozenset()


@lru_cache(maxsize=64)
def _family(path: str) -> str | None:
    from fontTools.ttLib import TTFont, TTLibError

    try:
        with TTFont(path, fontNumber=0, lazy=True) as font:
            return str(font["name"].getBestFamilyName() or "") or None
    except (OSError, TTLibError, KeyError, AssertionError):
        return None
