"""Reports: what they say about a picture is there, names its lines, and is solved by the change that they propose."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import diagramkit
from diagramkit.cli import main
from diagramkit.diagnostics import OK
from diagramkit.drawing import Box, EdgeDrawing
from diagramkit.report import crossing_lines
from diagramkit.report.report_records import Problem, Report
from tests.support import measures

FUNCTIONS = (
    "Orders",
    "Billing",
    "Search",
    "Mail",
    "Audit",
    "Export",
    "Import",
    "Report",
    "Stock",
    "Price",
    "Topic",
    "Bill",
)
INTO_ONE = (
    "flowchart LR\n  subgraph vpc [VPC]\n"
    + "".join(f"    {name}[{name} function<br/>Lambda]\n" for name in FUNCTIONS)
    + "  end\n"
    + "".join(f"  {name} --> cw[CloudWatch]\n" for name in FUNCTIONS)
)
MESH = "flowchart LR\n  a[Web] & b[Mobile] & c[Partner] & d[Admin] --> e[ECS] & f[Lambda] & g[SQS] & h[SNS]\n"


def report(text: str, **options: object) -> Report:
    return diagramkit.parse(text).report(**options)


def problems(text: str, kind: str, **options: object) -> list[Problem]:
    return [problem for problem in report(text, **options).problems if problem.kind == kind]


def test_each_node_has_its_icon_with_confidence_and_reason() -> None:
    first, second = report("flowchart LR\n  a[ALB] --> b[Something]\n").nodes
    assert (first.id, first.icon, first.confidence) == ("a", "aws.network.ElbApplicationLoadBalancer", "certain")
    assert first.reason == "alias: ALB"
    assert (second.icon, second.confidence) == (None, "none")


def test_a_picture_without_problems_has_none() -> None:
    clean = report("flowchart LR\n  a[API Gateway] --> b[Lambda] --> c[(DynamoDB)]\n")
    assert (clean.problems, clean.crossings) == ((), 0)


def test_many_edges_into_a_node_are_one_problem_that_an_edge_from_the_group_solves() -> None:
    (problem,) = problems(INTO_ONE, "many-edges")
    assert problem.message.startswith("12 edges into 'CloudWatch'")
    assert problem.change == "one edge from the group 'VPC' would do"
    assert problem.lines == tuple(range(16, 28))
    lines = INTO_ONE.splitlines()
    changed = "\n".join([*lines[:15], "  vpc --> cw[CloudWatch]", ""])
    assert report(changed).problems == ()


def test_edges_from_several_nodes_to_the_same_nodes_are_one_problem_that_groups_solve() -> None:
    before = report(MESH)
    (problem,) = [problem for problem in before.problems if problem.kind == "many-edges"]
    assert problem.message.startswith("16 edges lead from 'Web', 'Mobile' and 2 more to 'ECS', 'Lambda' and 2 more")
    assert problem.lines == (2,)
    after = report(
        "flowchart LR\n  subgraph x [Clients]\n    a[Web]\n    b[Mobile]\n    c[Partner]\n    d[Admin]\n  end\n"
        "  subgraph y [Services]\n    e[ECS]\n    f[Lambda]\n    g[SQS]\n    h[SNS]\n  end\n  x --> y\n"
    )
    assert after.crossings == 0 < before.crossings
    assert not [problem for problem in after.problems if problem.kind == "many-edges"]


def test_labeled_edges_that_say_different_things_are_no_problem() -> None:
    text = INTO_ONE
    for number, name in enumerate(FUNCTIONS):
        text = text.replace(f"  {name} --> cw", f"  {name} -->|text {number}| cw")
    assert problems(text, "many-edges") == []


def edge(*points: tuple[float, float]) -> EdgeDrawing:
    return EdgeDrawing("a", "b", points, "normal", "none", "arrow", "#000000")


@pytest.mark.parametrize(
    ("edges", "count"),
    [
        ([edge((0, 0), (10, 0)), edge((5, -5), (5, 5))], 1),
        ([edge((0, 0), (10, 0)), edge((5, -5), (5, 0))], 0),  # It only ends there.
        ([edge((0, 0), (10, 0)), edge((0, 1), (10, 1))], 0),
        ([edge((0, 0), (10, 0)), edge((2, 0), (8, 0))], 0),  # They share a line.
        ([edge((0, 0), (10, 10)), edge((0, 10), (10, 0))], 1),
        ([edge((0, 0), (10, 0), (10, 10), (5, 10), (5, -5))], 0),  # With itself.
        ([edge((0, 0), (10, 0)), edge((5, -5), (5, 5)), edge((5, -5), (5, 6))], 1),  # Of two that share a line.
    ],
)
def test_crossings_are_points_where_one_line_runs_over_another(edges: list[EdgeDrawing], count: int) -> None:
    drawing = measures.picture("graph LR\n  a --> b\n")
    changed = type(drawing)(
        **{**{name: getattr(drawing, name) for name in drawing.__struct_fields__}, "edges": tuple(edges)}
    )
    assert len(crossing_lines.find(changed)) == count


def test_crossings_are_counted_as_the_hops_show_them() -> None:
    for text in measures.topologies().values():
        drawing = measures.picture(text)
        hops = sum(len(edge.hops) for edge in drawing.edges)
        assert bool(hops) <= bool(crossing_lines.find(drawing))


def test_an_edge_with_crossings_is_named_with_its_line() -> None:
    text = "flowchart LR\n" + "".join(f"  {a} --> {b}\n" for a in "abcde" for b in "abcde" if a != b)
    result = report(text)
    named = [problem for problem in result.problems if problem.kind == "crossings"]
    assert result.crossings > 0
    assert named
    for problem in named:
        assert problem.lines
        assert all(2 <= line <= 21 for line in problem.lines)


def test_small_text_names_a_group_to_draw_on_its_own_and_the_text_is_as_small() -> None:
    groups = "".join(
        f"  subgraph g{g} [Service {g}]\n" + "".join(f"    n{g}_{i}[Lambda {g} {i}]\n" for i in range(12)) + "  end\n"
        for g in range(16)
    )
    text = f"flowchart LR\n{groups}"
    (problem,) = problems(text, "small-text")
    size = report(text).text_px
    assert size is not None
    assert f"{size:.1f} px" in problem.message
    assert size == pytest.approx(measures.smallest_on_slide(measures.picture(text)), abs=0.1)
    assert text.splitlines()[problem.lines[0] - 1].strip().startswith("subgraph")
    assert problems(text, "small-text", canvas="natural") == []


def test_a_group_without_members_is_named_with_its_line() -> None:
    (problem,) = problems("flowchart LR\n  subgraph vpc [VPC]\n  end\n  a[ALB]\n", "empty-group")
    assert problem.lines == (2,)
    assert "'VPC' has no members" in problem.message


def test_an_id_that_is_probably_misspelled_is_named() -> None:
    text = "flowchart LR\n  alb[ALB] --> orders[Orders Lambda] --> db[(Aurora)]\n  order --> q[SQS]\n"
    (problem,) = problems(text, "similar-id")
    assert (problem.lines, problem.change) == ((3,), "write 'orders', or give it a label")
    assert problems(text.replace("order -->", "orders -->"), "similar-id") == []
    assert problems("flowchart LR\n  node1 --> node2 --> node3\n", "similar-id") == []


def test_components_without_an_icon_are_one_problem() -> None:
    (problem,) = problems("flowchart LR\n  a[Foo service] --> b[Bar service] --> c[S3]\n", "no-icon")
    assert problem.message == "no icon for 'Foo service', 'Bar service'"
    assert "a@{ icon:" in problem.change


def test_a_label_without_space_is_a_problem() -> None:
    from diagramkit.report import reading_problems
    from diagramkit.report.picture import ShownPicture

    text = "flowchart LR\n  a[ALB] -->|HTTPS| b[Lambda]\n"
    graph, drawing = measures.graph_of(text), measures.picture(text)
    node, (line,) = drawing.nodes[0], drawing.edges
    moved = Box(node.box.x, node.box.y, line.texts[0].box.w, line.texts[0].box.h)
    text_span = type(line.texts[0])(line.texts[0].text, moved, moved.y, 10, "#000000")
    fields = {name: getattr(line, name) for name in line.__struct_fields__}
    changed = EdgeDrawing(**{**fields, "texts": (text_span,)})
    values = {name: getattr(drawing, name) for name in drawing.__struct_fields__}
    broken = type(drawing)(**{**values, "edges": (changed,)})
    assert not [
        one for one in reading_problems.problems(ShownPicture(graph, drawing, None), []) if one.kind == "label-space"
    ]
    (problem,) = reading_problems.problems(ShownPicture(graph, broken, None), [])
    assert (problem.kind, problem.lines) == ("label-space", (2,))
    assert "'HTTPS' overlaps the node 'ALB'" in problem.message


def test_the_share_of_empty_space_grows_with_the_space() -> None:
    chain = report("flowchart LR\n  a[ALB] --> b[EC2] --> c[S3]\n", canvas="square").empty
    square = report(
        "flowchart LR\n  a[ALB] --> b[EC2]\n  a --> c[S3]\n  b --> d[SQS]\n  c --> d\n", canvas="square"
    ).empty
    assert 0 <= square < chain < 1


def test_lines_are_those_of_the_file(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# T\n\nText.\n\n```mermaid\nflowchart LR\n  subgraph vpc [VPC]\n  end\n  a[ALB]\n```\n")
    spec = tmp_path / "spec.yaml"
    spec.write_text("title: T\nnodes: {a: ALB}\ngroups:\n  vpc: {label: VPC, nodes: []}\n")
    for path, line in ((page, 7), (spec, 4)):
        (problem,) = diagramkit.load(path).report().problems
        assert (problem.kind, problem.lines) == ("empty-group", (line,))


def test_fifteen_nodes_need_fewer_than_six_hundred_tokens() -> None:
    """Of about four characters; measured with o200k_base once: at most 588."""
    sizes = []
    for text in measures.topologies().values():
        if len((result := report(text)).nodes) in (13, 14, 15):
            sizes.append(len(result.to_json()))
    assert len(sizes) > 5
    assert max(sizes) < 4 * 600


def test_the_command_and_python_write_the_same_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("shop.mmd").write_text(MESH)
    assert main(["render", "shop.mmd", "-o", "shop.svg", "--report", "report.json"]) == OK
    written = Path("report.json").read_text()
    expected = diagramkit.load("shop.mmd").report()
    assert written == expected.to_json() == diagramkit.load("shop.mmd").render("report").decode()
    data = json.loads(written)
    assert [*data] == [
        *("title", "canvas", "theme", "width", "height", "crossings", "text_px", "empty"),
        *("problems", "nodes"),
    ]
    assert data["nodes"]["a"] == [expected.nodes[0].icon, expected.nodes[0].confidence, expected.nodes[0].reason]
    assert main(["render", "shop.mmd", "-o", "out", "-f", "report"]) == OK
    assert Path("out/shop.report.json").read_text() == written


def test_a_report_needs_an_output_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("shop.mmd").write_text(MESH)
    with pytest.raises(SystemExit) as exit_info:
        main(["render", "shop.mmd", "-o", "out", "--report", "report.json"])
    assert exit_info.value.code == 2
    assert not Path("report.json").exists()
