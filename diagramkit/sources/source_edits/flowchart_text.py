"""A flowchart's text with its statements: where things are, and the changes that add and remove lines."""

from __future__ import annotations

from collections.abc import Mapping, Set

from diagramkit.diagnostics import Span
from diagramkit.graph import Graph
from diagramkit.sources.source_edits import chain_writing, hint_comments, mermaid_statements
from diagramkit.sources.source_edits.edit_kinds import SourceEditError
from diagramkit.sources.source_edits.mermaid_region import Change, MermaidRegion
from diagramkit.sources.source_edits.mermaid_statements import FlowchartStatement, Mention

_STEP = "    "


class FlowchartText:
    """The text of a flowchart and its statements."""

    def __init__(self, region: MermaidRegion) -> None:
        self.text = region.text
        self.span = Span(region.origin.file)
        self._source = region.source()
        self.statements = mermaid_statements.read(self._source)
        self._indexes: dict[int, dict[tuple[int, int, int], int]] = {}
        count = 0
        for statement in self.statements:
            self._indexes[id(statement)] = chain_writing.edge_indexes(statement, count)
            count += len(self._indexes[id(statement)])

    # Where things are

    def mentions(self, name: str) -> list[Mention]:
        """Return where chains mention a node or group."""
        return [each for statement in self.statements for each in statement.mentions() if each.name == name]

    def raw(self, name: str) -> str:
        """Return an id as the text has it."""
        mentions = self.mentions(name)
        return self.text[mentions[0].start : mentions[0].id_end] if mentions else name

    def edge_indexes(self, statement: FlowchartStatement) -> set[int]:
        """Return the indexes of the edges of a chain."""
        return set(self._indexes[id(statement)].values())

    def link(self, index: int) -> tuple[FlowchartStatement, int]:
        """Return the chain and the number of the link in it that an edge is written as."""
        for statement in self.statements:
            for (link, _, _), number in self._indexes[id(statement)].items():
                if number == index:
                    return statement, link
        raise SourceEditError("this edge is not in the text")

    def heading(self, graph: Graph, group: str) -> FlowchartStatement:
        """Return the `subgraph` of a group."""
        span = next((each.span for each in graph.groups if each.id == group), None)
        for statement in self.statements:
            if statement.kind == "subgraph" and self._source.span_of_original(statement.start) == span:
                return statement
        raise SourceEditError(f"the subgraph '{group}' is not in the text")

    def closing(self, graph: Graph, group: str) -> FlowchartStatement:
        """Return the `end` of a group."""
        number = self.statements.index(self.heading(graph, group))
        return next(each for each in self.statements if each.opening == number)

    def group_of(self, graph: Graph, statement: FlowchartStatement) -> str | None:
        """Return the innermost group whose lines contain a statement."""
        around = None
        for group in graph.outer_first():
            if self.heading(graph, group.id).start < statement.start < self.closing(graph, group.id).start:
                around = group.id
        return around

    def lines(self, statement: FlowchartStatement) -> tuple[int, int]:
        """Return where the lines of a statement begin and end, without the last line end."""
        start = self.text.rfind("\n", 0, statement.start) + 1
        end = self.text.find("\n", statement.end)
        return start, len(self.text) if end < 0 else end

    # Changes

    def rewritten(
        self,
        statement: FlowchartStatement,
        dropped: Set[int] = frozenset(),
        node: str | None = None,
        relabeled: Mapping[int, str] | None = None,
    ) -> Change:
        """Return the change of a chain that loses edges or a node, or some of whose edges get other links."""
        indexes = self._indexes[id(statement)]
        mentioned = self._mentioned_before(statement)
        lines = chain_writing.rewritten(self.text, statement, indexes, dropped, node, relabeled or {}, mentioned)
        if not lines:
            return self.removal(statement)
        return statement.start, statement.end, f"\n{self._indent(statement)}".join(lines)

    def _mentioned_before(self, statement: FlowchartStatement) -> set[str]:
        """Return the nodes that a statement above mentions in the same subgraph."""
        levels: list[set[str]] = [set()]
        for each in self.statements:
            if each is statement:
                break
            if each.kind == "subgraph":
                levels.append(set())
            elif each.kind == "end":
                levels.pop()
            levels[-1] |= {mention.name for mention in each.mentions()}
        return levels[-1]

    def removal(self, statement: FlowchartStatement) -> Change:
        """Return the change that removes a statement, with its line if it is alone there."""
        start, end = self.lines(statement)
        before, after = self.text[start : statement.start], self.text[statement.end : end]
        if not before.strip() and not after.strip(" \t;"):
            return max(start - 1, 0), end, ""
        separator = len(after) - len(after.lstrip(" \t;")) if after.lstrip().startswith(";") else 0
        return statement.start, statement.end + separator, ""

    def appended(self, *lines: str) -> Change:
        """Return the change that adds lines at the end."""
        return hint_comments.appended(self.text, *lines)

    def added(self, graph: Graph, group: str | None, *lines: str) -> Change:
        """Return the change that adds lines at the end of a group, or of the text."""
        if group is None:
            return self.appended(*lines)
        end = self.closing(graph, group)
        start, _ = self.lines(end)
        if self.text[start : end.start].strip():
            return end.start, end.start, "".join(f"{line}; " for line in lines)
        indent = self._indent(self.heading(graph, group)) + _STEP
        first = next((each for each in self.statements if self.group_of(graph, each) == group), None)
        if first and first is not end:
            indent = self._indent(first)
        return start - 1, start - 1, "".join(f"\n{indent}{line}" for line in lines)

    def _indent(self, statement: FlowchartStatement) -> str:
        line = self.text[self.lines(statement)[0] : statement.start]
        return line[: len(line) - len(line.lstrip())]
