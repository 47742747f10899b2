"""Writes the chains of a flowchart again without some of their edges and nodes, or with other labels."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Set

from diagramkit.sources.mermaid.write_text import quoted
from diagramkit.sources.source_edits.mermaid_statements import FlowchartStatement, Mention

_TEXT_LABEL = re.compile(
    r"(?P<id>[^\s@|]+@)?(?P<start>[<ox]?(?:--|==|-\.))(?P<text>.*?[^-=.<])(?P<end>[<ox]?[-=.]+[>ox]?)", re.S
)


def relabeled_links(link: str, label: str) -> Iterator[str]:
    """Yield a link with another label, in the forms that it may have."""
    bars = f"|{quoted(label)}|" if label else ""
    line, bar, rest = link.partition("|")
    if bar and rest.endswith("|"):
        yield f"{line.rstrip()}{bars}"
        return
    if match := _TEXT_LABEL.fullmatch(link):
        name, start, end = match["id"] or "", match["start"], match["end"]
        if label:
            yield f"{name}{start} {quoted(label)} {end}"
        tail = start[0] if start[0] in "<ox" else ""
        yield f"{name}{tail}{'-' if end.startswith('.') else ''}{end}{bars}"
        return
    yield f"{link}{bars}"


def edge_indexes(statement: FlowchartStatement, first: int) -> dict[tuple[int, int, int], int]:
    """Return the index of each edge of a chain in the graph, by its link and the nodes in the lists at its ends."""
    indexes: dict[tuple[int, int, int], int] = {}
    for link in range(len(statement.links)):
        for tail in range(len(statement.lists[link])):
            for head in range(len(statement.lists[link + 1])):
                indexes[link, tail, head] = first + len(indexes)
    return indexes


def rewritten(
    text: str,
    statement: FlowchartStatement,
    indexes: Mapping[tuple[int, int, int], int],
    dropped: Set[int],
    node: str | None,
    relabeled: Mapping[int, str],
    mentioned: Set[str] = frozenset(),
) -> list[str]:
    """Return the lines that a chain becomes: without edges and a node, and with other links for some edges.

    `mentioned` are the nodes that need no line of their own if they are in no edge of the chain any more.
    """
    writer = _ChainWriter(text, statement, node, mentioned)
    for number, (start, end) in enumerate(statement.links):
        pairs = {place: index for place, index in indexes.items() if place[0] == number}
        left = [
            place
            for place, index in pairs.items()
            if index not in dropped and writer.has(number, place[1]) and writer.has(number + 1, place[2])
        ]
        if len(left) == writer.count(number) * writer.count(number + 1) and not relabeled.keys() & set(pairs.values()):
            writer.link(number, text[start:end])
            continue
        writer.flush(number, {tail for _, tail, _ in left})
        for place in left:
            writer.edge(number, place[1], place[2], relabeled.get(pairs[place], text[start:end]))
    writer.flush(len(statement.links))
    return writer.lines


class _ChainWriter:
    """Collects lines. A node has its label and class where it is written first."""

    def __init__(self, text: str, statement: FlowchartStatement, node: str | None, mentioned: Set[str]) -> None:
        self.lines: list[str] = []
        self._mentioned = mentioned
        self._text, self._lists, self._node = text, statement.lists, node
        self._chain = ""
        self._written: set[int] = set()

    def has(self, number: int, index: int) -> bool:
        """Return whether a node of a list stays."""
        return self._lists[number][index].name != self._node

    def count(self, number: int) -> int:
        """Return how many nodes of a list stay."""
        return sum(each.name != self._node for each in self._lists[number])

    def link(self, number: int, link: str) -> None:
        """Continue the chain with a link to the next list."""
        if self.count(number) == 0 or self.count(number + 1) == 0:
            self.flush(number)
            return
        start = self._chain or self._list(number)
        self._chain = f"{start} {link} {self._list(number + 1)}"

    def edge(self, number: int, tail: int, head: int, link: str) -> None:
        """Write one edge in a line of its own."""
        self.lines.append(
            f"{self._mention(self._lists[number][tail])} {link} {self._mention(self._lists[number + 1][head])}"
        )

    def flush(self, number: int, following: Set[int] = frozenset()) -> None:
        """End the chain at a list. Its nodes get a line of their own if no edge contains them, nor will."""
        if self._chain:
            self.lines.append(self._chain)
            self._chain = ""
        left = [
            each
            for index, each in enumerate(self._lists[number])
            if each.name != self._node
            and id(each) not in self._written
            and index not in following
            and (each.name not in self._mentioned or each.end > each.id_end)
        ]
        if left:
            self.lines.append(" & ".join(self._mention(each) for each in left))

    def _list(self, number: int) -> str:
        return " & ".join(self._mention(each) for each in self._lists[number] if each.name != self._node)

    def _mention(self, mention: Mention) -> str:
        is_first = id(mention) not in self._written
        self._written.add(id(mention))
        return self._text[mention.start : mention.end if is_first else mention.id_end]
