"""A broad rank in several rows: twenty functions behind one gateway stand in a grid, not in a
ribbon."""

from __future__ import annotations

from diagramkit.compile import Gaps
from diagramkit.drawing import Point
from diagramkit.layout.place import Piece, Placement, clear, finish
from diagramkit.style.theme import Sizes

_LANE = 18.0  # What is left for edges between neighbours, beside the usual gap.


def broadest(placement: Placement, across: int) -> int:
    """How many nodes the broadest rank has. `across`: the axis along which a rank stands."""
    return max((len(names) for names in _ranks(placement, across)), default=0)


def wrapped(
    piece: Piece, placement: Placement, across: int, most: int, sizes: Sizes, gaps: Gaps
) -> Placement | None:
    """The piece with no more than `most` nodes beside each other; None where that would tear a
    group apart, or cover something."""
    owner = {node.id: node.group for node in piece.graph.nodes}
    if placement.spare:
        return None
    figures = piece.figures.nodes
    widest = max(
        2 * figures[name].half if across == 0 else figures[name].up + figures[name].down
        for name in placement.anchors
    )
    step = widest + gaps.node + _LANE
    anchors: dict[str, Point] = {}
    flow, last = 0.0, None
    for names in _ranks(placement, across):
        if len(names) > most and len({owner[name] for name in names}) > 1:
            return None
        for row in _rows(names, most):
            before = max((_extent(piece, name, across)[0] for name in row), default=0.0)
            if last is not None:
                flow += last + before + gaps.rank
            for at, name in enumerate(row):
                beside = (at - (len(row) - 1) / 2) * step
                anchors[name] = (beside, flow) if across == 0 else (flow, beside)
            last = max(_extent(piece, name, across)[1] for name in row)
    made = finish(piece, anchors, sizes)
    return made if clear(piece, made) else None


def _ranks(placement: Placement, across: int) -> list[list[str]]:
    """The nodes by rank along the flow, each rank in its order across it."""
    found: dict[float, list[str]] = {}
    for name, at in placement.anchors.items():
        found.setdefault(round(at[1 - across], 1), []).append(name)
    return [
        sorted(found[at], key=lambda name: placement.anchors[name][across]) for at in sorted(found)
    ]


def _rows(names: list[str], most: int) -> list[list[str]]:
    """The names in as few rows as that allows, all but the last equally long."""
    count = -(-len(names) // most)
    long = -(-len(names) // count)
    return [names[at : at + long] for at in range(0, len(names), long)]


def _extent(piece: Piece, name: str, across: int) -> tuple[float, float]:
    """How far a node reaches before and behind its anchor, along the flow."""
    figure = piece.figures.nodes[name]
    return (figure.up, figure.down) if across == 0 else (figure.half, figure.half)
