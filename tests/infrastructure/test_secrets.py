"""The values of properties reach no diagram, file or message, wherever they are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from diagramkit.cli import main
from tests.support.templates import TEMPLATES

SECRET = "hunter2-planted-secret"
TEMPLATE = (TEMPLATES / "secrets/template.yaml").read_text("utf-8")
HCL = (TEMPLATES / "secrets/main.tf").read_text("utf-8")
STATE = {
    "format_version": "1.0",
    "terraform_version": "1.9.0",
    "values": {
        "outputs": {"o": {"value": SECRET, "sensitive": True}},
        "root_module": {
            "resources": [
                {
                    "address": f'aws_db_instance.main["{SECRET}"]',
                    "mode": "managed",
                    "type": "aws_db_instance",
                    "name": "main",
                    "index": SECRET,
                    "values": {"password": SECRET, "id": SECRET, "tags": {"Name": SECRET}},
                    "sensitive_values": {"password": True},
                },
                {
                    "address": "aws_lambda_function.save",
                    "mode": "managed",
                    "type": "aws_lambda_function",
                    "name": "save",
                    "values": {"environment": [{"variables": {"T": SECRET}}], "function_name": SECRET},
                    "depends_on": ["aws_db_instance.main"],
                },
            ]
        },
    },
}
FILES = {"t.yaml": TEMPLATE, "t.json": json.dumps(STATE), "m/main.tf": HCL} | {
    name: (TEMPLATES / "secrets" / name).read_text("utf-8") for name in ("compose.yaml", "kubernetes.yaml", "graph.dot")
}


def outputs(name: str, capfd: pytest.CaptureFixture[str]) -> str:
    """Return everything that commands print and write about a file."""
    for command in (
        ["import", name, "-o", "specs", "--level", "all"],
        ["show", name],
        ["show", "--json", name],
        ["check", name],
        ["check", "--output-format", "json", name],
        ["render", name, "-o", "out", "--format", "svg,mmd"],
        ["export", name, "--to", "drawio", "-o", "x.drawio"],
    ):
        assert main(command) in (0, 1), command
    printed = "".join(capfd.readouterr())
    made = [path for path in Path().rglob("*") if path.is_file() and path.as_posix() not in FILES]
    assert len(made) >= 4
    return printed + "".join(path.read_text("utf-8", "replace") + path.as_posix() for path in made)


@pytest.mark.parametrize("name", FILES)
def test_no_value_of_a_property_reaches_any_output(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("diagramkit.toml").touch()
    Path(name).parent.mkdir(exist_ok=True)
    Path(name).write_text(FILES[name], "utf-8")
    text = outputs(name, capfd)
    assert "Lambda" in text or "PostgreSQL" in text
    assert SECRET not in text
    assert "hunter2" not in text.lower()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("t.yaml", f"Resources:\n  A:\n    Type: AWS::SQS::Queue\n   Bad: {SECRET}\n"),
        ("t.yaml", f'Resources: {{A: {{Type: AWS::SQS::Queue, Properties: {{X: "{SECRET}}}}}}}\n'),
        ("t.json", f'{{"Resources": {{"A": {{"Type": "AWS::SQS::Queue", "X": "{SECRET}" "Y"}}}}}}'),
        ("t.json", f'{{"x": "{SECRET}"}}'),
        ("compose.yaml", f"services:\n  web: {{image: x}}\n  db:\n    image: {SECRET}\n   bad: {SECRET}\n"),
        ("k.yaml", f"apiVersion: v1\nkind: Secret\nstringData:\n  p: {SECRET}\n bad: {SECRET}\n"),
        ("g.dot", f'digraph {{ "{SECRET}" -> "b" }}'),
        ("main.tf", f'resource "aws_sqs_queue" "a" {{ name = "{SECRET} }}\n'),
    ],
)
def test_no_error_shows_a_value(
    name: str, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).write_text(text, "utf-8")
    for command in (["import", name], ["show", name], ["render", name, "-o", "out"], ["check", name]):
        assert main(command) == 2
    printed = "".join(capfd.readouterr())
    assert "error[" in printed
    assert SECRET not in printed


def test_the_spec_of_a_template_names_addresses_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("t.yaml").write_text(TEMPLATE, "utf-8")
    assert main(["import", "t.yaml", "--level", "all"]) == 0
    spec = yaml.safe_load(Path("specs/t.yaml").read_text("utf-8"))
    assert {node.get("resource") for node in spec["nodes"].values()} >= {"Save", "Notes", "Odd", "Nested", "Main"}
