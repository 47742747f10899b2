"""The lines of a file that contain a Mermaid diagram, and changes of the file by positions in the diagram."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from typing import TypeAlias

from msgspec import Struct

from diagramkit.graph import Pattern
from diagramkit.sources import markdown, readers, yamltree
from diagramkit.sources.mermaid.source_text import Origin, Source
from diagramkit.sources.source_edits.edit_kinds import SourceEditError

Change: TypeAlias = tuple[int, int, str]
"""The text from an offset to another one becomes a new text."""

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r|\Z)")
_NO_FENCE = "the fence of this diagram no longer exists"


class MermaidRegion(Struct, frozen=True):
    """A diagram in a file.

    - `file_text`: the text of the file.
    - `text`: the diagram as it is in the file, without what precedes its lines there; with `\\n` as line ends.
    - `origin`: where it begins. `starts`: the offset in the file of the beginning of each of its lines.
    - `prefix`: what precedes its lines in the file: the indentation, or the `>` of a quote.
    """

    file_text: str
    text: str
    origin: Origin
    starts: tuple[int, ...]
    prefix: str
    line_end: str

    def source(self) -> Source:
        """Return the diagram for a parser."""
        return Source(self.text, self.origin)

    def with_changes(self, changes: Iterable[Change]) -> str:
        """Return the text of the file with changes, whose offsets are those of `text`."""
        line_starts = [0, *(match.end() for match in re.finditer("\n", self.text))]
        result = self.file_text
        for start, end, new in sorted(changes, reverse=True):
            escaped = html.escape(new, quote=False) if self.origin.is_html else new
            in_file = escaped.replace("\n", self.line_end + self.prefix)
            result = result[: self._offset(start, line_starts)] + in_file + result[self._offset(end, line_starts) :]
        return result

    def _offset(self, offset: int, line_starts: list[int]) -> int:
        line = max(number for number, start in enumerate(line_starts) if start <= offset)
        if line == len(self.starts):  # Behind the line end of the last line.
            return self.starts[-1] + offset - line_starts[line - 1]
        return self.starts[line] + offset - line_starts[line]


def find(text: str, path: str, pattern: Pattern) -> MermaidRegion:
    """Return the diagram of a pattern in the text of its file. Raises `SourceEditError` if it has no lines there."""
    name = readers.reader_of(path).name
    if name == readers.MERMAID.name:
        return _region(text, Origin(path), _count(text))
    normalized = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if name == readers.MARKDOWN.name:
        for fence in markdown.fences(normalized):
            if (fence.line, fence.column) == (pattern.span.line, pattern.span.column):
                origin = Origin(path, fence.line, fence.column, is_html=fence.is_html)
                region = _region(text, origin, _count(fence.text))
                if region.text.rstrip() != fence.text.rstrip():
                    raise SourceEditError("its Mermaid is not in lines of its own")
                return region
        raise SourceEditError(_NO_FENCE)
    diagram = yamltree.parse(normalized, path)[0].items().get("diagram")
    if diagram is None or not diagram.block:
        raise SourceEditError("its Mermaid is not in lines of its own below 'diagram: |'")
    return _region(text, Origin(path, diagram.span.line + 1, diagram.indent + 1), _count(diagram.text()))


def _count(text: str) -> int:
    """Return the number of lines of a text."""
    return len(re.findall(r"\r\n|\n|\r", text.rstrip("\r\n"))) + 1


def _region(text: str, origin: Origin, count: int) -> MermaidRegion:
    bom = len(text) - len(text.removeprefix("\ufeff"))
    lines = [match for match in _LINE.finditer(text, bom) if match.group() or match.start() == bom]
    selected = lines[origin.line - 1 : origin.line - 1 + count]
    if not selected:
        raise SourceEditError(_NO_FENCE)
    column = origin.column - 1
    bodies = [match.group().rstrip("\r\n") for match in selected]
    prefix = next((body[:column] for body in bodies if body[column:].strip()), " " * column)
    starts = tuple(match.start() + min(column, len(body)) for match, body in zip(selected, bodies, strict=True))
    own_lines = "\n".join(body[column:] for body in bodies)
    last = selected[-1].group()
    line_end = "\r\n" if "\r\n" in text else "\n"
    return MermaidRegion(text, own_lines + "\n" * (last != bodies[-1]), origin, starts, prefix, line_end)
