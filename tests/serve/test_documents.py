"""What the editor opens, saves and creates: sources of the project, and never over a change that it does not know."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from diagramkit import sources
from diagramkit.options import Options
from diagramkit.serve import documents
from diagramkit.serve.live_project import LiveProject
from tests.support.serve_client import Client

MERMAID = "graph LR\n  A[Thing] --> B[S3]\n"
SPEC = "title: Shop  # what it is\r\ndiagram: |\r\n  graph LR\r\n    A[Thing] --> B[S3]"


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Client:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/o.mmd").write_text(MERMAID, "utf-8")
    project = tmp_path / "project"
    project.mkdir()
    (project / "diagramkit.toml").write_text("", "utf-8")
    (project / "a.mmd").write_text(MERMAID, "utf-8")
    (project / "s.yaml").write_bytes(b"\xef\xbb\xbf" + SPEC.encode())
    (project / "d.md").write_text(f"# D\n\n```mermaid\n{MERMAID}```\n", "utf-8")
    monkeypatch.chdir(project)
    return Client()


def post(client: Client, path: str, **body: Any) -> tuple[int, dict[str, Any]]:
    status, answer = client.request(path, body)
    return status, json.loads(answer)


def test_a_file_is_saved_byte_for_byte(client: Client) -> None:
    document = client.source("s")
    assert document["text"] == "\ufeff" + SPEC
    new = document["text"].replace("S3", "SQS") + "\n# mixed"
    status, saved = post(client, "/save", file="s.yaml", text=new, digest=document["digest"])
    assert (status, saved["text"]) == (200, new)
    assert Path("s.yaml").read_bytes() == new.encode()
    assert b"SQS" in client.request("/picture/s")[1]


def test_a_file_that_changed_is_not_overwritten(client: Client) -> None:
    document = client.source("a")
    Path("a.mmd").write_text(MERMAID + "%% theirs\n", "utf-8")
    status, current = post(client, "/save", file="a.mmd", text=MERMAID + "%% mine\n", digest=document["digest"])
    assert (status, current["text"]) == (409, MERMAID + "%% theirs\n")
    assert Path("a.mmd").read_text("utf-8") == MERMAID + "%% theirs\n"
    assert post(client, "/save", file="a.mmd", text=MERMAID, digest="")[0] == 409
    assert post(client, "/save", file="a.mmd", text=MERMAID, digest=current["digest"])[0] == 200
    assert Path("a.mmd").read_text("utf-8") == MERMAID


def test_a_file_that_was_removed_is_written_again_only_if_the_page_knows(client: Client) -> None:
    digest = client.source("a")["digest"]
    Path("a.mmd").unlink()
    status, current = post(client, "/save", file="a.mmd", text=MERMAID, digest=digest)
    assert (status, current["digest"], current["text"], current["language"]) == (409, "", "", "")
    assert post(client, "/save", file="a.mmd", text=MERMAID, digest="")[0] == 200
    assert Path("a.mmd").read_text("utf-8") == MERMAID


@pytest.mark.parametrize("path", ["../outside/o.mmd", "../outside/../outside/o.mmd", "diagramkit.toml", "new.mmd", ""])
def test_only_sources_in_the_project_are_saved(client: Client, path: str) -> None:
    before = Path(path).read_bytes() if path and Path(path).exists() else b""
    digest = client.source("o")["digest"] if "outside" in path else ""
    status, answer = post(client, "/save", file=path, text="x", digest=digest)
    assert (status, answer["problems"][0]["code"]) == (422, "outside")
    assert (Path(path).read_bytes() if path and Path(path).exists() else b"") == before


def test_a_text_that_is_too_large_is_not_saved(client: Client) -> None:
    digest = client.source("a")["digest"]
    status, answer = post(client, "/save", file="a.mmd", text="x" * 2_000_000, digest=digest)
    assert (status, answer["message"]) == (422, "the text is larger than 1 MB; use another editor")
    assert Path("a.mmd").read_text("utf-8") == MERMAID


def test_a_new_file_appears_among_the_diagrams(client: Client) -> None:
    status, created = post(client, "/create", name="team/new.yaml", text=SPEC)
    assert (status, created["file"], created["name"]) == (200, "team/new.yaml", "new")
    assert Path("team/new.yaml").read_bytes() == SPEC.encode()
    assert client.request("/picture/new")[0] == 200


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("a.mmd", "this file exists already; choose another name"),
        ("../outside/x.mmd", "choose a name of letters"),
        ("/tmp/x.mmd", "choose a name of letters"),
        (".hidden.mmd", "choose a name of letters"),
        ("x\0.mmd", "choose a name of letters"),
        (" x.mmd", "choose a name of letters"),
        ("-x.mmd", "choose a name of letters"),
        ("a/.hidden/x.mmd", "choose a name of letters"),
        ("a/../x.mmd", "choose a name of letters"),
        ("a/ x.mmd", "choose a name of letters"),
        ("a//x.mmd", "choose a name of letters"),
        ("a\\x.mmd", "choose a name of letters"),
        ("a:x.mmd", "choose a name of letters"),
        ("x" * 197 + ".mmd", "choose a name of letters"),
        ("x.mmd ", "end the name with one of"),
        ("x.mmd.", "end the name with one of"),
        ("", "choose a name of letters"),
        ("x" * 300 + ".mmd", "choose a name of letters"),
        ("x.toml", "end the name with one of"),
        ("diagramkit.toml", "end the name with one of"),
    ],
)
def test_a_name_that_is_not_allowed_creates_nothing(client: Client, name: str, message: str) -> None:
    before = sorted(Path("..").rglob("*"))
    status, answer = post(client, "/create", name=name, text=MERMAID)
    assert status == 422
    assert answer["message"].startswith(message)
    (problem,) = answer["problems"]
    assert problem["code"] == ("file-exists" if "exists" in message else "bad-name")
    assert problem["file"] == (name or "(no name)")
    assert sorted(Path("..").rglob("*")) == before


@pytest.mark.parametrize("name", ["B (1)+x-y_z.mmd", "1.MMD", "a/b/c.mmd", "Ü (1)+/ß (2)+-._.mmd", "x" * 196 + ".mmd"])
def test_a_name_of_letters_digits_and_a_few_signs_is_allowed(client: Client, name: str) -> None:
    status, created = post(client, "/create", name=name, text=MERMAID)
    assert (status, created["file"]) == (200, name)
    assert Path(name).read_text("utf-8") == MERMAID


def test_a_source_of_infrastructure_is_shown_as_mermaid_that_cannot_be_edited(client: Client) -> None:
    """Its own text may contain secrets, and is not what is drawn."""
    Path("t.template").write_text(json.dumps({"Resources": {"F": {"Type": "AWS::Lambda::Function"}}}), "utf-8")
    project = LiveProject(["t.template"], Path.cwd(), Options(), "T")
    project.refresh()
    (pattern,) = sources.load(sources.SourceFile("t.template")).patterns
    expected = documents.SourceDocument(pattern.source_text, "mermaid", "", "", title=pattern.title, editable=False)
    assert documents.open_diagram(project, pattern.name) == expected
    assert (expected.line, expected.title) == (1, pattern.title)
    assert documents.SourceDocument("", "", "x.mmd", "").title == ""
    assert documents.open_diagram(project, "other") is None
    assert documents.open_file(project, "other.mmd") is None


def test_a_file_is_opened_at_its_first_line(client: Client) -> None:
    project = LiveProject(["a.mmd"], Path.cwd(), Options(), "T")
    project.refresh()
    opened = documents.open_file(project, "a.mmd")
    assert opened is not None
    assert (opened.text, opened.language, opened.file, opened.line) == (MERMAID, "mermaid", "a.mmd", 1)
    assert (opened.title, opened.editable) == ("", True)


def test_a_new_file_is_in_the_first_folder_that_is_shown_or_beside_the_first_file(client: Client) -> None:
    for folder in ("first", "second"):
        Path(folder).mkdir()
        Path(folder, "x.mmd").write_text(MERMAID, "utf-8")
    for names, path in (
        (["a.mmd", "second", "first"], "second/new.mmd"),
        (["first/x.mmd", "a.mmd"], "first/new.mmd"),
    ):
        project = LiveProject(names, Path.cwd(), Options(), "T")
        project.refresh()
        assert documents.create(project, "new.mmd", MERMAID).file == path
        Path(path).unlink()


@pytest.mark.skipif(os.name == "nt", reason="creating links needs special rights on Windows")
def test_nothing_is_created_through_a_link_out_of_the_project(client: Client) -> None:
    Path("away").symlink_to("../outside")
    assert post(client, "/create", name="away/x.mmd", text=MERMAID)[0] == 422
    assert not Path("../outside/x.mmd").exists()


def test_settings_are_written_with_everything_else_in_the_file_kept(client: Client) -> None:
    text = '# Ours\r\ncanvas = "4:3" # for slides\r\n\r\n[limits]\r\nnodes = 10\r\n'
    Path("diagramkit.toml").write_bytes(text.encode())
    status, answer = post(client, "/settings", name="theme", value="dark")
    assert (status, answer["message"], answer["values"]["theme"]) == (200, "updated diagramkit.toml", "dark")
    written = Path("diagramkit.toml").read_bytes().decode()
    assert written.replace('theme = "dark"\r\n', "") == text
    assert post(client, "/settings", name="canvas", value="16:9")[0] == 200
    assert Path("diagramkit.toml").read_bytes().decode() == written.replace('"4:3"', '"16:9"')
    for name, value in (
        ("theme", "no"),
        ("canvas", "0"),
        ("output", "x"),
        ("limits", {}),
        ("steps", "x"),
        ("title", 3),
    ):
        assert post(client, "/settings", name=name, value=value)[0] == 422, name
    assert Path("diagramkit.toml").read_bytes().decode() == written.replace('"4:3"', '"16:9"')
    assert b"#161D26" in client.request("/write/svg", {"text": MERMAID})[1]  # The background of the dark theme.
