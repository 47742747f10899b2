"""Sets lines of text in the picture's font and in fallback fonts: as paths, or as glyphs for the rasterizer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import groupby

from msgspec import Struct, field

from diagramkit.drawing import Box, Drawing, TextSpan
from diagramkit.style import installed_fonts, shaping
from diagramkit.style.font import Face, Run
from diagramkit.style.shaping import Font
from diagramkit.writers.svg_paths import number, rectangle

_LINE_THICKNESS = 0.06  # Of the lines under and through text, as a factor of its size.
_UNDERLINE, _STRIKETHROUGH = 0.09, -0.27  # From the baseline down to the top of these lines, likewise.


def texts_by_face(drawing: Drawing) -> dict[Face, str]:
    """Return the text of a drawing in its font, in bold, italic and monospaced letters, as far as there is any."""
    texts = {drawing.face: ""}
    for line in drawing.texts():
        for part in line.styled_parts:
            face = drawing.face.styled(part.style)
            texts[face] = texts.get(face, "") + part.text
    return texts


def missing_text(drawing: Drawing) -> str:
    """Return the printable characters of a drawing that its fonts lack, each once."""
    return "".join(dict.fromkeys(char for face, text in texts_by_face(drawing).items() for char in face.missing(text)))


def fallback_fonts(drawing: Drawing) -> dict[str, Font]:
    """Return the font of this machine for each character that the drawing's fonts lack, if there is one."""
    return installed_fonts.fonts_for(missing_text(drawing))


def color_of(line: TextSpan, run: Run) -> str:
    """Return the color of a run of a line."""
    return line.color if run.style.color is None or line.color == "none" else run.style.color


def baseline_of(line: TextSpan, run: Run) -> float:
    """Return the y of the baseline of a run of a line."""
    return line.baseline - run.style.rise * line.size


def decorations(line: TextSpan, run: Run) -> Iterator[Box]:
    """Yield the lines under and through a run of a line of text, as boxes."""
    size, baseline = run.style.points(line.size), baseline_of(line, run)
    for is_drawn, offset in ((run.style.underline, _UNDERLINE), (run.style.strikethrough, _STRIKETHROUGH)):
        if is_drawn:
            yield Box(line.box.x + run.x, baseline + offset * size, run.width, _LINE_THICKNESS * size)


class _PlacedText(Struct, frozen=True):
    """A text in one font: its start and its baseline, its size in points and its color."""

    font: Font
    text: str
    x: float
    baseline: float
    size: float
    color: str


class GlyphRow(Struct, frozen=True):
    """Glyphs of the same size and color.

    Each glyph is its outline as path data, in thousandths of the font size with y pointing down, and its position x, y
    in points.
    """

    size: float
    color: str
    glyphs: list[tuple[bytes, float, float]]


class TextRenderer(Struct, frozen=True):
    """Sets text in the font `face`.

    `fonts` are the fallback fonts of this machine, by character. Leave them out for output that is viewed on
    other machines.
    """

    face: Face
    fonts: Mapping[str, Font] = field(default_factory=dict)

    def runs(self, line: TextSpan) -> tuple[Run, ...]:
        """Return the runs of a line."""
        return self.face.runs(line.styled_parts, line.size)

    def paths(self, line: TextSpan) -> list[tuple[str, str]] | None:
        """Return the outlines of a line as path data in points, each with its color.

        Return None if a character has no outline (color emoji).
        """
        placed = self._placed(line)
        if placed is None:
            return None
        outlines = [(_path(part), part.color) for part in placed]
        outlines += [(rectangle(box), color_of(line, run)) for run in self.runs(line) for box in decorations(line, run)]
        colored = groupby(outlines, key=lambda outline: outline[1])
        return [("".join(path for path, _ in group), color) for color, group in colored]

    def glyphs(self, line: TextSpan) -> list[GlyphRow] | None:
        """Return the glyphs of a line, or None if a character has no outline (color emoji).

        Characters of no font are empty boxes: the glyph that every font has for characters it lacks.
        """
        placed = self._placed(line, self.face)
        if placed is None:
            return None
        rows = []
        for (size, color), parts in groupby(placed, key=lambda part: (part.size, part.color)):
            glyphs: list[tuple[bytes, float, float]] = []
            scale = size / 1000
            for part in parts:
                x = part.x
                for glyph in shaping.shape(part.font, part.text):
                    if path := _glyph_path(part.font, glyph.number):
                        glyphs.append((path, x + glyph.dx * scale, part.baseline - glyph.dy * scale))
                    x += glyph.advance * scale
            rows.append(GlyphRow(size, color, glyphs))
        return rows

    def _placed(self, line: TextSpan, substitute: Font | None = None) -> list[_PlacedText] | None:
        """Split a line by font, and return each part with its position; `substitute` is for characters of no font.

        Fallback fonts are centered in the width of their run, which is an estimate. Return None if a part has no
        outlines.
        """
        placed: list[_PlacedText] = []
        for run in self.runs(line):
            size = run.style.points(line.size)
            parts: list[tuple[Font | None, str]] = [(self.face.styled(run.style), run.text)]
            x, widths = line.box.x + run.x, [run.width]
            if run.fallback:
                fonts = groupby(run.text, lambda char: self.fonts.get(char, substitute))
                parts = [(font, "".join(chars)) for font, chars in fonts]
                widths = [shaping.advance(font, part) * size / 1000 if font else 0.0 for font, part in parts]
                x += (run.width - sum(widths)) / 2
            for (font, part), width in zip(parts, widths, strict=True):
                if font is None or not shaping.draws(font, part):
                    return None
                placed.append(_PlacedText(font, part, x, baseline_of(line, run), size, color_of(line, run)))
                x += width
        return placed


def _path(part: _PlacedText) -> str:
    """Return the outlines of a text as path data in points."""
    data, place, scale = [], 0.0, part.size / 1000
    for glyph in shaping.shape(part.font, part.text):
        for letter, values in shaping.outline(part.font, glyph.number):
            coordinates = (
                part.baseline - (value + glyph.dy) * scale if i % 2 else part.x + (value + (place + glyph.dx)) * scale
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
