"""Turns positions on a page into ranks and lines, and finds what was moved among its siblings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from diagramkit.picture_files.picture_page import Box
from diagramkit.sources.layout_hints.hint_kinds import MAX_NUMBER

TOLERANCE = 1.5
"""Points; programs round positions when they save a file."""
_SHARED = 0.5  # The part of the smaller of two shapes in one rank that the other one covers.

_HORIZONTAL = ("LR", "RL")
_BACKWARD = ("RL", "BT")


def ranks_and_lines(boxes: Mapping[str, Box], direction: str) -> dict[str, tuple[int, int]]:
    """Return the rank and the line of each member of a group, both from 1; `direction` is that of the flow."""
    horizontal = {name: (box[0], box[0] + box[2]) for name, box in boxes.items()}
    vertical = {name: (box[1], box[1] + box[3]) for name, box in boxes.items()}
    along, across = (horizontal, vertical) if direction in _HORIZONTAL else (vertical, horizontal)
    if direction in _BACKWARD:
        along = {name: (-end, -start) for name, (start, end) in along.items()}
    ranks, lines = _numbers(along), _numbers(across)
    return {name: (ranks[name], lines[name]) for name in boxes}


def _numbers(intervals: Mapping[str, tuple[float, float]]) -> dict[str, int]:
    """Return the number of each interval, the same for those that share most of their length."""
    numbers: dict[str, int] = {}
    number, core = 0, (0.0, 0.0)
    for name in sorted(intervals, key=lambda each: (sum(intervals[each]), each)):
        start, end = intervals[name]
        shared = min(end, core[1]) - max(start, core[0])
        if not number or shared < _SHARED * min(end - start, core[1] - core[0]):
            number, core = number + 1, (start, end)
        numbers[name] = min(number, MAX_NUMBER)
    return numbers


def moved(before: Mapping[str, Box], after: Mapping[str, Box], frame: tuple[float, float] = (0.0, 0.0)) -> set[str]:
    """Return which members of a group were moved among the others.

    A group that moves takes its members along, so most of them have the same displacement; what differs was moved.
    `frame` is the displacement of the group itself, which counts if no other one is more frequent.
    """
    shifts = {name: _shift(before[name], after[name]) for name in before.keys() & after.keys()}
    counts = Counter((round(x), round(y)) for x, y in shifts.values())
    base = round(frame[0]), round(frame[1])
    common = max(counts, key=lambda shift: (counts[shift], shift), default=base)
    if counts[common] <= max(counts[base], 1):
        common = base
    return {
        name
        for name, shift in shifts.items()
        if max(abs(shift[0] - common[0]), abs(shift[1] - common[1])) > TOLERANCE
        and not _is_resized(before[name], after[name], common)
    }


def corner_shift(before: Box, after: Box) -> tuple[float, float]:
    """Return how far the upper left corner of a group was moved; another size is no movement."""
    is_resized = abs(before[2] - after[2]) > TOLERANCE or abs(before[3] - after[3]) > TOLERANCE
    return (0.0, 0.0) if is_resized else (after[0] - before[0], after[1] - before[1])


def _shift(before: Box, after: Box) -> tuple[float, float]:
    return (
        after[0] + after[2] / 2 - before[0] - before[2] / 2,
        after[1] + after[3] / 2 - before[1] - before[3] / 2,
    )


def _is_resized(before: Box, after: Box, shift: tuple[float, float]) -> bool:
    """Return whether a shape has another size only: one side of each pair is where it would be anyway."""
    if abs(before[2] - after[2]) <= TOLERANCE and abs(before[3] - after[3]) <= TOLERANCE:
        return False
    return all(
        abs(after[axis] - before[axis] - shift[axis]) <= TOLERANCE
        or abs(after[axis] + after[axis + 2] - before[axis] - before[axis + 2] - shift[axis]) <= TOLERANCE
        for axis in (0, 1)
    )
