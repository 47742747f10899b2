"""Mermaid's architecture diagrams, read into a `Graph`.

The grammar, as `architecture.langium` has it; a statement ends with its line::

    diagram  = "architecture-beta" (title | accessibility | group | service | junction | edge)*
    group    = "group" id ["(" icon ")"] ["[" title "]"] ["in" id]
    service  = "service" id ["(" icon ")" | string] ["[" title "]"] ["in" id]
    junction = "junction" id ["in" id]
    edge     = id ["{group}"] ":" side ["<"] ("--" | "-[" title "]-") [">"] side ":" id ["{group}"]
    side     = "L" | "R" | "T" | "B"

Groups are known before services, services before edges, wherever they stand. An edge whose sides
say that it runs to the left or upwards is turned around, its heads kept: its target is where
Mermaid draws it, behind its source.
"""

from __future__ import annotations

import re

from msgspec import Struct

from diagramkit.diagnostics import Diagnostic, DiagramError, did_you_mean
from diagramkit.graph import Direction, Edge, Graph, Group, Head, Node, Side
from diagramkit.sources.mermaid.error_context import fix, problem
from diagramkit.sources.mermaid.preamble import ARCHITECTURE
from diagramkit.sources.mermaid.source_text import Source

JUNCTION = "junction"
"""The shape of a junction: a dot where lines meet."""

_SIDES: dict[str, Side] = {"R": "right", "B": "bottom", "L": "left", "T": "top"}
_ID = r"[A-Za-z0-9_](?:[-\w]*\w)?"
_TITLE = r"\[(?:\"(?P<double>(?:[^\"\\]|\\.)*)\"|'(?P<single>(?:[^'\\]|\\.)*)'|(?P<plain>[^\[\]]+))\]"
# White space stands within the optional parts, never twice in a row: a pattern that could share
# it out between them would take time by the power of its length.
_REMARK = r"(?:\s*%%.*)?"
_IN = rf"(?:\s*\bin\s+(?P<parent>{_ID}))?"
_ICON = r"\((?P<icon>[\w:\-]+)\)"
_THINGS = tuple(
    re.compile(rf"(?P<kind>{kind})\s+(?P<id>{_ID}){parts}{_IN}{_REMARK}", re.ASCII)
    for kind, parts in (
        ("group", rf"(?:\s*{_ICON})?(?:\s*{_TITLE})?"),
        ("service", rf"(?:\s*(?:{_ICON}|\"(?P<text>(?:[^\"\\]|\\.)*)\"))?(?:\s*{_TITLE})?"),
        ("junction", ""),
    )
)
_EDGE = re.compile(
    rf"(?P<left>{_ID})(?:\s*(?P<left_group>\{{group\}}))?\s*:\s*(?P<left_side>[A-Za-z])"
    rf"(?:\s*(?P<left_into>[<>]))?\s*(?:--|-\s*{_TITLE}\s*-)(?:\s*(?P<right_into>[<>]))?"
    rf"\s*(?P<right_side>[A-Za-z])\s*:\s*(?P<right>{_ID})(?:\s*(?P<right_group>\{{group\}}))?{_REMARK}",
    re.ASCII,
)
_SIDELESS = re.compile(rf"(?P<left>{_ID})\s*(?P<arrow><?-->?)\s*(?P<right>{_ID})", re.ASCII)
_COMMENT = re.compile(r"(?<!\s)\s*%%.*")
_SAID = re.compile(r"(?P<word>title|accTitle|accDescr)\b\s*:?\s*(?P<text>.*)")
_BLOCK = re.compile(rf"(?:^|(?<={ARCHITECTURE}))[^\S\n]*accDescr\s*\{{(?P<text>[^}}]*)\}}", re.M)
_RESERVED = frozenset({"group", "service", "junction", "in"})
_ACROSS: dict[str, int] = {"L": -1, "R": 1, "T": 0, "B": 0}
_DOWN: dict[str, int] = {"L": 0, "R": 0, "T": -1, "B": 1}


class _Token(Struct, frozen=True):
    """A statement: its match and the offset of its line's first word."""

    match: re.Match[str]
    at: int

    def place(self, group: str) -> int:
        """The offset of a part of the statement."""
        return self.at + self.match.start(group)


def read(source: Source, title: str | None) -> Graph:
    """Read the diagram. Raises `DiagramError` with every mistake found."""
    return _Reader(source, title).run()


class _Reader:
    def __init__(self, source: Source, title: str | None) -> None:
        self.source = source
        self.title = title
        self.spoken: str | None = None
        self.description: str | None = None
        self.problems: list[Diagnostic] = []
        self.things: list[_Token] = []
        self.lines: list[_Token] = []
        self.groups: dict[str, Group] = {}
        self.nodes: dict[str, Node] = {}

    def run(self) -> Graph:
        self._statements()
        for kind, add in (
            ("group", self._group),
            ("service", self._node),
            ("junction", self._node),
        ):
            for found in self.things:
                if found.match["kind"] == kind:
                    add(found)
        edges = [edge for found in self.lines if (edge := self._edge(found))]
        if self.problems:
            raise DiagramError(sorted(self.problems, key=lambda p: (p.span.line, p.span.column)))
        return Graph(
            tuple(self.nodes.values()),
            tuple(edges),
            tuple(self.groups.values()),
            self._direction(),
            self.title,
            self.description,
            self.spoken,
        )

    # Lines into statements

    def _statements(self) -> None:
        text = self.source.text
        at = text.index(ARCHITECTURE) + len(ARCHITECTURE)
        last = text.rfind("}") + 1
        block = _BLOCK.search(text, at, last)
        while at < len(text):
            end = text.find("\n", at)
            end = len(text) if end < 0 else end
            if block and block.start() < end and at <= block.start():
                self.description = " ".join(block["text"].split())
                at = block.end()
                block = _BLOCK.search(text, at, last)
                continue
            line = text[at:end]
            self._statement(line.strip(), at + len(line) - len(line.lstrip()))
            at = end + 1

    def _statement(self, line: str, at: int) -> None:
        if self._thing(line, at):
            return
        line = _COMMENT.sub("", line, count=1)
        if not line:
            return
        if match := _SAID.fullmatch(line):
            text = match["text"].strip() or None
            if match["word"] == "title":
                self.title = text
            elif match["word"] == "accTitle":
                self.spoken = text
            else:
                self.description = text
        else:
            self._wrong(line, at)

    def _thing(self, line: str, at: int) -> bool:
        """Keep a line that is a group, a service, a junction or an edge; whether it is one."""
        for pattern in _THINGS:
            if match := pattern.fullmatch(line):
                self.things.append(_Token(match, at))
                return True
        if match := _EDGE.fullmatch(line):
            self.lines.append(_Token(match, at))
            return True
        return False

    def _wrong(self, line: str, at: int) -> None:
        """A line that is no statement."""
        if match := _SIDELESS.fullmatch(line):
            new = f"{match['left']}:R {match['arrow']} L:{match['right']}"
            self._tell(
                f"an edge says at which sides it begins and ends; write {new}",
                at,
                len(line),
                line,
                new,
            )
            return
        word = line.split(maxsplit=1)[0]
        self._tell(
            f"'{word}' begins no statement that can be read; write 'service id(icon)[Title] in "
            "group', 'group id[Title]', or an edge as in a:R --> L:b; other signs in a title need "
            "quotes in its brackets",
            at,
            len(line),
        )

    # Statements into things

    def _group(self, found: _Token) -> None:
        match = found.match
        if self._known(found):
            return
        parent = match["parent"]
        if parent is not None and parent not in self.groups:
            self._missing(found, "parent", parent, "a group stands behind the one it is in")
            return
        name = match["id"]
        self.groups[name] = Group(name, _title(match) or name, self.source.span(found.at), parent=parent)

    def _node(self, found: _Token) -> None:
        match = found.match
        if self._known(found):
            return
        name, parent = match["id"], match["parent"]
        if parent is not None and parent not in self.groups:
            self._missing(found, "parent", parent, "add 'group " + parent + "[Title]'")
        span = self.source.span(found.at)
        if match["kind"] == JUNCTION:
            self.nodes[name] = Node(name, "", JUNCTION, span, parent)
            return
        label = _title(match) or match["text"] or ""
        self.nodes[name] = Node(name, label, "square", span, parent, icon=match["icon"])

    def _known(self, found: _Token) -> bool:
        name = found.match["id"]
        at = found.place("id")
        if name in _RESERVED or name[0] in "LRTB" or name.startswith("title"):
            self._tell(
                f"Mermaid refuses the id '{name}': it begins as a side or 'title' does, or is a "
                f"word of its own; write 'my{name.capitalize()}'",
                at,
                len(name),
            )
            return True
        if name in self.groups or name in self.nodes:
            self._tell(f"there is a '{name}' already; give each its own id", at, len(name))
            return True
        return False

    def _edge(self, found: _Token) -> Edge | None:
        match = found.match
        good = True
        for end in ("left", "right"):
            side = match[f"{end}_side"]
            if side not in _ACROSS:
                good = False
                upper = side.upper() if side.upper() in _ACROSS else None
                self._tell(
                    f"'{side}' is not a side; write {upper or 'L, R, T or B'}",
                    found.place(f"{end}_side"),
                    1,
                    side,
                    upper,
                )
            if match[end] in self.groups:
                good = False
                self._tell(
                    f"'{match[end]}' is a group: an edge ends at a service in it, as in service{{group}}:R",
                    found.place(end),
                    len(match[end]),
                )
            elif match[end] not in self.nodes:
                good = False
                self._missing(found, end, match[end], "add 'service " + match[end] + "[Title]'")
        if good and (match["left_group"] or match["right_group"]):
            homes = {self.nodes[match[end]].group for end in ("left", "right")}
            if len(homes) == 1 and homes != {None}:
                self._tell(
                    "both ends are in one group, so no edge leaves it; remove '{group}'",
                    found.at,
                    len(match.group()),
                )
                return None
        return self._made(found) if good else None

    def _made(self, found: _Token) -> Edge:
        match = found.match
        ends = [self._end(match, "left"), self._end(match, "right")]
        heads: list[Head] = ["arrow" if match[f"{end}_into"] else "none" for end in ("left", "right")]
        out, into = match["left_side"], match["right_side"]
        sides = (_SIDES[out], _SIDES[into])
        run = _ACROSS[out] + _DOWN[out] - _ACROSS[into] - _DOWN[into]
        if run < 0:
            ends.reverse()
            heads.reverse()
            sides = (sides[1], sides[0])
        return Edge(
            ends[0],
            ends[1],
            self.source.span(found.at),
            _title(match) or "",
            tail=heads[0],
            head=heads[1],
            sides=sides,
        )

    def _end(self, match: re.Match[str], end: str) -> str:
        """The service, or its group where the edge says so."""
        node = self.nodes[match[end]]
        return node.group if match[f"{end}_group"] and node.group else node.id

    def _direction(self) -> Direction:
        """The way most edges run."""
        across = sum(abs(_ACROSS[found.match["left_side"]]) for found in self.lines)
        return "LR" if 2 * across >= len(self.lines) else "TB"

    def _missing(self, found: _Token, part: str, name: str, advice: str) -> None:
        near = did_you_mean(name, [*self.groups, *self.nodes])
        self._tell(f"there is no '{name}' here{near or '; ' + advice}", found.place(part), len(name))

    def _tell(self, message: str, at: int, width: int, old: str = "", new: str | None = None) -> None:
        mend = fix(self.source, at, old, new) if new else None
        self.problems.append(problem(self.source, "mermaid-architecture", message, at, width, mend))


def _title(match: re.Match[str]) -> str | None:
    text = match["plain"] or match["double"] or match["single"]
    return text.strip() if text else None
