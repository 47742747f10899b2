"""Random layout hints as people may write them, and independent checks of whether a layout honors them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import pairwise

from diagramkit.graph import Direction, Graph, Hint, HintKind
from diagramkit.layout.result import Layout

TOLERANCE = 1.0
"""Points by which aligned anchors may differ."""


def random_hint(graph: Graph, kind: HintKind, rng: random.Random) -> Hint | None:
    """Return a random hint of a kind, or None if the graph has nothing for it."""
    span = graph.nodes[0].span
    if kind == "grid":
        groups = [group.id for group in graph.groups if len(_members(graph, group.id)) > 1]
        if not groups:
            return None
        group = rng.choice(groups)
        return Hint("grid", (group,), span, (rng.randint(1, min(4, len(_members(graph, group)))),))
    if kind == "pin":
        node = rng.choice(graph.nodes)
        return Hint("pin", (node.id,), span, (rng.randint(1, 4), rng.randint(1, 3)))
    members = _chain(graph, rng) if kind == "main" else _sample(graph, kind, rng)
    return Hint(kind, members, span) if len(members) > 1 and not _returns(graph, members) else None


def _members(graph: Graph, group: str | None) -> list[str]:
    nodes = [node.id for node in graph.child_nodes(group)]
    return nodes + [inner.id for inner in graph.child_groups(group)]


def _sample(graph: Graph, kind: HintKind, rng: random.Random) -> tuple[str, ...]:
    """Return two or three nodes, half of the time members of one group."""
    pool = [node.id for node in graph.nodes]
    if rng.random() < 0.5:
        parents = [None, *(group.id for group in graph.groups)]
        pool = rng.choice([nodes for parent in parents if len(nodes := _members(graph, parent)) > 1] or [pool])
    return tuple(rng.sample(pool, min(len(pool), 2 if kind == "near" else rng.choice([2, 2, 3]))))


def _chain(graph: Graph, rng: random.Random) -> tuple[str, ...]:
    """Return a path of at most four nodes."""
    nodes = {node.id for node in graph.nodes}
    chain = [rng.choice(graph.nodes).id]
    while len(chain) < 4:
        ends = [edge.target for edge in graph.edges if edge.source == chain[-1] and edge.target in nodes - {*chain}]
        if not ends:
            break
        chain.append(rng.choice(ends))
    return tuple(chain)


def _returns(graph: Graph, members: tuple[str, ...]) -> bool:
    """Return whether a list leaves a group and returns to it: then no frame leaves the members outside of it out."""
    parents = {node.id: node.group for node in graph.nodes} | {group.id: group.parent for group in graph.groups}
    around = [[group.id for group in graph.ancestors(parents[member])] for member in members]
    for group in graph.groups:
        inside = [group.id in groups for groups in around]
        if "10" in "".join("1" if each else "0" for each in inside) and inside[-1] and not all(inside):
            return True
    return False


def violations(graph: Graph, layout: Layout) -> Iterator[str]:
    """Yield what a layout does not do of what the hints about nodes ask for, by its anchors alone."""
    along, across = _coordinates(layout, layout.direction)
    for hint in graph.hints:
        members = [member for member in hint.members if member in layout.anchors]
        pairs = list(pairwise(members))
        if hint.kind == "same_rank" and any(abs(along[a] - along[b]) > TOLERANCE for a, b in pairs):
            yield f"{members} are not in one rank"
        if hint.kind in ("in_line", "main") and any(abs(across[a] - across[b]) > TOLERANCE for a, b in pairs):
            yield f"{members} are not in line"
        if hint.kind == "main" and any(along[a] >= along[b] for a, b in pairs):
            yield f"{members} do not follow each other"
        if hint.kind == "order" and any(across[a] >= across[b] for a, b in pairs):
            yield f"{members} are not in order"
        if hint.kind == "grid" and not _is_grid(graph, hint, layout):
            yield f"the members of {hint.members} are not in {hint.values} columns"


def _coordinates(layout: Layout, direction: Direction) -> tuple[dict[str, float], dict[str, float]]:
    """Return the coordinates of all nodes along a direction and across it."""
    horizontal = direction in ("LR", "RL")
    sign = -1 if direction in ("RL", "BT") else 1
    along = {name: sign * point[0 if horizontal else 1] for name, point in layout.anchors.items()}
    return along, {name: point[1 if horizontal else 0] for name, point in layout.anchors.items()}


def _is_grid(graph: Graph, hint: Hint, layout: Layout) -> bool:
    """Return whether the nodes of a group without groups in it are in columns, row by row."""
    nodes = [node.id for node in graph.child_nodes(hint.members[0])]
    if graph.child_groups(hint.members[0]):
        return True
    directions = [each.direction for each in graph.ancestors(hint.members[0]) if each.direction]
    # Groups with a direction of their own are not rotated.
    along, across = _coordinates(layout, directions[0] if directions else layout.direction)
    rows, columns = (across, along) if (*directions, graph.direction)[0] in ("LR", "RL") else (along, across)
    width = hint.values[0]
    grid = [nodes[k : k + width] for k in range(0, len(nodes), width)]
    levels = all(abs(rows[a] - rows[b]) <= TOLERANCE for row in grid for a, b in pairwise(row))
    lines = all(abs(columns[row[k]] - columns[grid[0][k]]) <= TOLERANCE for row in grid for k in range(len(row)))
    rising = all(columns[a] < columns[b] for row in grid for a, b in pairwise(row))
    return levels and lines and rising
