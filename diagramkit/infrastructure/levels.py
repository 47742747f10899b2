"""Choose what is shown: by level of detail, by focus, and by patterns of addresses and types."""

from __future__ import annotations

import re

from msgspec import Struct

from diagramkit.diagnostics import Span, did_you_mean, fail
from diagramkit.infrastructure.connections import Connection
from diagramkit.infrastructure.fates import Model
from diagramkit.infrastructure.rules import LEVELS, matches

ZONES = ("merged", "each")
_DEFAULT_HOPS = 1


class View(Struct, frozen=True):
    """What a user wants to see.

    - `level`: the level of detail, one of `LEVELS`.
    - `focus`: an address, of which only the surroundings are shown, with `:` and a number of edges if it is not 1.
    - `show`, `hide`: patterns of addresses or types that are shown, or not, whatever their level.
    - `zones`: `merged` to show subnets once for all zones, or `each`.
    """

    level: str = "default"
    focus: str | None = None
    show: tuple[str, ...] = ()
    hide: tuple[str, ...] = ()
    zones: str = "merged"


def visible_nodes(model: Model, view: View) -> dict[str, str]:
    """Return the reason for which each node is not shown, by address; empty for those that are shown."""
    level_of = _levels(model, view)
    limit = _limit(model, view, level_of)
    names = {number: name for name, number in LEVELS.items()}
    hidden: dict[str, str] = {}
    for address in model.nodes():
        resource = model.resources[address]
        if matches(address, view.hide) or matches(resource.type, view.hide):
            hidden[address] = "--hide leaves it out"
        elif matches(address, view.show) or matches(resource.type, view.show):
            hidden[address] = ""
        elif level_of[address] > limit:
            hidden[address] = f"--level {names[level_of[address]]} shows it"
        else:
            hidden[address] = ""
    return hidden


def _levels(model: Model, view: View) -> dict[str, int]:
    """Return the level of each node. That of its type counts if a template only has what is used for deployments."""
    levels = {address: model.decisions[address].level for address in model.nodes()}
    if any(level <= LEVELS[view.level] for level in levels.values()):
        return levels
    return {
        address: model.decisions[address].rule.level if model.decisions[address].is_for_deployment else level
        for address, level in levels.items()
    }


def _limit(model: Model, view: View, level_of: dict[str, int]) -> int:
    """Return the level of detail: a higher one than asked for if nothing has that level."""
    limit = LEVELS[view.level]
    used = [level for address, level in level_of.items() if model.resources[address].origin == "declared"]
    return max(limit, min(used, default=limit))


def in_focus(model: Model, view: View, connections: list[Connection], file: str) -> set[str] | None:
    """Return the addresses around the focus, or None without one. Raises `DiagramError` (unknown-address)."""
    if view.focus is None:
        return None
    match = re.fullmatch(r"(.*?)(?::([0-9]{1,3}))?", view.focus)
    assert match is not None
    address, hops = match[1], int(match[2] or _DEFAULT_HOPS)
    if address not in model.resources:
        hint = did_you_mean(address, model.resources) or "; 'diagramkit show --json' lists the addresses"
        raise fail("unknown-address", f"there is no resource '{address}' to focus on{hint}", Span(file))
    neighbors: dict[str, set[str]] = {}
    for edge in connections:
        neighbors.setdefault(edge.source, set()).add(edge.target)
        neighbors.setdefault(edge.target, set()).add(edge.source)
    near = set(model.owners(address)) or {address}
    for _ in range(hops):
        near |= {other for one in near for other in neighbors.get(one, ())}
    return near
