"""Importing again: edits stay exactly as they were written, and everything that cannot stay is reported."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from diagramkit.cli import main
from tests.support.edited_import import EDITED, RECORD, SPEC, TEMPLATE, change, edit, start, written


@pytest.fixture(autouse=True)
def _in_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    start()


def test_an_edited_spec_keeps_its_bytes_if_the_template_is_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    edit()
    assert main(["import", "t.yaml"]) == 0
    assert written() == EDITED
    assert "unchanged: specs/t.yaml" in capsys.readouterr().out
    assert main(["import", "--check"]) == 0
    assert capsys.readouterr() == ("", "")


def test_only_the_lines_that_a_change_concerns_are_changed(capsys: pytest.CaptureFixture[str]) -> None:
    edit()
    change("10.0.0.0/16", "10.9.0.0/16")
    change("  Jobs: ", "  Mail: {Type: AWS::SNS::Topic}\n  Jobs: ")
    assert main(["import"]) == 0
    expected = EDITED.replace("VPC 10.0.0.0/16", "VPC 10.9.0.0/16").replace(
        "    people: Customers\n",
        "    people: Customers\n    mail:\n      label: SNS<br>Mail\n      icon: "
        "aws.integration.SimpleNotificationServiceSnsTopic\n      resource: Mail\n",
    )
    assert written() == expected
    assert "updated (1 added, 1 updated) specs/t.yaml: 6 resources" in capsys.readouterr().out


def test_what_the_template_no_longer_contains_is_removed_and_reported(capsys: pytest.CaptureFixture[str]) -> None:
    edit(EDITED + "icons: {jobs: none}\nlinks: {people: x.html}\n")
    start = TEMPLATE.index("  Jobs:")
    Path("t.yaml").write_text(TEMPLATE[:start], "utf-8")
    assert main(["import"]) == 1
    spec = yaml.safe_load(written())
    assert set(spec["nodes"]) == {"work", "people"}
    assert spec["edges"] == []
    assert "icons" not in spec
    assert spec["links"] == {"people": "x.html"}
    assert "# the queue comes first" in written()
    printed = capsys.readouterr().err
    assert (
        "specs/t.yaml:7:5: warning[lost-edit]: the node 'jobs' (Jobs) was removed, because the template no longer "
        "contains it; it was edited: its label was 'Job queue', its icon was 'aws.integration.SQS'" in printed
    )
    assert (
        "specs/t.yaml:16:5: warning[lost-edit]: the edge 'people -> jobs' with the label 'order' was removed, because "
        "the template no longer contains 'jobs'; if it is still needed, add it again" in printed
    )
    assert "the entry 'jobs' under 'icons' was removed" in printed
    assert "the comment '# renamed' was removed" in printed
    assert "the comment '# by hand' was removed" in printed
    assert main(["check", "specs"]) == 0


def test_layout_hints_stay_except_for_what_the_template_no_longer_contains(capsys: pytest.CaptureFixture[str]) -> None:
    head = "layout:\n  # as Ann likes it\n"
    layout = head + "  order: [people, jobs, work]\n  near: [jobs, work]\n  pin: {jobs: [2, 1], work: [3, 1]}\n"
    edit(EDITED + layout)
    change("10.0.0.0/16", "10.9.0.0/16")
    assert main(["import"]) == 0
    assert written().endswith(layout)
    Path("t.yaml").write_text(TEMPLATE[: TEMPLATE.index("  Jobs:")], "utf-8")
    assert main(["import"]) == 1
    assert written().endswith("layout:\n  # as Ann likes it\n  order: [people, work]\n  pin: {work: [3, 1]}\n")
    assert "'jobs' in the layout hint 'near' was removed" in capsys.readouterr().err
    assert main(["check", "specs"]) == 0


def test_an_edit_stays_if_the_template_changed_the_same_and_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    edit()
    change("  Jobs: {Type: AWS::SQS::Queue}", "  Jobs: {Type: AWS::Kinesis::Stream}")
    assert main(["import"]) == 1
    assert written() == EDITED
    assert (
        "warning[import-conflict]: the node 'jobs' (Jobs) was edited here and changed in the template; the edit stays: "
        "label 'Job queue' here, 'Kinesis / Jobs' there" in capsys.readouterr().err
    )
    assert main(["import"]) == 0  # A conflict is reported once.
    assert capsys.readouterr().err == ""


def test_a_hidden_node_stays_hidden(capsys: pytest.CaptureFixture[str]) -> None:
    spec = yaml.safe_load(written())
    del spec["nodes"]["jobs"]
    spec["edges"] = []
    edit(yaml.safe_dump(spec, sort_keys=False))
    edited = written()
    for _ in range(2):
        assert main(["import"]) == 0
        assert written() == edited
    change("  JobsMapping:", "  OtherMapping:")
    assert main(["import"]) == 0
    assert written() == edited
    assert capsys.readouterr().err == ""


def test_a_hidden_node_that_is_added_again_gets_its_label_and_its_edges() -> None:
    spec = yaml.safe_load(written())
    jobs = spec["nodes"].pop("jobs")
    spec["edges"] = []
    edit(yaml.safe_dump(spec))
    assert main(["import"]) == 0
    spec["nodes"]["queue"] = {"resource": "Jobs"}
    edit(yaml.safe_dump(spec))
    assert main(["import"]) == 0
    assert yaml.safe_load(written())["nodes"]["queue"] == jobs
    assert yaml.safe_load(written())["edges"] == [{"from": "queue", "to": "work", "resource": "JobsMapping"}]


def test_a_moved_node_stays_unless_its_group_is_removed(capsys: pytest.CaptureFixture[str]) -> None:
    spec = yaml.safe_load(written())
    spec["groups"]["vpc"]["groups"]["appsubnet"]["nodes"] = ["work", "jobs"]
    edit(yaml.safe_dump(spec))
    assert main(["import"]) == 0
    assert yaml.safe_load(written()) == spec
    change("  AppSubnet: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc}}\n", "")
    change("Properties: {VpcConfig: {SubnetIds: [!Ref AppSubnet]}}", "Properties: {}")
    assert main(["import"]) == 1
    assert "groups" not in yaml.safe_load(written()) or yaml.safe_load(written())["groups"] == {}
    assert (
        "the node 'jobs' (Jobs) was moved out of its group, because the template no longer contains the group "
        "'appsubnet'" in capsys.readouterr().err
    )


def test_a_part_of_a_line_of_edges_stays(capsys: pytest.CaptureFixture[str]) -> None:
    edit(EDITED.replace("-   people -> jobs: order    # by hand", "- people & jobs -.-> work -> people: x"))
    Path("t.yaml").write_text(TEMPLATE[: TEMPLATE.index("  Jobs:")], "utf-8")
    assert main(["import"]) == 1
    assert yaml.safe_load(written())["edges"] == [{"people -.-> work": "x"}, {"work --> people": "x"}]
    assert "the edge 'jobs -> work' with the label 'x' was removed" in capsys.readouterr().err


def test_a_node_without_its_resource_belongs_to_the_user(capsys: pytest.CaptureFixture[str]) -> None:
    edit(EDITED.replace(", resource: Jobs}", "}").replace("    resource: JobsMapping\n", ""))
    Path("t.yaml").write_text(TEMPLATE[: TEMPLATE.index("  Jobs:")], "utf-8")
    before = written()
    assert main(["import"]) == 0
    assert written() == before
    printed = capsys.readouterr().err
    assert "the node 'jobs' is no longer in the template; it stays, because it has no 'resource'" in printed
    assert "the edge 'jobs -> work' is no longer in the template; it stays" in printed


def test_a_generated_id_does_not_take_over_a_node_of_the_user() -> None:
    edit(EDITED.replace("people", "mail"))
    change("  Jobs: ", "  Mail: {Type: AWS::SNS::Topic}\n  Jobs: ")
    assert main(["import"]) == 0
    nodes = yaml.safe_load(written())["nodes"]
    assert nodes["mail"] == "Customers"
    assert nodes["mail_2"]["resource"] == "Mail"
    edit(written().replace("mail_2", "post"))
    assert main(["import", "--check"]) == 0
    change("  Mail: {Type: AWS::SNS::Topic}\n", "")
    assert main(["import"]) == 0
    assert set(yaml.safe_load(written())["nodes"]) == {"jobs", "work", "mail"}


def test_a_node_that_was_drawn_before_its_resource_existed_is_that_resource(
    capsys: pytest.CaptureFixture[str],
) -> None:
    edit(EDITED.replace("people: Customers", "people: {label: Mails, resource: Mail}"))
    change("  Jobs: ", "  Mail: {Type: AWS::SNS::Topic}\n  Jobs: ")
    before = written()
    assert main(["import"]) == 0
    assert written() == before
    assert capsys.readouterr().err == ""


def test_a_group_that_moves_takes_its_comments_along() -> None:
    nested = EDITED.replace(
        "            appsubnet: {label: Inner, kind: private-subnet, resource: AppSubnet, nodes: [work]}\n",
        "            appsubnet:  # ours\n                label: Inner\n                kind: private-subnet\n"
        "                resource: AppSubnet\n                # who is here\n                nodes: [work]\n",
    )
    edit(nested)
    change(
        "  AppSubnet: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc}}",
        "  Net: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.1.0.0/16}}\n"
        "  AppSubnet: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Net}}",
    )
    change("  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}\n", "")
    main(["import"])
    groups = yaml.safe_load(written())["groups"]
    assert groups["net"]["groups"]["appsubnet"]["label"] == "Inner"
    assert "# ours\n" in written()
    assert "# who is here\n" in written()


# What an import compares with


def test_the_record_is_the_same_twice_and_has_no_absolute_path() -> None:
    record = RECORD.read_bytes()
    shutil.rmtree(".diagramkit")
    SPEC.unlink()
    assert main(["import", "t.yaml"]) == 0
    assert RECORD.read_bytes() == record
    assert str(Path.cwd()) not in record.decode("utf-8") + written()


def test_an_unedited_spec_needs_no_record() -> None:
    shutil.rmtree(".diagramkit")
    change("  Jobs: {Type: AWS::SQS::Queue}", "  Jobs: {Type: AWS::Kinesis::Stream}")
    assert main(["import"]) == 0
    assert "Kinesis" in written()
    assert RECORD.exists()


def test_a_record_that_is_older_than_the_spec_changes_nothing() -> None:
    edit()
    record = RECORD.read_bytes()
    change("  Jobs: ", "  Mail: {Type: AWS::SNS::Topic}\n  Api: {Type: AWS::ApiGateway::RestApi}\n  Jobs: ")
    change("10.0.0.0/16", "10.9.0.0/16")
    assert main(["import"]) == 0
    merged = written()
    assert "users" in merged
    RECORD.write_bytes(record)
    assert main(["import"]) == 0
    assert written() == merged


@pytest.mark.parametrize("options", [[], ["--check"]])
def test_an_edited_spec_without_a_record_is_left_unchanged(
    options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    edit()
    shutil.rmtree(".diagramkit")
    assert main(["import", "t.yaml", *options]) == 2
    assert written() == EDITED
    assert not RECORD.exists()
    printed = capsys.readouterr().err
    assert (
        "specs/t.yaml:1:1: error[missing-import]: this spec was edited, and '.diagramkit/import/specs/t.yaml'"
        in printed
    )
    assert main(["import", "t.yaml", "--force"]) == 0
    assert "people" not in written()


@pytest.mark.parametrize(
    "damage",
    [
        "",
        "spec: [",
        "spec: {}\n",
        "x: 1\n",
        "spec: {title: a, nodes: {a: b}}\nids: [a]\n",
        "<<<<<<< HEAD\nspec: 1\n",
        "\x00",
    ],
)
def test_a_damaged_record_is_one_error_and_nothing_is_lost(damage: str, capsys: pytest.CaptureFixture[str]) -> None:
    edit()
    RECORD.write_text(damage, "utf-8")
    assert main(["import", "t.yaml"]) == 2
    assert written() == EDITED
    assert RECORD.read_text("utf-8") == damage
    printed = capsys.readouterr().err
    assert printed.startswith(".diagramkit/import/specs/t.yaml:")
    assert "error[damaged-import]: this record of the last import cannot be read" in printed


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("title: T\ndiagram: |\n  graph LR\n    a --> b\n", "this spec has no 'nodes' any more"),
        ("title: T\nnodes: {a: b}\nedges: [a -> c]\n", "unknown-node"),
        ("title: [\n", "yaml-syntax"),
        (
            EDITED.replace("label: Inner", "label: &x VPC 10.0.0.0/16").replace("label: VPC 10.0.0.0/16", "label: *x"),
            "",
        ),
    ],
)
def test_a_spec_that_cannot_be_merged_is_left_unchanged(
    text: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(text)
    change("10.0.0.0/16", "10.9.0.0/16")
    record = RECORD.read_bytes()
    assert main(["import", "t.yaml"]) == 2
    assert (written(), RECORD.read_bytes()) == (text, record)
    assert message in capsys.readouterr().err


def test_a_file_that_was_not_imported_is_left_unchanged(capsys: pytest.CaptureFixture[str]) -> None:
    edit("title: Mine\nnodes: {a: Lambda}\n")
    shutil.rmtree(".diagramkit")
    assert main(["import", "t.yaml", "--force"]) == 2
    assert main(["import", "specs/t.yaml"]) == 2
    assert written() == "title: Mine\nnodes: {a: Lambda}\n"
    assert "specs/t.yaml:1:1: error[not-imported]: this file exists and was not imported" in capsys.readouterr().err


def test_a_resource_with_another_address_and_the_same_name_keeps_its_edits(capsys: pytest.CaptureFixture[str]) -> None:
    edit()
    Path("t.yaml").write_text(TEMPLATE.replace("Jobs", "JobsQueue"), "utf-8")
    assert main(["import"]) == 0
    nodes = yaml.safe_load(written())["nodes"]
    assert nodes["jobs"] == {"label": "Job queue", "icon": "aws.integration.SQS", "resource": "JobsQueue"}
    assert "the node 'jobs' (Jobs) stands for 'JobsQueue' now" in capsys.readouterr().err


def test_a_tier_of_subnets_keeps_its_edits_when_its_first_subnet_goes() -> None:
    subnets = "".join(
        f"  AppSubnet{zone}: {{Type: AWS::EC2::Subnet, Properties: {{VpcId: !Ref Vpc}}}}\n" for zone in "ABC"
    )
    Path("t.yaml").write_text(
        TEMPLATE.replace("  AppSubnet: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc}}\n", subnets).replace(
            "!Ref AppSubnet", "!Ref AppSubnetB"
        ),
        "utf-8",
    )
    assert main(["import"]) == 0
    assert "App subnets (3 AZs)" in written()
    edit(written().replace("App subnets (3 AZs)", "Inner"))
    change("  AppSubnetA: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc}}\n", "")
    main(["import"])
    groups = yaml.safe_load(written())["groups"]["vpc"]["groups"]
    assert [(group["label"], group["nodes"]) for group in groups.values()] == [("Inner", ["work"])]
