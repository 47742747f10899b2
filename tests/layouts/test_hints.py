"""Layout hints hold in every direction and on every canvas, or the layout reports which of them conflict."""

from __future__ import annotations

import random
from typing import Any, get_args

import pytest
from msgspec.structs import replace

from diagramkit import pipeline
from diagramkit.diagnostics import Diagnostic
from diagramkit.graph import Graph, Hint, HintKind
from diagramkit.layout import compose
from diagramkit.layout.result import Layout
from diagramkit.options import Options, PictureOptions
from tests.layouts.random_hints import random_hint, violations
from tests.support import faults, measures

KINDS: tuple[HintKind, ...] = get_args(HintKind)
CHAIN = """
flowchart {direction}
  a[ALB] --> b[EC2] --> c[RDS] --> d[S3]
  a --> e[Lambda] --> f[SQS]
  subgraph g [Workers]
    h[Glue]
    i[Athena]
    j[EMR]
    k[Kinesis]
  end
  f --> g
"""


@pytest.fixture
def layouts(monkeypatch: pytest.MonkeyPatch) -> list[Layout]:
    """The layouts that were computed in the test, in order."""
    computed: list[Layout] = []
    compute = compose.compute_layout

    def record(*arguments: Any) -> Layout:
        computed.append(compute(*arguments))
        return computed[-1]

    monkeypatch.setattr(compose, "compute_layout", record)
    return computed


def _render(graph: Graph, canvas: str = "16:9", engine: str = "layered") -> tuple[Diagnostic, ...]:
    options = Options(picture_options=PictureOptions(canvas=canvas), engine=engine)
    return pipeline.render(measures.pattern_of(graph), ("svg",), options).warnings


def _with_hint(text: str, kind: HintKind, *members: str, values: tuple[int, ...] = ()) -> Graph:
    graph = measures.graph_of(text)
    return replace(graph, hints=(*graph.hints, Hint(kind, members, graph.nodes[0].span, values)))


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_random_hints_hold_in_real_structures(kind: HintKind, layouts: list[Layout]) -> None:
    rng = random.Random(f"{kind} 1")
    names = sorted(measures.topologies())
    rng.shuffle(names)
    tried = 0
    for name in names:
        graph = measures.graph_of(measures.topologies()[name])
        hint = random_hint(graph, kind, rng)
        if hint is None or tried == 60:
            continue
        tried += 1
        graph = replace(graph, hints=(hint,))
        drawing = measures.picture_of(graph)
        assert layouts[-1].violated_hints == (), (name, hint)
        assert list(violations(graph, layouts[-1])) == [], (name, hint)
        assert faults.find_faults(drawing) == [], (name, hint)
    assert tried >= (30 if kind in ("main", "grid") else 55)


@pytest.mark.parametrize("canvas", ["natural", "16:9", "square", "1080x1920"])
@pytest.mark.parametrize("direction", ["TB", "BT", "LR", "RL"])
@pytest.mark.parametrize(
    ("kind", "members", "values"),
    [
        ("same_rank", ("b", "f"), ()),
        ("same_rank", ("d", "a"), ()),
        ("in_line", ("a", "e", "c"), ()),
        ("order", ("e", "b"), ()),
        ("order", ("b", "e"), ()),
        ("near", ("d", "f"), ()),
        ("main", ("a", "e", "f"), ()),
        ("grid", ("g",), (2,)),
        ("pin", ("d",), (2, 1)),
        ("pin", ("i",), (2, 2)),
        ("pin", ("g",), (1, 1)),
    ],
)
def test_a_hint_holds_on_every_canvas_in_every_direction(
    kind: HintKind,
    members: tuple[str, ...],
    values: tuple[int, ...],
    direction: str,
    canvas: str,
    layouts: list[Layout],
) -> None:
    graph = _with_hint(CHAIN.format(direction=direction), kind, *members, values=values)
    assert "unmet-hint" not in [warning.code for warning in _render(graph, canvas)]
    assert list(violations(graph, layouts[-1])) == []
    if kind == "pin":
        slot = layouts[-1].slots[members[0]]
        assert (slot.rank, slot.line) == values


def test_pins_of_one_rank_and_of_one_line_are_aligned(layouts: list[Layout]) -> None:
    graph = measures.graph_of("flowchart LR\n  a[ALB] --> b[EC2] & c[RDS] & d[S3]\n  b --> e[SQS]")
    span = graph.nodes[0].span
    pins = [Hint("pin", (name,), span, place) for name, place in {"c": (2, 1), "e": (3, 1), "d": (3, 2)}.items()]
    _render(replace(graph, hints=tuple(pins)))
    anchors = layouts[-1].anchors
    assert anchors["c"][1] == pytest.approx(anchors["e"][1], abs=1)
    assert anchors["e"][0] == pytest.approx(anchors["d"][0], abs=1)
    assert anchors["c"][1] < anchors["b"][1]


def test_what_follows_a_pinned_node_stays_where_the_flow_leads(layouts: list[Layout]) -> None:
    graph = _with_hint("flowchart LR\n  a[ALB] --> b[EC2] --> c[RDS] --> d[S3]", "pin", "b", values=(4, 1))
    _render(graph, "natural")
    x = {name: point[0] for name, point in layouts[-1].anchors.items()}
    assert x["a"] < x["c"] < x["d"] < x["b"]


def test_a_fold_keeps_what_hints_relate_in_one_row(layouts: list[Layout]) -> None:
    text = "flowchart LR\n  " + " --> ".join(f"n{k}[Service {k}]" for k in range(14))
    _render(measures.graph_of(text))
    rows = {round(y) for _, y in layouts[-1].anchors.values()}
    assert len(rows) > 1, "The chain is folded without hints."
    graph = _with_hint(text, "in_line", "n5", "n9")
    _render(graph)
    assert list(violations(graph, layouts[-1])) == []


def test_hints_that_conflict_are_reported_with_both_lines() -> None:
    text = "flowchart TB\n  subgraph g [Web]\n    a[ALB] --> b[EC2]\n  end\n  b --> c[RDS]\n"
    graph = measures.graph_of(text)
    span = graph.nodes[0].span
    first = Hint("pin", ("b",), replace(span, line=7), (1, 1))
    second = Hint("main", ("a", "b"), replace(span, line=8))
    third = Hint("same_rank", ("b", "c"), replace(span, line=9))
    warnings = [each for each in _render(replace(graph, hints=(third, first, second))) if each.code == "unmet-hint"]
    assert len(warnings) == 1
    lines = {warnings[0].span.line} | {n for n in (7, 8, 9) if f"in line {n}" in warnings[0].message}
    assert lines == {7, 8}


def test_a_hint_that_the_groups_rule_out_is_reported_alone() -> None:
    text = "flowchart TB\n  subgraph g [Web]\n    a[ALB] --> b[EC2]\n  end\n  b --> c[RDS] --> a\n"
    (warning,) = (w for w in _render(_with_hint(text, "main", "a", "c", "b")) if w.code == "unmet-hint")
    assert "'main a, c, b' does not fit" in warning.message


@pytest.mark.parametrize("engine", ["wasm"])
def test_other_engines_report_that_they_ignore_hints(engine: str) -> None:
    warnings = _render(_with_hint(CHAIN.format(direction="LR"), "same_rank", "a", "d"), engine=engine)
    assert [w.message for w in warnings if w.code == "unmet-hint"] == [
        "the layout engine 'wasm' does not honor layout hints; use 'layered'"
    ]


def test_a_hint_that_holds_anyway_leaves_most_pictures_as_they_are() -> None:
    """A hint changes what it is about, not everything else."""
    text = CHAIN.format(direction="LR")
    before = measures.picture(text)
    after = measures.picture_of(_with_hint(text, "main", "a", "b", "c", "d"))
    assert measures.displacement(before, after) < 0.1


ZONES = """
flowchart {direction}
  users[Users] --> alb[ALB] --> web1 & web2
  subgraph az1 [Zone 1]
    web1[EC2] --> db1[(Aurora)]
  end
  subgraph az2 [Zone 2]
    web2[EC2] --> db2[(Aurora)]
  end
  db1 --> db2
"""


@pytest.mark.parametrize("direction", ["TB", "LR"])
@pytest.mark.parametrize(
    ("kind", "members"), [("order", ("az2", "az1")), ("same_rank", ("az1", "az2")), ("near", ("az1", "az2"))]
)
def test_hints_about_twins_keep_them_alike(
    kind: HintKind, members: tuple[str, ...], direction: str, layouts: list[Layout]
) -> None:
    _render(_with_hint(ZONES.format(direction=direction), kind, *members))
    layout = layouts[-1]
    first, second = layout.groups["az1"], layout.groups["az2"]
    assert (first.w, first.h) == pytest.approx((second.w, second.h), abs=2)
    axis = 0 if layout.direction == "LR" else 1
    for tier in ("web", "db"):
        assert layout.anchors[f"{tier}1"][axis] == pytest.approx(layout.anchors[f"{tier}2"][axis], abs=2)
