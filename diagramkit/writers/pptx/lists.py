"""Fits titles and lists into boxes on slides, by estimates of the space that they take."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from diagramkit.drawing import Box
from diagramkit.writers.pptx.deck import TextList

MIN_SIZE = 12.0
"""The least size of titles and lists, in points."""
_MAX_SIZE = 16.0
_CHARACTER_WIDTH = 0.52  # The average, as a factor of the text size.
_LINE_HEIGHT = 1.2
_HEADING_LINES = 1.9  # The lines that a heading takes with the space around it.
_ITEM_GAP = 0.35  # Above an item, in lines.
_INDENT = 1.2  # Of the items of a list, as a factor of the text size: room for a bullet, or a number of one digit.
_DIGIT_WIDTH = 0.55  # Of a bold digit, as a factor of the text size.


def fit_size(text: str, width: float, height: float, largest: float) -> float:
    """Return the largest size, in whole points up to `largest` and from `MIN_SIZE`, at which a text fits a box."""
    size = largest
    while size > MIN_SIZE and not _fits(text, width, height, size):
        size -= 1
    return size


def indent(entry: TextList, size: float) -> float:
    """Return the indent of the items of a list in points: their longest number fits before it, in bold type, too."""
    digits = max((len(str(number)) for number in entry.numbers), default=1)
    return size * (_INDENT + _DIGIT_WIDTH * (digits - 1))


def list_size(lists: Sequence[TextList], area: Box) -> float:
    """Return the largest size at which lists fit an area, or the least if they do not."""
    size = _MAX_SIZE
    while size > MIN_SIZE and _height(lists, area.w, size) > area.h:
        size -= 0.5
    return size


def pages(lists: Sequence[TextList], area: Box) -> Iterator[tuple[TextList, ...]]:
    """Yield the lists in parts that fit an area in the least size. Each part has at least one item."""
    page: list[TextList] = []
    for entry in lists:
        for number, item in enumerate(entry.items):
            part = TextList(entry.heading, (item,), entry.numbers[number : number + 1])
            extended = _with_part(page, part)
            if page and _height(extended, area.w, MIN_SIZE) > area.h:
                yield tuple(page)
                page = [part]
            else:
                page = extended
    if page:
        yield tuple(page)


def _with_part(page: Sequence[TextList], part: TextList) -> list[TextList]:
    """Return lists with one more item, in the last list if it has the same heading."""
    if page and page[-1].heading == part.heading:
        last = page[-1]
        return [*page[:-1], TextList(last.heading, (*last.items, *part.items), (*last.numbers, *part.numbers))]
    return [*page, part]


def _fits(text: str, width: float, height: float, size: float) -> bool:
    longest = max(map(len, text.split()), default=0)
    lines = -(-len(text) * size * _CHARACTER_WIDTH // width)
    return longest * size * _CHARACTER_WIDTH <= width and lines * size * _LINE_HEIGHT <= height


def _height(lists: Sequence[TextList], width: float, size: float) -> float:
    """Return the approximate height of lists in points, at a text size and in a column of `width`."""
    lines = 0.0
    for entry in lists:
        characters = max((width - indent(entry, size)) / (size * _CHARACTER_WIDTH), 1)
        lines += _HEADING_LINES + sum(_ITEM_GAP + -(-len(item) // characters) for item in entry.items)
    return lines * size * _LINE_HEIGHT
