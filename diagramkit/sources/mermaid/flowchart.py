"""The parser of Mermaid flowcharts: recursive descent from tokens to a `Graph`.

The grammar, from `flow.jison`; words in capitals are token kinds (see `tokens`)::

    flowchart  = space* ("graph" | "flowchart") [DIRECTION (";" | NEWLINE)] line*
    line       = statement | ";" | NEWLINE | SPACE
    statement  = chain sep | styling sep | subgraph | DIRECTION_STATEMENT | accessibility
    sep        = NEWLINE | ";" | EOF
    chain      = nodes (link nodes)*
    nodes      = node (SPACE "&" SPACE node)*
    node       = id [shape] [":::" id] ["@{" DATA "}"]
    link       = [LINK_ID] (LINK ["|" text "|" [SPACE]] | LINK_START text LINK)
    subgraph   = "subgraph" SPACE title ["[" text "]"] sep line* "end"

`styling` parses the styling statements (`style`, `classDef`, `class`, `linkStyle`, `click`). One run reports all
mistakes: after one whose end is certain, the parser continues there, otherwise at the next line.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from types import ModuleType

from diagramkit.diagnostics import Diagnostic, DiagramError
from diagramkit.graph import Direction, Graph
from diagramkit.sources.mermaid import links, preamble, styling, swallowed
from diagramkit.sources.mermaid.brackets import BRACKETS, CLOSINGS
from diagramkit.sources.mermaid.builder import Builder, LabelText, OpenGroup, RejectedError
from diagramkit.sources.mermaid.cursor import Cursor, UnexpectedError
from diagramkit.sources.mermaid.entities import decode
from diagramkit.sources.mermaid.error_context import Mistake
from diagramkit.sources.mermaid.letters import WHITESPACE
from diagramkit.sources.mermaid.source_text import Source
from diagramkit.sources.mermaid.styling import ID_TOKENS
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

_TEXT_TOKENS = frozenset({"TEXT", "<", ">", "LETTER"})
_DATA_TOKENS = frozenset({"DATA"})
TITLE_TOKENS = frozenset(
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
        "DIRECTION",
        "subgraph",
        "end",
        "v",
        "^",
        "LINK_START",
    }
)
"""The kinds of tokens that the unquoted title of a subgraph consists of."""
_INDENTED_LINE_BREAK = re.compile(r"\n\s+")
_SEPARATORS = ("NEWLINE", ";", "EOF")
_RANGE = "mermaid-range"
_IS_LINK = re.compile(r"[<ox]?[-=.]+[>ox]?|→")
_AFTER_LINK = re.compile(r"[ \t]*(?:\|[^|\n]*\|[ \t]*)?(?=\w)")
_AFTER_NODE = re.compile(r"[\])}\"]*(?:[ \t]*[<ox]?[-=.]{2,}[>ox]?[ \t]*(?:\|[^|\n]*\|)?|[ \t]*;|[ \t]+&)[ \t]*(?=\w)")
_MAX_PROBLEMS = 50
_MAX_DEPTH = 100


def read(source: Source, title: str | None) -> Graph:
    """Read the flowchart in `source`, to which `preamble.clean` has been applied; `title` is the diagram's title.

    Raises `DiagramError` with all mistakes, in source order.
    """
    keyword_error = preamble.require_flowchart(source)
    preamble.prepare_flowchart(source)
    return FlowchartParser(source, title, keyword_error).run()


def _mistakes() -> ModuleType:
    """Import the module that explains mistakes; most texts do not need it."""
    from diagramkit.sources.mermaid import mistakes

    return mistakes


class FlowchartParser:
    """Parses one flowchart. After a mistake, it continues with the next statement."""

    def __init__(self, source: Source, title: str | None, keyword_error: tuple[Diagnostic, int | None] | None) -> None:
        self.source = source
        self.cursor = Cursor(source.text)
        self.builder = Builder(source)
        self.builder.title = title
        self.problems: list[Diagnostic] = [keyword_error[0]] if keyword_error else []
        self._start = keyword_error[1] if keyword_error else None

    def run(self) -> Graph:
        """Return the graph. Raises `DiagramError` with all mistakes."""
        if self._start is None:
            self._recover(self._header)
        else:
            self.cursor.seek(self._start)
        while self.cursor.token.kind != "EOF" and len(self.problems) < _MAX_PROBLEMS:
            self._recover(self._line)
        if self.builder.open_groups:
            self.problems += _mistakes().unclosed(self.source, self.builder.open_groups)
        if self.problems:
            raise DiagramError(self.problems)
        return self.builder.graph()

    def _recover(self, parse: Callable[[], None]) -> None:
        """Call `parse`; after a mistake, record it and continue where the next statement certainly begins."""
        start = self.cursor.token
        try:
            parse()
        except UnexpectedError as error:
            mistake = _mistakes().explain(self.source, error)
        except RejectedError as error:
            mistake = _mistakes().explain_rejected(self.source, start, error)
        else:
            return
        # The number of an edge is unknown if a statement above it has a mistake.
        if mistake.problem.code != _RANGE or all(problem.code == _RANGE for problem in self.problems):
            self.problems.append(mistake.problem)
        offset = max(mistake.offset, start.start)
        self.cursor.seek(self._rest_of_chain(mistake, offset) or self.source.line_end(offset))

    def _rest_of_chain(self, mistake: Mistake, offset: int) -> int | None:
        """Return where the line of a mistake at `offset` continues with a node behind it, or None if unknown."""
        text = self.source.text
        if mistake.end is None:
            return None
        # After a link comes a node, after anything else a link or the next statement.
        is_link = _IS_LINK.fullmatch(text[mistake.offset : mistake.end].strip())
        match = (_AFTER_LINK if is_link else _AFTER_NODE).match(text, max(mistake.end, offset))
        return match.end() if match else None

    def _header(self) -> None:
        cursor = self.cursor
        while cursor.accept("SPACE", "NEWLINE"):
            pass
        keyword = cursor.expect("header", cursor.token, "graph")
        self.builder.lanes = keyword.text == preamble.SWIMLANES
        if cursor.accept("NO_DIRECTION"):
            return
        direction = cursor.expect("direction", keyword, "DIRECTION")
        self.builder.direction = _DIRECTIONS[direction.visible]
        if cursor.token.text.lstrip(" \t").startswith("\n") and cursor.token.kind != "NEWLINE":
            return  # A link without a source, whose token includes the line break: the next line reports it.
        if cursor.accept("SPACE"):
            cursor.expect("header end", direction, "NEWLINE")
        else:
            cursor.expect("header end", direction, "NEWLINE", ";")

    def _line(self) -> None:
        cursor, kind = self.cursor, self.cursor.token.kind
        if kind in ("NEWLINE", "SPACE"):
            cursor.next()
        elif kind == ";":
            # Mermaid counts a lone semicolon as the name of a member of the subgraph.
            self.builder.mention([cursor.next().text])
        elif kind in ID_TOKENS:
            self._chain()
        elif kind == "subgraph":
            self._subgraph()
        elif kind == "end":
            if not self.builder.open_groups:
                raise UnexpectedError("end", cursor.token, cursor.token)
            cursor.next()
            self.builder.close_group()
        elif kind.startswith("DIRECTION_STATEMENT"):
            statement = cursor.next()
            self.builder.set_direction(_DIRECTIONS[statement.kind.split()[1]], statement.start)
        elif kind in styling.STATEMENT_PARSERS:
            styling.STATEMENT_PARSERS[kind](cursor, self.builder)
            self._end_of_statement("styling")
        else:
            self._accessibility()

    def _accessibility(self) -> None:
        """Parse `accTitle: …`, `accDescr: …` or `accDescr { … }`. Mermaid counts the texts as mentioned names."""
        cursor = self.cursor
        start = cursor.token
        if cursor.accept("accTitle"):
            text = cursor.expect("statement", start, "ACC_TITLE").text.strip(WHITESPACE)
            self.builder.accessible_title = decode(text)
        else:
            kind = "ACC_DESCR" if cursor.accept("accDescr") else "ACC_BLOCK"
            text = cursor.expect("statement", start, kind).text.strip(WHITESPACE)
            self.builder.description = decode(_INDENTED_LINE_BREAK.sub("\n", text))
        self.builder.mention([text])

    # Subgraphs

    def _subgraph(self) -> None:
        """Parse the first line of a subgraph. A group is opened even if it has a mistake, to match its `end`."""
        is_too_deep = len(self.builder.open_groups) == _MAX_DEPTH
        start = self.cursor.next()
        group = OpenGroup(None, LabelText(""), start.start)
        try:
            group = self._subgraph_heading(start)
        finally:
            self.builder.open_groups.append(group)
        if is_too_deep:
            message = f"subgraphs are nested more than {_MAX_DEPTH} levels deep; nest fewer"
            raise RejectedError("too-deep", message, start.start)

    def _subgraph_heading(self, start: Token) -> OpenGroup:
        cursor = self.cursor
        cursor.expect("subgraph", start, "SPACE")
        if cursor.token.kind in ("STRING", "MARKDOWN"):
            string = cursor.next()
            rest = cursor.take_while(TITLE_TOKENS)
            title = LabelText(string.text + rest, string.kind == "MARKDOWN")
            self._check_string(string, rest.strip())
        else:
            title = LabelText(cursor.take_while(TITLE_TOKENS))
        if not title.text:
            raise UnexpectedError("subgraph", cursor.token, start)
        name: str | None = title.text.strip(WHITESPACE)
        if bracket := cursor.accept("["):
            title = self._text("label", bracket)
            cursor.expect("label", bracket, "]")
        elif any(char in WHITESPACE for char in title.text):
            name = None
        if colons := cursor.accept(":::"):
            style_class = cursor.take_while(ID_TOKENS) or "name"
            advice = f"add the line 'class {name or 'id'} {style_class}' after its 'end'"
            raise RejectedError("mermaid-syntax", f"':::' cannot follow a subgraph; {advice}", colons.start)
        cursor.expect("subgraph end", start, *_SEPARATORS)
        return OpenGroup(name, title, start.start)

    # Nodes and links

    def _chain(self) -> None:
        """Parse lists of nodes with links between them. Mermaid counts later lists as mentioned first."""
        tails = self._nodes()
        node_lists = [tails]
        while parts := self._link():
            token, link, label, link_id = parts
            heads = self._nodes(token)
            self.builder.add_edges(tails, heads, link, label, token.visible_start, link_id)
            tails = heads
            node_lists.append(heads)
        self._end_of_statement("node end")
        self.builder.mention(name for names in reversed(node_lists) for name in names)

    def _nodes(self, start: Token | None = None) -> list[str]:
        """Parse `A & B@{ … } & C` and the white space after it; return the names."""
        cursor = self.cursor
        names = [self._node(start or cursor.token)]
        while True:
            if cursor.token.kind == "DATA":
                self._metadata(names[-1])
            space = cursor.accept("SPACE")
            if cursor.token.kind == "&" and space:
                ampersand = cursor.next()
                cursor.expect("list", ampersand, "SPACE")
                names.append(self._node(ampersand))
                continue
            return names

    def _metadata(self, name: str) -> None:
        """Parse `@{ … }` after a node."""
        cursor = self.cursor
        opening = cursor.next()
        # Several blocks in a row are one run of tokens, which Mermaid reads as one text.
        body = cursor.take_while(_DATA_TOKENS).replace("}@{", "")
        if self.source.text[cursor.end : cursor.end + 1] != "}":
            raise UnexpectedError("data", cursor.token, opening)
        self.builder.set_metadata(name, opening.start, body)

    def _node(self, start: Token) -> str:
        """Parse a node, its label and its class; return its name."""
        cursor = self.cursor
        first = cursor.token
        name = cursor.take_while(ID_TOKENS)
        if not name:
            raise UnexpectedError("node", cursor.token, start)
        if cursor.token.kind in CLOSINGS:
            label, shape = self._label()
            self.builder.add_node(name, first.start, label, shape)
        else:
            self.builder.add_node(name, first.start)
        if colons := cursor.accept(":::"):
            style_class = cursor.take_while(ID_TOKENS)
            if not style_class:
                raise UnexpectedError("class of a node", cursor.token, colons)
            self.builder.assign_class(name, style_class, first.start)
        return name

    def _label(self) -> tuple[LabelText, str]:
        """Parse brackets with a text in them; return the text and the shape that the brackets stand for."""
        cursor = self.cursor
        bracket = cursor.next()
        opening = bracket.kind
        is_doubled = opening in ("(", "{") and cursor.accept(opening) is not None
        if opening == "[|":
            for kind in ("WORD", ":", "WORD", "|"):
                cursor.expect("label", bracket, kind)
        text = self._text("label", bracket)
        closing = cursor.expect("label", bracket, *CLOSINGS[opening]).kind
        if is_doubled:
            cursor.expect("label", bracket, closing)
            opening, closing = opening * 2, closing * 2
        return text, BRACKETS[opening, closing]

    def _text(self, construct: str, start: Token) -> LabelText:
        """Parse a label up to its closing bracket. Unquoted text may follow a quoted string, as in Mermaid."""
        cursor = self.cursor
        string = cursor.accept("STRING", "MARKDOWN")
        unquoted = cursor.take_while(_TEXT_TOKENS)
        if not string and not unquoted:
            raise UnexpectedError(construct, cursor.token, start)
        if string:
            self._check_string(string, unquoted)
            return LabelText(string.text + unquoted, string.kind == "MARKDOWN")
        return LabelText(unquoted)

    def _check_string(self, string: Token, unquoted: str) -> None:
        """Report a string with nodes and links in it, and quotation marks within a text in quotes."""
        if swallowed.in_quotes(string.text) and not unquoted and swallowed.may_be_text(string.text):
            self.builder.warnings.append(_mistakes().nodes_in_quotes(self.source, string))
        elif swallowed.in_quotes(string.text):
            self.problems.append(_mistakes().swallowed_nodes(self.source, string.start))
        elif unquoted and (problem := _mistakes().inner_quotes(self.source, string.start, self.cursor.token.start)):
            self.builder.warnings.append(problem)

    def _link(self) -> tuple[Token, links.Link, LabelText, str | None] | None:
        """Parse a link if one comes next; return its (first) token, its properties, its label and its id."""
        cursor = self.cursor
        id_token = cursor.accept("LINK_ID")
        link_id = id_token.text[:-1] if id_token else None
        if token := cursor.accept("LINK"):
            label = LabelText("")
            if bar := cursor.accept("|"):
                label = self._text("link label", bar)
                cursor.expect("link label", bar, "|")
                cursor.accept("SPACE")
            return token, links.parse_link(token.text), label, link_id
        if start := cursor.accept("LINK_START"):
            label = self._text("link text", start)
            end = cursor.expect("link text", start, "LINK")
            self._check_link_text(start, label.text)
            link = links.join_parts(start.text, end.text)
            if link is None:
                self.builder.warnings.append(_mistakes().mismatched_link(self.source, start, end))
            return start, link or links.MISMATCHED_LINK, label, link_id
        if id_token:
            raise UnexpectedError("link id", cursor.token, id_token)
        return None

    def _check_link_text(self, start: Token, text: str) -> None:
        """Report nodes and links in the text of a link that begins with the token `start`."""
        if start.visible.startswith("<") and swallowed.by_backward_arrow(text, self.source.text):
            self.problems.append(_mistakes().backward_link(self.source, start))
        elif swallowed.by_arrowhead(text, self.source.text):
            self.problems.append(_mistakes().separated_link(self.source, start))
        elif "\n" in text and swallowed.in_text(text):
            self.problems.append(_mistakes().swallowed_nodes(self.source, start.visible_start))
        elif swallowed.has_node(text):
            self.problems.append(_mistakes().text_of_lines(self.source, start))

    def _end_of_statement(self, construct: str) -> None:
        self.cursor.expect(construct, self.cursor.token, *_SEPARATORS)
