"""Modules of Terraform: what they pass to each other is followed, in configurations, plans and states."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from diagramkit.diagnostics import DiagramError
from diagramkit.infrastructure.levels import View
from tests.support import templates


def resource(address: str, values: dict[str, Any] | None = None, **expressions: Any) -> dict[str, Any]:
    """Return a resource, as plans and configurations list it."""
    type_name, name = address.rpartition("module.")[2].split("[")[0].split(".")[-2:]
    entry = {"address": address, "mode": "managed", "type": type_name, "name": name, "values": values or {}}
    return {**entry, "expressions": expressions} if expressions else entry


def references(*names: str) -> dict[str, Any]:
    return {"references": [*names]}


def edges(document: Any, **options: Any) -> list[str]:
    return templates.edges(templates.load_text(json.dumps(document), "plan.json", View(**options)).graph)


FUNCTION = resource("aws_lambda_function.work")
MAPPING = resource(
    "aws_lambda_event_source_mapping.jobs",
    event_source_arn=references("var.settings"),
    function_name=references("aws_lambda_function.work.arn", "aws_lambda_function.work"),
)
PLAN: dict[str, Any] = {
    "format_version": "1.2",
    "terraform_version": "1.9.0",
    "planned_values": {
        "root_module": {
            "resources": [
                resource("aws_sqs_queue.jobs"),
                resource("aws_sns_topic.news"),
                resource("aws_sns_topic_subscription.s"),
            ],
            "child_modules": [
                {
                    "address": "module.outer",
                    "child_modules": [
                        {
                            "address": "module.outer.module.app",
                            "resources": [
                                resource("module.outer.module.app.aws_lambda_function.work"),
                                resource("module.outer.module.app.aws_lambda_event_source_mapping.jobs"),
                            ],
                        }
                    ],
                }
            ],
        }
    },
    "configuration": {
        "root_module": {
            "resources": [
                resource("aws_sqs_queue.jobs"),
                resource("aws_sns_topic.news"),
                resource(
                    "aws_sns_topic_subscription.s",
                    topic_arn=references("aws_sns_topic.news.arn"),
                    endpoint=references("module.outer.function"),
                    protocol={"constant_value": "lambda"},
                ),
            ],
            "module_calls": {
                "outer": {
                    "expressions": {"queue": references("aws_sqs_queue.jobs.arn", "aws_sqs_queue.jobs")},
                    "module": {
                        "module_calls": {
                            "app": {
                                "expressions": {"settings": references("var.queue")},
                                "module": {
                                    "resources": [FUNCTION, MAPPING],
                                    "outputs": {"arn": {"expression": references("aws_lambda_function.work.arn")}},
                                },
                            }
                        },
                        "outputs": {"function": {"expression": references("module.app.arn", "module.gone.x")}},
                    },
                }
            },
        }
    },
}


def test_a_plan_is_followed_through_variables_and_outputs() -> None:
    assert edges(PLAN) == ["SNS / News -> Lambda / Work", "SQS / Jobs -> Lambda / Work"]
    drawn = templates.load_text(json.dumps(PLAN), "plan.json").graph
    assert [group.label for group in drawn.groups] == ["Outer"]


def test_a_reference_of_a_module_to_itself_ends() -> None:
    plan = json.loads(json.dumps(PLAN))
    call = plan["configuration"]["root_module"]["module_calls"]["outer"]
    call["module"]["outputs"]["function"]["expression"] = references("module.app.arn", "module.outer.function")
    call["expressions"]["queue"] = references("module.outer.function", "aws_sqs_queue.jobs")
    assert "SQS / Jobs -> Lambda / Work" in edges(plan)
    value: Any = references("aws_sqs_queue.jobs")
    for _ in range(60):
        value = {"deeper": value}
    call["expressions"]["queue"] = value
    assert edges(plan) == ["SNS / News -> Lambda / Work"], "what is nested without end is left out"


def test_a_plan_without_planned_values_shows_what_it_creates_and_keeps() -> None:
    changes = [
        {**resource("aws_sqs_queue.new"), "change": {"actions": ["create"], "after": {"name": "n"}}},
        {**resource("aws_sqs_queue.same"), "change": {"actions": ["no-op"], "after": None}},
        {**resource("aws_sqs_queue.gone"), "change": {"actions": ["delete"], "after": None}},
        3,
    ]
    document = {"format_version": "1.2", "terraform_version": "1.9.0", "resource_changes": changes}
    graph = templates.load_text(json.dumps(document), "plan.json").graph
    assert sorted(templates.label(node.label) for node in graph.nodes) == ["SQS / New", "SQS / Same"]


ARN = "arn:aws:sqs:eu-west-1:123456789012:jobs"


def test_a_state_is_connected_by_the_values_that_resources_share() -> None:
    bucket = "arn:aws:s3:::acme-reports"
    queues = [resource(f"aws_sqs_queue.many[{index}]", {"arn": f"{ARN}-many-{index}"}) for index in range(3)]
    policy = {"Statement": [{"Effect": "Allow", "Action": "s3:PutObject", "Resource": f"{bucket}/daily/*"}]}
    root = {
        "resources": [
            resource("aws_sqs_queue.jobs", {"arn": ARN, "policy": '{"a": "' + "x" * 9000 + '"}'}),
            *queues,
            resource("aws_s3_bucket.reports", {"arn": bucket, "bucket": "acme-reports"}),
        ],
        "child_modules": [
            {
                "resources": [
                    resource("module.app.aws_lambda_function.work", {"arn": f"{ARN}-fn", "role": f"{ARN}-role"}),
                    resource("module.app.aws_iam_role.work", {"arn": f"{ARN}-role", "name": "work-role"}),
                    resource(
                        "module.app.aws_iam_role_policy.work", {"role": "work-role", "policy": json.dumps(policy)}
                    ),
                    resource(
                        "module.app.aws_lambda_event_source_mapping.m",
                        {"event_source_arn": ARN, "function_name": f"{ARN}-fn", "tags": "arn:x", "note": "n" * 20_000},
                    ),
                ]
            }
        ],
    }
    for entry in root["child_modules"][0]["resources"]:
        entry["depends_on"] = ["aws_iam_role.work"] if "policy" in entry["address"] else []
    document = {"format_version": "1.0", "terraform_version": "1.9.0", "values": {"root_module": root}}
    assert edges(document) == ["Lambda / Work -> S3 / Reports", "SQS / Jobs -> Lambda / Work"]
    labels = {
        templates.label(node.label) for node in templates.load_text(json.dumps(document), "state.json").graph.nodes
    }
    assert labels == {"SQS / Jobs", "SQS ×3 / Many", "Lambda / Work", "S3 / Reports"}


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("plan.json", '{"format_version": "1.2", "terraform_version": "1", "planned_values": {"root_module": {}}}'),
        ("main.tf", 'variable "x" {}\n'),
    ],
)
def test_a_document_without_resources_is_one_error(file: str, text: str) -> None:
    Path(file).write_text(text, "utf-8")
    with pytest.raises(DiagramError) as error:
        templates.load(file)
    assert [problem.code for problem in error.value.problems] == ["no-resources"]


CONFIGURATION = """\
resource "aws_sqs_queue" "jobs" {}
resource "aws_sqs_queue" "other" {}
locals {
  known = { queue = aws_sqs_queue.jobs.arn, none = null }
}
module "outer" {
  source = "./outer"
  queue  = local.known
}
resource "aws_sns_topic" "news" {}
resource "aws_sns_topic_subscription" "s" {
  topic_arn = aws_sns_topic.news.arn
  protocol  = "lambda"
  endpoint  = module.outer.result.function.arn
}
resource "aws_sns_topic_subscription" "t" {
  topic_arn = aws_sns_topic.news.arn
  protocol  = "sqs"
  endpoint  = module.outer.result.nothing
}
"""
OUTER = """\
variable "queue" {}
module "app" {
  source = "./app"
  queue  = var.queue.queue
}
output "result" {
  value = { function = module.app.function }
}
"""
APP = """\
variable "queue" {}
resource "aws_lambda_function" "work" {}
resource "aws_lambda_event_source_mapping" "m" {
  function_name    = aws_lambda_function.work.arn
  event_source_arn = var.queue
}
resource "aws_security_group" "sg" {
  dynamic "ingress" {
    for_each = [1]
    content {
      from_port = 80
    }
  }
}
output "function" {
  value = aws_lambda_function.work
}
"""


def test_a_configuration_is_followed_through_variables_outputs_and_objects() -> None:
    for path, text in (("main.tf", CONFIGURATION), ("outer/main.tf", OUTER), ("outer/app/main.tf", APP)):
        Path(path).parent.mkdir(exist_ok=True)
        Path(path).write_text(text, "utf-8")
    drawn = templates.load("main.tf").graph
    assert templates.edges(drawn) == ["SNS / News -> Lambda / Work", "SQS / Jobs -> Lambda / Work"]
    assert [group.label for group in drawn.groups] == ["Outer"]
