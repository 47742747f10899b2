"""What is wrong with a picture, as far as geometry tells: the rules of a good one, checked.

The layout uses it to try again with more room; the tests use it to hold every picture to
zero faults.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from diagramkit import timing
from diagramkit.drawing import Box, Drawing, EdgeDrawing, NodeDrawing, Text, around, overlapping
from diagramkit.layout.ports import depth_at
from diagramkit.layout.routing.scene import Side

TEXT = 3
"""The weight of a fault by which something cannot be read."""

_TOUCH = 0.6
_NEAR = 2.0  # Points around an edge: more than any rule forgives.
_ROUNDISH = ("circle", "doublecircle", "ellipse", "junction")
# How deep inside its box the ink of an icon may begin.
_INK = 18.5


class Fault(Struct, frozen=True):
    """A rule that a picture breaks, and what breaks it."""

    rule: str
    what: str

    @property
    def weight(self) -> int:
        """How much worse than another: what cannot be read is worse than what can be followed."""
        return 1 if self.rule == "no edge on an edge" else TEXT


@timing.step("check")
def faults(drawing: Drawing) -> list[Fault]:
    """Every fault in the picture; an empty list is a good one."""
    runs = _runs(drawing)
    return [
        *_cut(drawing),
        *_texts_on_things(drawing),
        *_icons_on_icons(drawing),
        *_texts_on_borders(drawing),
        *_texts_on_edges(drawing, runs),
        *_edges_through_icons(drawing, runs),
        *_edges_on_edges(runs),
        *_loose_ends(drawing),
        *_outside_group(drawing),
    ]


def _cut(drawing: Drawing) -> Iterator[Fault]:
    frame = Box(0, 0, drawing.width, drawing.height)
    for text in drawing.texts():
        if not frame.holds(text.box):
            yield Fault("nothing is cut", text.text)
    boxes = [(node.id, node.solid) for node in drawing.nodes]
    boxes += [(group.id, group.box) for group in drawing.groups]
    for name, box in boxes:
        if not frame.holds(box):
            yield Fault("nothing is cut", name)
    for edge in drawing.edges:
        if not all(frame.holds(Box(x, y, 0, 0)) for x, y in edge.line()):
            yield Fault("nothing is cut", _name(edge))


def _owned_texts(drawing: Drawing) -> list[tuple[str, Text]]:
    """Every line of text with the thing it belongs to."""
    found = [(f"node {node.id}", text) for node in drawing.nodes for text in node.texts]
    found += [(f"group {group.id}", text) for group in drawing.groups for text in group.texts]
    found += [(f"edge {n}", text) for n, e in enumerate(drawing.edges) for text in e.texts]
    found += [
        (f"edge {n}", replace(e.badge.text, box=e.badge.box))
        for n, e in enumerate(drawing.edges)
        if e.badge
    ]
    return found


def _texts_on_things(drawing: Drawing) -> Iterator[Fault]:
    texts = _owned_texts(drawing)
    for one, two in sorted(overlapping([text.box for _, text in texts], 0.3)):
        yield Fault("no text on a text", f"{texts[one][1].text} / {texts[two][1].text}")
    things = [(f"node {node.id}", node, node.solid) for node in drawing.nodes]
    for owner, text in texts:
        for name, node, solid in things:
            if node.icon is None and owner == name:
                if not node.box.holds(text.box, 0.6):
                    yield Fault("text stays in its shape", text.text)
            elif text.box.overlaps(solid, 0.3):
                yield Fault("no text on an icon", f"{text.text} / {node.title}")
        for group in drawing.groups:
            if group.tile and text.box.overlaps(group.tile, 0.3):
                yield Fault("no text on an icon", f"{text.text} / {group.title}")


def _icons_on_icons(drawing: Drawing) -> Iterator[Fault]:
    nodes = drawing.nodes
    for one, two in sorted(overlapping([node.solid for node in nodes], 0.3)):
        yield Fault("no icon on an icon", f"{nodes[one].title} / {nodes[two].title}")


def _texts_on_borders(drawing: Drawing) -> Iterator[Fault]:
    for _, text in _owned_texts(drawing):
        for group in drawing.groups:
            if text.box.overlaps(group.box, 0.3) and not group.box.holds(text.box, 0.3):
                yield Fault("no text on a border", f"{text.text} / {group.title}")


class _Run(Struct, frozen=True):
    """An edge as its straight stretches, and where they all are: left, top, right, bottom."""

    edge: EdgeDrawing
    segments: list[tuple[tuple[float, float], tuple[float, float]]]
    area: tuple[float, float, float, float]

    def near(self, box: Box) -> bool:
        """Whether it may touch a box: what it surely does not touch is not looked at closely."""
        left, top, right, bottom = self.area
        return left < box.x + box.w and right > box.x and top < box.y + box.h and bottom > box.y


def _runs(drawing: Drawing) -> list[_Run]:
    found = []
    for edge in drawing.edges:
        line = edge.line()
        xs, ys = [x for x, _ in line], [y for _, y in line]
        area = min(xs) - _NEAR, min(ys) - _NEAR, max(xs) + _NEAR, max(ys) + _NEAR
        found.append(_Run(edge, list(itertools.pairwise(line)), area))
    return found


def _texts_on_edges(drawing: Drawing, runs: list[_Run]) -> Iterator[Fault]:
    for _, text in _owned_texts(drawing):
        for run in runs:
            if run.near(text.box) and any(text.box.crossed_by(a, b, 0.3) for a, b in run.segments):
                yield Fault("no text on an edge", f"{text.text} / {_name(run.edge)}")


def _edges_through_icons(drawing: Drawing, runs: list[_Run]) -> Iterator[Fault]:
    for run in runs:
        edge = run.edge
        for node in drawing.nodes:
            if not run.near(node.box):
                continue
            segments, solid = run.segments, node.box
            if node.icon and node.id in (edge.source, edge.target):
                solid = solid.grown(-_INK)  # Its own icon is entered as far as its ink begins.
            elif node.id in (edge.source, edge.target):  # Where its ends lie is checked apart.
                segments = segments[node.id == edge.source : -1 if node.id == edge.target else None]
                solid = _core(node)
            if any(solid.crossed_by(a, b, 0.3) for a, b in segments):
                yield Fault("no edge through an icon", f"{_name(edge)} / {node.title}")
        for group in drawing.groups:
            if group.tile and any(group.tile.crossed_by(a, b, 0.3) for a, b in run.segments):
                yield Fault("no edge through an icon", f"{_name(edge)} / {group.title}")


def _core(node: NodeDrawing) -> Box:
    """A box that lies wholly inside a neutral node's outline."""
    share = 0.25 if node.shape == "diamond" else 0.15 if node.shape in _ROUNDISH else 0.0
    box = node.box
    return Box(
        box.x + box.w * share, box.y + box.h * share,
        box.w * (1 - 2 * share), box.h * (1 - 2 * share),
    )  # fmt: skip


def _edges_on_edges(runs: list[_Run]) -> Iterator[Fault]:
    """Edges that lie on each other and neither leave nor reach the same thing."""
    for one, two in sorted({pair for axis in (0, 1) for pair in _together(runs, axis)}):
        yield Fault("no edge on an edge", f"{_name(runs[one].edge)} / {_name(runs[two].edge)}")


def _together(runs: list[_Run], axis: int) -> Iterator[tuple[int, int]]:
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
            if end in nodes and nodes[end].icon is None:
                good = _on_shape(nodes[end], x, y)
            elif end in nodes:
                boxes = [nodes[end].solid]
                if nodes[end].texts:
                    boxes.append(around([text.box for text in nodes[end].texts]))
                good = any(_on_border(box, x, y, _INK) for box in boxes)
            else:
                good = _on_border(groups[end].box, x, y, _TOUCH)
            if not good:
                yield Fault("edges touch what they join", f"{_name(edge)} at {end}")


def _on_shape(node: NodeDrawing, x: float, y: float) -> bool:
    """Whether a point lies on the outline of a neutral node, at one of its four sides."""
    box, (cx, cy) = node.box, node.box.center
    inside: dict[Side, float] = {
        "left": x - box.x, "right": box.right - x, "top": y - box.y, "bottom": box.bottom - y,
    }  # fmt: skip
    return any(
        abs(deep - depth_at(node.shape, box.w, box.h, side, x - cx if level else y - cy)) < _TOUCH
        for side, deep in inside.items()
        for level in [side in ("top", "bottom")]
    )


def _on_border(box: Box, x: float, y: float, deep: float) -> bool:
    near = box.grown(_TOUCH).holds(Box(x, y, 0, 0))
    return near and not box.grown(-deep).holds(Box(x, y, 0, 0), -0.3)


def _outside_group(drawing: Drawing) -> Iterator[Fault]:
    for group in drawing.groups:
        for text in group.texts:
            if not group.box.holds(text.box):
                yield Fault("a title stays in its group", text.text)


def _name(edge: EdgeDrawing) -> str:
    return f"{edge.source} to {edge.target}"
