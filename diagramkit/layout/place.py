"""Where nodes and groups go: Graphviz's ranks, component by component, then packed.

Positions are anchors (the middle of each icon) in points, y down.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from msgspec import Struct, field
from msgspec.structs import replace

from diagramkit.compile import Gaps, name_of, placeholder, rooms_of, to_diagram
from diagramkit.drawing import Box, Point, around, overlapping
from diagramkit.graph import Direction, Graph, Group, Node
from diagramkit.layout import engine
from diagramkit.layout.engine import Engine
from diagramkit.measure.figures import Figures, Heading
from diagramkit.problems import Span
from diagramkit.style.theme import Sizes

_IN_LINE = 0.01
_ALMOST = 26.0  # How far out of line two joined nodes may stand to be put in line, in points.
_APART = 14.0  # What must remain between neighbours where nodes are put in line.
_MOST_STRETCH = 2.7
"""How much larger a group may be made to be even with its siblings: beyond, it looks empty."""


class Placement(Struct, frozen=True):
    """Anchors by node id, boxes by group id, and the box around all of it.

    `spare` is where the groups stand that hold no node.
    """

    anchors: Mapping[str, Point]
    groups: Mapping[str, Box]
    bounds: Box
    spare: Mapping[str, Point] = field(default_factory=dict)

    def moved(self, dx: float, dy: float) -> Placement:
        """The same somewhere else."""
        return Placement(
            {name: (x + dx, y + dy) for name, (x, y) in self.anchors.items()},
            {name: box.moved(dx, dy) for name, box in self.groups.items()},
            self.bounds.moved(dx, dy),
            {name: (x + dx, y + dy) for name, (x, y) in self.spare.items()},
        )


class Piece(Struct, frozen=True):
    """A connected part of a graph, and what is measured of it."""

    graph: Graph
    figures: Figures


def pieces(graph: Graph, figures: Figures) -> list[Piece]:
    """The graph's connected parts, in source order. A top-level group holds its own together."""
    return [Piece(part, _part_figures(graph, part, figures)) for part in _parts(graph)]


def place(piece: Piece, sizes: Sizes, way: Direction, gaps: Gaps, how: Engine,
          where: Span) -> Placement:  # fmt: skip
    """Lay out one piece. Raises `DiagramError` where Graphviz fails.

    Graphviz at times puts groups over what is not theirs; its other ranking then may not.
    """
    dot = to_diagram(piece.graph, piece.figures, sizes, way, gaps).dot.source
    found = _placed(piece, sizes, way, engine.layout(dot, how, where).nodes)
    if clear(piece, found):
        return found
    other = engine.layout(engine.other_ranking(dot), how, where).nodes
    again = _placed(piece, sizes, way, other)
    return again if clear(piece, again) else found


def _placed(piece: Piece, sizes: Sizes, way: Direction, found: Mapping[str, Point]) -> Placement:
    """The placement from Graphviz' centres, by the nodes' names in the DOT."""
    level = way in ("LR", "RL")
    found = _in_source_order(piece.graph, found, level)
    rooms = rooms_of(piece.figures, way)
    tallest: dict[float, float] = {}
    blocks = {name for name, figure in piece.figures.nodes.items() if figure.block}
    for name, room in rooms.items():
        y = round(found[name_of(name)][1], 1)
        if name not in blocks:
            tallest[y] = max(tallest.get(y, 0.0), room.h)
    anchors = {}
    for name, room in rooms.items():
        x, y = found[name_of(name)]
        height = room.h if level or name in blocks else tallest[round(y, 1)]
        anchors[name] = (x, y - height / 2 + room.up)
    spare = {
        group.id: found[name_of(placeholder(group.id))]
        for group in piece.graph.groups
        if name_of(placeholder(group.id)) in found
    }
    return finish(piece, anchors, sizes, spare)


def in_line(piece: Piece, placement: Placement, sizes: Sizes, way: Direction) -> Placement:
    """The placement with nodes that an edge joins, and that stand almost in line along the flow,
    put in line: where that covers nothing else, and moves no node out of its own line."""
    if not _ranked(piece, placement, way):
        return placement
    axis = 1 if way in ("LR", "RL") else 0
    lines: dict[str, set[str]] = {name: {name} for name in placement.anchors}
    pairs = [(edge.source, edge.target) for edge in piece.graph.edges
             if edge.source in lines and edge.target in lines]  # fmt: skip
    for source, target in pairs:
        if abs(placement.anchors[source][axis] - placement.anchors[target][axis]) <= _IN_LINE:
            joined = lines[source] | lines[target]
            lines.update(dict.fromkeys(joined, joined))
    for source, target in pairs:
        one, other = lines[source], lines[target]
        a, b = (placement.anchors[end][axis] for end in (source, target))
        if one is other or not _IN_LINE < abs(a - b) < _ALMOST:
            continue
        small, large = sorted((one, other), key=len)
        to = placement.anchors[next(iter(large))][axis]
        anchors = dict(placement.anchors)
        for name in small:
            x, y = anchors[name]
            anchors[name] = (x, to) if axis else (to, y)
        tried = finish(piece, anchors, sizes, placement.spare)
        if clear(piece, tried, apart=_APART):
            placement = tried
            joined = one | other
            lines.update(dict.fromkeys(joined, joined))
    return placement


def centred(piece: Piece, placement: Placement, sizes: Sizes, way: Direction) -> Placement:
    """The placement with each node that leads to several of one rank (or comes from several) in
    their middle, with what stands in line before (or behind) it. Graphviz leaves it anywhere
    between them, as that is no longer a way."""
    if not _ranked(piece, placement, way):
        return placement
    across = 1 if way in ("LR", "RL") else 0
    after: dict[str, list[str]] = {name: [] for name in placement.anchors}
    before: dict[str, list[str]] = {name: [] for name in placement.anchors}
    for edge in piece.graph.edges:
        if edge.source in after and edge.target in after and edge.source != edge.target:
            after[edge.source].append(edge.target)
            before[edge.target].append(edge.source)
    for forth, back in ((after, before), (before, after)):
        for name, fan in forth.items():
            ranks = {round(placement.anchors[other][1 - across], 1) for other in fan}
            if len(set(fan)) < 2 or len(ranks) != 1:
                continue
            places = [placement.anchors[other][across] for other in fan]
            by = (min(places) + max(places)) / 2 - placement.anchors[name][across]
            moved = _chain(name, placement, back, forth, across)
            if abs(by) < _IN_LINE or moved & set(fan):
                continue
            anchors = {
                other: _across(at, across, by) if other in moved else at
                for other, at in placement.anchors.items()
            }
            tried = finish(piece, anchors, sizes, placement.spare)
            if clear(piece, tried, apart=_APART):
                placement = tried
    return placement


def _chain(
    name: str, placement: Placement, back: Mapping[str, list[str]],
    forth: Mapping[str, list[str]], across: int,
) -> set[str]:  # fmt: skip
    """A node and the nodes before it that stand in line, each leading to the next alone."""
    found, at = {name}, name
    while len(set(back[at])) == 1:
        (other,) = set(back[at])
        out_of_line = abs(placement.anchors[other][across] - placement.anchors[at][across])
        if other in found or len(set(forth[other])) != 1 or out_of_line > _IN_LINE:
            break
        found.add(other)
        at = other
    return found


def _across(point: Point, across: int, by: float) -> Point:
    x, y = point
    return (x, y + by) if across else (x + by, y)


def _in_source_order(graph: Graph, found: Mapping[str, Point], level: bool) -> dict[str, Point]:
    """The positions, mirrored across the flow where that puts more siblings in source order."""
    along, across = (0, 1) if level else (1, 0)
    ranks: dict[float, list[float]] = {}
    for node in graph.nodes:
        at = found[name_of(node.id)]
        ranks.setdefault(round(at[along], 1), []).append(at[across])
    pairs = [(a, b) for rank in ranks.values() for i, a in enumerate(rank) for b in rank[i + 1 :]]
    if sum(a > b for a, b in pairs) <= sum(a < b for a, b in pairs):
        return dict(found)
    return {name: (x, -y) if level else (-x, y) for name, (x, y) in found.items()}


def finish(
    piece: Piece,
    anchors: Mapping[str, Point],
    sizes: Sizes,
    spare: Mapping[str, Point] = MappingProxyType({}),
) -> Placement:
    """Anchors with the boxes that follow from them. `spare`: where groups without a node are."""
    groups = group_boxes(piece, anchors, sizes, spare)
    boxes = [*groups.values(), *(reach(piece.figures, name, anchors) for name in anchors)]
    bounds = around(boxes) if boxes else Box(0, 0, 0, 0)
    return Placement(dict(anchors), groups, bounds, dict(spare))


def reach(figures: Figures, node: str, anchors: Mapping[str, Point]) -> Box:
    """All that a node covers: its icon and its label."""
    figure, (x, y) = figures.nodes[node], anchors[node]
    return Box(x - figure.half, y - figure.up, 2 * figure.half, figure.up + figure.down)


def group_boxes(
    piece: Piece, anchors: Mapping[str, Point], sizes: Sizes, spare: Mapping[str, Point]
) -> dict[str, Box]:
    """The groups' boxes: around what is in them, with room for padding and title."""
    nodes: dict[str | None, list[Box]] = {}
    for node in piece.graph.nodes:
        if node.id in anchors:
            nodes.setdefault(node.group, []).append(reach(piece.figures, node.id, anchors))
    groups: dict[str | None, list[str]] = {}
    for group in piece.graph.groups:
        groups.setdefault(group.parent, []).append(group.id)
    boxes: dict[str, Box] = {}
    _box_groups(None, nodes, groups, boxes, _Frames(piece.figures.headings, sizes, spare))
    return boxes


def _box_groups(
    parent: str | None,
    nodes: Mapping[str | None, list[Box]],
    groups: Mapping[str | None, list[str]],
    boxes: dict[str, Box],
    frames: _Frames,
) -> None:
    """Put into `boxes` those of the groups in a group, of each after those that are in it."""
    for name in groups.get(parent, ()):
        _box_groups(name, nodes, groups, boxes, frames)
        within = [boxes[inner] for inner in groups.get(name, ()) if inner in boxes]
        box = frames.box(name, [*nodes.get(name, ()), *within])
        if box is not None:
            boxes[name] = box


class _Frames(Struct, frozen=True):
    """How groups' boxes are made, by their headings; where one that is empty stands."""

    headings: Mapping[str, Heading]
    sizes: Sizes
    spare: Mapping[str, Point]

    def box(self, name: str, inside: list[Box]) -> Box | None:
        """The box of a group around what is inside; None for an empty one without a place."""
        heading, pad = self.headings[name], self.sizes.group_padding
        if not inside:
            if name not in self.spare:
                return None
            x, y = self.spare[name]
            return Box(x - heading.width / 2, y - 20, heading.width, 50)
        box = around(inside)
        head = max(heading.height + self.sizes.group_title_gap, pad)
        w = max(box.w + 2 * pad, heading.width)
        return Box(box.x - (w - box.w) / 2, box.y - head, w, box.h + head + pad)


def evened(piece: Piece, placement: Placement) -> Placement:
    """The placement with sibling groups that stand in a row made equally high, and those in a column
    equally wide, wherever that covers nothing else."""
    boxes = dict(placement.groups)
    siblings: dict[str | None, list[str]] = {}
    for group in piece.graph.groups:
        if group.id in boxes:
            siblings.setdefault(group.parent, []).append(group.id)
    for names in siblings.values():
        for axis in (1, 0):
            for band in _bands(names, boxes, axis):
                low = min(_start(boxes[name], axis) for name in band)
                high = max(_end(boxes[name], axis) for name in band)
                tried = {**boxes}
                for name in band:
                    stretched = _stretched(boxes[name], axis, low, high)
                    if high - low <= _MOST_STRETCH * (
                        _end(boxes[name], axis) - _start(boxes[name], axis)
                    ):
                        tried[name] = stretched
                if clear(piece, replace(placement, groups=tried)):
                    boxes = tried
    return replace(placement, groups=boxes)


def _bands(names: list[str], boxes: Mapping[str, Box], axis: int) -> list[list[str]]:
    """The groups that share a stretch of `axis` (0: x, 1: y), directly or through another."""
    bands: list[list[str]] = []
    reach = 0.0
    for name in sorted(names, key=lambda name: (_start(boxes[name], axis), names.index(name))):
        if bands and _start(boxes[name], axis) < reach:
            bands[-1].append(name)
            reach = max(reach, _end(boxes[name], axis))
        else:
            bands.append([name])
            reach = _end(boxes[name], axis)
    return [band for band in bands if len(band) > 1]


def _start(box: Box, axis: int) -> float:
    return box.x if axis == 0 else box.y


def _end(box: Box, axis: int) -> float:
    return box.right if axis == 0 else box.bottom


def _stretched(box: Box, axis: int, low: float, high: float) -> Box:
    if axis == 0:
        return Box(low, box.y, high - low, box.h)
    return Box(box.x, low, box.w, high - low)


def clear(piece: Piece, placement: Placement, apart: float = 0.0) -> bool:
    """Whether every group holds its own and nothing else, and no two nodes overlap, or stand
    nearer together than `apart`."""
    parents = {group.id: group.parent for group in piece.graph.groups}
    lines = {name: _line(name, parents) for name in parents}
    boxes = list(placement.groups.items())
    for index, (name, box) in enumerate(boxes):
        wide = box.grown(apart)
        for other, other_box in boxes[index + 1 :]:
            if wide.overlaps(other_box) and name not in lines[other] and other not in lines[name]:
                return False
    figures, anchors, areas, owners = piece.figures.nodes, placement.anchors, [], []
    for node in piece.graph.nodes:
        if node.id in anchors:
            figure, (x, y) = figures[node.id], anchors[node.id]
            up, half = figure.up + apart / 2, figure.half + apart / 2
            areas.append(Box(x - half, y - up, 2 * half, up + figure.down + apart / 2))
            owners.append(node.group)
    if any(overlapping(areas)):
        return False
    for name, box in boxes:
        for area, owner in zip(areas, owners, strict=True):
            if box.overlaps(area) and (owner is None or name not in lines[owner]):
                return False
    return True


def stack(parts: list[Piece], placed: list[Placement], sizes: Sizes, way: Direction) -> Placement:
    """Put the pieces across the flow, one after the other, with their ranks in line: the first
    rank of each with the first ranks of the others, and so on."""
    axis = 0 if way in ("LR", "RL") else 1
    alike = [flat for part, flat in zip(parts, placed, strict=True) if _ranked(part, flat, way)]
    lines = _common_ranks(alike, axis, backward=way in ("RL", "BT"))
    moved: list[Placement] = []
    end = 0.0
    for part, flat in zip(parts, placed, strict=True):
        anchored = flat
        if len(alike) > 1 and _ranked(part, flat, way):
            anchors = {
                name: (lines[number], y) if axis == 0 else (x, lines[number])
                for number, names in enumerate(_ranks(flat, axis, way in ("RL", "BT")))
                for name in names
                for x, y in [flat.anchors[name]]
            }
            anchored = finish(part, anchors, sizes)
        shift = end - (anchored.bounds.y if axis == 0 else anchored.bounds.x)
        moved.append(anchored.moved(0, shift) if axis == 0 else anchored.moved(shift, 0))
        end += (anchored.bounds.h if axis == 0 else anchored.bounds.w) + sizes.component_gap
    return _merged(moved)


def _ranked(part: Piece, flat: Placement, way: Direction) -> bool:
    """Whether the ranks of a part may be moved: all that is in it runs one way."""
    return not flat.spare and all(group.direction in (None, way) for group in part.graph.groups)


def _ranks(placement: Placement, axis: int, backward: bool) -> list[list[str]]:
    """The nodes by rank, in the order of the flow."""
    found: dict[float, list[str]] = {}
    for name, at in placement.anchors.items():
        found.setdefault(round(at[axis], 1), []).append(name)
    return [found[at] for at in sorted(found, reverse=backward)]


def _common_ranks(placed: list[Placement], axis: int, backward: bool) -> list[float]:
    """A place for each rank, no two nearer than in any of the pieces."""
    sign = -1 if backward else 1
    lines = [0.0]
    for part in placed:
        firsts = [part.anchors[names[0]][axis] for names in _ranks(part, axis, backward)]
        for number in range(1, len(firsts)):
            step = abs(firsts[number] - firsts[number - 1])
            if number == len(lines):
                lines.append(lines[-1] + sign * step)
            lack = step - abs(lines[number] - lines[number - 1])
            if lack > 0:
                lines[number:] = [at + sign * lack for at in lines[number:]]
    return lines


def pack(placed: list[Placement], sizes: Sizes, widest: float) -> Placement:
    """Put the pieces in rows no wider than `widest`."""
    gap = sizes.component_gap
    moved: list[Placement] = []
    x = y = deep = 0.0
    for part in placed:
        if moved and x > 0 and x + part.bounds.w > widest:
            x, y, deep = 0.0, y + deep + gap, 0.0
        moved.append(part.moved(x - part.bounds.x, y - part.bounds.y))
        x += part.bounds.w + gap
        deep = max(deep, part.bounds.h)
    return _merged(moved)


def _merged(placed: Iterable[Placement]) -> Placement:
    parts = list(placed)
    return Placement(
        {name: at for part in parts for name, at in part.anchors.items()},
        {name: box for part in parts for name, box in part.groups.items()},
        around([part.bounds for part in parts]) if parts else Box(0, 0, 0, 0),
        {name: at for part in parts for name, at in part.spare.items()},
    )


def _line(group: str, parents: Mapping[str, str | None]) -> tuple[str, ...]:
    """A group and the groups around it, inner first."""
    found = []
    at: str | None = group
    while at is not None and at not in found:
        found.append(at)
        at = parents.get(at)
    return tuple(found)


def _parts(graph: Graph) -> list[Graph]:
    """The connected parts, each a graph; edges to unknown ends are left out."""
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        while parent[name] != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    items: list[Node | Group] = [*graph.groups, *graph.nodes]
    for item in items:
        parent[item.id] = item.id
    for group in graph.groups:
        if group.parent:
            parent[root(group.id)] = root(group.parent)
    for node in graph.nodes:
        if node.group:
            parent[root(node.id)] = root(node.group)
    for edge in graph.edges:
        if edge.source in parent and edge.target in parent:
            parent[root(edge.source)] = root(edge.target)
    members: dict[str, None] = {}
    for item in sorted(items, key=lambda item: (item.span.line, item.span.column)):
        members.setdefault(root(item.id))
    return [
        replace(
            graph,
            nodes=tuple(node for node in graph.nodes if root(node.id) == name),
            groups=tuple(group for group in graph.groups if root(group.id) == name),
            edges=tuple(e for e in graph.edges if e.source in parent and root(e.source) == name),
        )
        for name in members
    ]


def _part_figures(graph: Graph, part: Graph, figures: Figures) -> Figures:
    """The part's own: edge labels are numbered anew."""
    numbers = {id(edge): number for number, edge in enumerate(graph.edges)}
    return Figures(
        {node.id: figures.nodes[node.id] for node in part.nodes},
        {group.id: figures.headings[group.id] for group in part.groups},
        {
            number: figures.labels[numbers[id(edge)]]
            for number, edge in enumerate(part.edges)
            if numbers[id(edge)] in figures.labels
        },
    )
