"""Paths that no file system accepts, wherever a source can name a path: one problem at most, and never a failure.

`pathlib` raises `OSError` for a name that is too long, and `ValueError` for one that cannot be encoded.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from diagramkit.cli import main
from tests.support.command_line import MERMAID

PATHS = {
    "a long name": "x" * 5000 + ".yaml",
    "a long path": "in/" * 3000 + "a.yaml",
    "a NUL": "a\0b.yaml",
    "a NUL as in an address": "a%00b.yaml",
    "a lone surrogate": "\ud800.yaml",
    "nothing": "",
    "this folder": ".",
    "a file as a folder": "good.mmd/a.yaml",
}


def stack(path: str) -> dict[str, str]:
    properties = {"TemplateURL": path}
    resources = {
        "In": {"Type": "AWS::CloudFormation::Stack", "Properties": properties},
        "Q": {"Type": "AWS::SQS::Queue"},
    }
    return {"in/bad.json": json.dumps({"Resources": resources})}


def module(path: str) -> dict[str, str]:
    quoted = path.replace("\0", "").replace("\ud800", "")
    return {"in/main.tf": f'module "m" {{\n  source = "./{quoted}"\n}}\nresource "aws_sqs_queue" "q" {{}}\n'}


def spec(**keys: object) -> dict[str, str]:
    return {"in/bad.yaml": json.dumps({"title": "T", "nodes": {"a": "Lambda"}, **keys})}


PLACES: dict[str, Callable[[str], dict[str, str]]] = {
    "an index": lambda path: {"in/catalogue.yaml": json.dumps({"catalogue": "T", "contents": [{"spec": path}]})},
    "an icon of a spec": lambda path: spec(nodes={"a": {"label": "A", "icon": f"file:{path}"}}),
    "an icon without a prefix": lambda path: spec(nodes={"a": {"label": "A", "icon": f"./{path[:-5]}.svg"}}),
    "an image": lambda path: {"in/bad.mmd": f"graph LR\n  a@{{ img: {json.dumps(f'./{path[:-5]}.png')}, label: A }}\n"},
    "a theme of a spec": lambda path: spec(theme=path),
    "the template of a spec": lambda path: spec(**{"import": {"source": path}}),
    "other templates of a spec": lambda path: spec(**{"import": {"source": "t.yaml", "with": [path]}}),
    "a nested stack": stack,
    "a module": module,
    "a Compose file that is included": lambda path: {
        "in/compose.yaml": json.dumps({"include": [{"path": path}], "services": {"a": {"image": "nginx"}}})
    },
    "a service that is extended": lambda path: {
        "in/compose.yaml": json.dumps({"services": {"a": {"extends": {"file": path, "service": "b"}}}}, indent=1)
    },
    "a kustomization": lambda path: {
        "in/kustomization.yaml": json.dumps({"apiVersion": "v1", "kind": "Kustomization", "resources": [path]})
    },
    "an assembly of the CDK": lambda path: {
        "in/manifest.json": json.dumps(
            {"artifacts": {"A": {"type": "aws:cloudformation:stack", "properties": {"templateFile": path}}}}
        ),
        "in/A.template.json": json.dumps({"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}}),
    },
    "a link on a page": lambda path: {
        "page.md": f"# T\n\n![a](<{path}>)\n\n[b](<{path}>)\n\n```mermaid\n{MERMAID}```\n"
    },
    "a font of a theme": lambda path: {"theme.yaml": json.dumps({"base": "light", "font": path})},
    "a manifest": lambda path: {
        "output/.diagramkit.json": json.dumps(
            {"format": 1, "sources": {path: {"pictures": {path: {"svg": "0"}}}}, "stale_outputs": {path: {"svg": "0"}}}
        )
    },
}
COMMANDS = (
    ["render", "in", "good.mmd", "-f", "svg"],
    ["check", "in", "good.mmd"],
    ["show", "in", "good.mmd"],
    ["import", "in", "good.mmd"],
    ["render", "good.mmd", "-f", "svg", "--theme", "theme.yaml"],
    ["render", "in", "good.mmd", "-f", "svg", "--prune"],
    ["wiki", "page.md", "--to", "confluence", "-o", "wiki"],
    ["embed", "page.md"],
)


@pytest.mark.parametrize("value", PATHS)
@pytest.mark.parametrize("place", PLACES)
def test_a_path_that_no_file_can_have_is_at_most_one_problem(
    place: str, value: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, text in {"good.mmd": MERMAID, "in/other.mmd": MERMAID, **PLACES[place](PATHS[value])}.items():
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_bytes(text.encode("utf-8", "surrogatepass"))
    for command in COMMANDS:
        if all(Path(name).exists() for name in (command[-1], command[1]) if name.endswith((".md", ".yaml"))):
            assert main(command) in (0, 1, 2), command
            errors = capsys.readouterr().err
            assert "error[internal]" not in errors, (command, errors)
            assert "error[system]" not in errors, (command, errors)
            if command[0] == "render" and "theme.yaml" not in command:
                assert Path("output/good.svg").exists(), (command, errors)
                Path("output/good.svg").unlink()
