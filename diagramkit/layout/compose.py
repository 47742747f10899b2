"""Turn a graph with its icons into a `Drawing`: measure, compile, lay out, and draw in a theme."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, structs

from diagramkit import compile as compiling
from diagramkit.diagnostics import DiagramError, Span, fail
from diagramkit.drawing import Drawing
from diagramkit.graph import Direction, Edge, Graph, Hint
from diagramkit.icons.catalog import DEFAULT_CATALOG, IconCatalog
from diagramkit.icons.resolver import IconChoice
from diagramkit.layout import (
    dot_reports,
    drawing_builder,
    engine,
    frame,
    hint_conflicts,
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
from diagramkit.options import PictureOptions
from diagramkit.style import css, shapes
from diagramkit.style.theme import Sizes, Theme

_FORWARD: dict[Direction, int] = {"LR": 0, "TB": 1, "RL": 2, "BT": 3}
"""The index in `SIDES` of the side to which the flow runs."""


class CompositionSettings(Struct, frozen=True):
    """How to draw: the themes, the options, the canvas, the layout engine and the icons.

    The layout uses the sizes of the first theme; there is one drawing for each theme. `step_list` says whether the
    drawing has the list of numbered edges.
    """

    themes: tuple[Theme, ...]
    options: PictureOptions
    canvas: Canvas | None
    engine: Engine
    catalog: IconCatalog = DEFAULT_CATALOG
    step_list: bool = True


def draw(
    graph: Graph, icons: Mapping[str, IconChoice], settings: CompositionSettings, span: Span
) -> tuple[Drawing, ...]:
    """Return the drawing of a graph, once for each theme. Raises `DiagramError` if the layout engine fails."""
    theme, options = settings.themes[0], settings.options
    graph = _without_dangling_edges(graph)
    graph = _merge_opposite_edges(frame.add_frame(graph, icons, options.frame) if options.frame else graph)
    step_numbers = steps.find_steps(graph) if options.steps else steps.Steps()
    graph = steps.replace_labels(graph, step_numbers)
    figure_sizes = figures.measure(graph, icons, theme, step_numbers.numbers, settings.catalog)
    layout = compute_layout(graph, figure_sizes, icons, settings, span)
    if figures.depends_on_direction(graph, layout.direction):
        graph = structs.replace(graph, direction=layout.direction)
        figure_sizes = figures.measure(graph, icons, theme, step_numbers.numbers, settings.catalog)
        layout = compute_layout(graph, figure_sizes, icons, settings, span)
    entries = step_numbers.entries if settings.step_list else ()
    drawings = []
    for picture_theme in settings.themes:
        drawing = _build_drawing(graph, figure_sizes, layout, picture_theme, step_numbers.numbers)
        drawings.append(page.PageComposer(graph, options, entries, picture_theme, settings.canvas).compose(drawing))
    return tuple(drawings)


def compute_layout(
    graph: Graph, figure_sizes: Figures, icons: Mapping[str, IconChoice], settings: CompositionSettings, span: Span
) -> Layout:
    """Return the layout of a graph.

    Raises `DiagramError` if the layout engine fails; then the DOT is saved for a report.
    """
    sizes = settings.themes[0].sizes
    gaps = compiling.DotSpacing(sizes.node_gap, sizes.rank_gap)
    engine_name = settings.engine.name
    direction = graph.direction if engine_name == "layered" else graph.direction or "TB"
    diagram = compiling.to_diagram(graph, figure_sizes, sizes, direction, gaps)
    request = _layout_request(graph, figure_sizes, icons, compiling.layout_input(diagram, graph), settings)
    if dot_reports.is_enabled():
        dot_reports.note_dot(diagram.dot.source)
    if engine_name != "layered":
        anchors = engine.node_anchors(diagram, graph, figure_sizes, direction, settings.engine, span)
        request = structs.replace(request, fixed_anchors=anchors)
    try:
        layout = layered.layout(request, settings.engine, span)
        _report_hints(request, layout, settings.engine, span)
    except DiagramError as error:
        (problem,) = error.problems
        message = problem.message + dot_reports.save_dot(diagram.dot.source)
        raise fail(problem.code, message, span) from None
    edges = tuple(
        ports.attach_ends(figure_sizes, layout.anchors, graph.edges[routed.number], routed) for routed in layout.edges
    )
    return structs.replace(layout, edges=edges)


def _report_hints(request: layered.Request, layout: Layout, layout_engine: Engine, span: Span) -> None:
    """Report the layout hints that a layout does not honor."""
    if not layout.violated_hints or layout_engine.warn is None:
        return
    hints = tuple(request.hints)
    if layout_engine.name != "layered":
        layout_engine.warn(hint_conflicts.not_supported(hints[layout.violated_hints[0]], layout_engine.name))
        return

    def violations(others: tuple[Hint, ...]) -> tuple[int, ...]:
        return layered.layout(structs.replace(request, hints=others), layout_engine, span).violated_hints

    for warning in hint_conflicts.explain(hints, layout.violated_hints, violations):
        layout_engine.warn(warning)


def _layout_request(
    graph: Graph,
    figure_sizes: Figures,
    icons: Mapping[str, IconChoice],
    layout_input: LayoutInput,
    settings: CompositionSettings,
) -> layered.Request:
    """Return what the layered engine needs to know about a graph."""
    sizes, canvas = settings.themes[0].sizes, settings.canvas
    matching = twins.find_twins(graph, figure_sizes)
    outside = {node.id for node in graph.nodes if frame.is_outside(node, icons)}
    nodes = []
    for node in graph.nodes:
        figure = figure_sizes.nodes[node.id]
        nodes.append(
            layered.NodeTraits(
                figure.w, figure.h, node.id in outside, matching.nodes[node.id], ports.node_ports(figure)
            )
        )
    text_size = _smallest_text(figure_sizes, sizes)
    return layered.Request(
        layout_input,
        nodes,
        [
            (matching.groups[group.id], heading.style.centered, *_broken_title_size(heading))
            for group, heading in ((group, figure_sizes.headings[group.id]) for group in graph.groups)
        ],
        _edge_styles(graph),
        layered.LayoutGaps(sizes.node_gap, sizes.rank_gap, sizes.component_gap, sizes.group_padding, sizes.margin),
        layered.Viewport(canvas.width, canvas.height, canvas.min_text_size, text_size)
        if canvas
        else layered.Viewport(0, 0, 0, text_size),
        _sides(graph, figure_sizes),
        settings.options.lines or "orthogonal",
        graph.hints,
    )


def _broken_title_size(heading: Heading) -> tuple[float, float]:
    """Return the width and height of a title broken into more lines; 0 by 0 if it cannot be broken."""
    return (heading.narrow.width, heading.narrow.height) if heading.narrow else (0.0, 0.0)


def _smallest_text(figure_sizes: Figures, sizes: Sizes) -> float:
    """Return the size of the smallest text of the diagram, in points."""
    lines = [line for figure in figure_sizes.nodes.values() for line in figure.label.lines]
    lines += [line for block in figure_sizes.labels.values() for line in block.lines]
    lines += [line for heading in figure_sizes.headings.values() for line in heading.title.lines]
    return min((line.size for line in lines), default=sizes.label)


def _edge_styles(graph: Graph) -> list[int]:
    """Return a number for each edge: edges with the same stroke, heads, color, width and dashes have the same one.

    An edge with two heads has a number of its own: on one line with another, it would seem to connect the other ends.
    """
    numbers: dict[object, int] = {}
    has_two_heads = [edge.tail != "none" and edge.head != "none" for edge in graph.edges]
    styles = [
        (_edge_style(edge), i if both else -1)
        for i, (edge, both) in enumerate(zip(graph.edges, has_two_heads, strict=True))
    ]
    return [numbers.setdefault(style, len(numbers)) for style in styles]


def _edge_style(edge: Edge) -> object:
    """Return everything that determines what an edge looks like."""
    style = css.css_style(edge.style)
    return edge.stroke, edge.tail, edge.head, style.stroke, style.width, style.dash, style.opacity, style.is_hidden


def _sides(graph: Graph, figure_sizes: Figures) -> dict[int, tuple[int, int]]:
    """Return the sides at which edges must end, by edge index, as numbers from 1 in the order of `SIDES`; 0 for any.

    The source specifies them, and edges enter and leave a bar across the flow at its long sides.
    """
    bars = {
        node.id: figures.direction_of(graph, node) or "TB"
        for node in graph.nodes
        if figure_sizes.nodes[node.id].icon is None and shapes.get(node.shape).along_flow
    }
    sides = {}
    for number, edge in enumerate(graph.edges):
        if edge.sides:
            sides[number] = SIDES.index(edge.sides[0]) + 1, SIDES.index(edge.sides[1]) + 1
        elif edge.source in bars or edge.target in bars:
            leaving = _FORWARD[bars[edge.source]] + 1 if edge.source in bars else 0
            entering = (_FORWARD[bars[edge.target]] + 2) % 4 + 1 if edge.target in bars else 0
            sides[number] = leaving, entering
    return sides


def _without_dangling_edges(graph: Graph) -> Graph:
    """Return the graph without edges that end at nothing in it: in Mermaid, edges may end at other edges."""
    ends = {node.id for node in graph.nodes} | {group.id for group in graph.groups}
    edges = tuple(edge for edge in graph.edges if edge.source in ends and edge.target in ends)
    return graph if len(edges) == len(graph.edges) else structs.replace(graph, edges=edges)


def _merge_opposite_edges(graph: Graph) -> Graph:
    """Replace two opposite edges that look alike and have no label by one edge with two arrowheads."""
    merged: list[Edge] = []
    positions: dict[tuple[str, str], int] = {}
    for edge in graph.edges:
        index = positions.get((edge.target, edge.source))
        if index is not None and edge.source != edge.target and _are_opposite(merged[index], edge):
            merged[index] = structs.replace(merged[index], tail="arrow")
            del positions[(edge.target, edge.source)]
            continue
        positions.setdefault((edge.source, edge.target), len(merged))
        merged.append(edge)
    return structs.replace(graph, edges=tuple(merged))


def _are_opposite(first: Edge, second: Edge) -> bool:
    """Return whether two edges that connect the same nodes in opposite directions may be merged."""
    return (
        not first.label
        and not second.label
        and (first.tail, first.head) == (second.tail, second.head) == ("none", "arrow")
        and (_edge_style(first), first.classes) == (_edge_style(second), second.classes)
    )


def _build_drawing(
    graph: Graph,
    figure_sizes: Figures,
    layout: Layout,
    theme: Theme,
    numbers: Mapping[int, int],
) -> Drawing:
    """Return the drawing of a layout in a theme. `numbers` are the steps by edge."""
    builder = drawing_builder.DrawingBuilder(graph, figure_sizes, layout, theme)
    edges = []
    for routed in layout.edges:
        step = numbers.get(routed.number)
        badge = page.step_badge(step, routed.label, theme) if step is not None and routed.label else None
        edges.append(builder.edge(routed, badge))
    return drawing_builder.assemble(graph, builder.groups(), tuple(edges), builder.nodes(), theme)
