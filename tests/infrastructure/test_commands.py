"""Templates on the command line: `import`, and the commands that draw them directly."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from diagramkit.cli import main
from diagramkit.sources import spec
from tests.support import templates
from tests.support.project import ROOT
from tests.support.templates import TEMPLATES


@pytest.fixture(autouse=True)
def _in_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("diagramkit.toml").touch()
    shutil.copytree(TEMPLATES, "t")


def imported(name: str) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(Path(name).read_text("utf-8"))
    return content


def test_an_import_writes_a_valid_spec_and_says_what_became_of_the_resources(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["import", "t/3-events.yaml"]) == 0
    printed = capsys.readouterr()
    assert "wrote specs/3-events.yaml: 11 resources: 6 drawn, 2 edges, 2 carriers, 1 dropped\n" in printed.out
    assert (
        "t/3-events.yaml:23:3: warning[unknown-type]: there is no rule for the type 'AWS::NewService::Widget'"
        in printed.err
    )
    text = Path("specs/3-events.yaml").read_text("utf-8")
    drawn = templates.load("t/3-events.yaml").graph
    read = spec.read(text, "specs/3-events.yaml").graph
    assert templates.comparable(read) == templates.comparable(drawn)
    assert [(node.id, node.resource) for node in read.nodes] == [(node.id, node.resource) for node in drawn.nodes]
    assert [edge.resource for edge in read.edges] == [edge.resource for edge in drawn.edges]


def test_hidden_resources_are_mentioned(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import", "t/1-api-table.yaml"]) == 0
    assert "4 resources: 3 drawn, 1 hidden; --level all shows more\n" in capsys.readouterr().out


def test_importing_again_changes_nothing_and_keeps_edits(capsys: pytest.CaptureFixture[str]) -> None:
    path = Path("specs/1-api-table.yaml")
    main(["import", "t/1-api-table.yaml"])
    assert main(["import", "t/1-api-table.yaml"]) == 0
    assert "unchanged: specs/1-api-table.yaml" in capsys.readouterr().out
    assert main(["import", "t/1-api-table.yaml", "--level", "all"]) == 0  # Nobody edited it, so that it is replaced.
    edited = path.read_text("utf-8").replace("Place order", "Take order")
    path.write_text(edited, "utf-8")
    assert main(["import", "t/1-api-table.yaml"]) == 0
    assert path.read_text("utf-8") == edited  # With the same options, and the edit.
    assert main(["import", "t/1-api-table.yaml", "--force"]) == 0
    assert "Place order" in path.read_text("utf-8")


def test_strict_reports_unknown_types_as_errors_and_writes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import", "t/3-events.yaml", "--strict"]) == 2
    assert "error[unknown-type]" in capsys.readouterr().err
    assert not Path("specs").exists()


def test_several_templates_and_folders_become_a_spec_each() -> None:
    assert main(["import", "t/1-api-table.yaml", "t/5-cdk.out", "t/6-terraform", "t/4-ecs-nested/main.yaml"]) == 0
    assert sorted(path.name for path in Path("specs").iterdir()) == [
        "1-api-table.yaml",
        "4-ecs-nested.yaml",
        "5-cdk-out.yaml",
        "6-terraform.yaml",
    ]
    assert set(imported("specs/5-cdk-out.yaml")["groups"]) == {"stack_app", "stack_data"}


def test_templates_import_what_others_export() -> None:
    Path("a.yaml").write_text(
        "Resources: {Orders: {Type: AWS::SQS::Queue}}\n"
        "Outputs: {Q: {Value: !GetAtt Orders.Arn, Export: {Name: !Sub '${AWS::StackName}-orders'}}}\n"
    )
    Path("b.yaml").write_text(
        "Parameters: {Other: {Type: String, Default: x}}\n"
        "Resources:\n"
        "  Ship: {Type: AWS::Lambda::Function}\n"
        "  M:\n    Type: AWS::Lambda::EventSourceMapping\n    Properties: {FunctionName: !Ref Ship,"
        " EventSourceArn: !ImportValue '-orders'}\n"
    )
    assert main(["import", "b.yaml", "a.yaml"]) == 0
    assert {node["label"] for node in imported("specs/b.yaml")["nodes"].values()} == {"Lambda<br>Ship", "SQS<br>Orders"}
    assert len(imported("specs/a.yaml")["nodes"]) == 1


@pytest.mark.parametrize(
    ("options", "labels"),
    [
        (
            ["--level", "overview"],
            {"Users", "Application Load Balancer / Web", "Auto Scaling group / Web", "RDS / Shop"},
        ),
        (
            ["--level", "detail"],
            {"Users", "Application Load Balancer / Web", "Auto Scaling group / Web", "RDS / Shop", "Internet gateway"},
        ),
        (["--focus", "ShopDb"], {"Auto Scaling group / Web", "RDS / Shop"}),
        (["--focus", "Listener:0"], {"Users", "Application Load Balancer / Web"}),
        (["--hide", "AWS::RDS::*"], {"Users", "Application Load Balancer / Web", "Auto Scaling group / Web"}),
        (
            ["--hide", "web*", "--show", "Igw"],
            {"RDS / Shop", "Internet gateway"},
        ),
    ],
)
def test_options_choose_what_is_shown(options: list[str], labels: set[str]) -> None:
    assert main(["import", "t/2-three-tier.yaml", *options]) == 0
    nodes = imported("specs/2-three-tier.yaml")["nodes"].values()
    assert {templates.label(str(node["label"])) for node in nodes} == labels


def test_each_zone_has_its_subnets_if_asked_for() -> None:
    Path("z.yaml").write_text(
        "Resources:\n"
        "  Vpc: {Type: AWS::EC2::VPC}\n"
        "  PublicSubnetA: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc}}\n"
        "  PublicSubnetB: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc}}\n"
        "  NatA: {Type: AWS::EC2::NatGateway, Properties: {SubnetId: !Ref PublicSubnetA}}\n"
        "  NatB: {Type: AWS::EC2::NatGateway, Properties: {SubnetId: !Ref PublicSubnetB}}\n"
    )
    assert main(["import", "z.yaml", "--zones", "each"]) == 0
    (vpc,) = imported("specs/z.yaml")["groups"].values()
    assert {group["label"] for group in vpc["groups"].values()} == {"Public subnet A", "Public subnet B"}


def test_an_unknown_focus_is_one_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import", "t/2-three-tier.yaml", "--focus", "ShopDB"]) == 2
    assert "there is no resource 'ShopDB' to focus on; did you mean 'ShopDb'?" in capsys.readouterr().err


@pytest.mark.parametrize("source", ["t/2-three-tier.yaml", "t/5-cdk.out", "t/6-terraform", "t/6-terraform/plan.json"])
def test_a_template_is_drawn_directly_if_it_is_named(source: str) -> None:
    assert main(["render", source, "-o", "out", "--format", "svg"]) == 0
    assert len(list(Path("out").glob("*.svg"))) == 1
    assert main(["render", source, "-o", "out", "--format", "svg", "--check"]) == 0
    assert main(["check", source]) == 0
    assert main(["export", source, "--to", "drawio", "-o", "x.drawio"]) == 0


def test_a_deck_has_a_slide_for_a_template() -> None:
    assert main(["deck", "t/2-three-tier.yaml", "-o", "deck.pptx"]) == 0
    assert Path("deck.pptx").stat().st_size > 10_000


def test_a_picture_is_stale_when_a_nested_template_changes() -> None:
    draw = ["render", "t/4-ecs-nested/main.yaml", "-o", "out", "--format", "svg"]
    assert main(draw) == 0
    assert main([*draw, "--check"]) == 0
    nested = Path("t/4-ecs-nested/service.yaml")
    nested.write_text(nested.read_text("utf-8") + "  More: {Type: AWS::SQS::Queue}\n", "utf-8")
    assert main([*draw, "--check"]) == 1
    assert main(draw) == 0
    assert "SQS" in Path("out/4-ecs-nested.svg").read_text("utf-8")


def test_templates_in_a_folder_are_ignored_unless_they_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    Path("t/6-terraform/main.tf").rename("t/x.tf.txt")
    Path("t/ok.yaml").write_text("title: T\nnodes: {a: Lambda, b: S3}\nedges: [a -> b]\n")
    assert main(["render", "t", "-o", "out", "--format", "svg"]) == 0
    assert [path.name for path in Path("out").rglob("*.svg")] == ["ok.svg"]
    Path("diagramkit.toml").write_text('sources = ["t/1-api-table.yaml"]\n', "utf-8")
    assert main(["render", "-o", "listed", "--format", "svg"]) == 0
    assert [path.name for path in Path("listed").rglob("*.svg")] == ["1-api-table.svg"]


def test_show_accounts_for_every_resource(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "--json", "t/1-api-table.yaml"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["resources"][2] == {
        "address": "PlaceOrderLogs",
        "type": "AWS::Logs::LogGroup",
        "fate": "hidden",
        "reason": "--level all shows it",
        "host": None,
    }
    assert {node["id"]: node.get("resource") for node in data["nodes"]}["orderstable"] == "OrdersTable"


def test_settings_apply_to_templates_that_are_drawn_directly(capsys: pytest.CaptureFixture[str]) -> None:
    Path("diagramkit.toml").write_text('[infrastructure]\nlevel = "all"\nhide = ["AWS::DynamoDB::*"]\n', "utf-8")
    assert main(["show", "--json", "t/1-api-table.yaml"]) == 0
    labels = {node["label"] for node in json.loads(capsys.readouterr().out)["nodes"]}
    assert "Log group<br>Place order logs" in labels or "Log group<br>Place order" in labels
    assert not any("DynamoDB" in label for label in labels)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ('[infrastructure]\nlevel = "much"\n', "'infrastructure.level' must be one of overview, default, detail, all"),
        ("[infrastructure]\nlevels = 1\n", "there is no setting 'levels' for infrastructure; did you mean 'level'?"),
        ('[infrastructure]\nhide = "x"\n', "'infrastructure.hide' must be a list of patterns"),
        ("infrastructure = 1\n", "'infrastructure' must be a table"),
        ('[infrastructure]\nrules = "../x.yaml"\n', "is outside the project"),
        ("[infrastructure]\nrules = 1\n", "'infrastructure.rules' must be the path of a table"),
    ],
)
def test_invalid_settings_are_one_error(settings: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("diagramkit.toml").write_text(settings, "utf-8")
    assert main(["show", "t/1-api-table.yaml"]) == 2
    assert message in capsys.readouterr().err


def test_a_template_without_components_is_a_note(capsys: pytest.CaptureFixture[str]) -> None:
    Path("x.yaml").write_text("Resources: {R: {Type: AWS::IAM::Role}}\n", "utf-8")
    assert main(["import", "x.yaml"]) == 0
    assert "nothing in this template is a component" in capsys.readouterr().err
    assert not Path("specs").exists()


def test_a_catalog_is_imported_on_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    Path("c.md").write_text("# C\n\n## A\n\n```mermaid\ngraph LR\n  A --> B\n```\n", "utf-8")
    with pytest.raises(SystemExit):
        main(["import", "c.md", "t/1-api-table.yaml"])
    assert "a catalog is imported on its own" in capsys.readouterr().err
    assert main(["import", "c.md"]) == 0


def test_the_same_bytes_twice() -> None:
    for folder in ("one", "two"):
        assert main(["import", "t/5-cdk.out", "t/2-three-tier.yaml", "-o", folder]) == 0
    for path in Path("one").iterdir():
        assert path.read_bytes() == Path("two", path.name).read_bytes()


@pytest.mark.parametrize("source", ["shop.yaml", "web", "tiers.yaml", "regions", "blog.yaml", "tickets.yaml"])
def test_the_pictures_in_the_documentation_are_current(source: str) -> None:
    shutil.copytree(ROOT / "docs/infrastructure", "docs")
    assert main(["render", f"docs/{source}", "-o", "out", "--format", "svg"]) == 0
    name = f"{Path(source).stem}.svg"
    assert Path("out", name).read_bytes() == Path("docs", name).read_bytes()
