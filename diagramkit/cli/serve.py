"""`diagramkit serve`: the gallery as a local web server, with live updates and an editor."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from diagramkit.cli import console, limit_options, source_arguments, style_options
from diagramkit.cli.option_types import port
from diagramkit.diagnostics import OK, Diagnostic, Span, fail, problems_of
from diagramkit.extras import install_command
from diagramkit.project import SETTINGS
from diagramkit.sources import readers

if TYPE_CHECKING:
    from diagramkit.batch.executor import Executor
    from diagramkit.serve.app import Server
    from diagramkit.serve.live_project import LiveProject

_LOCALHOST = "127.0.0.1"

_TIMEOUT = 1000
"""Milliseconds of one wait for changes, and between attempts to watch after an error."""


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "serve",
        description="Show the gallery in a browser and update it whenever a source is saved. It has an editor, an icon "
        "picker, and downloads in every format. By default, only this machine can connect. Needs the extra 'serve'.",
    )
    source_arguments.add(parser)
    parser.add_argument(
        "--host",
        default=_LOCALHOST,
        metavar="ADDRESS",
        help="the address to listen on; with any but the default, everybody who can reach it can connect (default: "
        f"{_LOCALHOST})",
    )
    parser.add_argument(
        "--port", type=port, default=8600, metavar="N", help="the port, or 0 for any free port (default: 8600)"
    )
    limit_options.add_options(parser)
    style_options.add_options(parser)
    parser.set_defaults(run=run, parser=parser, configured=SETTINGS)


def run(options: argparse.Namespace) -> int:
    """Serve until Ctrl-C. Raises `DiagramError` (no-serve, port-in-use)."""
    if any(find_spec(name) is None for name in ("starlette", "uvicorn", "watchfiles")):
        message = f"serve needs starlette, uvicorn and watchfiles; install them with {install_command('serve')}"
        raise fail("no-serve", message, Span("serve"))
    from diagramkit import project, sources
    from diagramkit.cli import inputs
    from diagramkit.serve.live_project import LiveProject

    style_options.check_theme(options)
    source_paths = source_arguments.chosen(options)
    executor: Executor = options.executor
    sources.find(source_paths, executor.read_index)  # Report missing sources before the server starts.
    draw_options = style_options.read(options, inputs.current_packs())
    title = sources.catalog_title(source_paths, executor.read_index) or "Architecture diagrams"
    live_project = LiveProject(source_paths, Path(project.root_of(Path.cwd())), draw_options, title, executor)
    live_project.refresh()
    return _serve(live_project, options.host, options.port)


def _serve(live_project: LiveProject, host: str, port: int) -> int:
    """Serve until Ctrl-C and return the exit code. Raises `DiagramError` (port-in-use)."""
    import socket

    import uvicorn

    from diagramkit.serve.app import Server

    try:
        listener = socket.create_server((host, port))
    except OSError as error:
        message = f"port {port} is in use or not available ({error.strerror}); choose another one with --port"
        raise fail("port-in-use", message, Span("serve")) from None
    port = listener.getsockname()[1]
    server = Server(live_project)
    hosts = frozenset(f"{name}:{port}" for name in {host, "localhost", _LOCALHOST})
    app = server.app(hosts, lambda: _watch(live_project, server))
    with contextlib.suppress(KeyboardInterrupt):
        console.info(f"serving http://{'localhost' if host == _LOCALHOST else host}:{port}/; stop with Ctrl-C")
        console.flush()
        config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1)
        uvicorn.Server(config).run(sockets=[listener])
    console.info("stopped")
    return OK


async def _watch(live_project: LiveProject, server: Server) -> None:
    """Redraw diagrams whose sources are saved, and notify the open pages."""
    import watchfiles

    def is_relevant(_: object, path: str) -> bool:
        name = os.path.basename(path).lower()
        return not name.startswith(".") and name.endswith((*readers.NAMED_EXTENSIONS, ".svg", ".png"))

    folders = sorted({path if Path(path).is_dir() else str(Path(path).parent) for path in live_project.source_names})
    reported: tuple[Diagnostic, ...] = ()
    has_missed_changes = False
    while True:
        try:
            async for changes in watchfiles.awatch(
                *folders, watch_filter=is_relevant, step=20, debounce=200, rust_timeout=_TIMEOUT, yield_on_timeout=True
            ):
                if changes or has_missed_changes:
                    has_missed_changes = False
                    # A changed icon can be in any diagram, so all of them are redrawn.
                    redraw_all = not all(path.lower().endswith(readers.EXTENSIONS) for _, path in changes)
                    if await asyncio.to_thread(live_project.refresh, redraw_all):
                        server.wake()
            return
        except Exception as error:  # For example, a folder was removed, or a file name is not text.
            problems = problems_of(error, Span("serve"))
            console.report(problems if problems != reported else ())
            reported, has_missed_changes = problems, True
            await asyncio.sleep(_TIMEOUT / 1000)
