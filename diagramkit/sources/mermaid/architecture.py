"""The parser of Mermaid's architecture diagrams.

The grammar, from `architecture.langium`; a statement ends at the end of its line::

    diagram  = "architecture-beta" (title | accessibility | group | service | junction | edge)*
    group    = "group" id ["(" icon ")"] ["[" title "]"] ["in" id]
    service  = "service" id ["(" icon ")" | string] ["[" title "]"] ["in" id]
    junction = "junction" id ["in" id]
    edge     = id ["{group}"] ":" side ["<"] ("--" | "-[" title "]-") [">"] side ":" id ["{group}"]
    side     = "L" | "R" | "T" | "B"

Groups are added before services, and services before edges, in whatever order the source has them. An edge whose
sides mean that it runs left or up is reversed, with its arrowheads: its target is where Mermaid draws it, after its
source.
"""

from __future__ import annotations

import re

from msgspec import Struct

from diagramkit.diagnostics import Diagnostic, DiagramError, did_you_mean
from diagramkit.graph import Direction, Edge, Graph, Group, Head, Node, Side, UnsupportedFeature
from diagramkit.sources.mermaid.error_context import diagnostic_at
from diagramkit.sources.mermaid.preamble import ARCHITECTURE
from diagramkit.sources.mermaid.source_text import Source

JUNCTION = "junction"
"""The shape of a junction: a dot where edges meet."""

_SIDES: dict[str, Side] = {"R": "right", "B": "bottom", "L": "left", "T": "top"}
_ID = r"[A-Za-z0-9_](?:[-\w]*\w)?"
_TITLE = r"\[(?:\"(?P<double>(?:[^\"\\]|\\.)*)\"|'(?P<single>(?:[^'\\]|\\.)*)'|(?P<plain>[^\[\]]+))\]"
# White space is inside the optional parts, never twice in a row: if a pattern could distribute it between several
# parts, matching would take time polynomial in its length.
_COMMENT_AFTER = r"(?:\s*(?P<comment>%%.*))?"
_HINT = re.compile(r"%%\s*diagramkit\s*:", re.I)
_IN = rf"(?:\s*\bin\s+(?P<parent>{_ID}))?"
_ICON = r"\((?P<icon>[\w:\-]+)\)"
_DECLARATIONS = tuple(
    re.compile(rf"(?P<kind>{kind})\s+(?P<id>{_ID}){parts}{_IN}{_COMMENT_AFTER}", re.ASCII)
    for kind, parts in (
        ("group", rf"(?:\s*{_ICON})?(?:\s*{_TITLE})?"),
        ("service", rf"(?:\s*(?:{_ICON}|\"(?P<text>(?:[^\"\\]|\\.)*)\"))?(?:\s*{_TITLE})?"),
        ("junction", ""),
    )
)
_EDGE = re.compile(
    rf"(?P<left>{_ID})(?:\s*(?P<left_group>\{{group\}}))?\s*:\s*(?P<left_side>[A-Za-z])"
    rf"(?:\s*(?P<left_into>[<>]))?\s*(?:--|-\s*{_TITLE}\s*-)(?:\s*(?P<right_into>[<>]))?"
    rf"\s*(?P<right_side>[A-Za-z])\s*:\s*(?P<right>{_ID})(?:\s*(?P<right_group>\{{group\}}))?{_COMMENT_AFTER}",
    re.ASCII,
)
_EDGE_WITHOUT_SIDES = re.compile(rf"(?P<left>{_ID})\s*(?P<arrow><?-->?)\s*(?P<right>{_ID})", re.ASCII)
_MAX_SUGGESTED = 200
"""The length of the longest line for which an edge is suggested; finding its arrow takes quadratic time."""
_DECLARED_ID = re.compile(rf"(?:group|service|junction)\s+(?P<id>{_ID})", re.ASCII)
_COMMENT = re.compile(r"(?<!\s)\s*%%.*")
_TEXT_STATEMENT = re.compile(r"(?P<keyword>title|accTitle|accDescr)\b\s*:?\s*(?P<text>.*)")
_DESCRIPTION_BLOCK = re.compile(rf"(?:^|(?<={ARCHITECTURE}))[^\S\n]*accDescr\s*\{{(?P<text>[^}}]*)\}}", re.M)
_RESERVED = frozenset({"group", "service", "junction", "in"})


def is_rejected_id(name: str) -> bool:
    """Return whether Mermaid rejects an id: it begins with a side or with `title`, or is a keyword."""
    return name in _RESERVED or name[0] in "LRTB" or name.startswith("title")


def replacement_id(name: str) -> str:
    """Return the id to use in place of one that Mermaid rejects."""
    return f"my{name[0].upper()}{name[1:]}"


# The horizontal and vertical direction in which an edge leaves a node at each side.
_HORIZONTAL: dict[str, int] = {"L": -1, "R": 1, "T": 0, "B": 0}
_VERTICAL: dict[str, int] = {"L": 0, "R": 0, "T": -1, "B": 1}


class _Token(Struct, frozen=True):
    """A statement: its match, and the offset of its first character in the text."""

    match: re.Match[str]
    start: int

    def start_of(self, group: str) -> int:
        """Return the offset of a part of the statement, by the name of its group in the pattern."""
        return self.start + self.match.start(group)


def read(source: Source, title: str | None) -> Graph:
    """Read an architecture diagram; `title` is the title in its front matter.

    Raises `DiagramError` with all mistakes, in source order.
    """
    return _Reader(source, title).run()


class _Reader:
    def __init__(self, source: Source, title: str | None) -> None:
        self.source = source
        self.title = title
        self.dropped: list[UnsupportedFeature] = []
        self.accessible_title: str | None = None
        self.description: str | None = None
        self.problems: list[Diagnostic] = []
        self.declarations: list[_Token] = []
        self.edges: list[_Token] = []
        self.groups: dict[str, Group] = {}
        self.nodes: dict[str, Node] = {}
        self.rejected: set[str] = set()  # The ids in statements with mistakes, which need not be reported again.

    def run(self) -> Graph:
        self._statements()
        for kind, add in (
            ("group", self._group),
            ("service", self._node),
            ("junction", self._node),
        ):
            for statement in self.declarations:
                if statement.match["kind"] == kind:
                    add(statement)
        edges = [edge for statement in self.edges if (edge := self._edge(statement))]
        if self.problems:
            raise DiagramError(sorted(self.problems, key=lambda problem: (problem.span.line, problem.span.column)))
        return Graph(
            tuple(self.nodes.values()),
            tuple(edges),
            tuple(self.groups.values()),
            self._direction(),
            title=self.title,
            description=self.description,
            accessible_title=self.accessible_title,
            dropped=tuple(self.dropped),
        )

    # Splitting the text into statements

    def _statements(self) -> None:
        text = self.source.text
        offset = text.index(ARCHITECTURE) + len(ARCHITECTURE)
        last_brace_end = text.rfind("}") + 1  # No block ends after it; searching there would only take time.
        block = _DESCRIPTION_BLOCK.search(text, offset, last_brace_end)
        while offset < len(text):
            end = text.find("\n", offset)
            end = len(text) if end < 0 else end
            if block and block.start() < end and offset <= block.start():
                self.description = " ".join(block["text"].split())
                offset = block.end()
                block = _DESCRIPTION_BLOCK.search(text, offset, last_brace_end)
                continue
            line = text[offset:end]
            self._statement(line.strip(), offset + len(line) - len(line.lstrip()))
            offset = end + 1

    def _statement(self, line: str, start: int) -> None:
        if self._declaration_or_edge(line, start):
            return
        line = _COMMENT.sub("", line, count=1)
        if not line:
            return
        if match := _TEXT_STATEMENT.fullmatch(line):
            text = match["text"].strip() or None
            if match["keyword"] == "title":
                if self.title and self.title != text:
                    feature = f"the title '{self.title}', which '{text}' replaces"
                    self.dropped.append(UnsupportedFeature(feature, self.source.span(start)))
                self.title = text
            elif match["keyword"] == "accTitle":
                self.accessible_title = text
            else:
                self.description = text
        else:
            self._report_invalid(line, start)

    def _declaration_or_edge(self, line: str, start: int) -> bool:
        """Record a line that is a group, a service, a junction or an edge; return whether it is one."""
        for pattern in _DECLARATIONS:
            if match := pattern.fullmatch(line):
                self.declarations.append(_Token(match, start))
                self._check_comment(match, start)
                return True
        if match := _EDGE.fullmatch(line):
            self.edges.append(_Token(match, start))
            self._check_comment(match, start)
            return True
        return False

    def _check_comment(self, match: re.Match[str], start: int) -> None:
        """Report a layout hint behind a statement, where it is an ordinary comment."""
        comment = match["comment"]
        if comment and _HINT.match(comment):
            message = "a layout hint is on a line of its own; move it to one"
            offset = start + match.start("comment")
            self.problems.append(diagnostic_at(self.source, "bad-hint", message, offset, len(comment)))

    def _report_invalid(self, line: str, start: int) -> None:
        """Report a line that is not a statement."""
        if match := _DECLARED_ID.match(line):
            self.rejected.add(match["id"])
        if len(line) <= _MAX_SUGGESTED and (match := _EDGE_WITHOUT_SIDES.fullmatch(line)):
            new = f"{match['left']}:R {match['arrow']} L:{match['right']}"
            self._report(f"an edge must name the sides at which it starts and ends; write {new}", start, len(line))
            return
        word = line.split(maxsplit=1)[0]
        self._report(
            f"invalid statement that starts with '{word}'; write 'service id(icon)[Title] in group', "
            "'group id[Title]', or an edge such as a:R --> L:b; put quotes around a title with special characters",
            start,
            len(line),
        )

    # Converting statements to groups, nodes and edges

    def _group(self, statement: _Token) -> None:
        match = statement.match
        if self._has_invalid_id(statement):
            return
        name, parent = match["id"], self._parent(statement, "define a group before the groups in it")
        self.groups[name] = Group(name, _title(match) or name, self.source.span(statement.start), parent=parent)

    def _node(self, statement: _Token) -> None:
        match = statement.match
        if self._has_invalid_id(statement):
            return
        name, parent = match["id"], self._parent(statement, f"add 'group {match['parent']}[Title]'")
        span = self.source.span(statement.start)
        if match["kind"] == JUNCTION:
            self.nodes[name] = Node(name, "", JUNCTION, span, parent)
            return
        self.nodes[name] = Node(
            name, _title(match) or "", "square", span, parent, icon=match["icon"], icon_text=match["text"] or None
        )

    def _parent(self, statement: _Token, advice: str) -> str | None:
        """Return the group that a statement is in, if it is defined; otherwise report that it is not."""
        parent: str | None = statement.match["parent"]
        if parent is None or parent in self.groups:
            return parent
        self._report_undefined(statement, "parent", parent, advice)
        return None

    def _has_invalid_id(self, statement: _Token) -> bool:
        """Report an id that Mermaid rejects or that is already used; return whether there is such a problem."""
        name = statement.match["id"]
        start = statement.start_of("id")
        if is_rejected_id(name):
            self.rejected.add(name)
            self._report(
                f"Mermaid rejects the id '{name}': it starts with a side (L, R, T, B) or with 'title', or is a "
                f"reserved word; write '{replacement_id(name)}'",
                start,
                len(name),
            )
            return True
        if name in self.groups or name in self.nodes:
            self._report(f"the id '{name}' is already used; choose another one", start, len(name))
            return True
        return False

    def _edge(self, statement: _Token) -> Edge | None:
        """Return the edge of a statement, or None after reporting its problems."""
        match = statement.match
        is_valid = True
        for end in ("left", "right"):
            side = match[f"{end}_side"]
            if side not in _HORIZONTAL:
                is_valid = False
                upper = side.upper() if side.upper() in _HORIZONTAL else None
                self._report(
                    f"invalid side '{side}'; write {upper or 'L, R, T or B'}",
                    statement.start_of(f"{end}_side"),
                    1,
                )
            if match[end] in self.groups:
                is_valid = False
                self._report(
                    f"'{match[end]}' is a group; connect the edge to a service in it, as in service{{group}}:R",
                    statement.start_of(end),
                    len(match[end]),
                )
            elif match[end] not in self.nodes:
                is_valid = False
                self._report_undefined(statement, end, match[end], f"add 'service {match[end]}[Title]'")
        if is_valid and (match["left_group"] or match["right_group"]):
            groups = {self.nodes[match[end]].group for end in ("left", "right")}
            if len(groups) == 1 and groups != {None}:
                self._report(
                    "both ends are in the same group, so the edge does not leave it; remove '{group}'",
                    statement.start,
                    len(match.group()),
                )
                return None
        return self._valid_edge(statement) if is_valid else None

    def _valid_edge(self, statement: _Token) -> Edge:
        match = statement.match
        ends = [self._edge_end(match, "left"), self._edge_end(match, "right")]
        heads: list[Head] = ["arrow" if match[f"{end}_into"] else "none" for end in ("left", "right")]
        out, into = match["left_side"], match["right_side"]
        sides = (_SIDES[out], _SIDES[into])
        # Negative if the edge runs left or up.
        progress = _HORIZONTAL[out] + _VERTICAL[out] - _HORIZONTAL[into] - _VERTICAL[into]
        if progress < 0:
            ends.reverse()
            heads.reverse()
            sides = (sides[1], sides[0])
        return Edge(
            ends[0],
            ends[1],
            self.source.span(statement.start),
            _title(match) or "",
            tail=heads[0],
            head=heads[1],
            sides=sides,
        )

    def _edge_end(self, match: re.Match[str], end: str) -> str:
        """Return the id of the service at an end, or of its group if the edge has `{group}` at that end."""
        node = self.nodes[match[end]]
        return node.group if match[f"{end}_group"] and node.group else node.id

    def _direction(self) -> Direction:
        """Return LR if at least half of the edges start at a left or right side, else TB."""
        horizontal = sum(abs(_HORIZONTAL[statement.match["left_side"]]) for statement in self.edges)
        return "LR" if 2 * horizontal >= len(self.edges) else "TB"

    def _report_undefined(self, statement: _Token, part: str, name: str, advice: str) -> None:
        if name in self.rejected:
            return
        hint = did_you_mean(name, [*self.groups, *self.nodes])
        self._report(f"'{name}' is not defined{hint or '; ' + advice}", statement.start_of(part), len(name))

    def _report(self, message: str, offset: int, width: int) -> None:
        self.problems.append(diagnostic_at(self.source, "mermaid-architecture", message, offset, width))


def _title(match: re.Match[str]) -> str | None:
    text = match["plain"] or match["double"] or match["single"]
    return text.strip() if text else None
