"""The security model in `docs/security.md`: each promise has code and tests. Tests of promises that span modules."""

from __future__ import annotations

import datetime
import os
import re
import shutil
import socket
import subprocess
from pathlib import Path
from typing import Any, NoReturn

import pytest

from diagramkit import pipeline
from diagramkit.cli import main
from diagramkit.compile import to_diagrams
from diagramkit.icons import catalog, resolver
from diagramkit.layout import engine
from diagramkit.options import Options
from diagramkit.sources import limits, readers
from diagramkit.style.font import bundled
from tests.support.command_line import MERMAID
from tests.support.project import ROOT

DOCUMENT = (ROOT / "docs/security.md").read_text("utf-8")
ROWS = [
    re.split(r"(?<!\\)\|", line.strip("|"))
    for line in DOCUMENT[DOCUMENT.index("## Promises") : DOCUMENT.index("## How it is tested")].splitlines()
    if line.startswith("|") and not line.startswith(("|---", "| Promise "))
]
POSIX = pytest.mark.skipif(os.name == "nt", reason="creating links and scripts differs on Windows")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0].strip()[:60])
def test_each_promise_has_code_tests_and_a_date(row: list[str]) -> None:
    promise, enforcement, tests, verified = (cell.strip() for cell in row)
    assert promise
    paths = re.findall(r"`([\w./]+\.(?:py|html|yml)|requirements/)", enforcement)
    functions = re.findall(r"`(\w+)\.(\w+)`", enforcement)
    assert paths or functions
    for path in paths:
        assert (ROOT / "diagramkit" / path).exists() or (ROOT / path).exists(), path
    for module, name in functions:
        if name != "py":
            assert f"def {name}(" in (ROOT / "diagramkit" / f"{module}.py").read_text("utf-8")
    names = re.findall(r"`([^`]+)`", tests)
    assert names
    for name in names:
        path, _, function = name.partition("::")
        text = (ROOT / ("" if path.startswith("checks/") else "tests") / path).read_text("utf-8")
        assert function == "" or f"def {function}(" in text, name
    assert datetime.date.fromisoformat(verified)


def test_there_are_promises_about_each_part() -> None:
    assert len(ROWS) > 30


# Content of sources


def test_the_input_of_graphviz_has_no_text_of_the_source() -> None:
    """Attributes such as `image` and `shapefile` read files, and a label could end in the middle of an attribute."""
    label = "x#quot;, image=#quot;/etc/passwd#quot;, shapefile=#quot;y"
    text = f'graph LR\n  subgraph g["{label}"]\n    A["{label}"]\n  end\n'
    pattern = readers.pattern_from_text(f"{text}  A -->|image| B\n", "a.mmd")
    choices = resolver.resolve(pattern, catalog.catalog_of(pattern, Options()))
    assert "passwd" in to_diagrams(pattern, choices).dot.source  # The diagram for the user has the labels.
    seen: list[str] = []
    original = engine.layout

    def layout(dot: str, *arguments: Any) -> Any:
        seen.append(dot)
        return original(dot, *arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "layout", layout)
        pipeline.render(pattern, ("svg",), Options(engine="wasm"))
    assert seen
    for dot in seen:
        assert "passwd" not in dot
        assert "image" not in dot
        assert "shapefile" not in dot


# Files and settings


@POSIX
def test_a_theme_reads_no_file_outside_of_its_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "outside").mkdir()
    shutil.copy(bundled().file, tmp_path / "outside/font.ttf")
    Path("project").mkdir()
    os.chdir("project")
    Path("a.mmd").write_text(MERMAID, "utf-8")
    Path("link.ttf").symlink_to("../outside/font.ttf")
    shutil.copy(bundled().file, "font.ttf")
    outside = tmp_path / "outside/font.ttf"
    for name, code in (("../outside/font.ttf", 2), (outside, 2), ("link.ttf", 2), ("font.ttf", 0)):
        Path("theme.yaml").write_text(f"base: light\nfont: {name}\n", "utf-8")
        assert main(["render", "a.mmd", "-f", "svg", "--theme", "theme.yaml"]) == code
        assert ("error[bad-font]" in capsys.readouterr().err) == (code == 2)


@POSIX
@pytest.mark.parametrize("name", ["output", "sources", "theme"])
@pytest.mark.parametrize("value", ["../x.yaml", "/etc/x.yaml", "link/x.yaml", "link.yaml"])
def test_settings_name_only_locations_in_the_project(
    name: str, value: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "x.yaml").write_text("title: X\n", "utf-8")
    Path("project").mkdir()
    os.chdir("project")
    Path("link").symlink_to("..")
    Path("link.yaml").symlink_to("../x.yaml")
    Path("diagramkit.toml").write_text(f'{name} = "{value}"\n', "utf-8")
    assert main(["render"]) == 2
    message = f"error[bad-config]: '{name}': '{value}' is outside of the project; use a path inside it"
    assert message in capsys.readouterr().err


@POSIX
def test_no_program_in_the_project_is_run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("dot", "npm", "git"):
        Path(name).write_text("#!/bin/sh\ntouch ran\n", "utf-8")
        Path(name).chmod(0o755)
    Path("a.mmd").write_text(MERMAID, "utf-8")
    Path("diagramkit.toml").write_text('engine = "native"\n', "utf-8")
    monkeypatch.setenv("PATH", "/nonexistent")
    assert main(["render", "a.mmd", "-f", "svg"]) == 2
    assert "error[no-engine]" in capsys.readouterr().err
    assert main(["icons", "add", "npm:x"]) == 2
    assert not Path("ran").exists()


# Time and memory


def test_a_picture_with_too_many_pixels_is_rejected(capsys: pytest.CaptureFixture[str]) -> None:
    assert limits.Limits().pixels == 100_000_000
    Path("a.mmd").write_text("graph LR\n" + "".join(f"  A{n} --> A{n + 1}\n" for n in range(60)), "utf-8")
    assert main(["render", "a.mmd", "-f", "png", "--scale", "20"]) == 2
    assert "million pixels, more than 100 million" in capsys.readouterr().err
    Path("small").mkdir()
    Path("small/diagramkit.toml").write_text("[limits]\npixels = 1000\n", "utf-8")
    Path("small/b.mmd").write_text(MERMAID, "utf-8")
    assert main(["render", "small/b.mmd", "-f", "png"]) == 2
    assert "error[too-large]" in capsys.readouterr().err


# Network and supply chain


def refuse(*_: Any, **__: Any) -> NoReturn:
    raise AssertionError("a command used the network or started a program")


@pytest.mark.parametrize(
    "command",
    [
        "render a.mmd a.md",
        "render a.mmd --engine wasm",
        "render a.mmd -f pdf,webp,png",
        "check a.mmd --fix",
        "show a.mmd",
        "icons lambda",
        "icons packs",
        "icons license a.mmd",
        "icons lambda --sheet sheet.html",
        "deck a.mmd",
        "embed a.md",
        "export a.mmd -o a.drawio",
        "gallery a.mmd",
        "wiki a.mmd --to github",
        "import catalog.md",
        "schema",
        "config",
    ],
)
def test_no_command_uses_the_network(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """`serve` only listens; fetching a pack from npm is tested in `icons/test_icon_commands.py`."""
    Path("a.mmd").write_text('graph LR\n  A[ALB] --> B[Lambda]\n  click A "https://example.org/"\n', "utf-8")
    Path("a.md").write_text(f"![x](https://example.org/x.png)\n\n```mermaid\n{MERMAID}```\n", "utf-8")
    Path("catalog.md").write_text(f"# Patterns\n\n## Shop\n\n```mermaid\n{MERMAID}```\n", "utf-8")
    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(subprocess, "Popen", refuse)
    assert main(command.split()) == 0
