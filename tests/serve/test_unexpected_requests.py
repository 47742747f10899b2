"""Requests that the page does not send: each is answered, and changes nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from diagramkit.serve import icon_list
from tests.support.command_line import files
from tests.support.icon_packs import GOOD
from tests.support.serve_client import Client

MERMAID = "graph LR\n  A[Thing] --> B[S3]\n"


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Client:
    (tmp_path / "outside").mkdir()
    project = tmp_path / "project"
    project.mkdir()
    for path in (tmp_path / "outside/o.mmd", project / "a.mmd", project / "d.md", project / "s.yaml"):
        path.write_text(f"```mermaid\n{MERMAID}```\n" if path.suffix == ".md" else MERMAID, "utf-8")
    (project / "diagramkit.toml").write_text('theme = "auto"  # as the page\n', "utf-8")
    (project / "s.yaml").write_text("title: S\nnodes: {a: ALB}\n", "utf-8")
    monkeypatch.chdir(project)
    return Client()


@pytest.mark.parametrize(
    ("path", "body", "message"),
    [
        ("/change", {"text": MERMAID}, "there is no change"),
        ("/change", {"text": MERMAID, "change": [1]}, "there is no change"),
        ("/create", {"name": "new.mmd"}, "the text is larger than 1 MB; use another editor"),
        ("/save", {"file": "a.mmd"}, "the text is larger than 1 MB; use another editor"),
        ("/settings", {"name": "packs", "value": []}, "the page does not change this setting"),
        ("/settings", {"name": "", "value": 1}, "the page does not change this setting"),
    ],
)
def test_a_request_without_what_it_needs_changes_nothing(
    path: str, body: dict[str, Any], message: str, client: Client
) -> None:
    before = files(Path())
    status, answer = client.request(path, body)
    assert (status, json.loads(answer)["message"]) == (422, message)
    assert files(Path()) == before


def test_a_draft_is_drawn_in_the_theme_of_the_page(client: Client) -> None:
    pictures = [
        json.loads(client.request("/draw", {"text": MERMAID, "options": {"theme": "auto"}, **more})[1])["svg"]
        for more in ({"page_theme": "dark"}, {"page_theme": "light"}, {"page_theme": "x"}, {})
    ]
    assert pictures[0] != pictures[1] == pictures[2]
    assert "prefers-color-scheme" in pictures[3]
    assert "prefers-color-scheme" not in pictures[0] + pictures[1]


def test_a_setting_is_removed_and_the_rest_of_the_file_stays(client: Client) -> None:
    status, _ = client.request("/settings", {"name": "theme", "value": None})
    assert status == 200
    assert "theme" not in Path("diagramkit.toml").read_text("utf-8")


def test_icons_are_listed_with_their_category_and_only_from_so_many_files(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert icon_list.category_of("logos:react") == "Pack logos"
    assert icon_list.category_of("file:a.svg") == icon_list.OWN
    for name in ("a/one.svg", "b/two.svg", "c/three.svg"):
        Path(name).parent.mkdir()
        Path(name).write_text(GOOD, "utf-8")
    assert [entry.reference for entry in icon_list.own_icons(Path())] == [
        "file:a/one.svg",
        "file:b/two.svg",
        "file:c/three.svg",
    ]
    monkeypatch.setattr(icon_list, "_MAX_FILES", 4)  # There are four files at the top.
    assert [entry.reference for entry in icon_list.own_icons(Path())] == ["file:a/one.svg"]
