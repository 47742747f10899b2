"""Small changes of the source move little in the picture."""

from __future__ import annotations

from functools import cache

from msgspec.structs import replace

from checks import stability
from diagramkit.drawing import Drawing, moved
from tests.support import measures


@cache
def sample() -> tuple[stability.Change, ...]:
    """Return the changes of every seventh topology."""
    texts = list(measures.topologies().items())
    return tuple(stability.measure_changes(dict(texts[::7])))


@cache
def sample_summary() -> stability.Summary:
    return stability.summarize(sample())


def worst() -> str:
    by_displacement = sorted(sample(), key=lambda change: -change.displacement)
    return ", ".join(f"{item.name} {item.kind} {item.displacement:.0%}" for item in by_displacement[:5])


def test_nodes_move_little() -> None:
    assert sample_summary().median <= stability.MAX_MEDIAN, worst()


def test_few_changes_move_much() -> None:
    assert sample_summary().far <= stability.MAX_FAR, worst()


def test_left_stays_left_and_above_stays_above() -> None:
    assert sample_summary().preserved >= stability.MIN_PRESERVED, worst()


def test_the_sample_contains_every_kind_of_change() -> None:
    kinds = {change.kind for change in sample()}
    assert kinds == {"add a leaf", "add an edge", "lengthen a label", "remove a leaf"}
    assert len(sample()) >= 50


def test_changes_are_small_and_deterministic() -> None:
    for name, text in measures.topologies().items():
        graph = measures.graph_of(text)
        for (kind, after), (_, repeated) in zip(
            stability.variants(name, graph), stability.variants(name, graph), strict=True
        ):
            assert after == repeated
            assert after != graph, kind
            assert abs(len(after.nodes) - len(graph.nodes)) <= 1
            assert abs(len(after.edges) - len(graph.edges)) <= 1


def _with_moved(drawing: Drawing, shifts: dict[str, tuple[float, float]]) -> Drawing:
    nodes = [moved(node, *shifts.get(node.id, (0.0, 0.0))) for node in drawing.nodes]
    return replace(drawing, nodes=tuple(nodes))


def test_a_translation_does_not_count_as_displacement() -> None:
    drawing = measures.picture("flowchart LR\n  a[Depot] --> b[Scale] --> c[Shelf]\n")
    assert measures.displacement(drawing, moved(drawing, 40, -7)) < 1e-9
    moved_apart = _with_moved(drawing, {"a": (-50.0, 0.0), "c": (0.0, 30.0)})
    assert measures.displacement(drawing, moved_apart) * measures.diagonal(drawing) == 30
    assert (
        measures.preserved_relations(drawing, moved(drawing, 40, -7))[0]
        == measures.preserved_relations(drawing, drawing)[1]
    )


def test_reversed_relations_are_counted() -> None:
    drawing = measures.picture("flowchart LR\n  a[Depot] --> b[Scale]\n")
    preserved, total = measures.preserved_relations(drawing, drawing)
    assert preserved == total > 0
    swapped = _with_moved(drawing, {"a": (2000.0, 2000.0)})
    preserved, total = measures.preserved_relations(drawing, swapped)
    assert preserved < total
