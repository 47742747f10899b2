"""The checks of a report: each yields what makes a picture hard to read, with its cause and what to change."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from diagramkit.drawing import Box
from diagramkit.report import spacing
from diagramkit.report.crossing_lines import LineCrossing
from diagramkit.report.picture import ShownPicture, label_box
from diagramkit.report.report_records import Problem

MIN_TEXT = 13.0
"""The height in pixels from which text is readable on a screen. Print needs less, as its canvas says."""

_MIN_PART, _MAX_PART = 3, 0.75  # Nodes, and the share of nodes, of a group that could be a diagram of its own.
_MANY_EDGES = 6  # That end at one node from one side.
_MANY_NODES = 3  # That each have edges to the same nodes, at least as many.
_MAX_EMPTY = 0.7
_MAX_CROSSING_EDGES = 3  # Which are named; the others are counted.
_MAX_NAMED = 2
_MAX_LABELS = 3
_SIMILAR = 0.8  # How similar two ids are, from 0 to 1.
_MIN_ID = 4  # Letters; shorter ids are similar by chance.

_OTHER_SIDE = {"wide": "high", "high": "wide"}

Check = Callable[[ShownPicture, Sequence[LineCrossing]], Iterator[Problem]]


def problems(shown: ShownPicture, crossings: Sequence[LineCrossing]) -> Iterator[Problem]:
    """Yield the problems of a picture, whose edges cross at `crossings`."""
    for check in CHECKS:
        yield from check(shown, crossings)


def _small_text(shown: ShownPicture, _: Sequence[LineCrossing]) -> Iterator[Problem]:
    """The text is too small on the canvas."""
    size, canvas = shown.text_size, shown.canvas
    if size is None or canvas is None or size >= (limit := min(MIN_TEXT, canvas.min_text_size)):
        return
    nodes = len(shown.drawing.nodes)
    fitting = max(1, int(nodes * (size / limit) ** 2))
    message = f"the smallest text is {size:.1f} px high on the canvas ({limit:g} are readable), for {nodes} nodes"
    counts = {group.id: len(_nodes_in(shown, group.id)) for group in shown.graph.groups}
    parts = [name for name, count in counts.items() if _MIN_PART <= count <= nodes * _MAX_PART]
    if parts:
        part = min(parts, key=lambda name: abs(counts[name] - nodes / 2))
        change = (
            f"draw {shown.name_of(part)} with its {counts[part]} nodes as a diagram of its own; about {fitting} fit"
        )
        yield Problem("small-text", shown.line_of(part), message, change)
        return
    first = shown.graph.nodes[0].span.line
    yield Problem("small-text", (first,), message, f"draw two diagrams, or fewer nodes: about {fitting} fit")


def _nodes_in(shown: ShownPicture, group: str) -> list[str]:
    return [node.id for node in shown.graph.nodes if group in shown.groups_around(node.id)]


def _many_edges(shown: ShownPicture, crossings: Sequence[LineCrossing]) -> Iterator[Problem]:
    """Many edges end at one node and say the same."""
    for hub, edges in _hubs(shown):
        drawing = shown.drawing
        is_target = drawing.edges[edges[0]].target == hub
        others = [drawing.edges[number].source if is_target else drawing.edges[number].target for number in edges]
        crossed = sum(bool(crossing.edges & set(edges)) for crossing in crossings)
        message = f"{len(edges)} edges {'into' if is_target else 'out of'} {shown.name_of(hub)}"
        message += f", with {_times(crossed)}" if crossed else ""
        around = _common_group(shown, others, hub)
        if around is None:
            ends = "from" if is_target else "to"
            change = f"put the {len(set(others))} nodes into a subgraph, with one edge {ends} it"
        else:
            change = f"one edge {'from' if is_target else 'to'} the group {shown.name_of(around)} would do"
        yield Problem("many-edges", shown.lines_of(edges), message, change)


def _meshes(shown: ShownPicture, crossings: Sequence[LineCrossing]) -> Iterator[Problem]:
    """Several nodes have edges to the same nodes."""
    for sources, targets, edges in _complete_parts(shown):
        crossed = sum(bool(crossing.edges & set(edges)) for crossing in crossings)
        message = f"{len(edges)} edges lead from {_listed(shown, sources)} to {_listed(shown, targets)}"
        message += f", with {_times(crossed)}" if crossed else ""
        change = "put the sources into one subgraph and the targets into another, with one edge between the two"
        yield Problem("many-edges", shown.lines_of(edges), message, change)


def _complete_parts(shown: ShownPicture) -> Iterator[tuple[list[str], list[str], list[int]]]:
    """Yield the nodes that all have edges to the same nodes, with these and the indexes of the edges."""
    targets: dict[str, dict[str, int]] = {}
    for number, edge in enumerate(shown.drawing.edges):
        if edge.source != edge.target and not edge.texts:
            targets.setdefault(edge.source, {})[edge.target] = number
    sources: dict[frozenset[str], list[str]] = {}
    for name, numbers in targets.items():
        sources.setdefault(frozenset(numbers), []).append(name)
    for ends, names in sources.items():
        if len(ends) >= _MANY_NODES and len(names) >= _MANY_NODES:
            edges = [number for name in names for number in targets[name].values()]
            yield names, list(targets[names[0]]), edges


def _listed(shown: ShownPicture, names: Sequence[str]) -> str:
    """Return the names of the first nodes of a list, and the number of the others."""
    listed = ", ".join(map(shown.name_of, names[:_MAX_NAMED]))
    return listed + (f" and {len(names) - _MAX_NAMED} more" if len(names) > _MAX_NAMED else "")


def _hubs(shown: ShownPicture) -> Iterator[tuple[str, list[int]]]:
    """Yield the nodes at which many edges with the same label and stroke end, with the indexes of these edges."""
    by_end: dict[tuple[str, bool, str, str], list[int]] = {}
    for number, edge in enumerate(shown.drawing.edges):
        label = " ".join(text.text for text in edge.texts)
        for end, is_target in ((edge.target, True), (edge.source, False)):
            by_end.setdefault((end, is_target, label, edge.stroke), []).append(number)
    used = {number for *_, edges in _complete_parts(shown) for number in edges}
    for (end, _, _, _), edges in sorted(by_end.items(), key=lambda row: -len(row[1])):
        remaining = [number for number in edges if number not in used]
        if len(remaining) >= _MANY_EDGES:
            used.update(remaining)
            yield end, remaining


def _common_group(shown: ShownPicture, names: Sequence[str], hub: str) -> str | None:
    """Return the innermost group around all of `names` that is not around the hub; None if there is none."""
    counts = Counter(group for name in names for group in shown.groups_around(name))
    outside = {*shown.groups_around(hub), hub}
    return next(
        (group for group in shown.groups_around(names[0]) if counts[group] == len(names) and group not in outside), None
    )


def _crossings(shown: ShownPicture, crossings: Sequence[LineCrossing]) -> Iterator[Problem]:
    """Edges that cross others, those with the most crossings first; what `_many_edges` reports is left out."""
    reported = {number for _, edges in _hubs(shown) for number in edges}
    reported |= {number for *_, edges in _complete_parts(shown) for number in edges}
    remaining = [crossing for crossing in crossings if not crossing.edges & reported]
    for _ in range(_MAX_CROSSING_EDGES):
        counts = Counter(number for crossing in remaining for number in crossing.edges)
        if not counts:
            return
        number = min(counts, key=lambda one: (-counts[one], one))
        own = [crossing for crossing in remaining if number in crossing.edges]
        remaining = [crossing for crossing in remaining if number not in crossing.edges]
        others = sorted({other for crossing in own for other in crossing.edges} - {number})
        named = ", ".join(f"{shown.edge_name(other)}" for other in others[:_MAX_NAMED])
        more = f" and {len(others) - _MAX_NAMED} more" if len(others) > _MAX_NAMED else ""
        message = f"the edge {shown.edge_name(number)} crosses {named}{more}"
        yield Problem("crossings", shown.lines_of([number]), message, _crossing_change(shown, number))
    if remaining:
        rest = sorted({number for crossing in remaining for number in crossing.edges})
        yield Problem("crossings", shown.lines_of(rest), f"{_times(len(remaining))} of other edges", "")


def _crossing_change(shown: ShownPicture, number: int) -> str:
    """Return how to avoid the crossings of an edge."""
    edge = shown.drawing.edges[number]
    around_source = shown.groups_around(edge.source)
    own = [group for group in shown.groups_around(edge.target) if group not in around_source]
    if own and edge.source != own[-1]:
        return f"end it at the group {shown.name_of(own[-1])}, or leave it out"
    return "leave it out, or show it in a diagram of its own"


def _times(count: int) -> str:
    return f"{count} crossing{'' if count == 1 else 's'}"


def _label_space(shown: ShownPicture, _: Sequence[LineCrossing]) -> Iterator[Problem]:
    """Labels of edges that overlap something."""
    drawing = shown.drawing
    labels = {number: box for number, edge in enumerate(drawing.edges) if (box := label_box(edge))}
    count = 0
    for number, box in labels.items():
        overlapped = _overlapped(shown, labels, number, box)
        if overlapped is None or count == _MAX_LABELS:
            continue
        count += 1
        text = " ".join(text.text for text in drawing.edges[number].texts)
        message = f"the label '{text[:40]}' overlaps {overlapped}"
        change = "shorten it, or number the edges with --steps, which lists the texts below the picture"
        yield Problem("label-space", shown.lines_of([number]), message, change)


def _overlapped(shown: ShownPicture, labels: dict[int, Box], number: int, box: Box) -> str | None:
    """Return what the label of an edge overlaps, or None if it has space of its own."""
    drawing, area = shown.drawing, box.grown(-1)
    for node in drawing.nodes:
        if area.overlaps(node.solid) or any(area.overlaps(text.box) for text in node.texts):
            return f"the node {shown.name_of(node.id)}"
    for group in drawing.groups:
        if group.heading and area.overlaps(group.heading):
            return f"the title of {shown.name_of(group.id)}"
    for other, other_box in labels.items():
        if other != number and area.overlaps(other_box):
            return f"the label of {shown.edge_name(other)}"
    return None


def _empty_space(shown: ShownPicture, _: Sequence[LineCrossing]) -> Iterator[Problem]:
    """Most of the canvas is empty."""
    share = spacing.empty_share(shown)
    if share <= _MAX_EMPTY or shown.canvas is None or shown.scale is None or not shown.graph.nodes:
        return
    drawing, canvas = shown.drawing, shown.canvas
    proportions = drawing.width / drawing.height
    if not canvas.width / 2 < drawing.width * shown.scale or not canvas.height / 2 < drawing.height * shown.scale:
        ratio, row = (proportions, "wide") if proportions > 1 else (1 / proportions, "high")
        message = f"{share:.0%} of the canvas is empty: the picture is {ratio:.1f} times as {row} as {_OTHER_SIDE[row]}"
        yield Problem("empty-space", _first_line(shown), message, "divide the longest chain, or choose another canvas")
        return
    message = f"{share:.0%} of the canvas is empty"
    emptiest = _emptiest_group(shown)
    lines = shown.line_of(emptiest) if emptiest else _first_line(shown)
    message += f", most of it in {shown.name_of(emptiest)}" if emptiest else ""
    yield Problem("empty-space", lines, message, "put nodes that belong together into subgraphs there")


def _emptiest_group(shown: ShownPicture) -> str | None:
    """Return the innermost group that contains most of the empty space, or None if it is in no group of the source."""
    cells = spacing.empty_cells(shown.drawing)
    emptiest = None
    for group in shown.drawing.groups:  # Outer ones come first.
        if shown.line_of(group.id) and sum(group.box.contains(cell) for cell in cells) > len(cells) / 2:
            emptiest = group.id
    return emptiest


def _first_line(shown: ShownPicture) -> tuple[int, ...]:
    return (min(node.span.line for node in shown.graph.nodes),)


def _empty_groups(shown: ShownPicture, _: Sequence[LineCrossing]) -> Iterator[Problem]:
    """Groups that contain nothing."""
    for group in shown.graph.groups:
        if shown.graph.is_empty(group.id) and not shown.graph.lanes:
            change = "write its nodes between 'subgraph' and 'end', or remove it"
            yield Problem(
                "empty-group", (group.span.line,), f"the group {shown.name_of(group.id)} has no members", change
            )


def _similar_ids(shown: ShownPicture, _: Sequence[LineCrossing]) -> Iterator[Problem]:
    """Ids that are probably misspelled: they have no label, are used once, and are similar to one with a label."""
    labeled = [node.id for node in shown.graph.nodes if node.label != node.id]
    uses = Counter(name for edge in shown.graph.edges for name in (edge.source, edge.target))
    for node in shown.graph.nodes:
        if node.label == node.id and uses[node.id] == 1 and node.shape == "square":
            close = difflib.get_close_matches(node.id, labeled, n=1, cutoff=_SIMILAR)
            if close and len(node.id) >= _MIN_ID:
                message = f"the node '{node.id}' has no label, and its id is similar to '{close[0]}'"
                yield Problem("similar-id", (node.span.line,), message, f"write '{close[0]}', or give it a label")


CHECKS: tuple[Check, ...] = (
    _small_text,
    _similar_ids,
    _many_edges,
    _meshes,
    _crossings,
    _label_space,
    _empty_space,
    _empty_groups,
)
"""The checks, in the order in which their problems are reported."""
