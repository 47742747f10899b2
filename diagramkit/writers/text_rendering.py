"""Sets lines of text in the picture's font and in fallback fonts: as one path, or as glyphs for the rasterizer."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from itertools import groupby

from msgspec import Struct, field

from diagramkit.drawing import Drawing, TextSpan
from diagramkit.style import installed_fonts, shaping
from diagramkit.style.font import Face
from diagramkit.style.shaping import Font
from diagramkit.writers.svg_paths import number


def all_text(drawing: Drawing) -> str:
    """Return the text of all lines of a drawing, without separators."""
    return "".join(line.text for line in drawing.texts())


def fallback_fonts(drawing: Drawing) -> dict[str, Font]:
    """Return the font of this machine for each character that the drawing's font lacks, if there is one."""
    return installed_fonts.fonts_for(drawing.face.missing(all_text(drawing)))


class TextRenderer(Struct, frozen=True):
    """Sets text in the font `face`.

    `fonts` are the fallback fonts of this machine, by character. Leave them out for output that is viewed on
    other machines.
    """

    face: Face
    fonts: Mapping[str, Font] = field(default_factory=dict)

    def path(self, text: TextSpan) -> str | None:
        """Return the outlines of a line as path data in points, or None if a character has none (color emoji)."""
        parts = self._parts(text)
        return None if parts is None else "".join(_part_path(*part, text) for part in parts)

    def glyphs(self, text: TextSpan) -> list[tuple[bytes, float, float]] | None:
        """Return the glyphs of the line, or None if a character has no outline (color emoji).

        Each glyph is its outline as path data, in thousandths of the font size with y pointing down, and its
        position x, y in points.
        """
        parts = self._parts(text)
        if parts is None:
            return None
        glyphs: list[tuple[bytes, float, float]] = []
        scale = text.size / 1000
        for font, part, start in parts:
            x = start
            for glyph in shaping.shape(font, part):
                if path := _glyph_path(font, glyph.number):
                    glyphs.append((path, x + glyph.dx * scale, text.baseline - glyph.dy * scale))
                x += glyph.advance * scale
        return glyphs

    def _parts(self, text: TextSpan) -> list[tuple[Font, str, float]] | None:
        """Split a line by font, and return each part with its font and the x of its start in points.

        Fallback fonts are centered in the width of their run, which is an estimate. Return None if a part has no
        outlines.
        """
        placed: list[tuple[Font, str, float]] = []
        for run in self.face.runs(text.text, text.size):
            parts: list[tuple[Font | None, str]] = [(self.face, run.text)]
            x, widths = text.box.x + run.x, [run.width]
            if run.fallback:
                parts = [(font, "".join(chars)) for font, chars in groupby(run.text, self.fonts.get)]
                widths = [shaping.advance(font, part) * text.size / 1000 if font else 0.0 for font, part in parts]
                x += (run.width - sum(widths)) / 2
            for (font, part), width in zip(parts, widths, strict=True):
                if font is None or not shaping.draws(font, part):
                    return None
                placed.append((font, part, x))
                x += width
        return placed


def _part_path(font: Font, part: str, x: float, text: TextSpan) -> str:
    """Return the outlines of a part of a line that starts at `x`, as path data in points."""
    data, place, scale = [], 0.0, text.size / 1000
    for glyph in shaping.shape(font, part):
        for letter, values in shaping.outline(font, glyph.number):
            coordinates = (
                text.baseline - (value + glyph.dy) * scale if i % 2 else x + (value + (place + glyph.dx)) * scale
                for i, value in enumerate(values)
            )
            data.append(letter + " ".join(map(number, coordinates)))
        place += glyph.advance
    return "".join(data)


@lru_cache(maxsize=4096)
def _glyph_path(font: Font, glyph: int) -> bytes:
    """Return the outline of a glyph as path data, in thousandths of the font size with y pointing down."""
    return "".join(
        letter + " ".join(number(-value if i % 2 else value) for i, value in enumerate(values))
        for letter, values in shaping.outline(font, glyph)
    ).encode("ascii")
