"""From a graph with its icons to a `Drawing`: measured, placed, routed, painted in a theme."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from msgspec import Struct, field, structs

from diagramkit.compile import Gaps
from diagramkit.drawing import Box, Drawing, EdgeDrawing, Point, around
from diagramkit.graph import Edge, Graph, Lines, Look
from diagramkit.icons.resolver import Choice
from diagramkit.icons.shelf import BARE, Shelf
from diagramkit.layout import bend, check, fit, frame, page, paint, ports, room, routing, steps
from diagramkit.layout.canvas import Canvas
from diagramkit.layout.engine import Engine
from diagramkit.layout.place import Placement
from diagramkit.layout.routing import labels as edge_labels
from diagramkit.layout.routing.labels import Spot
from diagramkit.layout.routing.scene import OUTWARD, SIDES, Flow, Obstacle, Path, Scene, Side, Wire
from diagramkit.measure import figures
from diagramkit.measure.figures import Figures
from diagramkit.problems import Span
from diagramkit.style.theme import Theme

_FLOWS: dict[str, Flow] = {"TB": "down", "BT": "up", "LR": "right", "RL": "left"}
_ROOMIER = (1.0, 1.35, 1.8)
_MOST_CUTS = 24
_LEAST_TRIES = 24
_EFFORT = 4000  # How often small pictures are cut for one label: their tries are cheap.
_MOST_TRIES = 600  # For one layout; the most that any of 400 random diagrams took is 326.
_LOOPS = (22.0, 30.0, 15.0, 38.0)  # How far loops reach out of their node, the usual first.


class Setting(Struct, frozen=True):
    """How to draw: the themes (laid out in the first, painted in all), the look, and the icons."""

    themes: tuple[Theme, ...]
    look: Look
    canvas: Canvas | None
    engine: Engine
    shelf: Shelf = BARE


def draw(
    graph: Graph, icons: Mapping[str, Choice], setting: Setting, where: Span
) -> tuple[Drawing, ...]:
    """The picture of a graph, once for each theme. Where something would overlap, it is laid out
    again with more room; the best of the tries is taken. Raises `DiagramError` where Graphviz
    fails."""
    theme, look = setting.themes[0], setting.look
    graph = _both_ways(frame.framed(graph, icons, look.frame) if look.frame else graph)
    found = steps.find(graph) if look.steps else steps.Steps()
    graph = steps.without_labels(graph, found)
    measured = figures.measure(graph, icons, theme, found.numbers, setting.shelf)
    composer = _Composer(graph, measured, theme, found.numbers)
    laid = _best(
        fit.Task(graph, measured, theme.sizes, setting.canvas, setting.engine, where), composer
    )
    if look.lines in ("curved", "straight"):
        laid = composer.bent(laid, look.lines)
    made = []
    for other in setting.themes:
        painted = laid.drawing if other is theme else composer.in_theme(laid, other)
        around = page.Page(graph, look, found.listed, other, setting.canvas)
        made.append(around.around(painted))
    return tuple(made)


def _best(task: fit.Task, composer: _Composer) -> _Laid:
    sizes = task.sizes
    best: _Laid | None = None
    for factor in _ROOMIER:
        layout = fit.choose(task, Gaps(sizes.node_gap * factor, sizes.rank_gap * factor))
        laid = composer.routed(layout.placement, layout.way)
        if best is None or laid.faults < best.faults:
            best = laid
        if laid.faults == 0 or task.vast:
            break
    assert best is not None
    return best


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
                kept[index] = structs.replace(other, tail="arrow")
                break
        else:
            kept.append(edge)
    return structs.replace(graph, edges=tuple(kept))


class _Laid(Struct, frozen=True):
    """A layout with its edges routed and their labels placed."""

    placement: Placement
    paths: list[Path]
    spots: Mapping[int, Spot]
    drawing: Drawing
    faults: int
    curves: Mapping[int, tuple[Point, ...]] = field(default_factory=dict)

    @property
    def crowded(self) -> list[int]:
        """The numbers of the edges whose labels lie on something."""
        return [n for n, spot in self.spots.items() if spot.cost >= edge_labels.CONFLICT]

    @property
    def to_mend(self) -> int:
        """The faults that are not those of crowded labels."""
        return max(self.faults - check.TEXT * len(self.crowded), 0)


class _Composer:
    """Routes and paints the layouts of one graph."""

    def __init__(
        self, graph: Graph, measured: Figures, theme: Theme, steps: Mapping[int, int]
    ) -> None:
        self.graph, self.measured, self.theme, self.steps = graph, measured, theme, steps

    def in_theme(self, laid: _Laid, theme: Theme) -> Drawing:
        """The same layout in other colours."""
        other = _Composer(self.graph, self.measured, theme, self.steps)
        spots = dict(laid.spots)
        return other._painted(laid.placement, laid.paths, spots, laid.curves).drawing

    def bent(self, laid: _Laid, lines: Lines) -> _Laid:
        """The same layout with edges that curve, or go straight."""
        scene = self._scene(laid.placement, ())
        labels = dict(self.measured.labels)
        found = bend.bent(scene, laid.paths, dict(laid.spots), labels, lines)
        return self._painted(laid.placement, found.paths, found.spots, found.curves)

    def routed(self, placement: Placement, way: str) -> _Laid:
        """The layout with its edges; opened up where labels lack room."""
        scene = self._scene(placement, tuple(_wires(self.graph, self.measured, placement)), way)
        paths = routing.paths(scene)
        paths += list(_loops(self.graph, self.measured, placement, scene, paths))
        for path in paths:
            ports.touch(self.measured, placement, path)
        laid = self._painted(placement, paths, dict(self._spots(placement, paths)))
        budget = iter(range(_MOST_TRIES))
        for _ in range(_MOST_CUTS):
            wider = self._widened(laid, budget) if laid.faults else None
            if wider is None:
                break
            laid = wider
        return laid

    def _widened(self, laid: _Laid, budget: Iterator[int]) -> _Laid | None:
        """The layout cut open for the first label that this helps, by the smallest cut that mends
        it whole, else by the one that helps most."""
        by_number = {path.wire.number: path for path in laid.paths}
        most = max(_LEAST_TRIES, _EFFORT // (len(laid.paths) + len(laid.placement.anchors)))
        for number in laid.crowded:
            best, tries = laid, 0
            for _, some in zip(
                budget, room.cuts(by_number[number], self.measured.labels[number]), strict=False
            ):
                apart = room.opened(laid.placement, laid.paths, some)
                spots = self._mended(apart, number) if apart else None
                if apart is None or spots is None:
                    continue
                best = min(best, self._painted(*apart, spots), key=lambda one: one.faults)
                tries += 1
                if tries == most or (best is not laid and best.to_mend == 0):
                    break
            if best is not laid:
                return best
        return None

    def _spots(self, placement: Placement, paths: list[Path]) -> Iterator[tuple[int, Spot]]:
        limits = placement.bounds.grown(self.theme.sizes.margin)
        return edge_labels.place(self._scene(placement, ()), paths, self.measured.labels, limits)

    def _mended(self, apart: tuple[Placement, list[Path]], number: int) -> dict[int, Spot] | None:
        """The labels' spots; None where that of the wire with this number still lies on something."""
        found: dict[int, Spot] = {}
        for other, spot in self._spots(*apart):
            if other == number and spot.cost >= edge_labels.CONFLICT:
                return None
            found[other] = spot
        return found

    def _painted(
        self, placement: Placement, paths: list[Path], spots: dict[int, Spot],
        curves: Mapping[int, tuple[Point, ...]] = MappingProxyType({}),
    ) -> _Laid:  # fmt: skip
        painter = paint.Painter(self.graph, self.measured, placement, self.theme)
        edges = tuple(self._edge(painter, path, spots, curves) for path in paths)
        drawing = paint.framed(self.graph, painter.groups(), edges, painter.nodes(), self.theme)
        faults = sum(fault.weight for fault in check.faults(drawing))
        return _Laid(placement, paths, spots, drawing, faults, curves)

    def _edge(
        self, painter: paint.Painter, path: Path, spots: dict[int, Spot],
        curves: Mapping[int, tuple[Point, ...]],
    ) -> EdgeDrawing:  # fmt: skip
        number = path.wire.number
        box = spots[number].box if number in spots else None
        step = self.steps.get(number)
        badge = page.badge(step, box, self.theme) if step is not None and box else None
        return painter.edge(path, box, curves.get(number, ()), badge)

    def _scene(self, placement: Placement, wires: tuple[Wire, ...], way: str = "TB") -> Scene:
        painter = paint.Painter(self.graph, self.measured, placement, self.theme)
        obstacles = [Obstacle(box, owner) for owner, box in painter.group_heads()]
        for name in placement.anchors:
            icon, label = ports.boxes(self.measured, name, placement)
            obstacles.append(Obstacle(icon, name))
            if label is not None:
                obstacles.append(Obstacle(label, name))
        return Scene(tuple(obstacles), tuple(placement.groups.values()), wires, _FLOWS[way])


def _wires(graph: Graph, measured: Figures, placement: Placement) -> Iterator[Wire]:
    trunks = _trunks(graph)
    known = {name: ports.of_node(measured, placement, name) for name in placement.anchors}
    for number, edge in enumerate(graph.edges):
        ends = [end for end in (edge.source, edge.target)
                if end in placement.anchors or end in placement.groups]  # fmt: skip
        if edge.stroke == "invisible" or len(ends) < 2 or edge.source == edge.target:
            continue
        tail = known.get(edge.source) or ports.of_group(placement, edge.source, edge.target, number)
        head = known.get(edge.target) or ports.of_group(placement, edge.target, edge.source, number)
        yield Wire(number, edge, tail, head, trunks.get(number))


def _trunks(graph: Graph) -> dict[int, str]:
    """Which edges may share a stretch: those that leave one node alike, or reach one alike.

    An edge shares on one end only: sharing on both would let a reader follow it astray. Of
    edges that join the same two, one shares: the others are seen to be more than one.
    """
    families: dict[str, dict[str, int]] = {}
    for number, edge in enumerate(graph.edges):
        kind = f"{edge.stroke}/{edge.tail}/{edge.head}"
        families.setdefault(f"from {edge.source} {kind}", {}).setdefault(edge.target, number)
        families.setdefault(f"to {edge.target} {kind}", {}).setdefault(edge.source, number)
    trunks: dict[int, str] = {}
    for name, members in sorted(families.items(), key=lambda family: -len(family[1])):
        free = [number for number in members.values() if number not in trunks]
        if len(free) > 1:
            trunks.update((number, name) for number in free)
    return trunks


def _loops(
    graph: Graph, measured: Figures, placement: Placement, scene: Scene, others: list[Path]
) -> Iterator[Path]:
    """Edges from a node to itself: out at the side with most room and back in."""
    stretches = [
        pair for path in others for pair in zip(path.points, path.points[1:], strict=False)
    ]
    for number, edge in enumerate(graph.edges):
        if edge.source != edge.target or edge.source not in placement.anchors:
            continue
        terminal = ports.of_node(measured, placement, edge.source)
        wire = Wire(number, edge, terminal, terminal, None)
        tried: list[tuple[int, Path]] = []
        for size, side in itertools.product(_LOOPS, SIDES):
            path = _loop(wire, side, size)
            area = around([Box(x, y, 0, 0) for x, y in path.points])
            crossed = sum(area.grown(2).crossed_by(a, b) for a, b in stretches)
            crossed += 3 * sum(area.overlaps(thing.box) for thing in scene.obstacles)
            tried.append((crossed, path))
        best = min(tried, key=lambda one: one[0])[1]
        stretches += zip(best.points, best.points[1:], strict=False)
        yield best


def _loop(wire: Wire, side: Side, size: float) -> Path:
    """A loop that reaches `size` out of the node, its ends a little more than half that apart."""
    (x, y), (dx, dy) = wire.tail.ports[side], OUTWARD[side]
    away = size + max(wire.tail.depth.get(side, 0.0), 0.0)
    d = min(size * 0.55, wire.tail.reach[side] or 12.0)
    ax, ay = abs(dy) * d, abs(dx) * d
    points = [
        (x - ax, y - ay), (x - ax + dx * away, y - ay + dy * away),
        (x + ax + dx * away, y + ay + dy * away), (x + ax, y + ay),
    ]  # fmt: skip
    return Path(wire, points, side, side)
