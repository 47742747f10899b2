"""Writes lines of text for SVG, as text elements or as outlines, and returns their glyphs for the rasterizer.

Characters that the drawing's font lacks are set in a fallback font.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from itertools import groupby
from typing import Any, Literal

from msgspec import Struct, field

from diagramkit.drawing import TextSpan
from diagramkit.markup import escape_text
from diagramkit.style import system
from diagramkit.style.font import Face, Run
from diagramkit.style.system import SystemFont
from diagramkit.writers.color_attributes import ColorAttributes
from diagramkit.writers.svg_paths import number

Outlines = Literal["none", "fallback", "all"]
"""Which lines are written as outlines: none, those that need a fallback font, or all."""


class TextRenderer(Struct, frozen=True):
    """Writes text in the font `face`.

    `fonts` are the fallback fonts of this machine, by character. Leave them out for output that is viewed on
    other machines.
    """

    face: Face
    fonts: Mapping[str, SystemFont] = field(default_factory=dict)
    outlines: Outlines = "none"

    def line(self, text: TextSpan, colors: ColorAttributes) -> str:
        """Return the SVG element of one line of text."""
        runs = self.face.runs(text.text, text.size)
        needs_fallback = any(run.fallback for run in runs)
        as_outlines = self.outlines == "all" or (self.outlines == "fallback" and needs_fallback)
        if as_outlines and (path := self._path(text)) is not None:
            return f'<path d="{path}"{colors(fill=text.color)}/>'
        start_tag = (
            f'<text x="{number(text.box.x)}" y="{number(text.baseline)}" '
            f'font-size="{number(text.size)}"{colors(fill=text.color)}>'
        )
        if not needs_fallback:
            return f"{start_tag}{escape_text(text.text)}</text>"
        return start_tag + "".join(self._span(text, run) for run in runs) + "</text>"

    def _span(self, text: TextSpan, run: Run) -> str:
        """Return a run at its position; a fallback run is centered, because its width is an estimate."""
        if not run.fallback:
            return f'<tspan x="{number(text.box.x + run.x)}">{escape_text(run.text)}</tspan>'
        middle = number(text.box.x + run.x + run.width / 2)
        families = self._families(run.text)
        return f'<tspan x="{middle}" text-anchor="middle" font-family="{families}">{escape_text(run.text)}</tspan>'

    def _families(self, run: str) -> str:
        """Return the value of `font-family` for a fallback run."""
        installed = dict.fromkeys(self.fonts[char].family for char in run if char in self.fonts)
        names = [*installed] or [*system.FAMILIES]
        return ",".join([*(f"'{name}'" for name in names), "sans-serif"])

    def _parts(self, run: Run) -> list[tuple[str, str]]:
        """Split a run by the font file that has its characters; the file is empty if no font has them."""
        if not run.fallback:
            return [(self.face.file, run.text)]
        return [(file, "".join(chars)) for file, chars in groupby(run.text, self._file_of)]

    def _path(self, text: TextSpan) -> str | None:
        """Return the outlines of the line as path data, or None if a character has none (color emoji)."""
        data = []
        for run in self.face.runs(text.text, text.size):
            x = text.box.x + run.x
            parts = self._parts(run)
            widths = [_advance(file, part) * text.size / 1000 if file else 0.0 for file, part in parts]
            x += (run.width - sum(widths)) / 2 if run.fallback else 0.0
            for (file, part), width in zip(parts, widths, strict=True):
                outline = _outline(file, part) if file else None
                if outline is None:
                    return None
                data += [_command_data(command, x, text.baseline, text.size) for command in outline]
                x += width
        return "".join(data)

    def _file_of(self, char: str) -> str:
        font = self.fonts.get(char)
        return font.file if font else ""

    def glyphs(self, text: TextSpan) -> list[tuple[bytes, float, float]] | None:
        """Return the glyphs of the line, or None if a character has no outline (color emoji).

        Each glyph is its outline as path data, in thousandths of the font size with y pointing down, and its
        position x, y in points.
        """
        glyphs: list[tuple[bytes, float, float]] = []
        for run in self.face.runs(text.text, text.size):
            parts = self._parts(run)
            if not all(file and _outline(file, part) is not None for file, part in parts):
                return None
            scale = text.size / 1000
            width = sum(_advance(file, part) for file, part in parts) * scale
            x = text.box.x + run.x + ((run.width - width) / 2 if run.fallback else 0.0)
            for file, part in parts:
                for glyph, dx, dy, advance in _shaped(file, part):
                    if path := _glyph_path(file, glyph):
                        glyphs.append((path, x + dx * scale, text.baseline - dy * scale))
                    x += advance * scale
        return glyphs


class NoText(TextRenderer, frozen=True):
    """Writes no text."""

    def line(self, text: TextSpan, colors: ColorAttributes) -> str:
        """Return an empty string."""
        del text, colors
        return ""


_Command = tuple[str, tuple[float, ...]]
"""A command of SVG path data: its letter, and its coordinates x, y, x, y ..."""


def _command_data(command: _Command, x: float, baseline: float, size: float) -> str:
    """Return a command of an outline as path data, in points at the position of its text."""
    letter, values = command
    scale = size / 1000
    return letter + " ".join(
        number(x + value * scale if i % 2 == 0 else baseline - value * scale) for i, value in enumerate(values)
    )


@lru_cache(maxsize=8)
def _font(file: str) -> Any:
    import uharfbuzz as hb

    font = hb.Font(hb.Face(hb.Blob.from_file_path(file)))
    font.scale = (1000, 1000)
    return font


@lru_cache(maxsize=1024)
def _shaped(file: str, text: str) -> tuple[tuple[int, float, float, float], ...]:
    """Return the glyphs of a text: id, x offset, y offset and advance, in thousandths of the font size."""
    import uharfbuzz as hb

    buffer = hb.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    hb.shape(_font(file), buffer, {"kern": True, "liga": False, "clig": False})
    return tuple(
        (info.codepoint, float(position.x_offset), float(position.y_offset), float(position.x_advance))
        for info, position in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True)
    )


def _advance(file: str, text: str) -> float:
    return sum(advance for _, _, _, advance in _shaped(file, text))


@lru_cache(maxsize=1024)
def _outline(file: str, text: str) -> tuple[_Command, ...] | None:
    """Return the outlines of a text, in thousandths of the font size with y pointing up.

    Return None if a visible text has no outlines.
    """
    commands: list[_Command] = []
    x = 0.0
    for glyph, dx, dy, advance in _shaped(file, text):
        commands += [
            (letter, tuple(v + (dy if i % 2 else x + dx) for i, v in enumerate(values)))
            for letter, values in _glyph(file, glyph)
        ]
        x += advance
    if not commands and text.strip():
        return None
    return tuple(commands)


@lru_cache(maxsize=4096)
def _glyph_path(file: str, glyph: int) -> bytes:
    """Return the outline of a glyph as path data, in thousandths of the font size with y pointing down."""
    return "".join(
        letter + " ".join(number(-v if i % 2 else v) for i, v in enumerate(values))
        for letter, values in _glyph(file, glyph)
    ).encode("ascii")


@lru_cache(maxsize=4096)
def _glyph(file: str, glyph: int) -> tuple[_Command, ...]:
    """Return the outline of a glyph, in thousandths of the font size with y pointing up."""
    import uharfbuzz as hb

    commands: list[_Command] = []
    pen = hb.DrawFuncs()
    pen.set_move_to_func(lambda x, y, _: commands.append(("M", (x, y))))
    pen.set_line_to_func(lambda x, y, _: commands.append(("L", (x, y))))
    pen.set_quadratic_to_func(lambda *a: commands.append(("Q", tuple(a[:4]))))
    pen.set_cubic_to_func(lambda *a: commands.append(("C", tuple(a[:6]))))
    pen.set_close_path_func(lambda _: commands.append(("Z", ())))
    _font(file).draw_glyph(glyph, pen, None)
    return tuple(commands)
