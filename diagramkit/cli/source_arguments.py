"""The argument SOURCE of the commands that draw all diagrams in files and folders."""

from __future__ import annotations

import argparse
from pathlib import Path

from diagramkit.diagnostics import Span, fail
from diagramkit.sources.readers import KINDS

DEFAULT_SOURCES = ("specs",)


def add(parser: argparse.ArgumentParser, others: str = "or folders") -> None:
    """Add the argument to a command; `others` says what else it may be, at the end of its help text."""
    parser.add_argument(
        "sources", nargs="*", metavar="SOURCE", help=f"{KINDS}, {others} (default: {', '.join(DEFAULT_SOURCES)})"
    )
    parser.set_defaults(default_sources=list(DEFAULT_SOURCES))


def chosen(options: argparse.Namespace) -> list[str]:
    """Return the sources that the command line names, else those of the settings, else the usual folder.

    Raises `DiagramError` (no-sources) if there is not even that folder.
    """
    sources: list[str] = options.sources or options.default_sources
    if sources == list(DEFAULT_SOURCES) and not options.sources and not Path(sources[0]).exists():
        message = "nothing to render here: name a file or folder, or run 'diagramkit new'"
        raise fail("no-sources", message, Span(sources[0]))
    return sources
