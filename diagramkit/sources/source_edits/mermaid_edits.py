"""Edits of a flowchart: for each kind, the changes of its text that may do it, the smallest first.

Whether a change does what it should is not decided here: the caller reads the result (`source_edits.apply`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from diagramkit.graph import Edge, Graph, Node
from diagramkit.sources.mermaid import write, write_ids
from diagramkit.sources.mermaid.brackets import BRACKETS
from diagramkit.sources.mermaid.write_text import quoted, yaml_quoted
from diagramkit.sources.source_edits import chain_writing, hint_comments
from diagramkit.sources.source_edits.edit_kinds import (
    AddEdge,
    AddGroup,
    AddNode,
    DeleteEdge,
    DeleteGroup,
    DeleteNode,
    Edit,
    MoveInto,
    RelabelEdge,
    Rename,
    SourceEditError,
)
from diagramkit.sources.source_edits.flowchart_text import FlowchartText
from diagramkit.sources.source_edits.mermaid_region import Change
from diagramkit.sources.source_edits.mermaid_statements import FlowchartStatement

_OPENINGS = sorted(BRACKETS, key=lambda pair: -len(pair[0]))
_METADATA_LABEL = re.compile(r"(?P<before>[{,\s]label\s*:\s*)(?P<value>\"(?:[^\"\\]|\\.)*\"|'[^']*'|[^,}\n\"']+)")
_HEADING = re.compile(r"subgraph(?P<space>\s+)(?P<rest>.*)", re.S)
_TITLE = re.compile(r"[^\[]*\[(?P<title>.*)\]", re.S)


def candidates(text: FlowchartText, graph: Graph, edit: Edit) -> Iterator[list[Change]]:
    """Yield the changes that may do an edit. Raises `SourceEditError` if there are none."""
    yield from _CANDIDATES[type(edit)](text, graph, edit)


# Labels


def _rename(text: FlowchartText, graph: Graph, edit: Rename) -> Iterator[list[Change]]:
    if any(group.id == edit.id for group in graph.groups):
        yield from _retitle(text, graph, edit)
        return
    mentions = text.mentions(edit.id)
    if not mentions:
        raise SourceEditError(f"'{edit.id}' is not written as a node")
    for mention in reversed(mentions):
        if change := _relabeled(text.text, mention.id_end, mention.end, edit.label):
            yield [change]
    first = mentions[0]
    yield [(first.id_end, first.id_end, f"[{quoted(edit.label)}]")]
    fields = f"label: {yaml_quoted(edit.label)}, labelType: text"
    yield [text.appended(f"{text.raw(edit.id)}@{{ {fields} }}")]


def _relabeled(text: str, start: int, end: int, label: str) -> Change | None:
    """Return the change of the label in what follows an id, or None if there is none."""
    rest = text[start:end]
    if rest.startswith("@{"):
        if match := _METADATA_LABEL.search(rest):
            return start + match.start("value"), start + match.end("value"), yaml_quoted(label)
        return start + 2, start + 2, f" label: {yaml_quoted(label)},"
    for opening, closing in _OPENINGS:
        last = rest.rfind(closing)
        if rest.startswith(opening) and last >= len(opening):
            return start + len(opening), start + last, quoted(label)
    return None


def _retitle(text: FlowchartText, graph: Graph, edit: Rename) -> Iterator[list[Change]]:
    heading = text.heading(graph, edit.id)
    match = _HEADING.match(text.text[heading.start : heading.end])
    if match is None:
        raise SourceEditError(f"the title of '{edit.id}' is not in one line")
    start, rest = heading.start + match.start("rest"), match["rest"].rstrip("; \t\n")
    if bracket := _TITLE.fullmatch(rest):
        yield [(start + bracket.start("title"), start + bracket.end("title"), quoted(edit.label))]
        return
    if not rest.startswith('"'):
        yield [(start + len(rest), start + len(rest), f" [{quoted(edit.label)}]")]
    yield [(start, start + len(rest), quoted(edit.label))]
    yield [(start, start + len(rest), f"{edit.id} [{quoted(edit.label)}]")]


def _relabel_edge(text: FlowchartText, _: Graph, edit: RelabelEdge) -> Iterator[list[Change]]:
    statement, number = text.link(edit.index)
    start, end = statement.links[number]
    links = list(chain_writing.relabeled_links(text.text[start:end], edit.label))
    for link in links:
        yield [(start, end, link)]
    for link in links:
        yield [text.rewritten(statement, relabeled={edit.index: link})]


# Additions


def _add_node(text: FlowchartText, graph: Graph, edit: AddNode) -> Iterator[list[Change]]:
    if not write_ids.is_plain_id(edit.id):
        raise SourceEditError(f"'{edit.id}' cannot be an id in Mermaid")
    node = Node(edit.id, edit.label, edit.shape, text.span, edit.group, source_shape=edit.shape)
    line = edit.id if edit.label == edit.id and edit.shape == "square" else write.node_text(node)
    yield [text.added(graph, edit.group, line)]


def _add_edge(text: FlowchartText, graph: Graph, edit: AddEdge) -> Iterator[list[Change]]:
    ends = [_raw_end(text, graph, name) for name in (edit.source, edit.target)]
    edge = Edge(ends[0], ends[1], text.span, edit.label, edit.stroke, edit.tail, edit.head)
    yield [text.appended(write.edge_text(edge))]


def _raw_end(text: FlowchartText, graph: Graph, name: str) -> str:
    """Return the id of a node or group as an edge names it."""
    raw = text.raw(name)
    if not write_ids.is_plain_id(raw) and not text.mentions(name):
        raise SourceEditError(f"the id '{name}' cannot be the end of an edge in Mermaid")
    if all(each.id != name for each in graph.nodes_and_groups):
        raise SourceEditError(f"there is no node or group '{name}' in this diagram")
    return raw


def _add_group(text: FlowchartText, graph: Graph, edit: AddGroup) -> Iterator[list[Change]]:
    if not write_ids.is_plain_subgraph_id(edit.id) or not write_ids.is_plain_id(edit.id):
        raise SourceEditError(f"'{edit.id}' cannot be the id of a subgraph in Mermaid")
    yield [text.added(graph, edit.parent, f"subgraph {edit.id} [{quoted(edit.label)}]", "end")]


# Moves


def _move(text: FlowchartText, graph: Graph, edit: MoveInto) -> Iterator[list[Change]]:
    """Yield mentions in the new group, first with the statements where they are, then outside of the old groups."""
    if any(group.id == edit.id for group in graph.groups):
        yield from _move_group(text, graph, edit)
        return
    mention = [text.added(graph, edit.group, text.raw(edit.id))] if edit.group else []
    if mention:
        yield mention
    statements = [each for each in text.statements if edit.id in {one.name for one in each.mentions()}]
    inner = [each for each in statements if text.group_of(graph, each) not in (None, edit.group)]
    for lifted in _lifts(statements, inner):
        removals = [text.removal(each) for each in lifted]
        lines = [text.text[each.start : each.end] for each in lifted]
        if edit.group and all(not each.links for each in lifted):
            yield [*removals, text.added(graph, edit.group, *lines)]
        yield [*removals, *mention, text.appended(*lines)]
        # The other nodes of these statements stay in their groups.
        yield [*(_mention_of_others(text, each, edit.id) for each in lifted), *mention, text.appended(*lines)]


def _mention_of_others(text: FlowchartText, statement: FlowchartStatement, name: str) -> Change:
    """Return the change of a statement that leaves only a mention of its nodes but one."""
    others = [text.text[each.start : each.id_end] for each in statement.mentions() if each.name != name]
    if not others:
        return text.removal(statement)
    return statement.start, statement.end, " & ".join(dict.fromkeys(others))


def _lifts(
    statements: Sequence[FlowchartStatement], inner: Sequence[FlowchartStatement]
) -> Iterator[Sequence[FlowchartStatement]]:
    if inner:
        yield inner
    if len(statements) > len(inner):
        yield statements


def _move_group(text: FlowchartText, graph: Graph, edit: MoveInto) -> Iterator[list[Change]]:
    heading, end = text.heading(graph, edit.id), text.closing(graph, edit.id)
    start, _ = text.lines(heading)
    _, last = text.lines(end)
    lines = [line.strip() for line in text.text[start:last].split("\n")]
    removed = (max(start - 1, 0), last, "")
    yield [removed, text.added(graph, edit.group, *lines) if edit.group else text.appended(*lines)]


# Deletions


def _delete_node(text: FlowchartText, graph: Graph, edit: DeleteNode) -> Iterator[list[Change]]:
    gone = {index for index, edge in enumerate(graph.edges) if edit.id in (edge.source, edge.target)}
    changes = [*_without_edges(text, gone, edit.id), *_without_names(text, text.raw(edit.id))]
    changes += _without_edge_ids(text, graph, gone)
    yield [*changes, *hint_comments.without(text.text, graph, edit.id)]


def _delete_edge(text: FlowchartText, graph: Graph, edit: DeleteEdge) -> Iterator[list[Change]]:
    yield [*_without_edges(text, {edit.index}, None), *_without_edge_ids(text, graph, {edit.index})]


def _delete_group(text: FlowchartText, graph: Graph, edit: DeleteGroup) -> Iterator[list[Change]]:
    gone = {index for index, edge in enumerate(graph.edges) if edit.id in (edge.source, edge.target)}
    heading, end = text.heading(graph, edit.id), text.closing(graph, edit.id)
    directions = [
        each
        for each in text.statements
        if each.kind.startswith("DIRECTION_STATEMENT") and text.group_of(graph, each) == edit.id
    ]
    changes = [text.removal(each) for each in (heading, *directions, end)]
    changes += [*_without_edges(text, gone, edit.id), *_without_names(text, text.raw(edit.id))]
    yield [*changes, *hint_comments.without(text.text, graph, edit.id)]


def _without_edges(text: FlowchartText, gone: Iterable[int], node: str | None) -> Iterator[Change]:
    """Yield the changes of chains that lose edges or a node, and of the numbers of edges behind them."""
    gone = set(gone)
    for statement in text.statements:
        if statement.kind == "chain":
            indexes = text.edge_indexes(statement)
            if gone & indexes or any(each.name == node for each in statement.mentions()):
                yield text.rewritten(statement, dropped=gone, node=node)
        elif statement.kind == "linkStyle" and gone and statement.names != ("default",):
            yield from _renumbered(text, statement, gone)


def _without_edge_ids(text: FlowchartText, graph: Graph, gone: Iterable[int]) -> Iterator[Change]:
    """Yield the changes of statements about edges by their ids."""
    for name in filter(None, (graph.edges[index].id for index in gone)):
        yield from _without_names(text, name)
        for statement in text.statements:
            if [each.name for each in statement.mentions()] == [name]:
                yield text.removal(statement)


def _renumbered(text: FlowchartText, statement: FlowchartStatement, gone: set[int]) -> Iterator[Change]:
    numbers = [int(name) for name in statement.names if name.isdigit()]
    left = [number - sum(each < number for each in gone) for number in numbers if number not in gone]
    if not left:
        yield text.removal(statement)
    elif left != numbers:
        yield (*statement.names_place, ",".join(map(str, left)))


def _without_names(text: FlowchartText, name: str) -> Iterator[Change]:
    """Yield the changes of `style`, `class` and `click` statements that name what is deleted."""
    for statement in text.statements:
        if statement.kind == "linkStyle" or name not in statement.names:
            continue
        left = [each for each in statement.names if each != name]
        yield (*statement.names_place, ",".join(left)) if left else text.removal(statement)


_CANDIDATES: dict[type, Callable[[FlowchartText, Graph, Any], Iterator[list[Change]]]] = {
    Rename: _rename,
    RelabelEdge: _relabel_edge,
    AddNode: _add_node,
    AddEdge: _add_edge,
    AddGroup: _add_group,
    MoveInto: _move,
    DeleteNode: _delete_node,
    DeleteEdge: _delete_edge,
    DeleteGroup: _delete_group,
}
