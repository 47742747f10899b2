"""A hint that a layout does not honor is explained: by itself, by one other hint, or by all of them."""

from __future__ import annotations

from collections.abc import Collection

from diagramkit.diagnostics import Span
from diagramkit.graph import Hint
from diagramkit.layout import hint_conflicts

HINTS = tuple(Hint("near", (name, "z"), Span("a.mmd", line)) for line, name in enumerate("abcd", 1))


class Engine:
    """Lays out graphs in which some hints exclude each other; counts the layouts."""

    def __init__(self, *conflicts: Collection[int]) -> None:
        self.conflicts = [{HINTS[index] for index in conflict} for conflict in conflicts]
        self.layouts = 0

    def violations(self, hints: tuple[Hint, ...]) -> tuple[int, ...]:
        self.layouts += 1
        return (len(hints) - 1,) if any(conflict <= {*hints} for conflict in self.conflicts) else ()


def explained(engine: Engine, *violated: int) -> list[str]:
    warnings = hint_conflicts.explain(HINTS, violated, engine.violations)
    return [
        f"{warning.span.line}: {warning.message.partition('; ')[0].removeprefix('the layout hint ')}"
        for warning in warnings
    ]


def test_a_hint_that_does_not_fit_by_itself_is_named() -> None:
    (message,) = explained(Engine({1}), 1)
    assert message.startswith("2: 'near b, z' does not fit the groups, edges and sides of the diagram")


def test_two_hints_that_exclude_each_other_are_one_warning() -> None:
    assert explained(Engine({1, 2}), 2, 1) == ["3: 'near c, z' conflicts with 'near b, z' in line 2"]
    assert explained(Engine({0, 3}, {1, 3}), 3) == ["4: 'near d, z' conflicts with 'near a, z' in line 1"]


def test_hints_of_which_no_two_exclude_each_other_are_a_warning() -> None:
    assert explained(Engine({0, 1, 2}), 1) == ["2: 'near b, z' cannot be honored together with the other hints"]


def test_explaining_takes_a_limited_number_of_layouts() -> None:
    """Each of 100 hints could be tried with each other one, which takes minutes."""
    hints = tuple(Hint("near", (str(number), "z"), Span("a.mmd", number + 1)) for number in range(100))
    engine = Engine()
    warnings = [*hint_conflicts.explain(hints, tuple(range(100)), engine.violations)]
    assert len(warnings) == 100
    assert engine.layouts <= hint_conflicts._MAX_LAYOUTS + 1
