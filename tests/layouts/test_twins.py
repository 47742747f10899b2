"""Sibling zones with matching members are laid out alike, tier beside tier."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from diagramkit.drawing import Box, Drawing
from tests.layouts import measures
from tests.layouts.twins import Twins, faults, twins


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("tiers", [1, 2, 3, 4])
@pytest.mark.parametrize("zones", [2, 3, 4])
def test_zones_are_laid_out_alike(zones: int, tiers: int, seed: int) -> None:
    made = twins(zones, tiers, seed)
    assert faults(measures.picture(made.text), made) == [], made.text


def test_seeds_cover_every_kind_of_zone() -> None:
    made = [twins(3, 3, seed) for seed in range(40)]
    for part in ("flowchart TB", "flowchart LR", "outer1", "outer2", "s0t0", "copies", "HTTPS"):
        assert 0 < sum(part in one.text for one in made) < len(made), part
    assert len({one.text for one in made}) == len(made)
    members = {f"n{zone}t{tier}": f"zone{zone}" for zone in range(3) for tier in range(3)}
    for one in made:
        graph = measures.graph_of(one.text)
        parents = {group.id: group.parent for group in graph.groups}
        owners = {node.id: node.group for node in graph.nodes}
        assert owners.keys() == {*members, "entry"}
        for member, zone in members.items():
            owner = owners[member]
            assert zone in (owner, parents[owner or ""]), one.text


def _by_hand(made: Twins, sizes: dict[str, tuple[float, float]], shift: dict[str, float]) -> Drawing:
    """The picture with its zones in a row, every tier on one line, but for a zone's size and a node's shift."""
    whole = measures.picture(made.text)
    places: dict[str, Box] = {}
    for number, (zone, members) in enumerate(made.zones.items()):
        places[zone] = Box(number * 300, 50, *sizes.get(zone, (200, 400)))
        for tier, member in enumerate(members):
            places[member] = Box(number * 300 + 80 + shift.get(member, 0), 70 + 90 * tier, 40, 40)
    nodes = [replace(node, box=places.get(node.id, node.box), plate=None) for node in whole.nodes]
    groups = [replace(group, box=places.get(group.id, group.box)) for group in whole.groups]
    return replace(whole, nodes=tuple(nodes), groups=tuple(groups))


def test_the_check_accepts_twins_and_finds_those_that_are_not() -> None:
    seeds = (made for seed in range(40) if "s0t0" not in (made := twins(3, 3, seed)).text)
    made = next(seeds)
    assert faults(_by_hand(made, {}, {}), made) == []
    assert faults(_by_hand(made, {}, {"n1t1": 1.5}), made) == []
    assert faults(_by_hand(made, {}, {"n1t1": 2.5}), made) != []
    assert faults(_by_hand(made, {"zone2": (203, 400)}, {}), made) != []
    assert faults(_by_hand(made, {"zone1": (200, 403)}, {}), made) != []
    swapped = replace(made, zones={**made.zones, "zone1": made.zones["zone1"][::-1]})
    assert faults(_by_hand(swapped, {}, {}), made) != []
