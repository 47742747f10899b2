"""Relations between boxes, for the tests: overlapping pairs, an index, and segments that run through a box."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from diagramkit.drawing import Box, Point, bounds

_STRIP_WIDTH = 128.0  # In points: about the width of a label, or of a node with its gap.
_MIN_INDEXED = 60  # With no more boxes, checking all of them is faster than an index.


def is_crossed(box: Box, a: Point, b: Point, slack: float = 0.01) -> bool:
    """Return whether the segment from `a` to `b` runs through a box.

    Less than `slack` points inside the border does not count.
    """
    (ax, ay), (bx, by) = a, b
    left, right = box.x + slack, box.x + box.w - slack
    if (ax <= left and bx <= left) or (ax >= right and bx >= right):
        return False
    top, bottom = box.y + slack, box.y + box.h - slack
    if (ay <= top and by <= top) or (ay >= bottom and by >= bottom):
        return False
    if abs(ax - bx) < 0.01 or abs(ay - by) < 0.01:
        return True
    # A slanted segment crosses the box if corners are on both sides of its line.
    sides = [
        (bx - ax) * (y - ay) - (by - ay) * (x - ax)
        for x, y in ((left, top), (right, top), (right, bottom), (left, bottom))
    ]
    return min(sides) < 0 < max(sides)


def overlapping_pairs(boxes: Sequence[Box], slack: float = 0.01) -> Iterator[tuple[int, int]]:
    """Yield the indexes of boxes that overlap by more than `slack` points, as pairs with the smaller index first.

    The boxes are swept along the axis on which they are less crowded: those that begin after a box ends are not
    compared with it.
    """
    horizontal = [(box.x, box.x + box.w) for box in boxes]
    vertical = [(box.y, box.y + box.h) for box in boxes]
    intervals = min(horizontal, vertical, key=_mean_overlap)
    order = sorted(range(len(boxes)), key=lambda index: intervals[index][0])
    for position, first in enumerate(order, 1):
        box, end = boxes[first], intervals[first][1] - slack
        for second in itertools.islice(order, position, None):
            if intervals[second][0] >= end:
                break
            if box.overlaps(boxes[second], slack):
                yield min(first, second), max(first, second)


class SpatialIndex:
    """Finds the boxes that overlap a given box without checking all of them.

    The area is divided into strips along its longer axis, and each box is in every strip that it touches. A few boxes
    are not indexed: checking all of them is faster.
    """

    def __init__(self, boxes: Sequence[Box]) -> None:
        self._sides = [(box.x, box.y, box.x + box.w, box.y + box.h, number) for number, box in enumerate(boxes)]
        self._strips: dict[int, list[_BoxSides]] = {}
        if len(boxes) > _MIN_INDEXED:
            area = bounds(list(boxes))
            self._horizontal = area.w >= area.h
            for sides in self._sides:
                for strip in self._strip_numbers(*sides[:4]):
                    self._strips.setdefault(strip, []).append(sides)

    def touching(self, box: Box, slack: float = 0.01) -> Sequence[int]:
        """Return the indexes of the boxes that overlap `box` by more than `slack` points, in ascending order."""
        min_x, min_y = box.x + slack, box.y + slack
        max_x, max_y = box.x + box.w - slack, box.y + box.h - slack
        candidates = self._in_strips(min_x, min_y, max_x, max_y) if self._strips else self._sides
        return [
            number
            for left, top, right, bottom, number in candidates
            if left < max_x and right > min_x and top < max_y and bottom > min_y
        ]

    def _in_strips(self, x: float, y: float, right: float, bottom: float) -> Sequence[_BoxSides]:
        """Return all boxes in the strips that an area touches, each once and in order."""
        strips = [self._strips.get(strip, []) for strip in self._strip_numbers(x, y, right, bottom)]
        if len(strips) == 1:
            return strips[0]
        by_index = {sides[4]: sides for strip in strips for sides in strip}
        return [by_index[number] for number in sorted(by_index)]

    def _strip_numbers(self, x: float, y: float, right: float, bottom: float) -> range:
        # Where a box is smaller than the slack, its sides are in reverse order.
        ends = (x, right) if self._horizontal else (y, bottom)
        return range(int(min(ends) // _STRIP_WIDTH), int(max(ends) // _STRIP_WIDTH) + 1)


_BoxSides = tuple[float, float, float, float, int]
"""Left, top, right, bottom and index of a box."""


def _mean_overlap(intervals: Sequence[tuple[float, float]]) -> float:
    """Return how many of the intervals overlap at a point of their whole extent, on average."""
    if not intervals:
        return 0.0
    extent = max(end for _, end in intervals) - min(start for start, _ in intervals)
    return sum(end - start for start, end in intervals) / extent if extent else float(len(intervals))
