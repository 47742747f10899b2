"""The scripts of the pages: built from the sources that are here, with their licenses, and loaded from nowhere else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from editor import build
from tests.support.project import ROOT
from tests.support.serve_client import Client

DATA = ROOT / "diagramkit/serve/data"


@pytest.mark.parametrize("name", build.SCRIPTS)
def test_a_script_was_built_from_the_current_sources(name: str) -> None:
    """After a change in `editor/`, run `python -m editor.build`."""
    assert (DATA / name).read_text("utf-8").startswith(f"/* {build.digest()} */")


def test_the_licenses_of_everything_in_the_scripts_are_there() -> None:
    text = build.LICENSES.read_text("utf-8")
    for package in ("@codemirror/view", "@codemirror/merge", "@lezer/markdown", "style-mod", "crelt"):
        assert re.search(rf"{package} \d", text), package
    assert text.count("MIT") >= 1


def test_the_page_loads_nothing_from_elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a.mmd", "s.yaml", "d.md"):
        (tmp_path / name).write_text("graph LR\n  A --> B\n" if name == "a.mmd" else "", "utf-8")
    client = Client()
    page = client.request("/edit/a")[1].decode()
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy
    directives = dict(part.strip().split(" ", 1) for part in policy[1].split(";"))
    assert directives["default-src"] == "'none'"
    assert directives["script-src"] == "http://localhost:8600/assets/editor.js"
    assert directives["connect-src"] == "'self'"
    assert re.findall(r'(?:src|href)="([^"#]+)"', page) == [
        "data:,",
        "/assets/editor.css",
        "/",
        "/",
        "/assets/editor.js",
    ]
    for name in ("editor.js", "editor.css", "sans-Regular.ttf", "code-Bold.ttf"):
        assert client.request(f"/assets/{name}")[0] == 200
    style = (DATA / "editor.css").read_text("utf-8")
    assert set(re.findall(r"url\(([^)]*)\)", style)) == {
        f'"/assets/{name}.ttf"'
        for name in (
            *(f"sans-{style}" for style in ("Regular", "It", "Semibold", "Bold", "BoldIt")),
            *(f"code-{style}" for style in ("Regular", "It", "Bold", "BoldIt")),
        )
    }


def test_scripts_run_no_text_as_code() -> None:
    for path in (ROOT / "editor/src").rglob("*.js"):
        text = path.read_text("utf-8")
        assert not re.search(r"\beval\(|new Function|\.outerHTML|document\.write|insertAdjacentHTML", text), path
        assert "innerHTML" not in text or path.name == "home.js", path
