"""Check the geometry of a picture against the rules for good pictures.

The tests require that every picture has no faults.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from diagramkit.drawing import Box, Drawing, EdgeDrawing, NodeDrawing, TextSpan, bounds
from diagramkit.layout.ports import depth_at
from diagramkit.layout.result import Side
from tests.support.boxes import SpatialIndex, is_crossed, overlapping_pairs

_TOLERANCE = 0.6  # Points.
_SEARCH_MARGIN = 2.0  # Points around an edge: more than the tolerance of any rule.
_INNER_SHARES = (0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4)
_CORNER_RADIUS = 3.0  # Points: that of rectangles.
# The maximum distance from the side of an icon's box to the drawn part of the icon, in points.
_MAX_INK_INSET = 18.5


_OwnedBox = tuple[Box, str, str]
"""A box that texts may overlap: the box, its owner and its title."""


class Fault(Struct, frozen=True):
    """A violation of a rule: the rule, and the elements that violate it."""

    rule: str
    detail: str


def find_faults(drawing: Drawing) -> list[Fault]:
    """Return every fault in the picture; a good picture has none."""
    runs, texts = _edge_runs(drawing), _owned_texts(drawing)
    index = SpatialIndex([run.area.grown(_SEARCH_MARGIN) for run in runs])
    return [
        *_cut_off(drawing, runs),
        *_texts_on_others(drawing, texts),
        *_icons_on_icons(drawing),
        *_texts_on_borders(drawing, texts),
        *_across_borders(drawing),
        *_texts_on_edges(_texts_without_halo(drawing, texts), runs, index),
        *_edges_through_icons(drawing, runs, index),
        *_edges_on_edges(runs),
        *_detached_ends(drawing),
        *_titles_outside_groups(drawing),
    ]


def _cut_off(drawing: Drawing, runs: list[_EdgeRun]) -> Iterator[Fault]:
    """Yield texts, nodes, groups and edges that are partly outside of the picture."""
    frame = Box(0, 0, drawing.width, drawing.height)
    for text in drawing.texts():
        if not frame.contains(text.box):
            yield Fault("nothing is cut", text.text)
    boxes = [(node.id, node.solid) for node in drawing.nodes]
    boxes += [(group.id, group.box) for group in drawing.groups]
    for name, box in boxes:
        if not frame.contains(box):
            yield Fault("nothing is cut", name)
    for run in runs:
        if not frame.contains(run.area):
            yield Fault("nothing is cut", _name(run.edge))


def _owned_texts(drawing: Drawing) -> list[tuple[str, TextSpan]]:
    """Return every line of text with its owner."""
    texts = [(f"node {node.id}", text) for node in drawing.nodes for text in node.texts]
    texts += [(f"group {group.id}", text) for group in drawing.groups for text in group.texts]
    texts += [(f"edge {n}", text) for n, e in enumerate(drawing.edges) for text in e.texts]
    texts += [(f"edge {n}", replace(e.badge.text, box=e.badge.box)) for n, e in enumerate(drawing.edges) if e.badge]
    return texts


def _texts_on_others(drawing: Drawing, texts: list[tuple[str, TextSpan]]) -> Iterator[Fault]:
    """Yield texts that overlap other texts, icons or tiles, or are outside of their shape."""
    for first, second in sorted(overlapping_pairs([text.box for _, text in texts], 0.3)):
        yield Fault("no text on a text", f"{texts[first][1].text} / {texts[second][1].text}")
    shapes = {f"node {node.id}": node for node in drawing.nodes if not node.has_label_below}
    for owner, text in texts:
        if owner in shapes and not shapes[owner].box.contains(text.box, 0.6):
            yield Fault("text stays in its shape", text.text)
    solids = [(node.solid, f"node {node.id}", node.title) for node in drawing.nodes]
    solids += [(group.tile, "", group.title) for group in drawing.groups if group.tile]
    for (owner, text), (_, name, title) in _overlapping_texts(texts, solids):
        if owner != name or owner not in shapes:
            yield Fault("no text on an icon", f"{text.text} / {title}")


def _overlapping_texts(
    texts: list[tuple[str, TextSpan]], boxes: list[_OwnedBox]
) -> Iterator[tuple[tuple[str, TextSpan], _OwnedBox]]:
    """Yield texts with the boxes that they overlap by more than 0.3 points."""
    index = SpatialIndex([box for box, _, _ in boxes])
    for owned_text in texts:
        for number in index.touching(owned_text[1].box, 0.3):
            yield owned_text, boxes[number]


def _icons_on_icons(drawing: Drawing) -> Iterator[Fault]:
    """Yield icons and shapes that overlap."""
    nodes = drawing.nodes
    for first, second in sorted(overlapping_pairs([node.solid for node in nodes], 0.3)):
        yield Fault("no icon on an icon", f"{nodes[first].title} / {nodes[second].title}")


def _across_borders(drawing: Drawing) -> Iterator[Fault]:
    """Yield groups and icons that cross a group's border by more than 0.3 points instead of being inside or outside."""
    groups = drawing.groups
    for first_index, second_index in sorted(overlapping_pairs([group.box for group in groups], 0.3)):
        first, second = groups[first_index], groups[second_index]
        if not (first.box.contains(second.box, 0.3) or second.box.contains(first.box, 0.3)):
            yield Fault("no group across a border", f"{first.title} / {second.title}")
    solids = [(node.solid, node.title) for node in drawing.nodes]
    index = SpatialIndex([box for box, _ in solids])
    for group in groups:
        for number in index.touching(group.box, 0.3):
            box, title = solids[number]
            if not group.box.contains(box, 0.3):
                yield Fault("no icon on a border", f"{title} / {group.title}")


def _texts_on_borders(drawing: Drawing, texts: list[tuple[str, TextSpan]]) -> Iterator[Fault]:
    """Yield texts that cross the border of a group."""
    boxes = [(group.box, "", group.title) for group in drawing.groups]
    for (_, text), (box, _, title) in _overlapping_texts(texts, boxes):
        if not box.contains(text.box, 0.3):
            yield Fault("no text on a border", f"{text.text} / {title}")


class _EdgeRun(Struct, frozen=True):
    """An edge as its straight segments, and the box around them."""

    number: int
    edge: EdgeDrawing
    segments: list[tuple[tuple[float, float], tuple[float, float]]]
    area: Box


def _edge_runs(drawing: Drawing) -> list[_EdgeRun]:
    """Return the runs of all edges."""
    runs = []
    for number, edge in enumerate(drawing.edges):
        line = edge.line()
        xs, ys = zip(*line, strict=True)
        left, top = min(xs), min(ys)
        area = Box(left, top, max(xs) - left, max(ys) - top)
        runs.append(_EdgeRun(number, edge, list(itertools.pairwise(line)), area))
    return runs


def _texts_without_halo(drawing: Drawing, texts: list[tuple[str, TextSpan]]) -> list[tuple[str, TextSpan]]:
    """Return the texts that edges must avoid: all but titles with a halo, behind which they pass."""
    haloed = {f"group {group.id}" for group in drawing.groups if group.halo}
    return [(owner, text) for owner, text in texts if owner not in haloed]


def _texts_on_edges(texts: list[tuple[str, TextSpan]], runs: list[_EdgeRun], index: SpatialIndex) -> Iterator[Fault]:
    """Yield texts that an edge runs through."""
    for owner, text in texts:
        for run in map(runs.__getitem__, index.touching(text.box)):
            if owner == f"edge {run.number}":
                continue  # A label may overlap its own edge.
            if any(is_crossed(text.box, a, b, 0.3) for a, b in run.segments):
                yield Fault("no text on an edge", f"{text.text} / {_name(run.edge)}")


def _edges_through_icons(drawing: Drawing, runs: list[_EdgeRun], index: SpatialIndex) -> Iterator[Fault]:
    """Yield edges that run through an icon, a shape or the tile of a group."""
    for node in drawing.nodes:
        for run in map(runs.__getitem__, index.touching(node.box)):
            edge, segments, solid = run.edge, run.segments, node.box
            if node.icon and node.id in (edge.source, edge.target):
                solid = solid.grown(-_MAX_INK_INSET)  # An edge may enter its own node's icon up to the drawn part.
            elif node.id in (edge.source, edge.target):  # The ends themselves are checked by `_detached_ends`.
                segments = segments[node.id == edge.source : -1 if node.id == edge.target else None]
                solid = _inner_box(node)
            if any(is_crossed(solid, a, b, 0.3) for a, b in segments):
                yield Fault("no edge through an icon", f"{_name(edge)} / {node.title}")
    tiles = [(group.tile, group.title) for group in drawing.groups if group.tile and not group.halo]
    for tile, title in tiles:
        for run in map(runs.__getitem__, index.touching(tile)):
            if any(is_crossed(tile, a, b, 0.3) for a, b in run.segments):
                yield Fault("no edge through an icon", f"{_name(run.edge)} / {title}")


def _inner_box(node: NodeDrawing) -> Box:
    """Return a box that is entirely inside the outline of a neutral shape."""
    box = node.box
    share = next((share for share in _INNER_SHARES if _is_inside(node.shape, box, share)), 0.5)
    return Box(
        box.x + box.w * share,
        box.y + box.h * share,
        box.w * (1 - 2 * share),
        box.h * (1 - 2 * share),
    )


def _is_inside(shape: str, box: Box, share: float) -> bool:
    """Return whether a shape contains the corners of its box moved inward by a part of the box's size."""
    return all(
        depth_at(shape, box.w, box.h, side, offset) <= box.h * share + _CORNER_RADIUS
        for side in ("top", "bottom")
        for offset in (-box.w * (0.5 - share), box.w * (0.5 - share))
    )


def _edges_on_edges(runs: list[_EdgeRun]) -> Iterator[Fault]:
    """Yield edges that overlap although they have neither the same source nor the same target."""
    for first, second in sorted({pair for axis in (0, 1) for pair in _shared_lines(runs, axis)}):
        yield Fault("no edge on an edge", f"{_name(runs[first].edge)} / {_name(runs[second].edge)}")


def _shared_lines(runs: list[_EdgeRun], axis: int) -> Iterator[tuple[int, int]]:
    """Yield pairs of unrelated runs that share more than 2 points of a line, the smaller index first.

    `axis` is 0 for vertical lines and 1 for horizontal ones.
    """
    along = 1 - axis
    lines = sorted(
        (a[axis], min(a[along], b[along]), max(a[along], b[along]), number)
        for number, run in enumerate(runs)
        for a, b in run.segments
        if abs(a[axis] - b[axis]) < 0.01
    )
    for next_index, (position, low, high, number) in enumerate(lines, 1):
        edge = runs[number].edge
        for other_position, start, end, other in itertools.islice(lines, next_index, None):
            if other_position - position >= 1.5:
                break
            if min(high, end) - max(low, start) > 2 and number != other:
                other_edge = runs[other].edge
                if edge.source != other_edge.source and edge.target != other_edge.target:
                    yield min(number, other), max(number, other)


def _detached_ends(drawing: Drawing) -> Iterator[Fault]:
    """Yield edges with an end that does not touch the node or group that it connects."""
    nodes = {node.id: node for node in drawing.nodes}
    groups = {group.id: group for group in drawing.groups}
    for edge in drawing.edges:
        for end, (x, y) in ((edge.source, edge.points[0]), (edge.target, edge.points[-1])):
            if end not in nodes:
                is_attached = _on_border(groups[end].box, x, y, _TOLERANCE)
            elif nodes[end].icon is None:
                is_attached = _on_shape(nodes[end], x, y) or (
                    nodes[end].has_label_below and _on_label(nodes[end], x, y)
                )
            else:
                is_attached = _on_border(nodes[end].solid, x, y, _MAX_INK_INSET) or _on_label(nodes[end], x, y)
            if not is_attached:
                yield Fault("edges touch what they join", f"{_name(edge)} at {end}")


def _on_label(node: NodeDrawing, x: float, y: float) -> bool:
    """Return whether a point is on the border of a node's text."""
    return bool(node.texts) and _on_border(bounds([text.box for text in node.texts]), x, y, _MAX_INK_INSET)


def _on_shape(node: NodeDrawing, x: float, y: float) -> bool:
    """Return whether a point is on the outline of a neutral shape, at one of its four sides."""
    box, (cx, cy) = node.box, node.box.center
    depths: dict[Side, float] = {
        "left": x - box.x,
        "right": box.right - x,
        "top": y - box.y,
        "bottom": box.bottom - y,
    }
    return any(
        abs(depth - depth_at(node.shape, box.w, box.h, side, x - cx if horizontal else y - cy)) < _TOLERANCE
        for side, depth in depths.items()
        for horizontal in [side in ("top", "bottom")]
    )


def _on_border(box: Box, x: float, y: float, max_depth: float) -> bool:
    """Return whether a point is in a box, or nearly so, and at most `max_depth` points from its border."""
    distance = min(x - box.x, y - box.y, box.x + box.w - x, box.y + box.h - y)
    return -_TOLERANCE - 0.01 <= distance < max_depth + 0.3


def _titles_outside_groups(drawing: Drawing) -> Iterator[Fault]:
    """Yield titles that are partly outside of their group."""
    for group in drawing.groups:
        for text in group.texts:
            if not group.box.contains(text.box):
                yield Fault("a title stays in its group", text.text)


def _name(edge: EdgeDrawing) -> str:
    return f"{edge.source} to {edge.target}"
