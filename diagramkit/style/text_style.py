"""How a part of a line of text looks, apart from the line's size and color."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct


class TextStyle(Struct, frozen=True):
    """What text looks like compared with the line that it is in.

    Its size is that of the line, or `size` points, times `scale`. `rise` is how far its baseline is above the line's,
    as a factor of the line's size. `color` is #RRGGBB, #RRGGBBAA or `none`, or None for the color of the line.
    """

    bold: bool = False
    italic: bool = False
    underline: bool = False
    strikethrough: bool = False
    monospace: bool = False
    size: float | None = None
    scale: float = 1.0
    rise: float = 0.0
    color: str | None = None

    def points(self, line_size: float) -> float:
        """Return the size of the text in points, in a line of this size."""
        return (line_size if self.size is None else self.size) * self.scale


PLAIN = TextStyle()


class StyledText(Struct, frozen=True):
    """A part of a line of text with one style."""

    text: str
    style: TextStyle = PLAIN


StyledLine = tuple[StyledText, ...]
"""A line of text as parts that follow each other. It is empty if there is no text."""


def text_of(line: Iterable[StyledText]) -> str:
    """Return the text of a line."""
    return "".join(part.text for part in line)


def part_of(line: StyledLine, start: int, end: int) -> StyledLine:
    """Return the characters of a line from the index `start` up to `end`."""
    parts, offset = [], 0
    for part in line:
        text = part.text[max(start - offset, 0) : max(end - offset, 0)]
        if text:
            parts.append(StyledText(text, part.style))
        offset += len(part.text)
    return tuple(parts)


def is_plain(line: Iterable[StyledText]) -> bool:
    """Return whether no part of a line has a style."""
    return all(part.style == PLAIN for part in line)
