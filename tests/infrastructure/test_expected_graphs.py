"""Templates become the graphs that an architect would draw."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from diagramkit.graph import Graph
from diagramkit.infrastructure.levels import View
from tests.support import templates
from tests.support.templates import TEMPLATES

EXAMPLES = {
    "1-api-table.yaml": "1-api-table.expected.json",
    "2-three-tier.yaml": "2-three-tier.expected.json",
    "3-events.yaml": "3-events.expected.json",
    "4-ecs-nested/main.yaml": "4-ecs-nested/expected.json",
    "5-cdk.out/manifest.json": "5-cdk.out/expected.json",
    "6-terraform/main.tf": "6-terraform/expected.json",
    "6-terraform/plan.json": "6-terraform/expected.json",
    "6-terraform/state.json": "6-terraform/expected.json",
}
SMALL = {
    name: yaml.safe_load((TEMPLATES / f"small_{name}.yaml").read_text("utf-8"))
    for name in ("templates", "compose", "kubernetes")
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_has_its_expected_graph(name: str) -> None:
    drawn = templates.load(TEMPLATES / name)
    raw = json.loads((TEMPLATES / EXAMPLES[name]).read_text("utf-8"))
    assert templates.comparable(drawn.graph) == templates.expected(raw)


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_resource_has_one_fate_with_a_reason(name: str) -> None:
    drawn = templates.load(TEMPLATES / name)
    addresses = [resource.address for resource in drawn.resources]
    assert addresses
    assert len(set(addresses)) == len(addresses)
    fates = {"drawn", "group", "folded", "edge", "carrier", "hidden", "dropped"}
    assert all(resource.fate in fates and resource.reason for resource in drawn.resources)


def test_ids_have_no_hash_so_that_they_survive_another_one() -> None:
    nodes = templates.load(TEMPLATES / "5-cdk.out/manifest.json").graph.nodes
    assert {node.id for node in nodes} == {"app_placeorder", "data_ordertable"}


def test_nodes_and_edges_know_their_resources() -> None:
    graph: Graph = templates.load(TEMPLATES / "3-events.yaml").graph
    assert {node.id: node.resource for node in graph.nodes}["worker"] == "Worker"
    assert {(edge.source, edge.target): edge.resource for edge in graph.edges}["worker", "labels"] == "WorkerPolicy"


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for cases in SMALL.values() for case in cases])
def test_a_rule(case: dict[str, Any]) -> None:
    view = View(case.get("level", "default"), zones=case.get("zones", "merged"))
    drawn = templates.load_text(case["template"], case.get("file", "template.yaml"), view)
    nodes = sorted(templates.label(node.label) for node in drawn.graph.nodes)
    assert "nodes" not in case or nodes == sorted(case["nodes"])
    assert "edges" not in case or templates.edges(drawn.graph) == sorted(case["edges"])
    assert "groups" not in case or templates.groups(drawn.graph) == case["groups"]
    fates = {resource.address: resource.fate for resource in drawn.resources}
    assert {address: fates[address] for address in case.get("fates", {})} == case.get("fates", {})
    assert {"nodes", "edges", "groups"} & case.keys()


def test_there_are_enough_small_templates() -> None:
    assert len(SMALL["templates"]) >= 30
    assert len(SMALL["compose"]) >= 5
    assert len(SMALL["kubernetes"]) >= 5
