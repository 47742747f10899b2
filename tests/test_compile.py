"""What is compiled: a Diagram whose sizes and names are nobody's words, and the record that layout engines take of it."""

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
from diagramkit import pipeline, sources
from diagramkit.compile import DotSpacing, layout_input, to_diagram
from diagramkit.diagnostics import Span
from diagramkit.graph import Direction, Edge, Graph, Group, Node, Pattern
from diagramkit.icons import resolver
from diagramkit.icons.resolver import IconChoice
from diagramkit.layout import engine
from diagramkit.layout.engine import Engine
from diagramkit.layout.layout_input import LayoutInput
from diagramkit.measure.figures import Figure, Figures, measure
from diagramkit.measure.text_layout import EMPTY, TextBlock
from diagramkit.pipeline import Options
from diagramkit.style import theme
from tests import random_graphs
from tests.conftest import ROOT, patterns, samples

HERE = Span("a.mmd")
LIGHT = theme.load("light")
GAPS = DotSpacing(20, 36)
TOPOLOGIES = ROOT / "tests" / "data" / "layouts" / "topologies"
ENGINES = ["wasm", *(["native"] if shutil.which("dot") else [])]
WAYS: tuple[Direction | None, ...] = (None, "TB", "LR")


def node(name: str, group: str | None = None) -> Node:
    return Node(name, f"the node {name}", "square", HERE, group)


# Whatever may be an edge's end, and what DOT has no words for.
KNOTTY = Graph(
    (node("a", "outer"), node("b", "inner"), node("c"), node("d", "single")),
    (
        Edge("a", "a", HERE, "itself"),
        Edge("outer", "outer", HERE),
        Edge("single", "d", HERE, "to its only node"),
        Edge("outer", "b", HERE),
        Edge("a", "outer", HERE),
        Edge("outer", "inner", HERE, length=20),
        Edge("inner", "outer", HERE),
        Edge("c", "empty", HERE, "into nothing", length=3),
        Edge("empty", "inner", HERE, stroke="invisible"),
        Edge("c", "outer", HERE),
        Edge("a", "c", HERE),
        Edge("a", "c", HERE),
    ),
    (
        Group("outer", "Outer", HERE, direction="LR"),
        Group("inner", "Inner", HERE, "outer"),
        Group("empty", "Empty", HERE, "inner"),
        Group("single", "Single", HERE),
    ),
)


def graphs() -> dict[str, Graph]:
    found = {name: one.graph for name, one in {**patterns(), **samples()}.items()}
    for path in sorted(TOPOLOGIES.glob("*.mmd")):
        (file,) = sources.find([str(path)])
        (pattern,) = sources.load(file).patterns
        found[path.stem] = pattern.graph
    found |= {f"random {seed}": random_graphs.graph(seed) for seed in range(30)}
    return found | {"knotty": KNOTTY}


def choices(graph: Graph) -> dict[str, IconChoice]:
    pattern = Pattern(graph, "p", "", "P", "", HERE)
    return dict(resolver.resolve(pattern, pipeline.catalog_of(pattern, Options())))


def record(graph: Graph, icons: Mapping[str, IconChoice], way: Direction | None) -> tuple[str, LayoutInput, Figures]:
    figures = measure(graph, icons, LIGHT)
    diagram = to_diagram(graph, figures, LIGHT.sizes, way, GAPS)
    assert isinstance(diagram, diagrams.Diagram)
    return diagram.dot.source, layout_input(diagram, graph), figures


def test_the_record_says_of_every_graph_what_it_is() -> None:
    for name, graph in graphs().items():
        for way in WAYS:
            _, made, figures = record(graph, choices(graph), way)
            assert made.direction == way
            compare(name, graph, made, figures)


def compare(name: str, graph: Graph, made: LayoutInput, figures: Figures) -> None:
    nodes = {one.id: at for at, one in enumerate(graph.nodes)}
    groups: dict[str | None, int] = {None: -1} | {one.id: at for at, one in enumerate(graph.groups)}
    assert [(one.id, one.group) for one in made.nodes] == [(one.id, groups[one.group]) for one in graph.nodes], name
    assert [(one.id, one.parent, one.direction) for one in made.groups] == [
        (one.id, groups[one.parent], one.direction) for one in graph.groups
    ], name
    for placed in made.nodes:
        figure = figures.nodes[placed.id]
        assert placed.half == pytest.approx(figure.half, abs=0.001)
        assert (placed.width, placed.height) == pytest.approx((2 * placed.half, placed.up + placed.down), abs=0.0011)
        assert (placed.up, placed.down) == pytest.approx((figure.up, figure.down), abs=0.001)
    for group in made.groups:
        heading = figures.headings[group.id]
        assert (group.title_width, group.title_height) == pytest.approx((heading.width, heading.height), abs=0.001)
    assert [edge.number for edge in made.edges] == list(range(len(graph.edges)))
    for edge, said in zip(made.edges, graph.edges, strict=True):
        for end, wanted in ((edge.source, said.source), (edge.target, said.target)):
            assert end == (("node", nodes[wanted]) if wanted in nodes else ("group", groups[wanted])), name
        label = figures.labels.get(edge.number, EMPTY)
        assert (edge.label_width, edge.label_height) == pytest.approx((label.width, label.height), abs=0.001)
        assert edge.minimum_length == min(said.length, 8)
        assert edge.invisible == (said.stroke == "invisible")


def renamed(
    graph: Graph, icons: Mapping[str, IconChoice], seed: int
) -> tuple[Graph, dict[str, IconChoice], dict[str, str]]:
    """The graph with other ids, of 1 to 60 letters."""
    dice, names = random.Random(seed), dict[str, str]()
    letters = string.ascii_letters + "é注: <\\"
    ids = [node.id for node in graph.nodes] + [group.id for group in graph.groups]
    for own in ids:
        while own not in names:
            name = "".join(dice.choices(letters, k=dice.randint(1, 60)))
            if name not in names.values():
                names[own] = name
    other = replace(
        graph,
        nodes=tuple(replace(one, id=names[one.id], group=names.get(one.group or "")) for one in graph.nodes),
        groups=tuple(replace(one, id=names[one.id], parent=names.get(one.parent or "")) for one in graph.groups),
        edges=tuple(replace(one, source=names[one.source], target=names[one.target]) for one in graph.edges),
    )
    return other, {names[name]: icon for name, icon in icons.items()}, names


def test_no_id_changes_the_dot_or_the_record() -> None:
    for seed, (name, graph) in enumerate(graphs().items()):
        icons = choices(graph)
        other, others_icons, names = renamed(graph, icons, seed)
        for way in WAYS:
            dot, made, _ = record(graph, icons, way)
            others_dot, others, _ = record(other, others_icons, way)
            assert others_dot == dot, name
            assert others == replace(
                made,
                nodes=tuple(replace(one, id=names[one.id]) for one in made.nodes),
                groups=tuple(replace(one, id=names[one.id]) for one in made.groups),
            ), name


def test_ends_that_are_groups_are_graphvizs_own_words_where_it_has_them() -> None:
    dot, _, _ = record(KNOTTY, choices(KNOTTY), "TB")
    edges = [line for line in dot.splitlines() if "->" in line]
    assert len(edges) == len(KNOTTY.edges)
    said = Counter(word for line in edges for word in ("ltail", "lhead", "tailgroup", "headgroup") if word in line)
    assert said == {"ltail": 2, "lhead": 3, "tailgroup": 4, "headgroup": 4}
    assert any('"n2"->"e2"' in line and 'lhead="cluster_g2"' in line for line in edges)
    assert 'style="invis"' in edges[8]


def test_only_a_compiled_diagram_has_a_record() -> None:
    pattern = next(iter(patterns().values()))
    made = compiling.to_diagrams(pattern, choices(pattern.graph))
    with pytest.raises(TypeError, match=r"compile\.to_diagram"):
        layout_input(made, pattern.graph)


def test_an_edge_to_nothing_is_an_error() -> None:
    graph = Graph((node("a"),), (Edge("a", "b", HERE),))
    with pytest.raises(KeyError, match="b"):
        record(graph, choices(graph), None)


@pytest.mark.parametrize("name", ENGINES)
def test_graphviz_says_nothing_against_what_is_compiled(name: str) -> None:
    for what, graph in graphs().items():
        for way in ("TB", "LR"):
            dot, _, _ = record(graph, choices(graph), way)
            made = engine.layout(dot, Engine(name), HERE)
            assert made.warnings == (), what
            holders = sum(one.startswith("e") for one in made.nodes)
            assert len(made.nodes) == len(graph.nodes) + holders


# How much space Graphviz reserves


def positions(graph: Graph, figures: Figures, way: Direction, name: str) -> list[tuple[float, float]]:
    diagram = to_diagram(graph, figures, LIGHT.sizes, way, GAPS)
    found = engine.layout(diagram.dot.source, Engine(name), HERE).nodes
    return [found[f"n{number}"] for number in range(len(graph.nodes))]


def boxes(graph: Graph) -> dict[str, Figure]:
    return {one.id: Figure(one, None, 10, 10, EMPTY, 5, 5, 5) for one in graph.nodes}


SIZES = [(20, 20), (83.2, 17.4), (120, 16), (40, 34), (12, 60), (300, 17), (5, 5), (181.33, 51)]


@pytest.mark.parametrize("name", ENGINES)
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_an_edge_label_gets_its_space(name: str, width: float, height: float) -> None:
    graph = Graph((node("a"), node("b")), (Edge("a", "b", HERE, "x"),))
    figures = Figures(boxes(graph), {}, {0: TextBlock((), width, height)})
    (_, top), (_, bottom) = positions(graph, figures, "TB", name)
    (left, _), (right, _) = positions(graph, figures, "LR", name)
    assert bottom - top - 10 - GAPS.rank == pytest.approx(height + 4, rel=0.12, abs=1)
    # The fonts of a machine may be a tenth wider.
    wide = {"rel": 0.1, "abs": 2} if name == "native" else {"abs": 1}
    assert right - left - 10 - GAPS.rank == pytest.approx(width + 8, **wide)


@pytest.mark.parametrize("name", ENGINES)
def test_a_title_gets_its_space(name: str) -> None:
    """Graphviz makes the left group wider to its left, where the picture begins."""
    nodes = (node("a", "g"), node("b", "h"), node("c"))
    edges = (Edge("c", "a", HERE), Edge("c", "b", HERE))
    graph = Graph(nodes, edges, (Group("g", "G", HERE), Group("h", "H", HERE)))
    headings = measure(graph, choices(graph), LIGHT).headings
    found = []
    for width, height in ((200, 20), (300, 20), (300, 40)):
        sized = {key: replace(one, width=width, height=height) for key, one in headings.items()}
        (x, y), _, (_, top) = positions(graph, Figures(boxes(graph), sized, {}), "TB", name)
        found.append((x, y - top))
    assert found[1][0] - found[0][0] == pytest.approx(100, abs=12 if name == "native" else 1)
    assert found[2][1] - found[1][1] == pytest.approx(20, rel=0.2)
