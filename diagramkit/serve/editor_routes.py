"""The routes of the editor: its page, sources and drafts, changes of a draft, icons, settings and downloads."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from diagramkit.batch.bounds import UNLIMITED
from diagramkit.batch.executor import Executor
from diagramkit.options import Options
from diagramkit.outputs import OUTPUTS
from diagramkit.serve import documents, draft_changes, drafts, editor_page, icon_list, settings_file
from diagramkit.serve.documents import ChangedError, SourceDocument
from diagramkit.serve.drafts import Draft
from diagramkit.serve.edits import EditError
from diagramkit.serve.guard import contained, json_body
from diagramkit.serve.live_project import LiveProject
from diagramkit.sources import starters

_NO_STORE = {"Cache-Control": "no-store"}
_CONFLICT, _INVALID = 409, 422


class EditorRoutes:
    """The routes of the editor of one project.

    `wake` notifies the open pages of changes. Drafts have an executor of their own, so that they do not wait for the
    other diagrams of the project.
    """

    def __init__(self, project: LiveProject, wake: Callable[[], None], page_headers: Mapping[str, str]) -> None:
        self.project, self._wake, self._page_headers = project, wake, page_headers
        self._executor = Executor(project.executor.bounds)

    def routes(self) -> list[Route]:
        """Return all routes."""
        return [
            Route("/edit", contained(self._page)),
            Route("/edit/{name:path}", contained(self._page)),
            Route("/assets/{name}", contained(self._asset)),
            Route("/language", contained(self._language)),
            Route("/source/{name:path}", contained(self._source)),
            Route("/file", contained(self._file)),
            Route("/draw", contained(self._draw), methods=["POST"]),
            Route("/write/{format}", contained(self._write), methods=["POST"]),
            Route("/change", contained(self._change), methods=["POST"]),
            Route("/save", contained(self._save), methods=["POST"]),
            Route("/create", contained(self._create), methods=["POST"]),
            Route("/settings", contained(self._settings)),
            Route("/settings", contained(self._write_setting), methods=["POST"]),
            Route("/icons", contained(self._icons)),
            Route("/icon/{reference:path}", contained(self._icon)),
        ]

    def warm_up(self) -> None:
        """Draw something in the process for drafts, so that the first one does not wait for fonts and icons."""
        if self._executor.bounds == UNLIMITED:
            return  # Drafts are drawn in this process, which has drawn the project.
        drafts.render_draft(Draft(starters.mermaid(starters.TEMPLATES[0])), self.project.options, self._executor)

    def close(self) -> None:
        """End the worker process of drafts."""
        self._executor.__exit__()

    # The page

    async def _page(self, request: Request) -> Response:
        text = editor_page.page(self.project.title, request.headers["host"], self.project.root)
        return HTMLResponse(text, headers=dict(self._page_headers))

    async def _asset(self, request: Request) -> Response:
        asset = editor_page.asset(request.path_params["name"])
        if asset is None:
            return Response("there is no such file", 404)
        headers = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
        return Response(asset.content, media_type=asset.media_type, headers=headers)

    async def _language(self, _: Request) -> Response:
        return JSONResponse(await asyncio.to_thread(editor_page.language_data))

    # Sources

    async def _source(self, request: Request) -> Response:
        return _document(documents.open_diagram(self.project, request.path_params["name"]))

    async def _file(self, request: Request) -> Response:
        return _document(documents.open_file(self.project, request.query_params.get("path", "")))

    async def _save(self, request: Request) -> Response:
        body = await json_body(request)
        path, text, digest = (str(body.get(name, "")) for name in ("file", "text", "digest"))
        if "text" not in body:
            return JSONResponse({"message": "the text is larger than 1 MB; use another editor"}, _INVALID)
        try:
            saved = documents.save(self.project, path, text, digest)
        except ChangedError as error:
            return JSONResponse(msgspec.to_builtins(error.current), _CONFLICT)
        await self._refresh()
        return _document(saved)

    async def _create(self, request: Request) -> Response:
        body = await json_body(request)
        path, text = str(body.get("name", "")), str(body.get("text", ""))
        if "text" not in body:
            return JSONResponse({"message": "the text is larger than 1 MB; use another editor"}, _INVALID)
        document = await asyncio.to_thread(documents.create, self.project, path, text)
        self._wake()
        names = self.project.state.names(document.file)
        return JSONResponse({**msgspec.to_builtins(document), "name": names[0] if names else ""})

    async def _refresh(self) -> None:
        if await asyncio.to_thread(self.project.refresh):
            self._wake()

    # Drafts

    async def _draw(self, request: Request) -> Response:
        """Draw a draft: answer with its picture, what is in it, and its problems."""
        body = await json_body(request)
        return JSONResponse(
            await asyncio.to_thread(drafts.render_draft, self._draft(body), self._options(body), self._executor)
        )

    async def _write(self, request: Request) -> Response:
        """Answer with a draft in a format, as a file to download."""
        format_name = request.path_params["format"]
        if format_name not in OUTPUTS:
            return Response("there is no such format", 404)
        body = await json_body(request)
        exported = await asyncio.to_thread(
            drafts.export_draft, self._draft(body), format_name, self._options(body), self._executor
        )
        return Response(exported, media_type=OUTPUTS[format_name].media_type)

    async def _change(self, request: Request) -> Response:
        """Answer with a draft after a change that was made on the picture, such as another icon."""
        body = await json_body(request)
        change = body.get("change")
        if not isinstance(change, dict):
            return JSONResponse({"message": "there is no change"}, _INVALID)
        try:
            text = await asyncio.to_thread(
                draft_changes.apply, self._draft(body), change, self.project.root, self._executor
            )
        except EditError as error:
            return JSONResponse({"message": str(error)}, _INVALID)
        return JSONResponse({"text": text})

    def _draft(self, body: dict[str, Any]) -> Draft:
        """Return the draft in a request. It cannot name files outside of the sources, which decide what is read."""
        text, file, language = (str(body.get(name, "")) for name in ("text", "file", "language"))
        line = body.get("line", 1)
        return Draft(text, file if file in self.project.known else "", language, line if isinstance(line, int) else 1)

    def _options(self, body: dict[str, Any]) -> Options:
        """Return the options for drawing a draft: those of the project, except what the page tries out."""
        options = settings_file.with_values(self.project.options, body.get("options"))
        if options.theme == "auto" and "page_theme" in body:
            return replace(options, theme="dark" if body["page_theme"] == "dark" else "light")
        return options

    # Settings

    async def _settings(self, _: Request) -> Response:
        return JSONResponse(settings_file.current(self.project), headers=_NO_STORE)

    async def _write_setting(self, request: Request) -> Response:
        body = await json_body(request)
        name, value = str(body.get("name", "")), body.get("value")
        try:
            message = await asyncio.to_thread(settings_file.write, self.project, name, value)
        except EditError as error:
            return JSONResponse({"message": str(error)}, _INVALID)
        await asyncio.to_thread(self.project.refresh, True)
        self._wake()
        return JSONResponse({"message": message, **settings_file.current(self.project)})

    # Icons

    async def _icons(self, request: Request) -> Response:
        query, category = (request.query_params.get(name, "")[:100] for name in ("q", "category"))
        listed = await asyncio.to_thread(icon_list.listing, query, category, self.project.options, self.project.root)
        return JSONResponse(listed)

    async def _icon(self, request: Request) -> Response:
        reference = request.path_params["reference"]
        png = await asyncio.to_thread(icon_list.icon, reference, self.project.options, self.project.root)
        if png is None:
            return Response("there is no such icon", 404)
        return Response(png, media_type="image/png", headers={"Cache-Control": "max-age=3600"})


def _document(document: SourceDocument | None) -> Response:
    if document is None:
        return Response("there is no such diagram", 404)
    return JSONResponse(msgspec.to_builtins(document), headers=_NO_STORE)
