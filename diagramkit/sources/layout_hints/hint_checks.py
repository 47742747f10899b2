"""Checks the layout hints of a diagram: the ids that they name, and whether they contradict each other.

Two hints can contradict each other through others: a is before b, b is on one line with c, and c is before a. Ranks and
lines are unknown here, so only what no layout could satisfy is a problem.
"""

from __future__ import annotations

import bisect
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from diagramkit.diagnostics import Diagnostic, Span, did_you_mean, most_similar
from diagramkit.graph import Graph, Hint
from diagramkit.sources.layout_hints.comments import quoted_id
from diagramkit.sources.layout_hints.hint_kinds import HINT_KINDS
from diagramkit.sources.layout_hints.written_hint import Place, WrittenHint

_MAX_CONFLICTS = 10


def problems(graph: Graph, written: Sequence[WrittenHint]) -> list[Diagnostic]:
    """Return what is wrong with the hints of a graph: those that it has already, and new ones."""
    wrong = [problem for each in written for problem in (*_bad_members(graph, each), *_related(graph, each))]
    if wrong:
        return wrong
    places = {each.place.span: each.place for each in written}
    hints = [*graph.hints, *(each.hint for each in written)]
    repeated = list(_repeated(hints, places))
    return repeated or list(_conflicts(graph, hints, places))


# Members


def _bad_members(graph: Graph, written: WrittenHint) -> Iterator[Diagnostic]:
    """Yield a problem for each id that does not exist or that this kind of hint cannot name."""
    nodes, groups = {node.id for node in graph.nodes}, {group.id for group in graph.groups}
    allowed = HINT_KINDS[written.kind].members
    seen: set[str] = set()
    for name, place in zip(written.members, written.places, strict=True):
        if name not in nodes | groups:
            yield _unknown(graph, written, name, place)
        elif name in seen:
            yield place.problem("bad-hint", f"'{written.kind}' names '{name}' twice; remove one of the two")
        elif allowed == "nodes" and name in groups:
            message = f"'{written.kind}' is a chain of nodes, and '{name}' is a group; name a node in it"
            yield place.problem("bad-hint", message)
        elif allowed == "group" and name in nodes:
            message = f"'{written.kind}' arranges the members of a group, and '{name}' is a node; name a group"
            yield place.problem("bad-hint", message)
        seen.add(name)


def _unknown(graph: Graph, written: WrittenHint, name: str, place: Place) -> Diagnostic:
    """Return the problem of an id that does not exist. A label or title instead of the id is recognized."""
    known = [item.id for item in graph.nodes_and_groups]
    labeled = [item.id for item in graph.nodes_and_groups if item.label.strip().lower() == name.strip().lower()]
    similar = labeled[0] if len(labeled) == 1 else most_similar(name, known)
    advice = f"; did you mean '{similar}'?" if similar else "; name a node or a group by its id"
    if len(labeled) == 1 and not did_you_mean(name, labeled):
        advice = f"; write '{similar}', the id of what has this label"
    message = f"'{written.kind}' refers to '{name}', which is neither a node nor a group{advice}"
    new = similar and (quoted_id(similar) if written.quotes else similar)
    return place.problem("unknown-node", message, new)


def _related(graph: Graph, written: WrittenHint) -> Iterator[Diagnostic]:
    """Yield a problem for each member that is in a group that the hint names, too."""
    parents = {node.id: node.group for node in graph.nodes} | {group.id: group.parent for group in graph.groups}
    members = set(written.members)
    for name, place in zip(written.members, written.places, strict=True):
        around = next((above.id for above in graph.ancestors(parents.get(name)) if above.id in members), None)
        if around is not None:
            message = (
                f"'{written.kind}' relates '{name}' to the group '{around}', which contains it; remove one of them"
            )
            yield place.problem("bad-hint", message)


# Conflicts


def _repeated(hints: Iterable[Hint], places: dict[Span, Place]) -> Iterator[Diagnostic]:
    """Yield a problem for each node or group with two pins or grids."""
    first: dict[tuple[str, str], Hint] = {}
    for hint in hints:
        if not HINT_KINDS[hint.kind].numbers:
            continue
        earlier = first.setdefault((hint.kind, hint.members[0]), hint)
        if earlier is not hint:
            word = "pin" if hint.kind == "pin" else "grid"
            message = f"'{hint.members[0]}' already has a {word} in line {earlier.span.line}; remove one of the two"
            yield _place(hint, places).problem("conflicting-hints", message)


def _place(hint: Hint, places: dict[Span, Place]) -> Place:
    return places.get(hint.span) or Place(hint.span)


def _conflicts(graph: Graph, hints: Sequence[Hint], places: dict[Span, Place]) -> Iterator[Diagnostic]:
    """Yield a problem for each hint that cannot hold together with earlier ones."""
    remaining = list(hints)
    for _ in range(_MAX_CONFLICTS):
        if _contradiction(graph, remaining) is None:
            return
        last, *others = _smallest_conflict(graph, remaining)
        reason = _contradiction(graph, [last, *others])
        where = " and ".join(sorted({_line(hint, last) for hint in others}))
        hints_there = "hint" if len(others) == 1 else "hints"
        message = f"{reason}; this contradicts the {hints_there} in {where}; remove one of them"
        yield _place(last, places).problem("conflicting-hints", message)
        remaining.remove(last)


def _line(hint: Hint, other: Hint) -> str:
    """Return where a hint is, for a message at another one."""
    column = f", column {hint.span.column}" if hint.span.line == other.span.line else ""
    return f"line {hint.span.line}{column}"


def _smallest_conflict(graph: Graph, hints: Sequence[Hint]) -> list[Hint]:
    """Return hints that contradict each other, none of which can be left out. The first one is the last in the source.

    With a number of hints that contradict each other, a larger number does, too; so each step is a binary search.
    """
    core: list[Hint] = []
    rest = list(hints)
    while _contradiction(graph, core) is None:
        certain = core
        count = bisect.bisect_left(
            range(len(rest) + 1),
            True,
            key=lambda number: _contradiction(graph, [*certain, *rest[:number]]) is not None,
        )
        core = [*core, rest[count - 1]]
        rest = rest[: count - 1]
    return core


def _contradiction(graph: Graph, hints: Sequence[Hint]) -> str | None:
    """Return why no layout satisfies the hints, or None if nothing is known to prevent it."""
    ranks, lines = _SharedPlaces(), _SharedPlaces()
    across: list[tuple[str, str]] = []
    along: list[tuple[str, str]] = []
    for hint in hints:
        if hint.kind == "same_rank":
            ranks.unite(hint.members)
        elif hint.kind in ("in_line", "main"):
            lines.unite(hint.members)
            along += pairwise(hint.members) if hint.kind == "main" else ()
        elif hint.kind == "order":
            across += pairwise(hint.members)
    for pins in _pins_by_parent(graph, hints):
        along += _pinned(pins, 0, ranks)
        across += _pinned(pins, 1, lines)
    if pair := _same_place(ranks, lines):
        first, second = sorted(pair)
        return f"'{first}' and '{second}' cannot be in one rank and on one line"
    for relations, classes, direction in ((across, lines, "across"), (along, ranks, "along")):
        if pair := _cyclic(relations, classes):
            return f"'{pair[0]}' cannot be before '{pair[1]}' {direction} the flow"
    return None


class _SharedPlaces:
    """Ids that share a rank or a line."""

    def __init__(self) -> None:
        self._parents: dict[str, str] = {}

    def unite(self, names: Sequence[str]) -> None:
        """Put ids into one class."""
        for name in names[1:]:
            self._parents[self.of(name)] = self.of(names[0])

    def of(self, name: str) -> str:
        """Return the id that stands for the class of an id."""
        while name in self._parents and self._parents[name] != name:
            self._parents[name] = self._parents.get(self._parents[name], self._parents[name])
            name = self._parents[name]
        return name

    def names(self) -> list[str]:
        """Return the ids that share something."""
        return list({name: None for pair in self._parents.items() for name in pair})


def _pins_by_parent(graph: Graph, hints: Iterable[Hint]) -> Iterator[dict[str, tuple[int, ...]]]:
    """Yield the pins in each group, and those outside of all groups."""
    parents = {node.id: node.group for node in graph.nodes} | {group.id: group.parent for group in graph.groups}
    pins: dict[str | None, dict[str, tuple[int, ...]]] = defaultdict(dict)
    for hint in hints:
        if hint.kind == "pin":
            pins[parents.get(hint.members[0])][hint.members[0]] = hint.values
    yield from pins.values()


def _pinned(pins: dict[str, tuple[int, ...]], index: int, classes: _SharedPlaces) -> Iterator[tuple[str, str]]:
    """Unite the ids that are pinned to one rank or line, and yield the pairs of those that follow each other."""
    by_number: dict[int, list[str]] = defaultdict(list)
    for name, numbers in pins.items():
        by_number[numbers[index]].append(name)
    for names in by_number.values():
        classes.unite(names)
    for first, second in pairwise(sorted(by_number)):
        yield by_number[first][0], by_number[second][0]


def _same_place(ranks: _SharedPlaces, lines: _SharedPlaces) -> tuple[str, str] | None:
    """Return two ids that share both a rank and a line."""
    taken: dict[tuple[str, str], str] = {}
    for name in ranks.names():
        other = taken.setdefault((ranks.of(name), lines.of(name)), name)
        if other != name:
            return other, name
    return None


def _cyclic(relations: Sequence[tuple[str, str]], classes: _SharedPlaces) -> tuple[str, str] | None:
    """Return a pair of ids of which the first must be before the second and cannot be."""
    following: dict[str, list[tuple[str, str]]] = defaultdict(list)
    count: dict[str, int] = defaultdict(int)
    for first, second in relations:
        following[classes.of(first)].append((first, second))
        count[classes.of(second)] += 1
    ready = [name for name in following if not count[name]]
    while ready:
        for _, second in following.pop(ready.pop()):
            name = classes.of(second)
            count[name] -= 1
            if not count[name] and name in following:
                ready.append(name)
    # What is left contains a cycle; a pair that leads from what is left to itself is on one, or leads to one.
    left = [pair for pairs in following.values() for pair in pairs if classes.of(pair[1]) in following]
    return left[0] if left else None
