"""Drawings as geometry: moved whole, sized in whole points, their boxes found by where they are."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct

from diagramkit.drawing import Box, NodeDrawing, SpatialIndex, TextSpan, moved
from diagramkit.icons.icon import Icon
from diagramkit.layout import drawing_builder
from diagramkit.style import theme
from diagramkit.style.font import Face
from tests.test_looks import draw, flow, orders


def places(thing: Any) -> list[float]:
    """Every place in a drawing, down and across in turn, whatever its parts are called."""
    if isinstance(thing, Box):
        return [thing.y, thing.x]
    if isinstance(thing, tuple) and len(thing) == 2 and all(isinstance(at, float) for at in thing):
        return [thing[1], thing[0]]  # A point.
    if isinstance(thing, tuple):
        return [at for part in thing for at in places(part)]
    if isinstance(thing, TextSpan):
        return [*places(thing.box), thing.baseline, thing.box.x]
    if isinstance(thing, Struct) and not isinstance(thing, (Icon, Face)):
        return [at for name in thing.__struct_fields__ if name != "dash" for at in places(getattr(thing, name))]
    return []


def test_all_that_has_a_place_in_a_drawing_moves_with_it() -> None:
    for lines in ("orthogonal", "curved"):
        picture = draw(orders(), lines=lines)
        before, after = places(picture), places(moved(picture, 16.0, -8.0))
        assert len(before) > 150
        assert after[::2] == [at - 8.0 for at in before[::2]]
        assert after[1::2] == [at + 16.0 for at in before[1::2]]


def test_a_picture_has_one_size_wherever_its_layout_stood() -> None:
    """Sums differ in their last digits with the place; the size is in whole points."""
    graph = flow("graph LR;A-->B;B-->C").graph
    box = Box(0.1 + 0.2, 0.7, 100.0, 50.0)
    sizes = set()
    for dx in (number * 9.7 for number in range(300)):
        node = NodeDrawing("A", "A", box.moved(dx, dx), (), None, "square")
        made = drawing_builder.assemble(graph, (), (), (node,), theme.load("light"))
        sizes.add((made.width, made.height))
    assert len(sizes) == 1


@pytest.mark.parametrize("times", [1, 20])
@given(st.data())
@settings(max_examples=60, deadline=None)
def test_what_touches_a_box_is_found_among_few_and_among_many(times: int, data: st.DataObject) -> None:
    """Many lie in strips; they reach through several, stand on their borders, and left of all."""
    sides = st.integers(-600, 600).map(float), st.integers(0, 700).map(float)
    some = st.builds(Box, sides[0], sides[0], sides[1], sides[1])
    boxes = data.draw(st.lists(some, max_size=8)) * times
    boxes += [Box(128.0 * at, 0.0, 128.0, 5.0) for at in range(-3, 3 * times)]
    asked = data.draw(some | st.builds(Box, st.just(128.0), sides[0], st.just(0.0), sides[1]))
    assert list(SpatialIndex(boxes).touching(asked, 0.3)) == [
        number for number, box in enumerate(boxes) if box.overlaps(asked, 0.3)
    ]
