"""The routes of the server for `diagramkit serve`: the gallery, and the pages of the editor (`editor_routes`)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from string import Template

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from diagramkit import data
from diagramkit.outputs import OUTPUTS
from diagramkit.publish import gallery
from diagramkit.serve.editor_page import project_id
from diagramkit.serve.editor_routes import EditorRoutes
from diagramkit.serve.guard import Guard, contained
from diagramkit.serve.live_project import LiveProject

PAGE_HEADERS = {"Cache-Control": "no-store", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer"}


class Server:
    """The routes of one project."""

    def __init__(self, project: LiveProject) -> None:
        self.project = project
        self._editor = EditorRoutes(project, self.wake, PAGE_HEADERS)
        self._listeners: set[asyncio.Event] = set()

    def app(self, hosts: frozenset[str], start: Callable[[], Awaitable[None]]) -> Starlette:
        """Return the application. `start` runs in the background as long as the application does."""
        from contextlib import asynccontextmanager

        @asynccontextmanager
        async def lifespan(_: Starlette) -> AsyncIterator[None]:
            tasks = [asyncio.ensure_future(start()), asyncio.ensure_future(asyncio.to_thread(self._editor.warm_up))]
            yield
            self.wake()
            for task in tasks:
                task.cancel()
            self._editor.close()

        routes = [
            Route("/", contained(self._page)),
            Route("/state", contained(self._state)),
            Route("/events", self._events),
            Route("/picture/{name:path}", contained(self._picture)),
            *self._editor.routes(),
        ]
        return Starlette(routes=routes, middleware=[Middleware(Guard, hosts=hosts)], lifespan=lifespan)

    def wake(self) -> None:
        """Notify all open pages that the project changed."""
        for event in self._listeners:
            event.set()

    async def _page(self, _: Request) -> Response:
        state = self.project.state_data()
        parts = {name: data.text("serve", name).decode("utf-8") for name in ("live.html", "live.css", "home.js")}
        text = gallery.live_page(
            self.project.title,
            state["sections"],
            len(self.project.state.entries),
            Template(parts["live.html"]).substitute(project=project_id(self.project.root)),
            (parts["home.js"],),
            parts["live.css"],
        )
        return HTMLResponse(text, headers=PAGE_HEADERS)

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
