"""Mermaid flowcharts, read by recursive descent into a `Graph`.

The grammar, as `flow.jison` has it, statement by statement::

    flowchart  = ("graph" | "flowchart") [direction] line*
    line       = statement (newline | ";")
    statement  = chain | subgraph | "direction" way | style | class | click | accessibility
    chain      = nodes (link nodes)*
    nodes      = node ("&" node)*
    node       = id [shape] [":::" class]
    link       = [id "@"] arrow ["|" text "|"] | half text half
    subgraph   = "subgraph" [id] [title] line* "end"

A statement that cannot be read is reported and skipped, so that one run tells every mistake.
"""

from __future__ import annotations

import re

from diagramkit.graph import Direction, Graph
from diagramkit.problems import DiagramError, Problem, fail
from diagramkit.sources.mermaid import links, preamble
from diagramkit.sources.mermaid.builder import Builder
from diagramkit.sources.mermaid.labels import plain_label
from diagramkit.sources.mermaid.nodes import NodeReader
from diagramkit.sources.mermaid.text import Origin, Source

_DIRECTIONS: dict[str, Direction] = {
    "TB": "TB", "TD": "TB", "BT": "BT", "LR": "LR", "RL": "RL",
    ">": "LR", "<": "RL", "^": "BT", "v": "TB",
}  # fmt: skip

_WAY = re.compile(r"[^\S\n]*(?P<way>(?:TB|TD|BT|LR|RL|v)(?![\w-])|[<>^])")
_BLANK = re.compile(r"[\s;]+")
_SPACE = re.compile(r"[^\S\n]*")
_DIRECTION_LINE = re.compile(r"[^\n]*?\bdirection\s+(?P<way>TB|TD|BT|LR|RL)\b[^\n]*")
_SUBGRAPH = re.compile(r"subgraph(?![\w-])")
_END = re.compile(r"end(?=[\s;]|\Z)")
_STYLING = re.compile(r"(?P<word>classDef|linkStyle|style|class|click)[^\S\n]+(?P<rest>[^\n;]*)")
_ACC_TITLE = re.compile(r"accTitle[^\S\n]*:[^\S\n]*(?P<text>[^\n]*)")
_ACC_DESCR = re.compile(r"accDescr[^\S\n]*:[^\S\n]*(?P<text>[^\n]*)")
_ACC_BLOCK = re.compile(r"accDescr[^\S\n]*\{(?P<text>[^}]*)\}")
_PIPE = re.compile(r"\s*\|(?P<text>\"[^\"]*\"|[^|]*)\|")
_AMP = re.compile(r"\s+&\s+")
_EDGE_ID = re.compile(r"\s+(?P<id>[^\s\"@]+)@(?=[xo<]?[-=~.])")
_WRONG_ARROW = re.compile(r"\s*(?P<arrow><?[-=]>|<--|<==)")


def parse(text: str, origin: Origin) -> Graph:
    """Read the flowchart in `text`, which stands at `origin` in its file.

    Raises `DiagramError` with every mistake found, in the order of the text.
    """
    return _Parser(Source(text, origin)).run()


class _Parser:
    def __init__(self, source: Source) -> None:
        self.source = source
        before = preamble.strip(source)
        self.text = before.body
        self.pos = preamble.require_flowchart(source, self.text)
        self.build = Builder(source, before.title)
        self.nodes = NodeReader(source, self.text, self.build)
        self.problems: list[Problem] = []

    def run(self) -> Graph:
        self._header()
        while True:
            self._skip(_BLANK)
            if self.pos >= len(self.text):
                break
            start = self.pos
            try:
                self._statement()
                self._end_of_statement()
            except DiagramError as error:
                self.problems += error.problems
                self._recover(start)
        self.problems += self.build.unclosed()
        if self.problems:
            raise DiagramError(self.problems)
        return self.build.graph()

    def _header(self) -> None:
        """The direction, and nothing else in its line."""
        match = self._take(_WAY)
        if match:
            self.build.direction = _DIRECTIONS[match["way"]]
        self._skip(_SPACE)
        if self.pos < len(self.text) and self.text[self.pos] not in "\n;":
            rest = self.source.line_at(self.pos)
            word = self.text[self.pos :].split(maxsplit=1)[0]
            if match or re.search(r"[-=.]", rest[len("graph") :]):
                what = f"'{word}' stands in the line of 'graph'; put it in a line of its own"
            else:
                what = f"'{word}' is not a direction; write TB, BT, LR or RL"
            self.problems.append(Problem("mermaid-syntax", what, self.source.span(self.pos)))
            self._recover(self.pos)

    def _statement(self) -> None:
        if match := self._take(_DIRECTION_LINE):
            self.build.set_direction(_DIRECTIONS[match["way"]])
        elif match := self._take(_SUBGRAPH):
            self._subgraph(match.start())
        elif match := self._take(_END):
            self.build.close_group(match.start())
            self._skip(_BLANK)
        elif match := self._take(_STYLING):
            self.build.styling(match["word"], match["rest"], match.start(), match.start("rest"))
        elif match := self._take(_ACC_TITLE):
            self.build.title = match["text"].strip()
        elif match := self._take(_ACC_BLOCK) or self._take(_ACC_DESCR):
            self.build.description = " ".join(match["text"].split())
        else:
            self._chain()

    def _subgraph(self, start: int) -> None:
        self._skip(_SPACE)
        heading = self.nodes.heading(self.pos)
        if heading is None:
            raise fail(
                "mermaid-syntax",
                "a subgraph needs a title; write 'subgraph Name'",
                self.source.span(start),
            )
        self.pos = heading.end
        self.build.open_group(heading.id, heading.title, start)

    def _chain(self) -> None:
        tails = self._node_list()
        while link := self._link():
            shape, label, at, edge_id = link
            if self.pos >= len(self.text) or not self.text[self.pos :].strip():
                raise fail(
                    "mermaid-syntax",
                    "this link leads nowhere; write the node it goes to behind it",
                    self.source.span(at),
                )
            heads = self._node_list()
            self.build.connect(tails, heads, shape, label, at, edge_id)
            tails = heads

    def _node_list(self) -> list[str]:
        ids = [self._node()]
        while match := self._take(_AMP):
            ids.append(self._node())
            del match
        return ids

    def _node(self) -> str:
        node_id, self.pos = self.nodes.read(self.pos)
        return node_id

    def _link(self) -> tuple[links.Link, str, int, str | None] | None:
        edge_id = None
        if match := self._take(_EDGE_ID):
            edge_id = match["id"]
        match = self._take(links.WHOLE)
        if match:
            at = match.end() - len(match.group().lstrip())
            label = self._pipe_label()
            self._skip_space()
            return links.read_whole(match.group()), label, at, edge_id
        match = self._take(links.OPENING)
        if match:
            link, label = self._label_between(match["text"], match.end(), match.start("text"))
            self._skip_space()
            return link, label, match.start("text"), edge_id
        return None

    def _pipe_label(self) -> str:
        match = self._take(_PIPE)
        return plain_label(match["text"]) if match else ""

    def _label_between(self, opening: str, start: int, at: int) -> tuple[links.Link, str]:
        """The text between two halves of a link; the second half is looked for in its line."""
        closing = links.CLOSINGS[links.opening_stroke(opening)]
        quoted = re.compile(r'"[^"]*"\s*').match(self.text, start)
        found = closing.search(self.text, quoted.end() if quoted else start)
        if found is None or "\n" in self.text[start : found.start()].strip():
            raise self._wrong_arrow(at) or fail(
                "mermaid-syntax",
                f"the link '{opening}' has no end; write '{opening} text {opening}>' "
                f"or '{opening}>|text|'",
                self.source.span(at),
            )
        link = links.join(opening, found.group())
        if link is None:
            raise fail(
                "mermaid-syntax",
                f"the halves '{opening}' and '{found.group()}' of this link do not match",
                self.source.span(at),
            )
        self.pos = found.end()
        return link, plain_label(self.text[start : found.start()].strip())

    def _end_of_statement(self) -> None:
        self._skip(_SPACE)
        if self.pos >= len(self.text) or self.text[self.pos] in "\n;":
            return
        if self.build.just_closed:
            return
        raise self._wrong_arrow(self.pos) or self._unexpected()

    def _wrong_arrow(self, at: int) -> DiagramError | None:
        match = _WRONG_ARROW.match(self.text, at)
        if not match:
            return None
        arrow = match["arrow"]
        right = {"->": "-->", "=>": "==>", "<->": "<-->", "<=>": "<==>"}.get(arrow)
        advice = (
            f"write '{right}'"
            if right
            else "an arrow points forward in Mermaid; swap its ends and write '-->'"
        )
        return fail(
            "mermaid-arrow",
            f"'{arrow}' is not a link in Mermaid; {advice}",
            self.source.span(match.start("arrow")),
        )

    def _unexpected(self) -> DiagramError:
        found = self.text[self.pos]
        advice = "write one statement in a line, or put a link such as '-->' between nodes"
        if found in "()[]{}|\"'“”":
            advice = 'put the label in quotes: A["text (and more)"]'
        elif self.text.startswith("%%", self.pos):
            advice = "a comment stands in a line of its own"
        return fail(
            "mermaid-syntax",
            f"'{found}' cannot stand here; {advice}",
            self.source.span(self.pos),
        )

    def _recover(self, start: int) -> None:
        """Go on behind the line in which reading stopped."""
        end = self.text.find("\n", max(self.pos, start))
        self.pos = len(self.text) if end < 0 else end + 1

    def _take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        match = pattern.match(self.text, self.pos)
        if match:
            self.pos = match.end()
        return match

    def _skip(self, pattern: re.Pattern[str]) -> None:
        self._take(pattern)

    def _skip_space(self) -> None:
        self._skip(re.compile(r"\s*"))
