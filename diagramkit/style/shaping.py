"""Shapes text with HarfBuzz: the glyphs that a font draws a text with, how far they advance, and their outlines.

Measuring, outlined text and the rasterizer all use this module, so that text is as wide as it was measured. All
lengths are in thousandths of the font size, with y pointing up.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from msgspec import Struct

_UNITS = 1000  # Per font size.
_FEATURES = {"kern": True, "liga": False, "clig": False}

Command = tuple[str, tuple[float, ...]]
"""A command of an outline: its letter in SVG path data, and its coordinates x, y, x, y ..."""


class ShapedGlyph(Struct, frozen=True):
    """A glyph of a shaped text.

    `number` is its index in the font, `dx` and `dy` are its offset from its place, and `advance` is the distance from
    there to the place of the next glyph.
    """

    number: int
    dx: float
    dy: float
    advance: float


class Font(Struct, frozen=True):
    """A font file and the name of its family. `version` identifies the contents of the file in cache keys."""

    family: str
    file: str
    version: str = ""


@lru_cache(maxsize=256)
def characters(file: str, version: str = "") -> frozenset[int]:
    """Return the code points in a font file; `version` as in `Font`.

    Raises `OSError`, `ValueError` or `uharfbuzz.HarfBuzzError` if the file cannot be read.
    """
    import uharfbuzz as hb

    del version  # It is only a part of the cache key.
    return frozenset(hb.Face(hb.Blob.from_file_path(file)).unicodes)


def advance(font: Font, text: str) -> float:
    """Return the width of a text."""
    return float(sum(position.x_advance for position in _shaped(font, text).glyph_positions))


@lru_cache(maxsize=1024)
def shape(font: Font, text: str) -> tuple[ShapedGlyph, ...]:
    """Return the glyphs of a text from left to right."""
    buffer = _shaped(font, text)
    return tuple(
        ShapedGlyph(info.codepoint, float(position.x_offset), float(position.y_offset), float(position.x_advance))
        for info, position in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True)
    )


@lru_cache(maxsize=4096)
def outline(font: Font, number: int) -> tuple[Command, ...]:
    """Return the outline of the glyph with this number; a space and a color glyph have none."""
    hb, loaded = _loaded(font)
    commands: list[Command] = []
    recorder = hb.DrawFuncs()
    recorder.set_move_to_func(lambda x, y, _: commands.append(("M", (x, y))))
    recorder.set_line_to_func(lambda x, y, _: commands.append(("L", (x, y))))
    recorder.set_quadratic_to_func(lambda *a: commands.append(("Q", tuple(a[:4]))))
    recorder.set_cubic_to_func(lambda *a: commands.append(("C", tuple(a[:6]))))
    recorder.set_close_path_func(lambda _: commands.append(("Z", ())))
    loaded.draw_glyph(number, recorder, None)
    return tuple(commands)


def draws(font: Font, text: str) -> bool:
    """Return whether a font has outlines for a text. It has none for color emoji."""
    return not text.strip() or any(outline(font, glyph.number) for glyph in shape(font, text))


@lru_cache(maxsize=16)
def _loaded(font: Font) -> tuple[Any, Any]:
    """Return the module `uharfbuzz` and its font, scaled to `_UNITS` per em."""
    import uharfbuzz as hb

    loaded = hb.Font(hb.Face(hb.Blob.from_file_path(font.file)))
    loaded.scale = (_UNITS, _UNITS)
    return hb, loaded


def _shaped(font: Font, text: str) -> Any:
    """Return HarfBuzz's buffer with the shaped text."""
    hb, loaded = _loaded(font)
    buffer = hb.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    hb.shape(loaded, buffer, _FEATURES)
    return buffer
