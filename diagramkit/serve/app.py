"""The server's routes. It answers its own page alone: a foreign Host or Origin is refused, so that no other page in
the browser can read or change a project (DNS rebinding, cross-site requests)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from msgspec.structs import replace
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from diagramkit import data, files, sources
from diagramkit.diagnostics import DiagramError
from diagramkit.publish import gallery
from diagramkit.serve import drafts, edits
from diagramkit.serve.live_project import LiveProject, diagnostic_data

_LARGEST = 1_000_000
"""The most bytes that a request may have."""
_KINDS = {
    "svg": "image/svg+xml",
    "png": "image/png",
    "pdf": "application/pdf",
    "webp": "image/webp",
    "mmd": "text/plain; charset=utf-8",
    "drawio": "application/xml",
    "python": "text/x-python",
    "dot": "text/vnd.graphviz",
    "json": "application/json",
}


class Guard:
    """Refuses what does not come from this server's own page."""

    def __init__(self, app: ASGIApp, hosts: frozenset[str]) -> None:
        self.app, self.hosts = app, hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with 403 or pass on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        host, origin = request.headers.get("host", ""), request.headers.get("origin")
        foreign = origin is not None and urlsplit(origin).netloc not in self.hosts
        cross = request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none")
        followed = request.method == "GET" and request.url.path == "/"  # A link from elsewhere.
        if host not in self.hosts or foreign or (cross and not followed):
            await Response("this server answers its own page only", 403)(scope, receive, send)
            return
        if request.method == "POST" and request.headers.get("content-type") != "application/json":
            await Response("JSON is expected", 415)(scope, receive, send)
            return
        await self.app(scope, receive, send)


class Server:
    """The routes of one project."""

    def __init__(self, project: LiveProject) -> None:
        self.project = project
        self._waiting: set[asyncio.Event] = set()

    def app(self, hosts: frozenset[str], start: Callable[[], Awaitable[None]]) -> Starlette:
        """The application; `start` runs beside it."""
        from contextlib import asynccontextmanager

        @asynccontextmanager
        async def lifespan(_: Starlette) -> AsyncIterator[None]:
            task = asyncio.ensure_future(start())
            yield
            self.wake()
            task.cancel()

        routes = [
            Route("/", self._page),
            Route("/state", self._state),
            Route("/events", self._events),
            Route("/picture/{name:path}", self._picture),
            Route("/source/{name:path}", self._source),
            Route("/icons", self._icons),
            Route("/icon/{reference:path}", self._icon),
            Route("/draw", self._draw, methods=["POST"]),
            Route("/write/{form}", self._write, methods=["POST"]),
            Route("/override", self._override, methods=["POST"]),
        ]
        return Starlette(routes=routes, middleware=[Middleware(Guard, hosts=hosts)], lifespan=lifespan)

    def wake(self) -> None:
        """Let all pages know that something changed."""
        for event in self._waiting:
            event.set()

    # What is shown

    async def _page(self, _: Request) -> Response:
        state = self.project.as_data()
        own = {name: data.text("serve", name).decode("utf-8") for name in ("live.html", "live.css", "live.js")}
        text = gallery.live_page(
            self.project.title,
            state["sections"],
            len(self.project.state.shown),
            own["live.html"],
            (own["live.js"],),
            own["live.css"],
        )
        return HTMLResponse(text, headers={"Cache-Control": "no-store", "X-Frame-Options": "DENY"})

    async def _state(self, _: Request) -> Response:
        return JSONResponse(self.project.as_data(), headers={"Cache-Control": "no-store"})

    async def _events(self, request: Request) -> Response:
        """A line whenever something changed (server-sent events, WHATWG HTML 9.2)."""

        async def lines() -> AsyncIterator[str]:
            event = asyncio.Event()
            self._waiting.add(event)
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
                self._waiting.discard(event)

        return StreamingResponse(lines(), media_type="text/event-stream", headers={"Cache-Control": "no-store"})

    async def _picture(self, request: Request) -> Response:
        shown = self.project.state.shown.get(request.path_params["name"])
        if shown is None:
            return Response("there is no such diagram", 404)
        return Response(shown.dark if "dark" in request.query_params else shown.light, media_type=_KINDS["svg"])

    async def _source(self, request: Request) -> Response:
        name = request.path_params["name"]
        path = self.project.state.files.get(name)
        if path is None:
            return Response("there is no such diagram", 404)
        pattern = self.project.state.shown[name].pattern
        ending = sources.file_extension(path)
        text = sources.read_text(path) if ending in (*sources.SPEC_EXTENSIONS, *sources.MERMAID_EXTENSIONS) else pattern.source_text
        return JSONResponse({"text": text, "kind": "yaml" if ending in sources.SPEC_EXTENSIONS else "mermaid", "file": path})

    # Icons

    async def _icons(self, request: Request) -> Response:
        from diagramkit.icons import search

        query = request.query_params.get("q", "")[:100]
        found = search.search(query, drafts.catalog(self.project.how))[:24] if query.strip() else []
        return JSONResponse([{"reference": one.reference, "title": one.title} for one in found if one.drawn])

    async def _icon(self, request: Request) -> Response:
        found = await asyncio.to_thread(drafts.icon, request.path_params["reference"], self.project.how)
        if found is None:
            return Response("there is no such icon", 404)
        return Response(found, media_type="image/png", headers={"Cache-Control": "max-age=3600"})

    # What is written

    async def _draw(self, request: Request) -> Response:
        """A draft drawn: its picture, and each node's icon with the reason for it; or what is wrong."""
        body = await self._body(request)
        how = replace(self.project.how, theme="dark" if body.get("dark") else "light")
        return JSONResponse(await asyncio.to_thread(drafts.render_draft, str(body.get("text", "")), how))

    async def _write(self, request: Request) -> Response:
        """A draft as a file to download."""
        form = request.path_params["form"]
        if form not in _KINDS:
            return Response("there is no such form", 404)
        body = await self._body(request)
        try:
            made = await asyncio.to_thread(drafts.export_draft, str(body.get("text", "")), form, self.project.how)
        except DiagramError as error:
            return JSONResponse({"problems": [diagnostic_data(problem) for problem in error.problems]}, 422)
        return Response(made, media_type=_KINDS[form])

    async def _override(self, request: Request) -> Response:
        """Write a node's icon into its source."""
        body = await self._body(request)
        name = str(body.get("name"))
        path = self.project.state.files.get(name)
        if path is None:
            return JSONResponse({"message": "there is no such diagram"}, 404)
        node, icon = str(body.get("node")), str(body.get("icon"))
        try:
            if "text" in body:
                made = await asyncio.to_thread(drafts.with_icon, str(body["text"]), node, icon)
                return JSONResponse({"message": "put into the draft, in no file yet", "text": made})
            place = self.project.inside(path)
            text = sources.read_text(path)
            pattern = self.project.state.shown[name].pattern
            made = edits.with_icon(text, path, pattern, str(body.get("node")), str(body.get("icon")))
            files.write(str(place), made.encode("utf-8"))
        except (ValueError, DiagramError) as error:
            said = error.problems[0].message if isinstance(error, DiagramError) else str(error)
            return JSONResponse({"message": said}, 422)
        if await asyncio.to_thread(self.project.refresh):
            self.wake()
        return JSONResponse({"message": f"wrote {path}"})

    async def _body(self, request: Request) -> dict[str, Any]:
        """A request's JSON; nothing where it is too large or none."""
        raw = b""
        async for part in request.stream():
            raw += part
            if len(raw) > _LARGEST:
                return {}
        try:
            found = json.loads(raw)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}
