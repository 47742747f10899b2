"""Mistakes that language models make: one check fixes those with one interpretation, and explains the others."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

import pytest
import yaml

from diagramkit.agents import tools
from diagramkit.agents.arguments import SourceArguments
from diagramkit.sources import SourceFile, fixes, load, readers
from diagramkit.sources.mermaid.mistakes.line_text import KEYWORDS
from tests.support.project import ROOT

TABLE: dict[str, list[dict[str, Any]]] = yaml.safe_load((ROOT / "tests/data/model_mistakes.yaml").read_text("utf-8"))
CASES = [(kind, case) for kind, cases in TABLE.items() for case in cases]
FIXABLE = [pytest.param(case["source"], case["fixed"], id=kind) for kind, case in CASES if "fixed" in case]
ANSWERS: dict[str, list[dict[str, Any]]] = yaml.safe_load(
    (ROOT / "tests/data/answers_of_models.yaml").read_text("utf-8")
)
ANSWER_CASES = [pytest.param(case, id=kind) for kind, cases in ANSWERS.items() for case in cases]
OTHERS = [pytest.param(case["source"], case["line"], id=kind) for kind, case in CASES if "fixed" not in case]
SYNTAX = {*KEYWORDS, "mermaid", "mmd", "div", "pre", "code", "gt", "lt", "quot", "endsubgraph", "end_subgraph"}
SYNTAX |= {"down", "left", "right", "label", "language", "br", "package"}
"""Words of the syntax of Mermaid or of what is around it, which a fix may add or remove."""


def check(text: str) -> fixes.FixedText:
    file = SourceFile(f"diagram{readers.detect_reader(text).extensions[0]}")
    return fixes.fix(text, lambda new_text: load(file, new_text).problems)


def words(text: str) -> Counter[str]:
    return Counter(word for word in re.findall(r"\w+", text) if word.lower() not in SYNTAX)


def test_the_table_has_many_mistakes_of_each_kind() -> None:
    assert len(CASES) >= 120
    assert len(TABLE) == 11
    assert len(FIXABLE) > 100


@pytest.mark.parametrize(("source", "fixed"), FIXABLE)
def test_one_check_fixes_a_mistake_with_one_interpretation(source: str, fixed: str) -> None:
    assert not [problem for problem in check(fixed).remaining if problem.severity == "error"]
    assert source != fixed
    assert check(source).text == fixed
    assert check(fixed).text == fixed


@pytest.mark.parametrize(("source", "fixed"), FIXABLE)
def test_no_fix_loses_a_word(source: str, fixed: str) -> None:
    renamed = Counter(re.sub(r"_\d+$", "", word) for word in words(fixed).elements())
    lost = words(source) - words(fixed) - renamed
    syntax = {"class"} | ({"flowchart"} if "flowchart_1" in fixed else set())
    if fixed.startswith("architecture-beta") and source.startswith("flowchart LR"):
        syntax |= {"flowchart", "LR"}  # Its edges say from which side to which they go.
    assert set(lost) <= syntax


@pytest.mark.parametrize("case", ANSWER_CASES)
def test_one_check_fixes_an_answer_of_a_model_or_names_the_cause(case: dict[str, Any]) -> None:
    source, fixed = case["source"], case.get("fixed", case["source"])
    result = check(source)
    assert result.text == fixed
    assert check(fixed).text == fixed
    renamed = Counter(re.sub(r"_\d+$", "", word) for word in words(fixed).elements())
    assert sorted(words(source) - words(fixed) - renamed) == case.get("drops", [])
    problems = [problem for problem in result.remaining if problem.severity != "note"]
    if "fixed" in case:
        assert result.fixed
        assert problems == []
    else:
        assert problems[0].span.line == case["line"]
        assert len(problems[0].message) > 20


def test_a_text_with_escaped_line_breaks_is_unescaped() -> None:
    result = check('flowchart LR\\n  A[\\"x\\"] -> B[y (z)]\\n  B --> C\\n')
    assert result.text == 'flowchart LR\n  A["x"] --> B["y (z)"]\n  B --> C'


@pytest.mark.parametrize(("source", "line"), OTHERS)
def test_other_mistakes_get_a_cause_and_a_position_and_stay(source: str, line: int) -> None:
    assert check(source).text == source
    answer = json.loads(tools.call("check", SourceArguments(source=source), ()).texts[0])
    first = next(problem for problem in answer["problems"] if problem["severity"] != "note")
    assert "fixed" not in answer
    assert first["line"] == line
    assert len(first["message"]) > 20


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("A[x] --> End", "A[x] --> End"),  # A node, used as one.
        ("subgraph a\n  End --> B\n  End", "subgraph a\n  End --> B\n  End\nend"),
        ("A --> B[a, b]", "A --> B[a, b]"),
        ("class A, B hot", "class A,B hot"),
        ("A[x &gt; y] --> B", "A[x &gt; y] --> B"),
        ("A -->|x| B\nsubgraph Private Subnet\n  B\nend\nA --> Private Subnet", None),  # A new node would be wrong.
        ("A -- Order Service --> B", "A -- Order Service --> B"),
        ("A --- Order Service --> B[x (y)]", None),  # A node, or a text of the link?
        ("Order Item --> B\nItem --> C", None),  # One node, or two?
        ("user --> graph[Graph API]\nadmin --> graph", "user --> graph_1[Graph API]\nadmin --> graph_1"),
    ],
)
def test_what_only_looks_like_such_a_mistake_is_kept(source: str, expected: str | None) -> None:
    indented = "".join(f"  {line}\n" for line in source.split("\n"))
    text = f"flowchart LR\n  C[x]\n  classDef hot fill:#f00\n{indented}"
    new_indented = "".join(f"  {line}\n" for line in (expected or source).split("\n"))
    assert check(text).text == f"flowchart LR\n  C[x]\n  classDef hot fill:#f00\n{new_indented}"


def test_a_fence_that_a_word_processor_changed_is_repaired() -> None:
    source = "# Page\n\n“`mermaid\nflowchart LR\n  A[“Users”] --> B[“S3 (raw)”]\n“`\n\nAnd “text”.\n"
    result = fixes.fix(source, lambda text: load(SourceFile("page.md"), text).problems)
    assert result.text == ('# Page\n\n```mermaid\nflowchart LR\n  A["Users"] --> B["S3 (raw)"]\n```\n\nAnd “text”.\n')
    assert not result.remaining


def test_a_diagram_that_begins_on_the_line_of_its_fence_keeps_its_direction() -> None:
    source = "# Page\n\n- x\n\n  ```mermaid graph RL\n    A[Users] --> B[S3]\n  ```\n"
    result = fixes.fix(source, lambda text: load(SourceFile("page.md"), text).problems)
    assert result.text == "# Page\n\n- x\n\n  ```mermaid\n  graph RL\n    A[Users] --> B[S3]\n  ```\n"
    assert not result.remaining


def test_curly_quotes_in_texts_of_several_lines_of_a_spec_stay() -> None:
    source = "title: “T”\nnotes: |\n  - key: “text”\nnodes: {a: ALB}\nedges: [a -> b]\n"
    assert "  - key: “text”\n" in check(source).text


def test_an_end_before_a_node_that_is_no_title_stays() -> None:
    source = "flowchart LR\n  subgraph v [VPC]\n    A --> B\n  end db\n  db --> A\n"
    assert check(source).text == source


def test_blocks_in_an_architecture_diagram_without_an_end_are_left_alone() -> None:
    source = "architecture-beta\n  subgraph b [VPC]\n    service api(server)[API]\n  service db(database)[DB]\n"
    result = check(source)
    assert result.text == source
    assert [problem.span.line for problem in result.remaining if problem.severity == "error"] == [2]
