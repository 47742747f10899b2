"""The routes of the server for `diagramkit serve`.

The server answers only requests from its own page. It rejects other Host and Origin headers, so that no other page in
the browser can read or change the project (DNS rebinding, cross-site requests).
"""

from __future__ import annotations

import asyncio
import html
from collections.abc import AsyncIterator, Awaitable, Callable
from string import Template
from typing import Any

from msgspec.structs import replace
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from diagramkit import data, files, sources
from diagramkit.diagnostics import Span, problems_of
from diagramkit.outputs import OUTPUTS
from diagramkit.publish import gallery
from diagramkit.serve import drafts, edits
from diagramkit.serve.live_project import LiveProject, diagnostic_data, encodable
from diagramkit.sources import readers

_MAX_BODY_BYTES = 1_000_000

Handler = Callable[[Request], Awaitable[Response]]


def _format_menu() -> str:
    """Return the options of the download menu, one for each output format."""
    return "".join(
        f'<option value="{html.escape(output.name)}" data-extension="{html.escape(output.extension)}"'
        f"{' selected' if output.name == 'svg' else ''}>{html.escape(output.title)}</option>"
        for output in OUTPUTS.values()
    )


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
        is_followed_link = request.method == "GET" and request.url.path == "/"  # On another site.
        if host not in self.hosts or is_foreign or (is_cross_site and not is_followed_link):
            await Response("this server only answers requests from its own page", 403)(scope, receive, send)
            return
        # Pages of other sites can send forms and text without a preflight request, but not JSON (CORS).
        if request.method == "POST" and request.headers.get("content-type") != "application/json":
            await Response("the Content-Type must be application/json", 415)(scope, receive, send)
            return
        await self.app(scope, receive, send)


def _contained(handler: Handler) -> Handler:
    """Return a handler that answers with the problems (422) if an exception occurs, and so never fails."""

    async def answer(request: Request) -> Response:
        try:
            return await handler(request)
        except Exception as error:
            problems = [diagnostic_data(problem) for problem in problems_of(error, Span("serve"))]
            return JSONResponse({"message": problems[0]["message"], "problems": problems}, 422)

    return answer


class Server:
    """The routes of one project."""

    def __init__(self, project: LiveProject) -> None:
        self.project, self._executor = project, project.executor
        self._listeners: set[asyncio.Event] = set()

    def app(self, hosts: frozenset[str], start: Callable[[], Awaitable[None]]) -> Starlette:
        """Return the application. `start` runs in the background as long as the application does."""
        from contextlib import asynccontextmanager

        @asynccontextmanager
        async def lifespan(_: Starlette) -> AsyncIterator[None]:
            task = asyncio.ensure_future(start())
            yield
            self.wake()
            task.cancel()

        routes = [
            Route("/", _contained(self._page)),
            Route("/state", _contained(self._state)),
            Route("/events", self._events),
            Route("/picture/{name:path}", _contained(self._picture)),
            Route("/source/{name:path}", _contained(self._source)),
            Route("/icons", _contained(self._icons)),
            Route("/icon/{reference:path}", _contained(self._icon)),
            Route("/draw", _contained(self._draw), methods=["POST"]),
            Route("/write/{format}", _contained(self._write), methods=["POST"]),
            Route("/override", _contained(self._override), methods=["POST"]),
        ]
        return Starlette(routes=routes, middleware=[Middleware(Guard, hosts=hosts)], lifespan=lifespan)

    def wake(self) -> None:
        """Notify all open pages that the project changed."""
        for event in self._listeners:
            event.set()

    # Pages and pictures

    async def _page(self, _: Request) -> Response:
        state = self.project.state_data()
        parts = {name: data.text("serve", name).decode("utf-8") for name in ("live.html", "live.css", "live.js")}
        text = gallery.live_page(
            self.project.title,
            state["sections"],
            len(self.project.state.entries),
            Template(parts["live.html"]).substitute(formats=_format_menu(), languages=html.escape(readers.EDITORS)),
            (parts["live.js"],),
            parts["live.css"],
        )
        return HTMLResponse(text, headers={"Cache-Control": "no-store", "X-Frame-Options": "DENY"})

    async def _state(self, _: Request) -> Response:
        return JSONResponse(self.project.state_data(), headers={"Cache-Control": "no-store"})

    async def _events(self, request: Request) -> Response:
        """Send a line on every change (server-sent events, WHATWG HTML, section 9.2)."""

        async def lines() -> AsyncIterator[str]:
            event = asyncio.Event()
            self._listeners.add(event)
            try:
                yield f"data: {self.project.state.version}\n\n"
                while not await request.is_disconnected():
                    try:
                        await asyncio.wait_for(event.wait(), 15)
                    except TimeoutError:
                        yield ": still here\n\n"
                        continue
                    event.clear()
                    yield f"data: {self.project.state.version}\n\n"
            finally:
                self._listeners.discard(event)

        return StreamingResponse(lines(), media_type="text/event-stream", headers={"Cache-Control": "no-store"})

    async def _picture(self, request: Request) -> Response:
        entry = self.project.state.entries.get(request.path_params["name"])
        if entry is None:
            return Response("there is no such diagram", 404)
        return Response(
            entry.dark if "dark" in request.query_params else entry.light, media_type=OUTPUTS["svg"].media_type
        )

    async def _source(self, request: Request) -> Response:
        name = request.path_params["name"]
        path = self.project.state.files.get(name)
        if path is None:
            return Response("there is no such diagram", 404)
        pattern = self.project.state.entries[name].pattern
        editor = None if pattern.resources else readers.reader_of(path).editor
        text = sources.read_text(path) if editor else pattern.source_text
        return JSONResponse({"text": text, "kind": (editor or "Mermaid").lower(), "file": path})

    # Icons

    async def _icons(self, request: Request) -> Response:
        from diagramkit.icons import search

        query = request.query_params.get("q", "")[:100]
        hits = search.search(query, drafts.catalog(self.project.options))[:24] if query.strip() else []
        return JSONResponse([{"reference": hit.reference, "title": hit.title} for hit in hits if hit.available])

    async def _icon(self, request: Request) -> Response:
        png = await asyncio.to_thread(drafts.icon, request.path_params["reference"], self.project.options)
        if png is None:
            return Response("there is no such icon", 404)
        return Response(png, media_type="image/png", headers={"Cache-Control": "max-age=3600"})

    # Drafts and edits

    async def _draw(self, request: Request) -> Response:
        """Draw a draft: answer with its picture, its nodes with their icons, and its problems."""
        body = await self._body(request)
        options = replace(self.project.options, theme="dark" if body.get("dark") else "light")
        return JSONResponse(
            await asyncio.to_thread(drafts.render_draft, str(body.get("text", "")), options, self._executor)
        )

    async def _write(self, request: Request) -> Response:
        """Answer with a draft in a format, as a file to download."""
        format_name = request.path_params["format"]
        if format_name not in OUTPUTS:
            return Response("there is no such format", 404)
        body = await self._body(request)
        text = str(body.get("text", ""))
        exported = await asyncio.to_thread(drafts.export_draft, text, format_name, self.project.options, self._executor)
        return Response(exported, media_type=OUTPUTS[format_name].media_type)

    async def _override(self, request: Request) -> Response:
        """Write the icon of a node into its source file, or into the draft in the request."""
        body = await self._body(request)
        name = str(body.get("name", ""))
        path = self.project.state.files.get(name)
        if path is None:
            return JSONResponse({"message": "there is no such diagram"}, 404)
        node, icon = str(body.get("node", "")), str(body.get("icon", ""))
        try:
            if "text" in body:
                draft = await asyncio.to_thread(drafts.with_icon, str(body.get("text", "")), node, icon, self._executor)
                return JSONResponse({"message": "added to the draft; no file was changed", "text": draft})
            file = self.project.resolve(path)
            text = sources.read_text(path)
            pattern = self.project.state.entries[name].pattern
            new_text = await asyncio.to_thread(
                self._executor.call, pattern.span, edits.with_icon, text, path, pattern, node, icon
            )
            files.write(str(file), new_text.encode("utf-8"))
        except edits.EditError as error:
            return JSONResponse({"message": str(error)}, 422)
        if await asyncio.to_thread(self.project.refresh):
            self.wake()
        return JSONResponse({"message": f"updated {path}"})

    async def _body(self, request: Request) -> dict[str, Any]:
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
