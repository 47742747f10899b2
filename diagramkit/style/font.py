"""The face of a picture, which is the bundled font or a font file of the user: measured, and embedded as a subset.

All text is measured with this font and drawn with it, so that a picture is the same on every machine,
whatever fonts are installed there.
"""

from __future__ import annotations

import hashlib
import io
import struct
import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from diagramkit import cache as disk
from diagramkit import data, files
from diagramkit.style import shaping
from diagramkit.style.text_style import PLAIN, StyledLine, StyledText, TextStyle
from diagramkit.versions import version

# The characters in every subset of the bundled font: Latin with accents, and common punctuation. With a fixed
# base set, most pictures share one cached subset.
_BASE_CHARACTERS = frozenset(
    [
        *range(0x20, 0x7F),
        *range(0xA0, 0x180),
        *(0x2013, 0x2014, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2026, 0x2190, 0x2192, 0x20AC),
    ]
)
_FAMILY = "Source Sans Pro"
_MONOSPACE_FAMILY, _MONOSPACE_VERSION = "Source Code Pro", "2.42.0"
# Variation selectors, the zero-width joiner and non-joiner: they modify their neighbors and have no width.
_JOINERS = "\ufe0f\ufe0e\u200d\u200c"

FontFormat: TypeAlias = Literal["woff2", "ttf"]
"""The format of an embedded font: WOFF2 for SVG, TTF for resvg."""


class Run(Struct, frozen=True):
    """A part of a line with one style that is either in the font throughout, or needs a `fallback` font throughout.

    `x` is its offset from the start of the line, and `width` its width, in points.
    """

    text: str
    fallback: bool
    x: float
    width: float
    style: TextStyle = PLAIN


class Face(shaping.Font, frozen=True):
    """The font of a picture; `bold` and `italic` tell which letters of its family it has.

    `monospace` says that it is the bundled font for code.
    """

    bold: bool = False
    italic: bool = False
    monospace: bool = False

    @property
    def is_bundled(self) -> bool:
        """Whether this is the bundled font, which has bold and italic letters. A font of the user has one style."""
        return self.version.partition("-")[0] == _bundled_version()

    def styled(self, style: TextStyle) -> Face:
        """Return the font for bold, italic or monospaced text, or the font itself if it has no such letters."""
        if style.monospace:
            return _monospace(style.bold, style.italic)
        return _variant(style.bold, style.italic) if (style.bold or style.italic) and self.is_bundled else self

    def without_missing_monospace(self, line: StyledLine) -> StyledLine:
        """Return a line in which the characters that the font for code lacks are not monospaced."""
        if not any(part.style.monospace for part in line):
            return line
        parts: list[StyledText] = []
        for part in line:
            style = part.style
            pieces = _split(self.styled(style), part.text) if style.monospace else ((part.text, False),)
            parts += [StyledText(text, replace(style, monospace=False) if lacks else style) for text, lacks in pieces]
        return tuple(parts)

    def width(self, text: str, size: float) -> float:
        """Return the width of one line in points.

        The width of characters that the font lacks is estimated from their script.
        """
        return _units(self, text) * size / 1000

    def has(self, char: str) -> bool:
        """Return whether the font has a character."""
        return ord(char) in shaping.characters(self.file, self.version)

    def covers(self, text: str) -> bool:
        """Return whether a line needs no fallback font."""
        return not any(fallback for _, fallback in _split(self, text))

    def missing(self, text: str) -> str:
        """Return the printable characters of `text` that the font lacks, each once, in order."""
        lacking = (char for char in dict.fromkeys(text) if not self.has(char))
        return "".join(char for char in lacking if char.isprintable() and char not in _JOINERS)

    def line_width(self, parts: Iterable[StyledText], size: float) -> float:
        """Return the width in points of a line whose text has `size` points where no style changes that."""
        return sum(self.styled(part.style).width(part.text, part.style.points(size)) for part in parts)

    def runs(self, parts: Iterable[StyledText], size: float) -> tuple[Run, ...]:
        """Split the parts of a line into runs that the font has and runs that need a fallback font.

        A space between two fallback runs joins them.
        """
        runs: list[Run] = []
        x = 0.0
        for part in parts:
            face, points = self.styled(part.style), part.style.points(size)
            for text, fallback in _split(face, part.text):
                width = _units(face, text) * points / 1000
                runs.append(Run(text, fallback, x, width, part.style))
                x += width
        return tuple(runs)

    def subset(self, text: str, file_format: FontFormat) -> bytes:
        """Return the font reduced to the base characters and those of `text`; the result is cached on disk."""
        has_base = self.version == _bundled_version()
        known = {ord(char) for char in set(text) if self.has(char)}
        return _subset(self, tuple(sorted(known - _BASE_CHARACTERS if has_base else known | {0x20})), file_format)


@cache
def bundled() -> Face:
    """Return the font that is installed with diagramkit."""
    return Face(_FAMILY, str(_bundled_file("Regular")), _bundled_version())


@cache
def _variant(bold: bool, italic: bool) -> Face:
    """Return the bundled font with bold or italic letters."""
    name = {(True, False): "Bold", (False, True): "It", (True, True): "BoldIt"}[bold, italic]
    return Face(_FAMILY, str(_bundled_file(name)), f"{_bundled_version()}-{name}", bold, italic)


@cache
def _monospace(bold: bool, italic: bool) -> Face:
    """Return the bundled font for code."""
    name = f"{'Bold' * bold}{'It' * italic}" or "Regular"
    file = data.folder("style") / "fonts" / f"SourceCodePro-{name}.ttf"
    return Face(_MONOSPACE_FAMILY, str(file), f"code-{_MONOSPACE_VERSION}-{name}", bold, italic, True)


def from_file(path: str) -> Face:
    """Return the font in a file of the user. Raises `ValueError` if the file is not a font."""
    from fontTools.ttLib import TTFont, TTLibError

    content = files.content(path)
    try:
        with TTFont(io.BytesIO(content), fontNumber=0, lazy=True) as font:
            family = font["name"].getBestFamilyName()
            font.getBestCmap()
    except (TTLibError, KeyError, AttributeError, struct.error, AssertionError):
        raise ValueError("not a valid TrueType or OpenType font") from None
    # The name goes into CSS and XML, so it is reduced to characters that need no escaping.
    name = "".join(char for char in str(family) if char.isalnum() or char in " -")
    return Face(name or "Own", str(path), hashlib.sha256(content).hexdigest()[:16])


@cache
def _bundled_version() -> str:
    return version("font-source-sans-pro") or ""


@lru_cache(maxsize=65536)
def _split(face: Face, text: str) -> tuple[tuple[str, bool], ...]:
    """Split text into parts, each with whether it needs a fallback font."""
    parts: list[tuple[str, bool]] = []
    for char in text:
        joined = unicodedata.combining(char) or char in _JOINERS
        fallback = parts[-1][1] if joined and parts else not face.has(char)
        if parts and parts[-1][1] == fallback:
            parts[-1] = (parts[-1][0] + char, fallback)
        else:
            parts.append((char, fallback))
    index = 1
    while index + 1 < len(parts):
        # A space belongs to the fallback runs around it, because right-to-left text must be shaped as one run.
        if parts[index][0] == " " and parts[index - 1][1] and parts[index + 1][1]:
            parts[index - 1 : index + 2] = [(parts[index - 1][0] + " " + parts[index + 1][0], True)]
        else:
            index += 1
    return tuple(parts)


@lru_cache(maxsize=32)
def _subset(face: Face, extra: tuple[int, ...], file_format: FontFormat) -> bytes:
    codes = "-".join(f"{code:x}" for code in extra)
    if len(codes) > 120:
        codes = hashlib.sha256(codes.encode()).hexdigest()[:24]
    key = "-".join(["font2", face.version, version("fonttools") or "", version("brotli") or "", codes])
    return disk.get_or_create(f"{key}.{file_format}", lambda: _build_subset(face, extra, file_format))


def _build_subset(face: Face, extra: tuple[int, ...], file_format: FontFormat) -> bytes:
    from fontTools import subset as subsetting

    options = subsetting.Options()
    options.flavor = None if file_format == "ttf" else file_format
    options.layout_features = ["kern", "mark", "mkmk"]
    options.hinting = False
    options.name_IDs = [0, 1, 2, 4, 6]
    options.notdef_outline = True
    options.recalc_timestamp = False
    buffer = io.BytesIO()
    options.font_number = 0
    base = _BASE_CHARACTERS if face.version == _bundled_version() else ()
    with subsetting.load_font(face.file, options) as font:
        subsetter = subsetting.Subsetter(options)
        subsetter.populate(unicodes=[*base, *extra])
        subsetter.subset(font)
        subsetting.save_font(font, buffer, options)
    return buffer.getvalue()


@lru_cache(maxsize=65536)
def _units(face: Face, text: str) -> float:
    """Return the width in thousandths of the font size: shaped where the font has the text, else estimated."""
    return sum(
        sum(map(_estimated_width, part)) if fallback else shaping.advance(face, part)
        for part, fallback in _split(face, text)
    )


def _estimated_width(char: str) -> float:
    """Return the typical width of a character: wide for East Asian scripts and emoji, narrow for Arabic."""
    if unicodedata.combining(char) or char in _JOINERS or unicodedata.category(char) == "Mn":
        return 0
    if ord(char) >= 0x1F000 or unicodedata.category(char) == "So":
        return 1300
    if unicodedata.east_asian_width(char) in "WF":
        return 1000
    return next((width for low, high, width in _SCRIPTS if low <= ord(char) <= high), 600)


# The first and last code point of some scripts, and the average width of their letters in Noto Sans in
# thousandths of the font size, rounded up.
_SCRIPTS = ((0x20, 0x20, 260), (0x590, 0x5FF, 590), (0x600, 0x6FF, 560), (0x900, 0xDFF, 680), (0xE00, 0xEFF, 600))


@cache
def _bundled_file(style: str) -> Path:
    spec = find_spec("font_source_sans_pro")
    if spec is None or spec.origin is None:
        raise RuntimeError("the package font-source-sans-pro is not installed")
    return Path(spec.origin).parent / "files" / f"SourceSansPro-{style}.ttf"
