"""The display list: what SVG, PNG and PDF are written from."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from diagramkit import pipeline
from diagramkit.drawing import Box, Drawing, TextSpan
from diagramkit.options import Options
from diagramkit.sources import spec
from diagramkit.writers import drawio, svg
from diagramkit.writers.display_list import CircleItem, PathItem, Pen, display_list
from diagramkit.writers.svg_paths import number
from tests.support.project import drawing

STYLED = """\
title: T
diagram: |
  graph LR
    a["Load balancer"] --> b["API"]
    b -.->|label| c
    b ==> d
    c o--x d
    linkStyle 3 stroke-width:3.337px,stroke-dasharray:3.333 1.777
"""


def styled() -> Drawing:
    return pipeline.draw(spec.read(STYLED, "s"), Options())


def numbers(picture: Drawing) -> Iterator[float]:
    """Yield the numbers of all items except texts and path data."""
    for item in (item for element in display_list(picture) for item in element.items):
        box, pen = getattr(item, "box", None), getattr(item, "pen", None)
        if isinstance(box, Box) and not isinstance(item, TextSpan):
            yield from (box.x, box.y, box.w, box.h)
        if isinstance(item, CircleItem):
            yield from (*item.center, item.radius)
        if isinstance(item, PathItem):
            yield from item.placement or ()
        if isinstance(pen, Pen):
            yield from (pen.width, *pen.dash)


@pytest.mark.parametrize("name", ["ecs-microservices", "multi-region-active-active"])
def test_png_and_pdf_draw_the_numbers_that_the_svg_contains(name: str) -> None:
    values = [*numbers(drawing(name)), *numbers(styled())]
    assert len(values) > 50
    assert [value for value in values if value != float(number(value))] == []


def test_edges_have_the_same_width_and_dashes_in_every_format() -> None:
    picture = styled()
    lines = [element.items[0] for element in display_list(picture) if element.kind == "edge"]
    pens = [item.pen for item in lines if isinstance(item, PathItem) and item.pen]
    assert [pen.dash for pen in pens] == [(), (3.0, 4.0), (), (3.33, 1.78)]
    assert len({pen.width for pen in pens}) == 3
    page = drawio.write([drawio.DrawioPage("T", picture)])
    styles = re.findall(r'style="(edgeStyle[^"]*)"', page)
    for style, pen in zip(styles, pens, strict=True):
        assert f"strokeWidth={pen.width:g};" in style
        assert ("dashPattern=" + " ".join(f"{length:g}" for length in pen.dash) + ";" in style) == bool(pen.dash)


def test_the_svg_has_the_elements_in_the_order_of_the_list() -> None:
    picture = drawing("ecs-microservices")
    expected = [element.kind for element in display_list(picture) if element.kind not in ("label", "note")]
    assert re.findall(r'<g class="(\w+)', svg.write(picture)) == expected
