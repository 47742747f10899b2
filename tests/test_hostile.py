"""A short run of the harness that throws hostile diagrams at every form: nothing but a told refusal may happen."""

from __future__ import annotations

import pytest

from tests.fuzz import hostile


@pytest.mark.parametrize("first", range(0, 240, 40))
def test_hostile_diagrams_are_drawn_safely_or_refused(first: int) -> None:
    drawn = [hostile.one(seed) for seed in range(first, first + 40)]
    assert any(drawn)


def test_the_harness_would_notice() -> None:
    for bad in ("<svg><script/></svg>", '<svg><a href="javascript:x"/></svg>', '<svg><g onclick="x"/></svg>',
                "<svg><style>@import 'x'</style></svg>", "<svg><foreignObject/></svg>"):  # fmt: skip
        with pytest.raises(AssertionError):
            hostile.check_svg(bad.encode())


@pytest.mark.parametrize("seed", [4, 3644, 21747])
def test_what_was_found_once_stays_mended(seed: int) -> None:
    """4: a control character in a title stopped a deck. 3644, 21747: a label of 9,000 letters took 12 s."""
    assert hostile.one(seed)
