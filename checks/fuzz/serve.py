"""Sends random requests and file events to `diagramkit serve`: `python -m checks.fuzz.serve`.

The server runs in a process of its own. Each seed gives a request with hostile content, or a hostile source that is
written, renamed or removed. Every request must be answered. In the end, the page must still be there, and a good source
that is saved must appear, so that the watcher is still running. Anything else is a finding.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from checks.fuzz import hostile_sources, seeds

ROOT = Path(__file__).resolve().parent.parent.parent
_GOOD = "graph LR\n  A[Lambda] --> B[S3]\n"
_PATHS = (
    "/",
    "/state",
    "/picture/{}",
    "/picture/{}?dark=1",
    "/source/{}",
    "/icons?q={}",
    "/icon/{}",
    "/edit/{}",
    "/file?path={}",
    "/assets/{}",
    "/language",
    "/settings",
    "/draw",
    "/nothing",
)
_POSTS = ("/draw", "/write/svg", "/write/png", "/write/drawio", "/write/{}", "/change", "/save", "/create", "/settings")
_WORDS = ("a", "../../etc/passwd", "\0", "é\ud800", "%", "A" * 5000, "<script>", "aws.compute.Lambda", "file:x", "")
_BAD_YAML = ("---\ndate: 2024-13-45\n---\n", "---\nx: !!int ''\n---\n", "---\nx: " + "9" * 5000 + "\n---\n")
_SECONDS = 60


class Session:
    """A server in a process of its own, and the project that it shows."""

    def __init__(self, port: int, project: Path) -> None:
        self._port, self._project = port, project

    def check_seed(self, seed: int) -> None:
        """Send the request of a seed, or change a file. Raises `AssertionError` if the answer is a finding."""
        rng = random.Random(seed)
        if rng.random() < 0.3:
            _change_file(self._project, rng)
            return
        method, path, body = _random_request(rng)
        status, answer = _request(self._port, method, path, body)
        is_answered = status < 500 and b"diagramkit failed here" not in answer
        assert is_answered, f"{method} {path[:60]}: {status} {answer[:300]!r}"

    def check_end(self) -> None:
        """Raise `AssertionError` if the page is gone, or the watcher sees no new file."""
        assert _request(self._port, "GET", "/", None)[0] == 200, "the page is gone"
        for file in self._project.iterdir():
            file.unlink()
        (self._project / "last.mmd").write_text(_GOOD, "utf-8")
        end = time.monotonic() + _SECONDS
        while _request(self._port, "GET", "/picture/last", None)[0] != 200:
            assert time.monotonic() < end, "the watcher no longer sees new files"
            time.sleep(0.2)


@contextlib.contextmanager
def session() -> Iterator[Session]:
    """Start a server. Raises `AssertionError` if it does not start."""
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder, "in")
        project.mkdir()
        Path(folder, "diagramkit.toml").write_text("")
        (project / "good.mmd").write_text(_GOOD, "utf-8")
        with subprocess.Popen(
            [sys.executable, "-m", "diagramkit", "serve", "in", "--port", "0"],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            errors="replace",
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        ) as process:
            try:
                assert process.stdout
                line = process.stdout.readline()
                address = re.search(r":(\d+)/", line)
                assert address, f"the server does not start: {line}"
                yield Session(int(address[1]), project)
            finally:
                process.kill()


def _random_request(rng: random.Random) -> tuple[str, str, bytes | None]:
    word = rng.choice(_WORDS)
    if rng.random() < 0.5:
        return "GET", rng.choice(_PATHS).format(quote(word.encode("utf-8", "replace"))), None
    text = hostile_sources.GENERATORS[rng.randrange(3)][1](rng) if rng.random() < 0.8 else rng.choice(_BAD_YAML) + _GOOD
    change = rng.choice(
        (
            {"kind": "icon", "node": rng.choice(("A", word)), "icon": word},
            {"kind": "pin", "pins": rng.choice(({"A": [1, 2]}, {word: [1, 2], "B": [1, 2]}, {"A": [word]}, [3], None))},
            {"kind": "unpin", "id": rng.choice(("A", word))},
            {"kind": "option", "name": rng.choice(("canvas", "theme", word)), "value": rng.choice((word, None, [1]))},
            word,
        )
    )
    body: Any = {
        "text": text,
        "name": rng.choice(("theme", "title", word)),
        "value": rng.choice((word, True, None, {})),
        "file": rng.choice(("in/good.mmd", "", word)),
        "digest": word,
        "language": rng.choice(("mermaid", "spec", "markdown", "", word)),
        "line": rng.choice((1, 10**9, -1, word)),
        "options": rng.choice(({"theme": word}, {"canvas": word, "title": word}, word)),
        "change": change,
    }
    if rng.random() < 0.3:
        del body["text"]
    raw = json.dumps(rng.choice((body, body, body, [body], {"text": [1]}, None, word))).encode()
    if rng.random() < 0.1:
        raw = rng.choice((b"[" * 100_000, b"{", b"\xff", raw[: len(raw) // 2], b'{"text": 1' + b"0" * 5000 + b"}"))
    return "POST", rng.choice(_POSTS).format(quote(word.encode("utf-8", "replace"))), raw


def _request(port: int, method: str, path: str, body: bytes | None) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    with contextlib.closing(connection):
        connection.request(method, path, body, {"Content-Type": "application/json"} if body is not None else {})
        response = connection.getresponse()
        return response.status, response.read()


def _change_file(project: Path, rng: random.Random) -> None:
    """Write, rename or remove a source."""
    extension, generate = hostile_sources.GENERATORS[rng.randrange(len(hostile_sources.GENERATORS))]
    path = project / f"{rng.choice(('a', 'b', 'c', 'good'))}{extension}"
    action = rng.random()
    if action < 0.6:
        path.write_bytes(generate(rng).encode("utf-8", "surrogatepass"))
    elif action < 0.8:
        (project / "y.mmd").write_text(rng.choice(_BAD_YAML) + _GOOD, "utf-8")
    elif action < 0.9:
        with contextlib.suppress(FileNotFoundError):
            (project / "y.mmd").rename(path)
    elif action < 0.95:
        Path(os.fsdecode(os.fsencode(project) + b"/\xff.mmd")).write_text("graph", "utf-8")
    else:
        path.unlink(missing_ok=True)


def main(argv: list[str]) -> int:
    """Check as many seeds as the command line says; return 1 if there is a finding, else 0."""
    with session() as running:
        code = seeds.main(running.check_seed, "requests and file events", argv)
        running.check_end()
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
