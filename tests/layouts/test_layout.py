"""Layout of random graphs: nothing crashes, icons never overlap, and edges always end where they should."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diagramkit.diagnostics import Span
from diagramkit.drawing import Box
from diagramkit.graph import Direction, Edge, Graph, Group, Node, Pattern
from diagramkit.measure import text_layout
from diagramkit.options import Options
from diagramkit.pipeline import draw
from diagramkit.sources import label_text
from diagramkit.style import font
from diagramkit.style.text_style import StyledText, text_of
from tests.support import faults, measures, random_graphs
from tests.support.boxes import overlapping_pairs

pytestmark = pytest.mark.slow

SPAN = Span("random")
FACE = font.bundled()
LABELS = st.sampled_from(
    [
        "Lambda",
        "S3",
        "ALB",
        "Application Load Balancer",
        "Step",
        "A decision that takes a while",
        "DynamoDB<br/>orders and their history",
        "注文 Lambda",
        "x",
        "CloudWatch Logs/Metrics",
        "User",
    ]
)


@st.composite
def graphs(choose: st.DrawFn) -> Graph:
    count = choose(st.integers(1, 12))
    names = [f"n{index}" for index in range(count)]
    groups: list[Group] = []
    for index in range(choose(st.integers(0, 4))):
        parent = choose(st.sampled_from([None, *(group.id for group in groups)]))
        title = choose(st.sampled_from(["VPC", "us-east-1", "Public subnet", "Data layer", "AZ a"]))
        groups.append(Group(f"g{index}", title, SPAN, parent))
    owner = st.sampled_from([None, *(group.id for group in groups)])
    shape = st.sampled_from(["square", "cylinder", "diamond", "stadium", "circle", "hexagon"])
    nodes = tuple(Node(name, choose(LABELS), choose(shape), SPAN, choose(owner)) for name in names)
    ends = st.sampled_from(names)
    edges = tuple(
        Edge(choose(ends), choose(ends), SPAN, choose(st.sampled_from(["", "", "HTTPS", "reads"])))
        for _ in range(choose(st.integers(0, 16)))
    )
    direction: Direction = choose(st.sampled_from(["TB", "LR", "BT", "RL"]))
    return Graph(nodes, edges, tuple(groups), direction)


# The rules that hold for any graph; the other rules hold for every pattern and sample.
UNIVERSAL_RULES = {
    "no icon on an icon",
    "edges touch what they join",
    "nothing is cut",
    "text stays in its shape",
    "a title stays in its group",
}


@given(graphs())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_graph_is_drawn_completely(graph: Graph) -> None:
    picture = draw(Pattern(graph, "r", "", "R", "", SPAN), Options())
    assert {node.id for node in picture.nodes} == {node.id for node in graph.nodes}
    assert [fault for fault in faults.find_faults(picture) if fault.rule in UNIVERSAL_RULES] == []
    for edge in picture.edges:
        for (ax, ay), (bx, by) in zip(edge.points, edge.points[1:], strict=False):
            assert abs(ax - bx) < 0.02 or abs(ay - by) < 0.02


LABEL_RULES = ("no text on a border", "no text on an icon")
"""The rules that a label breaks in four of the 300 random graphs."""


@pytest.mark.parametrize("first", range(0, 300, 20))
def test_random_graphs_are_drawn_without_faults(first: int) -> None:
    """All rules hold for every graph, except for one label in at most one of twenty graphs."""
    crowded = []
    for seed in range(first, first + 20):
        # In a few large random graphs two edges still share a segment.
        violations = [
            fault
            for fault in faults.find_faults(draw(random_graphs.pattern(seed), Options()))
            if fault.rule != "no edge on an edge"
        ]
        assert [fault for fault in violations if fault.rule not in LABEL_RULES] == [], seed
        crowded += [seed] if violations else []
    assert len(crowded) <= 1, crowded


@pytest.mark.parametrize("first", range(0, 300, 100))
def test_every_edge_of_a_random_graph_is_drawn(first: int) -> None:
    """Each is a separate line, except for opposite edges that are merged into one with two arrowheads."""
    for seed in range(first, first + 100, 5):
        graph = random_graphs.graph(seed)
        expected = Counter(frozenset((edge.source, edge.target)) for edge in graph.edges)
        drawn = draw(random_graphs.pattern(seed), Options()).edges
        lines = Counter(frozenset((edge.source, edge.target)) for edge in drawn)
        two_way = Counter(
            frozenset((edge.source, edge.target))
            for edge in drawn
            if edge.tail == edge.head == "arrow" and edge.source != edge.target
        )
        assert set(lines) == set(expected)
        assert all(expected[pair] - lines[pair] <= two_way[pair] for pair in expected), seed


_SIDES = st.integers(0, 20)


@given(st.lists(st.builds(Box, _SIDES, _SIDES, _SIDES, _SIDES), max_size=12))
def test_sweeping_finds_all_overlapping_boxes(boxes: list[Box]) -> None:
    overlapping = {
        (first, second)
        for second in range(len(boxes))
        for first in range(second)
        if boxes[first].overlaps(boxes[second], 0.3)
    }
    assert sorted(overlapping_pairs(boxes, 0.3)) == sorted(overlapping)


def test_a_graph_of_300_nodes_and_600_edges_is_drawn_with_all_its_edges() -> None:
    """Without limits, Graphviz alone needs half a minute for such a graph."""
    span = Span("<test>")
    nodes = tuple(Node(f"n{i}", f"Lambda {i}", "square", span) for i in range(300))
    edges = tuple(Edge(f"n{i * 7 % 300}", f"n{(i * 7 + i * i % 97 + 1) % 300}", span) for i in range(600))
    drawing = draw(Pattern(Graph(nodes, edges, (), "TB"), "x", "", "x", "", span), Options())
    assert (len(drawing.nodes), len(drawing.edges)) == (300, 600)


@given(st.text(min_size=1, max_size=60), st.floats(30, 200))
@settings(max_examples=200, deadline=None)
def test_wrapping_loses_no_text_and_respects_the_width(words: str, width: float) -> None:
    text = " ".join(words.split()) or "x"
    lines = [text_of(line) for line in text_layout.wrap(FACE, (StyledText(text),), 13, width)]
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(FACE.width(line, 13) <= width + 0.01 or len(line) == 1 for line in lines)


@pytest.mark.parametrize(
    ("label", "lines"),
    [
        ("Application Load Balancer", ["Application", "Load Balancer"]),
        ("CloudWatchLogsSubscriptionFilter", ["CloudWatchLogs", "SubscriptionFilter"]),
        ("S3", ["S3"]),
    ],
)
def test_labels_wrap_at_words_into_balanced_lines(label: str, lines: list[str]) -> None:
    assert [text_of(line) for line in text_layout.wrap(FACE, (StyledText(label),), 13, 128)] == lines


def test_markup_in_labels_is_removed_but_no_words_are() -> None:
    label = "<b>Orders</b><br/>of **today**\n&amp; more fa:fa-car"
    assert label_text.plain_lines(label) == ("Orders", "of **today**", "& more")
    assert label_text.plain_lines(label, markdown=True) == ("Orders", "of today", "& more")
    assert text_of(text_layout.without_emoji((StyledText("⚖️ ALB"),))) == "ALB"
    assert text_of(text_layout.without_emoji((StyledText("🚀"),))) == "🚀"


def test_an_emoji_is_drawn_unless_an_icon_replaces_it() -> None:
    drawing = measures.picture('flowchart LR\n  a["❌ Never"] --> b["⚡ Lambda<br/>🐍 Python"]\n')
    assert [[text.text for text in node.texts] for node in drawing.nodes] == [["❌ Never"], ["Lambda", "Python"]]
