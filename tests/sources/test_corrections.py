"""Fixes of Mermaid and specs: which mistakes have one, and that no fix loses a word, a link, a label or a node."""

from __future__ import annotations

import time

import pytest

from checks.fuzz import fixing, overrides
from diagramkit.cli import main
from diagramkit.diagnostics import Diagnostic
from diagramkit.excerpts import excerpt
from diagramkit.sources import fixes
from diagramkit.sources.mermaid.mistakes import line_edit, line_text


def fixed(text: str, name: str = "d.mmd") -> str:
    """Return a text after all fixes, and check that a second run changes nothing."""
    result = fixes.fix(text, lambda new_text: fixing.problems_of(new_text, name))
    again = fixes.fix(result.text, lambda new_text: fixing.problems_of(new_text, name))
    assert again.text == result.text
    return result.text


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("A[Lambda --> B[S3]", "A[Lambda] --> B[S3]"),  # The end of the line is not the end of the label.
        ("B --> C[|Frontend]", 'B --> C["|Frontend"]'),
        ("A[S3] --> B // note", "%% note\n  A[S3] --> B"),
        ("A[S3] --> B # a note", "%% a note\n  A[S3] --> B"),
        ("A[S3] --> B -- see the docs", "%% see the docs\n  A[S3] --> B"),
        ("A[S3] --> B /* why */", "%% why\n  A[S3] --> B"),
        ("A[S3] --> B <!-- why -->", "%% why\n  A[S3] --> B"),
        ("<!-- A --> B -->", "%% A --> B"),
        ("// A --> B", "%% A --> B"),
        ("a - b", "a --- b"),
        ("a -> b: some text (x)", 'a -->|"some text (x)"| b'),
        ("a <-> b: x", "a <-->|x| b"),
        ("a ..> b", "a -.-> b"),
        ("A[x] <- B[y]", "B[y] --> A[x]"),  # An arrow of Mermaid's points forward.
        ("A[x] ←|z| B", "B -->|z| A[x]"),
        ('A[10" rack "x"]', 'A["10#quot; rack #quot;x#quot;"]'),  # Closing the first one would drop the second one.
        ("a -down-> b", "a --> b"),
        ("A［S3］ --> B（Lambda）", "A[S3] --> B(Lambda)"),
        ('A["foo] --> B', 'A["foo"] --> B'),
        ('A[foo"] --> B', 'A["foo"] --> B'),
        ('A --> B["x', 'A --> B["x"]'),
        ("A[foo & B[bar]", "A[foo] & B[bar]"),
        ("A --|x| B", "A ---|x| B"),
        ("A -->|x|--> B", "A -->|x| B"),
        ("A |x|--> B", "A -->|x| B"),
        ('A --> "x y" B', 'A -->|"x y"| B'),
        ("A -->|x y B", "A -->|x y| B"),
        ("A [x] --> B [y]", "A[x] --> B[y]"),
        ("styel A fill:#f00", "style A fill:#f00"),
        ("end --> B", 'end_1["end"] --> B'),
        ("A --> end --> B", 'A --> end_1["end"] --> B'),
        ("A[x -> y (z)]", 'A["x -> y (z)"]'),
        ("A[x] <-- B", "B --> A[x]"),
        ("A <-- B[x (y)] <== C", 'C ==> B["x (y)"] --> A'),
        ("A -- > B[x]", "A --> B[x]"),
        ("A &amp; B[x &amp; y] --&gt; C", "A & B[x &amp; y] --> C"),
        ("A[1 (a)] -> B[2 (b)]", 'A["1 (a)"] --> B["2 (b)"]'),
    ],
)
def test_a_mistake_in_a_line_is_fixed_without_loss(line: str, expected: str) -> None:
    assert fixed(f"graph LR\n  {line}\n  Z\n") == f"graph LR\n  {expected}\n  Z\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("```mermaid\ngraph LR\n  A --> B\n```\n", "graph LR\n  A --> B\n"),
        ("~~~\ngraph LR\n  A --> B\n~~~\n", "graph LR\n  A --> B\n"),
        ("~~~mermaid\n\ngraph LR\n  A --> B\n~~~\n", "\ngraph LR\n  A --> B\n"),
        ("::: mermaid\ngraph LR\n  A --> B\n:::\n", "graph LR\n  A --> B\n"),
        (
            "architecture-beta\n  <!-- x -->\n  service a(disk)[A]\n",
            "architecture-beta\n  %% x\n  service a(disk)[A]\n",
        ),
        ("flowchat LR\n  A\n", "flowchart LR\n  A\n"),
        ("flowchartLR\n  A\n", "flowchart LR\n  A\n"),
        ("graph LR\n  A\nend\n", "graph LR\n  A\n"),
        ("graph LR\n  subgrph x\n  A\n  end\n", "graph LR\n  subgraph x\n  A\n  end\n"),
        ("graph LR\nsubgraph x\n  direciton TB\n  A\nend\n", "graph LR\nsubgraph x\n  direction TB\n  A\nend\n"),
        ("graph LR\nsubgraph x\n  A\nB --> C\n", "graph LR\nsubgraph x\n  A\nend\nB --> C\n"),
        ("graph LR\r\nA -> B\nB -> C\r\n", "graph LR\r\nA --> B\nB --> C\r\n"),
        ("graph LR\nA --> end_1\nB --> end\n", 'graph LR\nA --> end_1\nB --> end_2["end"]\n'),
        (
            "architecture-beta\nservce a(server)[A]\nservice b(server)[B] // x\na:r --> l:b\n",
            "architecture-beta\nservice a(server)[A]\n%% x\nservice b(server)[B]\na:R --> L:b\n",
        ),
    ],
)
def test_a_mistake_in_the_structure_of_a_text_is_fixed(text: str, expected: str) -> None:
    assert fixed(text) == expected


@pytest.mark.parametrize(
    "line",
    [
        "A --> href B",
        "A --> call B",
        "A -->click B",
        "& B --> C",
        'U[`"Customer")] <--> W["Chat widget"]',
        "A[x --> y (z)]",  # A label, or a link?
        "A -- x Z",  # A comment would hide the node.
        "A[x]] --> B",
        "subgraph t3:::blue\n  end",  # As a title, it would lose the class.
        "A@{ shape: cilinder }",
    ],
)
def test_a_line_without_one_clear_correction_is_left_alone(line: str) -> None:
    text = f"graph LR\n  {line}\n  Z\n"
    assert fixing.problems_of(text, "d.mmd")
    assert fixed(text) == text


def test_equally_small_corrections_are_named_in_the_message() -> None:
    (problem,) = fixing.problems_of("graph LR\n  A[[x] --> B\n", "d.mmd")
    assert problem.fix is None
    assert problem.message.endswith("; write 'A[[x]] --> B' or 'A[x] --> B'")


def test_an_end_is_kept_while_another_line_may_be_its_subgraph() -> None:
    text = "graph LR\n  subgrap h [x --> y (z)\n  A\n  end\n"
    assert fixed(text).endswith("  end\n")
    inside_text = "graph LR\n  A -- x -> B\n  subgraph g\n  C --> D\n  end\n"  # The link's text ends in line 4.
    assert [problem.code for problem in fixing.problems_of(inside_text, "d.mmd")] == ["mermaid-end"]
    assert fixed(inside_text) == inside_text


@pytest.mark.parametrize(
    ("old", "new", "keeps"),
    [
        ("A[x] -> B", "A[x] --> B", True),
        ("A[x] -> B", "A[x]", False),  # A word is missing.
        ("A -> B", "B --> A", False),  # The order is another.
        ("A[Lambda --> B[S3]", 'A["Lambda --> B[S3"]', False),  # A link and a label are missing.
        ("A[x] & B[y", 'A["x] & B[y"]', False),
        ("subgraph a:::b", 'subgraph "a:::b"', False),
    ],
)
def test_an_edit_that_loses_something_is_recognized(old: str, new: str, keeps: bool) -> None:
    assert line_text.keeps_everything(old, new) == keeps


@pytest.mark.parametrize(
    ("old", "new", "expected"), [("->", "-->", 1), ("ab", "ba", 1), ("abc", "xbz", 2), ("", "a", 1)]
)
def test_the_cost_of_an_edit_is_its_number_of_changed_characters(old: str, new: str, expected: int) -> None:
    assert line_edit.distance(old, new) == expected


# Specs


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("titel: T\nnodes: {a: b}\n", "title: T\nnodes: {a: b}\n"),
        ("title: T\r\nnodes:\n  a: {lable: X}\r\n", "title: T\r\nnodes:\n  a: {label: X}\r\n"),
        ("title: T\nnodes:\n\ta: A\n\tb: B\n", "title: T\nnodes:\n  a: A\n  b: B\n"),
        ("title: a: b # c\nnodes: {a: b}\n", 'title: "a: b" # c\nnodes: {a: b}\n'),
        ('title: "T\nnodes: {a: b}\n', 'title: "T"\nnodes: {a: b}\n'),
        ("titel: T\ndiagram: |\n  graph LR\n  A -> B\n", "title: T\ndiagram: |\n  graph LR\n  A --> B\n"),
        ("title: T\ntitel: U\nnodes: {a: b}\n", "title: T\ntitel: U\nnodes: {a: b}\n"),  # It would be there twice.
        ("title: T\nxyz: U\nnodes: {a: b}\n", "title: T\nxyz: U\nnodes: {a: b}\n"),
    ],
)
def test_mistakes_in_specs_are_fixed(text: str, expected: str) -> None:
    assert fixed(text, "s.yaml") == expected


def test_an_error_in_a_spec_shows_its_line_with_carets() -> None:
    (problem,) = fixing.problems_of("titel: T\nnodes: {a: b}\n", "s.yaml")
    assert excerpt(problem) == [" 1 | titel: T", "   | ^^^^^"]


# All of it


def test_a_file_is_written_only_if_it_has_fewer_errors_afterwards(tmp_path, capsys) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "x.mmd"
    path.write_bytes(b"graph LR\r\n  A --> href B\r\n")
    changed = path.stat().st_mtime_ns
    assert main(["check", "--fix", str(path)]) == 2
    assert path.stat().st_mtime_ns == changed
    assert "fixed" not in capsys.readouterr().err


def test_one_error_in_a_long_file_is_fixed_quickly() -> None:
    lines = "".join(f'  A{number}["x {number}"] --> B{number}[y]\n' for number in range(2000))
    start = time.process_time()
    assert fixed(f"graph LR\n{lines}  A -> B\n").endswith("  A --> B\n")
    assert time.process_time() - start < 3  # It takes 0.5 s; `fixed` reads the text once more.


@pytest.mark.parametrize("line", ["A[" * 200, 'A["' * 130, "A[x --> y (z)] --> " * 20, "-> " * 130, "“" * 390])
def test_the_search_for_corrections_is_limited(line: str) -> None:
    start = time.process_time()
    fixing.problems_of("graph LR\n" + f"{line}\n" * 50, "d.mmd")
    assert time.process_time() - start < 10  # It takes up to 2 s.


@pytest.mark.parametrize("first", range(0, 300, 100))
def test_damaged_texts_are_fixed_without_loss(first: int) -> None:
    outcomes = [fixing.run(seed) for seed in range(first, first + 100)]
    assert outcomes.count("fixed") > 25


@pytest.mark.slow
@pytest.mark.parametrize("first", range(1000, 3000, 500))
def test_many_damaged_texts_are_fixed_without_loss(first: int) -> None:
    outcomes = [fixing.run(seed) for seed in range(first, first + 500)]
    assert outcomes.count("fixed") > 125


def test_choosing_an_icon_keeps_labels_comments_and_line_ends() -> None:
    assert [overrides.run(seed) for seed in range(300)].count("changed") > 150


def test_the_harness_detects_a_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    def lose(text: str, _: object) -> fixes.FixedText:
        return fixes.FixedText(text.replace(" -> B[y]", ""), (Diagnostic("x", "x", None),), ())  # type: ignore[arg-type]

    monkeypatch.setattr(fixes, "fix", lose)
    with pytest.raises(AssertionError):
        fixing.check(None, "graph LR\nA -> B[y]\n", "d.mmd")
