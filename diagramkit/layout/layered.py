"""The layered layout engine: `LayoutInput` in, `Layout` out.

The engine itself is `kernels/layout/` (Rust), which runs here as WebAssembly. Its input and output are plain numbers,
in the order of `kernels/layout/model.rs`.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct, field, structs

from diagramkit import timing
from diagramkit.diagnostics import DiagramError, Span, fail
from diagramkit.drawing import Box, Point
from diagramkit.graph import Direction, Hint, HintKind
from diagramkit.layout import wasm
from diagramkit.layout.engine import Engine, timeout_error
from diagramkit.layout.layout_input import LayoutEnd, LayoutInput, LayoutNode
from diagramkit.layout.result import SIDES, Layout, RoutedEdge, Slot, Title
from diagramkit.options import Lines

_DIRECTIONS: tuple[Direction | None, ...] = (None, "TB", "BT", "LR", "RL")
_HINT_KINDS: tuple[HintKind, ...] = ("same_rank", "in_line", "order", "near", "main", "grid", "pin")
_LINES: tuple[Lines, ...] = ("orthogonal", "curved", "straight")
_ENDS = {"node": 0.0, "group": 1.0}
_MEMORY_LIMIT_FACTOR = 4
"""A layout that fails with more than this part (1/4) of its allowed memory was denied more: its lists double in size.
"""


class LayoutGaps(Struct, frozen=True):
    """Distances in points.

    They are the gaps between neighbors in a rank, between ranks and between unconnected components, the padding inside
    of group borders, and the margin around the picture.
    """

    node: float
    rank: float
    component: float
    padding: float
    margin: float


class Viewport(Struct, frozen=True):
    """The canvas, and the size of the diagram's smallest text.

    `width`, `height` and `min_text_size`, the smallest readable text, are in pixels (0 by 0: no canvas); `text_size` is
    in points.
    """

    width: float
    height: float
    min_text_size: float
    text_size: float


class NodeTraits(Struct, frozen=True):
    """What the engine needs to know about a node besides its box.

    `width` and `height` are those of its icon or shape. `entry` says whether readers start there. `twin` is a number
    that matching nodes of sibling groups have in common (0: none). `ports` has for each side (in the order of `SIDES`)
    how far from the anchor edges end, and how far along the side this point may move.
    """

    width: float
    height: float
    entry: bool
    twin: int
    ports: tuple[tuple[float, float], ...]


class Request(Struct, frozen=True):
    """A graph to lay out.

    `groups` has for each group the number of its twins (as for nodes), whether its title is centered, and the width and
    height of the title broken into more lines (0 by 0 if it cannot be broken). `edge_styles` has the same number for
    edges that look alike. `sides` maps edge indexes to the sides that the source specifies for their ends (1 to 4 in
    the order of `SIDES`, 0 for none). `lines` is how edges are drawn. `hints` are the layout hints of the source, which
    refer to the ids of `graph`. `fixed_anchors` has the anchors of all nodes if
    another engine has placed them.
    """

    graph: LayoutInput
    nodes: Sequence[NodeTraits]
    groups: Sequence[tuple[int, bool, float, float]]
    edge_styles: Sequence[int]
    gaps: LayoutGaps
    page: Viewport
    sides: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    lines: Lines = "orthogonal"
    hints: Sequence[Hint] = ()
    fixed_anchors: Sequence[Point] | None = None


@timing.step("lay out")
def layout(request: Request, engine: Engine, span: Span) -> Layout:
    """Position nodes and groups, route edges, and place their labels.

    `engine` limits time and memory. Raises `DiagramError` (layout-too-long, layout-failed) at `span`.
    """
    import wasmtime

    complete = _with_members(request)
    module = wasm.kernel("layout", "layout", wasm.DEFAULT_STACK)
    # One layout at a time: each must find the module in its initial state.
    with wasm.time_limited(engine.seconds, wasm.DEFAULT_STACK):
        try:
            module.set_memory_limit(engine.memory)
            answer = _call_engine(module, _encode(complete))
        except (wasmtime.Trap, wasmtime.WasmtimeError) as error:
            size = module.size
            module.restart()
            if isinstance(error, wasmtime.Trap) and error.trap_code == wasmtime.TrapCode.INTERRUPT:
                raise timeout_error(engine, span) from None
            raise _failure(error, size, engine, span) from None
        except BaseException:
            module.restart()
            raise
    return _decode(request.graph, len(complete.nodes), answer)


def _with_members(request: Request) -> Request:
    """Return a request in which each lane without nodes contains a small one: a lane needs ranks."""
    graph = request.graph
    filled = {node.group for node in graph.nodes}
    for index in reversed(range(len(graph.groups))):  # Groups follow the group that they are in.
        if index in filled:
            filled.add(graph.groups[index].parent)
    empty = [index for index, group in enumerate(graph.groups) if group.lane and index not in filled]
    if not empty or request.fixed_anchors is not None:
        return request
    members = [LayoutNode("", "", index, 2.0, 2.0, 1.0, 1.0, 1.0) for index in empty]
    hints = NodeTraits(2.0, 2.0, False, 0, ((1.0, 0.0),) * len(SIDES))
    return structs.replace(
        request,
        graph=structs.replace(graph, nodes=(*graph.nodes, *members)),
        nodes=(*request.nodes, *(hints for _ in members)),
    )


def _failure(error: Exception, size: int, engine: Engine, span: Span) -> DiagramError:
    """Return the error for a layout that failed with `size` bytes of memory.

    The engine does not report whether it ran out of memory, so the size decides.
    """
    if size > engine.memory / _MEMORY_LIMIT_FACTOR:
        megabytes = engine.memory // 1_000_000
        message = f"the layout needs more than {megabytes:,} MB of memory: split the diagram or raise limits.memory"
    else:
        (*_, reason) = ("", *str(error).split("wasm trap: "))
        message = f"the layout engine crashed ({' '.join(reason.split())})"
    return fail("layout-failed", message, span)


def _call_engine(module: wasm.Instance, numbers: array[float]) -> array[float]:
    """Return the engine's output: both input and output begin with the count of numbers."""
    (input_address,) = module.allocate(8 * len(numbers) + 8)
    module.write((input_address,), array("d", [float(len(numbers)), *numbers]))
    output_address = module.call("layout", input_address)
    (count,) = struct.unpack("<d", module.read(output_address, 8))
    answer = array("d", module.read(output_address + 8, 8 * int(count)))
    module.finish()
    return answer


def _encode(request: Request) -> array[float]:
    """Return a request as the numbers that the engine reads."""
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
            page.min_text_size,
            page.text_size,
            gaps.node,
            gaps.rank,
            gaps.component,
            gaps.padding,
            gaps.margin,
            _LINES.index(request.lines),
            request.fixed_anchors is not None,
        ],
    )
    for node, node_hints in zip(graph.nodes, request.nodes, strict=True):
        numbers.extend(
            (
                node.group,
                node_hints.width,
                node_hints.height,
                node.up,
                node.down,
                node.half,
                node_hints.entry,
                node_hints.twin,
            )
        )
        for port in node_hints.ports:
            numbers.extend(port)
    for group, hints in zip(graph.groups, request.groups, strict=True):
        direction = _DIRECTIONS.index(group.direction)
        numbers.extend((group.parent, group.title_width, group.title_height, direction, *hints, group.lane))
    for number, (edge, style) in enumerate(zip(graph.edges, request.edge_styles, strict=True)):
        numbers.extend(
            (
                *_encode_end(edge.source),
                *_encode_end(edge.target),
                edge.label_width,
                edge.label_height,
                style,
                edge.minimum_length,
                edge.invisible,
                *request.sides.get(number, (0, 0)),
            )
        )
    numbers.extend(_encode_hints(graph, request.hints))
    for point in request.fixed_anchors or ():
        numbers.extend(point)
    return numbers


def _encode_hints(graph: LayoutInput, hints: Sequence[Hint]) -> Iterator[float]:
    """Yield the numbers for the layout hints."""
    yield len(hints)
    if not hints:
        return
    ends: dict[str, LayoutEnd] = {node.id: ("node", index) for index, node in enumerate(graph.nodes)}
    ends |= {group.id: ("group", index) for index, group in enumerate(graph.groups)}
    for hint in hints:
        first, second, *_ = (*hint.values, 0, 0)
        yield from (_HINT_KINDS.index(hint.kind), first, second, len(hint.members))
        for member in hint.members:
            yield from _encode_end(ends[member])


def _encode_end(end: LayoutEnd) -> tuple[float, float]:
    """Return the numbers for an edge's end."""
    return _ENDS[end[0]], end[1]


def _decode(graph: LayoutInput, node_count: int, answer: array[float]) -> Layout:
    """Return the layout of a graph that the engine's output describes; nodes behind those of the graph are ignored."""
    position = 1
    direction = _DIRECTIONS[int(answer[0])]
    assert direction is not None
    anchors = {}
    for node in graph.nodes:
        anchors[node.id] = (answer[position], answer[position + 1])
        position += 2
    position += 2 * (node_count - len(graph.nodes))
    groups, titles = {}, {}
    for group in graph.groups:
        x0, y0, x1, y1, shift, crossed, narrow = answer[position : position + 7]
        groups[group.id] = Box(x0, y0, x1 - x0, y1 - y0)
        titles[group.id] = Title(shift, bool(crossed), bool(narrow))
        position += 7
    edges = []
    for edge in graph.edges:
        points, position = _decode_points(answer, position)
        curve, position = _decode_points(answer, position)
        source, target, labeled, x, y = answer[position : position + 5]
        position += 5
        if len(points) > 1:
            label = Box(x, y, edge.label_width, edge.label_height) if labeled else None
            edges.append(RoutedEdge(edge.number, points, SIDES[int(source)], SIDES[int(target)], label, curve))
    violated = tuple(int(index) for index in answer[position + 1 : position + 1 + int(answer[position])])
    position += 1 + len(violated)
    slots = {}
    ids = [node.id for node in graph.nodes]
    ids += [""] * (node_count - len(ids)) + [group.id for group in graph.groups]
    for name in ids:
        rank, rank_count, line = (int(number) for number in answer[position : position + 3])
        position += 3
        if rank >= 0 and name:
            slots[name] = Slot(rank + 1, rank_count, line + 1)
    return Layout(direction, anchors, groups, titles, tuple(edges), violated, slots)


def _decode_points(answer: array[float], position: int) -> tuple[tuple[Point, ...], int]:
    """Return the points at a position, where their number is first, and the position behind them."""
    start, end = position + 1, position + 1 + 2 * int(answer[position])
    return tuple((answer[k], answer[k + 1]) for k in range(start, end, 2)), end
