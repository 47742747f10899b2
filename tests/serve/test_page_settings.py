"""Settings that the page tries out come from a request: what is not valid is left out, and nothing else changes."""

from __future__ import annotations

from typing import Any

import pytest

from diagramkit.options import Options
from diagramkit.serve import settings_file


@pytest.mark.parametrize("values", [None, [], 3, "theme", {}, {"theme": "solarized"}, {"output": "x"}, {"hops": [1]}])
def test_values_that_are_not_valid_change_nothing(values: Any) -> None:
    assert settings_file.with_values(Options(), values) == Options()


def test_valid_values_are_used_beside_others() -> None:
    values = {"theme": "dark", "canvas": "A4", "lines": "wavy", "hops": False, "packs": ["x"]}
    options = settings_file.with_values(Options(strict=True), values)
    assert (options.theme, options.picture_options.canvas) == ("dark", "a4")
    assert options.picture_options.hops is None  # The page does not offer it.
    assert (options.picture_options.lines, options.packs, options.strict) == (None, (), True)
    assert settings_file.with_values(options, {"theme": None, "canvas": None, "hops": None}) == Options(strict=True)
