"""Where a picture differs from Mermaid's on purpose, a note says so.

`checks/mermaid/pictures.py` compares the pictures themselves, for which it needs a browser.
"""

from __future__ import annotations

import pytest

from tests.support import faults
from tests.support.mermaid_pictures import Example, examples


def test_there_are_enough_examples_with_different_names() -> None:
    assert len({example.name for example in examples()}) == len(examples()) >= 150
    assert len({example.mermaid for example in examples()}) == len(examples())


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.name)
def test_an_intended_difference_has_a_note_and_the_picture_no_fault(example: Example) -> None:
    drawing, messages = example.draw()
    assert bool(example.note) >= bool(example.differences)
    if example.note:
        assert any(example.note in message for message in messages), messages
    assert faults.find_faults(drawing) == []
