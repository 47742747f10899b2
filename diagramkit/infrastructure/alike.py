"""Draw many alike resources as one node, and leave some out, if there are more than a picture should show."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence

from diagramkit.infrastructure import naming
from diagramkit.infrastructure.fates import Model
from diagramkit.infrastructure.levels import View

_MOST, _MOST_OF_FEW, _PART = 30, 12, 4
_LEVELS = ("overview", "default")


def limit(model: Model, view: View, others: int) -> int | None:
    """Return how many nodes a picture should show at most, or None if the user wants to see them all.

    `others` is the number of nodes that stand for no resource. Most resources of AWS are details of others, so that a
    quarter of them is enough, but not of other tools.
    """
    if view.level not in _LEVELS or view.focus is not None or view.show:
        return None
    most = max(1, _MOST - others)
    declared = [resource for resource in model.resources.values() if resource.origin == "declared"]
    if not any(resource.type.startswith(("AWS::", "aws_")) for resource in declared):
        return most
    return min(most, max(_MOST_OF_FEW, len(declared) // _PART))


def least_important(
    model: Model, groups: Sequence[list[str]], connected: Collection[str], most: int | None
) -> set[str]:
    """Return what to leave out if there are more than `most` nodes: first what has no edge, then by level and place."""
    if most is None or len(groups) <= most:
        return set()

    def importance(number: int) -> tuple[bool, int, int]:
        first = groups[number][0]
        return first not in connected, model.decisions[first].level, number

    ordered = sorted(range(len(groups)), key=importance)
    return {address for number in ordered[most:] for address in groups[number]}


def merged(groups: Sequence[list[str]], keys: Sequence[Callable[[str], Hashable]], most: int | None) -> list[list[str]]:
    """Return groups of resources, of which those with the same key are one if there are more than `most`.

    The first key is tried first; the largest groups of alike ones become one first, and all of the same size together.
    """
    result = [list(group) for group in groups]
    for key in keys:
        if most is None or len(result) <= most:
            break
        alike: dict[Hashable, list[int]] = {}
        for number, group in enumerate(result):
            alike.setdefault(key(group[0]), []).append(number)
        removed: set[int] = set()
        last = 0
        for numbers in sorted(alike.values(), key=len, reverse=True):
            if len(numbers) == 1 or (len(result) - len(removed) <= most and len(numbers) < last):
                break
            last = len(numbers)
            for number in numbers[1:]:
                result[numbers[0]] += result[number]
                removed.add(number)
        result = [group for number, group in enumerate(result) if number not in removed]
    return result


def common_name(hints: Sequence[str]) -> str:
    """Return the words with which all names begin."""
    words = [naming.words_of(hint) for hint in hints]
    shared = []
    for each in zip(*words, strict=False):
        if len({word.lower() for word in each}) > 1:
            break
        shared.append(each[0])
    return " ".join(shared)


def keys(
    model: Model, neighbors: Mapping[str, set[tuple[str, str]]], of_node: Mapping[str, str], users: Collection[str]
) -> tuple[Callable[[str], Hashable], ...]:
    """Return what alike resources have in common: more at first, and in the end only their type."""

    def kind(address: str) -> Hashable:
        return model.resources[address].type, address in users

    def place(address: str) -> Hashable:
        return kind(address), of_node.get(address)

    return (
        lambda address: (place(address), frozenset(neighbors.get(address, ()))),
        lambda address: (place(address), _neighbor_types(model, neighbors, address)),
        place,
        lambda address: (kind(address), _neighbor_types(model, neighbors, address)),
        kind,
        lambda address: model.resources[address].type,
    )


def _neighbor_types(model: Model, neighbors: Mapping[str, set[tuple[str, str]]], address: str) -> Hashable:
    """Return what a resource is connected to by type, with the directions."""
    pairs = ((direction, model.resources.get(other)) for direction, other in neighbors.get(address, ()))
    return frozenset((direction, other.type if other else "") for direction, other in pairs)
