"""The server for AI agents, used with the clients of the SDK: over standard streams and HTTP, by many, and abruptly."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client

from diagramkit.agents.tools import TOOLS
from tests.support.project import ROOT

pytestmark = pytest.mark.slow

TOKEN = "a-token-of-a-test"
SHOP = "flowchart LR\n    users[Users] --> alb[ALB] --> db[(Aurora)]\n"
TEMPLATE = "Resources:\n  Orders: {Type: 'AWS::Lambda::Function'}\n"
CALLS: dict[str, dict[str, Any]] = {
    "render": {"source": SHOP, "name": "shop"},
    "check": {"source": "flowchart LR\n    a -> b\n"},
    "find_icons": {"query": "lambda"},
    "export": {"source": SHOP, "format": "drawio"},
    "import_infrastructure": {"path": "template.yaml"},
}
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "DIAGRAMKIT_TOKEN": TOKEN}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    root.mkdir()
    (root / "diagramkit.toml").write_text("")
    (root / "template.yaml").write_text(TEMPLATE)
    (tmp_path / "outside.mmd").write_text(SHOP)
    return root


def command(folder: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "diagramkit", "mcp", str(folder), *options]


@asynccontextmanager
async def stdio(folder: Path) -> AsyncIterator[Client]:
    program, *arguments = command(folder)
    parameters = StdioServerParameters(command=program, args=arguments, env=ENVIRONMENT)
    async with Client(stdio_client(parameters)) as client:
        yield client


@contextmanager
def http_server(folder: Path, *options: str) -> Iterator[tuple[str, int]]:
    """Run a server and yield its address and the id of its process."""
    with subprocess.Popen(
        command(folder, "--http", "0", *options), env=ENVIRONMENT, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        match = re.search(r"http://127\.0\.0\.1:\d+/mcp", process.stderr.readline())
        assert match
        try:
            yield match.group(), process.pid
        finally:
            process.send_signal(signal.SIGINT)
            assert process.wait(20) == 0
            assert "Traceback" not in process.stderr.read()


@asynccontextmanager
async def http(address: str) -> AsyncIterator[Client]:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=120) as inner,
        Client(streamable_http_client(address, http_client=inner)) as client,
    ):
        yield client


async def call_every_tool(client: Client, folder: Path) -> None:
    listed = await client.list_tools()
    assert [tool.name for tool in listed.tools] == [*TOOLS]
    for name, arguments in CALLS.items():
        result = await client.call_tool(name, arguments)
        assert not result.is_error, result
        kinds = [content.type for content in result.content]
        assert kinds[0] == ("image" if name == "render" else "text")
    assert {path.name for path in (folder / "diagrams").iterdir()} == {
        "shop.svg",
        "shop.png",
        "diagram.drawio",
        "template.yaml",
    }
    for name, arguments in (("nope", {}), ("render", {"unknown": 1}), ("render", {"path": "../outside.mmd"})):
        assert (await client.call_tool(name, arguments)).is_error


def test_the_client_of_the_sdk_calls_every_tool_over_standard_streams(folder: Path) -> None:
    async def run() -> None:
        async with stdio(folder) as client:
            await call_every_tool(client, folder)

    asyncio.run(run())


def test_the_client_of_the_sdk_calls_every_tool_over_http(folder: Path) -> None:
    async def run(address: str) -> None:
        async with http(address) as client:
            await call_every_tool(client, folder)

    with http_server(folder) as (address, _):
        asyncio.run(run(address))


def test_requests_without_the_token_or_from_other_pages_are_rejected(folder: Path) -> None:
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    right = {"Authorization": f"Bearer {TOKEN}", "Accept": "application/json, text/event-stream"}
    with http_server(folder) as (address, _):
        statuses = [
            httpx2.post(address, json=body, headers={**right, **changed}).status_code
            for changed in (
                {},
                {"Authorization": "Bearer x"},
                {"Authorization": ""},
                {"Authorization": TOKEN},
                {"Host": "evil.example"},
                {"Host": "127.0.0.1:1"},
                {"Origin": "http://evil.example"},
                {"Origin": "null"},
            )
        ]
        large = httpx2.post(address, content=b"x" * 10_000_000, headers={**right, "Content-Type": "application/json"})
    assert statuses[0] == 200
    assert statuses[1:4] == [401, 401, 401]
    assert all(status in (403, 421) for status in statuses[4:])
    assert large.status_code == 413


def test_two_hundred_concurrent_calls_are_answered_and_memory_is_released(folder: Path) -> None:
    async def run(address: str, count: int) -> int:
        async def one(number: int) -> bool:
            arguments = {"source": SHOP.replace("Users", f"Users {number}"), "name": f"p{number}"}
            return bool((await client.call_tool("render", arguments)).is_error)

        async with http(address) as client:
            return sum(await asyncio.gather(*(one(number) for number in range(count))))

    with http_server(folder) as (address, pid):
        assert asyncio.run(run(address, 20)) == 0
        before = memory(pid)
        assert asyncio.run(run(address, 200)) == 0
        after = memory(pid)
    assert len([*(folder / "diagrams").glob("p*.png")]) == 200
    assert after - before < 60_000_000


def memory(pid: int) -> int:
    """Return the resident memory of a process in bytes (proc_pid_statm(5), the second number, in pages)."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_a_server_survives_clients_that_are_killed(folder: Path) -> None:
    call = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/call",
        "params": {"name": "render", "arguments": CALLS["render"]},
    }
    with http_server(folder) as (address, _):
        port = int(address.split(":")[2].split("/")[0])
        body = json.dumps(call).encode()
        head = f"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {TOKEN}\r\n"
        head += "Accept: application/json, text/event-stream\r\nContent-Type: application/json\r\n"
        for number in range(30):  # Each leaves in the middle of its request, or before the answer.
            with socket.create_connection(("127.0.0.1", port)) as connection:
                connection.sendall(
                    f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body[: len(body) * number // 20]
                )

        async def run() -> bool:
            async with http(address) as client:
                return bool((await client.call_tool("render", CALLS["render"])).is_error)

        assert asyncio.run(run()) is False


def message(number: int, method: str, **params: Any) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}).encode() + b"\n"


@contextmanager
def raw_server(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server that speaks with the test over pipes, and yield its process after the first answer."""
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command(folder, *arguments), env=ENVIRONMENT, stdin=pipe, stdout=pipe, stderr=pipe
    ) as process:
        try:
            client = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}
            send(process, message(0, "initialize", **client))
            assert process.stdout is not None
            assert b'"result"' in process.stdout.readline()
            send(process, b'{"jsonrpc": "2.0", "method": "notifications/initialized"}\n')
            yield process
        finally:
            process.kill()


def send(process: subprocess.Popen[bytes], data: bytes) -> None:
    assert process.stdin is not None
    process.stdin.write(data)
    process.stdin.flush()


SLOW = "flowchart LR\n" + "".join(f"  a{i} --> a{j}\n" for i in range(60) for j in range(60) if i != j)


@pytest.mark.parametrize("is_busy", [False, True])
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 0), (signal.SIGTERM, 143)])
def test_a_signal_ends_a_server_that_waits_for_its_client(
    number: signal.Signals, code: int, is_busy: bool, folder: Path
) -> None:
    """A thread that waits for the next line must not keep the process, which would have to be killed."""
    with raw_server(folder) as process:
        if is_busy:
            send(process, message(1, "tools/call", name="render", arguments={"source": SLOW}))
            time.sleep(2)
        workers = children(process.pid)
        assert bool(workers) >= is_busy
        process.send_signal(number)
        assert process.wait(10) == code
        assert process.stderr is not None
        assert process.stderr.read() == b""
    assert_ended(workers)
    assert not [path for path in folder.rglob(".diagramkit-*") if path.is_file()]


def test_a_client_that_no_longer_reads_ends_the_server_without_an_error(folder: Path) -> None:
    with raw_server(folder) as process:
        assert process.stdout is not None
        process.stdout.close()
        send(process, message(1, "tools/list"))
        assert process.wait(10) == 0
        assert process.stderr is not None
        assert process.stderr.read() == b""


def test_lines_of_any_length_and_bytes_are_read(folder: Path) -> None:
    """A broken line is answered or left out, and the last one may lack its end."""
    with raw_server(folder) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        send(process, b"\xff\xfe\n\n{\n" + b"[" * 200_000 + b"\n")
        send(process, message(1, "tools/list", x="y" * 300_000)[:-1])
        process.stdin.close()
        answers = [json.loads(line) for line in process.stdout]
        assert [answer["id"] for answer in answers if "result" in answer] == [1]
        assert process.wait(10) == 0


@pytest.mark.parametrize("token", ["two words", "é", "a\nb", "\udcff", " "])
def test_a_token_that_no_client_can_send_is_rejected(token: str, folder: Path) -> None:
    environment = {**ENVIRONMENT, "DIAGRAMKIT_TOKEN": token}
    completed = subprocess.run(
        command(folder, "--http", "0"), check=False, env=environment, capture_output=True, text=True
    )
    assert completed.returncode == 2
    assert completed.stderr.startswith("DIAGRAMKIT_TOKEN:1:1: error[wrong-value]: ")
    assert token.strip() == "" or token not in completed.stderr


def test_a_server_ends_with_the_client_that_started_it_and_so_do_its_workers(folder: Path) -> None:
    with raw_server(folder) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        send(process, message(1, "tools/call", name="render", arguments=CALLS["render"]))
        assert b'"result"' in process.stdout.readline()
        time.sleep(1)
        workers = children(process.pid)
        assert workers
        process.stdin.close()  # As the system does for a client that is killed.
        assert process.wait(20) == 0
    assert_ended(workers)


def assert_ended(pids: list[int]) -> None:
    """Wait for processes, which notice within moments that the server has ended."""
    end = time.monotonic() + 5
    while running := [pid for pid in pids if Path(f"/proc/{pid}").exists()]:
        assert time.monotonic() < end, running
        time.sleep(0.1)


def children(pid: int) -> list[int]:
    """Return the processes that any thread of a process started."""
    files = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(text) for file in files for text in file.read_text().split()]


def test_a_call_that_takes_too_long_ends_and_the_next_is_answered(folder: Path) -> None:
    async def run(address: str) -> tuple[Any, Any]:
        async with http(address) as client:
            return await client.call_tool("render", {"source": SLOW}), await client.call_tool(
                "find_icons", {"query": "s3"}
            )

    with http_server(folder, "--timeout", "2") as (address, _):
        too_long, next_call = asyncio.run(run(address))
    assert too_long.is_error
    assert "timeout" in too_long.content[0].text
    assert not next_call.is_error


def test_huge_input_over_standard_streams_is_an_answer(folder: Path) -> None:
    async def run() -> tuple[Any, Any]:
        async with stdio(folder) as client:
            huge = await client.call_tool("render", {"source": "x" * 10_000_000})
            return huge, await client.call_tool("render", CALLS["render"])

    huge, following = asyncio.run(run())
    assert huge.is_error
    assert "too-large" in huge.content[0].text
    assert not following.is_error
