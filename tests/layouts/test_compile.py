"""Compiled diagrams: their sizes and names depend on no text, and layout engines read a record of them."""

from __future__ import annotations

import random
import shutil
import string
from collections import Counter
from collections.abc import Mapping

import diagrams
import pytest
from msgspec.structs import replace

from diagramkit import compile as compiling
from diagramkit import sources
from diagramkit.compile import DotSpacing, layout_input, to_diagram
from diagramkit.diagnostics import Span
from diagramkit.graph import Direction, Edge, Graph, Group, Node, Pattern
from diagramkit.icons import catalog, resolver
from diagramkit.icons.resolver import IconChoice
from diagramkit.layout import engine
from diagramkit.layout.engine import Engine
from diagramkit.layout.layout_input import LayoutInput
from diagramkit.measure.figures import Figure, Figures, measure
from diagramkit.measure.text_layout import EMPTY, TextBlock
from diagramkit.options import Options
from diagramkit.style import theme
from tests.support import random_graphs
from tests.support.project import ROOT, patterns, samples

pytestmark = pytest.mark.slow

SPAN = Span("a.mmd")
LIGHT = theme.load("light")
GAPS = DotSpacing(20, 36)
TOPOLOGIES = ROOT / "tests" / "data" / "layouts" / "topologies"
ENGINES = ["wasm", *(["native"] if shutil.which("dot") else [])]
DIRECTIONS: tuple[Direction | None, ...] = (None, "TB", "LR")


def node(name: str, group: str | None = None) -> Node:
    return Node(name, f"the node {name}", "square", SPAN, group)


# Everything at which an edge may end, including what DOT cannot express.
CORNER_CASES = Graph(
    (node("a", "outer"), node("b", "inner"), node("c"), node("d", "single")),
    (
        Edge("a", "a", SPAN, "itself"),
        Edge("outer", "outer", SPAN),
        Edge("single", "d", SPAN, "to its only node"),
        Edge("outer", "b", SPAN),
        Edge("a", "outer", SPAN),
        Edge("outer", "inner", SPAN, length=20),
        Edge("inner", "outer", SPAN),
        Edge("c", "empty", SPAN, "into nothing", length=3),
        Edge("empty", "inner", SPAN, stroke="invisible"),
        Edge("c", "outer", SPAN),
        Edge("a", "c", SPAN),
        Edge("a", "c", SPAN),
    ),
    (
        Group("outer", "Outer", SPAN, direction="LR"),
        Group("inner", "Inner", SPAN, "outer"),
        Group("empty", "Empty", SPAN, "inner"),
        Group("single", "Single", SPAN),
    ),
)


def graphs() -> dict[str, Graph]:
    graphs_by_name = {name: item.graph for name, item in {**patterns(), **samples()}.items()}
    for path in sorted(TOPOLOGIES.glob("*.mmd")):
        (file,) = sources.find([str(path)])
        (pattern,) = sources.load(file).patterns
        graphs_by_name[path.stem] = pattern.graph
    graphs_by_name |= {f"random {seed}": random_graphs.graph(seed) for seed in range(30)}
    return graphs_by_name | {"knotty": CORNER_CASES}


def choices(graph: Graph) -> dict[str, IconChoice]:
    pattern = Pattern(graph, "p", "", "P", "", SPAN)
    return dict(resolver.resolve(pattern, catalog.catalog_of(pattern, Options())))


def compile_graph(
    graph: Graph, icons: Mapping[str, IconChoice], direction: Direction | None
) -> tuple[str, LayoutInput, Figures]:
    figures = measure(graph, icons, LIGHT)
    diagram = to_diagram(graph, figures, LIGHT.sizes, direction, GAPS)
    assert isinstance(diagram, diagrams.Diagram)
    return diagram.dot.source, layout_input(diagram, graph), figures


def test_the_record_matches_every_graph() -> None:
    for name, graph in graphs().items():
        for direction in DIRECTIONS:
            _, record, figures = compile_graph(graph, choices(graph), direction)
            assert record.direction == direction
            assert_matches(name, graph, record, figures)


def assert_matches(name: str, graph: Graph, record: LayoutInput, figures: Figures) -> None:
    nodes = {node.id: index for index, node in enumerate(graph.nodes)}
    groups: dict[str | None, int] = {None: -1} | {group.id: index for index, group in enumerate(graph.groups)}
    assert [(node.id, node.group) for node in record.nodes] == [
        (node.id, groups[node.group]) for node in graph.nodes
    ], name
    assert [(group.id, group.parent, group.direction) for group in record.groups] == [
        (group.id, groups[group.parent], group.direction) for group in graph.groups
    ], name
    for layout_node in record.nodes:
        figure = figures.nodes[layout_node.id]
        assert layout_node.half == pytest.approx(figure.half, abs=0.001)
        assert (layout_node.width, layout_node.height) == pytest.approx(
            (2 * layout_node.half, layout_node.up + layout_node.down), abs=0.0011
        )
        assert (layout_node.up, layout_node.down) == pytest.approx((figure.up, figure.down), abs=0.001)
    for group in record.groups:
        heading = figures.headings[group.id]
        assert (group.title_width, group.title_height) == pytest.approx((heading.width, heading.height), abs=0.001)
    assert [edge.number for edge in record.edges] == list(range(len(graph.edges)))
    for edge, source_edge in zip(record.edges, graph.edges, strict=True):
        for end, expected in ((edge.source, source_edge.source), (edge.target, source_edge.target)):
            assert end == (("node", nodes[expected]) if expected in nodes else ("group", groups[expected])), name
        label = figures.labels.get(edge.number, EMPTY)
        assert (edge.label_width, edge.label_height) == pytest.approx((label.width, label.height), abs=0.001)
        assert edge.minimum_length == min(source_edge.length, 8)
        assert edge.invisible == (source_edge.stroke == "invisible")


def with_other_ids(
    graph: Graph, icons: Mapping[str, IconChoice], seed: int
) -> tuple[Graph, dict[str, IconChoice], dict[str, str]]:
    """Return the graph with other ids of 1 to 60 letters, its icons by these ids, and the new ids by the old ones."""
    dice, names = random.Random(seed), dict[str, str]()
    letters = string.ascii_letters + "é注: <\\"
    ids = [node.id for node in graph.nodes] + [group.id for group in graph.groups]
    for old_id in ids:
        while old_id not in names:
            name = "".join(dice.choices(letters, k=dice.randint(1, 60)))
            if name not in names.values():
                names[old_id] = name
    renamed = replace(
        graph,
        nodes=tuple(replace(node, id=names[node.id], group=names.get(node.group or "")) for node in graph.nodes),
        groups=tuple(
            replace(group, id=names[group.id], parent=names.get(group.parent or "")) for group in graph.groups
        ),
        edges=tuple(replace(edge, source=names[edge.source], target=names[edge.target]) for edge in graph.edges),
    )
    return renamed, {names[name]: icon for name, icon in icons.items()}, names


def test_ids_do_not_affect_the_dot_or_the_record() -> None:
    for seed, (name, graph) in enumerate(graphs().items()):
        icons = choices(graph)
        renamed, renamed_icons, names = with_other_ids(graph, icons, seed)
        for direction in DIRECTIONS:
            dot, record, _ = compile_graph(graph, icons, direction)
            renamed_dot, renamed_record, _ = compile_graph(renamed, renamed_icons, direction)
            assert renamed_dot == dot, name
            assert renamed_record == replace(
                record,
                nodes=tuple(replace(node, id=names[node.id]) for node in record.nodes),
                groups=tuple(replace(group, id=names[group.id]) for group in record.groups),
            ), name


def test_ends_at_groups_use_attributes_of_graphviz_where_possible() -> None:
    dot, _, _ = compile_graph(CORNER_CASES, choices(CORNER_CASES), "TB")
    edges = [line for line in dot.splitlines() if "->" in line]
    assert len(edges) == len(CORNER_CASES.edges)
    counts = Counter(
        attribute for line in edges for attribute in ("ltail", "lhead", "tailgroup", "headgroup") if attribute in line
    )
    assert counts == {"ltail": 2, "lhead": 3, "tailgroup": 4, "headgroup": 4}
    assert any('"n2"->"e2"' in line and 'lhead="cluster_g2"' in line for line in edges)
    assert 'style="invis"' in edges[8]


def test_only_a_diagram_for_a_layout_has_a_record() -> None:
    pattern = next(iter(patterns().values()))
    diagram = compiling.to_diagrams(pattern, choices(pattern.graph))
    with pytest.raises(TypeError, match=r"compile\.to_diagram"):
        layout_input(diagram, pattern.graph)


def test_an_edge_to_a_missing_node_is_an_error() -> None:
    graph = Graph((node("a"),), (Edge("a", "b", SPAN),))
    with pytest.raises(KeyError, match="b"):
        compile_graph(graph, choices(graph), None)


@pytest.mark.parametrize("name", ENGINES)
def test_graphviz_accepts_compiled_diagrams_without_warnings(name: str) -> None:
    for graph_name, graph in graphs().items():
        for direction in ("TB", "LR"):
            dot, _, _ = compile_graph(graph, choices(graph), direction)
            result = engine.layout(dot, Engine(name), SPAN)
            assert result.warnings == (), graph_name
            placeholders = sum(node_name.startswith("e") for node_name in result.nodes)
            assert len(result.nodes) == len(graph.nodes) + placeholders


# How much space Graphviz reserves


def positions(graph: Graph, figures: Figures, direction: Direction, name: str) -> list[tuple[float, float]]:
    diagram = to_diagram(graph, figures, LIGHT.sizes, direction, GAPS)
    nodes = engine.layout(diagram.dot.source, Engine(name), SPAN).nodes
    return [nodes[f"n{number}"] for number in range(len(graph.nodes))]


def boxes(graph: Graph) -> dict[str, Figure]:
    return {node.id: Figure(node, None, 10, 10, EMPTY, 5, 5, 5) for node in graph.nodes}


SIZES = [(20, 20), (83.2, 17.4), (120, 16), (40, 34), (12, 60), (300, 17), (5, 5), (181.33, 51)]


@pytest.mark.parametrize("name", ENGINES)
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_graphviz_reserves_space_for_an_edge_label(name: str, width: float, height: float) -> None:
    graph = Graph((node("a"), node("b")), (Edge("a", "b", SPAN, "x"),))
    figures = Figures(boxes(graph), {}, {0: TextBlock((), width, height)})
    (_, top), (_, bottom) = positions(graph, figures, "TB", name)
    (left, _), (right, _) = positions(graph, figures, "LR", name)
    assert bottom - top - 10 - GAPS.rank == pytest.approx(height + 4, rel=0.12, abs=1)
    # The fonts of a machine may be a tenth wider.
    tolerance = {"rel": 0.1, "abs": 2} if name == "native" else {"abs": 1}
    assert right - left - 10 - GAPS.rank == pytest.approx(width + 8, **tolerance)


@pytest.mark.parametrize("name", ENGINES)
def test_graphviz_reserves_space_for_a_title(name: str) -> None:
    """Graphviz extends the left group to its left, where the picture begins."""
    nodes = (node("a", "g"), node("b", "h"), node("c"))
    edges = (Edge("c", "a", SPAN), Edge("c", "b", SPAN))
    graph = Graph(nodes, edges, (Group("g", "G", SPAN), Group("h", "H", SPAN)))
    headings = measure(graph, choices(graph), LIGHT).headings
    offsets = []
    for width, height in ((200, 20), (300, 20), (300, 40)):
        sized = {key: replace(heading, width=width, height=height) for key, heading in headings.items()}
        (x, y), _, (_, top) = positions(graph, Figures(boxes(graph), sized, {}), "TB", name)
        offsets.append((x, y - top))
    assert offsets[1][0] - offsets[0][0] == pytest.approx(100, abs=12 if name == "native" else 1)
    assert offsets[2][1] - offsets[1][1] == pytest.approx(20, rel=0.2)
