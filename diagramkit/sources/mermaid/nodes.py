"""Nodes and subgraph headings: ids, brackets, labels, `@{ … }` and classes."""

from __future__ import annotations

import re
from dataclasses import dataclass

from diagramkit.problems import DiagramError, did_you_mean, fail
from diagramkit.sources.mermaid.builder import Builder
from diagramkit.sources.mermaid.labels import plain_label
from diagramkit.sources.mermaid.shapes import BRACKETS, NAMED, Bracket
from diagramkit.sources.mermaid.text import Source

# An id: letters of any script and most signs. A `-` or `=` only where no link starts.
_ID = re.compile(
    r"(?:[A-Za-z0-9!\"#$%'*+.`?\\_/:,]|&(?!\s)|-(?![>\-.])|=(?![=>])"
    r"|(?!<[-=]|[–—‘’“”])[^\x00-\x7f\s])+"
)
_CLASS = re.compile(r":::(?P<name>[A-Za-z_][\w-]*)")
_DATA = re.compile(r"@\{(?P<body>[^}]*)\}")
_FIELD = re.compile(r"(?P<key>[A-Za-z_]\w*)\s*:\s*(?P<value>\"[^\"]*\"|'[^']*'|[^,\n]*)")
_QUOTED = re.compile(r'\s*"[^"]*"\s*')
_QUOTED_TITLE = re.compile(r'"[^"\n]*"')
_RESERVED = frozenset({"graph", "flowchart", "subgraph", "end", "style", "linkStyle", "classDef"})
_TITLE = re.compile(r"(?P<title>[^\n;\[]+)")
_HEADING_LABEL = re.compile(r"\s*\[(?P<label>\"[^\"]*\"|[^\]\n]*)\]")


@dataclass(frozen=True, slots=True)
class Heading:
    """A subgraph's id (None where its title cannot be one), title and end offset."""

    id: str | None
    title: str
    end: int


class NodeReader:
    """Reads nodes from `text` (the source with comments blanked) into a builder."""

    def __init__(self, source: Source, text: str, build: Builder) -> None:
        self.source = source
        self.text = text
        self.build = build

    def read(self, pos: int) -> tuple[str, int]:
        """The node at `pos`: its id, and the offset behind it. Raises `DiagramError`."""
        match = _ID.match(self.text, pos)
        if not match:
            raise self._no_node(pos)
        node_id = match.group().rstrip(":")
        start, end = pos, pos + len(node_id)
        if node_id in _RESERVED:
            raise fail(
                "mermaid-reserved",
                f"'{node_id}' is a word of Mermaid's and cannot name a node; "
                f"write '{node_id.capitalize()}' or '{node_id}_1'",
                self.source.span(start),
            )
        shape: str | None = None
        label: str | None = None
        icon: str | None = None
        if data := _DATA.match(self.text, end):
            shape, label, icon = self._data(data)
            end = data.end()
        elif bracket := self._bracket(end):
            label, shape, end = self._label(bracket, end)
        classes: tuple[str, ...] = ()
        if named := _CLASS.match(self.text, end):
            classes, end = (named["name"],), named.end()
        self.build.mention(node_id, start, label, shape, classes, icon)
        return node_id, end

    def heading(self, pos: int) -> Heading | None:
        """The id and title behind the word `subgraph`, or None where there are none."""
        quoted = _QUOTED_TITLE.match(self.text, pos)
        if quoted:
            title = plain_label(quoted.group())
            if not title:
                return None
            return Heading(None if re.search(r"\s", title) else title, title, quoted.end())
        match = _TITLE.match(self.text, pos)
        if not match or not match["title"].strip():
            return None
        title = match["title"].strip()
        labelled = _HEADING_LABEL.match(self.text, match.end())
        if labelled:
            label = plain_label(labelled["label"]) or title
            return Heading(title, label, labelled.end())
        name = None if re.search(r"\s", match["title"].lstrip()) else title
        return Heading(name, plain_label(title), match.end())

    def _bracket(self, pos: int) -> Bracket | None:
        for bracket in BRACKETS:
            if self.text.startswith(bracket.opening, pos):
                return bracket
        return None

    def _label(self, bracket: Bracket, pos: int) -> tuple[str, str, int]:
        """The label in `bracket` at `pos`, its shape, and the offset behind the closing."""
        start = pos + len(bracket.opening)
        quoted = _QUOTED.match(self.text, start)
        if quoted:
            for closing, shape in bracket.closings:
                if self.text.startswith(closing, quoted.end()):
                    label = plain_label(quoted.group())
                    if not label:
                        raise self._empty(pos)
                    return label, shape, quoted.end() + len(closing)
        found = self._closing(bracket, start)
        if found is None:
            raise self._bad_label(bracket, start)
        end, closing, shape = found
        raw = self.text[start:end]
        bad = re.search(r'[()\[\]{}|"]', raw)
        if bad:
            raise self._quote_it(bracket, closing, raw, start + bad.start())
        if not raw.strip():
            raise self._empty(pos)
        return plain_label(raw), shape, end + len(closing)

    def _closing(self, bracket: Bracket, start: int) -> tuple[int, str, str] | None:
        """The nearest closing of `bracket`: its offset, its text and the shape it makes."""
        limit = self.text.find("\n\n", start)
        found = [
            (at, closing, shape)
            for closing, shape in bracket.closings
            if (at := self.text.find(closing, start, limit if limit >= 0 else None)) >= 0
        ]
        return min(found) if found else None

    def _data(self, match: re.Match[str]) -> tuple[str | None, str | None, str | None]:
        fields = {
            field["key"]: field["value"].strip().strip("\"'")
            for field in _FIELD.finditer(match["body"])
        }
        shape = fields.get("shape")
        if shape is not None and shape not in NAMED:
            raise fail(
                "mermaid-shape",
                f"there is no shape '{shape}'{did_you_mean(shape, NAMED)}",
                self.source.span(match.start()),
            )
        icon = fields.get("icon")
        return (NAMED[shape] if shape else None), fields.get("label"), icon

    def _no_node(self, pos: int) -> DiagramError:
        rest = self.text[pos : pos + 1].strip()
        found = f"'{rest}'" if rest else "the end of the line"
        advice = ""
        if rest and rest in "‘’“”–—":
            advice = '; it looks like a quote or dash of a word processor, write " or -'
        return fail(
            "mermaid-syntax",
            f"a node is expected here, not {found}{advice or '; write its id, as in A[Label]'}",
            self.source.span(pos),
        )

    def _empty(self, pos: int) -> DiagramError:
        return fail(
            "mermaid-empty-label",
            'Mermaid refuses an empty label; write a text, or [" "] for none',
            self.source.span(pos),
        )

    def _quote_it(self, bracket: Bracket, closing: str, raw: str, at: int) -> DiagramError:
        text = raw.strip().replace('"', "#quot;")
        return fail(
            "mermaid-unquoted",
            f"'{self.text[at]}' needs quotes around the label; "
            f'write {bracket.opening}"{text}"{closing}',
            self.source.span(at),
        )

    def _bad_label(self, bracket: Bracket, start: int) -> DiagramError:
        closing = bracket.closings[0][0]
        line_end = self.text.find("\n", start)
        rest = self.text[start : line_end if line_end >= 0 else len(self.text)]
        fix = ""
        if bracket.opening in ("[/", "[\\"):
            fix = (
                f'; if the label only starts so, write ["{bracket.opening[1]}{rest.split("]")[0]}"]'
            )
        return fail(
            "mermaid-unclosed",
            f"the label that '{bracket.opening}' opens has no '{closing}'{fix or '; close it'}",
            self.source.span(start - len(bracket.opening)),
        )
