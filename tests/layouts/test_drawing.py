"""Drawings as geometry: moved completely, sized in whole points, with an index of their boxes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct

from diagramkit.drawing import Box, NodeDrawing, TextSpan, moved
from diagramkit.icons.icon import Icon
from diagramkit.layout import drawing_builder
from diagramkit.style import theme
from diagramkit.style.font import Face
from tests.support.boxes import SpatialIndex
from tests.support.drawings import draw, orders, pattern_of


def coordinates(value: Any) -> list[float]:
    """Return every coordinate in a drawing, y and x in turn, whatever its fields are called."""
    if isinstance(value, Box):
        return [value.y, value.x]
    if isinstance(value, tuple) and len(value) == 2 and all(isinstance(coordinate, float) for coordinate in value):
        return [value[1], value[0]]  # A point.
    if isinstance(value, tuple):
        return [coordinate for part in value for coordinate in coordinates(part)]
    if isinstance(value, TextSpan):
        return [*coordinates(value.box), value.baseline, value.box.x]
    if isinstance(value, Struct) and not isinstance(value, (Icon, Face)):
        return [
            coordinate
            for name in value.__struct_fields__
            if name != "dash"
            for coordinate in coordinates(getattr(value, name))
        ]
    return []


def test_moving_a_drawing_moves_all_of_its_parts() -> None:
    for lines in ("orthogonal", "curved"):
        picture = draw(orders(), lines=lines)
        before, after = coordinates(picture), coordinates(moved(picture, 16.0, -8.0))
        assert len(before) > 150
        assert after[::2] == [coordinate - 8.0 for coordinate in before[::2]]
        assert after[1::2] == [coordinate + 16.0 for coordinate in before[1::2]]


def test_the_size_of_a_picture_does_not_depend_on_its_position() -> None:
    """The last digits of sums differ with the position, but the size is in whole points."""
    graph = pattern_of("graph LR;A-->B;B-->C").graph
    box = Box(0.1 + 0.2, 0.7, 100.0, 50.0)
    sizes = set()
    for dx in (number * 9.7 for number in range(300)):
        node = NodeDrawing("A", "A", box.moved(dx, dx), (), None, "square")
        drawing = drawing_builder.assemble(graph, (), (), (node,), theme.load("light"))
        sizes.add((drawing.width, drawing.height))
    assert len(sizes) == 1


@pytest.mark.parametrize("times", [1, 20])
@given(st.data())
@settings(max_examples=60, deadline=None)
def test_the_index_finds_overlapping_boxes_among_few_and_among_many(times: int, data: st.DataObject) -> None:
    """Many boxes are in strips; some extend over several, are on their borders, or have negative coordinates."""
    sides = st.integers(-600, 600).map(float), st.integers(0, 700).map(float)
    random_box = st.builds(Box, sides[0], sides[0], sides[1], sides[1])
    boxes = data.draw(st.lists(random_box, max_size=8)) * times
    boxes += [Box(128.0 * column, 0.0, 128.0, 5.0) for column in range(-3, 3 * times)]
    query = data.draw(random_box | st.builds(Box, st.just(128.0), sides[0], st.just(0.0), sides[1]))
    assert list(SpatialIndex(boxes).touching(query, 0.3)) == [
        number for number, box in enumerate(boxes) if box.overlaps(query, 0.3)
    ]
