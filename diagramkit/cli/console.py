"""The output of commands.

By default, diagnostics are printed on standard error, each with its source line and carets below it. With
`--output-format`, they are printed on standard output in a machine-readable format instead.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TextIO

from msgspec import Struct, field

from diagramkit.diagnostics import Diagnostic, printable
from diagramkit.excerpts import excerpt

FORMATS = ("text", "json", "github", "sarif")
_COLORS = {"error": "1;31", "warning": "1;33", "note": "1;36"}
"""The colors of severities on a terminal: bold red, yellow and cyan."""
_SKIPPED_FILE = ("not-a-source", "no-diagram")
"""The codes of notes about files in a folder that contain no diagram."""
_MAX_SKIPPED_FILES = 3
"""So many of them are named; a folder may contain hundreds."""
_ONCE_PER_FILE = ("unknown-icon", "unknown-icon-pack")


class _State(Struct):
    """The output options of the running command and its diagnostics so far.

    `pending` are the diagnostics to print in a machine-readable format at the end. `reported` are all errors and
    warnings. `skipped` is the number of files without a diagram.
    """

    format: str = "text"
    quiet: bool = False
    verbose: bool = False
    pending: list[Diagnostic] = field(default_factory=list)
    reported: list[Diagnostic] = field(default_factory=list)
    skipped: int = 0


_state = _State()


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options about output to a command."""
    parser.add_argument(
        "--output-format",
        choices=FORMATS,
        default="text",
        help="diagnostics format: text on standard error, or a machine-readable format on standard output "
        "(default: text)",
    )
    parser.add_argument("-q", "--quiet", action="store_true", help="print problems only")


def add_verbose_option(parser: argparse.ArgumentParser) -> None:
    """Add the option that prints reasons to a command."""
    parser.add_argument("-v", "--verbose", action="store_true", help="also print why each source is drawn")


@contextmanager
def configured(options: argparse.Namespace) -> Iterator[None]:
    """Use the output options of a command within the block, and print pending diagnostics at its end."""
    global _state  # noqa: PLW0603 - standard output belongs to the process, too
    previous = _state
    _state = _State(
        getattr(options, "output_format", "text"),
        getattr(options, "quiet", False),
        getattr(options, "verbose", False),
    )
    try:
        yield
    finally:
        _report_skipped()
        state, _state = _state, previous
        if state.format != "text":
            from diagramkit.cli import diagnostic_formats

            if text := diagnostic_formats.WRITERS[state.format](state.pending):
                _print(text, sys.stdout)


def report(problems: Iterable[Diagnostic]) -> None:
    """Report diagnostics: a warning about an icon's name once for each file, however many diagrams use it."""
    for problem in problems:
        if problem.severity == "warning" and problem.code in _ONCE_PER_FILE and _was_reported(problem):
            continue
        if problem.severity != "note":
            _state.reported.append(problem)
        if problem.severity == "note" and problem.code in _SKIPPED_FILE:
            _state.skipped += 1
            if _state.skipped > _MAX_SKIPPED_FILES and _state.format == "text" and not _state.verbose:
                continue
        if _state.format == "text":
            _print("\n".join([_colored(problem), *excerpt(problem)]), sys.stderr)
        else:
            _state.pending.append(problem)


def _report_skipped() -> None:
    """Print how many files without a diagram were not named."""
    unnamed = _state.skipped - _MAX_SKIPPED_FILES
    if unnamed > 0 and _state.format == "text" and not _state.verbose:
        verb = "is" if unnamed == 1 else "are"
        progress(f"{count(unnamed, 'more file')} without a diagram {verb} skipped (see the setting 'exclude')")


def _colored(problem: Diagnostic) -> str:
    """Return a diagnostic on one line, on a terminal with its severity in color. See https://no-color.org."""
    line, severity = str(problem), f"{problem.severity}[{problem.code}]"
    if not sys.stderr.isatty() or os.environ.get("NO_COLOR") or os.environ.get("TERM", "dumb") == "dumb":
        return line
    return line.replace(severity, f"\x1b[{_COLORS[problem.severity]}m{severity}\x1b[0m", 1)


def _was_reported(problem: Diagnostic) -> bool:
    """Return whether the same was reported about another place in the same file."""
    key = (problem.code, problem.message, problem.span.file)
    return any(key == (earlier.code, earlier.message, earlier.span.file) for earlier in _state.reported)


def _print(text: str, stream: TextIO) -> None:
    """Print a text. If nobody can read it, discard this and all further output, and let the command go on.

    That happens if the reader has exited (`diagramkit render | head`) or standard error cannot be written. Raises
    `OSError` if standard output cannot be written, for example because the disk is full.
    """
    try:
        print(text, file=stream)
    except OSError as error:
        if stream is sys.stdout and not isinstance(error, BrokenPipeError):
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def reported_problems() -> list[Diagnostic]:
    """Return the errors and warnings that were reported since the command began."""
    return list(_state.reported)


def flush() -> None:
    """Flush standard output and forget the reported problems: one run of several in the same process is complete."""
    with suppress(BrokenPipeError):
        sys.stdout.flush()
    _report_skipped()
    _state.reported.clear()
    _state.skipped = 0


def count(number: int, noun: str) -> str:
    """Return a number with its noun: `1 slide`, `2 slides`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def info(line: str) -> None:
    """Print what was done, unless `--quiet` was given or standard output is for a machine."""
    if not _state.quiet and _state.format in ("text", "github"):
        _print(printable(line), sys.stdout)


def progress(line: str) -> None:
    """Print on standard error what is being done and may take a while, unless `--quiet` was given."""
    if not _state.quiet:
        _print(printable(line), sys.stderr)


def announce(sentence: str) -> None:
    """Print what takes a while on a terminal, so that nobody thinks that the program hangs."""
    if is_interactive():
        _print(printable(sentence), sys.stderr)


def is_interactive() -> bool:
    """Return whether a person reads standard error: it is a terminal, outside of CI, and `--quiet` was not given."""
    return sys.stderr.isatty() and not _state.quiet and _state.format == "text" and not os.environ.get("CI")


def start_time() -> float:
    """Return the time at which a run begins, in seconds, for `finished`."""
    return time.monotonic()


def finished(statuses: Mapping[str, int], start: float) -> None:
    """On a terminal, print how many pictures a run drew, and how long it took. `statuses` counts them by status."""
    if is_interactive():
        progress(f"{summary_line(statuses)} in {time.monotonic() - start:.1f} s")


def summary_line(statuses: Mapping[str, int]) -> str:
    """Return the numbers of pictures by status: `200 current, 3 drawn, 1 error`."""
    parts = [f"{statuses[name]} {name}" for name in ("current", "drawn", "stale") if name in statuses]
    if "failed" in statuses:
        parts.append(count(statuses["failed"], "error"))
    return ", ".join(parts) or "nothing to draw"


def detail(line: str) -> None:
    """Print additional information if `--verbose` was given."""
    if _state.verbose:
        info(line)
