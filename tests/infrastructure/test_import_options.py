"""What an import remembers, and `import --check`, folders and stacks."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from diagramkit.cli import main
from diagramkit.infrastructure import levels, rules
from diagramkit.sources.imports import import_key
from tests.support.edited_import import EDITED, RECORD, SPEC, TEMPLATE, change, edit, start, written
from tests.support.templates import TEMPLATES


@pytest.fixture(autouse=True)
def _in_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    start()


# Options


def test_the_words_of_options_are_those_of_the_infrastructure() -> None:
    assert tuple(rules.LEVELS) == import_key.LEVELS
    assert import_key.ZONES == levels.ZONES


def test_options_are_remembered_until_others_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    chosen = ["--level", "all", "--focus", "Jobs:2", "--hide", "AWS::S3::*", "--show", "Vpc", "--zones", "each"]
    assert main(["import", "t.yaml", *chosen]) == 0
    key = {
        "source": "../t.yaml",
        "level": "all",
        "focus": "Jobs:2",
        "show": ["Vpc"],
        "hide": ["AWS::S3::*"],
        "zones": "each",
    }
    assert yaml.safe_load(written())["import"] == key
    for again in (["t.yaml"], ["specs/t.yaml"], ["specs"], []):
        assert main(["import", *again]) == 0
        assert yaml.safe_load(written())["import"] == key
    assert main(["import", "--level", "overview"]) == 0
    assert yaml.safe_load(written())["import"] == {**key, "level": "overview"}
    edit(written().replace("  focus: Jobs:2\n", ""))
    assert main(["import"]) == 0
    assert "focus" not in yaml.safe_load(written())["import"]
    assert main(["check", "specs"]) == 0
    assert capsys.readouterr().err == ""


def test_a_wrong_option_in_a_spec_is_an_error_of_the_spec(capsys: pytest.CaptureFixture[str]) -> None:
    edit(EDITED.replace("{source: ../t.yaml}", "{source: ../t.yaml, level: al}"))
    assert main(["check", "specs"]) == 2
    assert "'import.level' must be one of overview, default, detail, all, not 'al'" in capsys.readouterr().err
    for source in (["t.yaml"], []):
        assert main(["import", *source]) == 2
        assert "'import.level' must be one of" in capsys.readouterr().err


def test_templates_with_exports_are_remembered() -> None:
    Path("a.yaml").write_text(
        "Resources: {Orders: {Type: AWS::SQS::Queue}}\n"
        "Outputs: {Q: {Value: !GetAtt Orders.Arn, Export: {Name: orders}}}\n"
    )
    Path("b.yaml").write_text(
        "Resources:\n  Ship: {Type: AWS::Lambda::Function}\n  M:\n    Type: AWS::Lambda::EventSourceMapping\n"
        "    Properties: {FunctionName: !Ref Ship, EventSourceArn: !ImportValue orders}\n"
    )
    assert main(["import", "b.yaml", "a.yaml"]) == 0
    text = Path("specs/b.yaml").read_text("utf-8")
    assert yaml.safe_load(text)["import"] == {"source": "../b.yaml", "with": ["../a.yaml"]}
    assert main(["import", "b.yaml"]) == 0
    assert main(["import", "specs/b.yaml"]) == 0
    assert Path("specs/b.yaml").read_text("utf-8") == text


def test_a_template_that_was_moved_is_found_again_if_it_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    edit()
    Path("infra").mkdir()
    Path("t.yaml").rename("infra/t.yaml")
    assert main(["import"]) == 2
    assert "specs/t.yaml:1:1: error[no-such-file]: there is no '../t.yaml'" in capsys.readouterr().err
    assert main(["import", "infra/t.yaml"]) == 0
    assert written() == EDITED.replace("../t.yaml", "../infra/t.yaml")


def test_templates_with_the_same_name_have_specs_of_their_own() -> None:
    Path("other").mkdir()
    Path("other/t.yaml").write_text("Resources: {Other: {Type: AWS::SQS::Queue}}\n", "utf-8")
    edit()
    assert main(["import", "other/t.yaml"]) == 0
    assert written() == EDITED
    assert "Other" in Path("specs/t-2.yaml").read_text("utf-8")
    assert main(["import"]) == 0


def test_a_spec_cannot_make_an_import_read_outside_of_the_project(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = tmp_path / "inner"
    (inner / "specs").mkdir(parents=True)
    (inner / "diagramkit.toml").touch()
    monkeypatch.chdir(inner)
    Path("specs/t.yaml").write_text(EDITED.replace("../t.yaml", "../../t.yaml"), "utf-8")
    assert main(["import"]) == 2
    assert "error[outside]: '../../t.yaml', which this spec was imported from" in capsys.readouterr().err


# Checking


def test_check_lists_the_differences_and_writes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    edit()
    change("  Jobs: {Type: AWS::SQS::Queue}", "  Mail: {Type: AWS::SNS::Topic}\n  Jobs: {Type: AWS::SQS::Queue}")
    change("10.0.0.0/16", "10.9.0.0/16")
    record = RECORD.read_bytes()
    assert main(["import", "--check"]) == 1
    lines = capsys.readouterr().err.splitlines()
    difference = "label 'VPC 10.0.0.0/16' is now 'VPC 10.9.0.0/16'; run 'diagramkit import'"
    assert [line for line in lines if "stale-import" in line] == [
        "specs/t.yaml:1:1: error[stale-import]: the node 'mail' (Mail) is missing here; run 'diagramkit import'",
        f"specs/t.yaml:21:5: error[stale-import]: the group 'vpc' (Vpc) is no longer as in the template: {difference}",
    ]
    assert (written(), RECORD.read_bytes()) == (EDITED, record)


@pytest.mark.parametrize(
    ("template", "spec", "code"),
    [
        (TEMPLATE, EDITED, 0),
        (TEMPLATE, None, 1),
        ("Resources: [\n", EDITED, 2),
        (TEMPLATE, "title: [\n", 2),
    ],
)
def test_the_exit_codes_of_check(template: str, spec: str | None, code: int) -> None:
    Path("t.yaml").write_text(template, "utf-8")
    if spec is None:
        SPEC.unlink()
    else:
        edit(spec)
    assert main(["import", "--check", "t.yaml"]) == code


def test_check_is_not_for_what_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    Path("c.md").write_text("# C\n\n## A\n\n```mermaid\ngraph LR\n  A --> B\n```\n", "utf-8")
    for words in (["t.yaml", "--force"], ["c.md"]):
        with pytest.raises(SystemExit) as stopped:
            main(["import", "--check", *words])
        assert stopped.value.code == 2
        assert "--check" in capsys.readouterr().err


def test_check_is_machine_readable(capsys: pytest.CaptureFixture[str]) -> None:
    change("10.0.0.0/16", "10.9.0.0/16")
    capsys.readouterr()
    assert main(["import", "--check", "--output-format", "github"]) == 1
    assert capsys.readouterr().out.startswith("::error file=specs/t.yaml,")


# Folders


def test_other_yaml_in_folders_is_ignored(capsys: pytest.CaptureFixture[str]) -> None:
    Path("mixed").mkdir()
    Path("mixed/t.yaml").write_text(TEMPLATE, "utf-8")
    Path("mixed/values.yaml").write_text("replicas: 3\nimport: yes\n", "utf-8")
    Path("mixed/broken.yaml").write_text("a: [\n", "utf-8")
    Path("mixed/spec.yaml").write_text("title: T\nnodes: {a: Lambda}\n", "utf-8")
    assert main(["import", "mixed", "-o", "out"]) == 0
    assert sorted(path.name for path in Path("out").iterdir()) == ["t.yaml"]
    assert capsys.readouterr().err == ""
    assert main(["check", "mixed"]) == 0
    assert "1 diagram" in capsys.readouterr().out


@pytest.mark.parametrize("source", [[], ["empty"], ["notes"]])
def test_nothing_to_import_is_one_error(source: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    shutil.rmtree("specs")
    Path("empty").mkdir()
    Path("notes").mkdir()
    Path("notes/a.yaml").write_text("a: 1\n", "utf-8")
    capsys.readouterr()
    assert main(["import", *source]) == 2
    assert capsys.readouterr().err.count("error[") == 1


# Stacks


@pytest.fixture
def _with_stacks() -> None:
    shutil.copytree(TEMPLATES / "5-cdk.out", "app")
    assert main(["import", "app", "--split", "stack"]) == 0


@pytest.mark.usefixtures("_with_stacks")
def test_each_stack_has_a_spec_with_what_it_is_connected_to() -> None:
    assert sorted(path.name for path in Path("specs/app").iterdir()) == ["app.yaml", "data.yaml"]
    spec = yaml.safe_load(Path("specs/app/data.yaml").read_text("utf-8"))
    assert spec["import"] == {"source": "../../app", "split": "stack", "stack": "Data"}
    assert spec["groups"] == {
        "stack_app": {"label": "App stack", "kind": "generic", "resource": "App", "nodes": ["app_placeorder"]}
    }
    assert set(spec["nodes"]) == {"data_ordertable", "app_placeorder"}
    assert len(spec["edges"]) == 1


@pytest.mark.usefixtures("_with_stacks")
@pytest.mark.parametrize("again", [["app"], ["specs"], [], ["specs/app/app.yaml", "specs/app/data.yaml"]])
def test_the_split_is_remembered_and_edits_stay(again: list[str]) -> None:
    path = Path("specs/app/data.yaml")
    text = path.read_text("utf-8").replace("DynamoDB<br>Order", "Orders").replace("App stack", "Application")
    path.write_text(text, "utf-8")
    assert main(["import", *again]) == 0
    assert path.read_text("utf-8") == text
    assert not Path("specs/app.yaml").exists()
    assert main(["import", "--check", *again]) == 0


@pytest.mark.usefixtures("_with_stacks")
def test_a_stack_that_no_longer_exists_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    manifest = Path("app/manifest.json")
    start = manifest.read_text("utf-8")
    manifest.write_text(start.replace("aws:cloudformation:stack", "other:thing", 1), "utf-8")
    assert main(["import", "--check"]) == 1
    assert "its stack is no longer in the template" in capsys.readouterr().err
    assert main(["import"]) == 1
    assert Path("specs/app/data.yaml").exists()


@pytest.mark.usefixtures("_with_stacks")
def test_both_forms_are_current_after_each_import(capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert main(["import", "app", "--split", "none"]) == 0
    assert capsys.readouterr().err.count("note[other-spec]") == 2
    assert "split" not in yaml.safe_load(Path("specs/app.yaml").read_text("utf-8"))["import"]
    for source in (["app"], []):
        assert main(["import", *source, "--level", "all"]) == 0
        for path in ("specs/app.yaml", "specs/app/app.yaml", "specs/app/data.yaml"):
            assert yaml.safe_load(Path(path).read_text("utf-8"))["import"]["level"] == "all"
    assert not list(Path("specs").rglob("*-2.yaml"))


def test_terraform_is_split_by_its_outermost_modules() -> None:
    for folder, content in {
        "infra": 'module "shop" {\n  source = "./shop"\n}\nresource "aws_sns_topic" "news" {}\n',
        "infra/shop": 'module "data" {\n  source = "./data"\n}\nresource "aws_sqs_queue" "orders" {}\n',
        "infra/shop/data": 'resource "aws_dynamodb_table" "orders" {}\n',
    }.items():
        Path(folder).mkdir()
        Path(folder, "main.tf").write_text(content, "utf-8")
    assert main(["import", "infra", "--split", "stack"]) == 0
    assert sorted(path.name for path in Path("specs/infra").iterdir()) == ["infra.yaml", "shop.yaml"]
    spec = yaml.safe_load(Path("specs/infra/shop.yaml").read_text("utf-8"))
    assert spec["import"]["stack"] == "module.shop"
    assert {node["resource"] for node in spec["nodes"].values()} == {
        "module.shop.aws_sqs_queue.orders",
        "module.shop.module.data.aws_dynamodb_table.orders",
    }
    assert main(["import", "--check"]) == 0


def test_what_the_tool_creates_has_its_address_in_the_spec() -> None:
    text = "Resources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties: {Events: {E: {Type: Api}}}\n"
    Path("sam.yaml").write_text(text, "utf-8")
    assert main(["import", "sam.yaml"]) == 0
    nodes = yaml.safe_load(Path("specs/sam.yaml").read_text("utf-8"))["nodes"]
    assert {name: node.get("resource") for name, node in nodes.items()} == {
        "users": None,
        "f": "F",
        "serverlessrestapi": "ServerlessRestApi",
    }


def test_nothing_is_read_or_written_through_a_link_out_of_the_project(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edit()
    outside = tmp_path.parent / f"{tmp_path.name}-outside"
    outside.mkdir()
    (outside / "t.yaml").write_text("secret: [", "utf-8")
    RECORD.unlink()
    RECORD.symlink_to(outside / "t.yaml")
    assert main(["import", "t.yaml", "--level", "all"]) == 2
    printed = capsys.readouterr().err
    assert "error[outside]" in printed
    assert "secret" not in printed
    assert written() == EDITED


def test_the_spec_of_a_network_has_all_its_frames() -> None:
    shutil.copytree(TEMPLATES / "4-ecs-nested", "nested")
    assert main(["import", "nested/main.yaml", "--split", "stack"]) == 0
    spec = yaml.safe_load(Path("specs/nested/network.yaml").read_text("utf-8"))
    (vpc,) = (group for group in spec["groups"].values() if group["kind"] == "vpc")
    assert "private-subnet" in {group["kind"] for group in vpc["groups"].values()}
    api = yaml.safe_load(Path("specs/nested/api.yaml").read_text("utf-8"))
    assert {group["label"] for group in api["groups"].values()} == {vpc["label"], "Network stack"}


@pytest.mark.parametrize("arguments", [["t.yaml"], ["t.yaml", "--check"], ["t.yaml", "--split", "stack"], []])
def test_a_spec_that_is_a_link_out_of_the_project_is_not_read(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is merged before it is written, and the messages about that would show what it contains."""
    outside = tmp_path.parent / f"{tmp_path.name}-outside.yaml"
    outside.write_text(EDITED.replace("Job queue", "SECRET").replace("resource: Jobs}", "resource: Gone}"), "utf-8")
    for spec in (SPEC, Path("specs/t/t.yaml")):
        spec.parent.mkdir(exist_ok=True)
        spec.unlink(missing_ok=True)
        spec.symlink_to(outside)
        before = outside.read_bytes()
        assert main(["import", *arguments]) == 2
        printed = capsys.readouterr()
        assert "error[outside]" in printed.err
        assert "SECRET" not in printed.err + printed.out
        assert outside.read_bytes() == before
        spec.unlink()


def test_templates_of_one_name_have_specs_of_their_own_also_while_they_are_checked(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for folder in ("a", "b"):
        Path(folder).mkdir()
        shutil.copy("t.yaml", f"{folder}/t.yaml")
    arguments = ["import", "a/t.yaml", "b/t.yaml", "-o", "new"]
    assert main([*arguments, "--check"]) == 1
    errors = capsys.readouterr().err.splitlines()
    assert [line.partition(":")[0] for line in errors] == ["new/t.yaml", "new/t-2.yaml"]
    assert main(arguments) == 0
    assert sorted(path.name for path in Path("new").iterdir()) == ["t-2.yaml", "t.yaml"]


@pytest.fixture
def nested() -> Path:
    """Return a template whose stacks are imported to the folder `specs/nested`."""
    shutil.copytree(TEMPLATES / "4-ecs-nested", "nested")
    return Path("nested/main.yaml")


def test_other_files_in_the_folder_of_stacks_are_left_alone(nested: Path) -> None:
    folder = Path("specs/nested")
    (folder / "folder.yaml").mkdir(parents=True)
    own = {
        "own.yaml": "title: Mine\nnodes: {a: Lambda}\n",
        "broken.yaml": "nodes: [\n",
        "whole.yaml": "import: {source: ../../nested/main.yaml}\nnodes: {a: {label: Mine, resource: Api}}\n",
        "other.yaml": "import: {source: ../../t.yaml, split: stack, stack: Api}\nnodes: {a: Mine}\n",
    }
    for name, text in own.items():
        (folder / name).write_text(text, "utf-8")
    assert main(["import", str(nested), "--split", "stack"]) == 0
    assert main(["import", str(nested)]) == 0
    assert {name: (folder / name).read_text("utf-8") for name in own} == own
    assert {"network.yaml", "api.yaml"} <= {path.name for path in folder.iterdir()}


def test_a_file_with_the_name_of_a_stack_is_not_replaced(nested: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("specs/nested").mkdir()
    Path("specs/nested/api.yaml").write_text("nodes: {a: Mine}\n", "utf-8")
    assert main(["import", str(nested), "--split", "stack"]) == 2
    assert "specs/nested/api.yaml:1:1: error[not-imported]" in capsys.readouterr().err
    assert Path("specs/nested/api.yaml").read_text("utf-8") == "nodes: {a: Mine}\n"


def test_stacks_whose_file_names_are_the_same_have_specs_of_their_own(capsys: pytest.CaptureFixture[str]) -> None:
    module = 'module "{0}" {{\n  source = "./{0}"\n}}\n'
    Path("tf").mkdir()
    Path("tf/main.tf").write_text("".join(module.format(name) for name in ("a-b", "a_b")), "utf-8")
    for name in ("a-b", "a_b"):
        Path("tf", name).mkdir()
        Path("tf", name, "main.tf").write_text('resource "aws_sqs_queue" "q" {}\n', "utf-8")
    arguments = ["import", "tf", "--split", "stack"]
    assert main([*arguments, "--check"]) == 1
    missing = [line.partition(":")[0] for line in capsys.readouterr().err.splitlines() if "stale-import" in line]
    assert len(missing) == len({*missing}) >= 2
    assert main(arguments) == 0
    assert sorted(str(path) for path in Path("specs/tf").glob("*.yaml")) == sorted(missing)
    assert main(arguments) == 0
    assert len([*Path("specs/tf").glob("*.yaml")]) == len(missing)


def test_a_template_is_not_imported_to_the_spec_of_another_one_in_both_forms(nested: Path) -> None:
    """There is a spec of the whole template `t.yaml`, and stacks of another template with the same name."""
    nested.rename("nested/t.yaml")
    before = SPEC.read_bytes()
    assert main(["import", "nested/t.yaml", "--split", "stack"]) == 0
    assert main(["import", "nested/t.yaml"]) == 0
    assert SPEC.read_bytes() == before
