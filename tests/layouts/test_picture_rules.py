"""The picture checker detects each kind of fault.

It finds none in a good picture, and detects each fault that is inserted into it.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from diagramkit import pipeline
from diagramkit.diagnostics import Span
from diagramkit.drawing import Box, Drawing, EdgeDrawing, GroupDrawing, NodeDrawing
from diagramkit.graph import Pattern
from diagramkit.options import Options
from diagramkit.sources.mermaid import read
from diagramkit.sources.mermaid.source_text import Origin
from tests.support import faults

SOURCE = """
graph LR
    subgraph vpc[VPC]
        a[Lambda] -->|writes| b[S3]
        d{Good?}
    end
    b --> c[SQS]
    a --> d
"""


@pytest.fixture(scope="module")
def good() -> Drawing:
    graph = read.parse(SOURCE, Origin("p.mmd"))
    return pipeline.draw(Pattern(graph, "p", "", "P", "", Span("p.mmd")), Options())


def change_node(drawing: Drawing, name: str, change: Callable[[NodeDrawing], NodeDrawing]) -> Drawing:
    return replace(drawing, nodes=tuple(change(n) if n.id == name else n for n in drawing.nodes))


def change_edge(drawing: Drawing, number: int, change: Callable[[EdgeDrawing], EdgeDrawing]) -> Drawing:
    edges = (change(e) if n == number else e for n, e in enumerate(drawing.edges))
    return replace(drawing, edges=tuple(edges))


def change_group(drawing: Drawing, change: Callable[[GroupDrawing], GroupDrawing]) -> Drawing:
    return replace(drawing, groups=tuple(map(change, drawing.groups)))


def solid(drawing: Drawing, name: str) -> Box:
    return next(node.solid for node in drawing.nodes if node.id == name)


def box(drawing: Drawing, name: str) -> Box:
    return next(node.box for node in drawing.nodes if node.id == name)


def tile(drawing: Drawing) -> Box:
    (first, *_) = drawing.groups
    assert first.tile is not None
    return first.tile


def with_text_at(node: NodeDrawing, target: Box) -> NodeDrawing:
    text = node.texts[0]
    box = Box(target.x + 1, target.y + 1, text.box.w, text.box.h)
    return replace(node, texts=(replace(text, box=box), *node.texts[1:]))


def with_label_at(edge: EdgeDrawing, x: float, y: float) -> EdgeDrawing:
    text = edge.texts[0]
    return replace(edge, texts=(replace(text, box=Box(x, y, text.box.w, text.box.h)),))


def middle_of(drawing: Drawing, number: int) -> tuple[float, float]:
    """Return the middle of an edge's first segment."""
    (ax, ay), (bx, by) = drawing.edges[number].line()[:2]
    return (ax + bx) / 2, (ay + by) / 2


INSERTED_FAULTS: dict[str, tuple[str, Callable[[Drawing], Drawing]]] = {
    "a picture too narrow for its nodes": ("nothing is cut", lambda d: replace(d, width=solid(d, "b").x)),
    "a text beyond the picture": ("nothing is cut", lambda d: change_edge(d, 0, lambda e: with_label_at(e, -9, 0))),
    "an edge beyond the picture": (
        "nothing is cut",
        lambda d: change_edge(d, 0, lambda e: replace(e, points=(e.points[0], (-5.0, 0.0), *e.points[1:]))),
    ),
    "a label on another": (
        "no text on a text",
        lambda d: change_node(d, "a", lambda n: with_text_at(n, d.nodes[1].texts[0].box)),
    ),
    "a label out of its diamond": (
        "text stays in its shape",
        lambda d: change_node(d, "d", lambda n: with_text_at(n, Box(0, 0, 1, 1))),
    ),
    "a label on an icon": (
        "no text on an icon",
        lambda d: change_edge(d, 0, lambda e: with_label_at(e, solid(d, "b").x, solid(d, "b").y)),
    ),
    "a label on a group's tile": (
        "no text on an icon",
        lambda d: change_edge(d, 0, lambda e: with_label_at(e, tile(d).x, tile(d).y)),
    ),
    "an icon on another": ("no icon on an icon", lambda d: change_node(d, "a", lambda n: replace(n, box=box(d, "b")))),
    "a label on a border": (
        "no text on a border",
        lambda d: change_edge(d, 0, lambda e: with_label_at(e, d.groups[0].box.x - 3, d.groups[0].box.bottom - 30)),
    ),
    "a group half out of another": (
        "no group across a border",
        lambda d: replace(
            d,
            groups=(
                *d.groups,
                replace(d.groups[0], id="other", box=replace(d.groups[0].box, x=d.groups[0].box.x - 20)),
            ),
        ),
    ),
    "an icon half out of its group": (
        "no icon on a border",
        lambda d: change_group(d, lambda g: replace(g, box=replace(g.box, w=solid(d, "b").center[0] - g.box.x))),
    ),
    "a label on a line": (
        "no text on an edge",
        lambda d: change_edge(d, 0, lambda e: with_label_at(e, middle_of(d, 1)[0] - 9, middle_of(d, 1)[1] - 5)),
    ),
    "an edge through an icon": (
        "no edge through an icon",
        lambda d: change_edge(d, 1, lambda e: replace(e, points=(e.points[0], solid(d, "a").center, e.points[-1]))),
    ),
    "an edge through a shape": (
        "no edge through an icon",
        lambda d: change_edge(d, 1, lambda e: replace(e, points=(e.points[0], box(d, "d").center, e.points[-1]))),
    ),
    "an edge through a group's tile": (
        "no edge through an icon",
        lambda d: change_edge(d, 1, lambda e: replace(e, points=(e.points[0], tile(d).center, e.points[-1]))),
    ),
    "an edge that ends in the air": (
        "edges touch what they join",
        lambda d: change_edge(d, 1, lambda e: replace(e, points=(*e.points[:-1], (1.0, 1.0)))),
    ),
    "an edge that ends beside its shape": (
        "edges touch what they join",
        lambda d: change_edge(d, 2, lambda e: replace(e, points=(*e.points[:-1], (1.0, 1.0)))),
    ),
    "an edge along another": (
        "no edge on an edge",
        lambda d: change_edge(d, 1, lambda e: replace(e, points=d.edges[2].points)),
    ),
    "a title out of its group": (
        "a title stays in its group",
        lambda d: change_group(d, lambda g: replace(g, box=Box(g.box.x, g.box.y + 40, g.box.w, g.box.h))),
    ),
}


def test_a_good_picture_has_no_faults(good: Drawing) -> None:
    assert faults.find_faults(good) == []


@pytest.mark.parametrize("case", INSERTED_FAULTS)
def test_an_inserted_fault_is_detected(good: Drawing, case: str) -> None:
    rule, spoil = INSERTED_FAULTS[case]
    assert rule in {fault.rule for fault in faults.find_faults(spoil(good))}
