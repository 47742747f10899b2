"""Sibling zones with matching members are laid out alike, with their tiers side by side."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from diagramkit.drawing import Box, Drawing
from tests.layouts.twins import TwinDiagram, differences, twin_diagram
from tests.support import measures


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("tiers", [1, 2, 3, 4])
@pytest.mark.parametrize("zones", [2, 3, 4])
def test_zones_are_laid_out_alike(zones: int, tiers: int, seed: int) -> None:
    diagram = twin_diagram(zones, tiers, seed)
    assert differences(measures.picture(diagram.text), diagram) == [], diagram.text


def test_seeds_cover_every_kind_of_zone() -> None:
    diagrams = [twin_diagram(3, 3, seed) for seed in range(40)]
    for part in ("flowchart TB", "flowchart LR", "outer1", "outer2", "s0t0", "copies", "HTTPS"):
        assert 0 < sum(part in diagram.text for diagram in diagrams) < len(diagrams), part
    assert len({diagram.text for diagram in diagrams}) == len(diagrams)
    members = {f"n{zone}t{tier}": f"zone{zone}" for zone in range(3) for tier in range(3)}
    for diagram in diagrams:
        graph = measures.graph_of(diagram.text)
        parents = {group.id: group.parent for group in graph.groups}
        owners = {node.id: node.group for node in graph.nodes}
        assert owners.keys() == {*members, "entry"}
        for member, zone in members.items():
            owner = owners[member]
            assert zone in (owner, parents[owner or ""]), diagram.text


def _drawn_by_hand(
    diagram: TwinDiagram, zone_sizes: dict[str, tuple[float, float]], shifts: dict[str, float]
) -> Drawing:
    """Return the picture with its zones in a row and every tier on one line.

    `zone_sizes` and `shifts` are exceptions: other sizes of zones, and horizontal shifts of nodes.
    """
    drawing = measures.picture(diagram.text)
    boxes: dict[str, Box] = {}
    for number, (zone, members) in enumerate(diagram.zones.items()):
        boxes[zone] = Box(number * 300, 50, *zone_sizes.get(zone, (200, 400)))
        for tier, member in enumerate(members):
            boxes[member] = Box(number * 300 + 80 + shifts.get(member, 0), 70 + 90 * tier, 40, 40)
    nodes = [replace(node, box=boxes.get(node.id, node.box), plate=None) for node in drawing.nodes]
    groups = [replace(group, box=boxes.get(group.id, group.box)) for group in drawing.groups]
    return replace(drawing, nodes=tuple(nodes), groups=tuple(groups))


def test_the_check_accepts_twins_and_detects_differences() -> None:
    seeds = (diagram for seed in range(40) if "s0t0" not in (diagram := twin_diagram(3, 3, seed)).text)
    diagram = next(seeds)
    assert differences(_drawn_by_hand(diagram, {}, {}), diagram) == []
    assert differences(_drawn_by_hand(diagram, {}, {"n1t1": 1.5}), diagram) == []
    assert differences(_drawn_by_hand(diagram, {}, {"n1t1": 2.5}), diagram) != []
    assert differences(_drawn_by_hand(diagram, {"zone2": (203, 400)}, {}), diagram) != []
    assert differences(_drawn_by_hand(diagram, {"zone1": (200, 403)}, {}), diagram) != []
    swapped = replace(diagram, zones={**diagram.zones, "zone1": diagram.zones["zone1"][::-1]})
    assert differences(_drawn_by_hand(swapped, {}, {}), diagram) != []
