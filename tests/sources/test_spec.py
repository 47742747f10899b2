"""Specs: both ways to describe a topology, validation with positions, and the JSON Schema from the same model."""

from __future__ import annotations

import jsonschema
import pytest
import yaml

from diagramkit.diagnostics import DiagramError
from diagramkit.graph import Pattern
from diagramkit.sources import spec
from diagramkit.sources.mermaid.read import parse
from diagramkit.sources.mermaid.source_text import Origin
from diagramkit.sources.mermaid.write import to_mermaid
from tests.support.project import PATTERN_NAMES, ROOT, patterns

YAML_TOPOLOGY = """\
title: Shop
category: Web Apps
direction: LR
nodes:
  alb: ALB
  orders: {label: Orders, shape: db, link: https://example.com/orders}
  worker:
edges:
  - alb -> orders: HTTPS
  - orders <-.-> worker
  - {from: worker, to: net, style: thick, head: circle}
  - alb & worker -> orders
groups:
  net:
    label: VPC 1
    kind: vpc
    nodes: [alb]
    groups:
      data: [orders]
""".replace("  worker:\n", "  worker: Worker\n")


def read(text: str) -> Pattern:
    return spec.read(text, "s.yaml")


def problems(text: str) -> list[str]:
    """Return the problems of an invalid spec as text."""
    with pytest.raises(DiagramError) as error:
        read(text)
    return [str(problem) for problem in error.value.problems]


def test_nodes_edges_and_groups_are_read_from_yaml() -> None:
    pattern = read(YAML_TOPOLOGY)
    graph = pattern.graph
    assert [(n.id, n.label, n.shape, n.group) for n in graph.nodes] == [
        ("alb", "ALB", "square", "net"),
        ("orders", "Orders", "cylinder", "data"),
        ("worker", "Worker", "square", None),
    ]
    assert [(e.source, e.target, e.label, e.stroke, e.tail, e.head) for e in graph.edges] == [
        ("alb", "orders", "HTTPS", "normal", "none", "arrow"),
        ("orders", "worker", "", "dotted", "arrow", "arrow"),
        ("worker", "net", "", "thick", "none", "circle"),
        ("alb", "orders", "", "normal", "none", "arrow"),
        ("worker", "orders", "", "normal", "none", "arrow"),
    ]
    assert [(g.id, g.label, g.kind, g.parent) for g in graph.groups] == [
        ("net", "VPC 1", "vpc", None),
        ("data", "data", None, "net"),
    ]
    assert (pattern.folder, pattern.name, graph.direction) == ("web-apps", "s", "LR")


@pytest.mark.parametrize(
    "name", ["web server", "a b c", "end", "call", "1. first", "x:y", "Ü²", "style", "a,b", "a; b", "[x]"]
)
def test_any_id_in_a_spec_survives_the_conversion_to_mermaid(name: str) -> None:
    text = yaml.safe_dump(
        {
            "title": "T",
            "nodes": {name: "EC2", "b": "S3"},
            "edges": [{"from": name, "to": "b"}],
            "groups": {f"{name} 2": {"label": "VPC", "nodes": [name]}},
        }
    )
    pattern = spec.read(text, "s.yaml")
    graph = parse(pattern.source_text, Origin("s.mmd"))
    assert [node.label for node in graph.nodes] == ["S3", "EC2"]
    assert [node.label for node in graph.nodes if node.group] == ["EC2"]
    assert [group.label for group in graph.groups] == ["VPC"]
    assert len(graph.edges) == 1


def test_the_mermaid_of_a_yaml_topology_describes_the_same_graph() -> None:
    from_yaml = read(YAML_TOPOLOGY)
    from_mermaid = read(f"title: Shop\ndiagram: |\n{indented(from_yaml.source_text)}")
    assert from_mermaid.graph.edges[0].label == "HTTPS"
    assert {(n.id, n.label, n.shape, n.group) for n in from_mermaid.graph.nodes} == {
        (n.id, n.label, n.shape, n.group) for n in from_yaml.graph.nodes
    }


def indented(text: str) -> str:
    return "".join(f"  {line}\n" for line in text.splitlines())


def test_mermaid_in_a_spec_is_kept_unchanged_and_its_errors_point_into_the_spec() -> None:
    text = "title: T\ndiagram: |\n    graph LR\n      A[x]  -->  B;\n"
    assert read(text).source_text == "graph LR\n  A[x]  -->  B;\n"
    assert problems(text.replace("-->", "->"))[0].startswith("s.yaml:4:13: error[mermaid-arrow]")


def test_direction_and_links_of_a_spec_apply_to_its_mermaid() -> None:
    pattern = read("title: T\ndirection: TD\nlinks: {A: https://e.com}\ndiagram: 'graph LR;A-->B'\n")
    assert pattern.graph.direction == "TB"
    assert pattern.graph.nodes[0].link == "https://e.com"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "s.yaml:1:1: error[empty-file]"),
        ("- a\n", "s.yaml:1:1: error[wrong-type]"),
        ("title: [\n", "s.yaml:1:8: error[yaml-syntax]"),
        ("title: a: b\n", "s.yaml:1:9: error[yaml-syntax]"),
        ("title: T\ntitle: U\n", "s.yaml:2:1: error[duplicate-key]"),
        ("titel: T\n", "did you mean 'title'?"),
        ("title: 1.0\nnodes: {a: b}\n", "put it in quotes"),
        ("title: ''\nnodes: {a: b}\n", "error[empty-value]"),
        ("title: T\n", "s.yaml:1:1: error[no-topology]"),
        ("title: T\nnodes: {a: b}\ndiagram: graph LR\n", "error[two-topologies]"),
        ("title: T\nnodes: {a: b}\ndirection: LT\n", "s.yaml:3:12: error[wrong-value]"),
        ("title: T\nnodes: {a: b}\nedges: [a -> c]\n", "s.yaml:3:9: error[unknown-node]"),
        ("title: T\nnodes: {alb: b}\nedges: [alb -> abl]\n", "did you mean 'alb'?"),
        ("title: T\nnodes: {a: b}\nedges: [a]\n", "error[edge-syntax]"),
        ("title: T\nnodes: {a: b}\nedges: [{from: a}]\n", "has 'from' but no 'to'"),
        ("title: T\nnodes: {a: b}\ngroups: {a: [a]}\n", "error[duplicate-id]"),
        ("title: T\nnodes: {a: b}\ngroups: {g: [a], h: [a]}\n", "already in the group 'g'"),
        ("title: T\nnodes: {a: b}\nicons: {b: x}\n", "error[unknown-node]"),
        ("title: T\nnodes: {a: b}\nlinks: {a: 'javascript:alert(1)'}\n", "error[bad-link]"),
        ("title: T\nnodes:\n\ta: b\n", "error[yaml-syntax]"),
        ("title: T\nnodes: {a: {shape: cilinder}}\n", "did you mean 'cylinder'?"),
        ("title: &x T\nnodes: *y\n", "error[yaml-syntax]"),
        ("title: T\ngroups: {g: {nodes: [a], kind: vcp}}\nnodes: {a: b}\n", "did you mean 'vpc'?"),
    ],
)
def test_problems_in_a_spec_are_reported_with_their_position(text: str, expected: str) -> None:
    assert any(expected in problem for problem in problems(text)), problems(text)


def test_the_schema_accepts_valid_specs() -> None:
    schema = spec.json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    for name in PATTERN_NAMES:
        path = next((ROOT / "specs").rglob(f"{name}.yaml"))
        validator.validate(yaml.safe_load(path.read_text("utf-8")))
    validator.validate(yaml.safe_load(YAML_TOPOLOGY))


@pytest.mark.parametrize(
    "text",
    [
        "titel: T",
        "title: 3\nnodes: {a: b}",
        "title: T",
        "title: T\nnodes: {a: {shape: no}}",
        "title: T\nnodes: {a: b}\ndirection: LT",
        "title: T\ndiagram: x\nnodes: {a: b}",
        "title: T\nnodes: {a: b}\ngroups: {g: 3}",
        "title: T\nnodes: {a: b}\nedges: {a: b}",
    ],
)
def test_the_schema_rejects_invalid_specs(text: str) -> None:
    validator = jsonschema.Draft202012Validator(spec.json_schema())
    assert not validator.is_valid(yaml.safe_load(text))
    assert problems(text)


@pytest.mark.parametrize("name", PATTERN_NAMES)
def test_components_and_best_practices_are_read(name: str) -> None:
    pattern = patterns()[name]
    assert len(pattern.components) >= 3
    assert len(pattern.best_practices) == 3


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("title: {a: b}", "error[wrong-type]"),
        ("steps: maybe", "true or false"),
        ("nodes: {'': A}", "s.yaml:2:9: error[empty-value]: an id in 'nodes' is empty"),
        ("nodes: {a: A}\ngroups: {' ': [a]}", "an id in 'groups' is empty"),
        ("nodes: {a: A, b: B}\nedges: [{from: a, to: b, step: first}]", "a number from 1 to 99"),
        (
            "nodes: {a: A, b: B}\nedges: [{from: a, to: b, step: 200}]",
            "a number from 1 to 99, not 200",
        ),
        ("diagram: |\n\n\n  graph LR\n    A ->", ":6:7: error"),
        ("notes: &a [x]\ncomponents: *a", "error[yaml-alias]"),
    ],
)
def test_a_value_of_the_wrong_type_is_reported_with_the_expected_type(line: str, expected: str) -> None:
    text = f"{'' if line.startswith('title') else 'title: X'}\n{line}\n"
    assert any(expected in problem for problem in problems(text)), problems(text)


def test_what_a_spec_leaves_open_is_taken_from_its_mermaid() -> None:
    source = (
        'title: T\nlinks: {B: "https://b.org"}\n'
        'diagram: |\n  graph LR\n    accDescr: From Mermaid\n    A --> B\n    click A "https://a.org"\n'
    )
    graph = read(source).graph
    assert graph.description == "From Mermaid"
    assert [node.link for node in graph.nodes] == ["https://a.org", "https://b.org"]
    with pytest.raises(DiagramError, match="'links' refers to 'Z'"):
        read(source.replace("{B:", "{Z:"))


def test_a_spec_overrides_its_mermaid() -> None:
    source = "title: T\ndescription: From the spec\ndiagram: |\n  graph LR\n    accDescr: From Mermaid\n    A --> B\n"
    assert read(source).graph.description == "From the spec"


def test_the_depth_of_nested_mappings_is_limited() -> None:
    deep = "".join(f"{' ' * level}k{level}:\n" for level in range(45))
    with pytest.raises(DiagramError, match="levels deep; use fewer levels"):
        read(f"title: T\nnodes: {{a: b}}\n{deep}{' ' * 45}x: y\n")


CLASSES = """\
title: T
nodes: {a: A, b: {label: B, class: store}, c: C}
edges: [{from: a, to: b, class: hot late}, a -> c]
groups: {g: {nodes: [b], class: zone, link: ./zone.html}}
classes:
  store: {fill: "#fde"}
  hot: {stroke: "#c00", stroke-width: "3px"}
  late: {stroke-dasharray: "4 2"}
  zone: {stroke: "#080"}
legend: {store: S, hot: H, zone: Z, dotted: D, vpc: V}
"""


def test_nodes_edges_and_groups_of_a_spec_have_classes_and_survive_mermaid() -> None:
    graph = read(CLASSES).graph
    (_, b, _), (hot, plain), (group,) = graph.nodes, graph.edges, graph.groups
    assert (b.classes, b.style) == (("store",), (("fill", "#fde"),))
    assert (hot.classes, hot.style) == (
        ("hot", "late"),
        (("stroke", "#c00"), ("stroke-width", "3px"), ("stroke-dasharray", "4 2")),
    )
    assert (plain.classes, plain.style) == ((), ())
    assert (group.classes, group.style, group.link) == (("zone",), (("stroke", "#080"),), "./zone.html")
    again = parse(to_mermaid(graph), Origin("s.mmd"))
    looks = {item.id: (item.classes, item.style) for item in graph.nodes_and_groups}
    assert {item.id: (item.classes, item.style) for item in again.nodes_and_groups} == looks
    assert [(edge.classes, edge.style) for edge in again.edges] == [(edge.classes, edge.style) for edge in graph.edges]
    assert again.groups[0].link == "./zone.html"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "class: hot late",
            "class: hot lat",
            "s.yaml:3:33: error[unknown-class]: there is no class 'lat'; did you mean",
        ),
        ("class: zone", "class: zoo", "error[unknown-class]"),
        ("class: store", "class: x", "error[unknown-class]: there is no class 'x'; add 'x' to the classes"),
        ("dotted: D", "doted: D", "error[unknown-symbol]: 'legend' refers to 'doted'"),
        ("hot: H", "constructor: H", "error[unknown-symbol]"),
        ('fill: "#fde"', "fill: 3", "error[wrong-type]"),
    ],
)
def test_unknown_classes_and_symbols_are_errors(old: str, new: str, message: str) -> None:
    with pytest.raises(DiagramError) as error:
        read(CLASSES.replace(old, new))
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a -> c", "a -> missing"),
        ("class: zone", "class: zoo"),
        ("title: T", "title: [T]"),
        ("a -> c", "{from: a, to: c, class: [hot]}"),
        ("c: C", "c: [C]"),
        ('store: {fill: "#fde"}', "store: pink"),
    ],
)
def test_unknown_symbols_are_reported_together_with_other_problems(old: str, new: str) -> None:
    with pytest.raises(DiagramError) as error:
        read(CLASSES.replace("dotted: D", "doted: D").replace(old, new))
    assert len(error.value.problems) >= 2
    (symbol,) = [problem for problem in error.value.problems if problem.code == "unknown-symbol"]
    assert "refers to 'doted', which is not" in symbol.message
    assert "did you mean 'dotted'" in symbol.message


def test_a_legend_of_mermaid_with_a_mistake_is_checked_as_far_as_that_is_possible() -> None:
    text = "title: T\nlegend: {hot: H, cold: C}\ndiagram: |\n  graph LR\n    A[x --> B:::hot\n"
    with pytest.raises(DiagramError) as error:
        read(text)
    assert [problem.code for problem in error.value.problems if "'cold'" in problem.message] == ["unknown-symbol"]
    with pytest.raises(DiagramError) as error:
        read(text.replace("legend: {hot: H, cold: C}", "icons: {A: none, Z: none}\nlinks: {B: ./b, Y: ./y}"))
    unknown = [problem.message[:24] for problem in error.value.problems if problem.code == "unknown-node"]
    assert unknown == ["'icons' refers to 'Z', w", "'links' refers to 'Y', w"]
    assert not any("'hot'" in problem.message for problem in error.value.problems if problem.code == "unknown-symbol")


def test_a_legend_of_mermaid_knows_the_classes_of_edges() -> None:
    text = "title: T\nlegend: {hot: H}\ndiagram: |\n  graph LR\n    A e1@--> B\n    class e1 hot\n"
    assert read(text).options.legend == (("hot", "H"),)
    with pytest.raises(DiagramError, match="unknown-symbol"):
        read(text.replace("class e1 hot", "class e1 cold"))
