"""Mistakes in flowcharts: where each is reported, how it is fixed, and that no text crashes the reader."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagramkit.diagnostics import DiagramError
from diagramkit.sources import fixes
from diagramkit.sources.mermaid.read import parse
from diagramkit.sources.mermaid.source_text import Origin
from tests.support import corpus
from tests.support.mermaid import read


@pytest.mark.parametrize(
    ("text", "position", "code", "advice"),
    [
        ("", "1:1", "empty-diagram", "flowchart LR"),
        ("sequenceDiagram\nA->>B: hi", "1:1", "unsupported-diagram", "a sequence diagram"),
        ("Flowchart LR\nA", "1:1", "mermaid-syntax", "'flowchart'"),
        ("graph LR A-->B\n", "1:10", "mermaid-syntax", "move it to a new line"),
        ("graph XY\nA", "1:7", "mermaid-syntax", "TB, BT, LR or RL"),
        ("graph LR\nA -> B", "2:3", "mermaid-arrow", "-->"),
        ("graph LR\nA => B", "2:3", "mermaid-arrow", "==>"),
        (
            "graph LR\nA[Amazon EC2 (Web: 80)]",
            "2:14",
            "mermaid-unquoted",
            '["Amazon EC2 (Web: 80)"]',
        ),
        ("graph LR\nA[x", "2:2", "mermaid-unclosed", "]"),
        ("graph LR\nA[]", "2:2", "mermaid-empty-label", "empty"),
        ("graph LR\nA[/health]", "2:2", "mermaid-unclosed", '["/health"]'),
        ("graph LR\nsubgraph X\nA", "2:1", "mermaid-end", "end"),
        ("graph LR\nend", "2:1", "mermaid-end", "does not close a subgraph"),
        ("graph LR\nA --> end", "2:7", "mermaid-reserved", "end_1"),
        ("graph LR\nA -->", "2:3", "mermaid-syntax", "no target"),
        ("graph LR\nA --> “B”", "2:7", "mermaid-syntax", "curly"),
        ("graph LR\nA --> B %% no", "2:9", "mermaid-syntax", "comment"),
        ("~~~ mermaid\ngraph LR\nA -> B\n~~~", "1:1", "mermaid-syntax", "belongs to a Markdown fence"),
        ("graph LR\nA <.. B", "2:3", "mermaid-arrow", "whose arrows point forward; write 'B -.-> A'"),
        (
            "graph LR\nA\nstyle A fill:rgba(1, 2,3,0.5)",
            "3:14",
            "mermaid-syntax",
            "write '#01020380' instead of 'rgba(1, 2,",
        ),
        ("graph LR\nlinkStyle default stroke:hsl(0,100%,50%)", "2:26", "mermaid-syntax", "write '#FF0000' instead"),
        ("graph LR\nstyle A fill=#fff", "2:13", "mermaid-syntax", "write 'fill:#fff'"),
        ("graph LR\nA\nclassDef x fill: #fff; stroke: #000;", "3:18", "mermaid-syntax", "write '#fff,stroke: #000'"),
        ("graph LR\nA #quot; B", "2:3", "mermaid-syntax", "unexpected '#'"),
        ("graph LR\n" + "subgraph s\n" * 101 + "end\n" * 101, "102:1", "too-deep", "nest fewer"),
        ("graph LR\nA@{ shape: cilinder }", "2:2", "mermaid-shape", "cylinder"),
    ],
)
def test_mistakes_are_reported_with_their_position_and_advice(text: str, position: str, code: str, advice: str) -> None:
    with pytest.raises(DiagramError) as caught:
        read(text)
    problem = caught.value.problems[0]
    assert (str(problem.span), problem.code) == (f"d.mmd:{position}", code)
    assert advice in problem.message


def test_every_mistake_is_reported_in_one_run() -> None:
    with pytest.raises(DiagramError) as caught:
        read("graph LR\nA -> B\nC --> D\nE[(x]\nF --> end\n")
    assert [problem.span.line for problem in caught.value.problems] == [2, 4, 5]


def test_every_diagram_of_the_corpus_is_a_graph_or_has_mistakes_at_lines_that_exist() -> None:
    for name, text in corpus.diagrams():
        try:
            parse(text, Origin("d.mmd"))
        except DiagramError as error:
            lines = text.count("\n") + 1
            assert all(1 <= problem.span.line <= lines for problem in error.problems), name


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("Flowchart LR\nA", "flowchart LR\nA"),
        ("graph lr\nA", "graph LR\nA"),
        ("graph LR A-->B\n", "graph LR\n    A-->B\n"),
        ("graph LR\nA[EC2 (Web: 80)] --> B[x]", 'graph LR\nA["EC2 (Web: 80)"] --> B[x]'),
        ("graph LR\nA((a (b))) --> B", 'graph LR\nA(("a (b)")) --> B'),
        ("graph LR\nA -> B -> C", "graph LR\nA --> B --> C"),
        ("graph LR\nA->B", "graph LR\nA-->B"),
        ("graph LR\nA => B", "graph LR\nA ==> B"),
        ("graph LR\nA -- x -> B", "graph LR\nA -- x --> B"),
        ("graph LR\nA → B", "graph LR\nA --> B"),
        ("graph LR\n  A --> B %% why", "graph LR\n  %% why\n  A --> B"),
        ("graph LR\nA[“x (y)”]", 'graph LR\nA["x (y)"]'),
        ("graph LR\nA --> “B b”", 'graph LR\nA --> B_b["B b"]'),
        ('graph LR\n"A" --> B', 'graph LR\nA["A"] --> B'),
        ("graph LR\nA[/health]", 'graph LR\nA["/health"]'),
        ('graph LR\nA[say "hi"]', 'graph LR\nA["say #quot;hi#quot;"]'),
        ("graph LR\nA [x]", "graph LR\nA[x]"),
        ("graph LR\nA --> end", 'graph LR\nA --> end_1["end"]'),
        ("graph LR\nA& B --> C", "graph LR\nA & B --> C"),
        ("graph LR\nA\nclass A, B hot", "graph LR\nA\nclass A,B hot"),
        ("graph LR\nclassdef a fill:#f00", "graph LR\nclassDef a fill:#f00"),
        ("graph LR\nsubgraph a (b)\nA\nend", 'graph LR\nsubgraph "a (b)"\nA\nend'),
        (
            "graph LR\nsubgraph a\n  subgraph b\n    A",
            "graph LR\nsubgraph a\n  subgraph b\n    A\n  end\nend",
        ),
    ],
)
def test_fixes_produce_valid_mermaid(wrong: str, right: str) -> None:
    text = wrong
    for _ in range(9):
        try:
            read(text)
        except DiagramError as error:
            text, applied = fixes.apply_fixes(text, error.problems)
            assert applied, error
        else:
            break
    assert text == right


FRAGMENTS = st.sampled_from(
    [
        "A",
        "B",
        "graph",
        "LR",
        "TB",
        "subgraph",
        "end",
        "direction",
        "style",
        "click",
        "class",
        "-->",
        "---",
        "-.->",
        "==>",
        "~~~",
        "--",
        "-.",
        "==",
        "->",
        "&",
        "|",
        "|x|",
        "[",
        "]",
        "(",
        ")",
        "{",
        "}",
        "[(",
        ")]",
        "((",
        "))",
        "[/",
        "/]",
        "\\]",
        ">",
        '"',
        "`",
        ";",
        "\n",
        " ",
        ":::",
        "@{",
        "%%",
        "%%{",
        "}%%",
        "#quot;",
        "---\n",
        "é",
        "日",
        "\t",
        "\r",
        "\0",
        "<br/>",
        "o",
        "x",
        "fill:#fff",
        "accDescr",
        ":",
        "“",
    ]
)


@given(st.lists(FRAGMENTS, max_size=40).map("".join) | st.text(max_size=120))
@settings(max_examples=400, deadline=None)
def test_any_text_is_a_graph_or_has_problems_at_lines_that_exist(text: str) -> None:
    for source in (text, f"graph LR\n{text}"):
        try:
            graph = read(source)
        except DiagramError as error:
            lines = source.count("\n") + 1
            assert error.problems
            assert all(1 <= problem.span.line <= lines for problem in error.problems)
        else:
            known = {node.id for node in graph.nodes} | {group.id for group in graph.groups}
            assert all({edge.source, edge.target} <= known for edge in graph.edges)


def test_a_link_with_mismatched_parts_is_read_with_a_warning() -> None:
    (warning,) = read("graph LR\nA <-- x --x B").warnings
    assert "do not match" in warning.message
