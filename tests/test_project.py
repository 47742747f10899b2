"""The house itself: imports go one way, no room is too large, the documents are true."""

from __future__ import annotations

import ast
import json
import re
import shlex
from importlib import metadata
from pathlib import Path

import pytest
import yaml

from diagramkit import versions
from diagramkit.batch import manifest
from diagramkit.cli import _parser
from diagramkit.sources import spec
from diagramkit.style import theme
from kernels import build
from tests.conftest import ROOT

PACKAGE = ROOT / "diagramkit"
# From the bottom up: a room may use those before it, and its own.
FLOORS = [
    "diagnostics",
    "excerpts",
    "timing",
    "versions",
    "atomic_write",
    "cache",
    "data",
    "markup",
    "files",
    "project",
    "graph",
    "style",
    "sources",
    "icons",
    "drawing",
    "measure",
    "layout.layout_input",
    "objects",
    "diagrams_builder",
    "compile",
    "layout",
    "writers",
    "pipeline",
    "batch",
    "publish",
    "api",
    "serve",
    "cli",
    "integrations",
    "__main__",
]
MODULES = sorted(PACKAGE.rglob("*.py"))


def room(dotted: str) -> str:
    if dotted == "diagramkit.layout.layout_input":  # What engines take is made before they are there.
        return "layout.layout_input"
    return dotted.split(".")[1] if "." in dotted else "__init__"


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module == "diagramkit":
            found |= {f"diagramkit.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return {name for name in found if name.startswith("diagramkit.")} - {"diagramkit.__version__"}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_imports_go_one_way_and_rooms_stay_small(path: Path) -> None:
    own = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    if own != "__init__":
        above = {name for name in imports(path) if FLOORS.index(room(name)) > FLOORS.index(own)}
        assert above == set()
    assert len(path.read_text("utf-8").splitlines()) <= 500


def test_versions_are_those_that_python_tells() -> None:
    for name in manifest._MAKERS:
        assert versions.version(name) == metadata.version(name)
    assert versions.version("no-such-package") is None


def test_what_runs_as_webassembly_is_built_from_its_sources() -> None:
    """No module is without a source, and no source without a module that was built from it as it stands."""
    assert {*build.MODULES.values()} == {*PACKAGE.rglob("*.wasm")}
    kernels = ROOT / "kernels"
    there = {path for end in ("c", "h", "rs") for path in kernels.rglob(f"*.{end}")}
    assert {kernels / name for sources in build.MODULES for name in sources} == there
    for sources, module in build.MODULES.items():
        assert module.read_bytes().endswith(build.section(sources)), module.name


def test_one_module_makes_objects_of_diagrams() -> None:
    users = [path.name for path in MODULES if re.search(r"^import diagrams$", path.read_text(), re.M)]
    assert users == ["compile.py", "diagrams_builder.py"]


def fences(name: str, language: str) -> list[str]:
    text = (ROOT / name).read_text("utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.S)


def test_the_specs_in_the_readme_are_specs() -> None:
    (example,) = fences("README.md", "yaml")
    assert spec.read(example, "README.md").graph.edges[0].label == "POST /orders"


def test_the_picture_in_the_readme_is_drawn_from_the_mermaid_beside_it() -> None:
    (example,) = fences("README.md", "mermaid")
    assert example == (ROOT / "output/network-patterns/hub-and-spoke-with-tgw.mmd").read_text()


def test_every_command_in_the_readme_is_one() -> None:
    lines = [
        part.strip()
        for block in fences("README.md", "sh")
        for line in block.splitlines()
        for part in re.split(r"[|&]+|> | # ", line.removeprefix("$ "))
        if "diagramkit " in f"{part} "
    ]
    calls = [shlex.split(line)[1:] for line in lines if line.startswith(("diagramkit ", ".venv/bin/diagramkit"))]
    assert len(calls) >= 5
    for call in calls:
        assert _parser(call[0]).parse_args(call).run


def test_every_key_of_a_spec_and_every_kind_of_group_is_documented() -> None:
    text = (ROOT / "docs/spec.md").read_text("utf-8")
    table = set(re.findall(r"`(\w+)`", "\n".join(re.findall(r"^\|.*", text, re.M))))
    assert set(spec.SPEC.fields) <= table
    assert all(f"`{kind}`" in text for kind in theme.group_kinds())


def test_the_example_in_the_spec_documents_is_a_topology() -> None:
    (example,) = fences("docs/spec.md", "yaml")
    nodes = {"audit": "Audit", "archive": "Archive"}
    data = yaml.safe_load(example)
    data["nodes"] |= nodes
    data["title"] = "T"
    graph = spec.read(json.dumps(data), "docs/spec.md").graph
    assert len(graph.edges) == 6
    assert {group.id for group in graph.groups} == {"public", "vpc", "data"}


def test_the_project_speaks_of_no_machine() -> None:
    for path in [*MODULES, *ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / ".ci/run"]:
        assert not re.search(r"/(?:work|root)/|/tmp/\w", path.read_text("utf-8")), path
