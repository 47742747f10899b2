"""`diagramkit mcp`: tools for AI agents, over the Model Context Protocol."""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import sys
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from diagramkit.cli import limit_options
from diagramkit.cli.option_types import number, port
from diagramkit.diagnostics import OK, Span, fail
from diagramkit.extras import install_command

if TYPE_CHECKING:
    from diagramkit.batch.bounds import Bounds

_LOCALHOST = "127.0.0.1"
_TOKEN = "DIAGRAMKIT_TOKEN"  # noqa: S105 - the name of a variable
_TOKEN_CHARACTERS = r"[A-Za-z0-9._~+/=-]+"  # noqa: S105 - a pattern
"""What a token consists of (RFC 6750)."""
_TIMEOUT = 60.0
"""Seconds within which a call ends."""
_MEMORY = 2000
"""Megabytes that a call may need."""


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "mcp",
        description="Offer tools to an AI agent over the Model Context Protocol: render, check, find_icons, export and "
        "import_infrastructure. By default, the server speaks with the program that starts it, on standard input and "
        "output. It writes only below FOLDER, and reads only sources below it and what they name in the same project. "
        "Needs the extra 'mcp'.",
    )
    parser.add_argument(
        "folder", nargs="?", default=".", metavar="FOLDER", help="the folder of the project (default: .)"
    )
    parser.add_argument(
        "--http",
        type=port,
        default=None,
        metavar="PORT",
        help=f"serve on this port of {_LOCALHOST} instead (0 for any free port), for clients that send the token that "
        f"the command prints, or the one in {_TOKEN}",
    )
    parser.add_argument(
        "--timeout",
        type=number("time", "seconds", 0.01, 86400),
        default=_TIMEOUT,
        metavar="SECONDS",
        help=f"end a call that takes longer (default: {_TIMEOUT:g})",
    )
    parser.add_argument(
        "--memory",
        type=number("size", "megabytes", 100, 1_000_000),
        default=_MEMORY,
        metavar="MB",
        help=f"end a call that needs more memory (Linux only, default: {_MEMORY})",
    )
    parser.set_defaults(run=run, parser=parser, configured=limit_options.SETTINGS)


def run(options: argparse.Namespace) -> int:
    """Serve until the client leaves, or until Ctrl-C. Raises `DiagramError` (no-mcp, no-such-file, port-in-use)."""
    if find_spec("mcp") is None:
        message = f"the server for agents needs the package mcp; install it with {install_command('mcp')}"
        raise fail("no-mcp", message, Span("mcp"))
    from diagramkit import write_scope
    from diagramkit.batch.bounds import Bounds
    from diagramkit.cli import inputs

    folder = Path(options.folder)
    if not folder.is_dir():
        raise fail("no-such-file", "there is no such folder; name the folder of a project", Span(options.folder))
    os.chdir(folder)
    root = str(Path.cwd())
    packs = inputs.current_packs()
    bounds = Bounds(options.timeout, int(options.memory * 1_000_000))
    with write_scope.limited(lambda: root), contextlib.suppress(KeyboardInterrupt):
        if options.http is None:
            from diagramkit.agents import protocol

            protocol.serve_stdio(bounds, packs)
        else:
            _serve_http(options.http, bounds, packs)
    return OK


def _serve_http(number: int, bounds: Bounds, packs: tuple[str, ...]) -> None:
    """Serve on a port until Ctrl-C. Raises `DiagramError` (wrong-value, port-in-use)."""
    import secrets
    import socket

    from diagramkit.agents import http

    try:
        listener = socket.create_server((_LOCALHOST, number))
    except OSError as error:
        message = f"port {number} is in use or not available ({error.strerror}); choose another one with --http"
        raise fail("port-in-use", message, Span("mcp")) from None
    token = os.environ.get(_TOKEN) or secrets.token_urlsafe(24)
    if not re.fullmatch(_TOKEN_CHARACTERS, token):
        message = "a header of HTTP cannot contain this token; use letters, digits and '-._~+/='"
        raise fail("wrong-value", message, Span(_TOKEN))
    address = f"http://{_LOCALHOST}:{listener.getsockname()[1]}{http.PATH}"
    shown = "the one in " + _TOKEN if os.environ.get(_TOKEN) else token
    message = f"serving {address}; token: {shown}; stop with Ctrl-C"
    http.serve(bounds, packs, listener, token, partial(print, message, file=sys.stderr, flush=True))
