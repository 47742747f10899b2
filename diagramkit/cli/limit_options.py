"""The options `--timeout` and `--memory` of all commands that read sources, and the executor that enforces them."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager

from diagramkit.batch.bounds import Bounds
from diagramkit.cli.option_types import number

SETTINGS = ("timeout", "memory")
"""The settings that set these options."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options to a command."""
    parser.add_argument(
        "--timeout",
        type=number("time", "seconds", 0.01, 86400),
        metavar="SECONDS",
        help="stop reading a source, or drawing a diagram, that takes longer, report it, and continue with the next",
    )
    parser.add_argument(
        "--memory",
        type=number("size", "megabytes", 100, 1_000_000),
        metavar="MB",
        help="stop reading a source, or drawing a diagram, that needs more memory, report it, and continue with the "
        "next (Linux only)",
    )


@contextmanager
def executor(options: argparse.Namespace) -> Iterator[None]:
    """Set `options.executor`, with which a command that has these options reads sources and draws diagrams."""
    if not hasattr(options, "timeout"):
        yield
        return
    from diagramkit.batch.executor import Executor

    bounds = Bounds(options.timeout, options.memory and int(options.memory * 1_000_000))
    with Executor(bounds) as options.executor:
        yield
