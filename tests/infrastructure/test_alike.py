"""Pictures have few nodes: alike resources are one node if there are too many."""

from __future__ import annotations

import json

import pytest

from diagramkit.infrastructure.levels import View
from tests.support import templates


def queues(count: int, kind: str = "AWS::SQS::Queue") -> str:
    names = ("Red", "Blue", "Green", "Gold", "Pink")
    resources = {f"{names[n % 5]}Queue{chr(65 + n // 5) * 2}": {"Type": kind} for n in range(count)}
    return json.dumps({"Resources": resources})


def labels(text: str, view: View | None = None, file: str = "t.json") -> list[str]:
    return [templates.label(node.label) for node in templates.load_text(text, file, view).graph.nodes]


def test_alike_resources_are_one_node_only_if_there_are_too_many() -> None:
    assert len(labels(queues(12))) == 12
    assert labels(queues(13)) == ["SQS ×13"]


def test_every_resource_is_still_accounted_for() -> None:
    drawn = templates.load_text(queues(20), "t.json")
    assert [resource.fate for resource in drawn.resources] == ["drawn"] * 20


@pytest.mark.parametrize("view", [View("all"), View(show=("*",))])
def test_who_wants_to_see_all_sees_all(view: View) -> None:
    assert len(labels(queues(40), view)) == 40


def test_what_is_merged_keeps_its_edges() -> None:
    functions = "".join(f"  {name}Job: {{Type: AWS::Lambda::Function}}\n" for name in "ABCDEFGHIJKLM")
    sources = "".join(
        f"  {name}M: {{Type: AWS::Lambda::EventSourceMapping, Properties: "
        f"{{EventSourceArn: !GetAtt Jobs.Arn, FunctionName: !Ref {name}Job}}}}\n"
        for name in "ABCDEFGHIJKLM"
    )
    graph = templates.load_text(f"Resources:\n  Jobs: {{Type: AWS::SQS::Queue}}\n{functions}{sources}").graph
    assert templates.edges(graph) == ["SQS / Jobs -> Lambda ×13"]


def test_no_picture_has_more_than_thirty_nodes_of_alike_services() -> None:
    services = "".join(f"  part{chr(97 + n // 26)}{chr(97 + n % 26)}x: {{image: example}}\n" for n in range(40))
    assert labels(f"services:\n{services}", file="compose.yaml") == ["Services ×40"]
    few = "".join(f"  part{chr(97 + n)}x: {{image: example}}\n" for n in range(20))
    assert len(labels(f"services:\n{few}", file="compose.yaml")) == 20
