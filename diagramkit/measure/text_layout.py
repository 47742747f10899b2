"""Turn lines of text into measured blocks, and wrap them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from diagramkit.style.font import Face
from diagramkit.style.text_style import StyledLine, StyledText, is_plain, part_of, text_of

# Where a word that is too long for a line may be broken: after / - _ . , : @ and before a capital letter.
_BREAK_OPPORTUNITY = re.compile(r"(?<=[/\-_.,:@])(?=\w)|(?<=[a-z0-9])(?=[A-Z])")


class Line(Struct, frozen=True):
    """One line of text with its size and width in points; details are `muted`.

    The size is that of the largest part. `parts` is empty if no part has a style; otherwise the sizes of the parts are
    factors of the line's.
    """

    text: str
    size: float
    width: float
    muted: bool = False
    parts: StyledLine = ()


class TextBlock(Struct, frozen=True):
    """Lines below each other. Whoever draws them decides about the alignment."""

    lines: tuple[Line, ...]
    width: float
    height: float


EMPTY = TextBlock((), 0.0, 0.0)


def without_emoji(line: StyledLine) -> StyledLine:
    """Return a line without the emoji or symbols at its start, or unchanged if nothing else is left.

    They stand for an icon, so they are not needed next to one.
    """
    text = text_of(line)
    start = 0
    while start < len(text) and (
        unicodedata.category(text[start]) in ("So", "Cs", "Sk", "Cn", "Mn") or text[start] in "\ufe0f\u200d "
    ):
        start += 1
    return part_of(line, start, len(text)) if 0 < start < len(text) else line


def text_block(
    face: Face, lines: list[tuple[StyledLine, float, bool]], max_width: float, line_height: float
) -> TextBlock:
    """Wrap and measure lines. Each of `lines` is a text, its size in points, and whether it is muted."""
    block_lines = tuple(
        _measured(face, piece, size, muted)
        for line, size, muted in lines
        for piece in wrap(face, face.without_missing_monospace(line), size, max_width)
    )
    return TextBlock(
        block_lines,
        max((line.width for line in block_lines), default=0.0),
        sum(line.size * line_height for line in block_lines),
    )


def label_block(
    face: Face, lines: tuple[StyledLine, ...], sizes: tuple[float, float], max_width: float, line_height: float
) -> TextBlock:
    """Return a node's label: the first line is its name, the following lines are details, which are muted.

    `sizes` are those of the name and of the details.
    """
    if not lines:
        return EMPTY
    name_size, detail_size = sizes
    block_lines = [(line, detail_size if number else name_size, number > 0) for number, line in enumerate(lines)]
    return text_block(face, block_lines, max_width, line_height)


def _measured(face: Face, line: StyledLine, size: float, muted: bool) -> Line:
    """Return a line that is wrapped already; `size` is that of its text without a style."""
    text = text_of(line)
    if is_plain(line):
        return Line(text, size, face.width(text, size), muted)
    largest = max(part.style.points(size) for part in line)
    parts = tuple(
        StyledText(
            part.text,
            replace(
                part.style,
                size=None,
                scale=part.style.points(size) / largest,
                rise=part.style.rise * (size if part.style.size is None else part.style.size) / largest,
            ),
        )
        for part in line
    )
    return Line(text, largest, face.line_width(parts, largest), muted, parts)


class _Wrapper(Struct, frozen=True):
    """Breaks one line. Positions are indexes of its text."""

    face: Face
    line: StyledLine
    size: float
    text: str

    def width(self, start: int, end: int) -> float:
        """Return the width of a part in points."""
        if len(self.line) == 1 and is_plain(self.line):
            return self.face.width(self.text[start:end], self.size)
        return self.face.line_width(part_of(self.line, start, end), self.size)

    def fill(self, pieces: list[tuple[int, int]], max_width: float) -> list[tuple[int, int]]:
        """Fill lines greedily with pieces."""
        lines: list[tuple[int, int]] = []
        for start, end in pieces:
            if lines and self.width(lines[-1][0], end) <= max_width:
                lines[-1] = lines[-1][0], end
            else:
                lines.append((start, end))
        return lines

    def pieces(self, max_width: float) -> Iterator[tuple[int, int]]:
        """Yield the parts that may be on separate lines."""
        for word in re.finditer("[^ ]+", self.text):
            if self.width(*word.span()) <= max_width:
                yield word.span()
                continue
            breaks = [match.start() for match in _BREAK_OPPORTUNITY.finditer(word[0])]
            for start, end in zip([0, *breaks], [*breaks, len(word[0])], strict=True):
                yield from self._fragments(word.start() + start, word.start() + end, max_width)

    def _fragments(self, start: int, end: int, max_width: float) -> Iterator[tuple[int, int]]:
        """Yield a part split between letters if necessary, for words without other places to break (Japanese)."""
        first = start
        if self.width(start, end) > max_width:
            for index in range(start + 1, end):
                if self.width(first, index + 1) > max_width:
                    yield first, index
                    first = index
        yield first, end


def longest_word(face: Face, line: StyledLine, size: float) -> float:
    """Return the width in points of the widest word of a line."""
    wrapper = _Wrapper(face, line, size, text_of(line))
    return max((wrapper.width(*word.span()) for word in re.finditer("[^ ]+", wrapper.text)), default=0.0)


def wrap(face: Face, line: StyledLine, size: float, max_width: float) -> list[StyledLine]:
    """Return a line in lines no wider than `max_width` points, broken at spaces, or inside words if necessary.

    The lines are balanced: as narrow as possible without more lines.
    """
    wrapper = _Wrapper(face, line, size, text_of(line))
    if wrapper.width(0, len(wrapper.text)) <= max_width:
        return [line]
    pieces = list(wrapper.pieces(max_width))
    lines = wrapper.fill(pieces, max_width)
    min_width, current_width = max(wrapper.width(*piece) for piece in pieces), max_width
    for _ in range(8):
        width = (min_width + current_width) / 2
        candidate = wrapper.fill(pieces, width)
        if len(candidate) <= len(lines):
            lines, current_width = candidate, width
        else:
            min_width = width
    return [part_of(line, start, end) for start, end in lines]
