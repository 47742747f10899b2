"""Merge which group each node and each group is in."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from diagramkit.sources.imports.matching import ElementMatch
from diagramkit.sources.imports.spec_content import SpecContent

Report: TypeAlias = "Callable[[str, str, str], None]"
"""Takes the kind of a change, the id of a node or a group, and details."""


class Placing:
    """Decides on places: the id of a group, or None outside of all groups.

    A place in an import is the innermost group around something that the spec still contains.
    """

    def __init__(
        self,
        matches: Iterable[ElementMatch],
        base: SpecContent,
        edited: SpecContent,
        new: SpecContent,
        removed: set[str],
        restored: set[str],
        report: Report,
    ) -> None:
        self._edited, self._removed, self._restored, self._report = edited, removed, restored, report
        self._by_id = {each.id: each for each in matches if each.edited or each.base is None}
        base_ids = {each.base: each.edited for each in matches if each.base and each.edited}
        new_ids = {each.new: each.id for each in self._by_id.values() if each.new}
        self._old_places = _places(base, base_ids)
        self._new_places = _places(new, new_ids)
        groups = {name: group.parent for name, group in edited.groups.items()}
        self._edited_places: dict[str, str | None] = {**groups, **edited.group_of()}

    def groups(self, names: list[str]) -> dict[str, str | None]:
        """Return the parent of each group; none of them is inside of itself."""
        parents = {name: self._place(name) for name in names}
        inside = {name for name in names if _is_in_circle(name, parents)}
        if inside:
            for name in names:
                if name in self._edited_places and parents[name] != (before := self._surviving(name)):
                    parents[name] = before
                    self._report("conflict", name, "in the template, it is in a group that is inside of it here")
        for name in names:  # New groups can only be part of a circle with edited ones that were put into them.
            if _is_in_circle(name, parents):
                parents[name] = None
        return parents

    def members(self, nodes: list[str], groups: list[str]) -> dict[str, tuple[str, ...]]:
        """Return the nodes of each group: those that stay in their order, then the others."""
        places = {name: self._place(name) for name in nodes}
        result: dict[str, tuple[str, ...]] = {}
        for group in groups:
            before = self._edited.groups[group].nodes if group in self._edited.groups else ()
            staying = [name for name in before if places.get(name) == group]
            known = set(staying)
            result[group] = (*staying, *(name for name in nodes if places[name] == group and name not in known))
        return result

    def _place(self, name: str) -> str | None:
        """Return the place of a node or a group."""
        one = self._by_id.get(name)
        if name not in self._edited_places and name not in self._edited.nodes:
            return self._new_places.get(name)
        current = self._edited_places.get(name)
        if one is None or one.new is None or one.base is None:
            return self._staying(name, current, self._surviving(name))
        old, new = self._old_places.get(name), self._new_places.get(name)
        if name in self._restored and current is None:
            return new
        if current == old:
            if new != current and current not in self._removed:
                self._report("changed", name, f"it is now {_within(new)}")
            return new
        if new not in (old, current) and current not in self._removed and old not in self._removed:
            self._report("conflict", name, f"it is {_within(current)} here, {_within(new)} there")
        return self._staying(name, current, new)

    def _staying(self, name: str, current: str | None, otherwise: str | None) -> str | None:
        """Return the place that something was put in, or another one if the group no longer exists."""
        if current not in self._removed:
            return current
        self._report("moved", name, f"the template no longer contains the group '{current}'")
        return otherwise

    def _surviving(self, name: str) -> str | None:
        """Return the innermost group around something in the edited spec that stays."""
        place = self._edited_places.get(name)
        while place is not None and place in self._removed:
            place = self._edited_places.get(place)
        return place


def _places(content: SpecContent, ids: dict[str, str]) -> dict[str, str | None]:
    """Return the place of everything in an import, by the ids in the spec."""
    parents: dict[str, str | None] = {name: group.parent for name, group in content.groups.items()}
    direct = {**parents, **content.group_of()}
    places: dict[str, str | None] = {}
    for name in (*content.groups, *content.nodes):
        if name not in ids:
            continue
        place = direct.get(name)
        while place is not None and place not in ids:
            place = parents[place]
        places[ids[name]] = ids[place] if place is not None else None
    return places


def _is_in_circle(name: str, parents: dict[str, str | None]) -> bool:
    place, seen = parents[name], set[str]()
    while place is not None and place not in seen:
        if place == name:
            return True
        seen.add(place)
        place = parents[place]
    return False


def _within(place: str | None) -> str:
    return f"in '{place}'" if place else "outside of all groups"
