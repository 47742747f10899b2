"""The argument SOURCE of the commands that draw all diagrams in files and folders."""

from __future__ import annotations

import argparse

from diagramkit.sources.readers import KINDS

DEFAULT_SOURCES = ("specs",)


def add(parser: argparse.ArgumentParser, others: str = "or folders") -> None:
    """Add the argument to a command; `others` says what else it may be, at the end of its help text."""
    parser.add_argument(
        "sources", nargs="*", metavar="SOURCE", help=f"{KINDS}, {others} (default: {', '.join(DEFAULT_SOURCES)})"
    )
    parser.set_defaults(default_sources=list(DEFAULT_SOURCES))
