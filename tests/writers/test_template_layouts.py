"""The layout of a template that a slide gets: that of its type, else by its name, else one with a title."""

from __future__ import annotations

from typing import Any

import pptx
import pytest

from diagramkit.writers.pptx import layouts


@pytest.fixture
def template() -> Any:
    """Return the presentation that `python-pptx` starts from, without the types of its layouts."""
    presentation = pptx.Presentation()
    for layout in presentation.slide_layouts:
        layout.element.attrib.pop("type", None)
    return presentation


def test_a_layout_of_the_type_is_used() -> None:
    presentation = pptx.Presentation()
    kind, _ = layouts.DIAGRAM
    found = layouts.find(presentation, layouts.DIAGRAM)
    assert found.element.get("type") == kind


def test_without_types_a_name_decides(template: Any) -> None:
    _, name = layouts.DIAGRAM
    template.slide_layouts[3].name = f"Our {name.title()}"
    for index in (0, 1, 2, 4, 5, 6, 7, 8, 9, 10):
        template.slide_layouts[index].name = "Other"
    assert layouts.find(template, layouts.DIAGRAM).name == f"Our {name.title()}"


def test_without_a_name_one_with_a_title_is_used_or_the_first(template: Any) -> None:
    for layout in template.slide_layouts:
        layout.name = "Other"
    without_title = template.slide_layouts[0]
    for shape in list(without_title.placeholders):
        shape.element.getparent().remove(shape.element)
    assert layouts.find(template, layouts.DIAGRAM).part is template.slide_layouts[1].part
    for layout in template.slide_layouts:
        for shape in list(layout.placeholders):
            shape.element.getparent().remove(shape.element)
    assert layouts.find(template, layouts.DIAGRAM).part is without_title.part
