"""`diagramkit serve`: it only answers its own page, shows current pictures, and writes icons into the sources."""

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

from checks.fuzz import serve as serve_fuzzer
from diagramkit import sources
from diagramkit.cli import main
from diagramkit.graph import Pattern
from diagramkit.options import Options
from diagramkit.serve import edits
from diagramkit.serve.live_project import LiveProject
from diagramkit.sources import readers
from tests.support.command_line import enable_ctrl_c
from tests.support.project import ROOT

pytestmark = pytest.mark.slow

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
def server(tmp_path: Path) -> Iterator[RunningServer]:
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
        preexec_fn=enable_ctrl_c,  # noqa: PLW1509 - a shell may have it ignored
    )
    assert process.stdout
    line = process.stdout.readline()
    os.chdir(project)
    match = re.search(r"http://localhost:(\d+)/", line)
    assert match, line
    try:
        yield RunningServer(int(match[1]), process)
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


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
    ],
)
def test_requests_with_another_host_or_origin_are_rejected(server: RunningServer, headers: dict[str, str]) -> None:
    assert server.request("/", **headers)[0] == 403
    assert server.request("/draw", {"text": MERMAID}, **headers)[0] == 403


def test_an_origin_is_compared_with_its_scheme(server: RunningServer) -> None:
    host = f"localhost:{server.port}"
    for origin, status in (
        (f"http://{host}", 200),
        (f"https://{host}", 403),
        (f"ftp://{host}", 403),
        (host, 403),
        (f"http://x@{host}", 403),
        ("http://[", 403),
    ):
        assert server.request("/draw", {"text": MERMAID}, Host=host, Origin=origin)[0] == status, origin


def test_requests_with_lone_surrogates_and_deep_json_are_answered(server: RunningServer) -> None:
    """JavaScript's strings may contain lone surrogates, which UTF-8 cannot encode."""
    lone = "graph LR\n  A[x\ud800y] --> B\n"
    drawn = json.loads(server.request("/draw", {"text": lone})[1])
    assert [node["label"] for node in drawn["nodes"]] == ["x\ufffdy", "B"]
    spec = 'title: "\\ud800"\ndiagram: |\n  graph LR\n    A --> B\n'
    for text, status in ((lone, 200), (spec, 422)):  # The spec is valid JSON, but not valid YAML.
        assert server.request("/draw", {"text": text})[0] == 200
        for format_name in ("svg", "json", "mmd", "drawio", "dot", "python"):
            assert server.request(f"/write/{format_name}", {"text": text})[0] == status, format_name
    for body in ({"name": "\ud800"}, {"name": "a", "node": "\ud800", "icon": "\udc80"}, {"name": ["\ud800"]}):
        assert server.request("/override", body)[0] in (404, 422)
    deep: Any = []
    for _ in range(900):
        deep = [deep]
    assert server.request("/draw", deep)[0] == 200
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    with contextlib.closing(connection):
        connection.request("POST", "/draw", b"[" * 100_000, {"Content-Type": "application/json"})
        assert connection.getresponse().status == 200


@pytest.mark.skipif(os.name == "nt", reason="creating links needs special rights on Windows")
def test_no_icon_is_written_through_a_link_out_of_the_project(server: RunningServer) -> None:
    Path("a.mmd").unlink()
    Path("a.mmd").symlink_to("../outside/o.mmd")
    status, body, _ = server.request("/override", {"name": "a", "node": "A", "icon": "aws.compute.Lambda"})
    assert (status, json.loads(body)["message"]) == (422, "this file is outside the project")
    assert Path("../outside/o.mmd").read_text("utf-8") == MERMAID


def test_cross_site_requests_are_rejected(server: RunningServer) -> None:
    assert server.request("/draw", {"text": MERMAID}, Content_Type="text/plain")[0] == 415
    assert server.request("/draw", {"text": MERMAID}, Sec_Fetch_Site="cross-site")[0] == 403
    assert server.request("/picture/a", Sec_Fetch_Site="cross-site")[0] == 403
    assert server.request("/", Sec_Fetch_Site="cross-site")[0] == 200
    assert server.request("/draw", {"text": MERMAID}, Sec_Fetch_Site="same-origin")[0] == 200


def test_a_draft_is_drawn_or_its_errors_reported_and_it_is_exported_in_every_format(server: RunningServer) -> None:
    drawn = json.loads(server.request("/draw", {"text": MERMAID})[1])
    assert drawn["svg"].startswith("<svg")
    assert [node["icon"] for node in drawn["nodes"]] == [None, "aws.storage.SimpleStorageServiceS3"]
    invalid = json.loads(server.request("/draw", {"text": MERMAID.replace("-->", "->")})[1])
    (problem,) = invalid["problems"]
    assert (problem["line"], problem["column"], problem["code"]) == (2, 12, "mermaid-arrow")
    assert "^^" in problem["excerpt"]
    for format_name in ("svg", "png", "pdf", "webp", "mmd", "drawio", "python", "dot", "json"):
        status, data, _ = server.request(f"/write/{format_name}", {"text": MERMAID})
        assert status == 200, format_name
        assert len(data) >= len(MERMAID)
    assert server.request("/write/exe", {"text": MERMAID})[0] == 404
    assert server.request("/write/svg", {"text": "nonsense"})[0] == 422
    assert server.request("/draw", {"text": "x" * 2_000_000})[0] == 200  # Too large: the body is ignored.
    assert server.request("/draw", [1])[0] == 200


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


def test_icons_are_only_written_into_files_of_the_project(server: RunningServer) -> None:
    change = {"node": "A", "icon": "aws.compute.Lambda"}
    assert server.request("/override", {"name": "s", **change})[0] == 200
    assert Path("s.yaml").read_text("utf-8") == SPEC + "icons:\n  A: aws.compute.Lambda\n"
    status, body, _ = server.request("/override", {"name": "o", **change})
    assert (status, json.loads(body)["message"]) == (422, "this file is outside the project")
    assert Path("../outside/o.mmd").read_text("utf-8") == MERMAID
    for invalid in (
        {"name": "no", **change},
        {"name": "a", "node": "Z", "icon": "aws.compute.Lambda"},
        {"name": "a", "node": "A", "icon": 'x" }\n  click A "javascript:1'},
        {},
    ):
        assert server.request("/override", invalid)[0] in (404, 422)
    assert Path("a.mmd").read_text("utf-8") == MERMAID


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


# Writing icons into sources


def pattern(text: str, path: str) -> Pattern:
    """Write a source with one diagram, and return its pattern."""
    Path(path).write_text(text, "utf-8", newline="")
    (result,) = (each for file in sources.find([path]) for each in sources.load(file).patterns)
    return result


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
def test_an_icon_is_written_and_the_rest_of_the_source_is_kept(path: str, before: str, after: str) -> None:
    assert edits.with_icon(before, path, pattern(before, path), "A", "aws.compute.EC2") == after


@pytest.mark.parametrize("icon", ["a b", "x\ny", "", "../x", '"', "x: y"])
def test_an_invalid_icon_reference_is_not_written(icon: str) -> None:
    with pytest.raises(ValueError, match=r"is not an icon reference|cannot be added"):
        edits.with_icon(MERMAID, "a.mmd", pattern(MERMAID, "a.mmd"), "A", icon)


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


@pytest.mark.parametrize(
    ("path", "text", "node", "icon", "message"),
    [
        ("a.mmd", MERMAID, "A", "no icon!", "is not an icon reference"),
        ("a.mmd", MERMAID, "Z", "aws.compute.EC2", "there is no node 'Z'"),
        ("s.yaml", SPEC + "icons: {}\n", "A", "aws.compute.EC2", "'icons' is empty"),
    ],
)
def test_an_icon_that_cannot_be_written_is_reported(path: str, text: str, node: str, icon: str, message: str) -> None:
    diagram = pattern(MERMAID if path == "a.mmd" else SPEC, path)
    with pytest.raises(ValueError, match=message):
        edits.with_icon(text, path, diagram, node, icon)


def test_an_icon_for_a_fence_that_no_longer_exists_is_reported() -> None:
    diagram = pattern(f"# T\n\n```mermaid\n{MERMAID}```\n", "a.md")
    with pytest.raises(ValueError, match="the fence of this diagram no longer exists"):
        edits.with_icon("# T\n", "a.md", diagram, "A", "aws.compute.EC2")


def test_an_icon_is_written_into_the_right_fence_of_several() -> None:
    other = MERMAID.replace("Thing", "Other")
    before = f"# T\n\n```mermaid\n{other}```\n\n```mermaid\n{MERMAID}```\n"
    Path("a.md").write_text(before, "utf-8")
    (_, diagram) = readers.MARKDOWN.read(before, "a.md", "").patterns
    after = edits.with_icon(before, "a.md", diagram, "A", "aws.compute.EC2")
    assert after == before.replace(MERMAID, MERMAID + '  A@{ icon: "aws.compute.EC2" }\n')


@pytest.mark.parametrize(
    ("path", "text", "message"),
    [
        ("s.yaml", SPEC + "icons: {A: &x none, B: *x}\n", "cannot be added here"),
        ("a.mmd", "graph LR\n  A[Thing] --> B[S3]\n  subgraph g\n", "cannot be added here"),
        ("a.mmd", "graph LR\n  A[Thing] --> B[S3] --> C\n", "without other changes"),
    ],
)
def test_an_edit_that_would_change_more_than_an_icon_is_rejected(path: str, text: str, message: str) -> None:
    diagram = pattern(MERMAID if path == "a.mmd" else SPEC, path)
    with pytest.raises(ValueError, match=message):
        edits.with_icon(text, path, diagram, "A", "aws.compute.EC2")


@pytest.mark.parametrize("port", ["99999", "-1", "http"])
def test_an_invalid_port_is_a_usage_error(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(["serve", f"--port={port}"])
    assert exit_.value.code == 2
    assert f"invalid port '{port}': expected a number from 0 to 65535" in capsys.readouterr().err


def test_the_server_survives_hostile_requests_and_files() -> None:
    """Afterwards, the page is there and the watcher still sees what is saved."""
    assert serve_fuzzer.run(120, 3) == []


def test_an_icon_for_a_node_without_a_label_keeps_the_text_on_the_picture() -> None:
    text = "graph LR\n  Billing --> B[S3]\n"
    pattern = readers.pattern_from_text(text, "d.mmd")
    new = edits.with_icon(text, "d.mmd", pattern, "Billing", "aws.compute.Lambda")
    assert new == text + '  Billing@{ icon: "aws.compute.Lambda", label: "Billing" }\n'
    again = edits.with_icon(new, "d.mmd", readers.pattern_from_text(new, "d.mmd"), "Billing", "none")
    assert again == text + '  Billing@{ icon: "none", label: "Billing" }\n'
