"""The statements of a flowchart with their places in its text, for edits."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct, field

from diagramkit.diagnostics import Diagnostic
from diagramkit.sources.mermaid import links, preamble
from diagramkit.sources.mermaid.builder import LabelText
from diagramkit.sources.mermaid.entities import decode
from diagramkit.sources.mermaid.flowchart import FlowchartParser
from diagramkit.sources.mermaid.source_text import Source
from diagramkit.sources.mermaid.tokens import Token

_REFERRING = re.compile(r"(?P<keyword>style|class|click|linkStyle)(?P<space>\s+)(?P<names>\S+)")


class Mention(Struct):
    """A node in a statement: its id, and the places of the id and of everything about it (label, class, `@{ }`)."""

    name: str
    start: int
    id_end: int
    end: int


class FlowchartStatement(Struct):
    """A statement and its place.

    - `kind`: `chain` for nodes with edges between them, `subgraph`, `end`, or the keyword of another statement.
    - `lists`, `links`: the nodes of a chain, and the places of the links between them.
    - `names`: the ids that `style`, `class` or `click` names, and the numbers of `linkStyle`, with their place.
    - `opening`: for an `end`, the index of its `subgraph`.
    """

    kind: str
    start: int
    end: int
    lists: list[list[Mention]] = field(default_factory=list)
    links: list[tuple[int, int]] = field(default_factory=list)
    names: tuple[str, ...] = ()
    names_place: tuple[int, int] = (0, 0)
    opening: int | None = None

    def mentions(self) -> Iterator[Mention]:
        """Yield the nodes of a chain."""
        for names in self.lists:
            yield from names


def read(source: Source) -> list[FlowchartStatement]:
    """Return the statements of a valid flowchart. Offsets are those of its text as it is in the file."""
    preamble.clean(source)
    keyword_error = preamble.require_flowchart(source)
    preamble.prepare_flowchart(source)
    recorder = _Recorder(source, keyword_error)
    recorder.run()
    return [_in_original(statement, source) for statement in recorder.statements]


class _Recorder(FlowchartParser):
    """A parser that records the places of what it reads, in the edited text."""

    def __init__(self, source: Source, keyword_error: tuple[Diagnostic, int | None] | None) -> None:
        super().__init__(source, None, keyword_error)
        self.statements: list[FlowchartStatement] = []
        self._open: list[int] = []
        self._end = -1

    def _line(self) -> None:
        kind, start = self.cursor.token.kind, self.cursor.token.visible_start
        self._end = -1
        count = len(self.statements)
        self.statements.append(FlowchartStatement(kind, start, start))
        super()._line()
        statement = self.statements[count]
        if kind in ("NEWLINE", "SPACE", ";"):
            self.statements.pop()
            return
        statement.end = self._end if self._end >= 0 else self.cursor.end
        if statement.lists:
            statement.kind = "chain"
        elif kind == "subgraph":
            self._open.append(count)
        elif kind == "end":
            statement.opening = self._open.pop()

    def _end_of_statement(self, construct: str) -> None:
        self._end = self._cursor_end()
        super()._end_of_statement(construct)

    def _nodes(self, start: Token | None = None) -> list[str]:
        self.statements[-1].lists.append([])
        return super()._nodes(start)

    def _node(self, start: Token) -> str:
        first = self.cursor.token.start
        name = super()._node(start)
        self.statements[-1].lists[-1].append(Mention(name, first, first + len(name), self.cursor.end))
        return name

    def _metadata(self, name: str) -> None:
        super()._metadata(name)
        self.statements[-1].lists[-1][-1].end = self._cursor_end()

    def _cursor_end(self) -> int:
        """Return where what was read ends; the brace at the end of `@{ }` is no token."""
        end = self.cursor.end
        return end + (self.source.text[end : end + 1] == "}")

    def _link(self) -> tuple[Token, links.Link, LabelText, str | None] | None:
        start = self.cursor.token.start
        result = super()._link()
        if result:
            self.statements[-1].links.append((start, self.cursor.end))
        return result


def _in_original(statement: FlowchartStatement, source: Source) -> FlowchartStatement:
    """Return a statement with offsets of the original text, without white space at the ends of its parts."""

    def place(start: int, end: int) -> tuple[int, int]:
        text = source.text[start:end]
        start += len(text) - len(text.lstrip())
        end -= len(text) - len(text.rstrip())
        return source.original_offset(start), source.original_offset(max(end, start))

    lists: list[list[Mention]] = []
    for mentions in statement.lists:
        lists.append([])
        for each in mentions:
            start, end = place(each.start, each.end)
            _, id_end = place(each.start, each.id_end)
            lists[-1].append(Mention(decode(each.name), start, id_end, end))
    start, end = place(statement.start, statement.end)
    names: tuple[str, ...] = ()
    names_place = (0, 0)
    if match := _REFERRING.match(source.original, start):
        is_list = match["keyword"] != "style"
        names = tuple(match["names"].split(",")) if is_list else (match["names"],)
        names_place = match.span("names")
    return FlowchartStatement(
        statement.kind,
        start,
        end,
        lists,
        [place(first, last) for first, last in statement.links],
        names,
        names_place,
        statement.opening,
    )
