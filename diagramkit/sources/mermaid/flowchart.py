"""Mermaid flowcharts, read by recursive descent into a `Graph`.

The grammar, as `flow.jison` has it; words in capitals are tokens (see `tokens`)::

    flowchart  = blank* ("graph" | "flowchart") [WAY (";" | NEWLINE)] line*
    line       = statement | ";" | NEWLINE | SPACE
    statement  = chain sep | styling sep | subgraph | DIRECTION | accessibility
    sep        = NEWLINE | ";" | EOF
    chain      = nodes (link nodes)*
    nodes      = node (SPACE "&" SPACE node)*
    node       = id [shape] [":::" id] ["@{" DATA "}"]
    link       = [LINK ID] (LINK ["|" text "|" [SPACE]] | HALF text LINK)
    subgraph   = "subgraph" SPACE title ["[" text "]"] sep line* "end"

Stylings (`style`, `classDef`, `class`, `linkStyle`, `click`) are read in `styling`. A statement
that cannot be read is reported and its line left behind, so that one run tells every mistake.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from types import ModuleType

from diagramkit.diagnostics import Diagnostic, DiagramError
from diagramkit.graph import Direction, Graph
from diagramkit.sources.mermaid import links, preamble, styling
from diagramkit.sources.mermaid.builder import Builder, LabelText, Open, RejectedError
from diagramkit.sources.mermaid.cursor import Cursor, UnexpectedError
from diagramkit.sources.mermaid.entities import decode
from diagramkit.sources.mermaid.letters import BLANKS
from diagramkit.sources.mermaid.shapes import BRACKETS, CLOSINGS
from diagramkit.sources.mermaid.source_text import Source
from diagramkit.sources.mermaid.styling import ID
from diagramkit.sources.mermaid.tokens import Token

_DIRECTIONS: dict[str, Direction] = {
    "TB": "TB",
    "TD": "TB",
    "BT": "BT",
    "LR": "LR",
    "RL": "RL",
    "BR": "TB",
    ">": "LR",
    "<": "RL",
    "^": "BT",
    "v": "TB",
}

_TEXT = frozenset({"TEXT", "<", ">", "LETTER"})
_DATA = frozenset({"DATA"})
TITLE = frozenset(
    {
        "NUMBER",
        "WORD",
        "SPACE",
        "-",
        "&",
        "LETTER",
        ":",
        "*",
        "#",
        "style",
        "linkStyle",
        "classDef",
        "class",
        "CLICK",
        "graph",
        "WAY",
        "subgraph",
        "end",
        "v",
        "^",
        "HALF",
    }
)
"""The words that a subgraph's title is made of, where it is not in quotes."""
_LATER_LINES = re.compile(r"\n\s+")
_SEPARATORS = ("NEWLINE", ";", "EOF")
_MAX_PROBLEMS = 50
_DEEPEST = 100


def read(source: Source, title: str | None) -> Graph:
    """Read the flowchart in `source`, which `preamble.clean` has been over; `title` is its title.

    Raises `DiagramError` with every mistake found, in the order of the text.
    """
    misspelt = preamble.require_flowchart(source)
    preamble.flowchart(source)
    return _FlowchartParser(source, title, misspelt).run()


def _mistakes() -> ModuleType:
    """What explains mistakes; most texts hold none."""
    from diagramkit.sources.mermaid import mistakes

    return mistakes


class _FlowchartParser:
    def __init__(self, source: Source, title: str | None, misspelt: Diagnostic | None) -> None:
        self.source = source
        self.cursor = Cursor(source.text)
        self.build = Builder(source)
        self.build.title = title
        self.problems: list[Diagnostic] = [misspelt] if misspelt else []

    def run(self) -> Graph:
        self._report(self._header)
        while self.cursor.now.kind != "EOF" and len(self.problems) < _MAX_PROBLEMS:
            self._report(self._line)
        if self.build.open:
            self.problems += _mistakes().unclosed(self.source, self.build.open)
        if self.problems:
            raise DiagramError(self.problems)
        return self.build.graph()

    def _report(self, read: Callable[[], None]) -> None:
        """Read something; on a mistake keep it, and go on in the line behind it."""
        start = self.cursor.now
        try:
            read()
        except UnexpectedError as error:
            found = _mistakes().explain(self.source, error)
        except RejectedError as error:
            found = _mistakes().rejected(self.source, start, error)
        else:
            return
        self.problems.append(found.problem)
        self.cursor.move(self.source.line_end(max(found.offset, start.start)))

    def _header(self) -> None:
        cursor = self.cursor
        while cursor.skip("SPACE", "NEWLINE"):
            pass
        graph = cursor.want("header", cursor.now, "graph")
        if cursor.skip("NO WAY"):
            return
        way = cursor.want("direction", graph, "WAY")
        self.build.direction = _DIRECTIONS[way.text.strip(BLANKS)]
        if cursor.skip("SPACE"):
            cursor.want("header end", way, "NEWLINE")
        else:
            cursor.want("header end", way, "NEWLINE", ";")

    def _line(self) -> None:
        cursor, kind = self.cursor, self.cursor.now.kind
        if kind in ("NEWLINE", "SPACE"):
            cursor.next()
        elif kind == ";":
            self.build.mention([cursor.next().text])
        elif kind in ID:
            self._chain()
        elif kind == "subgraph":
            self._subgraph()
        elif kind == "end":
            if not self.build.open:
                raise UnexpectedError("end", cursor.now, cursor.now)
            cursor.next()
            self.build.close_group()
        elif kind.startswith("DIRECTION"):
            self.build.set_direction(_DIRECTIONS[cursor.next().kind.split()[1]])
        elif kind in styling.STATEMENTS:
            styling.STATEMENTS[kind](cursor, self.build)
            self._end_of_statement("styling")
        else:
            self._accessibility()

    def _accessibility(self) -> None:
        """`accTitle: …`, `accDescr: …`, `accDescr { … }`; the texts count as mentioned."""
        cursor = self.cursor
        since = cursor.now
        if cursor.skip("accTitle"):
            text = cursor.want("statement", since, "ACC TITLE").text.strip(BLANKS)
            self.build.spoken = decode(text)
        elif cursor.skip("accDescr"):
            text = cursor.want("statement", since, "ACC DESCR").text.strip(BLANKS)
            self.build.description = decode(_LATER_LINES.sub("\n", text))
        else:
            text = cursor.want("statement", since, "ACC BLOCK").text.strip(BLANKS)
            self.build.description = decode(_LATER_LINES.sub("\n", text))
        self.build.mention([text])

    # Subgraphs

    def _subgraph(self) -> None:
        """The heading. What is wrong with it opens a subgraph all the same, for its `end`."""
        if len(self.build.open) >= _DEEPEST:
            raise RejectedError("too-deep", f"there are {_DEEPEST} subgraphs around this one; nest fewer")
        since = self.cursor.next()
        heading = Open(None, LabelText(""), since.start)
        try:
            heading = self._heading(since)
        finally:
            self.build.open.append(heading)

    def _heading(self, since: Token) -> Open:
        cursor = self.cursor
        cursor.want("subgraph", since, "SPACE")
        if cursor.now.kind in ("STRING", "MARKDOWN"):
            first = cursor.next()
            title = LabelText(first.text + cursor.run(TITLE), first.kind == "MARKDOWN")
        else:
            title = LabelText(cursor.run(TITLE))
        if not title.text:
            raise UnexpectedError("subgraph", cursor.now, since)
        name: str | None = title.text.strip(BLANKS)
        if bracket := cursor.skip("["):
            title = self._text("label", bracket)
            cursor.want("label", bracket, "]")
        elif any(char in BLANKS for char in title.text):
            name = None
        cursor.want("subgraph end", since, *_SEPARATORS)
        return Open(name, title, since.start)

    # Nodes and links

    def _chain(self) -> None:
        """Nodes, and links between lists of them; later nodes count as mentioned first."""
        tails = self._nodes()
        lists = [tails]
        while link := self._link():
            word, shape, label, name = link
            heads = self._nodes(word)
            at = word.end - len(word.text.lstrip(BLANKS))
            self.build.connect(tails, heads, shape, label, at, name)
            tails = heads
            lists.append(heads)
        self._end_of_statement("node end")
        self.build.mention(name for names in reversed(lists) for name in names)

    def _nodes(self, since: Token | None = None) -> list[str]:
        """`A & B@{ … } & C`, with the blanks behind the last."""
        cursor = self.cursor
        names = [self._node(since or cursor.now)]
        while True:
            if cursor.now.kind == "DATA":
                self._data(names[-1])
            space = cursor.skip("SPACE")
            if cursor.now.kind == "&" and space:
                amp = cursor.next()
                cursor.want("list", amp, "SPACE")
                names.append(self._node(amp))
                continue
            return names

    def _data(self, name: str) -> None:
        cursor = self.cursor
        opening = cursor.next()
        body = cursor.run(_DATA).replace("}@{", "")
        if self.source.text[cursor.end : cursor.end + 1] != "}":
            raise UnexpectedError("data", cursor.now, opening)
        self.build.data(name, opening.start, body)

    def _node(self, since: Token) -> str:
        cursor = self.cursor
        at = cursor.now
        name = cursor.run(ID)
        if not name:
            raise UnexpectedError("node", cursor.now, since)
        if cursor.now.kind in CLOSINGS:
            label, shape = self._label()
            self.build.vertex(name, at.start, label, shape)
        else:
            self.build.vertex(name, at.start)
        if colons := cursor.skip(":::"):
            style_class = cursor.run(ID)
            if not style_class:
                raise UnexpectedError("class of a node", cursor.now, colons)
            self.build.set_class(name, style_class)
        return name

    def _label(self) -> tuple[LabelText, str]:
        """Brackets with a text in them: the text, and the shape that they make."""
        cursor = self.cursor
        first = cursor.next()
        opening = first.kind
        twice = opening in ("(", "{") and cursor.skip(opening) is not None
        if opening == "[|":
            for kind in ("WORD", ":", "WORD", "|"):
                cursor.want("label", first, kind)
        text = self._text("label", first)
        closing = cursor.want("label", first, *CLOSINGS[opening]).kind
        if twice:
            cursor.want("label", first, closing)
            opening, closing = opening * 2, closing * 2
        return text, BRACKETS[opening, closing]

    def _text(self, place: str, since: Token) -> LabelText:
        """A label, up to what closes it; a quoted one comes first and may be followed by more."""
        cursor = self.cursor
        quoted = cursor.skip("STRING", "MARKDOWN")
        rest = cursor.run(_TEXT)
        if not quoted and not rest:
            raise UnexpectedError(place, cursor.now, since)
        if quoted:
            return LabelText(quoted.text + rest, quoted.kind == "MARKDOWN")
        return LabelText(rest)

    def _link(self) -> tuple[Token, links.Link, LabelText, str | None] | None:
        """A link with its text and id: the word of its own that stands for its place."""
        cursor = self.cursor
        named = cursor.skip("LINK ID")
        name = named.text[:-1] if named else None
        if whole := cursor.skip("LINK"):
            label = LabelText("")
            if bar := cursor.skip("|"):
                label = self._text("link label", bar)
                cursor.want("link label", bar, "|")
                cursor.skip("SPACE")
            return whole, links.read_whole(whole.text), label, name
        if half := cursor.skip("HALF"):
            label = self._text("link text", half)
            end = cursor.want("link text", half, "LINK")
            link = links.join(half.text, end.text)
            if link is None:
                self.build.warnings.append(_mistakes().mismatch(self.source, half, end))
            return half, link or links.MISMATCH, label, name
        if named:
            raise UnexpectedError("link id", cursor.now, named)
        return None

    def _end_of_statement(self, place: str) -> None:
        self.cursor.want(place, self.cursor.now, *_SEPARATORS)
