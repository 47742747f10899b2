"""`diagramkit serve`: it only answers its own pages, shows current pictures, and notices what is saved."""

from __future__ import annotations

import asyncio
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

from checks.fuzz import serve as serve_fuzzer
from diagramkit.cli import main
from diagramkit.options import Options
from diagramkit.serve.app import Server
from diagramkit.serve.live_project import LiveProject
from tests.support.command_line import enable_ctrl_c
from tests.support.project import ROOT
from tests.support.serve_client import HOSTS, Client

MERMAID = "graph LR\n  A[Thing] --> B[S3]\n"
SPEC = "title: Shop  # what it is\ndiagram: |\n  graph LR\n    A[Thing] --> B[S3]\n"


class RunningServer:
    """A server process, with a client for it."""

    def __init__(self, port: int, process: subprocess.Popen[str]) -> None:
        self.port, self.process = port, process

    def request(self, path: str, body: Any = None, **headers: str) -> tuple[int, bytes, http.client.HTTPMessage]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        raw = None if body is None else json.dumps(body).encode()
        if raw is not None:
            headers.setdefault("Content-Type", "application/json")
        with contextlib.closing(connection):
            connection.request("GET" if raw is None else "POST", path, raw, headers)
            response = connection.getresponse()
            return response.status, response.read(), response.headers


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make the current folder a project with two diagrams, next to a folder with another one. Return the project."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/o.mmd").write_text(MERMAID, "utf-8")
    project = tmp_path / "project"
    project.mkdir()
    (project / "diagramkit.toml").write_text("", "utf-8")
    (project / "a.mmd").write_text(MERMAID, "utf-8")
    (project / "s.yaml").write_text(SPEC, "utf-8")
    (project / "d.md").write_text(f"# D\n\n```mermaid\n{MERMAID}```\n", "utf-8")
    monkeypatch.chdir(project)
    return project


@pytest.fixture
def client(project: Path) -> Client:
    return Client()


@pytest.fixture
def server(project: Path) -> Iterator[RunningServer]:
    process = subprocess.Popen(
        [sys.executable, "-m", "diagramkit", "serve", "a.mmd", "s.yaml", "../outside/o.mmd", "--port", "0"],
        cwd=project,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        preexec_fn=enable_ctrl_c,  # noqa: PLW1509 - a shell may have it ignored
    )
    assert process.stdout
    line = process.stdout.readline()
    match = re.search(r"http://localhost:(\d+)/", line)
    assert match, line
    try:
        yield RunningServer(int(match[1]), process)
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


@pytest.mark.slow
def test_the_page_and_its_pictures_are_live_project(server: RunningServer) -> None:
    status, page, headers = server.request("/")
    assert status == 200
    assert headers["X-Frame-Options"] == "DENY"
    assert b'id="s"' in page
    assert b"<h3>Shop</h3>" in page
    (light,) = re.findall(rb'src="(picture/s\?light=[^"]*)"', page)
    status, picture, headers = server.request("/" + light.decode())
    assert (status, headers["Content-Type"]) == (200, "image/svg+xml")
    assert picture.startswith(b"<svg")
    assert server.request("/picture/../../etc/passwd")[0] == 404
    assert server.request("/source/no")[0] == 404
    status, icon, _ = server.request("/icon/aws.compute.Lambda")
    assert (status, icon[:4]) == (200, b"\x89PNG")
    assert server.request("/icon/file:a.mmd")[0] == 404
    assert server.request("/icon/aws.no.Such")[0] == 404


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "localhost"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Host": ""},
        {"Host": "LOCALHOST:8601"},
        {"Host": "localhost:8600.evil.example"},
    ],
)
def test_requests_with_another_host_or_origin_are_rejected(client: Client, headers: dict[str, str]) -> None:
    assert client.request("/", **headers)[0] == 403
    assert client.request("/draw", {"text": MERMAID}, **headers)[0] == 403


def test_an_origin_is_compared_with_its_scheme(client: Client) -> None:
    for origin, status in (
        ("http://localhost:8600", 200),
        ("http://127.0.0.1:8600", 200),
        ("https://localhost:8600", 403),
        ("ftp://localhost:8600", 403),
        ("localhost:8600", 403),
        ("http://x@localhost:8600", 403),
        ("http://[", 403),
        ("", 403),
    ):
        assert client.request("/draw", {"text": MERMAID}, Origin=origin)[0] == status, origin


def test_requests_with_lone_surrogates_and_deep_json_are_answered(client: Client) -> None:
    """JavaScript's strings may contain lone surrogates, which UTF-8 cannot encode."""
    lone = "graph LR\n  A[x\ud800y] --> B\n"
    drawn = json.loads(client.request("/draw", {"text": lone})[1])
    assert [node["label"] for node in drawn["nodes"]] == ["x\ufffdy", "B"]
    spec = 'title: "\\ud800"\ndiagram: |\n  graph LR\n    A --> B\n'
    for text, status in ((lone, 200), (spec, 422)):  # The spec is valid JSON, but not valid YAML.
        assert client.request("/draw", {"text": text})[0] == 200
        for format_name in ("svg", "json", "mmd", "drawio", "dot", "python"):
            assert client.request(f"/write/{format_name}", {"text": text})[0] == status, format_name
    change = {"kind": "icon", "node": "\ud800", "icon": "\udc80"}
    for path, body in (
        ("/save", {"file": "\ud800", "text": "\ud800"}),
        ("/create", {"name": "\ud800", "text": ""}),
        ("/change", {"text": MERMAID, "change": change}),
        ("/settings", {"name": ["\ud800"], "value": "\ud800"}),
    ):
        assert client.request(path, body)[0] == 422, path
    deep: Any = []
    for _ in range(900):
        deep = [deep]
    assert client.request("/draw", deep)[0] == 200
    assert client.request("/draw", b"[" * 100_000)[0] == 200


@pytest.mark.skipif(os.name == "nt", reason="creating links needs special rights on Windows")
def test_nothing_is_saved_through_a_link_out_of_the_project(client: Client) -> None:
    digest = client.source("a")["digest"]
    Path("a.mmd").unlink()
    Path("a.mmd").symlink_to("../outside/o.mmd")
    status, body = client.request("/save", {"file": "a.mmd", "text": "x", "digest": digest})
    assert (status, json.loads(body)["message"]) == (422, "this file is outside the project")
    assert Path("../outside/o.mmd").read_text("utf-8") == MERMAID


def test_cross_site_requests_are_rejected(client: Client) -> None:
    assert client.request("/draw", {"text": MERMAID}, Content_Type="text/plain")[0] == 415
    assert client.request("/draw", {"text": MERMAID}, Sec_Fetch_Site="cross-site")[0] == 403
    assert client.request("/picture/a", Sec_Fetch_Site="cross-site")[0] == 403
    assert client.request("/", Sec_Fetch_Site="cross-site")[0] == 200
    assert client.request("/draw", {"text": MERMAID}, Sec_Fetch_Site="same-origin")[0] == 200


def test_a_rejected_request_changes_nothing(client: Client) -> None:
    save = {"file": "a.mmd", "text": MERMAID + "%% new\n", "digest": client.source("a")["digest"]}
    for status, headers in (
        (403, {"Host": "evil.example"}),
        (403, {"Origin": "https://evil.example"}),
        (403, {"Sec_Fetch_Site": "cross-site"}),
        (403, {"Sec_Fetch_Site": "same-site"}),
        (415, {"Content_Type": "text/plain"}),
        (415, {"Content_Type": ""}),
    ):
        for path, body in (
            ("/save", save),
            ("/create", {"name": "new.mmd", "text": ""}),
            ("/settings", {"name": "theme", "value": "dark"}),
        ):
            assert client.request(path, body, **headers)[0] == status
        assert Path("a.mmd").read_text("utf-8") == MERMAID
        assert not Path("new.mmd").exists()
        assert Path("diagramkit.toml").read_text("utf-8") == ""
    assert client.request("/save", save, Sec_Fetch_Site="none")[0] == 200


def test_only_the_pages_themselves_can_be_opened_from_another_site(client: Client) -> None:
    pages = ("/", "/edit", "/edit/a")
    data = (
        "/state",
        "/source/a",
        "/file?path=a.mmd",
        "/picture/a",
        "/icons?q=s3",
        "/icon/aws.compute.Lambda",
        "/events",
    )
    for path in (*pages, *data, "/language", "/settings", "/assets/editor.js"):
        assert client.request(path, Sec_Fetch_Site="cross-site")[0] == (200 if path in pages else 403), path
    assert client.request("/", {}, Sec_Fetch_Site="cross-site")[0] == 403


def test_only_diagrams_and_icons_are_answered(client: Client) -> None:
    light, dark = client.request("/picture/a?light=1"), client.request("/picture/a?dark=1")
    assert (light[0], dark[0]) == (200, 200)
    assert light[1].startswith(b"<svg")
    assert dark[1].startswith(b"<svg")
    assert (b"#161D26" in light[1], b"#161D26" in dark[1]) == (False, True)  # The background of the dark theme.
    status, body = client.request("/source/s")
    assert status == 200
    assert json.loads(body).items() >= {"text": SPEC, "language": "spec", "file": "s.yaml", "editable": True}.items()
    document = client.source("d-1")
    assert (document["text"], document["language"], document["line"]) == (
        Path("d.md").read_text("utf-8"),
        "markdown",
        4,
    )
    status, icon = client.request("/icon/aws.compute.Lambda")
    assert (status, icon[:4]) == (200, b"\x89PNG")
    (first, *_) = json.loads(client.request("/icons?q=lambda")[1])["icons"]
    assert client.request(f"/icon/{first['reference']}")[0] == 200
    for path in (
        "/picture/../../etc/passwd",
        "/picture/no",
        "/source/no",
        "/source/a.mmd",
        "/source/../a.mmd",
        "/icon/file:a.mmd",
        "/icon/aws.no.Such",
        "/icon/file:../outside/o.svg",
        "/file?path=diagramkit.toml",
        "/file?path=../outside/o.mmd/../o.mmd",
        "/assets/../app.py",
        "/assets/editor.html",
        "/diagramkit.toml",
    ):
        assert client.request(path)[0] == 404, path
    assert client.request("/draw")[0] == client.request("/state", {})[0] == 405


def test_a_draft_cannot_name_a_file_outside_of_the_sources(client: Client) -> None:
    """An icon is relative to the file of the draft: another file would reach icons outside of the project."""
    svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><rect width="8" height="8"/></svg>'
    outside = Path("../outside").resolve()
    (outside / "x.svg").write_text(svg, "utf-8")
    Path("x.svg").write_text(svg, "utf-8")
    text = 'graph LR\n  A@{ icon: "x.svg" } --> B\n'
    for file, icon in (("a.mmd", "file:x.svg"), (str(outside / "new.mmd"), "file:x.svg"), ("", "file:x.svg")):
        drawn = json.loads(client.request("/draw", {"text": text, "file": file})[1])
        assert drawn["nodes"][0]["icon"] == icon
    Path("x.svg").unlink()
    drawn = json.loads(client.request("/draw", {"text": text, "file": str(outside / "new.mmd")})[1])
    assert "file:x.svg" not in [node["icon"] for node in drawn.get("nodes", [])]


def test_open_pages_are_notified_of_changes_only(client: Client) -> None:
    save = {"file": "a.mmd", "text": MERMAID + "%% a comment\n", "digest": client.source("a")["digest"]}
    lines: list[bytes] = []

    async def listen() -> None:
        listening, closed = asyncio.Event(), asyncio.Event()

        async def receive() -> dict[str, str]:
            await closed.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            lines.append(message.get("body", b""))
            listening.set()

        headers = [(b"host", b"localhost:8600")]
        scope = {"type": "http", "method": "GET", "path": "/events", "query_string": b"", "headers": headers}
        page = asyncio.ensure_future(client._app(scope, receive, send))
        await listening.wait()
        for _ in range(2):  # The second time, nothing changes.
            await client._request("/save", save, {})
            await asyncio.sleep(0.05)
        first, second = (line for line in lines if line)
        assert first != second
        assert all(re.fullmatch(rb"data: [0-9a-f]{16}\n\n", line) for line in (first, second))
        closed.set()
        client._server.wake()
        await asyncio.wait([page], timeout=5)

    asyncio.run(listen())
    assert client._server._listeners == set()


def test_a_body_above_the_limit_is_ignored(client: Client) -> None:
    request = {"text": MERMAID, "padding": ""}
    size = len(json.dumps(request))
    for padding, drawn in ((1_000_000 - size, True), (1_000_001 - size, False)):
        answer = json.loads(client.request("/draw", request | {"padding": "x" * padding})[1])
        assert ("svg" in answer) is drawn


def test_the_diagrams_are_watched_as_long_as_the_server_runs(project: Path) -> None:
    events: list[str] = []

    async def watch() -> None:
        events.append("watching")
        try:
            await asyncio.Event().wait()
        finally:
            events.append("stopped")

    async def receive() -> dict[str, str]:
        events.append("receive")
        await asyncio.sleep(0)
        return {"type": "lifespan.startup" if events == ["receive"] else "lifespan.shutdown"}

    async def send(message: Any) -> None:
        events.append(message["type"])

    async def run() -> None:
        app = Server(LiveProject(["a.mmd"], Path.cwd(), Options(), "T")).app(HOSTS, watch)
        await app({"type": "lifespan", "state": {}}, receive, send)
        await asyncio.sleep(0)

    asyncio.run(run())
    assert events == [
        *("receive", "lifespan.startup.complete"),
        *("receive", "watching", "lifespan.shutdown.complete", "stopped"),
    ]


def test_a_draft_is_drawn_or_its_errors_reported_and_it_is_exported_in_every_format(client: Client) -> None:
    drawn = json.loads(client.request("/draw", {"text": MERMAID})[1])
    assert drawn["svg"].startswith("<svg")
    assert [node["icon"] for node in drawn["nodes"]] == [None, "aws.storage.SimpleStorageServiceS3"]
    invalid = json.loads(client.request("/draw", {"text": MERMAID.replace("-->", "->")})[1])
    (problem,) = invalid["problems"]
    assert (problem["line"], problem["column"], problem["code"]) == (2, 12, "mermaid-arrow")
    assert "^^" in problem["excerpt"]
    for format_name in ("svg", "png", "pdf", "webp", "mmd", "drawio", "python", "dot", "json"):
        status, data = client.request(f"/write/{format_name}", {"text": MERMAID})
        assert status == 200, format_name
        assert len(data) >= len(MERMAID)
    assert client.request("/write/exe", {"text": MERMAID})[0] == 404
    assert client.request("/write/svg", {"text": "nonsense"})[0] == 422
    assert client.request("/draw", {"text": "x" * 2_000_000})[0] == 200  # Too large: the body is ignored.
    assert client.request("/draw", [1])[0] == 200


@pytest.mark.slow
def test_a_save_is_noticed_and_an_error_keeps_the_last_good_picture(server: RunningServer) -> None:
    def state() -> dict[str, Any]:
        return dict(json.loads(server.request("/state")[1]))

    def wait_for_change(before: str) -> dict[str, Any]:
        for _ in range(100):
            current = state()
            if current["version"] != before:
                return current
            time.sleep(0.05)
        raise AssertionError("nothing changed")

    first = state()
    time.sleep(0.3)  # Watching may begin only after the first response.
    Path("a.mmd").write_text(MERMAID.replace("S3", "SQS"), "utf-8")
    second = wait_for_change(first["version"])
    assert "SQS" in server.request("/picture/a")[1].decode()
    Path("a.mmd").write_text(MERMAID.replace("-->", "->"), "utf-8")
    third = wait_for_change(second["version"])
    assert [problem["file"] for problem in third["problems"]] == ["a.mmd"]
    assert "SQS" in server.request("/picture/a")[1].decode()


@pytest.mark.slow
def test_the_server_listens_on_this_machine_only_and_stops_on_ctrl_c(server: RunningServer) -> None:
    with socket.socket() as other, pytest.raises(OSError, match="refused"):
        other.connect(("127.0.0.2", server.port))
    server.process.send_signal(signal.SIGINT)
    assert server.process.wait(5) == 0
    assert server.process.stdout
    assert server.process.stdout.read() == "stopped\n"


def test_a_port_in_use_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.mmd").write_text(MERMAID, "utf-8")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        assert main(["serve", "a.mmd", "--port", str(listening.getsockname()[1])]) == 2
    assert "error[port-in-use]" in capsys.readouterr().err


def live_project(*paths: str) -> LiveProject:
    project = LiveProject(list(paths), Path.cwd(), Options(), "T")
    project.refresh()
    return project


def test_a_duplicate_name_is_reported_until_a_source_is_renamed() -> None:
    Path("a.mmd").write_text(MERMAID, "utf-8")
    Path("A.yaml").write_text(SPEC, "utf-8")
    project = live_project("a.mmd", "A.yaml")
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


@pytest.mark.parametrize("port", ["99999", "-1", "http"])
def test_an_invalid_port_is_a_usage_error(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(["serve", f"--port={port}"])
    assert exit_.value.code == 2
    assert f"invalid port '{port}': expected a number from 0 to 65535" in capsys.readouterr().err


@pytest.mark.slow
def test_the_server_survives_hostile_requests_and_files() -> None:
    """Afterwards, the page is there and the watcher still sees what is saved."""
    with serve_fuzzer.session() as session:
        for seed in range(120):
            session.check_seed(seed)
        session.check_end()
