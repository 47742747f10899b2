"""Label text into measured lines: parted, wrapped, stripped of what an icon says better."""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache

from msgspec import Struct

from diagramkit.style.font import Face

_BREAK = re.compile(r"<br\s*/?>|\\n|\n", re.I)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_FONT_AWESOME = re.compile(r"\bfa[bklrs]?:fa-[\w-]+\s*")
_MARKDOWN = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")
_MARKS = re.compile(r"(?<!\w)(\*\*|__|\*|_)(?=\S)(.+?)(?<=\S)\1(?!\w)")
# Where a word too long for its line may break: behind / - _ . , and before a capital.
_SOFT = re.compile(r"(?<=[/\-_.,:@])(?=\w)|(?<=[a-z0-9])(?=[A-Z])")


class Line(Struct, frozen=True):
    """One line of text: its size and width in points; `muted` for details."""

    text: str
    size: float
    width: float
    muted: bool = False


class TextBlock(Struct, frozen=True):
    """Lines one below the other, centred or not by whoever draws them."""

    lines: tuple[Line, ...]
    width: float
    height: float


EMPTY = TextBlock((), 0.0, 0.0)


@lru_cache(maxsize=4096)
def plain_lines(label: str) -> tuple[str, ...]:
    """A label's lines as plain text: HTML and Markdown marks gone, entities decoded."""
    found = []
    for part in _BREAK.split(label):
        text = _FONT_AWESOME.sub("", _TAG.sub("", part))
        text = _MARKDOWN.sub(r"\2", html.unescape(text))
        text = " ".join("".join(char for char in text if char.isprintable() or char == " ").split())
        if text:
            found.append(text)
    return tuple(found)


def without_markdown(label: str, markdown: bool) -> str:
    """A label without Markdown's marks for bold and italics, where it is a Markdown string."""
    return _MARKS.sub(r"\2", label) if markdown else label


def plain_text(label: str, markdown: bool = False) -> str:
    """A label as plain text, its lines parted by newlines."""
    return "\n".join(plain_lines(without_markdown(label, markdown)))


def without_emoji(text: str) -> str:
    """The text without the emoji or signs it starts with; unchanged where nothing else is left.

    They stand for an icon, and the carried font has none of them."""
    rest = text
    while rest and (unicodedata.category(rest[0]) in ("So", "Cs", "Sk", "Cn", "Mn") or rest[0] in "\ufe0f\u200d "):
        rest = rest[1:]
    return rest or text


def text_block(face: Face, lines: list[tuple[str, float, bool]], max_width: float, line_height: float) -> TextBlock:
    """Wrap and measure. Each of `lines` is a text, its size in points, and whether it is muted."""
    made = tuple(
        Line(piece, size, face.width(piece, size), muted)
        for text, size, muted in lines
        for piece in wrap(face, text, size, max_width)
    )
    return TextBlock(
        made,
        max((line.width for line in made), default=0.0),
        sum(line.size * line_height for line in made),
    )


def label_block(
    face: Face,
    text: str,
    name_size: float,
    detail_size: float,
    max_width: float,
    line_height: float,
) -> TextBlock:
    """A node's label: the first line is its name, those below are details, smaller and muted."""
    found = plain_lines(text)
    if not found:
        return EMPTY
    lines = [(without_emoji(found[0]), name_size, False)]
    lines += [(without_emoji(part), detail_size, True) for part in found[1:]]
    return text_block(face, lines, max_width, line_height)


def wrap(face: Face, text: str, size: float, max_width: float) -> list[str]:
    """The text in lines no wider than `max_width`, broken at blanks, else inside words.

    Lines are evened out: the same number of lines, as narrow as that number allows.
    """
    if face.width(text, size) <= max_width:
        return [text]
    pieces = _pieces(face, text, size, max_width)
    lines = _fill(face, pieces, size, max_width)
    low, high = max(face.width(piece, size) for piece, _ in pieces), max_width
    for _ in range(8):
        middle = (low + high) / 2
        tried = _fill(face, pieces, size, middle)
        if len(tried) <= len(lines):
            lines, high = tried, middle
        else:
            low = middle
    return lines


def _fill(face: Face, pieces: list[tuple[str, str]], size: float, max_width: float) -> list[str]:
    lines = [""]
    for piece, glue in pieces:
        joined = lines[-1] + glue + piece if lines[-1] else piece
        if lines[-1] and face.width(joined, size) > max_width:
            lines.append(piece)
        else:
            lines[-1] = joined
    return lines


def _pieces(face: Face, text: str, size: float, max_width: float) -> list[tuple[str, str]]:
    """What may stand in a line of its own, each with what joins it to the piece before."""
    pieces: list[tuple[str, str]] = []
    for word in text.split(" "):
        glue = " "
        whole = [word] if face.width(word, size) <= max_width else _SOFT.split(word)
        for part in whole:
            for bit in _cut(face, part, size, max_width):
                pieces.append((bit, glue))
                glue = ""
    return pieces


def _cut(face: Face, text: str, size: float, max_width: float) -> list[str]:
    """A piece cut between letters where nothing else helps (long hashes, Japanese)."""
    if face.width(text, size) <= max_width:
        return [text]
    bits = [""]
    for char in text:
        if bits[-1] and face.width(bits[-1] + char, size) > max_width:
            bits.append("")
        bits[-1] += char
    return bits
