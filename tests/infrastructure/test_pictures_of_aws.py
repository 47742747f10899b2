"""The comparison with AWS's own pictures, and the count of known types, say what they should."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from checks import aws_pictures, rule_coverage
from checks.aws_pictures import COMPONENTS, PICTURES, compare
from tests.support import templates

LISTED: dict[str, dict[str, Any]] = yaml.safe_load(PICTURES.read_text("utf-8"))
TEMPLATE = """\
Resources:
  Api: {Type: AWS::ApiGateway::RestApi, Properties: {Body: !GetAtt Save.Arn}}
  Save: {Type: AWS::Lambda::Function, Properties: {Role: !GetAtt R.Arn}}
  R:
    Type: AWS::IAM::Role
    Properties:
      Policies: [{PolicyDocument: {Statement: {Effect: Allow, Action: "s3:PutObject", Resource: !GetAtt Notes.Arn}}}]
  Notes: {Type: AWS::S3::Bucket}
"""


def test_all_components_of_the_pictures_are_listed() -> None:
    assert sum(len(picture["components"]) for picture in LISTED.values()) == COMPONENTS
    assert len(LISTED) == 5


@pytest.mark.parametrize("name", LISTED)
def test_edges_have_listed_ends(name: str) -> None:
    picture = LISTED[name]
    known = {"users", *picture["components"], *picture.get("others", {})}
    edges = [*picture["edges"], *picture.get("detail", ())]
    assert len(edges) == len(set(edges))
    assert {end for edge in edges for end in edge.split(" -> ")} <= known


def test_the_comparison_tells_right_from_wrong_reversed_and_missing() -> None:
    picture = {
        "components": {"API": "Api", "save": "S*", "cache": "Cache", "notes": "Notes"},
        "edges": ["users -> API", "API -> save", "notes -> save", "save -> cache"],
    }
    agreement = compare(picture, templates.load_text(TEMPLATE).graph, with_detail=False)
    assert agreement.missing == ("cache",)
    assert agreement.right == (("API", "save"), ("users", "API"))
    assert agreement.wrong == agreement.reversed == (("save", "notes"),)
    assert agreement.absent == (("notes", "save"), ("save", "cache"))


def test_the_comparison_names_what_to_clone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert aws_pictures.main(str(tmp_path)) == 2
    assert capsys.readouterr().out.count("git clone https://github.com/") == len(LISTED)


def test_the_count_fails_for_a_repository_with_too_many_unknown_types(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.tf").write_text('resource "aws_sqs_queue" "a" {}\nresource "aws_new_thing" "b" {}\n', "utf-8")
    assert rule_coverage.main([str(tmp_path)]) == 1
    assert "2 resources of 2 types, 50.0% known" in capsys.readouterr().out
    (tmp_path / "a.tf").write_text('resource "aws_sqs_queue" "a" {}\n', "utf-8")
    assert rule_coverage.main([str(tmp_path)]) == 0
