"""How a command speaks: problems on standard error, a line each with the line of the source and a caret below;
or, for machines, on standard output in the format that was asked for."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

from msgspec import Struct, field

from diagramkit.diagnostics import Diagnostic, printable
from diagramkit.excerpts import excerpt

FORMATS = ("text", "json", "github", "sarif")


class _Voice(Struct):
    """How the command that runs was asked to speak, and what is told at its end."""

    format: str = "text"
    quiet: bool = False
    verbose: bool = False
    held: list[Diagnostic] = field(default_factory=list)
    told: list[Diagnostic] = field(default_factory=list)


_voice = _Voice()


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options that say how to speak."""
    parser.add_argument(
        "--output-format",
        choices=FORMATS,
        default="text",
        help="how findings are told: as text on standard error, or for machines on standard output (default: text)",
    )
    parser.add_argument("-q", "--quiet", action="store_true", help="tell findings only, not what was done")


def add_more(parser: argparse.ArgumentParser) -> None:
    """Add the option that asks for reasons."""
    parser.add_argument("-v", "--verbose", action="store_true", help="tell also why a source is drawn")


@contextmanager
def speaking(options: argparse.Namespace) -> Iterator[None]:
    """Speak as a command's options ask, until it is done."""
    global _voice  # noqa: PLW0603 - standard output is the process's own too
    before = _voice
    _voice = _Voice(
        getattr(options, "output_format", "text"),
        getattr(options, "quiet", False),
        getattr(options, "verbose", False),
    )
    try:
        yield
    finally:
        voice, _voice = _voice, before
        if voice.format != "text":
            from diagramkit.cli import diagnostic_formats

            if told := diagnostic_formats.WRITERS[voice.format](voice.held):
                _print(told, sys.stdout)


def report(problems: Iterable[Diagnostic]) -> None:
    """Tell problems."""
    for problem in problems:
        if problem.severity != "note":
            _voice.told.append(problem)
        if _voice.format == "text":
            _print("\n".join([str(problem), *excerpt(problem)]), sys.stderr)
        else:
            _voice.held.append(problem)


def _print(text: str, stream: TextIO) -> None:
    """Print; where whoever read it has gone (`diagramkit render | head`), or nothing can be told of what is wrong,
    the work goes on, told to nobody. Raises `OSError` where standard output goes to a full disk."""
    try:
        print(text, file=stream)
    except OSError as error:
        if stream is sys.stdout and not isinstance(error, BrokenPipeError):
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def told() -> list[Diagnostic]:
    """What was told since the command began, but for notes."""
    return list(_voice.told)


def flush() -> None:
    """Let whoever listens hear what was said."""
    with suppress(BrokenPipeError):
        sys.stdout.flush()
    _voice.told.clear()


def done(line: str) -> None:
    """Tell what was done; not where a machine reads standard output."""
    if not _voice.quiet and _voice.format in ("text", "github"):
        _print(printable(line), sys.stdout)


def detail(line: str) -> None:
    """Tell what only those want to know who asked for more."""
    if _voice.verbose:
        done(line)
