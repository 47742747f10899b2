"""From a graph with its icons to a `Drawing`: measured, placed, routed, painted in a theme."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping

from diagramkit.compile import Gaps
from diagramkit.drawing import SLANT, Box, Drawing, Point
from diagramkit.graph import Edge, Graph
from diagramkit.icons.resolver import Choice
from diagramkit.layout import check, fit, paint, routing
from diagramkit.layout.place import Placement
from diagramkit.layout.routing import labels as edge_labels
from diagramkit.layout.routing.scene import Obstacle, Path, Scene, Side, Terminal, Wire
from diagramkit.measure import figures
from diagramkit.measure.figures import Figures
from diagramkit.problems import Span
from diagramkit.style.theme import Theme

_FLOWS = {"TB": "down", "BT": "up", "LR": "right", "RL": "left"}
_ROOMIER = (1.0, 1.35, 1.8)
_LOOP = 22.0


def draw(
    graph: Graph, icons: Mapping[str, Choice], theme: Theme, engine: str, where: Span
) -> Drawing:
    """The picture of a graph. Where something would overlap, it is laid out again with more
    room; the best of the tries is taken. Raises `DiagramError` where Graphviz fails."""
    graph = _both_ways(graph)
    measured = figures.measure(graph, icons, theme)
    sizes = theme.sizes
    best: tuple[int, Drawing] | None = None
    for factor in _ROOMIER:
        gaps = Gaps(sizes.node_gap * factor, sizes.rank_gap * factor)
        layout = fit.choose(graph, measured, sizes, gaps, engine, where)
        drawing = _drawing(graph, measured, layout.placement, layout.way, theme)
        faults = len(check.faults(drawing))
        if best is None or faults < best[0]:
            best = (faults, drawing)
        if faults == 0:
            break
    assert best is not None
    return best[1]


def _both_ways(graph: Graph) -> Graph:
    """Two edges there and back, neither with a text of its own, as one with two heads."""
    kept: list[Edge] = []
    for edge in graph.edges:
        for index, other in enumerate(kept):
            back = other.source == edge.target and other.target == edge.source
            if (
                back
                and edge.source != edge.target
                and not edge.label
                and not other.label
                and other.stroke == edge.stroke
                and (other.tail, other.head) == (edge.tail, edge.head) == ("none", "arrow")
            ):
                kept[index] = dataclasses.replace(other, tail="arrow")
                break
        else:
            kept.append(edge)
    return dataclasses.replace(graph, edges=tuple(kept))


def _drawing(
    graph: Graph, measured: Figures, placement: Placement, way: str, theme: Theme
) -> Drawing:
    painter = paint.Painter(graph, measured, placement, theme)
    groups, nodes = painter.groups(), painter.nodes()
    scene = _scene(graph, measured, placement, painter.group_heads(), way)
    found = routing.paths(scene)
    found += list(_loops(graph, measured, placement))
    limits = placement.bounds.grown(theme.sizes.margin)
    spots = edge_labels.place(scene, found, measured.labels, limits)
    edges = tuple(painter.edge(path, spots.get(path.wire.number)) for path in found)
    return paint.framed(graph, groups, edges, nodes, theme)


def _scene(
    graph: Graph, measured: Figures, placement: Placement, heads: list[tuple[str, Box]], way: str
) -> Scene:
    obstacles = [Obstacle(box, owner) for owner, box in heads]
    for name in placement.anchors:
        icon, label = boxes_of(measured, name, placement.anchors)
        obstacles.append(Obstacle(icon, name))
        if label is not None:
            obstacles.append(Obstacle(label, name))
    wires = tuple(_wires(graph, measured, placement))
    flow = _FLOWS[way]
    return Scene(tuple(obstacles), tuple(placement.groups.values()), wires, flow)  # type: ignore[arg-type]


def boxes_of(measured: Figures, node: str, anchors: Mapping[str, Point]) -> tuple[Box, Box | None]:
    """A node's icon (or shape) and, where it stands below, its label."""
    figure, (x, y) = measured.nodes[node], anchors[node]
    icon = Box(x - figure.w / 2, y - figure.h / 2, figure.w, figure.h)
    if figure.icon is None or not figure.label.lines:
        return icon, None
    label = figure.label
    return icon, Box(x - label.width / 2, y + figure.down - label.height, label.width, label.height)


def _wires(graph: Graph, measured: Figures, placement: Placement) -> Iterator[Wire]:
    trunks = _trunks(graph)
    for number, edge in enumerate(graph.edges):
        ends = [end for end in (edge.source, edge.target)
                if end in placement.anchors or end in placement.groups]  # fmt: skip
        if edge.stroke == "invisible" or len(ends) < 2 or edge.source == edge.target:
            continue
        tail = _terminal(measured, placement, edge.source, edge.target, number)
        head = _terminal(measured, placement, edge.target, edge.source, number)
        yield Wire(number, edge, tail, head, trunks.get(number))


def _trunks(graph: Graph) -> dict[int, str]:
    """Which edges may share a stretch: those that leave one node alike, or reach one alike.

    An edge shares on one end only: sharing on both would let a reader follow it astray.
    """
    leaving: dict[str, list[int]] = {}
    reaching: dict[str, list[int]] = {}
    for number, edge in enumerate(graph.edges):
        kind = f"{edge.stroke}/{edge.tail}/{edge.head}"
        leaving.setdefault(f"from {edge.source} {kind}", []).append(number)
        reaching.setdefault(f"to {edge.target} {kind}", []).append(number)
    trunks: dict[int, str] = {}
    families = [*leaving.items(), *reaching.items()]
    for name, numbers in sorted(families, key=lambda family: -len(family[1])):
        free = [number for number in numbers if number not in trunks]
        if len(free) > 1:
            trunks.update((number, name) for number in free)
    return trunks


def _terminal(
    measured: Figures, placement: Placement, end: str, other: str, number: int
) -> Terminal:
    if end in placement.anchors:
        return _node_terminal(measured, placement, end)
    box = placement.groups[end]
    x, y = (
        placement.anchors[other] if other in placement.anchors else placement.groups[other].center
    )
    pad = min(20.0, box.w / 4, box.h / 4)
    x = min(max(x, box.x + pad), box.right - pad)
    y = min(max(y, box.y + pad), box.bottom - pad)
    ports: dict[Side, Point] = {
        "top": (x, box.y), "bottom": (x, box.bottom), "left": (box.x, y), "right": (box.right, y),
    }  # fmt: skip
    reach = {
        side: max(0.0, min(abs(at - low), abs(high - at)) - pad / 2)
        for side, at, low, high in (
            ("top", x, box.x, box.right), ("bottom", x, box.x, box.right),
            ("left", y, box.y, box.bottom), ("right", y, box.y, box.bottom),
        )
    }  # fmt: skip
    return Terminal(f"{end}#{number}", ports, reach)  # type: ignore[arg-type]


# How far ports may move along a shape's sides, as a part of the side; and the slant of sides.
_FIRM = {"square", "round", "subroutine", "stadium"}
_SLANT = {"lean_right", "lean_left", "trapezoid", "inv_trapezoid"}


def _node_terminal(measured: Figures, placement: Placement, node: str) -> Terminal:
    figure, (x, y) = measured.nodes[node], placement.anchors[node]
    inset = SLANT / 2 if figure.icon is None and figure.node.shape in _SLANT else 0.0
    half_w, half_h = figure.w / 2, figure.h / 2
    left, top, right = figure.inset
    ports: dict[Side, Point] = {
        "top": (x, y - half_h + top), "bottom": (x, y + figure.down),
        "left": (x - half_w + inset + left, y), "right": (x + half_w - inset - right, y),
    }  # fmt: skip
    if figure.icon is None and figure.node.shape == "odd":
        ports["left"] = (x - half_w + SLANT, y)
    firm = figure.icon is not None or figure.node.shape in _FIRM
    level = max(half_w - 10, 0.0) if firm else 0.0
    upright = max(half_h - 12, 0.0) if firm and figure.node.shape != "stadium" else 0.0
    low = min(level, max(figure.label.width / 2 - 4, 6.0)) if figure.icon else level
    return Terminal(
        node,
        ports,
        {"top": level, "bottom": low, "left": upright, "right": upright},
        {"left": inset + left, "top": top, "right": inset + right},
    )


def _loops(graph: Graph, measured: Figures, placement: Placement) -> Iterator[Path]:
    """Edges from a node to itself: out at its right side and back in."""
    for number, edge in enumerate(graph.edges):
        if edge.source != edge.target or edge.source not in placement.anchors:
            continue
        terminal = _node_terminal(measured, placement, edge.source)
        x, y = terminal.ports["right"]
        d = min(12.0, terminal.reach["right"] or 12.0)
        wire = Wire(number, edge, terminal, terminal, None)
        points = [(x, y - d), (x + _LOOP, y - d), (x + _LOOP, y + d), (x, y + d)]
        yield Path(wire, points, "right", "right")
