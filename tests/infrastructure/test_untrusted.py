"""Templates from anywhere can be read: they open nothing outside, and none of them takes forever."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from diagramkit import infrastructure, sources
from diagramkit.diagnostics import DiagramError, Span
from diagramkit.infrastructure.connections import MAX_CANDIDATES
from diagramkit.infrastructure.levels import View
from diagramkit.infrastructure.readers import project_files
from diagramkit.infrastructure.readers.project_files import ProjectFiles
from tests.support import templates
from tests.support.templates import TEMPLATES

MAX_SECONDS = 30
"""The time in which the largest templates must be read; it is far less on most machines."""


def read(path: str, read_text: Callable[[str], str] = sources.read_text) -> infrastructure.Drawn:
    return infrastructure.load(sources.read_text(path), path, read_text)


@pytest.mark.parametrize(
    "url", ["https://example.com/inner.yaml", "s3://bucket/inner.yaml", "file:///etc/passwd", "/etc/passwd"]
)
def test_no_address_is_opened(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = f"Resources:\n  Inner: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: '{url}'}}}}\n"
    Path("t.yaml").write_text(text, "utf-8")

    def open_nothing(path: str) -> str:
        raise AssertionError(f"{path} was opened")

    if "://" in url:  # A folder may have such a name.
        Path(re.sub("/+", "/", url)).parent.mkdir(parents=True, exist_ok=True)
        Path(re.sub("/+", "/", url)).write_text("Resources: {Jobs: {Type: AWS::SQS::Queue}}\n", "utf-8")
    drawn = read("t.yaml", open_nothing)
    assert [templates.label(node.label) for node in drawn.graph.nodes] == ["Stack / Inner"]
    assert drawn.graph.warnings == ()


@pytest.mark.parametrize("location", ["{folder}/inner.yaml", "\\inner.yaml"])
def test_only_relative_paths_are_opened(location: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("inner.yaml", "\\inner.yaml"):
        Path(name).write_text("Resources: {Jobs: {Type: AWS::SQS::Queue}}\n", "utf-8")
    files = ProjectFiles(sources.read_text)
    assert files.open(location.format(folder=tmp_path), "t.yaml", Span("t.yaml")) is None
    assert (files.paths, files.problems) == ([], [])


def test_what_an_address_ends_with_is_read_from_the_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("inner").mkdir()
    Path("inner/a.yaml").write_text("Resources: {Jobs: {Type: AWS::SQS::Queue}}\n", "utf-8")
    text = "Resources: {In: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: !Sub 'https://${X}/b/inner/a.yaml'}}}\n"
    Path("t.yaml").write_text(text, "utf-8")
    drawn = read("t.yaml")
    assert [node.resource for node in drawn.graph.nodes] == ["In/Jobs"]
    assert drawn.files == ("inner/a.yaml",)


@pytest.mark.parametrize("is_link", [False, True])
def test_no_file_outside_the_project_is_read(is_link: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "diagramkit.toml").touch()
    (tmp_path / "outside.yaml").write_text("Resources: {Jobs: {Type: AWS::SQS::Queue}}\n", "utf-8")
    monkeypatch.chdir(project)
    location = "../outside.yaml"
    if is_link:
        location = "link.yaml"
        Path(location).symlink_to("../outside.yaml")
    text = f"Resources: {{In: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: {location}}}}}}}\n"
    Path("t.yaml").write_text(text, "utf-8")
    drawn = read("t.yaml")
    assert [problem.code for problem in drawn.graph.warnings] == ["outside"]
    assert [node.resource for node in drawn.graph.nodes] == ["In"]


def test_a_template_opens_a_limited_number_of_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(project_files, "_MAX_FILES", 2)
    for name in ("a.yaml", "b.yaml", "c.yaml"):
        Path(name).touch()
    files = ProjectFiles(sources.read_text)
    opened = [files.open(name, "t.yaml", Span("t.yaml")) for name in ("a.yaml", "b.yaml", "c.yaml")]
    assert opened == [("a.yaml", ""), ("b.yaml", ""), None]
    assert files.paths == ["a.yaml", "b.yaml"]


def test_no_module_outside_the_project_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = tmp_path / "project"
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/a.tf").write_text('resource "aws_sqs_queue" "a" {}\n', "utf-8")
    project.mkdir()
    (project / "diagramkit.toml").touch()
    monkeypatch.chdir(project)
    Path("main.tf").write_text('module "m" {\n  source = "../outside"\n}\n', "utf-8")
    drawn = read("main.tf")
    assert [node.resource for node in drawn.graph.nodes] == ["module.m"]
    assert [problem.code for problem in drawn.graph.warnings] == ["outside"]


def test_of_a_module_only_its_own_files_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("m/folder.tf").mkdir(parents=True)
    for name in ("a.tf", ".hidden.tf", "b.tf.bak", "c.txt"):
        queue = f'resource "aws_sqs_queue" "{name[:2].strip(".")}" {{}}\n'
        Path("m", name).write_text(queue, "utf-8")
    Path("main.tf").write_text('module "m" {\n  source = "./m"\n}\n', "utf-8")
    drawn = read("main.tf")
    assert [node.resource for node in drawn.graph.nodes] == ["module.m.aws_sqs_queue.a"]
    assert drawn.files == ("main.tf", "m/a.tf")
    assert drawn.graph.warnings == ()


def test_stacks_that_contain_each_other_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    stack = "Resources: {{S: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: {}}}}}}}\n"
    Path("a.yaml").write_text(stack.format("b.yaml"), "utf-8")
    Path("b.yaml").write_text(stack.format("a.yaml"), "utf-8")
    assert [resource.address for resource in read("a.yaml").resources] == ["S", "S/S"]


def doubling_aliases() -> str:
    lines = ["x0: &x0 [a, b]"] + [f"x{n}: &x{n} [*x{n - 1}, *x{n - 1}]" for n in range(1, 40)]
    return "Resources:\n  A: {Type: AWS::SQS::Queue, Properties: {X: *x39}}\n" + "\n".join(lines)


def doubling_services() -> str:
    lines = ["x0: &x0 [a, b]"] + [f"x{n}: &x{n} [*x{n - 1}, *x{n - 1}]" for n in range(1, 40)]
    return "\n".join(lines) + "\nservices:\n  web: {image: a, environment: *x39}\n"


def many_selected(side: int) -> str:
    """Return manifests in which each service selects all pods."""
    pod = (
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: p{}, labels: {{app: a}}}}\nspec: {{containers: [{{image: x}}]}}\n"
    )
    service = "apiVersion: v1\nkind: Service\nmetadata: {{name: s{}}}\nspec: {{selector: {{app: a}}}}\n"
    return "---\n".join(text.format(number) for number in range(side) for text in (pod, service))


BOMBS = {
    "aliases in a Compose file": ("compose.yaml", doubling_services()),
    "deep manifests": ("k.yaml", "apiVersion: v1\nkind: Pod\nspec: " + "[" * 200 + "]" * 200),
    "services that select everything": ("k.yaml", many_selected(600)),
    "a graph with long detours": (
        "g.dot",
        "digraph {\n"
        + "".join(f'"aws_a_b.r{n}" -> "var.v0"\n"var.v{n}" -> "var.v{n + 1}"\n' for n in range(2000))
        + "}",
    ),
    "a graph with too many edges": ("g.dot", "digraph {\n" + '"aws_a_b.c" -> "aws_a_b.d"\n' * 200_001 + "}"),
    "aliases": ("t.yaml", "A: &a {Type: AWS::SQS::Queue}\n" + doubling_aliases()),
    "deep YAML": ("t.yaml", "Resources: {A: {Type: AWS::SQS::Queue, X: " + "[" * 200 + "]" * 200 + "}}"),
    "deep JSON": (
        "t.json",
        '{"Resources": {"A": {"Type": "AWS::SQS::Queue", "X": ' + "[" * 90000 + "]" * 90000 + "}}}",
    ),
    "deep functions": (
        "t.json",
        '{"Resources": {"A": {"Type": "AWS::SQS::Queue", "Properties": {"X": '
        + '{"Fn::Base64": ' * 300
        + "1"
        + "}" * 304,
    ),
    "deep configuration": ("main.tf", 'resource "aws_sqs_queue" "a" {\n  x = ' + "[" * 3000 + "]" * 3000 + "\n}\n"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_one_error(name: str) -> None:
    file, text = BOMBS[name]
    with pytest.raises(DiagramError) as error:
        templates.load_text(text, file)
    assert len(error.value.problems) == 1


def test_values_that_double_cost_no_time() -> None:
    lines = ['  v0 = "${aws_dynamodb_table.t.arn}"'] + [
        f'  v{n} = "${{local.v{n - 1}}}${{local.v{n - 1}}}"' for n in range(1, 200)
    ]
    text = (
        "locals {\n" + "\n".join(lines) + "\n}\n"
        'resource "aws_dynamodb_table" "t" {}\n'
        'resource "aws_lambda_function" "f" {\n  environment { variables = { A = local.v199 } }\n}\n'
    )
    assert len(templates.load_text(text, "main.tf").graph.nodes) == 2


def test_a_stack_that_imports_what_it_exports_ends() -> None:
    text = "Resources: {A: {Type: AWS::SQS::Queue, Properties: {X: !ImportValue a}}}\n"
    text += "Outputs: {O: {Value: !ImportValue a, Export: {Name: a}}}\n"
    assert templates.load_text(text).resources


def test_outputs_and_variables_that_refer_to_themselves_end() -> None:
    text = "Resources: {A: {Type: AWS::SQS::Queue, Properties: {X: !GetAtt S.Outputs.O}}}\n"
    text += "Outputs: {O: {Value: !GetAtt S.Outputs.O}}\n"
    assert templates.load_text(text).resources
    text = 'locals { a = "${local.b}" \n b = "${local.a}" }\nresource "aws_sqs_queue" "q" { name = local.a }\n'
    assert templates.load_text(text, "main.tf").resources


@pytest.mark.parametrize("text", yaml.safe_load((TEMPLATES / "malformed.yaml").read_text("utf-8")))
def test_malformed_resources_are_no_crash(text: str) -> None:
    drawn = templates.load_text(text)
    assert all(resource.reason for resource in drawn.resources)


@pytest.mark.parametrize(
    "text",
    ['{"format_version": "1", "terraform_version": "1", "values": 1}', '{"planned_values": {}, "format_version": 1}'],
)
def test_malformed_terraform_is_one_error(text: str) -> None:
    with pytest.raises(DiagramError, match="contains no resources"):
        templates.load_text(text, "plan.json")


def large(count: int) -> str:
    resources: dict[str, object] = {}
    for number in range(0, count, 4):
        resources[f"Q{number}"] = {"Type": "AWS::SQS::Queue"}
        resources[f"F{number}"] = {
            "Type": "AWS::Lambda::Function",
            "Properties": {"Role": {"Fn::GetAtt": [f"R{number}", "Arn"]}},
        }
        policy = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": {"Fn::GetAtt": [f"Q{number}", "Arn"]}}
        resources[f"R{number}"] = {
            "Type": "AWS::IAM::Role",
            "Properties": {"Policies": [{"PolicyDocument": {"Statement": [policy]}}]},
        }
        resources[f"L{number}"] = {"Type": "AWS::Logs::LogGroup"}
    return json.dumps({"Resources": resources})


@pytest.mark.slow
def test_ten_thousand_resources_are_accounted_for() -> None:
    drawn = templates.load_text(large(10_000), "t.json", View("detail"))
    assert len(drawn.resources) == 10_000
    assert len(drawn.graph.edges) == 2_500
    assert len(templates.load_text(large(10_000), "t.json").graph.nodes) <= 30


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["compose", "kubernetes", "graph"])
def test_ten_thousand_resources_of_each_kind_are_accounted_for(kind: str) -> None:
    services = "".join(f"  s{n}: {{image: x, depends_on: [s{n // 2}]}}\n" for n in range(10_000))
    pods = (
        f"apiVersion: v1\nkind: Pod\nmetadata: {{name: p{n}, labels: {{app: a{n}}}}}\n"
        "spec: {containers: [{image: x}]}\n"
        f"---\napiVersion: v1\nkind: Service\nmetadata: {{name: s{n}}}\nspec: {{selector: {{app: a{n}}}}}\n"
        for n in range(5_000)
    )
    edges = "".join(f'"aws_lambda_function.f{n}" -> "aws_sqs_queue.q{n}"\n' for n in range(5_000))
    file, text = {
        "compose": ("compose.yaml", "services:\n" + services),
        "kubernetes": ("k.yaml", "---\n".join(pods)),
        "graph": ("g.dot", "digraph {\n" + edges + "}\n"),
    }[kind]
    started = time.process_time()
    drawn = templates.load_text(text, file)
    assert len(drawn.resources) == 10_000
    assert time.process_time() - started < MAX_SECONDS


def test_more_edges_than_a_picture_can_show_are_one_error() -> None:
    side = int(MAX_CANDIDATES**0.5) + 1
    resources: dict[str, object] = {f"Q{n}": {"Type": "AWS::SQS::Queue"} for n in range(side)}
    arns = [{"Fn::GetAtt": [f"Q{n}", "Arn"]} for n in range(side)]
    policy = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": arns}
    resources["R"] = {
        "Type": "AWS::IAM::Role",
        "Properties": {"Policies": [{"PolicyDocument": {"Statement": [policy]}}]},
    }
    resources |= {
        f"F{n}": {"Type": "AWS::Lambda::Function", "Properties": {"Role": {"Fn::GetAtt": ["R", "Arn"]}}}
        for n in range(side)
    }
    with pytest.raises(DiagramError) as error:
        templates.load_text(json.dumps({"Resources": resources}), "t.json")
    assert [problem.code for problem in error.value.problems] == ["too-large"]
