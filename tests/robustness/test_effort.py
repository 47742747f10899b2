"""Reading takes time in proportion to the length of a source, whatever is in it.

Work is counted, not timed: the lines of Python that run, and the steps of regular expressions in an interpreter.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

import pytest

from checks import regex_work
from diagramkit.diagnostics import DiagramError
from diagramkit.icons.packs import clean
from diagramkit.publish import marks
from diagramkit.sources import fixes, pattern_catalog, readers, spec, themefile
from diagramkit.sources.mermaid import read as mermaid
from diagramkit.sources.mermaid.source_text import Origin
from diagramkit.sources.mermaid.write import to_mermaid

MAX_GROWTH = 2.3
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">{}</svg>'


def read_mermaid(text: str) -> None:
    mermaid.parse(text, Origin("f.mmd"))


def write_mermaid(text: str) -> None:
    to_mermaid(mermaid.parse(text, Origin("f.mmd")))


def check_and_fix(text: str) -> None:
    try:
        read_mermaid(text)
    except DiagramError as error:
        fixes.apply_fixes(text, error.problems)


def read_spec(text: str) -> None:
    spec.read(text, "s.yaml")


def read_markdown(text: str) -> None:
    readers.MARKDOWN.read(text, "d.md", "")
    marks.read(text, "d.md")


def read_catalog(text: str) -> None:
    pattern_catalog.read(text, "c.md")


def clean_icon(text: str) -> None:
    clean.clean(SVG.format(text).encode(), "p")


# A reader, and a source that repeats something `n` times.
Case = tuple[Callable[[str], None], Callable[[int], str]]
CASES: dict[str, Case] = {
    "style in one line": (read_mermaid, lambda n: "graph LR\n  A" + " style" * n),
    "classDef in one line": (read_mermaid, lambda n: "graph LR\n  A\n  classDef a" + " classDef fill:#fff" * n),
    "style with a semicolon": (read_mermaid, lambda n: "graph LR\n" + "  style A fill:#fff;\n" * n),
    "spaces in a style": (read_mermaid, lambda n: "graph LR\n  A\n  style A fill" + " " * n + "red\n"),
    "long number in metadata": (read_mermaid, lambda n: "graph LR\n  A@{ label: " + "1" * n + "x }\n"),
    "long number in front matter": (read_mermaid, lambda n: "---\ntitle: " + "1" * n + "\n---\ngraph LR\n  A\n"),
    "base 60 in front matter": (read_mermaid, lambda n: "---\ntitle: 1" + ":1" * n + "\n---\ngraph LR\n  A\n"),
    "open front matter": (read_mermaid, lambda n: "---\n" + "- \n" * n),
    "front matter of lists": (read_mermaid, lambda n: "---\n" + "- a\n" * n + "---\ngraph LR\n  A\n"),
    "tags without an end": (read_mermaid, lambda n: "graph LR\n  A" + "<a " * n),
    "open directives": (read_mermaid, lambda n: "graph LR\n  A\n" + "%%{a " * n),
    "open strings": (read_mermaid, lambda n: "graph LR\n" + '  A["\n' * n),
    "edges": (read_mermaid, lambda n: "graph LR\n" + "".join(f"  a{i} --> a{i + 1}\n" for i in range(n))),
    "chain in one line": (read_mermaid, lambda n: "graph LR\n  A" + " --> A" * n),
    "mistakes": (check_and_fix, lambda n: "graph LR\n" + "  A -> B\n" * min(n, 40) + "  A --> B\n" * n),
    "mistakes in one line": (check_and_fix, lambda n: "graph LR\n  " + "A -> B;" * n),
    "colons in an id": (write_mermaid, lambda n: "graph LR\n  a" + ":" * n + "\n"),
    "style in an id": (write_mermaid, lambda n: "graph LR\n  a" + "style:" * n + "\n"),
    "open descriptions": (read_mermaid, lambda n: "architecture-beta\n" + "accDescr {\n" * n),
    "dashes in architecture": (read_mermaid, lambda n: "architecture-beta\n  " + "a--" * n),
    "base 60 in a spec": (read_spec, lambda n: "title: T\nnodes: {a: x}\nnotes: 1" + ":1" * n),
    "digits in a spec": (read_spec, lambda n: "title: T\nnodes: {a: x}\nnotes: '" + "1" * n + "'"),
    "spaces in an edge": (read_spec, lambda n: "title: T\nnodes: {a: x}\nedges: [a" + " " * n + "b]"),
    "nodes of a spec": (read_spec, lambda n: "title: T\nnodes:\n" + "".join(f"  n{i}: x\n" for i in range(n))),
    "lists in a spec": (read_spec, lambda n: "title: T\nnodes: {a: x}\ncomponents: [" + "x, " * n + "x]"),
    "empty pairs": (read_spec, lambda n: "[" + "?a," * n + "]"),
    "directives of YAML": (read_spec, lambda n: "".join(f"%TAG !a{i}! x\n" for i in range(n)) + "--- a"),
    "fences": (read_markdown, lambda n: "```mermaid\ngraph LR\n  A\n```\n\n" * n),
    "open fences": (read_markdown, lambda n: "```mermaid\n" + "- ```\n" * n),
    "marks": (read_markdown, lambda n: f"{marks.BEGIN.format('a')}\n{marks.END}\n" * n),
    "open marks": (read_markdown, lambda n: f"{marks.BEGIN.format('a')}\n\n" * n),
    "stars": (read_markdown, lambda n: "*a _b " * n),
    "brackets": (read_markdown, lambda n: "[" * n),
    "link labels": (read_markdown, lambda n: "[a\n" * n),
    "headings": (
        read_catalog,
        lambda n: "# T\n\n```mermaid\ngraph LR\n```\n\n" + "".join(f"## {i}\n" for i in range(n)),
    ),
    "url and spaces": (clean_icon, lambda n: '<path d="M0 0" fill="url(' + " " * n + '"/>'),
    "many urls": (clean_icon, lambda n: '<path d="M0 0" fill="' + "url(" * n + '"/>'),
    "style without braces": (clean_icon, lambda n: "<style>" + "a " * n + "</style>"),
    "open comments": (clean_icon, lambda n: "<style>" + "/*" * n + "</style>"),
    "rules": (clean_icon, lambda n: "<style>" + ".a{fill:red}" * n + '</style><path class="a" d="M0 0"/>'),
    "a long path": (clean_icon, lambda n: '<path d="M0 0h' + "1" * n + '"/>'),
    "letters in a path": (clean_icon, lambda n: '<path d="' + "a" * n + '"/>'),
    "elements that share a rule": (
        clean_icon,
        lambda n: (
            "<style>.a{"
            + "".join(f"x{i}:1;" for i in range(n))
            + "}</style>"
            + '<path class="a" d="M0 0"/>' * min(n, 4000)
        ),
    ),
}


@contextmanager
def counted_lines() -> Iterator[list[int]]:
    """Count the lines of Python that run in the block; the result is in the list."""
    count = [0]

    def trace(_frame: FrameType, event: str, _argument: Any) -> Any:
        count[0] += event == "line"
        return trace

    previous = sys.gettrace()
    sys.settrace(trace)
    try:
        yield count
    finally:
        sys.settrace(previous)


def lines_of(read: Callable[[str], None], text: str) -> int:
    with counted_lines() as count, suppress(DiagramError, clean.UnsafeIconError):
        read(text)
    return count[0]


@pytest.mark.parametrize("name", CASES)
def test_reading_takes_work_in_proportion_to_the_length(name: str) -> None:
    read, make = CASES[name]
    lines_of(read, make(2))  # Imports modules and compiles patterns.
    work = [lines_of(read, make(size)) for size in (250, 500, 1000)]
    assert work[1] <= MAX_GROWTH * work[0], work
    assert work[2] <= MAX_GROWTH * work[1], work


@pytest.mark.slow
def test_no_regular_expression_takes_quadratic_work() -> None:
    assert regex_work.findings() == []


@pytest.mark.parametrize(
    ("pattern", "is_slow"),
    [(r"\s*#", True), (r"(?<!\s)\s*#", False), (r"[^{}]+\{", True), (r"x[ab]*", False)],
)
def test_the_interpreter_tells_slow_patterns_from_others(pattern: str, is_slow: bool) -> None:
    """It would otherwise find nothing by mistake."""
    used = regex_work.UsedPattern("here", pattern, 0, True)
    assert (regex_work.finding(used, (6, 12, 24)) is not None) == is_slow


def test_a_theme_is_read_with_the_same_reader(tmp_path: Any) -> None:
    path = tmp_path / "t.yaml"
    path.write_text("text: 2024-13-45\n", "utf-8")
    with pytest.raises(DiagramError, match=r"t\.yaml:1:7: error\[yaml-value\]"):
        themefile.load(str(path))
