"""Calls the tools for AI agents: `python -m checks.fuzz.agents`.

Each seed gives one call with a hostile source, a hostile path, or arguments of wrong types, as the server gets it
from a client. The call must be answered by valid JSON, and sometimes a text that is exported; neither may have control
characters, except that tabs and line ends of labels may be in exported text. Nothing may be written outside of
the server's folder, or in it except below `diagrams` and for the record of an import. What another folder contains
must not be part of an answer. Anything else is a finding. Every 50th seed is a conversation with a server over
standard input and output instead, with broken messages between the calls.
"""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

import anyio

from checks.fuzz import hostile_sources, seeds
from checks.fuzz import templates as hostile_templates
from diagramkit import write_scope
from diagramkit.agents import protocol
from diagramkit.agents.arguments import schema_of
from diagramkit.agents.tools import TOOLS, ToolResult
from diagramkit.batch.bounds import UNLIMITED

ROOT = Path(__file__).resolve().parent.parent.parent
_LONGEST = 120.0  # Seconds of a conversation.
_OUTSIDE = "outside-of-the-folder"
_PATHS = (
    "a.mmd",
    "a.yaml",
    "template.yaml",
    "in",
    ".",
    "",
    "-",
    "..",
    "../outside.mmd",
    "link.mmd",
    "link",
    "link/outside.mmd",
    "in/../../outside.mmd",
    "missing.mmd",
    "in/pipe.mmd",
    "/etc/passwd",
    "a.mmd/x",
    "a\0.mmd",
    "\ud800.mmd",
    "~",
    "-o",
    "x" * 5000,
    "in/" * 2000,
    "file:a.mmd",
    "catalogue.yaml",
    "theme.yaml",
    "theirs.yaml",
)
_NAMES = ("a", "../a", "a/b", ".a", "a\n", "con", "ü" * 100, "a" * 101, "", "\0", "a\ud800", "a b.c", "-", "٣")
_VALUES: tuple[object, ...] = (
    None,
    0,
    -1,
    10**400,
    1e308,
    True,
    "",
    "x",
    [],
    {},
    ["svg"],
    ["svg"] * 20,
    ["nope"],
    {"a": [{}]},
    "16:9",
)
_BROKEN = (b"", b"{", b"[]", b"\xff", b"null", b'{"jsonrpc":"2.0"}', b"[" * 5000, b'{"a":' * 5000, b'"\\ud800"')


def _source(rng: random.Random) -> str:
    return rng.choice(hostile_sources.GENERATORS)[1](rng)


def _arguments(rng: random.Random, name: str) -> dict[str, Any]:
    """Return the arguments of a call of a tool."""
    arguments: dict[str, Any] = {"path": rng.choice(_PATHS)}
    if name == "find_icons":
        arguments = {"query": rng.choice((*hostile_sources.TRICKS, "s3", "transit gateway", "x" * 300))}
    elif name != "import_infrastructure" and rng.random() < 0.7:
        arguments = {"source": _source(rng)}
    if name in ("render", "export") and rng.random() < 0.3:
        arguments["name"] = rng.choice(_NAMES)
    if name == "export":
        arguments["format"] = rng.choice(("drawio", "mermaid", "python", "dot", "json", "pptx", "svg", "report", "x"))
    elif name == "render":
        arguments["formats"] = ["svg"]
    elif name == "import_infrastructure" and rng.random() < 0.3:
        arguments["focus"] = rng.choice(("A", "A:1", *hostile_sources.TRICKS))
    if rng.random() < 0.15:
        schema = schema_of(TOOLS[name].arguments)
        arguments[rng.choice((*schema["properties"], "other", "path"))] = rng.choice(_VALUES)
    return arguments


def _make_folder(rng: random.Random, outside: Path) -> Path:
    """Make the folder of a server, with links out of it, and another one next to it."""
    root = outside / "project"
    (root / "in").mkdir(parents=True)
    (root / "diagramkit.toml").write_text("")
    (outside / "outside.mmd").write_text(f"graph LR\n  {_OUTSIDE}[Lambda] --> B\n")
    (outside / "outside.yaml").write_text(f"nodes: {{{_OUTSIDE}: Lambda}}\n")
    (root / "a.mmd").write_bytes(_source(rng).encode("utf-8", "surrogatepass"))
    (root / "a.yaml").write_text("title: A\nnodes: {a: Lambda}\n")
    (root / "template.yaml").write_bytes(hostile_templates.source(rng)[1].encode("utf-8", "surrogatepass"))
    (root / "in/catalogue.yaml").write_text("catalogue: T\ncontents:\n- {a: ../outside.yaml}\n")
    (root / "link.mmd").symlink_to("../outside.mmd")
    (root / "link").symlink_to("..")
    (root / "theirs.yaml").symlink_to("../outside.yaml")
    if hasattr(os, "mkfifo"):
        os.mkfifo(root / "in/pipe.mmd")
    if rng.random() < 0.2:  # Somebody has prepared the folder of the pictures.
        target = rng.choice(("../outside.yaml", "..", "../new"))
        (root / "diagrams").mkdir()
        (root / "diagrams" / rng.choice(("template.yaml", "diagram.svg", "a.svg"))).symlink_to(f"../{target}")
    elif rng.random() < 0.1:
        (root / "diagrams").symlink_to("..")
    return root


def _state(outside: Path, root: Path) -> dict[str, bytes]:
    """Return all files except those that tools may write, by path."""
    written = (root / "diagrams", root / ".diagramkit/import")
    return {
        str(path): path.read_bytes()
        for path in sorted(outside.rglob("*"))
        if path.is_file()
        and not path.is_symlink()
        and not any(path.is_relative_to(one) and not one.is_symlink() for one in written)
    }


def _check_answer(result: ToolResult) -> None:
    for text in result.texts:
        assert _OUTSIDE not in text, "a file from outside was read"
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", text), text[:500]
    assert "\t" not in result.texts[0]
    json.loads(result.texts[0])
    assert '"internal"' not in result.texts[0], result.texts[0][:1500]
    assert result.failed or "problems" in result.texts[0] or result.png or result.files or "icons" in result.texts[0]


def check_seed(seed: int) -> None:
    """Check the call of a seed. Raises an exception if there is a finding."""
    rng, folder = random.Random(seed), Path.cwd()
    with tempfile.TemporaryDirectory() as name:
        outside = Path(name)
        root = _make_folder(rng, outside)
        before = _state(outside, root)
        os.chdir(root)
        try:
            if seed % 50 == 0:
                _check_conversation(rng, root)
            else:
                _check_call(rng, str(root))
            assert _state(outside, root) == before, "a file was written that should not be"
        finally:
            os.chdir(folder)


def _check_call(rng: random.Random, root: str) -> None:
    tool = rng.choice([*TOOLS])
    calls = protocol.Calls(UNLIMITED, (), 1)
    with write_scope.limited(lambda: root), calls.running():
        for _ in range(rng.choice((1, 1, 2))):
            _check_answer(anyio.run(calls.call, tool, _arguments(rng, tool)))


def _message(number: int, method: str, params: object) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}).encode()


def _check_conversation(rng: random.Random, root: Path) -> None:
    client = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}}
    messages = [_message(0, "initialize", client), b'{"jsonrpc":"2.0","method":"notifications/initialized"}']
    for number in range(1, 20):
        if rng.random() < 0.3:
            messages.append(rng.choice(_BROKEN))
            continue
        tool = rng.choice([*TOOLS])
        arguments = rng.choice((_arguments(rng, tool), rng.choice(_VALUES)))
        messages.append(_message(number, "tools/call", {"name": rng.choice((tool, tool, "x")), "arguments": arguments}))
    messages.append(_message(99, "tools/list", {}))
    process = subprocess.Popen(
        [sys.executable, "-m", "diagramkit", "mcp", str(root)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    with process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        watch = threading.Timer(_LONGEST, process.kill)
        watch.start()
        process.stdin.write(b"\n".join(messages) + b"\n")
        process.stdin.flush()
        while True:  # A message that is not valid may have no answer.
            line = process.stdout.readline()
            assert line, f"the server ended: {process.stderr.read()[-1000:]!r}"
            assert _OUTSIDE.encode() not in line, "a file from outside was read"
            if json.loads(line).get("id") == 99:
                break
        process.stdin.close()
        assert _OUTSIDE.encode() not in process.stdout.read(), "a file from outside was read"
        assert process.wait(60) == 0
        watch.cancel()
        assert b"Traceback" not in process.stderr.read()


if __name__ == "__main__":
    sys.exit(seeds.main(check_seed, "calls", sys.argv[1:]))
