"""Broken sources as models write them become the graph that their author meant, with one `check --fix`.

The cases are in `data/broken_sources.txt`, each with the nodes, edges, labels and groups of its one interpretation.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from diagramkit.sources import SourceFile, fixes, load
from diagramkit.sources.readers import LoadResult
from tests.support.project import DATA

_TEXT = (DATA / "broken_sources.txt").read_text("utf-8")


class Case(NamedTuple):
    """A source with the extension of its file, and what it means."""

    name: str
    extension: str
    source: str
    expected: str


class Content(NamedTuple):
    """What a graph shows: nodes by their labels, edges with theirs, and the members of groups."""

    nodes: set[str]
    edges: list[tuple[str, str, str, bool]]
    groups: dict[str, set[str]]


def cases() -> Iterator[Case]:
    for block in re.split(r"(?m)^%%%%% ", _TEXT)[1:]:
        head, _, rest = block.partition("\n")
        source, _, expected = rest.partition("\n=====\n")
        name, extension = head.split()
        yield Case(name, extension, source + "\n", expected.strip())


CASES = [pytest.param(case, id=case.name) for case in cases() if case.expected != "?"]
OTHERS = [pytest.param(case, id=case.name) for case in cases() if case.expected == "?"]


def shown(label: str) -> str:
    """Return a label as a reader sees it, on one line."""
    text = re.sub(r"</?(?:br|wbr)\s*/?\s*>", " ", label)
    text = re.sub(r"</?[a-zA-Z][^<>]*>", "", html.unescape(text))
    return " ".join(text.replace("“", '"').replace("”", '"').split())


def written_down(text: str) -> Content:
    content = Content(set(), [], {})
    for line in text.splitlines():
        if match := re.fullmatch(r"\[(.*?)\](?: (.*))?", line):
            content.groups[match[1]] = set((match[2] or "").split(", "))
            continue
        chain, _, label = line.partition(" : ")
        ends = re.split(r" (<?>) ", chain)
        content.nodes.update(ends[::2])
        content.edges.extend(
            (first, last, label, arrow == "<>")
            for first, arrow, last in zip(ends, ends[1:], ends[2:], strict=False)
            if arrow in (">", "<>")
        )
    return Content(content.nodes, sorted(content.edges), content.groups)


def content_of(result: LoadResult) -> Content:
    content = Content(set(), [], {})
    for pattern in result.patterns:
        graph = pattern.graph
        labels = {element.id: shown(element.label) for element in graph.nodes_and_groups}
        content.nodes.update(labels[node.id] for node in graph.nodes)
        for edge in graph.edges:
            is_backward = (edge.tail, edge.head) == ("arrow", "none")
            ends = (edge.target, edge.source) if is_backward else (edge.source, edge.target)
            both = (edge.tail, edge.head) == ("arrow", "arrow")
            content.edges.append((labels[ends[0]], labels[ends[1]], shown(edge.label), both))
        content.groups.update({labels[group.id]: set() for group in graph.groups})
        for node in graph.nodes:
            if node.group:
                content.groups[labels[node.group]].add(labels[node.id])
        for group in graph.groups:
            if group.parent:
                content.groups[labels[group.parent]].add(f"G:{labels[group.id]}")
    return Content(content.nodes, sorted(content.edges), content.groups)


def checked(case: Case) -> LoadResult:
    """Return a source after `check --fix`."""
    file = SourceFile(f"d.{case.extension}")
    fixed = fixes.fix(case.source, lambda text: load(file, text).problems)
    return load(file, fixed.text)


def test_there_are_cases_of_each_kind() -> None:
    kinds = {case.name.removeprefix("u-").partition("-")[0] for case in cases()}
    assert kinds == {"paren", "quote", "id", "fence", "mix", "trunc", "icon", "end", "semi", "smart", "html"}
    assert len(CASES) > 120


@pytest.mark.parametrize("case", CASES)
def test_one_check_yields_the_graph_that_was_meant(case: Case) -> None:
    result = checked(case)
    assert [problem for problem in result.problems if problem.severity == "error"] == []
    assert content_of(result) == written_down(case.expected)


@pytest.mark.parametrize("case", OTHERS)
def test_what_has_no_single_interpretation_has_a_cause_and_a_position(case: Case) -> None:
    problems = load(SourceFile(f"d.{case.extension}"), case.source).problems
    for problem in problems:
        assert len(problem.message) > 20
        assert 1 <= problem.span.line <= case.source.count("\n") + 1
