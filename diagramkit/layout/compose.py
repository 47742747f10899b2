"""From a graph with its icons to a `Drawing`: measured, compiled, laid out, painted in a theme."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from msgspec import Struct, structs

from diagramkit import compile as compiling
from diagramkit.diagnostics import DiagramError, Span, fail
from diagramkit.drawing import Box, Drawing, Point, bounds
from diagramkit.graph import Edge, Graph, PictureOptions
from diagramkit.icons.catalog import BARE, IconCatalog
from diagramkit.icons.resolver import IconChoice
from diagramkit.layout import (
    curves,
    drawing_builder,
    engine,
    frame,
    graphviz_warnings,
    layered,
    page,
    ports,
    steps,
    twins,
)
from diagramkit.layout.canvas import Canvas
from diagramkit.layout.engine import Engine
from diagramkit.layout.layout_input import LayoutInput
from diagramkit.layout.result import SIDES, Layout
from diagramkit.measure import figures
from diagramkit.measure.figures import Figures, Heading
from diagramkit.style import css
from diagramkit.style.theme import Sizes, Theme


class CompositionSettings(Struct, frozen=True):
    """How to draw: the themes (laid out in the first, painted in all), the look, and the icons."""

    themes: tuple[Theme, ...]
    look: PictureOptions
    canvas: Canvas | None
    engine: Engine
    shelf: IconCatalog = BARE


def draw(
    graph: Graph, icons: Mapping[str, IconChoice], setting: CompositionSettings, where: Span
) -> tuple[Drawing, ...]:
    """The picture of a graph, once for each theme. Raises `DiagramError` where the layout engine fails."""
    theme, look = setting.themes[0], setting.look
    graph = _joined(graph)
    graph = _merged(frame.add_frame(graph, icons, look.frame) if look.frame else graph)
    found = steps.find_steps(graph) if look.steps else steps.Steps()
    graph = steps.replace_labels(graph, found)
    measured = figures.measure(graph, icons, theme, found.numbers, setting.shelf)
    layout = laid_out(graph, measured, icons, setting, where)
    flattened: Mapping[int, tuple[Point, ...]] = MappingProxyType({})
    if look.lines in ("curved", "straight"):
        curved = curves.apply_line_style(_obstacles(graph, measured, layout, theme), graph, layout, look.lines)
        layout, flattened = structs.replace(layout, edges=curved.edges), curved.curves
    made = []
    for other in setting.themes:
        painted = _painted(graph, measured, layout, other, found.numbers, flattened)
        made.append(page.PageComposer(graph, look, found.listed, other, setting.canvas).around(painted))
    return tuple(made)


def laid_out(
    graph: Graph, measured: Figures, icons: Mapping[str, IconChoice], setting: CompositionSettings, where: Span
) -> Layout:
    """Where everything in a graph goes. Raises `DiagramError` where the layout engine fails; then the DOT is kept."""
    sizes = setting.themes[0].sizes
    gaps = compiling.DotSpacing(sizes.node_gap, sizes.rank_gap)
    name = setting.engine.name
    direction = graph.direction if name == "layered" else graph.direction or "TB"
    diagram = compiling.to_diagram(graph, measured, sizes, direction, gaps)
    request = _request(graph, measured, icons, compiling.layout_input(diagram, graph), setting)
    if graphviz_warnings.is_enabled():
        graphviz_warnings.note_dot(diagram.dot.source)
    if name != "layered":
        fixed = engine.node_anchors(diagram, graph, measured, direction, setting.engine, where)
        request = structs.replace(request, fixed=fixed)
    try:
        layout = layered.layout(request, setting.engine, where)
    except DiagramError as error:
        (problem,) = error.problems
        message = problem.message + graphviz_warnings.save_dot(diagram.dot.source)
        raise fail(problem.code, message, where) from None
    edges = tuple(
        ports.attach_ends(measured, layout.anchors, graph.edges[routed.number], routed) for routed in layout.edges
    )
    return structs.replace(layout, edges=edges)


def _request(
    graph: Graph,
    measured: Figures,
    icons: Mapping[str, IconChoice],
    record: LayoutInput,
    setting: CompositionSettings,
) -> layered.Request:
    sizes, canvas = setting.themes[0].sizes, setting.canvas
    alike = twins.find_twins(graph, measured)
    outside = {node.id for node in graph.nodes if frame.is_outside(node, icons)}
    nodes = []
    for node in graph.nodes:
        figure = measured.nodes[node.id]
        nodes.append(
            layered.NodeHints(figure.w, figure.h, node.id in outside, alike.nodes[node.id], ports.node_ports(figure))
        )
    text = _smallest_text(measured, sizes)
    return layered.Request(
        record,
        nodes,
        [
            (alike.groups[group.id], heading.style.centered, *_narrow(heading))
            for group, heading in ((group, measured.headings[group.id]) for group in graph.groups)
        ],
        _looks(graph),
        layered.LayoutGaps(sizes.node_gap, sizes.rank_gap, sizes.component_gap, sizes.group_padding, sizes.margin),
        layered.Viewport(canvas.width, canvas.height, canvas.readable, text)
        if canvas
        else layered.Viewport(0, 0, 0, text),
        _sides(graph),
    )


def _narrow(heading: Heading) -> tuple[float, float]:
    return (heading.narrow.width, heading.narrow.height) if heading.narrow else (0.0, 0.0)


def _smallest_text(measured: Figures, sizes: Sizes) -> float:
    lines = [line for figure in measured.nodes.values() for line in figure.label.lines]
    lines += [line for block in measured.labels.values() for line in block.lines]
    lines += [line for heading in measured.headings.values() for line in heading.title.lines]
    return min((line.size for line in lines), default=sizes.label)


def _looks(graph: Graph) -> list[int]:
    """A number for each edge, the same for all that look alike: stroke, heads, color, width and dashes."""
    numbers: dict[object, int] = {}
    return [numbers.setdefault(_look(edge), len(numbers)) for edge in graph.edges]


def _look(edge: Edge) -> object:
    own = css.css_style(edge.style, "#FFFFFF")
    return edge.stroke, edge.tail, edge.head, own.stroke, own.width, own.dash


def _sides(graph: Graph) -> dict[int, tuple[int, int]]:
    """The sides at which edges are asked to end, as numbers from 1 on in the order of `SIDES`."""
    return {
        number: (SIDES.index(edge.sides[0]) + 1, SIDES.index(edge.sides[1]) + 1)
        for number, edge in enumerate(graph.edges)
        if edge.sides
    }


def _joined(graph: Graph) -> Graph:
    """The graph without the edges that end at nothing in it: Mermaid's syntax lets them end at other edges."""
    ends = {node.id for node in graph.nodes} | {group.id for group in graph.groups}
    edges = tuple(edge for edge in graph.edges if edge.source in ends and edge.target in ends)
    return graph if len(edges) == len(graph.edges) else structs.replace(graph, edges=edges)


def _merged(graph: Graph) -> Graph:
    """Two opposite edges that look alike, neither with a label, as one with two heads."""
    kept: list[Edge] = []
    at: dict[tuple[str, str], int] = {}
    for edge in graph.edges:
        index = at.get((edge.target, edge.source))
        if index is not None and edge.source != edge.target and _opposite(kept[index], edge):
            kept[index] = structs.replace(kept[index], tail="arrow")
            del at[(edge.target, edge.source)]
            continue
        at.setdefault((edge.source, edge.target), len(kept))
        kept.append(edge)
    return structs.replace(graph, edges=tuple(kept))


def _opposite(one: Edge, other: Edge) -> bool:
    return (
        not one.label
        and not other.label
        and (one.tail, one.head) == (other.tail, other.head) == ("none", "arrow")
        and _look(one) == _look(other)
    )


def _painted(
    graph: Graph,
    measured: Figures,
    layout: Layout,
    theme: Theme,
    numbers: Mapping[int, int],
    flattened: Mapping[int, tuple[Point, ...]],
) -> Drawing:
    builder = drawing_builder.DrawingBuilder(graph, measured, layout, theme)
    edges = []
    for routed in layout.edges:
        step = numbers.get(routed.number)
        badge = page.step_badge(step, routed.label, theme) if step is not None and routed.label else None
        edges.append(builder.edge(routed, flattened.get(routed.number, ()), badge))
    return drawing_builder.assemble(graph, builder.groups(), tuple(edges), builder.nodes(), theme)


def _obstacles(graph: Graph, measured: Figures, layout: Layout, theme: Theme) -> curves.Obstacles:
    """What bent edges must keep clear of."""
    boxes: list[tuple[Box, str]] = []
    for group in drawing_builder.DrawingBuilder(graph, measured, layout, theme).groups():
        head = [text.box for text in group.texts] + ([group.tile] if group.tile else [])
        if head:
            boxes.append((bounds(head), ""))
    for node in layout.anchors:
        for box in ports.icon_and_label_boxes(measured, node, layout.anchors):
            if box is not None:
                boxes.append((box, node))
    return curves.Obstacles(tuple(boxes), tuple(layout.groups.values()))
