"""The server of the tools over HTTP, for clients on this machine that know its token.

It rejects requests with another Host or Origin header, so that no page in a browser can reach it (DNS rebinding,
cross-site requests). Calls keep no state, so that clients can come and go.
"""

from __future__ import annotations

import hmac
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from mcp.server.transport_security import TransportSecuritySettings
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from diagramkit.agents import protocol
from diagramkit.agents.tools import Packs
from diagramkit.batch.bounds import Bounds

PATH = "/mcp"
_MAX_BODY = 8_000_000  # Bytes: more than the largest source, as JSON.


class TokenCheck:
    """Middleware that rejects requests without the token of the server."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self.app, self._expected = app, f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer with 401."""
        if scope["type"] == "http":
            sent = Request(scope).headers.get("authorization", "").encode()
            if not hmac.compare_digest(sent, self._expected):
                response = Response("the header Authorization must contain the token", 401)
                await response(scope, receive, send)
                return
        await self.app(scope, receive, send)


def app(bounds: Bounds, packs: Packs, port: int, token: str, on_start: Callable[[], None]) -> Starlette:
    """Return the application for a port of this machine. It calls `on_start` when it can be used."""
    hosts = [f"127.0.0.1:{port}", f"localhost:{port}"]
    security = TransportSecuritySettings(allowed_hosts=hosts, allowed_origins=[f"http://{host}" for host in hosts])
    calls = protocol.Calls(bounds, packs, protocol.processes())
    inner = protocol.server(calls).streamable_http_app(
        streamable_http_path=PATH,
        json_response=True,
        stateless_http=True,
        max_request_body_size=_MAX_BODY,
        transport_security=security,
    )

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        with calls.running():
            async with inner.router.lifespan_context(inner):
                on_start()
                yield

    return Starlette(routes=inner.routes, middleware=[Middleware(TokenCheck, token=token)], lifespan=lifespan)


def serve(bounds: Bounds, packs: Packs, listener: socket.socket, token: str, on_start: Callable[[], None]) -> None:
    """Serve until Ctrl-C. `on_start` is called when that works."""
    import uvicorn

    served = app(bounds, packs, listener.getsockname()[1], token, on_start)
    config = uvicorn.Config(served, log_level="warning", timeout_graceful_shutdown=1)
    uvicorn.Server(config).run(sockets=[listener])
