"""Lines of text in SVG: as text in the picture's font, with other families where it lacks a
character, or as outlines."""

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
from diagramkit.writers.gradients import Gradients
from diagramkit.writers.svg_paths import number

Outlines = Literal["none", "foreign", "all"]


class TextRenderer(Struct, frozen=True):
    """How text is written. `fonts` are the machine's, by character, where it is for this machine;
    `outlines`: which lines are drawn as paths."""

    face: Face
    fonts: Mapping[str, SystemFont] = field(default_factory=dict)
    outlines: Outlines = "none"

    def line(self, text: TextSpan, paints: Gradients) -> str:
        """One line of text."""
        runs = self.face.runs(text.text, text.size)
        foreign = any(run.foreign for run in runs)
        wanted = self.outlines == "all" or (self.outlines == "foreign" and foreign)
        if wanted and (path := self._path(text)) is not None:
            return f'<path d="{path}"{paints(fill=text.color)}/>'
        head = (
            f'<text x="{number(text.box.x)}" y="{number(text.baseline)}" '
            f'font-size="{number(text.size)}"{paints(fill=text.color)}>'
        )
        if not foreign:
            return f"{head}{escape_text(text.text)}</text>"
        return head + "".join(self._span(text, run) for run in runs) + "</text>"

    def _span(self, text: TextSpan, run: Run) -> str:
        """A run at its own place; a foreign one, whose width is a guess, in the middle of it."""
        if not run.foreign:
            return f'<tspan x="{number(text.box.x + run.x)}">{escape_text(run.text)}</tspan>'
        middle = number(text.box.x + run.x + run.width / 2)
        families = self._families(run.text)
        return f'<tspan x="{middle}" text-anchor="middle" font-family="{families}">{escape_text(run.text)}</tspan>'

    def _families(self, run: str) -> str:
        own = dict.fromkeys(self.fonts[char].family for char in run if char in self.fonts)
        names = [*own] or [*system.FAMILIES]
        return ",".join([*(f"'{name}'" for name in names), "sans-serif"])

    def _path(self, text: TextSpan) -> str | None:
        """The line's outlines; None where a character has none (an emoji in colour)."""
        data = []
        for run in self.face.runs(text.text, text.size):
            x = text.box.x + run.x
            files = (
                [(file, "".join(chars)) for file, chars in groupby(run.text, self._file_of)]
                if run.foreign
                else [(self.face.file, run.text)]
            )
            widths = [_advance(file, part) * text.size / 1000 if file else 0.0 for file, part in files]
            x += (run.width - sum(widths)) / 2 if run.foreign else 0.0
            for (file, part), width in zip(files, widths, strict=True):
                outline = _outline(file, part) if file else None
                if outline is None:
                    return None
                data += [_placed(commands, x, text.baseline, text.size) for commands in outline]
                x += width
        return "".join(data)

    def _file_of(self, char: str) -> str:
        found = self.fonts.get(char)
        return found.file if found else ""

    def glyphs(self, text: TextSpan) -> list[tuple[bytes, float, float]] | None:
        """The line's glyphs: each one's outline as path data in thousandths of the size, y down, and
        where it stands, in points; None where a character has no outline (an emoji in colour)."""
        found: list[tuple[bytes, float, float]] = []
        for run in self.face.runs(text.text, text.size):
            parts = (
                [(file, "".join(chars)) for file, chars in groupby(run.text, self._file_of)]
                if run.foreign
                else [(self.face.file, run.text)]
            )
            if not all(file and _outline(file, part) is not None for file, part in parts):
                return None
            scale = text.size / 1000
            width = sum(_advance(file, part) for file, part in parts) * scale
            x = text.box.x + run.x + ((run.width - width) / 2 if run.foreign else 0.0)
            for file, part in parts:
                for glyph, dx, dy, advance in _shaped(file, part):
                    if path := _glyph_path(file, glyph):
                        found.append((path, x + dx * scale, text.baseline - dy * scale))
                    x += advance * scale
        return found


class NoText(TextRenderer, frozen=True):
    """No text at all."""

    def line(self, text: TextSpan, paints: Gradients) -> str:
        """Nothing."""
        del text, paints
        return ""


_Command = tuple[str, tuple[float, ...]]


def _placed(command: _Command, x: float, baseline: float, size: float) -> str:
    letter, values = command
    scale = size / 1000
    return letter + " ".join(
        number(x + value * scale if at % 2 == 0 else baseline - value * scale) for at, value in enumerate(values)
    )


@lru_cache(maxsize=8)
def _font(file: str) -> Any:
    import uharfbuzz as hb

    font = hb.Font(hb.Face(hb.Blob.from_file_path(file)))
    font.scale = (1000, 1000)
    return font


@lru_cache(maxsize=1024)
def _shaped(file: str, text: str) -> tuple[tuple[int, float, float, float], ...]:
    """The glyphs of a text: number, offsets and advance, in thousandths of the size."""
    import uharfbuzz as hb

    buffer = hb.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    hb.shape(_font(file), buffer, {"kern": True, "liga": False, "clig": False})
    return tuple(
        (info.codepoint, float(at.x_offset), float(at.y_offset), float(at.x_advance))
        for info, at in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True)
    )


def _advance(file: str, text: str) -> float:
    return sum(advance for _, _, _, advance in _shaped(file, text))


@lru_cache(maxsize=1024)
def _outline(file: str, text: str) -> tuple[_Command, ...] | None:
    """A text's outlines as path commands in thousandths of the size, y up; None where a glyph
    that should show has none."""
    commands: list[_Command] = []
    x = 0.0
    for glyph, dx, dy, advance in _shaped(file, text):
        drawn = _glyph(file, glyph)
        commands += [
            (letter, tuple(v + (dy if at % 2 else x + dx) for at, v in enumerate(values))) for letter, values in drawn
        ]
        x += advance
    if not commands and text.strip():
        return None
    return tuple(commands)


@lru_cache(maxsize=4096)
def _glyph_path(file: str, glyph: int) -> bytes:
    """A glyph's outline as path data in thousandths of the size, y down."""
    return "".join(
        letter + " ".join(number(-v if at % 2 else v) for at, v in enumerate(values))
        for letter, values in _glyph(file, glyph)
    ).encode("ascii")


@lru_cache(maxsize=4096)
def _glyph(file: str, glyph: int) -> tuple[_Command, ...]:
    import uharfbuzz as hb

    found: list[_Command] = []
    pen = hb.DrawFuncs()
    pen.set_move_to_func(lambda x, y, _: found.append(("M", (x, y))))
    pen.set_line_to_func(lambda x, y, _: found.append(("L", (x, y))))
    pen.set_quadratic_to_func(lambda *a: found.append(("Q", tuple(a[:4]))))
    pen.set_cubic_to_func(lambda *a: found.append(("C", tuple(a[:6]))))
    pen.set_close_path_func(lambda _: found.append(("Z", ())))
    _font(file).draw_glyph(glyph, pen, None)
    return tuple(found)
