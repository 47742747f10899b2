"""What requests the server answers, and how it reads them and contains failures.

The server answers only requests from its own page. It rejects other Host and Origin headers, so that no other page in
the browser can read or change the project (DNS rebinding, cross-site requests).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from diagramkit import files
from diagramkit.diagnostics import Span, problems_of
from diagramkit.serve.live_project import diagnostic_data, encodable

_MAX_BODY_BYTES = 1_000_000
_PAGES = ("/", "/edit")
"""The pages that a link on another site may open. What they show cannot be read there."""

Handler = Callable[[Request], Awaitable[Response]]


class Guard:
    """Middleware that rejects requests which do not come from the server's own page."""

    def __init__(self, app: ASGIApp, hosts: frozenset[str]) -> None:
        self.app, self.hosts = app, hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer with 403 or 415."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        host, origin = request.headers.get("host", ""), request.headers.get("origin")
        is_foreign = origin is not None and origin not in {f"http://{name}" for name in self.hosts}
        is_cross_site = request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none")
        is_followed_link = request.method == "GET" and _is_page(request.url.path)  # On another site.
        if host not in self.hosts or is_foreign or (is_cross_site and not is_followed_link):
            await Response("this server only answers requests from its own page", 403)(scope, receive, send)
            return
        # Pages of other sites can send forms and text without a preflight request, but not JSON (CORS).
        if request.method == "POST" and request.headers.get("content-type") != "application/json":
            await Response("the Content-Type must be application/json", 415)(scope, receive, send)
            return
        await self.app(scope, receive, send)


def _is_page(path: str) -> bool:
    return path in _PAGES or path.startswith("/edit/")


def contained(handler: Handler) -> Handler:
    """Return a handler that answers with the problems (422) if an exception occurs, and so never fails."""

    async def answer(request: Request) -> Response:
        try:
            return await handler(request)
        except Exception as error:
            problems = [diagnostic_data(problem) for problem in problems_of(error, Span("serve"))]
            return JSONResponse({"message": problems[0]["message"], "problems": problems}, 422)

    return answer


async def json_body(request: Request) -> dict[str, Any]:
    """Return the JSON object of a request, or an empty one if the body is too large or no JSON object."""
    raw = b""
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > _MAX_BODY_BYTES:
            return {}
    try:
        body = files.parse_json(raw)
    except ValueError:
        return {}
    if not isinstance(body, dict):
        return {}
    return {key: encodable(value) if isinstance(value, str) else value for key, value in body.items()}
