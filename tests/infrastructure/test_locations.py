"""Accounts and regions are frames if the source says that there are several."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from diagramkit.graph import Graph
from tests.support import templates


@pytest.fixture(autouse=True)
def _in_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("diagramkit.toml").touch()


def frames(graph: Graph) -> list[tuple[str, str | None, str | None]]:
    """Return the title, the kind and the title of the frame around it of each frame."""
    titles: dict[str | None, str] = {group.id: group.label for group in graph.groups}
    return sorted((group.label, group.kind, titles.get(group.parent)) for group in graph.groups)


def stacks(*environments: str) -> Graph:
    """Return the graph of an application of the CDK with a stack in each environment."""
    artifacts: dict[str, Any] = {}
    for number, environment in enumerate(environments):
        name = f"Stack{chr(65 + number)}"
        template = {"Resources": {f"Jobs{number}": {"Type": "AWS::SQS::Queue"}}}
        Path(f"{name}.template.json").write_text(json.dumps(template), "utf-8")
        properties = {"templateFile": f"{name}.template.json"}
        artifacts[name] = {"type": "aws:cloudformation:stack", "environment": environment, "properties": properties}
    Path("manifest.json").write_text(json.dumps({"artifacts": artifacts}), "utf-8")
    return templates.load("manifest.json").graph


def test_stacks_of_the_cdk_are_in_their_accounts_and_regions() -> None:
    graph = stacks("aws://111122223333/eu-west-1", "aws://444455556666/us-east-1")
    assert frames(graph) == [
        ("AWS account …3333", "account", None),
        ("AWS account …6666", "account", None),
        ("StackA", "generic", "eu-west-1"),
        ("StackB", "generic", "us-east-1"),
        ("eu-west-1", "region", "AWS account …3333"),
        ("us-east-1", "region", "AWS account …6666"),
    ]


@pytest.mark.parametrize(
    "environments",
    [
        ("aws://111122223333/eu-west-1", "aws://111122223333/eu-west-1"),
        ("aws://unknown-account/unknown-region", "aws://unknown-account/unknown-region"),
        ("", "aws://1111/x"),
    ],
)
def test_one_account_and_region_are_no_frames(environments: tuple[str, str]) -> None:
    assert [kind for _, kind, _ in frames(stacks(*environments))] == ["generic", "generic"]


def queue(name: str, values: dict[str, Any]) -> dict[str, Any]:
    address = f"aws_sqs_queue.{name}"
    return {"address": address, "mode": "managed", "type": "aws_sqs_queue", "name": name, "values": values}


def test_a_state_has_the_regions_and_accounts_of_its_arns() -> None:
    resources = [
        queue("jobs", {"arn": "arn:aws:sqs:eu-west-1:111122223333:jobs"}),
        queue("copies", {"arn": "arn:aws:sqs:us-east-1:111122223333:copies"}),
        queue("odd", {"arn": "arn:aws:sqs:hunter2:secret:odd", "region": "hunter2"}),
    ]
    state = {"format_version": "1.0", "terraform_version": "1.9.0", "values": {"root_module": {"resources": resources}}}
    graph = templates.load_text(json.dumps(state), "state.json").graph
    assert frames(graph) == [("eu-west-1", "region", None), ("us-east-1", "region", None)]
    assert {node.label: node.group is None for node in graph.nodes}["SQS<br>Odd"]


def test_a_plan_has_the_regions_of_its_providers() -> None:
    configuration = {
        "provider_config": {
            "aws": {"expressions": {"region": {"constant_value": "eu-west-1"}}},
            "aws.us": {"expressions": {"region": {"constant_value": "us-east-1"}}},
        },
        "root_module": {
            "resources": [
                {**queue("jobs", {}), "provider_config_key": "aws"},
                {**queue("copies", {}), "provider_config_key": "aws.us"},
            ]
        },
    }
    plan = {"format_version": "1.2", "terraform_version": "1.9.0", "configuration": configuration}
    graph = templates.load_text(json.dumps(plan), "plan.json").graph
    assert templates.groups(graph) == {"eu-west-1": ["SQS / Jobs"], "us-east-1": ["SQS / Copies"]}


def test_a_module_has_the_provider_that_it_is_given() -> None:
    Path("copy").mkdir()
    Path("copy/main.tf").write_text('resource "aws_sqs_queue" "copies" {}\n', "utf-8")
    Path("main.tf").write_text(
        'provider "aws" {\n  region = "eu-west-1"\n}\n'
        'provider "aws" {\n  alias = "us"\n  region = "us-east-1"\n'
        '  assume_role {\n    role_arn = "arn:aws:iam::444455556666:role/deploy"\n  }\n}\n'
        'resource "aws_sqs_queue" "jobs" {}\n'
        'module "copy" {\n  source = "./copy"\n  providers = { aws = aws.us }\n}\n',
        "utf-8",
    )
    assert frames(templates.load("main.tf").graph) == [
        ("Copy", "generic", "us-east-1"),
        ("eu-west-1", "region", None),
        ("us-east-1", "region", None),
    ]
