"""The search in WebAssembly finds the ways that the search in Python finds, and is built from its source."""

from __future__ import annotations

import pytest

from diagramkit import pipeline
from diagramkit.graph import Pattern
from diagramkit.layout import check, routing
from diagramkit.layout.routing import kernel, search
from diagramkit.layout.routing.grid import Grid
from diagramkit.layout.routing.scene import Path, Scene
from diagramkit.pipeline import Options
from diagramkit.problems import Span
from kernels.build import MODULES, section
from tests.random_graphs import graph


@pytest.mark.skipif(not kernel.available(), reason="wasmtime needs Python 3.11")
@pytest.mark.parametrize("much", [search._MUCH, 0], ids=["cheapest", "in haste"])
def test_both_searches_find_the_same_ways(monkeypatch: pytest.MonkeyPatch, much: float) -> None:
    monkeypatch.setattr(search, "_MUCH", much)
    compared = 0

    def both(scene: Scene, grid: Grid) -> list[Path | None]:
        nonlocal compared
        found = search.route(scene, grid)
        with monkeypatch.context() as patch:
            patch.setattr(kernel, "available", lambda: False)
            by_hand = search.route(scene, Grid(scene))  # The other is the module's now.
        assert list(map(told, found)) == list(map(told, by_hand))
        compared += len(scene.wires)
        return found

    monkeypatch.setattr(routing, "route", both)
    for seed in range(12):
        pattern = Pattern(graph(seed), "x", "", "x", "", Span("<stdin>"))
        pipeline.draw(pattern, Options())
    assert compared > 100


def test_ways_found_in_haste_keep_the_rules_of_a_good_picture(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is given up in vast graphs is the cheapest way, not a clear one."""
    monkeypatch.setattr(search, "_MUCH", 0)
    for seed in range(12):
        pattern = Pattern(graph(seed), "x", "", "x", "", Span("<stdin>"))
        assert not check.faults(pipeline.draw(pattern, Options()))


def told(path: Path | None) -> object:
    return path and (path.points, path.tail_side, path.head_side)


def test_the_modules_are_built_from_their_sources() -> None:
    for sources, module in MODULES.items():
        assert module.read_bytes().endswith(section(sources)), module.name
