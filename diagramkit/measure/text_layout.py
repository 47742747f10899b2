"""Turn label text into measured lines: split at line breaks and wrapped."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from msgspec import Struct

from diagramkit.style.font import Face

_LINE_BREAK = re.compile(r"<br\s*/?>|\\n|\n", re.I)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_FONT_AWESOME = re.compile(r"\bfa[bklrs]?:fa-[\w-]+\s*")
_BOLD = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")
_EMPHASIS = re.compile(r"(?<!\w)(\*\*|__|\*|_)(?=\S)(.+?)(?<=\S)\1(?!\w)")
# Where a word that is too long for a line may be broken: after / - _ . , : @ and before a capital letter.
_BREAK_OPPORTUNITY = re.compile(r"(?<=[/\-_.,:@])(?=\w)|(?<=[a-z0-9])(?=[A-Z])")


class Line(Struct, frozen=True):
    """One line of text with its size and width in points; details are `muted`."""

    text: str
    size: float
    width: float
    muted: bool = False


class TextBlock(Struct, frozen=True):
    """Lines below each other. Whoever draws them decides about the alignment."""

    lines: tuple[Line, ...]
    width: float
    height: float


EMPTY = TextBlock((), 0.0, 0.0)


@lru_cache(maxsize=4096)
def plain_lines(label: str) -> tuple[str, ...]:
    """Return a label's lines as plain text: without HTML and Markdown markup, and with entities decoded."""
    lines = []
    for source in _LINE_BREAK.split(label):
        text = _FONT_AWESOME.sub("", _TAG.sub("", source))
        text = _BOLD.sub(r"\2", html.unescape(text))
        text = " ".join("".join(char for char in text if char.isprintable() or char == " ").split())
        if text:
            lines.append(text)
    return tuple(lines)


def without_markdown(label: str, markdown: bool) -> str:
    """Return a label without Markdown's marks for bold and italics, if it is a Markdown string."""
    return _EMPHASIS.sub(r"\2", label) if markdown else label


def plain_text(label: str, markdown: bool = False) -> str:
    """Return a label as plain text with newlines between its lines."""
    return "\n".join(plain_lines(without_markdown(label, markdown)))


def without_emoji(text: str) -> str:
    """Return the text without the emoji or symbols at its start, or unchanged if nothing else is left.

    They stand for an icon, so they are not needed next to one.
    """
    remaining = text
    while remaining and (
        unicodedata.category(remaining[0]) in ("So", "Cs", "Sk", "Cn", "Mn") or remaining[0] in "\ufe0f\u200d "
    ):
        remaining = remaining[1:]
    return remaining or text


def text_block(face: Face, lines: list[tuple[str, float, bool]], max_width: float, line_height: float) -> TextBlock:
    """Wrap and measure lines. Each of `lines` is a text, its size in points, and whether it is muted."""
    block_lines = tuple(
        Line(piece, size, face.width(piece, size), muted)
        for text, size, muted in lines
        for piece in wrap(face, text, size, max_width)
    )
    return TextBlock(
        block_lines,
        max((line.width for line in block_lines), default=0.0),
        sum(line.size * line_height for line in block_lines),
    )


def label_block(
    face: Face,
    lines: Sequence[str],
    name_size: float,
    detail_size: float,
    max_width: float,
    line_height: float,
) -> TextBlock:
    """Return a node's label: the first of its lines is its name, the others are details, smaller and muted."""
    sized = [(text, detail_size if number else name_size, number > 0) for number, text in enumerate(lines)]
    return text_block(face, sized, max_width, line_height) if sized else EMPTY


def wrap(face: Face, text: str, size: float, max_width: float) -> list[str]:
    """Return the text in lines no wider than `max_width` points, broken at spaces, or inside words if necessary.

    The lines are balanced: as narrow as possible without more lines.
    """
    if face.width(text, size) <= max_width:
        return [text]
    pieces = _split_pieces(face, text, size, max_width)
    lines = _fill_lines(face, pieces, size, max_width)
    min_width, current_width = max(face.width(piece, size) for piece, _ in pieces), max_width
    for _ in range(8):
        width = (min_width + current_width) / 2
        candidate = _fill_lines(face, pieces, size, width)
        if len(candidate) <= len(lines):
            lines, current_width = candidate, width
        else:
            min_width = width
    return lines


def _fill_lines(face: Face, pieces: list[tuple[str, str]], size: float, max_width: float) -> list[str]:
    """Fill lines greedily with pieces."""
    lines = [""]
    for piece, glue in pieces:
        joined = lines[-1] + glue + piece if lines[-1] else piece
        if lines[-1] and face.width(joined, size) > max_width:
            lines.append(piece)
        else:
            lines[-1] = joined
    return lines


def _split_pieces(face: Face, text: str, size: float, max_width: float) -> list[tuple[str, str]]:
    """Return the parts that may be on separate lines, each with what joins it to the previous one."""
    pieces: list[tuple[str, str]] = []
    for word in text.split(" "):
        glue = " "
        parts = [word] if face.width(word, size) <= max_width else _BREAK_OPPORTUNITY.split(word)
        for part in parts:
            for fragment in _split_letters(face, part, size, max_width):
                pieces.append((fragment, glue))
                glue = ""
    return pieces


def _split_letters(face: Face, text: str, size: float, max_width: float) -> list[str]:
    """Return a text split between letters, for words without other places to break (long hashes, Japanese)."""
    if face.width(text, size) <= max_width:
        return [text]
    fragments = [""]
    for char in text:
        if fragments[-1] and face.width(fragments[-1] + char, size) > max_width:
            fragments.append("")
        fragments[-1] += char
    return fragments
