"""Pictures have few nodes: alike resources are one node if there are too many."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from diagramkit.infrastructure import alike
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


def test_alike_modules_are_drawn_once_without_their_frames(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("diagramkit.toml").touch()
    Path("audit").mkdir()
    Path("audit/main.tf").write_text(
        'resource "aws_sns_topic" "found" {}\n'
        'resource "aws_config_delivery_channel" "all" { sns_topic_arn = aws_sns_topic.found.arn }\n',
        "utf-8",
    )
    calls = "".join(f'module "region{n}" {{\n  source = "./audit"\n}}\n' for n in range(17))
    graph = templates.load_text(calls + 'resource "aws_sqs_queue" "other" {}\n', "main.tf").graph
    assert templates.edges(graph) == ["AWS Config ×17 / All -> SNS ×17 / Found"]
    assert graph.groups == ()


def test_the_largest_groups_become_one_first_and_those_of_the_same_size_together() -> None:
    groups = [[f"{letter}{n}"] for letter, count in (("a", 3), ("b", 3), ("c", 2)) for n in range(count)]
    names = [[member[0] for member in group] for group in alike.merged(groups, [lambda name: name[0]], 6)]
    assert names == [["a"] * 3, ["b"] * 3, ["c"], ["c"]]


def test_nodes_for_users_and_services_count_towards_the_thirty() -> None:
    functions = "".join(
        f"  {chr(65 + n // 26)}{chr(65 + n % 26)}Fn: {{Type: AWS::Serverless::Function, Properties: {{"
        "FunctionUrlConfig: {AuthType: NONE}, Policies: [{Statement: [{Effect: Allow, Action: 'ses:SendEmail', "
        "Resource: '*'}]}]}}\n"
        for n in range(28)
    )
    text = f"Resources:\n{functions}" + "".join(f"  R{n}: {{Type: AWS::IAM::Role}}\n" for n in range(120))
    assert len(templates.load_text(text).graph.nodes) <= 30


def test_what_has_no_edge_is_left_out_first_and_says_so() -> None:
    kinds = (
        "SQS::Queue", "SNS::Topic", "S3::Bucket", "DynamoDB::Table", "Lambda::Function", "Kinesis::Stream",
        "EFS::FileSystem", "Events::EventBus", "Kendra::Index", "MSK::Cluster", "Cognito::UserPool", "IoT::Thing",
        "AmazonMQ::Broker",
    )  # fmt: skip
    resources: dict[str, dict[str, object]] = {
        f"X{chr(65 + n)}": {"Type": f"AWS::{kind}"} for n, kind in enumerate(kinds)
    }
    resources["M"] = {
        "Type": "AWS::Lambda::EventSourceMapping",
        "Properties": {"EventSourceArn": {"Ref": "XM"}, "FunctionName": {"Ref": "XE"}},
    }
    drawn = templates.load_text(json.dumps({"Resources": resources}), "t.json")
    hidden = [(each.address, each.reason) for each in drawn.resources if each.fate == "hidden"]
    assert hidden == [("XL", "there are more than a picture should show; --level detail shows it")]
    assert len(drawn.graph.nodes) == 12
    assert len(labels(json.dumps({"Resources": resources}), View("detail"), "t.json")) == 13


@pytest.mark.parametrize(("count", "framed"), [(3, True), (4, False)])
def test_modules_with_one_node_each_are_no_frames_if_there_are_many(
    count: int, framed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("diagramkit.toml").touch()
    Path("bucket").mkdir()
    Path("bucket/main.tf").write_text('resource "aws_s3_bucket" "encrypted" {}\n', "utf-8")
    names = ("red", "blue", "green", "gold")[:count]
    calls = "".join(f'module "{name}" {{\n  source = "./bucket"\n}}\n' for name in names)
    graph = templates.load_text(calls, "main.tf").graph
    assert bool(graph.groups) == framed
    expected = ["S3 / Encrypted"] * count if framed else [f"S3 / {name.capitalize()}" for name in names]
    assert [templates.label(node.label) for node in graph.nodes] == expected
