"""The tools for AI agents: what they answer, what they write, and that no input makes them do anything else."""

from __future__ import annotations

import io
import json
import os
import time
import unicodedata
from pathlib import Path
from typing import Any

import anyio
import jsonschema
import msgspec
import pytest
import yaml
from PIL import Image

import diagramkit
from diagramkit import write_scope
from diagramkit.agents import protocol, tools
from diagramkit.agents.arguments import FILE_NAME, RenderArguments, schema_of
from diagramkit.agents.tools import TOOLS, ToolResult
from diagramkit.batch.bounds import UNLIMITED, Bounds
from diagramkit.outputs import OUTPUTS

SHOP = "flowchart LR\n    users[Users] --> alb[ALB] --> ecs[ECS Fargate] --> db[(Aurora)]\n"
TEMPLATE = """
Resources:
  Orders: {Type: AWS::Lambda::Function, Properties: {Environment: {Variables: {TABLE: !Ref Table}}}}
  Table: {Type: AWS::DynamoDB::Table}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "project"
    root.mkdir()
    (root / "diagramkit.toml").write_text("")
    monkeypatch.chdir(root)
    return root


def call(name: str, /, **arguments: Any) -> ToolResult:
    return tools.call(name, msgspec.convert(arguments, TOOLS[name].arguments), ())


def answer(result: ToolResult) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(result.texts[0])
    return data


def test_render_answers_with_a_picture_the_files_and_the_report() -> None:
    result = call("render", source=SHOP, name="shop")
    assert not result.failed
    assert answer(result) == {"files": ["diagrams/shop.svg", "diagrams/shop.png"]}
    assert [*result.files] == ["diagrams/shop.svg", "diagrams/shop.png"]
    assert result.png is not None
    assert Image.open(io.BytesIO(result.png)).width <= 1200
    assert result.texts[1] == diagramkit.parse(SHOP).report().to_json().replace('"Diagram"', '"diagram"')


@pytest.mark.parametrize("name", OUTPUTS)
def test_render_and_export_write_every_format(name: str) -> None:
    for result in (call("render", source=SHOP, formats=[name]), call("export", source=SHOP, format=name)):
        assert not result.failed
        assert [*result.files] == [f"diagrams/diagram.{OUTPUTS[name].ending}"]
        assert all(result.files.values())


def test_short_texts_are_part_of_the_answer_of_export() -> None:
    assert call("export", source=SHOP, format="mermaid").texts[1].startswith("flowchart LR\n")
    assert len(call("export", source=SHOP, format="svg").texts) == 1


@pytest.mark.parametrize("name", ["render", "check"])
def test_a_source_with_mistakes_is_answered_with_their_fixes(name: str) -> None:
    result = call(name, source="flowchart LR\n    a[x (y)] -> b[S3]\n    c[z\n")
    data = answer(result)
    assert result.failed == (name == "render")
    assert (data["problems"][0]["code"], data["problems"][0]["line"]) == ("mermaid-unquoted", 2)
    assert all({"code", "line", "column", "message"} <= problem.keys() for problem in data["problems"])
    assert data["fixed"] == 'flowchart LR\n    a["x (y)"] --> b[S3]\n    c[z]\n'
    assert not [problem for problem in data["remaining"] if problem["severity"] == "error"]
    assert not result.files


def test_check_names_similar_icons_for_components_without_one() -> None:
    (problem,) = answer(call("check", source="flowchart LR\n    a[Lamda authorizer] --> b[S3]\n"))["problems"]
    assert (problem["code"], problem["line"]) == ("no-icon", 2)
    assert "aws.compute.Lambda" in problem["message"]


def test_files_and_markdown_and_specs_are_read(folder: Path) -> None:
    (folder / "shop.mmd").write_text(SHOP)
    assert answer(call("render", path="shop.mmd"))["files"]
    assert call("render", source=f"Text.\n\n```mermaid\n{SHOP}```\n").files
    assert call("render", source="title: T\nnodes: {a: ALB, b: EC2}\nedges: [a -> b]\n").files
    assert call("render", source=TEMPLATE).files


def test_icons_are_found_by_words() -> None:
    first, *_ = answer(call("find_icons", query="transit gateway", limit=3))["icons"]
    assert first["icon"] == "aws.network.TransitGateway"
    assert answer(call("find_icons", query="xyzzyq")) == {"icons": [], "more": 0}


def test_infrastructure_is_imported_and_updated(folder: Path) -> None:
    (folder / "template.yaml").write_text(TEMPLATE)
    result = call("import_infrastructure", path="template.yaml")
    assert [*result.files] == ["diagrams/template.yaml", ".diagramkit/import/diagrams/template.yaml"]
    assert answer(result) == {
        "files": ["diagrams/template.yaml"],
        "resources": "2 resources: 2 drawn",
        "problems": [],
    }
    for path, data in result.files.items():
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_bytes(data)
    spec = folder / "diagrams/template.yaml"
    spec.write_text(spec.read_text().replace("Lambda<br>Orders", "My orders"))
    (folder / "template.yaml").write_text(TEMPLATE + "  Queue: {Type: AWS::SQS::Queue}\n")
    again = call("import_infrastructure", path="template.yaml")
    text = again.files["diagrams/template.yaml"].decode()
    assert "My orders" in text
    assert "Queue" in text


def test_an_import_shows_what_the_arguments_or_the_spec_say(folder: Path) -> None:
    (folder / "template.yaml").write_text(TEMPLATE + "  Queue: {Type: AWS::SQS::Queue}\n")
    spec = folder / "diagrams/template.yaml"
    spec.parent.mkdir()
    for arguments, key in (
        ({}, {}),
        ({"level": "detail", "focus": "Orders"}, {"level": "detail", "focus": "Orders"}),
        ({}, {"level": "detail", "focus": "Orders"}),
        ({"level": "all"}, {"level": "all", "focus": "Orders"}),
    ):
        result = call("import_infrastructure", path="template.yaml", **arguments)
        spec.write_bytes(result.files["diagrams/template.yaml"])
        read = yaml.safe_load(spec.read_text())
        assert read["import"] == {"source": "../template.yaml", **key}
        assert ("queue" in read["nodes"]) == (not key)


def test_a_format_whose_package_is_missing_is_answered_with_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("diagramkit.outputs.find_spec", lambda *_: None)
    result = call("export", source=SHOP, format="pptx")
    assert (result.failed, result.files) == (True, {})
    assert "pip install" in answer(result)["problems"][0]["message"]


def test_a_lone_surrogate_in_a_source_is_left_out_and_reported() -> None:
    result = call("check", source='flowchart LR\n  a["x\ud800"] --> b[S3]\n')
    assert "control-character" in {problem["code"] for problem in answer(result)["problems"]}


@pytest.mark.parametrize("export_format", ["mermaid", "dot", "python", "drawio", "json", "svg"])
def test_an_answer_has_no_control_character_and_exported_text_none_but_tabs_and_line_ends(export_format: str) -> None:
    text = '"x\\ty\\a\\e\\u202ez"'
    nodes = f"nodes:\n  a: {text}\n  b: {{label: {text}, icon: aws.compute.Lambda}}\n"
    source = f"title: {text}\n{nodes}edges: [a -> b: {text}]\n"
    result = call("export", source=source, format=export_format)
    first, *exported = result.texts
    assert "control-character" in first
    assert {char for char in first if not char.isprintable()} == set()
    exported += [content.decode() for content in result.files.values()]
    assert exported
    assert {char for char in "".join(exported) if unicodedata.category(char) in ("Cc", "Cf")} <= {"\t", "\n"}
    if export_format == "mermaid":
        assert "x\ty" in exported[0]


@pytest.mark.parametrize(
    ("name", "arguments", "code"),
    [
        ("render", {"path": "../secret.mmd"}, "outside"),
        ("render", {"path": "/etc/passwd"}, "outside"),
        ("render", {"path": "link/secret.mmd"}, "outside"),
        ("render", {"path": "a\0b"}, "no-such-file"),
        ("render", {"path": ""}, "no-such-file"),
        ("render", {"path": "\ud800.mmd"}, "no-such-file"),
        ("check", {"path": "x" * 5000}, "no-such-file"),
        ("export", {"path": "in/" * 3000, "format": "svg"}, "no-such-file"),
        ("import_infrastructure", {"path": "a/\0"}, "no-such-file"),
        ("check", {"path": "-"}, "no-such-file"),
        ("check", {"path": "../secret.mmd"}, "outside"),
        ("export", {"path": "../secret.mmd", "format": "svg"}, "outside"),
        ("import_infrastructure", {"path": "../secret.mmd"}, "outside"),
        ("import_infrastructure", {"path": "missing.yaml"}, "no-such-file"),
        ("render", {"path": "missing.mmd"}, "no-such-file"),
        ("import_infrastructure", {"path": "plain.yaml"}, "not-a-template"),
        ("render", {"path": "several"}, "not-one-diagram"),
        ("render", {}, "wrong-value"),
        ("render", {"source": SHOP, "path": "shop.mmd"}, "wrong-value"),
        ("render", {"source": SHOP, "canvas": "huge"}, "wrong-value"),
        ("render", {"source": SHOP, "name": "a\n"}, "wrong-value"),
        ("render", {"source": f"```mermaid\n{SHOP}```\n\n```mermaid\n{SHOP}```\n"}, "not-one-diagram"),
        ("render", {"source": "x" * 10_000_000}, "too-large"),
        ("check", {"source": "x" * 10_000_000}, "too-large"),
    ],
)
def test_what_a_tool_cannot_do_is_answered_with_a_code(
    name: str, arguments: dict[str, Any], code: str, tmp_path: Path
) -> None:
    (tmp_path / "secret.mmd").write_text("flowchart LR\n  secret --> plan\n")
    os.symlink(tmp_path, "link")
    Path("plain.yaml").write_text("nodes: {a: Lambda}\n")
    Path("several").mkdir()
    for file in ("several/a.mmd", "several/b.mmd"):
        Path(file).write_text(SHOP)
    result = call(name, **arguments)
    assert result.failed
    assert [problem["code"] for problem in answer(result)["problems"]] == [code]
    assert "plan" not in result.texts[0]
    assert not result.files


@pytest.mark.parametrize("name", ["../x", "a/b", "", ".hidden", "a" * 101, "a\\b", "C:x"])
def test_names_of_files_have_no_folders(name: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"source": SHOP, "name": name}, RenderArguments)
    assert not jsonschema.Draft202012Validator({"pattern": FILE_NAME}).is_valid(name)


@pytest.mark.parametrize("tool", TOOLS.values(), ids=lambda tool: tool.name)
def test_schemas_are_valid_and_agree_with_the_types(tool: tools.Tool) -> None:
    schema = schema_of(tool.arguments)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    for arguments in ({}, {"source": SHOP}, {"path": "x"}, {"query": "x"}, {"unknown": 1}, {"source": 1}, {"limit": 0}):
        try:
            msgspec.convert(arguments, tool.arguments)
            accepted = True
        except msgspec.ValidationError:
            accepted = False
        assert validator.is_valid(arguments) == accepted, arguments


def test_descriptions_and_schemas_need_little_context() -> None:
    """Fewer than 1,500 tokens of about four characters; measured with o200k_base once: 721."""
    listed = [protocol._listed(tool).model_dump(by_alias=True, exclude_none=True) for tool in TOOLS.values()]
    assert len(json.dumps(listed, separators=(",", ":")) + protocol.INSTRUCTIONS) < 4 * 1500


def test_a_call_that_waits_too_long_for_others_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "_START_TIME", 0.0)
    calls = protocol.Calls(Bounds(timeout=0.1), (), 1)
    monkeypatch.setattr(calls, "_perform", lambda *_: time.sleep(1))

    async def run() -> ToolResult:
        return await calls.call("find_icons", {"query": "s3"})

    result = anyio.run(run)
    assert result.failed
    assert answer(result)["problems"][0]["code"] == "timeout"


SPEC = """
import: {source: ../template.yaml}
nodes: {orders: {label: SECRET, icon: none, resource: Orders}, gone: {label: SECRET 2, resource: Gone}}
"""


@pytest.mark.parametrize("link", ["diagrams/template.yaml", ".diagramkit/import/diagrams/template.yaml"])
def test_an_import_reads_no_spec_or_record_outside_of_the_folder(link: str, folder: Path, tmp_path: Path) -> None:
    """A spec is merged before it is written, and the answer says what was changed in it."""
    (folder / "template.yaml").write_text(TEMPLATE)
    (tmp_path / "outside.yaml").write_text(SPEC)
    (folder / link).parent.mkdir(parents=True)
    (folder / link).symlink_to(tmp_path / "outside.yaml")
    result = call("import_infrastructure", path="template.yaml")
    assert answer(result)["problems"][0]["code"] == "outside"
    assert "SECRET" not in result.texts[0]
    assert not result.files


def test_an_import_whose_record_belongs_outside_of_the_folder_writes_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "inner").mkdir()
    (folder / "inner/template.yaml").write_text(TEMPLATE)
    monkeypatch.chdir(folder / "inner")
    result = call("import_infrastructure", path="template.yaml")
    (problem,) = answer(result)["problems"]
    assert (problem["code"], result.files) == ("outside", {})
    assert "start the server there" in problem["message"]


def test_of_several_files_none_is_written_if_one_cannot_be(folder: Path, tmp_path: Path) -> None:
    (folder / "diagrams").mkdir()
    (folder / "diagrams/diagram.png").symlink_to(tmp_path / "outside.png")
    calls = protocol.Calls(UNLIMITED, (), 1)
    with write_scope.limited(lambda: str(folder)), calls.running():
        result = anyio.run(calls.call, "render", {"source": SHOP})
    assert answer(result)["problems"][0]["code"] == "outside"
    assert [path.name for path in (folder / "diagrams").iterdir()] == ["diagram.png"]
    assert not (tmp_path / "outside.png").exists()


def test_files_are_written_only_below_the_folder(folder: Path, tmp_path: Path) -> None:
    (folder / "diagrams").symlink_to(tmp_path)
    calls = protocol.Calls(Bounds(timeout=60), (), 1)

    async def run() -> ToolResult:
        with calls.running():
            return await calls.call("render", {"source": SHOP})

    with write_scope.limited(lambda: str(folder)):
        result = anyio.run(run)
    assert result.failed
    assert answer(result)["problems"][0]["code"] == "outside"
    assert [path.name for path in tmp_path.iterdir()] == ["project"]
