"""The font that diagramkit carries: measured with HarfBuzz, embedded as a subset.

All text is measured with this font and drawn with it, so that a picture is the same on
every machine, whatever fonts that machine has.
"""

from __future__ import annotations

import hashlib
import io
import struct
import unicodedata
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from msgspec import Struct

from diagramkit import cache as disk
from diagramkit.versions import version

# What the usual subset holds: Latin with its accents, and the signs of running text.
_USUAL = frozenset(
    [
        *range(0x20, 0x7F),
        *range(0xA0, 0x180),
        *(0x2013, 0x2014, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2026, 0x2190, 0x2192, 0x20AC),
    ]
)
_FEATURES = {"kern": True, "liga": False, "clig": False}
# Characters that join or change their neighbours, and have no width of their own.
_JOINERS = "\ufe0f\ufe0e\u200d"


class Subset(Struct, frozen=True):
    """The font with the glyphs of a picture: for SVG as WOFF2, for the rasteriser as TTF."""

    woff2: bytes
    ttf: bytes


class Run(Struct, frozen=True):
    """A part of a line: text that the font has, or `foreign` text that it has not.

    `x` is where it begins, behind the line's start, and `width` what it takes, in points.
    """

    text: str
    foreign: bool
    x: float
    width: float


class Face(Struct, frozen=True):
    """A font file that all text is measured with and drawn with. `version` tells it from others."""

    family: str
    file: str
    version: str

    def width(self, text: str, size: float) -> float:
        """The width of one line in points. What the font lacks is taken as a square where it
        is wide (Japanese, emoji), else by what its script usually takes."""
        return _units(self, text) * size / 1000

    def has(self, char: str) -> bool:
        """Whether the font has a character."""
        return _has(self, char)

    def missing(self, text: str) -> str:
        """The characters of `text` that the font does not have, each once, in order."""
        lacking = (char for char in text if not _has(self, char) and char.isprintable())
        return "".join(dict.fromkeys(char for char in lacking if char not in _JOINERS))

    def runs(self, text: str, size: float) -> tuple[Run, ...]:
        """A line in parts that the font has or has not; blanks between foreign words are theirs."""
        found: list[Run] = []
        x = 0.0
        for part, foreign in _parted(self, text):
            width = _units(self, part) * size / 1000
            found.append(Run(part, foreign, x, width))
            x += width
        return tuple(found)

    def subset(self, text: str) -> Subset:
        """The font cut down to the usual characters and those of `text`; kept in the cache."""
        usual = self.version == _carried_version()
        known = {ord(char) for char in text if _has(self, char)}
        return _subset(self, tuple(sorted(known - _USUAL if usual else known | {0x20})))


@cache
def bundled() -> Face:
    """The font that comes with diagramkit."""
    return Face("Source Sans Pro", str(_file()), _carried_version())


def from_file(path: str) -> Face:
    """A font file of a user's own. Raises `ValueError` where it is no font."""
    from fontTools.ttLib import TTFont, TTLibError

    data = Path(path).read_bytes()
    try:
        with TTFont(io.BytesIO(data), fontNumber=0, lazy=True) as font:
            family = font["name"].getBestFamilyName()
            font.getBestCmap()
    except (TTLibError, KeyError, AttributeError, struct.error, AssertionError) as error:
        raise ValueError(f"it is no TrueType or OpenType font ({error})") from None
    name = "".join(char for char in str(family) if char.isalnum() or char in " -")
    return Face(name or "Own", str(path), hashlib.sha256(data).hexdigest()[:16])


@cache
def _carried_version() -> str:
    return version("font-source-sans-pro") or ""


@lru_cache(maxsize=65536)
def _parted(face: Face, text: str) -> tuple[tuple[str, bool], ...]:
    runs: list[tuple[str, bool]] = []
    for char in text:
        joined = unicodedata.combining(char) or char in _JOINERS
        foreign = runs[-1][1] if joined and runs else not _has(face, char)
        if runs and runs[-1][1] == foreign:
            runs[-1] = (runs[-1][0] + char, foreign)
        else:
            runs.append((char, foreign))
    at = 1
    while at + 1 < len(runs):  # A blank between foreign words: Arabic is written backwards over it.
        if runs[at][0] == " " and runs[at - 1][1] and runs[at + 1][1]:
            runs[at - 1 : at + 2] = [(runs[at - 1][0] + " " + runs[at + 1][0], True)]
        else:
            at += 1
    return tuple(runs)


@lru_cache(maxsize=16)
def _subset(face: Face, extra: tuple[int, ...]) -> Subset:
    codes = "-".join(f"{code:x}" for code in extra)
    if len(codes) > 120:
        codes = hashlib.sha256(codes.encode()).hexdigest()[:24]
    key = "-".join(["font2", face.version, version("fonttools") or "", version("brotli") or "", codes])
    return Subset(
        disk.get_or_create(f"{key}.woff2", lambda: _cut(face, extra, "woff2")),
        disk.get_or_create(f"{key}.ttf", lambda: _cut(face, extra, None)),
    )


def _cut(face: Face, extra: tuple[int, ...], flavor: str | None) -> bytes:
    from fontTools import subset as cutter

    options = cutter.Options()
    options.flavor = flavor
    options.layout_features = ["kern", "mark", "mkmk"]
    options.hinting = False
    options.name_IDs = [0, 1, 2, 4, 6]
    options.notdef_outline = True
    options.recalc_timestamp = False
    buffer = io.BytesIO()
    options.font_number = 0
    usual = _USUAL if face.version == _carried_version() else ()
    with cutter.load_font(face.file, options) as font:
        worker = cutter.Subsetter(options)
        worker.populate(unicodes=[*usual, *extra])
        worker.subset(font)
        cutter.save_font(font, buffer, options)
    return buffer.getvalue()


@lru_cache(maxsize=65536)
def _units(face: Face, text: str) -> float:
    """The width in thousandths of the size: runs the font has are shaped, the others guessed."""
    return sum(sum(map(_guess, part)) if foreign else _shaped(face, part) for part, foreign in _parted(face, text))


def _guess(char: str) -> float:
    """What a character usually takes: East Asian ones and emoji are square, Arabic is narrow."""
    if unicodedata.combining(char) or char in _JOINERS or unicodedata.category(char) == "Mn":
        return 0
    if ord(char) >= 0x1F000 or unicodedata.category(char) == "So":
        return 1300
    if unicodedata.east_asian_width(char) in "WF":
        return 1000
    return next((width for low, high, width in _SCRIPTS if low <= ord(char) <= high), 600)


# What the letters of some scripts take on average in Noto Sans, in thousandths, rounded up.
_SCRIPTS = ((0x20, 0x20, 260), (0x590, 0x5FF, 590), (0x600, 0x6FF, 560), (0x900, 0xDFF, 680), (0xE00, 0xEFF, 600))


@lru_cache(maxsize=65536)
def _shaped(face: Face, text: str) -> float:
    if not text:
        return 0
    hb, _, font = _harfbuzz(face)
    buffer = hb.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    hb.shape(font, buffer, _FEATURES)
    return float(sum(position.x_advance for position in buffer.glyph_positions))


@lru_cache(maxsize=4096)
def _has(face: Face, char: str) -> bool:
    _, characters, _ = _harfbuzz(face)
    return ord(char) in characters


@lru_cache(maxsize=8)
def _harfbuzz(face: Face) -> tuple[Any, frozenset[int], Any]:
    import uharfbuzz as hb

    loaded = hb.Face(hb.Blob.from_file_path(face.file))
    font = hb.Font(loaded)
    font.scale = (1000, 1000)
    return hb, frozenset(loaded.unicodes), font


@cache
def _file() -> Path:
    spec = find_spec("font_source_sans_pro")
    if spec is None or spec.origin is None:
        raise RuntimeError("the package font-source-sans-pro is not installed")
    return Path(spec.origin).parent / "files" / "SourceSansPro-Regular.ttf"
