"""The project itself: imports follow the layers, no module is too long, and the documentation is correct."""

from __future__ import annotations

import ast
import json
import re
import shlex
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
import yaml

from diagramkit import extras, versions
from diagramkit.batch import manifest
from diagramkit.cli import _parser
from diagramkit.sources import spec
from diagramkit.style import group_kinds
from kernels import build
from tests.support.project import ROOT

PACKAGE = ROOT / "diagramkit"
# From the lowest layer to the highest. A layer may import the layers before it, and its own modules.
LAYERS = [
    "diagnostics",
    "excerpts",
    "panics",
    "timing",
    "versions",
    "extras",
    "atomic_write",
    "write_scope",
    "cache",
    "data",
    "markup",
    "files",
    "options",
    "graph",
    "project",
    "sources.yamltree",
    "infrastructure",
    "style",
    "sources",
    "icons",
    "picture_files",
    "drawing",
    "measure",
    "layout.layout_input",
    "objects",
    "diagrams_builder",
    "compile",
    "layout",
    "report",
    "writers",
    "slides",
    "outputs",
    "pipeline",
    "batch",
    "publish",
    "pull",
    "api",
    "serve",
    "agents",
    "cli",
    "integrations",
    "__main__",
]
MODULES = sorted(PACKAGE.rglob("*.py"))


def layer_of(module: str) -> str:
    if module == "diagramkit.layout.layout_input":  # The input of the engines is a lower layer than the engines.
        return "layout.layout_input"
    if module == "diagramkit.sources.yamltree":  # Templates are YAML, too, and are read below the sources.
        return "sources.yamltree"
    return module.split(".")[1] if "." in module else "__init__"


def imports(path: Path) -> set[str]:
    modules = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module == "diagramkit":
            modules |= {f"diagramkit.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            modules.add(node.module)
    return {name for name in modules if name.startswith("diagramkit.")} - {"diagramkit.__version__"}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_imports_follow_the_layers_and_modules_stay_short(path: Path) -> None:
    layer = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    if layer != "__init__":
        higher = {name for name in imports(path) if LAYERS.index(layer_of(name)) > LAYERS.index(layer)}
        assert higher == set()
    assert len(path.read_text("utf-8").splitlines()) <= 500


@pytest.mark.parametrize("folder", ["tests", "checks", "benchmarks"])
def test_no_test_module_is_imported_and_modules_stay_short(folder: str) -> None:
    """What several modules need is in `tests/support`, so that a test can be read, split and moved on its own."""
    paths = sorted((ROOT / folder).rglob("*.py"))
    assert paths
    importing = re.compile(r"^ *(?:from|import) +[\w.]*\b(?:test_\w+|conftest)\b", re.M)
    assert [path.name for path in paths if importing.search(path.read_text("utf-8"))] == []
    assert [path.name for path in paths if len(path.read_text("utf-8").splitlines()) > 500] == []


def test_versions_are_those_of_importlib_metadata() -> None:
    for name in manifest._LIBRARIES:
        assert versions.version(name) == metadata.version(name)
    assert versions.version("no-such-package") is None


def test_webassembly_modules_are_built_from_their_current_sources() -> None:
    """Every module has sources, every source belongs to a module, and every module has the digest of its sources."""
    assert {*build.MODULES.values()} == {*PACKAGE.rglob("*.wasm")}
    kernels = ROOT / "kernels"
    existing = {path for end in ("c", "h", "rs") for path in kernels.rglob(f"*.{end}")}
    assert {kernels / name for sources in build.MODULES for name in sources} == existing
    for sources, module in build.MODULES.items():
        assert module.read_bytes().endswith(build.section(sources)), module.name


def test_only_two_modules_import_the_package_diagrams() -> None:
    importers = [path.name for path in MODULES if re.search(r"^import diagrams$", path.read_text(), re.M)]
    assert importers == ["compile.py", "diagrams_builder.py"]


def fences(name: str, language: str) -> list[str]:
    text = (ROOT / name).read_text("utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.S)


def test_the_spec_in_the_readme_is_valid() -> None:
    (example,) = fences("README.md", "yaml")
    assert spec.read(example, "README.md").graph.edges[0].label == "POST /orders"


@pytest.mark.parametrize("name", ["README.md", *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))])
def test_every_command_in_the_documents_parses(name: str) -> None:
    commands = [
        command.strip()
        for block in fences(name, "sh")
        for line in block.splitlines()
        for command in re.split(r"[|&]+|> | # ", line.removeprefix("$ "))
    ]
    calls = [shlex.split(one)[1:] for one in commands if one.startswith(("diagramkit ", ".venv/bin/diagramkit "))]
    calls = [call for call in calls if "[SOURCE" not in call]  # A synopsis, not a command.
    assert name != "README.md" or len(calls) >= 5
    for call in calls:
        assert _parser(call[0]).parse_args(call).run


def test_every_spec_key_and_every_kind_of_group_is_documented() -> None:
    text = (ROOT / "docs/spec.md").read_text("utf-8")
    table = set(re.findall(r"`(\w+)`", "\n".join(re.findall(r"^\|.*", text, re.M))))
    assert set(spec.SPEC.fields) <= table
    assert all(f"`{kind}`" in text for kind in group_kinds.load())


def test_the_example_in_the_spec_documentation_is_a_topology() -> None:
    (example,) = fences("docs/spec.md", "yaml")
    data = yaml.safe_load(example)
    data["title"] = "T"
    graph = spec.read(json.dumps(data), "docs/spec.md").graph
    assert len(graph.edges) == 6
    assert {group.id for group in graph.groups} == {"public", "vpc", "data"}


def test_no_file_mentions_the_paths_of_a_machine() -> None:
    for path in [*MODULES, *ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / ".ci/run"]:
        assert not re.search(r"/(?:work|root)/|/tmp/\w", path.read_text("utf-8")), path


@pytest.mark.parametrize("name", ["docs/how-it-works.md", "CONTRIBUTING.md"])
def test_documents_name_modules_that_exist(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    existing = {path.name for path in (*MODULES, *(ROOT / "kernels").rglob("*.[crh]*"))}
    named = {path.rsplit("/", 1)[-1] for path in re.findall(r"`([\w/]+\.(?:py|rs|c|h))`", text)}
    assert named - existing == set()
    kernels = {path.stem for path in (ROOT / "kernels/layout").glob("*.rs")}
    steps = re.findall(r"^- ((?:`\w+`(?:, )?)+):", text, re.M)
    assert set(re.findall(r"`(\w+)`", " ".join(steps))) <= kernels


def test_messages_name_the_packages_of_the_extras() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    others = ("test", "dev", "fuzz")
    assert {name: tuple(packages) for name, packages in settings.items() if name not in others} == extras.PACKAGES
    for name in extras.PACKAGES:
        arguments = shlex.split(extras.install_command(name))
        assert arguments == ["pip", "install", *settings[name]]


def test_no_message_names_an_extra_of_the_package_index() -> None:
    for path in PACKAGE.rglob("*.py"):
        assert "diagramkit[" not in path.read_text("utf-8"), path
