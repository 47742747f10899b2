"""The table of rules: every icon, type and pattern in it exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from diagramkit import data
from diagramkit.diagnostics import DiagramError
from diagramkit.icons import resource_types
from diagramkit.icons.catalog import IconCatalog
from diagramkit.infrastructure import naming, rules
from diagramkit.infrastructure.rules import LEVELS, ResourceRule, default_rules
from diagramkit.style import group_kinds
from tests.support import templates

RAW = data.load("infrastructure", "rules.yaml")
ALIASES = data.load("infrastructure", "terraform_aliases.yaml")
ACTIONS = data.load("infrastructure", "iam_actions.yaml")
KNOWN = {
    name
    for service, listed in data.load("icons", "resource_types.yaml")["types"].items()
    for names in (listed.values() if isinstance(listed, dict) else [listed])
    for name in (f"AWS::{service}::{one}" for one in names)
}
SERVICES = {name.lower() for name in data.load("icons", "resource_types.yaml")["services"]} | {"serverless", "cdk"}


def expanded(glob: str) -> list[str]:
    """Return the names that a pattern with braces stands for."""
    match = re.search(r"\{([^{}]*)\}", glob)
    if match is None:
        return [glob]
    return [name for one in match[1].split(",") for name in expanded(glob[: match.start()] + one + glob[match.end() :])]


def entries() -> list[ResourceRule]:
    table = rules._table()
    aliases = [alias for alias in rules._aliases().values() if isinstance(alias, ResourceRule)]
    modules = [module for module in rules._modules().values() if isinstance(module, ResourceRule)]
    return [*table.types.values(), *table.suffixes.values(), table.default, *aliases, *modules]


def test_every_icon_exists() -> None:
    catalog = IconCatalog()
    icons = {rule.icon for rule in entries() if rule.icon}
    icons |= {
        variant.icon
        for rule in entries()
        for each in rule.variants.values()
        for variant in each.values()
        if variant.icon
    }
    icons |= {service["icon"] for service in (*ACTIONS["services"].values(), *ACTIONS["callers"].values())}
    assert len(icons) > 80
    assert (
        sorted(icon for icon in icons if not catalog.find(icon) and icon not in data.load("icons", "services.yaml"))
        == []
    )


def test_every_type_exists() -> None:
    lower = {name.lower() for name in KNOWN}
    names = [name for glob in RAW["types"] for name in expanded(glob)]
    names += [alias for alias in (*ALIASES.values(), *rules._modules().values()) if isinstance(alias, str)]
    unknown = []
    for name in names:
        service = name.split("::")[1].lower() if name.startswith("AWS::") else ""
        if name.startswith("Custom::") or service == "serverless":
            continue
        if service not in SERVICES or ("*" not in name and name.lower() not in lower):
            unknown.append(name)
    assert sorted(set(unknown) - NOT_LISTED) == []


NOT_LISTED: set[str] = set()
"""Types that exist, but that the list of types with icons does not have."""


def test_no_entry_is_behind_one_that_fits_the_same_types() -> None:
    table = rules._table().types
    behind = [
        name
        for glob, rule in table.items()
        for name in expanded(glob)
        if default_rules().of(name.replace("*", "Anything")) != rule
    ]
    assert behind == []


@pytest.mark.parametrize(
    ("source", "label"),
    [
        ("terraform-aws-modules/alb/aws", "Application Load Balancer / Web"),
        ("git::https://example.com/tools.git//modules/app_alb?ref=v1", "Application Load Balancer / Web"),
        ("../outside/rds-aurora", "Aurora / Web"),
        ("cloudposse/ecs-cluster/aws", "ECS / Web"),
        ("./outside/terraform", "Terraform module / Web"),
        ("git::https://user:hunter2@example.com/x.git", "Terraform module / Web"),
        ("terraform-aws-modules/security-group/aws", None),
    ],
)
def test_the_last_part_of_its_source_says_what_a_module_is(source: str, label: str | None) -> None:
    drawn = templates.load_text(f'module "web" {{\n  source = "{source}"\n}}\n', "main.tf")
    nodes = [templates.label(node.label) for node in drawn.graph.nodes if node.resource]
    assert nodes == [label] * bool(label)
    assert "hunter2" not in repr(drawn)


def test_every_terraform_type_exists() -> None:
    names = [name for name in ALIASES if not name.startswith("module")]
    assert [name for name in names if (found := resource_types.find(f"{name}.x")) is None or not found.is_known] == []


def test_levels_and_kinds_exist() -> None:
    assert {rule.level for rule in entries()} <= set(LEVELS.values())
    assert {rule.group_kind for rule in entries()} <= {*group_kinds.load(), "subnet", None}
    assert all(rule.reason for rule in entries() if rule.kind == "drop")


def test_types_that_others_are_part_of_exist() -> None:
    hosts = {host for rule in entries() for host in rule.hosted_by}
    assert hosts
    assert all(default_rules().of(host).known and default_rules().of(host).kind == "node" for host in hosts)


@pytest.mark.parametrize(
    ("terraform", "cloudformation"),
    [
        ("aws_lambda_function", "AWS::Lambda::Function"),
        ("aws_sqs_queue", "AWS::SQS::Queue"),
        ("aws_lb", "AWS::ElasticLoadBalancingV2::LoadBalancer"),
        ("aws_dynamodb_table", "AWS::DynamoDB::Table"),
        ("aws_sfn_state_machine", "AWS::StepFunctions::StateMachine"),
    ],
)
def test_terraform_has_the_rules_of_cloudformation(terraform: str, cloudformation: str) -> None:
    assert default_rules().of(terraform) == default_rules().of(cloudformation)


def test_other_providers_are_dropped_with_a_reason() -> None:
    assert default_rules().of("random_pet").kind == default_rules().of("null_resource").kind == "drop"
    assert default_rules().of("random_pet").reason


def test_a_table_of_the_project_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("diagramkit.toml").write_text('[infrastructure]\nrules = "rules.yaml"\n', "utf-8")
    own = {
        "types": {"AWS::SQS::Queue": {"as": "drop", "reason": "too many"}, "Acme::*": {"as": "node", "name": "Acme"}}
    }
    Path("rules.yaml").write_text(yaml.safe_dump(own), "utf-8")
    text = "Resources:\n  Jobs: {Type: AWS::SQS::Queue}\n  One: {Type: Acme::Thing::Part}\n"
    Path("t.yaml").write_text(text, "utf-8")
    from diagramkit.sources import templates as reader

    pattern = reader.pattern(text, "t.yaml")
    assert (pattern.resources[0].fate, pattern.resources[0].reason) == ("dropped", "too many")
    assert [templates.label(node.label) for node in pattern.graph.nodes] == ["Acme / One"]
    assert pattern.graph.warnings == ()


@pytest.mark.parametrize(
    "text", ["types: [", "types: {A: {as: box}}", "types: {A: {as: node, colour: red}}", "types: 1"]
)
def test_an_invalid_table_is_one_error(text: str) -> None:
    with pytest.raises(DiagramError) as error:
        rules.read_own(text.encode(), "rules.yaml")
    assert [problem.code for problem in error.value.problems] == ["bad-rules"]


@pytest.mark.parametrize(
    ("hints", "prefix"),
    [
        (["StateMachine", "StateMachineOrders", "StateMachinereserve", "StateMachineTopic"], "StateMachine"),
        (["shop-web", "shop-db", "shop-api", "shop-queue"], "shop-"),
        (["orders", "ordering", "ordered", "order"], ""),
        (["ShopWeb", "ShopDb", "ShopApi"], ""),
        (["Web", "Db", "Api", "Queue"], ""),
    ],
)
def test_what_all_names_begin_with_ends_with_a_word(hints: list[str], prefix: str) -> None:
    assert naming.common_prefix(hints) == prefix


def test_names_do_not_begin_with_that_of_their_application() -> None:
    names = ("Orders", "Users", "Items", "Prices")
    text = "Resources:\n" + "".join(f"  Shop{name}: {{Type: AWS::SQS::Queue}}\n" for name in names)
    assert [templates.label(node.label) for node in templates.load_text(text).graph.nodes] == [
        f"SQS / {name}" for name in names
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Resources:\n  V:\n    Type: AWS::EC2::Subnet\n    Zone: !GetAZs !Ref Hunter2\n",
            "a short form cannot follow",
        ),
        ("Resources:\n  V: {Type: AWS::EC2::VPC}\n{% raw %}\n", "written for another program, such as Jinja"),
        ("Resources:\n  V: {Type: AWS::EC2::VPC\n", "check the indentation and quotes"),
    ],
)
def test_messages_about_invalid_yaml_say_what_to_do(text: str, expected: str) -> None:
    with pytest.raises(DiagramError, match=expected) as raised:
        templates.load_text(text)
    assert "Hunter2" not in str(raised.value)
