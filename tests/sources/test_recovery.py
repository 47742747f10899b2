"""All independent mistakes of a source are reported in one run, each once and without consequential errors."""

from __future__ import annotations

from pathlib import Path

import pytest

from diagramkit.cli import main
from diagramkit.diagnostics import DiagramError
from diagramkit.sources import spec, themefile
from tests.support.mermaid import read


def mistakes(text: str) -> list[tuple[int, int]]:
    """Return the line and column of each mistake in a Mermaid text."""
    try:
        read(text)
    except DiagramError as error:
        return [(problem.span.line, problem.span.column) for problem in error.problems]
    return []


@pytest.mark.parametrize(
    ("lines", "positions"),
    [
        # Mistakes in several lines.
        (["A -> B", "C[x (y)] --> D", "E --> end", "F => G"], [(2, 3), (3, 5), (4, 7), (5, 3)]),
        (["subgraph x (y)", "A -> B", "end", "C["], [(2, 12), (3, 3), (5, 2)]),
        (['A["x --> B', "C -> D", "E[(y]"], [(2, 2), (3, 3), (4, 2)]),
        (["A@{ shape: nope }", "B@{ x: [ }", "C -> D"], [(2, 2), (3, 2), (4, 3)]),
        (["style", "classDef", "class", "A -> B"], [(2, 6), (3, 9), (4, 6), (5, 3)]),
        # Mistakes in one line.
        (["A -> B -> C"], [(2, 3), (2, 8)]),
        (["A -> B; C -> D; E => F"], [(2, 3), (2, 11), (2, 19)]),
        (["A[x (y)] --> B[z (w)]"], [(2, 5), (2, 18)]),
        (["A[x (y)] -->|t| B[z (w)] --> C[u (v)]"], [(2, 5), (2, 21), (2, 34)]),
        (["A -> B[z (w)]"], [(2, 3), (2, 10)]),
        (["A[x (y)] & B[z (w)] --> C"], [(2, 5), (2, 16)]),
        (["A((x (y))) --> B", "C -> D -> E"], [(2, 6), (3, 3), (3, 8)]),
        # No consequential errors.
        (["A -> B", "linkStyle 0 stroke:red", "linkStyle 1 stroke:red"], [(2, 3)]),
        (["A --> B", "linkStyle 9 stroke:red", "linkStyle 8 stroke:red"], [(3, 1), (4, 1)]),
        (["subgraph (", "A", "end", "B -> C"], [(2, 10), (5, 3)]),
        (["subgraph", "A", "end"], [(2, 1)]),
        (["subgraph t:::blue", "A -> B", "end"], [(2, 11), (3, 3)]),
        (["A -> |x| B"], [(2, 3)]),
        (["A --> B // a note"], [(2, 9)]),
        (["A --> B %% a note -> c"], [(2, 9)]),
        (["subgraph s"] * 101 + ["end"] * 101, [(102, 1)]),
    ],
)
def test_each_independent_mistake_in_a_flowchart_is_reported_once(
    lines: list[str], positions: list[tuple[int, int]]
) -> None:
    assert mistakes("\n".join(["graph LR", *lines])) == positions


@pytest.mark.parametrize(
    ("header", "column"),
    [("grpah LR", 1), ("flowchrat TD", 1), ("Graph LR", 1), ("graph XX", 7), ("graph LR A", 10), ("flow-chart", 1)],
)
def test_reading_continues_after_a_mistake_in_the_header(header: str, column: int) -> None:
    assert mistakes(f"{header}\nA -> B\nC[x (y)]\n") == [(1, column), (2, 3), (3, 5)]


@pytest.mark.parametrize("first", ["A --> B", "A ==> B", "A[Users] --> B", "A -.-> B", "A --- B"])
def test_reading_continues_without_a_header(first: str) -> None:
    assert mistakes(f"{first}\nC -> D\n") == [(1, 1), (2, 3)]


@pytest.mark.parametrize("text", ["hello", "hello world\nA -> B", "title: x\n", "sequence\n  A->>B: x"])
def test_a_text_that_does_not_look_like_a_flowchart_has_one_mistake(text: str) -> None:
    assert mistakes(text) == [(1, 1)]


def test_reading_continues_after_invalid_front_matter() -> None:
    for value in ("[", "2024-13-45", "a: b: c"):
        assert [line for line, _ in mistakes(f"---\ntitle: x\ndate: {value}\n---\ngraph LR\nA -> B\n")] == [3, 6]


@pytest.mark.parametrize(
    ("statements", "lines"),
    [
        (["group a[A] in none", "service s(server)[S] in a"], [2]),
        (["service b[[Bad]]", "service s(server)[S]", "s:R --> L:b"], [2]),
        (["service Left(db)[x]", "service s(server)[S]", "s:R --> L:Left", "s:X --> L:s"], [2, 5]),
        (["service s(server)[S]", "foo bar", "s:R --> L:none", "s --> s"], [3, 4, 5]),
        (["group g(cloud) [A (b]]", "service s(server)[S] in g", "junction j in g"], [2]),
        (["service s(server)[S] in none", "service t(server)[T]", "s:R --> L:t"], [2]),
    ],
)
def test_each_independent_mistake_in_an_architecture_diagram_is_reported_once(
    statements: list[str], lines: list[int]
) -> None:
    assert [line for line, _ in mistakes("\n".join(["architecture-beta", *statements]))] == lines


def spec_problems(text: str) -> list[str]:
    """Return the lines, columns and codes of the problems of a spec."""
    with pytest.raises(DiagramError) as caught:
        spec.read(text, "s.yaml")
    return [f"{problem.span.line}:{problem.span.column} {problem.code}" for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "titel: T\nnodse: {a: b}\ndirection: LT\ncanvas: 3:2\n",
            ["1:1 unknown-key", "2:1 unknown-key", "3:12 wrong-value", "4:9 wrong-value"],
        ),
        (
            "title: 3\ndiagram: |\n  graph LR\n    A -> B\n    C[x (y)]\nicons: {A: 5}\nlinks: {A: 'javascript:x'}\n",
            ["1:8 wrong-type", "4:7 mermaid-arrow", "5:9 mermaid-unquoted", "6:12 wrong-type", "7:12 bad-link"],
        ),
        (
            "title: T\ntitle: U\nnodes: {a: {icn: x}, b: 3}\nsteps: maybe\n",
            ["2:1 duplicate-key", "3:13 unknown-key", "3:25 wrong-type", "4:8 wrong-type"],
        ),
        (
            "title: T\nnodes: {a: A}\nedges: [a -> c, a, {from: a}]\ngroups: {g: [z]}\nicons: {q: x}\n",
            ["3:9 unknown-node", "3:17 edge-syntax", "3:20 missing-key", "4:14 unknown-node", "5:9 unknown-node"],
        ),
        ("title: T\n? [a]\n: b\nnodes: {a: A, a: B}\n", ["2:3 yaml-key", "4:15 duplicate-key"]),
        ("title: T\nfoo: 1\n", ["2:1 unknown-key"]),
        ("category: C\nnodes: {a: A}\nlinks: {b: x}\n", ["1:1 missing-key", "3:9 unknown-node"]),
        ("title: T\ndiagram: sequenceDiagram\nsteps: 3\n", ["2:10 unsupported-diagram", "3:8 wrong-type"]),
    ],
)
def test_all_problems_of_a_spec_are_reported_at_once(text: str, expected: list[str]) -> None:
    assert spec_problems(text) == expected


@pytest.mark.parametrize(
    ("text", "line", "marked"),
    [
        ("titel: T\nnodes: {a: b}\n", "titel: T", "titel"),
        ("title: T\nnodes: {a: b}\ndirection: LT # no\n", "direction: LT # no", "LT"),
        (
            "title: T\nnodes: {a: b}\nlinks: {a: 'javascript:alert(1)'}\n",
            "links: {a: 'javascript:alert(1)'}",
            "'javascript:alert(1)'",
        ),
        ("title: T\nnodes: {a: b}\nedges:\n  - a -> c\n", "  - a -> c", "a"),
        ("title: T\n\ntitle: U\nnodes: {a: b}\n", "title: U", "title"),
        ("title: a: b\n", "title: a: b", ":"),
        ("title: T\r\nnodes: {a: 3}\r\n", "nodes: {a: 3}", "3"),
        ("title: 日本: x\n", "title: 日本: x", ":"),
    ],
)
def test_a_problem_in_a_spec_has_its_line_with_the_place_marked(text: str, line: str, marked: str) -> None:
    with pytest.raises(DiagramError) as caught:
        spec.read(text, "s.yaml")
    (problem,) = caught.value.problems
    assert problem.excerpt is not None
    assert problem.excerpt.line == line
    start = problem.excerpt.column - 1
    assert line[start : start + problem.excerpt.width] == marked


def test_problems_of_a_theme_file_have_their_lines(tmp_path: Path) -> None:
    theme = tmp_path / "t.yaml"
    theme.write_text("base: light\ntetx: '#fff'\nsizes: {icon: big}\n", "utf-8")
    with pytest.raises(DiagramError) as caught:
        themefile.load(str(theme))
    assert [problem.excerpt.line for problem in caught.value.problems if problem.excerpt] == [
        "tetx: '#fff'",
        "sizes: {icon: big}",
    ]


def test_check_prints_each_problem_of_a_spec_with_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    Path("s.yaml").write_text("titel: T\nnodes: {a: b}\nsteps: maybe\n", "utf-8")
    assert main(["check", "s.yaml"]) == 2
    assert capsys.readouterr().err.splitlines()[1::3] == [" 1 | titel: T", " 3 | steps: maybe"]


def test_fixing_several_mistakes_in_one_line_yields_valid_mermaid() -> None:
    Path("a.mmd").write_text("graph LR\n  A[x (y)] -> B[z (w)] -> C; D => E\n", "utf-8")
    assert main(["check", "--fix", "a.mmd"]) == 0
    assert Path("a.mmd").read_text("utf-8") == 'graph LR\n  A["x (y)"] --> B["z (w)"] --> C; D ==> E\n'
