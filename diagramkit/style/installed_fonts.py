"""Fonts installed on this machine, for characters that the picture's own font lacks.

They are needed for PNG, PDF and outlines only: an SVG names font families and leaves the choice to its
viewer. The result depends on the machine, so callers must report that these fonts were used.
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path

from diagramkit.style import shaping
from diagramkit.style.shaping import Font

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
"""The families that an SVG asks for where its own font lacks a character."""

_SUFFIXES = (".ttf", ".otf", ".ttc")
_UNSUITABLE = re.compile(r"bold|black|italic|oblique|light|thin|medium|semi|cond|mono|serif|math|narrow|symbol", re.I)
_PREFERRED = re.compile(r"noto ?sans|dejavusans|hiragino|yugoth|msyh|arial|segoeui", re.I)


def fonts_for(characters: str) -> dict[str, Font]:
    """Return the font to draw each of `characters` with; characters that no font has are omitted."""
    remaining, fonts = list(dict.fromkeys(characters)), dict[str, Font]()
    for path in _font_files():
        if not remaining:
            break
        supported = _characters(path)
        covered = [char for char in remaining if ord(char) in supported]
        if covered and (family := _family(path)):
            fonts |= dict.fromkeys(covered, Font(family, path))
            remaining = [char for char in remaining if char not in fonts]
    return fonts


@cache
def fingerprint() -> str:
    """Return a digest of the names and sizes of the font files on this machine."""
    files = [f"{Path(path).name} {Path(path).stat().st_size}" for path in _font_files()]
    return hashlib.sha256("\n".join(files).encode("utf-8", "surrogatepass")).hexdigest()


def _font_folders() -> Iterator[Path]:
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
def _font_files() -> tuple[str, ...]:
    """Return the paths of this machine's font files, regular sans serif fonts first."""
    paths = [
        path
        for folder in _font_folders()
        if folder.is_dir()
        for path in folder.rglob("*")
        if path.suffix.lower() in _SUFFIXES
    ]
    paths.sort(key=lambda path: (*_rank(path.stem), path.name, str(path)))
    return tuple(map(str, paths))


def _rank(name: str) -> tuple[bool, bool]:
    """Return the sort key of a font file's name: the lowest is the most suitable."""
    return bool(_UNSUITABLE.search(name)), not _PREFERRED.search(name)


def _characters(path: str) -> frozenset[int]:
    """Return the code points in a font file; none if it cannot be read."""
    import uharfbuzz as hb

    try:
        return shaping.characters(path)
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
