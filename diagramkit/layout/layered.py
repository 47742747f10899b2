"""The layered layout engine: a `LayoutInput` in, a `Layout` out.

The engine itself is `kernels/layout/` (Rust), which runs here as WebAssembly. What it is asked and what it answers
are plain numbers, in the order of `kernels/layout/model.rs`.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Mapping, Sequence

from msgspec import Struct, field

from diagramkit import timing
from diagramkit.diagnostics import DiagramError, Span, fail
from diagramkit.drawing import Box, Point
from diagramkit.graph import Direction
from diagramkit.layout import wasm
from diagramkit.layout.engine import Engine, timeout_error
from diagramkit.layout.layout_input import LayoutEnd, LayoutInput
from diagramkit.layout.result import SIDES, Layout, RoutedEdge, Title

_DIRECTIONS: tuple[Direction | None, ...] = (None, "TB", "BT", "LR", "RL")
_ENDS = {"node": 0.0, "group": 1.0}
_REFUSED = 4
"""A layout that fails with more than this part of the memory it may have was refused more: lists grow twofold."""


class LayoutGaps(Struct, frozen=True):
    """Distances in points: between neighbors in a rank, between ranks, between unconnected parts, inside of group
    borders, and around the picture."""

    node: float
    rank: float
    component: float
    padding: float
    margin: float


class Viewport(Struct, frozen=True):
    """The canvas in pixels (0 by 0: none), the least readable text size there in pixels, and the size of the
    diagram's smallest text in points."""

    width: float
    height: float
    readable: float
    text: float


class NodeHints(Struct, frozen=True):
    """What the engine knows of a node beside its box: the size of its icon or shape, whether readers start there, a
    number that nodes have in common which stand for each other in sibling groups (0: none), and for each side (in
    the order of `SIDES`) how far from the anchor edges end and how far along the side that may move."""

    width: float
    height: float
    entry: bool
    twin: int
    ports: tuple[tuple[float, float], ...]


class Request(Struct, frozen=True):
    """A graph to lay out. `groups` has for each the number of its twins, like that of nodes, whether its title
    stands in the middle, and the width and height of the title in more lines (0 by 0 where it cannot be broken);
    `looks` are numbers that edges have in common
    which look alike; `sides` the sides of edges' ends that the source asks for, by the edge's index (1 to 4 in
    the order of `SIDES`, 0 for none); `fixed` the anchors of all nodes where another engine has placed them."""

    graph: LayoutInput
    nodes: Sequence[NodeHints]
    groups: Sequence[tuple[int, bool, float, float]]
    looks: Sequence[int]
    gaps: LayoutGaps
    page: Viewport
    sides: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    fixed: Sequence[Point] | None = None


@timing.step("lay out")
def layout(request: Request, engine: Engine, where: Span) -> Layout:
    """Place nodes and groups, route edges, and put labels beside them.

    Raises `DiagramError` (layout-too-long, layout-failed) at `where`, after the time or with the memory that `engine`
    allows.
    """
    import wasmtime

    module = wasm.kernel("layout", "layout", wasm.DEFAULT_STACK)
    # One layout at a time: whoever comes next finds the module as it was at first.
    with wasm.time_limited(engine.seconds, wasm.DEFAULT_STACK):
        try:
            module.allow(engine.memory)
            answer = _answer(module, _numbers(request))
        except (wasmtime.Trap, wasmtime.WasmtimeError) as error:
            size = module.size
            module.restart()
            if isinstance(error, wasmtime.Trap) and error.trap_code == wasmtime.TrapCode.INTERRUPT:
                raise timeout_error(engine, where) from None
            raise _failed(error, size, engine, where) from None
        except BaseException:
            module.restart()
            raise
    return _layout(request, answer)


def _failed(error: Exception, size: int, engine: Engine, where: Span) -> DiagramError:
    """The error of a layout that ended with so many bytes of memory: whether it was refused more, it does not say."""
    if size > engine.memory / _REFUSED:
        most = engine.memory // 1_000_000
        message = (
            f"this diagram could not be laid out with {most:,} MB of memory; split it, or set 'memory' under [limits] "
            "in the settings"
        )
    else:
        (*_, why) = ("", *str(error).split("wasm trap: "))
        message = f"this diagram could not be laid out (the layout engine crashed: {' '.join(why.split())})"
    return fail("layout-failed", message, where)


def _answer(module: wasm.Instance, numbers: array[float]) -> array[float]:
    (at,) = module.begin(8 * len(numbers) + 8)
    module.put((at,), array("d", [float(len(numbers)), *numbers]))
    answer_at = module.call("layout", at)
    (count,) = struct.unpack("<d", module.get(answer_at, 8))
    answer = array("d", module.get(answer_at + 8, 8 * int(count)))
    module.end()
    return answer


def _numbers(request: Request) -> array[float]:
    graph, gaps, page = request.graph, request.gaps, request.page
    numbers = array(
        "d",
        [
            len(graph.nodes),
            len(graph.groups),
            len(graph.edges),
            _DIRECTIONS.index(graph.direction),
            page.width,
            page.height,
            page.readable,
            page.text,
            gaps.node,
            gaps.rank,
            gaps.component,
            gaps.padding,
            gaps.margin,
            request.fixed is not None,
        ],
    )
    for node, own in zip(graph.nodes, request.nodes, strict=True):
        numbers.extend((node.group, own.width, own.height, node.up, node.down, node.half, own.entry, own.twin))
        for port in own.ports:
            numbers.extend(port)
    for group, hints in zip(graph.groups, request.groups, strict=True):
        direction = _DIRECTIONS.index(group.direction)
        numbers.extend((group.parent, group.title_width, group.title_height, direction, *hints))
    for number, (edge, look) in enumerate(zip(graph.edges, request.looks, strict=True)):
        numbers.extend(
            (
                *_end(edge.source),
                *_end(edge.target),
                edge.label_width,
                edge.label_height,
                look,
                edge.minimum_length,
                edge.invisible,
                *request.sides.get(number, (0, 0)),
            )
        )
    for point in request.fixed or ():
        numbers.extend(point)
    return numbers


def _end(end: LayoutEnd) -> tuple[float, float]:
    return _ENDS[end[0]], end[1]


def _layout(request: Request, answer: array[float]) -> Layout:
    graph = request.graph
    at = 1
    direction = _DIRECTIONS[int(answer[0])]
    assert direction is not None
    anchors = {}
    for node in graph.nodes:
        anchors[node.id] = (answer[at], answer[at + 1])
        at += 2
    groups, titles = {}, {}
    for group in graph.groups:
        x0, y0, x1, y1, shift, crossed, narrow = answer[at : at + 7]
        groups[group.id] = Box(x0, y0, x1 - x0, y1 - y0)
        titles[group.id] = Title(shift, bool(crossed), bool(narrow))
        at += 7
    edges = []
    for edge in graph.edges:
        size = int(answer[at])
        points = tuple((answer[k], answer[k + 1]) for k in range(at + 1, at + 1 + 2 * size, 2))
        at += 1 + 2 * size
        source, target, labeled, x, y = answer[at : at + 5]
        at += 5
        if size > 1:
            label = Box(x, y, edge.label_width, edge.label_height) if labeled else None
            edges.append(RoutedEdge(edge.number, points, SIDES[int(source)], SIDES[int(target)], label))
    return Layout(direction, anchors, groups, titles, tuple(edges))
