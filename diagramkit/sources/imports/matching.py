"""Find out which nodes and groups of the last import, the new one and the edited spec are the same."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TypeAlias

from msgspec import Struct

from diagramkit.sources.imports.spec_content import Fields, SpecContent

Elements: TypeAlias = "dict[str, ElementContent]"

_COUNT = re.compile(r" ×[0-9]+|s? \([0-9]+ AZs\)")


class ElementContent(Struct, frozen=True):
    """A node or a group: what is written about it."""

    is_group: bool
    fields: Fields

    @property
    def resource(self) -> str | None:
        """The address that it was imported from."""
        return self.fields.get("resource")

    @property
    def noun(self) -> str:
        """What messages call it."""
        return "group" if self.is_group else "node"


class ElementMatch(Struct, frozen=True):
    """A node or a group by its ids in the last import, in the new one and in the edited spec.

    An id is None where it does not exist. `id` is the id that it has, or would have, in the merged spec.
    """

    base: str | None
    new: str | None
    edited: str | None
    id: str


def elements_of(content: SpecContent) -> Elements:
    """Return the nodes and groups of a spec by id."""
    nodes = {name: ElementContent(False, fields) for name, fields in content.nodes.items()}
    return nodes | {name: ElementContent(True, group.fields) for name, group in content.groups.items()}


def match(base: SpecContent, ids: Mapping[str, str], edited: SpecContent, new: SpecContent) -> list[ElementMatch]:
    """Return all nodes and groups that were generated, now or last time.

    `ids` has the ids in the spec that differ from those in the last import.
    """
    old, current, generated = elements_of(base), elements_of(edited), elements_of(new)
    in_spec = _in_spec(old, ids, current)
    in_new = _in_new(base, new, in_spec)
    matches = [
        ElementMatch(name, in_new.get(name), in_spec.get(name), in_spec.get(name) or ids.get(name, name))
        for name in old
    ]
    known = set(in_new.values())
    taken = {*current, *(each.id for each in matches)}
    spec_ids = set(in_spec.values())
    for name, element in generated.items():
        if name not in known:
            added = _by_resource(element, current, spec_ids)
            if added is None and name not in spec_ids and current.get(name) == element:
                added = name  # The record is older than the spec.
            spec_ids |= {added} if added else set()
            own_id = added or _free_id(name, taken)
            taken.add(own_id)
            matches.append(ElementMatch(None, name, added, own_id))
    return matches


def _in_spec(old: Elements, ids: Mapping[str, str], current: Elements) -> dict[str, str]:
    """Return the ids in the edited spec of what was generated last time: by its id, else by its resource."""
    addresses = {element.resource for element in old.values()}
    result: dict[str, str] = {}
    for name, element in old.items():
        own_id = ids.get(name, name)
        there = current.get(own_id)
        is_other = there and there.resource != element.resource and there.resource in addresses - {None}
        if there and there.is_group == element.is_group and not is_other:
            result[name] = own_id
    taken = set(result.values())
    for name, element in old.items():
        if name not in result and (renamed := _by_resource(element, current, taken)):
            result[name] = renamed
            taken.add(renamed)
    return result


def _by_resource(element: ElementContent, current: Elements, taken: set[str]) -> str | None:
    """Return the first element of the same kind with the same resource that is not taken."""
    if element.resource is None:
        return None
    return next(
        (
            name
            for name, other in current.items()
            if name not in taken and other.is_group == element.is_group and other.resource == element.resource
        ),
        None,
    )


def _in_new(base: SpecContent, new: SpecContent, in_spec: Mapping[str, str]) -> dict[str, str]:
    """Return the ids in the new import of what was generated last time.

    They have the same resource, or the same id without one. A resource whose address changed is the same if it is the
    only one that looks the same, unless somebody deleted it.
    """
    old, generated = elements_of(base), elements_of(new)
    by_resource = {(each.is_group, each.resource): name for name, each in generated.items() if each.resource}
    result: dict[str, str] = {}
    for name, element in old.items():
        if element.resource:
            there = by_resource.get((element.is_group, element.resource))
        else:
            there = name if name in generated and not generated[name].resource else None
        if there and generated[there].is_group == element.is_group:
            result[name] = there
    taken = set(result.values())
    lost = _by_look(base, [name for name in old if name in in_spec and name not in result])
    added = _by_look(new, [name for name in generated if name not in taken])
    for look, names in lost.items():
        if len(names) == 1 and len(added.get(look, ())) == 1:
            result[names[0]] = added[look][0]
    return result


def _by_look(content: SpecContent, names: Iterable[str]) -> dict[tuple[object, ...], list[str]]:
    """Return the ids of nodes and groups by what they look like, without the number of replicas.

    Only a label with a name says enough: `SQS<br>Orders`, but not `Internet gateway`, or the title of a group in the
    same group.
    """
    result: dict[tuple[object, ...], list[str]] = {}
    for name in names:
        group = content.groups.get(name)
        fields = group.fields if group else content.nodes[name]
        label = _COUNT.sub("", str(fields.get("label", "")))
        parent = content.groups[group.parent].fields.get("resource") if group and group.parent else None
        if parent or "<br>" in label:
            look = (group is None, label, parent, fields.get("icon"), fields.get("kind"))
            result.setdefault(look, []).append(name)
    return result


def _free_id(name: str, taken: set[str]) -> str:
    candidate, number = name, 2
    while candidate in taken:
        candidate, number = f"{name}_{number}", number + 1
    return candidate
