"""Fixes: all that do not overlap are applied at once, and a second run of `check --fix` changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from diagramkit.cli import main
from diagramkit.diagnostics import Diagnostic, Fix, Span
from diagramkit.sources import fixes


def problem(line: int, column: int, old: str, new: str, margin: int = 0) -> Diagnostic:
    span = Span("x.mmd", line, column)
    return Diagnostic("wrong", f"write {new}", span, fix=Fix(span, old, new, margin))


def test_all_fixes_of_a_line_are_applied_at_once() -> None:
    problems = [problem(1, 3, "->", "-->"), problem(1, 14, "->", "-->"), problem(1, 8, "->", "-->")]
    text, fixed = fixes.apply_fixes("A -> B -> CC -> D\nE\n", problems[:1] + problems[2:])
    assert text == "A --> B --> CC -> D\nE\n"
    text, fixed = fixes.apply_fixes("A -> B -> CC -> D\nE\n", problems)
    assert text == "A --> B --> CC --> D\nE\n"
    assert [one.span.column for one in fixed] == [3, 8, 14]


@pytest.mark.parametrize(
    ("problems", "expected"),
    [
        ([problem(1, 1, "abc", "1"), problem(1, 3, "cd", "2")], "1def\n"),  # The second overlaps.
        ([problem(1, 3, "cd", "2"), problem(1, 1, "abc", "1")], "ab2ef\n"),  # The first that is reported counts.
        ([problem(1, 1, "ab", "1"), problem(1, 3, "cd", "2")], "12ef\n"),  # Neighbors do not overlap.
        ([problem(1, 3, "", "1"), problem(1, 3, "", "2")], "ab1cdef\n"),  # Two insertions at the same position.
        ([problem(1, 2, "x", "1"), problem(1, 3, "c", "2")], "ab2def\n"),  # The old text is not there.
        ([problem(9, 1, "", "1"), problem(1, 99, "", "1")], "abcdef\n"),
    ],
)
def test_fixes_that_overlap_or_do_not_match_are_skipped(problems: list[Diagnostic], expected: str) -> None:
    assert fixes.apply_fixes("abcdef\n", problems)[0] == expected


def test_lines_that_fixes_add_do_not_shift_other_fixes() -> None:
    problems = [problem(1, 5, "B", "B\nC", margin=2), problem(2, 3, "D", "E"), problem(1, 3, "A", "X")]
    text, _ = fixes.apply_fixes("> A B\r\n> D\r\n", problems)
    assert text == "> X B\r\n> C\r\n> E\r\n"


def check_fix(path: Path) -> tuple[int, str]:
    code = main(["check", "--fix", str(path)])
    return code, path.read_bytes().decode()


def test_a_second_run_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "x.mmd"
    path.write_text("graph LR\nA -> B -> C -> D\nE[Web (80)] -> F[DB (5432)] -> G\nsubgraph a\nsubgraph b\nH\n")
    code, fixed = check_fix(path)
    assert code == 0
    assert fixed.startswith('graph LR\nA --> B --> C --> D\nE["Web (80)"] --> F["DB (5432)"] --> G\n')
    assert check_fix(path) == (0, fixed)


def test_fixes_that_do_not_reduce_the_number_of_errors_are_not_written() -> None:
    """Otherwise they would be applied again by every run, and destroy the file."""
    text = "graph LR\nA&B\n"

    def problems_of(text: str) -> tuple[Diagnostic, ...]:
        return (problem(2, text.split("\n")[1].index("&") + 1, "&", " & "),)

    assert fixes.fix(text, problems_of) == fixes.FixedText(text, (), problems_of(text))


def test_a_fix_may_reveal_errors_that_are_fixed_in_turn() -> None:
    def problems_of(text: str) -> tuple[Diagnostic, ...]:
        if text.startswith("A"):
            return (problem(1, 1, "A", "a"),)
        return tuple(problem(number, 1, "B", "b") for number, line in enumerate(text.split("\n"), 1) if line == "B")

    assert fixes.fix("A\nB\nB\n", problems_of).text == "a\nb\nb\n"


def test_a_line_of_which_a_fix_leaves_nothing_is_removed() -> None:
    assert fixes.apply_fixes("> a\r\n>  end\r\n> b\r\n", [problem(2, 4, "end", "", 2)])[0] == "> a\r\n> b\r\n"
    assert fixes.apply_fixes("a end\n", [problem(1, 3, "end", "")])[0] == "a \n"
