"""Sends requests to the routes of `diagramkit serve`, without a server process."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from diagramkit.options import Options
from diagramkit.serve.app import Server
from diagramkit.serve.live_project import LiveProject

HOSTS = frozenset({"localhost:8600", "127.0.0.1:8600"})


async def forever() -> None:
    """Wait without end."""
    await asyncio.Event().wait()


class Client:
    """Sends requests to the routes of the project in the current folder, without a server process."""

    def __init__(self) -> None:
        live_project = LiveProject(["a.mmd", "s.yaml", "d.md", "../outside/o.mmd"], Path.cwd(), Options(), "T")
        live_project.refresh()
        self._server = Server(live_project)
        self._app = self._server.app(HOSTS, forever)

    def request(self, path: str, body: Any = None, **headers: str) -> tuple[int, bytes]:
        """Return the status and the body of the answer. A `body` is sent as it is if it is bytes, otherwise as JSON."""
        return asyncio.run(self._request(path, body, headers))

    def source(self, name: str) -> dict[str, Any]:
        """Return the source of a diagram."""
        return dict(json.loads(self.request(f"/source/{name}")[1]))

    async def _request(self, path: str, body: Any, headers: dict[str, str]) -> tuple[int, bytes]:
        raw = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        fields = {"Host": "localhost:8600", **({} if raw is None else {"Content-Type": "application/json"})}
        fields |= {name.replace("_", "-"): value for name, value in headers.items()}
        path, _, query = path.partition("?")
        scope = {
            "type": "http",
            "method": "GET" if raw is None else "POST",
            "path": path,
            "query_string": query.encode(),
            "headers": [(name.lower().encode(), value.encode()) for name, value in fields.items()],
        }
        chunks = iter(range(0, max(len(raw or b""), 1), 400_000))
        sent: list[Any] = []

        async def receive() -> dict[str, Any]:
            start = next(chunks)
            more = start + 400_000 < len(raw or b"")
            return {"type": "http.request", "body": (raw or b"")[start : start + 400_000], "more_body": more}

        async def send(message: Any) -> None:
            sent.append(message)

        await self._app(scope, receive, send)
        # A request that is rejected is not carried out after all.
        assert [message["type"] for message in sent].count("http.response.start") == 1
        return sent[0]["status"], b"".join(message.get("body", b"") for message in sent)
