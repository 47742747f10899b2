"""Divides a diagram into an overview, in which groups are collapsed into nodes, and one diagram for each of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from diagramkit.graph import Direction, Edge, Graph, Group, Head, Node, Pattern
from diagramkit.layout.steps import find_steps
from diagramkit.sources.label_text import plain_lines

_SHAPE = "st-rect"  # Of collapsed groups: a stack.
_FRAME = "frame"  # The ids of frames contain a space, which no source has in ids.
_MIN_GATHERED = 4  # Nodes with the same connections, for a frame around them.
_MAX_LABELS = 2  # Of edges that one edge of an overview stands for; for more, it has their number.


def levels(pattern: Pattern, subject: str | None = None) -> Iterator[tuple[Pattern, tuple[str, ...]]]:
    """Yield overviews of a pattern with the groups that they collapse, from the most detailed to the shortest.

    An overview collapses all groups at a depth. Groups with one node are shown as they are. If the pattern is that of a
    single group, `subject`, that group and those outside of it are never collapsed.
    """
    graph = pattern.graph
    depths = {group.id: graph.depth(group.id) for group in graph.groups}
    for depth in range(max(depths.values(), default=-1), -1, -1):
        collapsed = tuple(
            group.id
            for group in graph.groups
            if depths[group.id] == depth
            and _count(graph, group.id) > 1
            and (subject is None or subject in {above.id for above in graph.ancestors(group.parent)})
        )
        if collapsed:
            yield _with_graph(pattern, collapse(graph, collapsed), collapsed), collapsed


def part(pattern: Pattern, group: str, collapsed: Iterable[str]) -> Pattern:
    """Return the diagram of a group. Nodes outside of it that it is connected to are shown, in collapsed groups."""
    graph = pattern.graph
    others = tuple(other for other in collapsed if other != group)
    outside = collapse(graph, others)
    inner = {group, *(inner.id for inner in graph.descendants(group))}
    inner |= {node.id for node in graph.nodes if node.group in inner}
    edges = tuple(edge for edge in outside.edges if edge.source in inner or edge.target in inner)
    shown = inner | {name for edge in edges for name in (edge.source, edge.target)}
    groups = tuple(item for item in outside.groups if item.id in shown)
    frames = {item.id for item in groups}

    def frame(start: str | None) -> str | None:
        return next((above.id for above in outside.ancestors(start) if above.id in frames), None)

    nodes = tuple(replace(node, group=frame(node.group)) for node in outside.nodes if node.id in shown)
    groups = tuple(replace(item, parent=frame(item.parent)) for item in groups)
    shown_graph = replace(outside, nodes=nodes, edges=edges, groups=groups, description=None, accessible_title=None)
    return replace(_with_graph(pattern, shown_graph, others), title=f"{pattern.title}: {_title(graph, group)}")


def without_surroundings(pattern: Pattern, subject: str) -> Pattern:
    """Return the pattern of a group without everything outside of the group."""
    graph = pattern.graph
    groups = tuple(group for group in graph.groups if subject in {above.id for above in graph.ancestors(group.id)})
    inner = {group.id for group in groups}
    nodes = tuple(node for node in graph.nodes if node.group in inner)
    inner |= {node.id for node in nodes}
    edges = tuple(edge for edge in graph.edges if edge.source in inner and edge.target in inner)
    return _with_graph(pattern, replace(graph, nodes=nodes, groups=groups, edges=edges), ())


def numbered(pattern: Pattern) -> Pattern:
    """Return the pattern with the numbers of its steps in its labels, so that they are the same in all of its parts."""
    steps = find_steps(pattern.graph)
    texts = dict(steps.entries)
    edges = tuple(
        replace(edge, label=f"{steps.numbers[index]}. {texts[steps.numbers[index]]}", markdown=False)
        if index in steps.numbers
        else edge
        for index, edge in enumerate(pattern.graph.edges)
    )
    return replace(pattern, graph=replace(pattern.graph, edges=edges))


def turned(pattern: Pattern) -> Pattern:
    """Return the pattern with its flow in the other direction."""
    other: dict[Direction | None, Direction] = {"LR": "TB", "RL": "TB", "TB": "LR", "BT": "LR", None: "TB"}
    return replace(pattern, graph=replace(pattern.graph, direction=other[pattern.graph.direction]))


def gathered(pattern: Pattern) -> Pattern | None:
    """Return the pattern with a frame around nodes that have the same connections, which then lead to the frame.

    In a frame, such nodes need not be side by side. Return None if there are not enough of them.
    """
    graph = pattern.graph
    frames: dict[str, Group] = {}  # By the nodes in them.
    for number, nodes in enumerate(_alike_nodes(graph)):
        frame = Group(f"{_FRAME} {number}", " ", nodes[0].span, parent=nodes[0].group)
        frames |= dict.fromkeys((node.id for node in nodes), frame)
    if not frames:
        return None
    owner = {node: frame.id for node, frame in frames.items()}
    return replace(
        pattern,
        graph=replace(
            graph,
            nodes=tuple(replace(node, group=owner.get(node.id, node.group)) for node in graph.nodes),
            groups=(*graph.groups, *{frame.id: frame for frame in frames.values()}.values()),
            edges=tuple(_merged(graph.edges, owner)),
        ),
    )


def _alike_nodes(graph: Graph) -> list[list[Node]]:
    """Return the nodes with the same connections, if there are several in a group."""
    connections: dict[str, list[tuple[bool, str, str, Head, Head]]] = {node.id: [] for node in graph.nodes}
    for edge in graph.edges:
        for end, other, starts in ((edge.source, edge.target, True), (edge.target, edge.source, False)):
            if end in connections:
                connections[end].append((starts, other, edge.label, edge.tail, edge.head))
    alike: dict[tuple[str | None, tuple[object, ...]], list[Node]] = {}
    for node in graph.nodes:
        alike.setdefault((node.group, tuple(connections[node.id])), []).append(node)
    return [nodes for (_, ends), nodes in alike.items() if ends and len(nodes) >= _MIN_GATHERED]


def collapse(graph: Graph, groups: Iterable[str]) -> Graph:
    """Return the graph with each of `groups` replaced by a node. Edges between the same ends become one."""
    collapsed = set(groups)
    owner: dict[str, str] = {}
    for item in graph.groups:
        inside = next((above.id for above in graph.ancestors(item.id) if above.id in collapsed), None)
        if inside:
            owner[item.id] = inside
    for node in graph.nodes:
        if node.group in owner:
            owner[node.id] = owner[node.group]
    replaced = tuple(_as_node(graph, item) for item in graph.groups if item.id in collapsed)
    return replace(
        graph,
        nodes=(*(node for node in graph.nodes if node.id not in owner), *replaced),
        groups=tuple(item for item in graph.groups if item.id not in owner),
        edges=tuple(_merged(graph.edges, owner)),
    )


def _as_node(graph: Graph, group: Group) -> Node:
    label = f"{_title(graph, group.id)}<br/>{_count(graph, group.id)} components"
    return Node(group.id, label, _SHAPE, group.span, group.parent, group.classes, group.style)


def _merged(edges: Iterable[Edge], owner: dict[str, str]) -> Iterator[Edge]:
    """Yield the edges between collapsed groups and other nodes; those with the same ends become one."""
    bundles: dict[tuple[str, str], list[Edge]] = {}
    for edge in edges:
        source, target = owner.get(edge.source, edge.source), owner.get(edge.target, edge.target)
        if source != target or edge.source == edge.target:
            is_original = source == edge.source and target == edge.target
            key = (source, target) if not is_original else (f"{source}\n{len(bundles)}", target)
            bundles.setdefault(key, []).append(replace(edge, source=source, target=target, sides=None))
    for bundle in bundles.values():
        first = bundle[0]
        labels = list(dict.fromkeys(edge.label for edge in bundle if edge.label))
        label = "<br/>".join(labels) if len(labels) <= _MAX_LABELS else f"{len(bundle)} connections"
        yield replace(first, label=label, tail=_head([e.tail for e in bundle]), head=_head([e.head for e in bundle]))


def _head(heads: list[Head]) -> Head:
    """Return the arrowhead of an edge that stands for several: the first that is one."""
    return next((head for head in heads if head != "none"), "none")


def _with_graph(pattern: Pattern, graph: Graph, collapsed: Iterable[str]) -> Pattern:
    """Return a pattern of another graph: icons only for its nodes, and none for collapsed groups."""
    nodes = {node.id: node for node in graph.nodes}
    icons = tuple(icon for icon in pattern.icons if icon[0] in nodes)
    shapes = tuple((group, "none", nodes[group].span) for group in collapsed if group in nodes)
    return replace(pattern, graph=graph.with_possible_hints(), icons=(*icons, *shapes))


def _count(graph: Graph, group: str) -> int:
    inner = {group, *(item.id for item in graph.descendants(group))}
    return sum(node.group in inner for node in graph.nodes)


def _title(graph: Graph, group: str) -> str:
    """Return the title of a group on one line, with those of the groups around it if other groups share it.

    Groups that have all these titles in common are numbered.
    """
    titles = {item.id: " ".join(plain_lines(item.label)) or item.id for item in graph.groups}
    paths = {item.id: [titles[above.id] for above in graph.ancestors(item.id)] for item in graph.groups}
    path, length = paths[group], 1
    twins = [name for name, other in paths.items() if other == path]
    others = [other for other in paths.values() if other != path]
    while length < len(path) and any(other[:length] == path[:length] for other in others):
        length += 1
    number = f" ({twins.index(group) + 1})" if len(twins) > 1 else ""
    return ", ".join([path[0] + number, *path[1:length]])
