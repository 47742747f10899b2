"""`diagramkit serve`: the gallery, live."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from diagramkit.cli import console, style_options
from diagramkit.diagnostics import OK, Span, fail

if TYPE_CHECKING:
    from diagramkit.serve.app import Server
    from diagramkit.serve.live_project import LiveProject

_LOCAL = "127.0.0.1"


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "serve",
        description="Show the gallery in a browser, live: redrawn on each save, with a pane to edit in, "
        "downloads in every form, and icons to choose. For this machine alone, unless told otherwise. Needs the extra "
        "'serve'.",
    )
    parser.add_argument(
        "sources", nargs="*", metavar="SOURCE", help="specs, .mmd or Markdown files, folders of them (default: specs)"
    )
    parser.add_argument(
        "--host",
        default=_LOCAL,
        metavar="ADDRESS",
        help=f"the address to listen on; any but this machine's own lets others in who reach it (default: {_LOCAL})",
    )
    parser.add_argument("--port", type=int, default=8600, metavar="N", help="the port; 0 for any (default: 8600)")
    style_options.add(parser)
    parser.set_defaults(run=run, parser=parser, engine="layered", configured=True, usual_sources=["specs"])


def run(options: argparse.Namespace) -> int:
    """Serve until Ctrl-C. Raises `DiagramError` (no-serve, port-in-use)."""
    if any(find_spec(name) is None for name in ("starlette", "uvicorn", "watchfiles")):
        message = "serving needs starlette, uvicorn and watchfiles; install them with pip install 'diagramkit[serve]'"
        raise fail("no-serve", message, Span("serve"))
    from diagramkit import project, sources
    from diagramkit.icons.packs import installed
    from diagramkit.pipeline import Options
    from diagramkit.serve.live_project import LiveProject

    style_options.check_theme(options)
    given = options.sources or options.usual_sources
    sources.find(given)  # What is not there is told before anything is served.
    how = Options(
        options.theme,
        None,
        options.engine,
        options.background,
        look=style_options.read(options),
        packs=installed.current_packs(),
    )
    title = sources.catalog_title(given) or "Architecture diagrams"
    served = LiveProject(given, Path(project.root_of(Path.cwd())), how, title)
    served.refresh()
    return _serve(served, options.host, options.port)


def _serve(served: LiveProject, host: str, port: int) -> int:
    import socket

    import uvicorn

    from diagramkit.serve.app import Server

    try:
        listening = socket.create_server((host, port))
    except OSError as error:
        message = f"port {port} cannot be had ({error.strerror}); choose another with --port"
        raise fail("port-in-use", message, Span("serve")) from None
    port = listening.getsockname()[1]
    server = Server(served)
    hosts = frozenset(f"{name}:{port}" for name in {host, "localhost", _LOCAL})
    app = server.app(hosts, lambda: _watch(served, server))
    with contextlib.suppress(KeyboardInterrupt):
        console.done(f"serving http://{'localhost' if host == _LOCAL else host}:{port}/; stop with Ctrl-C")
        console.flush()
        config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1)
        uvicorn.Server(config).run(sockets=[listening])
    console.done("stopped")
    return OK


async def _watch(served: LiveProject, server: Server) -> None:
    """Draw again what is saved, and let the pages know."""
    import watchfiles

    from diagramkit import sources

    def counts(_: object, path: str) -> bool:
        name = os.path.basename(path).lower()
        return not name.startswith(".") and name.endswith((*sources.EXTENSIONS, ".svg", ".png"))

    places = sorted({place if Path(place).is_dir() else str(Path(place).parent) for place in served.source_names})
    async for changes in watchfiles.awatch(*places, watch_filter=counts, step=20, debounce=200):
        whole = not all(path.lower().endswith(sources.EXTENSIONS) for _, path in changes)
        if await asyncio.to_thread(served.refresh, whole):
            server.wake()
