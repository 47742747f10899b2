"""Layout hints: they are read from specs and Mermaid comments, mistakes in them are explained, and none is lost."""

from __future__ import annotations

import random
from itertools import pairwise
from typing import Any

import jsonschema
import pytest
import yaml
from msgspec.structs import replace

from diagramkit.cli import main
from diagramkit.diagnostics import Diagnostic, DiagramError
from diagramkit.graph import Graph, Hint, HintKind
from diagramkit.slides import overviews
from diagramkit.sources import fixes, readers, spec
from diagramkit.sources.layout_hints.hint_kinds import HINT_KINDS, MAX_NUMBER
from diagramkit.sources.layout_hints.layout_key import KEY
from diagramkit.sources.mermaid.write import to_mermaid
from diagramkit.sources.mermaid.write_architecture import to_architecture
from diagramkit.sources.mermaid.write_ids import with_writable_ids
from tests.support import corpus, random_graphs
from tests.support.mermaid import read

FLOWCHART = "flowchart LR\n  a[ALB] --> b[EC2] --> c\n  subgraph g [Group]\n    d\n    e\n  end\n"
SPEC = (
    'title: T\nnodes: {a: ALB, b: EC2, c: RDS, d: S3, "e f": SQS}\nedges: [a -> b, b -> c]\ngroups: {g: [d, "e f"]}\n'
)
ARCHITECTURE = (
    "architecture-beta\n  group g(cloud)[Group]\n  service a(server)[A]\n  service b(disk)[B] in g\n  a:R --> L:b\n"
)

Facts = list[tuple[str, tuple[str, ...], tuple[int, ...]]]


def facts(hints: tuple[Hint, ...]) -> Facts:
    return [(hint.kind, hint.members, hint.values) for hint in hints]


def problems(text: str, path: str) -> tuple[Diagnostic, ...]:
    try:
        readers.reader_of(path).read(text, path, "")
    except DiagramError as error:
        return error.problems
    return ()


def with_comments(*comments: str) -> str:
    return FLOWCHART + "".join(f"  %% diagramkit: {comment}\n" for comment in comments)


def test_every_hint_is_read_from_a_spec() -> None:
    layout = """\
layout:
  main: [a, b]
  same_rank: [[c, g], [a, "e f"]]
  in_line: [[a, b]]
  order: [a, c]
  near: [[a, b, c]]
  grid: {g: 3}
  pin: {a: [1, 2], g: [99, 1]}
"""
    assert facts(spec.read(SPEC + layout, "s.yaml").graph.hints) == [
        ("main", ("a", "b"), ()),
        ("same_rank", ("c", "g"), ()),
        ("same_rank", ("a", "e f"), ()),
        ("in_line", ("a", "b"), ()),
        ("order", ("a", "c"), ()),
        ("near", ("a", "b", "c"), ()),
        ("grid", ("g",), (3,)),
        ("pin", ("a",), (1, 2)),
        ("pin", ("g",), (99, 1)),
    ]


@pytest.mark.parametrize("name", HINT_KINDS)
def test_the_example_of_each_hint_is_valid_and_the_schema_knows_it(name: HintKind) -> None:
    nodes = "api & worker & cache & users & alb & db\nsubgraph services\n  x\nend\n"
    (hint,) = read(f"flowchart LR\n{nodes}%% diagramkit: {HINT_KINDS[name].example}\n").hints
    assert hint.kind == name
    entry: Any = {hint.members[0]: [*hint.values]} if len(hint.values) > 1 else list(hint.members)
    entry = {hint.members[0]: hint.values[0]} if len(hint.values) == 1 else entry
    validator = jsonschema.Draft202012Validator(spec.json_schema())
    assert validator.is_valid({"title": "T", "nodes": {"a": "A"}, KEY: {name: entry}})


@pytest.mark.parametrize(
    "comment",
    ["same_rank a,b", "same_rank   a ,  g", 'near "a", b, c', "grid g 2", "grid g, 2", "pin a 1 99", "pin g, 3, 4"],
)
def test_a_comment_is_read_in_flowcharts(comment: str) -> None:
    (hint,) = read(with_comments(comment)).hints
    assert hint.kind == comment.split(maxsplit=1)[0]
    assert str(hint.span) == "d.mmd:7:18"


@pytest.mark.parametrize("notation", ["%% diagramkit:", "%%diagramkit:", "   %%  Diagramkit  :"])
def test_white_space_and_case_of_the_marker_do_not_matter(notation: str) -> None:
    assert facts(read(f"{FLOWCHART}{notation} near a, b\n").hints) == [("near", ("a", "b"), ())]


def test_comments_are_read_in_architecture_diagrams_and_in_fences_of_html() -> None:
    assert facts(read(f'{ARCHITECTURE}%% diagramkit: near "a", g\n').hints) == [("near", ("a", "g"), ())]
    page = '<pre class="mermaid">\ngraph LR\n a --&gt; b\n %% diagramkit: near &quot;a&quot;, b\n</pre>\n'
    (pattern,) = readers.MARKDOWN.read(page, "a.md", "").patterns
    assert facts(pattern.graph.hints) == [("near", ("a", "b"), ())]


def test_other_comments_are_no_hints() -> None:
    assert read(f"{FLOWCHART}%% diagramkit draws this\n%% near a, b\n%% see diagramkit: near a, b\n").hints == ()


def test_both_places_of_a_spec_add_up_and_the_same_pin_twice_is_an_error() -> None:
    diagram = "".join(f"  {line}\n" for line in with_comments("near a, b", "pin a 1 1").splitlines())
    text = f"title: T\ndiagram: |\n{diagram}layout:\n  near: [b, c]\n  pin: {{b: [1, 2]}}\n"
    assert facts(spec.read(text, "s.yaml").graph.hints) == [
        ("near", ("a", "b"), ()),
        ("pin", ("a",), (1, 1)),
        ("near", ("b", "c"), ()),
        ("pin", ("b",), (1, 2)),
    ]
    (problem,) = problems(text.replace("{b: [1", "{a: [1"), "s.yaml")
    assert str(problem) == (
        "s.yaml:13:9: error[conflicting-hints]: 'a' already has a pin in line 10; remove one of the two"
    )


@pytest.mark.parametrize(
    ("comment", "code", "column", "message", "fixed"),
    [
        ("same-rank a, b", "unknown-hint", 18, "did you mean 'same_rank'?", "same_rank a, b"),
        ("xyzzy a, b", "unknown-hint", 18, "the hints are main, same_rank", None),
        ("near a", "bad-hint", 18, "needs at least two ids", None),
        ("near", "bad-hint", 18, "needs at least two ids", None),
        ("", "bad-hint", 18, "contains no layout hint", None),
        ("near a b", "bad-hint", 18, "separated by commas", "near a, b"),
        ("near a, b,", "bad-hint", 18, "separated by commas", "near a, b"),
        ("near a, q r", "bad-hint", 18, "write 'near a, \"b c\"'", None),
        ('near a, "b', "bad-hint", 26, "no second one", None),
        ("pin a 0 2", "bad-hint", 24, "whole numbers from 1 to 99, not '0'", None),
        ("pin a 1 100", "bad-hint", 26, "whole numbers from 1 to 99, not '100'", None),
        ("pin a 1", "bad-hint", 18, "needs an id, a rank and a line", None),
        ("pin a 1 2 3", "bad-hint", 18, "needs an id, a rank and a line", None),
        ("grid g", "bad-hint", 18, "needs a group and its number of columns", None),
        ("grid g 1.5", "bad-hint", 25, "whole numbers", None),
        ("grid a 2", "bad-hint", 23, "'a' is a node; name a group", None),
        ("main a, g", "bad-hint", 26, "'g' is a group; name a node in it", None),
        ("near a, a", "bad-hint", 26, "names 'a' twice", None),
        ("near g, d", "bad-hint", 26, "relates 'd' to the group 'g', which contains it", None),
        ("near a, EC2", "unknown-node", 26, "write 'b', the id of what has this label", "near a, b"),
        ("near a, gg", "unknown-node", 26, "did you mean 'g'?", "near a, g"),
        ("near a, nothing", "unknown-node", 26, "name a node or a group by its id", None),
    ],
)
def test_a_mistake_in_a_comment_is_explained_and_fixed_if_that_is_clear(
    comment: str, code: str, column: int, message: str, fixed: str | None
) -> None:
    text = with_comments(comment)
    (problem,) = problems(text, "a.mmd")
    assert (problem.code, problem.span.line, problem.span.column) == (code, 7, column)
    assert message in problem.message
    assert problem.excerpt is not None
    assert problem.excerpt.line == f"  %% diagramkit: {comment}"
    result = fixes.fix(text, lambda new: problems(new, "a.mmd"))
    assert result.text == (with_comments(fixed) if fixed else text)


def test_a_hint_above_the_diagram_and_one_without_a_colon_are_mistakes() -> None:
    (problem,) = problems(f"%% diagramkit: near a, b\n{FLOWCHART}", "a.mmd")
    assert "must be below the line with the type of the diagram" in problem.message
    text = f"{FLOWCHART}%% diagramkit near a, b\n"
    (problem,) = problems(text, "a.mmd")
    assert "without its colon" in problem.message
    assert fixes.fix(text, lambda new: problems(new, "a.mmd")).text == f"{FLOWCHART}%% diagramkit: near a, b\n"


def test_mistakes_in_hints_are_reported_with_those_of_the_diagram() -> None:
    found = problems(f"{FLOWCHART}  a -> b\n  %% diagramkit: naer a, b\n  %% diagramkit: near a, zz\n", "a.mmd")
    assert [problem.code for problem in found] == ["mermaid-arrow", "unknown-hint"]


@pytest.mark.parametrize(
    ("layout", "code", "place", "message"),
    [
        ("{near: [a, x]}", "unknown-node", "5:20", "'x', which is neither a node nor a group"),
        ('{near: [a, "ef"]}', "unknown-node", "5:20", "did you mean 'e f'?"),
        ("{near: [a]}", "wrong-type", "5:16", "a list of at least 2 items"),
        ("{near: [[a, b], [c]]}", "wrong-type", "5:25", "a list of at least 2 items"),
        ("{pin: {a: [0, 1]}}", "wrong-value", "5:20", "a whole number from 1 to 99, not 0"),
        ("{pin: {a: [1]}}", "wrong-type", "5:19", "a list of 2 items"),
        ("{pin: {a: [1.5, 1]}}", "wrong-type", "5:20", "a whole number from 1 to 99"),
        ("{grid: {g: 100}}", "wrong-value", "5:20", "not 100"),
        ("{naer: [a, b]}", "unknown-key", "5:10", "did you mean 'near'?"),
        ("[a, b]", "wrong-type", "5:9", "a mapping with main, same_rank"),
    ],
)
def test_a_mistake_in_a_spec_is_explained(layout: str, code: str, place: str, message: str) -> None:
    (problem,) = problems(f"{SPEC}layout: {layout}\n", "s.yaml")
    assert problem.code == code
    assert str(problem.span) == f"s.yaml:{place}"
    assert message in problem.message


def test_misspelled_kinds_and_ids_of_a_spec_are_fixed_also_in_quotes() -> None:
    text = f'{SPEC}layout:\n  naer: [[a, b]]\n  order: [[a, "bb"]]\n  pin: {{"ee f": [1, 1]}}\n'
    assert fixes.fix(text, lambda new: problems(new, "s.yaml")).text == (
        text.replace("naer", "near").replace("bb", "b").replace("ee f", "e f")
    )


@pytest.mark.parametrize("layout", ["{near: [a]}", "{pin: {a: [1]}}", "{grid: {g: 0}}", "{near: a}", "{x: [a, b]}"])
def test_the_schema_rejects_invalid_hints(layout: str) -> None:
    validator = jsonschema.Draft202012Validator(spec.json_schema())
    assert not validator.is_valid({"title": "T", "nodes": {"a": "A"}, "layout": yaml.safe_load(layout)})


@pytest.mark.parametrize(
    ("comments", "message"),
    [
        (("order a, b", "order b, a"), "'b' cannot be before 'a' across the flow; this contradicts the hint in line 7"),
        (("order a, b", "order b, c", "order c, a"), "this contradicts the hints in line 7 and line 8"),
        (("order a, b", "in_line a, b"), "across the flow; this contradicts the hint in line 7"),
        (("order a, b", "in_line b, c", "order c, a"), "the hints in line 7 and line 8"),
        (("same_rank a, b", "in_line a, b"), "'a' and 'b' cannot be in one rank and on one line"),
        (("same_rank a, c", "main a, b, c"), "cannot be in one rank and on one line"),
        (("same_rank a, b", "same_rank b, c", "in_line a, c"), "the hints in line 7 and line 8"),
        (("main a, b", "main b, a"), "along the flow; this contradicts the hint in line 7"),
        (("pin a 1 2", "pin b 1 2"), "cannot be in one rank and on one line; this contradicts the hint in line 7"),
        (("pin a 1 2", "pin b 2 3", "in_line a, b"), "across the flow; this contradicts the hints"),
        (("pin a 1 2", "pin b 2 3", "same_rank a, b"), "along the flow; this contradicts the hints"),
        (("pin a 2 2", "pin b 1 3", "order b, a"), "across the flow"),
        (("pin a 2 1", "pin b 1 1", "main a, b"), "along the flow"),
        (("grid g 2", "grid g 3"), "'g' already has a grid in line 7"),
        (("pin a 1 1", "pin a 1 1"), "'a' already has a pin in line 7"),
    ],
)
def test_hints_that_contradict_each_other_are_reported_with_both_places(
    comments: tuple[str, ...], message: str
) -> None:
    (problem,) = problems(with_comments(*comments), "a.mmd")
    assert problem.code == "conflicting-hints"
    assert message in problem.message
    assert problem.span.line == 6 + len(comments)


@pytest.mark.parametrize(
    "comments",
    [
        ("order a, b", "order b, c", "order a, c"),
        ("pin a 1 1", "pin d 1 1"),
        ("pin a 1 1", "pin b 1 2", "pin c 2 1", "order a, b", "in_line a, c", "same_rank a, b"),
        ("main a, b, c", "order a, d", "near a, b", "grid g 2"),
        ("same_rank a, b", "order a, b"),
        ("main a, b", "in_line b, c"),
    ],
)
def test_hints_that_can_hold_together_are_accepted(comments: tuple[str, ...]) -> None:
    assert problems(with_comments(*comments), "a.mmd") == ()


def test_every_conflict_is_reported_and_each_names_hints_none_of_which_can_be_left_out() -> None:
    comments = ["near a, b", "order a, b", "near b, c", "order b, a", "same_rank c, d", "in_line d, c", "near a, c"]
    assert [(problem.span.line, problem.message[-40:]) for problem in problems(with_comments(*comments), "a.mmd")] == [
        (10, "s the hint in line 8; remove one of them"),
        (12, " the hint in line 11; remove one of them"),
    ]


@pytest.mark.parametrize("seed", range(60))
def test_hints_survive_the_conversion_to_mermaid(seed: int) -> None:
    graph = with_random_hints(random_graphs.graph(seed), seed)
    again = read(to_mermaid(graph))
    assert facts(again.hints) == facts(graph.hints)
    assert facts(read(to_mermaid(again)).hints) == facts(graph.hints)


def test_hints_about_any_ids_of_the_corpus_survive_the_conversion() -> None:
    count = 0
    for name, text in corpus.diagrams():
        try:
            graph = read(text)
        except DiagramError:
            continue
        ids = [item.id for item in graph.nodes]
        hints = tuple(Hint("near", pair, graph.nodes[0].span) for pair in pairwise(ids))
        hinted = replace(graph, hints=hints)
        assert facts(read(to_mermaid(hinted)).hints) == facts(with_writable_ids(hinted).hints), name
        count += len(hints)
    assert count > 500


def test_hints_are_written_into_architecture_diagrams() -> None:
    graph = read(with_comments("near a, g", "pin d 1 2", "grid g 2"))
    assert facts(read(to_architecture(graph, {})).hints) == facts(graph.hints)


def test_export_writes_the_hints_of_a_spec(tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(SPEC + "layout: {near: [a, b], pin: {e f: [1, 2]}}\n", "utf-8")
    assert main(["export", str(path), "--to", "mermaid"]) == 0
    text = capsys.readouterr().out
    assert "    %% diagramkit: near a, b\n    %% diagramkit: pin e_f 1 2\n" in text
    assert facts(read(text).hints) == [("near", ("a", "b"), ()), ("pin", ("e_f",), (1, 2))]


def test_parts_of_a_diagram_keep_the_hints_about_what_they_contain() -> None:
    pattern = readers.MERMAID.read(
        with_comments("near a, b, d", "near c, e", "grid g 2", "pin d 1 2", "order a, g"), "a.mmd", ""
    ).patterns[0]
    (overview, _), *_ = overviews.levels(pattern)
    assert facts(overview.graph.hints) == [("near", ("a", "b"), ()), ("order", ("a", "g"), ())]
    inner = overviews.without_surroundings(pattern, "g")
    assert facts(inner.graph.hints) == [("grid", ("g",), (2,)), ("pin", ("d",), (1, 2))]


def with_random_hints(graph: Graph, seed: int) -> Graph:
    """Return a graph with hints of random kinds that do not contradict each other."""
    dice = random.Random(seed)
    nodes = [node.id for node in graph.nodes]
    hints = [Hint("near", tuple(dice.sample(nodes, 2)), graph.nodes[0].span) for _ in range(3) if len(nodes) > 1]
    hints += [Hint("grid", (group.id,), group.span, (dice.randint(1, MAX_NUMBER),)) for group in graph.groups]
    pins = [
        Hint("pin", (name,), graph.nodes[0].span, (number, dice.randint(1, MAX_NUMBER)))
        for number, name in enumerate(dice.sample(nodes, min(len(nodes), 4)), 1)
    ]
    return replace(graph, hints=(*hints, *pins))
