"""The font that diagramkit carries: measured with HarfBuzz, embedded as a subset.

All text is measured with this font and drawn with it, so that a picture is the same on
every machine, whatever fonts that machine has.
"""

from __future__ import annotations

import io
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from diagramkit import cache as disk

FAMILY = "Source Sans Pro"
"""The family's name, in SVG and in the rasteriser."""


# What the usual subset holds: Latin with its accents, and the signs of running text.
_USUAL = frozenset(
    [
        *range(0x20, 0x7F),
        *range(0xA0, 0x180),
        *(0x2013, 0x2014, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2026, 0x2190, 0x2192, 0x20AC),
    ]
)
_FEATURES = {"kern": True, "liga": False, "clig": False}


@dataclass(frozen=True, slots=True)
class Subset:
    """The font with the glyphs of a picture: for SVG as WOFF2, for the rasteriser as TTF."""

    woff2: bytes
    ttf: bytes


def width(text: str, size: float) -> float:
    """The width of one line in points. Characters that the font lacks are taken as a
    square where they are wide (Japanese, emoji), else as six tenths of the size."""
    return _units(text) * size / 1000


def missing(text: str) -> str:
    """The characters of `text` that the font does not have, each once, in order."""
    return "".join(dict.fromkeys(char for char in text if not _has(char) and char.isprintable()))


def subset(text: str) -> Subset:
    """The font cut down to the usual characters and those of `text`; kept in the cache."""
    extra = sorted({ord(char) for char in text if _has(char)} - _USUAL)
    return _subset(tuple(extra))


@lru_cache(maxsize=16)
def _subset(extra: tuple[int, ...]) -> Subset:
    key = "-".join(["font1", version("font-source-sans-pro"), version("fonttools"),
                    version("brotli"), *(f"{code:x}" for code in extra)])  # fmt: skip
    return Subset(
        disk.remember(f"{key}.woff2", lambda: _cut(extra, "woff2")),
        disk.remember(f"{key}.ttf", lambda: _cut(extra, None)),
    )


def _cut(extra: tuple[int, ...], flavor: str | None) -> bytes:
    from fontTools import subset as cutter

    options = cutter.Options()
    options.flavor = flavor
    options.layout_features = ["kern", "mark", "mkmk"]
    options.hinting = False
    options.name_IDs = [0, 1, 2, 4, 6]
    options.notdef_outline = True
    options.recalc_timestamp = False
    buffer = io.BytesIO()
    with cutter.load_font(str(_file()), options) as font:
        worker = cutter.Subsetter(options)
        worker.populate(unicodes=[*_USUAL, *extra])
        worker.subset(font)
        cutter.save_font(font, buffer, options)
    return buffer.getvalue()


@lru_cache(maxsize=65536)
def _units(text: str) -> float:
    """The width in thousandths of the size: runs the font has are shaped, the others guessed."""
    total = 0.0
    run = ""
    for char in text:
        if _has(char):
            run += char
            continue
        total += _shaped(run) + _guess(char)
        run = ""
    return total + _shaped(run)


def _guess(char: str) -> float:
    if unicodedata.combining(char) or char in "\ufe0f\ufe0e\u200d":
        return 0
    return 1000 if unicodedata.east_asian_width(char) in "WF" or ord(char) > 0xFFFF else 600


@lru_cache(maxsize=65536)
def _shaped(text: str) -> float:
    if not text:
        return 0
    hb, _, font = _harfbuzz()
    buffer = hb.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    hb.shape(font, buffer, _FEATURES)
    return float(sum(position.x_advance for position in buffer.glyph_positions))


@lru_cache(maxsize=4096)
def _has(char: str) -> bool:
    _, characters, _ = _harfbuzz()
    return ord(char) in characters


@cache
def _harfbuzz() -> tuple[Any, frozenset[int], Any]:
    import uharfbuzz as hb

    face = hb.Face(hb.Blob.from_file_path(str(_file())))
    font = hb.Font(face)
    font.scale = (1000, 1000)
    return hb, frozenset(face.unicodes), font


@cache
def _file() -> Path:
    spec = find_spec("font_source_sans_pro")
    if spec is None or spec.origin is None:
        raise RuntimeError("the package font-source-sans-pro is not installed")
    return Path(spec.origin).parent / "files" / "SourceSansPro-Regular.ttf"
