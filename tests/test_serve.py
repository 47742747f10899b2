"""The server answers its own page alone, shows what is drawn, and writes an icon where the source has it."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from diagramkit import sources
from diagramkit.cli import main
from diagramkit.graph import Pattern
from diagramkit.pipeline import Options
from diagramkit.serve import edits
from diagramkit.serve.live_project import LiveProject
from tests.conftest import ROOT, hearing_ctrl_c

MERMAID = "graph LR\n  A[Thing] --> B[S3]\n"
SPEC = "title: Shop  # what it is\ndiagram: |\n  graph LR\n    A[Thing] --> B[S3]\n"


class Running:
    """A server of a project, asked over HTTP."""

    def __init__(self, port: int, process: subprocess.Popen[str]) -> None:
        self.port, self.process = port, process

    def ask(self, path: str, body: Any = None, **headers: str) -> tuple[int, bytes, http.client.HTTPMessage]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        raw = None if body is None else json.dumps(body).encode()
        if raw is not None:
            headers.setdefault("Content-Type", "application/json")
        with contextlib.closing(connection):
            connection.request("GET" if raw is None else "POST", path, raw, headers)
            answer = connection.getresponse()
            return answer.status, answer.read(), answer.headers


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Running]:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/o.mmd").write_text(MERMAID, "utf-8")
    project = tmp_path / "project"
    project.mkdir()
    (project / "diagramkit.toml").write_text("", "utf-8")
    (project / "a.mmd").write_text(MERMAID, "utf-8")
    (project / "s.yaml").write_text(SPEC, "utf-8")
    process = subprocess.Popen(
        [sys.executable, "-m", "diagramkit", "serve", "a.mmd", "s.yaml", "../outside/o.mmd", "--port", "0"],
        cwd=project,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        preexec_fn=hearing_ctrl_c,  # noqa: PLW1509 - a shell may have it ignored
    )
    assert process.stdout
    line = process.stdout.readline()
    os.chdir(project)
    found = re.search(r"http://localhost:(\d+)/", line)
    assert found, line
    try:
        yield Running(int(found[1]), process)
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


def test_the_page_and_its_pictures_are_served(server: Running) -> None:
    status, page, headers = server.ask("/")
    assert status == 200
    assert headers["X-Frame-Options"] == "DENY"
    assert b'id="s"' in page
    assert b"<h3>Shop</h3>" in page
    (light,) = re.findall(rb'src="(picture/s\?light=[^"]*)"', page)
    status, picture, headers = server.ask("/" + light.decode())
    assert (status, headers["Content-Type"]) == (200, "image/svg+xml")
    assert picture.startswith(b"<svg")
    assert server.ask("/picture/../../etc/passwd")[0] == 404
    assert server.ask("/source/no")[0] == 404
    status, icon, _ = server.ask("/icon/aws.compute.Lambda")
    assert (status, icon[:4]) == (200, b"\x89PNG")
    assert server.ask("/icon/file:a.mmd")[0] == 404
    assert server.ask("/icon/aws.no.Such")[0] == 404


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "localhost"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
def test_foreign_pages_are_refused(server: Running, headers: dict[str, str]) -> None:
    assert server.ask("/", **headers)[0] == 403
    assert server.ask("/draw", {"text": MERMAID}, **headers)[0] == 403


def test_what_another_page_can_send_unasked_is_refused(server: Running) -> None:
    assert server.ask("/draw", {"text": MERMAID}, Content_Type="text/plain")[0] == 415
    assert server.ask("/draw", {"text": MERMAID}, Sec_Fetch_Site="cross-site")[0] == 403
    assert server.ask("/picture/a", Sec_Fetch_Site="cross-site")[0] == 403
    assert server.ask("/", Sec_Fetch_Site="cross-site")[0] == 200
    assert server.ask("/draw", {"text": MERMAID}, Sec_Fetch_Site="same-origin")[0] == 200


def test_a_draft_is_drawn_or_told_and_saved_in_every_form(server: Running) -> None:
    made = json.loads(server.ask("/draw", {"text": MERMAID})[1])
    assert made["svg"].startswith("<svg")
    assert [node["icon"] for node in made["nodes"]] == [None, "aws.storage.SimpleStorageServiceS3"]
    wrong = json.loads(server.ask("/draw", {"text": MERMAID.replace("-->", "->")})[1])
    (problem,) = wrong["problems"]
    assert (problem["line"], problem["column"], problem["code"]) == (2, 12, "mermaid-arrow")
    assert "^^" in problem["excerpt"]
    for form in ("svg", "png", "pdf", "webp", "mmd", "drawio", "python", "dot", "json"):
        status, data, _ = server.ask(f"/write/{form}", {"text": MERMAID})
        assert status == 200, form
        assert len(data) >= len(MERMAID)
    assert server.ask("/write/exe", {"text": MERMAID})[0] == 404
    assert server.ask("/write/svg", {"text": "nonsense"})[0] == 422
    assert server.ask("/draw", {"text": "x" * 2_000_000})[0] == 200  # Too large: nothing is drawn of it.
    assert server.ask("/draw", [1])[0] == 200


def test_a_save_is_seen_and_a_mistake_leaves_the_last_good_picture(server: Running) -> None:
    def state() -> dict[str, Any]:
        return dict(json.loads(server.ask("/state")[1]))

    def changed(before: str) -> dict[str, Any]:
        for _ in range(100):
            now = state()
            if now["version"] != before:
                return now
            time.sleep(0.05)
        raise AssertionError("nothing changed")

    first = state()
    time.sleep(0.3)  # The watch begins beside the first answer.
    Path("a.mmd").write_text(MERMAID.replace("S3", "SQS"), "utf-8")
    second = changed(first["version"])
    assert "SQS" in server.ask("/picture/a")[1].decode()
    Path("a.mmd").write_text(MERMAID.replace("-->", "->"), "utf-8")
    third = changed(second["version"])
    assert [problem["file"] for problem in third["problems"]] == ["a.mmd"]
    assert "SQS" in server.ask("/picture/a")[1].decode()


def test_an_icon_is_written_into_the_project_and_nowhere_else(server: Running) -> None:
    asked = {"node": "A", "icon": "aws.compute.Lambda"}
    assert server.ask("/override", {"name": "s", **asked})[0] == 200
    assert Path("s.yaml").read_text("utf-8") == SPEC + "icons:\n  A: aws.compute.Lambda\n"
    status, said, _ = server.ask("/override", {"name": "o", **asked})
    assert (status, json.loads(said)["message"]) == (422, "this file is outside the project")
    assert Path("../outside/o.mmd").read_text("utf-8") == MERMAID
    for wrong in (
        {"name": "no", **asked},
        {"name": "a", "node": "Z", "icon": "aws.compute.Lambda"},
        {"name": "a", "node": "A", "icon": 'x" }\n  click A "javascript:1'},
        {},
    ):
        assert server.ask("/override", wrong)[0] in (404, 422)
    assert Path("a.mmd").read_text("utf-8") == MERMAID


def test_it_listens_on_this_machine_alone_and_ends_on_ctrl_c(server: Running) -> None:
    with socket.socket() as other, pytest.raises(OSError, match="refused"):
        other.connect(("127.0.0.2", server.port))
    server.process.send_signal(signal.SIGINT)
    assert server.process.wait(5) == 0
    assert server.process.stdout
    assert server.process.stdout.read() == "stopped\n"


def test_a_port_in_use_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.mmd").write_text(MERMAID, "utf-8")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert main(["serve", "a.mmd", "--port", str(taken.getsockname()[1])]) == 2
    assert "error[port-in-use]" in capsys.readouterr().err


# Where an icon is written


def pattern(text: str, path: str) -> Pattern:
    Path(path).write_text(text, "utf-8", newline="")
    (found,) = (one for file in sources.find([path]) for one in sources.load(file).patterns)
    return found


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("s.yaml", SPEC, SPEC + "icons:\n  A: aws.compute.EC2\n"),
        ("s.yaml", SPEC.rstrip("\n"), SPEC + "icons:\n  A: aws.compute.EC2\n"),
        ("s.yaml", SPEC.replace("\n", "\r\n"), (SPEC + "icons:\n  A: aws.compute.EC2\n").replace("\n", "\r\n")),
        (
            "s.yaml",
            SPEC + "icons:\n    B: none # kept\n",
            SPEC + "icons:\n    A: aws.compute.EC2\n    B: none # kept\n",
        ),
        ("s.yaml", SPEC + "icons:\n  A: 'none'  # why\n", SPEC + "icons:\n  A: aws.compute.EC2  # why\n"),
        ("s.yaml", SPEC + "icons: {B: none}\n", SPEC + "icons: {A: aws.compute.EC2, B: none}\n"),
        ("s.yaml", SPEC + "icons: {A: none, B: none}\n", SPEC + "icons: {A: aws.compute.EC2, B: none}\n"),
        ("a.mmd", MERMAID, MERMAID + '  A@{ icon: "aws.compute.EC2" }\n'),
        ("a.mmd", MERMAID.rstrip("\n"), MERMAID + '  A@{ icon: "aws.compute.EC2" }\n'),
        ("a.mmd", MERMAID + '  A@{ icon: "aws:rds" }\n', MERMAID + '  A@{ icon: "aws.compute.EC2" }\n'),
        (
            "a.md",
            f"# T\n\n```mermaid\n{MERMAID}```\nend\n",
            f'# T\n\n```mermaid\n{MERMAID}  A@{{ icon: "aws.compute.EC2" }}\n```\nend\n',
        ),
    ],
)
def test_an_icon_is_written_where_the_source_has_it(path: str, before: str, after: str) -> None:
    assert edits.with_icon(before, path, pattern(before, path), "A", "aws.compute.EC2") == after


@pytest.mark.parametrize("icon", ["a b", "x\ny", "", "../x", '"', "x: y"])
def test_what_is_no_icon_is_written_nowhere(icon: str) -> None:
    with pytest.raises(ValueError, match=r"is not an icon reference|cannot be added"):
        edits.with_icon(MERMAID, "a.mmd", pattern(MERMAID, "a.mmd"), "A", icon)


def served(*given: str) -> LiveProject:
    made = LiveProject(list(given), Path.cwd(), Options(), "T")
    made.refresh()
    return made


def test_two_diagrams_of_one_name_are_both_named_until_one_is_renamed() -> None:
    Path("a.mmd").write_text(MERMAID, "utf-8")
    Path("A.yaml").write_text(SPEC, "utf-8")
    project = served("a.mmd", "A.yaml")
    for _ in range(2):
        assert list(project.state.entries) == ["a"]
        (problem,) = project.state.problems["A.yaml"]
        assert "error[same-output]: its pictures would have the same name 'a' as those of a.mmd:1:1;" in str(problem)
        project.refresh()
    Path("a.mmd").unlink()
    Path("b.mmd").write_text(MERMAID, "utf-8")
    project.source_names = ["b.mmd", "A.yaml"]
    assert project.refresh()
    assert list(project.state.entries) == ["b", "a"]
    assert not project.state.problems


@pytest.mark.parametrize(
    ("path", "text", "node", "icon", "told"),
    [
        ("a.mmd", MERMAID, "A", "no icon!", "is not an icon reference"),
        ("a.mmd", MERMAID, "Z", "aws.compute.EC2", "there is no node 'Z'"),
        ("s.yaml", SPEC + "icons: {}\n", "A", "aws.compute.EC2", "'icons' is empty"),
    ],
)
def test_where_an_icon_cannot_be_written_it_is_told(path: str, text: str, node: str, icon: str, told: str) -> None:
    found = pattern(MERMAID if path == "a.mmd" else SPEC, path)
    with pytest.raises(ValueError, match=told):
        edits.with_icon(text, path, found, node, icon)


def test_an_icon_for_a_fence_that_is_gone_is_told() -> None:
    found = pattern(f"# T\n\n```mermaid\n{MERMAID}```\n", "a.md")
    with pytest.raises(ValueError, match="the fence of this diagram no longer exists"):
        edits.with_icon("# T\n", "a.md", found, "A", "aws.compute.EC2")


def test_an_icon_is_written_into_the_right_one_of_several_fences() -> None:
    other = MERMAID.replace("Thing", "Other")
    before = f"# T\n\n```mermaid\n{other}```\n\n```mermaid\n{MERMAID}```\n"
    Path("a.md").write_text(before, "utf-8")
    (_, found) = sources.load_markdown(before, "a.md").patterns
    made = edits.with_icon(before, "a.md", found, "A", "aws.compute.EC2")
    assert made == before.replace(MERMAID, MERMAID + '  A@{ icon: "aws.compute.EC2" }\n')


@pytest.mark.parametrize(
    ("path", "text", "told"),
    [
        ("s.yaml", SPEC + "icons: {A: &x none, B: *x}\n", "cannot be added here"),
        ("a.mmd", "graph LR\n  A[Thing] --> B[S3]\n  subgraph g\n", "cannot be added here"),
        ("a.mmd", "graph LR\n  A[Thing] --> B[S3] --> C\n", "without other changes"),
    ],
)
def test_an_edit_that_would_change_more_than_an_icon_is_not_made(path: str, text: str, told: str) -> None:
    found = pattern(MERMAID if path == "a.mmd" else SPEC, path)
    with pytest.raises(ValueError, match=told):
        edits.with_icon(text, path, found, "A", "aws.compute.EC2")
