"""A small change of the source moves little in the picture."""

from __future__ import annotations

from functools import cache

from msgspec.structs import replace

from diagramkit.drawing import Drawing, moved
from tests.layouts import measures, stability


@cache
def sample() -> tuple[stability.Change, ...]:
    """The changes of every seventh topology."""
    texts = list(measures.topologies().items())
    return tuple(stability.measured(dict(texts[::7])))


@cache
def sample_figures() -> stability.Figures:
    return stability.figures(sample())


def worst() -> str:
    order = sorted(sample(), key=lambda change: -change.displacement)
    return ", ".join(f"{one.name} {one.kind} {one.displacement:.0%}" for one in order[:5])


def test_nodes_move_little() -> None:
    assert sample_figures().median <= stability.MOST_MEDIAN, worst()


def test_few_changes_move_much() -> None:
    assert sample_figures().far <= stability.MOST_FAR, worst()


def test_left_stays_left_and_above_stays_above() -> None:
    assert sample_figures().kept >= stability.LEAST_KEPT, worst()


def test_the_sample_holds_every_kind_of_change() -> None:
    kinds = {change.kind for change in sample()}
    assert kinds == {"add a leaf", "add an edge", "lengthen a label", "remove a leaf"}
    assert len(sample()) >= 50


def test_changes_are_small_and_the_same_each_time() -> None:
    for name, text in measures.topologies().items():
        graph = measures.graph_of(text)
        for (kind, one), (_, again) in zip(stability.changed(name, graph), stability.changed(name, graph), strict=True):
            assert one == again
            assert one != graph, kind
            assert abs(len(one.nodes) - len(graph.nodes)) <= 1
            assert abs(len(one.edges) - len(graph.edges)) <= 1


def _with_moved(drawing: Drawing, shifts: dict[str, tuple[float, float]]) -> Drawing:
    nodes = [moved(node, *shifts.get(node.id, (0.0, 0.0))) for node in drawing.nodes]
    return replace(drawing, nodes=tuple(nodes))


def test_a_translation_is_no_displacement_and_a_move_is_one() -> None:
    one = measures.picture("flowchart LR\n  a[Depot] --> b[Scale] --> c[Shelf]\n")
    assert measures.displacement(one, moved(one, 40, -7)) < 1e-9
    apart = _with_moved(one, {"a": (-50.0, 0.0), "c": (0.0, 30.0)})
    assert measures.displacement(one, apart) * measures.diagonal(one) == 30
    assert measures.relations_kept(one, moved(one, 40, -7))[0] == measures.relations_kept(one, one)[1]


def test_relations_that_turn_around_are_counted() -> None:
    one = measures.picture("flowchart LR\n  a[Depot] --> b[Scale]\n")
    kept, total = measures.relations_kept(one, one)
    assert kept == total > 0
    swapped = _with_moved(one, {"a": (2000.0, 2000.0)})
    kept, total = measures.relations_kept(one, swapped)
    assert kept < total
