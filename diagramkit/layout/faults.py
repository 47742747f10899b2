"""What is wrong with a picture, as far as geometry tells: the rules of a good one, checked.

The layout uses it to try again with more room; the tests use it to hold every picture to
zero faults.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from diagramkit.drawing import (
    Box,
    Drawing,
    EdgeDrawing,
    NodeDrawing,
    SpatialIndex,
    TextSpan,
    bounds,
    overlapping_pairs,
)
from diagramkit.layout.ports import depth_at
from diagramkit.layout.result import Side

TEXT_WEIGHT = 3
"""The weight of a fault by which something cannot be read."""

_TOUCH = 0.6
_NEAR = 2.0  # Points around an edge: more than any rule forgives.
_ROUNDISH = ("circle", "doublecircle", "ellipse", "junction")
# How deep inside its box the ink of an icon may begin.
_INK = 18.5


_Thing = tuple[Box, str, str]
"""What texts may lie on: where it is, whose, and what it is called."""


class Fault(Struct, frozen=True):
    """A rule that a picture breaks, and what breaks it."""

    rule: str
    detail: str

    @property
    def weight(self) -> int:
        """How much worse than another: what cannot be read is worse than what can be followed."""
        return 1 if self.rule == "no edge on an edge" else TEXT_WEIGHT


def find_faults(drawing: Drawing) -> list[Fault]:
    """Every fault in the picture; an empty list is a good one."""
    runs, texts = _runs(drawing), _owned_texts(drawing)
    places = SpatialIndex([run.area.grown(_NEAR) for run in runs])
    return [
        *_cut(drawing, runs),
        *_texts_on_things(drawing, texts),
        *_icons_on_icons(drawing),
        *_texts_on_borders(drawing, texts),
        *_across_borders(drawing),
        *_texts_on_edges(_before_edges(drawing, texts), runs, places),
        *_edges_through_icons(drawing, runs, places),
        *_edges_on_edges(runs),
        *_loose_ends(drawing),
        *_outside_group(drawing),
    ]


def _cut(drawing: Drawing, runs: list[_EdgeRun]) -> Iterator[Fault]:
    frame = Box(0, 0, drawing.width, drawing.height)
    for text in drawing.texts():
        if not frame.holds(text.box):
            yield Fault("nothing is cut", text.text)
    boxes = [(node.id, node.solid) for node in drawing.nodes]
    boxes += [(group.id, group.box) for group in drawing.groups]
    for name, box in boxes:
        if not frame.holds(box):
            yield Fault("nothing is cut", name)
    for run in runs:
        if not frame.holds(run.area):
            yield Fault("nothing is cut", _name(run.edge))


def _owned_texts(drawing: Drawing) -> list[tuple[str, TextSpan]]:
    """Every line of text with the thing it belongs to."""
    found = [(f"node {node.id}", text) for node in drawing.nodes for text in node.texts]
    found += [(f"group {group.id}", text) for group in drawing.groups for text in group.texts]
    found += [(f"edge {n}", text) for n, e in enumerate(drawing.edges) for text in e.texts]
    found += [(f"edge {n}", replace(e.badge.text, box=e.badge.box)) for n, e in enumerate(drawing.edges) if e.badge]
    return found


def _texts_on_things(drawing: Drawing, texts: list[tuple[str, TextSpan]]) -> Iterator[Fault]:
    for one, two in sorted(overlapping_pairs([text.box for _, text in texts], 0.3)):
        yield Fault("no text on a text", f"{texts[one][1].text} / {texts[two][1].text}")
    shapes = {f"node {node.id}": node for node in drawing.nodes if node.icon is None}
    for owner, text in texts:
        if owner in shapes and not shapes[owner].box.holds(text.box, 0.6):
            yield Fault("text stays in its shape", text.text)
    solids = [(node.solid, f"node {node.id}", node.title) for node in drawing.nodes]
    solids += [(group.tile, "", group.title) for group in drawing.groups if group.tile]
    for (owner, text), (_, name, title) in _meeting(texts, solids):
        if owner != name or owner not in shapes:
            yield Fault("no text on an icon", f"{text.text} / {title}")


def _meeting(texts: list[tuple[str, TextSpan]], things: list[_Thing]) -> Iterator[tuple[tuple[str, TextSpan], _Thing]]:
    """Texts with the things that they overlap, 0.3 points forgiven."""
    places = SpatialIndex([box for box, _, _ in things])
    for one in texts:
        for number in places.touching(one[1].box, 0.3):
            yield one, things[number]


def _icons_on_icons(drawing: Drawing) -> Iterator[Fault]:
    nodes = drawing.nodes
    for one, two in sorted(overlapping_pairs([node.solid for node in nodes], 0.3)):
        yield Fault("no icon on an icon", f"{nodes[one].title} / {nodes[two].title}")


def _across_borders(drawing: Drawing) -> Iterator[Fault]:
    """Groups and icons are either within a group or beside it, 0.3 points forgiven."""
    groups = drawing.groups
    for one, two in sorted(overlapping_pairs([group.box for group in groups], 0.3)):
        first, second = groups[one], groups[two]
        if not (first.box.holds(second.box, 0.3) or second.box.holds(first.box, 0.3)):
            yield Fault("no group across a border", f"{first.title} / {second.title}")
    things = [(node.solid, node.title) for node in drawing.nodes]
    places = SpatialIndex([box for box, _ in things])
    for group in groups:
        for number in places.touching(group.box, 0.3):
            box, title = things[number]
            if not group.box.holds(box, 0.3):
                yield Fault("no icon on a border", f"{title} / {group.title}")


def _texts_on_borders(drawing: Drawing, texts: list[tuple[str, TextSpan]]) -> Iterator[Fault]:
    boxes = [(group.box, "", group.title) for group in drawing.groups]
    for (_, text), (box, _, title) in _meeting(texts, boxes):
        if not box.holds(text.box, 0.3):
            yield Fault("no text on a border", f"{text.text} / {title}")


class _EdgeRun(Struct, frozen=True):
    """An edge as its straight stretches, and the box around them."""

    number: int
    edge: EdgeDrawing
    segments: list[tuple[tuple[float, float], tuple[float, float]]]
    area: Box


def _runs(drawing: Drawing) -> list[_EdgeRun]:
    found = []
    for number, edge in enumerate(drawing.edges):
        line = edge.line()
        xs, ys = zip(*line, strict=True)
        left, top = min(xs), min(ys)
        area = Box(left, top, max(xs) - left, max(ys) - top)
        found.append(_EdgeRun(number, edge, list(itertools.pairwise(line)), area))
    return found


def _before_edges(drawing: Drawing, texts: list[tuple[str, TextSpan]]) -> list[tuple[str, TextSpan]]:
    """The texts that edges may not meet: behind a title with a halo they pass."""
    passed = {f"group {group.id}" for group in drawing.groups if group.halo}
    return [(owner, text) for owner, text in texts if owner not in passed]


def _texts_on_edges(texts: list[tuple[str, TextSpan]], runs: list[_EdgeRun], places: SpatialIndex) -> Iterator[Fault]:
    for owner, text in texts:
        for run in map(runs.__getitem__, places.touching(text.box)):
            if owner == f"edge {run.number}":
                continue  # A label may stand on its own edge.
            if any(text.box.crossed_by(a, b, 0.3) for a, b in run.segments):
                yield Fault("no text on an edge", f"{text.text} / {_name(run.edge)}")


def _edges_through_icons(drawing: Drawing, runs: list[_EdgeRun], places: SpatialIndex) -> Iterator[Fault]:
    for node in drawing.nodes:
        for run in map(runs.__getitem__, places.touching(node.box)):
            edge, segments, solid = run.edge, run.segments, node.box
            if node.icon and node.id in (edge.source, edge.target):
                solid = solid.grown(-_INK)  # Its own icon is entered as far as its ink begins.
            elif node.id in (edge.source, edge.target):  # Where its ends lie is checked apart.
                segments = segments[node.id == edge.source : -1 if node.id == edge.target else None]
                solid = _core(node)
            if any(solid.crossed_by(a, b, 0.3) for a, b in segments):
                yield Fault("no edge through an icon", f"{_name(edge)} / {node.title}")
    tiles = [(group.tile, group.title) for group in drawing.groups if group.tile and not group.halo]
    for tile, title in tiles:
        for run in map(runs.__getitem__, places.touching(tile)):
            if any(tile.crossed_by(a, b, 0.3) for a, b in run.segments):
                yield Fault("no edge through an icon", f"{_name(run.edge)} / {title}")


def _core(node: NodeDrawing) -> Box:
    """A box that lies wholly inside a neutral node's outline."""
    share = 0.25 if node.shape == "diamond" else 0.15 if node.shape in _ROUNDISH else 0.0
    box = node.box
    return Box(
        box.x + box.w * share,
        box.y + box.h * share,
        box.w * (1 - 2 * share),
        box.h * (1 - 2 * share),
    )


def _edges_on_edges(runs: list[_EdgeRun]) -> Iterator[Fault]:
    """Edges that lie on each other and neither leave nor reach the same thing."""
    for one, two in sorted({pair for axis in (0, 1) for pair in _together(runs, axis)}):
        yield Fault("no edge on an edge", f"{_name(runs[one].edge)} / {_name(runs[two].edge)}")


def _together(runs: list[_EdgeRun], axis: int) -> Iterator[tuple[int, int]]:
    """The numbers of unrelated runs that go together on one line of an axis (0: upright, 1: level) for more
    than 2 points, the smaller number first."""
    along = 1 - axis
    lines = sorted(
        (a[axis], min(a[along], b[along]), max(a[along], b[along]), number)
        for number, run in enumerate(runs)
        for a, b in run.segments
        if abs(a[axis] - b[axis]) < 0.01
    )
    for place, (at, low, high, number) in enumerate(lines, 1):
        edge = runs[number].edge
        for beside, start, end, other in itertools.islice(lines, place, None):
            if beside - at >= 1.5:
                break
            if min(high, end) - max(low, start) > 2 and number != other:
                unlike = runs[other].edge
                if edge.source != unlike.source and edge.target != unlike.target:
                    yield min(number, other), max(number, other)


def _loose_ends(drawing: Drawing) -> Iterator[Fault]:
    nodes = {node.id: node for node in drawing.nodes}
    groups = {group.id: group for group in drawing.groups}
    for edge in drawing.edges:
        for end, (x, y) in ((edge.source, edge.points[0]), (edge.target, edge.points[-1])):
            if end not in nodes:
                good = _on_border(groups[end].box, x, y, _TOUCH)
            elif nodes[end].icon is None:
                good = _on_shape(nodes[end], x, y)
            else:
                good = _on_border(nodes[end].solid, x, y, _INK) or _on_label(nodes[end], x, y)
            if not good:
                yield Fault("edges touch what they join", f"{_name(edge)} at {end}")


def _on_label(node: NodeDrawing, x: float, y: float) -> bool:
    """Whether a point lies on the border of all of a node's text."""
    return bool(node.texts) and _on_border(bounds([text.box for text in node.texts]), x, y, _INK)


def _on_shape(node: NodeDrawing, x: float, y: float) -> bool:
    """Whether a point lies on the outline of a neutral node, at one of its four sides."""
    box, (cx, cy) = node.box, node.box.center
    inside: dict[Side, float] = {
        "left": x - box.x,
        "right": box.right - x,
        "top": y - box.y,
        "bottom": box.bottom - y,
    }
    return any(
        abs(deep - depth_at(node.shape, box.w, box.h, side, x - cx if level else y - cy)) < _TOUCH
        for side, deep in inside.items()
        for level in [side in ("top", "bottom")]
    )


def _on_border(box: Box, x: float, y: float, deep: float) -> bool:
    """Whether a point lies in a box, or almost, and no deeper than that."""
    inside = min(x - box.x, y - box.y, box.x + box.w - x, box.y + box.h - y)
    return -_TOUCH - 0.01 <= inside < deep + 0.3


def _outside_group(drawing: Drawing) -> Iterator[Fault]:
    for group in drawing.groups:
        for text in group.texts:
            if not group.box.holds(text.box):
                yield Fault("a title stays in its group", text.text)


def _name(edge: EdgeDrawing) -> str:
    return f"{edge.source} to {edge.target}"
