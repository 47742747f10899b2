"""The command line: `diagramkit render`, `check`, … A module a command."""

from __future__ import annotations

import argparse
import os
import sys

from diagramkit import __version__

TYPE_CHECKING = False  # `typing` takes longer to import than all else here.
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

_COMMANDS = {
    "render": "draw diagrams as SVG and PNG",
    "check": "find mistakes in diagrams, and mend them with --fix",
    "show": "show a diagram as understood: nodes, icons and why, edges, groups",
    "icons": "find icons, see them, add packs of them",
    "deck": "make slides of diagrams, to be edited in PowerPoint",
    "embed": "put pictures beside the Mermaid in Markdown files",
    "export": "write a diagram as draw.io, a script, DOT, JSON, tidy Mermaid",
    "serve": "show all diagrams in a browser, live, and edit them",
    "gallery": "write one page with all diagrams",
    "wiki": "print what to paste into a page of a wiki",
    "import": "make specs of a Markdown pattern catalogue",
    "schema": "print the JSON Schema of specs",
    "config": "show which settings are in force, and from where",
}
"""The commands, each with what it does; a command's module, of its name, is imported where it is run."""

_STDERR = 2
_OK, _BAD_INPUT, _INTERRUPTED = 0, 2, 130

_EPILOG = """\
exit codes: 0 done; 1 findings (a mistake, a picture that is not current); 2 bad input or usage; 130 interrupted
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit code."""
    if not (sys.stdin and sys.stdout and sys.stderr):
        _open_streams()
    _speak_utf8()
    given = sys.argv[1:] if arguments is None else list(arguments)
    parser = _parser(next((word for word in given if word in _COMMANDS), None))
    try:
        code = _run(parser, given)
        sys.stdout.flush()
    except KeyboardInterrupt:
        print("interrupted; what was finished is kept", file=sys.stderr)
        return _INTERRUPTED
    except BrokenPipeError:
        # Whoever read the output has gone: `diagramkit show … | head`. Nothing is wrong.
        _hush()
        return _OK
    except OSError as error:  # A full disk behind `>`.
        _hush()
        return _told(error)
    return code


def _hush() -> None:
    """Let what is still to be printed go nowhere: else Python complains of it at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(parser: argparse.ArgumentParser, given: list[str]) -> int:
    try:
        options = parser.parse_args(given)
    except Exception as error:
        return _told(error)  # In the settings of the project.
    from diagramkit.cli import console

    with console.speaking(options):
        try:
            return int(options.run(options))
        except Exception as error:
            return _told(error)


def _told(error: Exception) -> int:
    """Tell what is wrong, where somebody can do something about it."""
    from diagramkit.cli import console
    from diagramkit.diagnostics import DiagramError, Span, fail, os_error_reason

    refused = isinstance(error, OSError) and error.errno is not None
    if isinstance(error, OSError) and refused and not isinstance(error, BrokenPipeError):
        where = Span(str(error.filename or "standard output"))
        error = fail("system", f"the system refused something: {os_error_reason(error)}", where)
    if not isinstance(error, DiagramError):
        raise error
    console.report(error.problems)
    return _BAD_INPUT


class _Command(argparse.ArgumentParser):
    """A command's parser: options may stand before, between and behind the sources."""

    _again = False

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """As argparse's own, but for where options may stand."""
        if self._again:
            return super().parse_known_args(args, namespace)
        self._again = True
        if self.get_default("configured"):
            from diagramkit.cli import settings

            settings.apply(self)
        try:
            return self.parse_known_intermixed_args(args, namespace)
        finally:
            self._again = False


def _parser(command: str | None) -> argparse.ArgumentParser:
    """The parser with the options of one command: of the others it knows that they are there."""
    parser = argparse.ArgumentParser(
        prog="diagramkit",
        description="Mermaid and short YAML in, the picture AWS would draw out.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"diagramkit {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True, parser_class=_Command)
    for name, what in _COMMANDS.items():
        if name != command:
            commands.add_parser(name, help=what)
            continue
        from importlib import import_module

        module = f"diagramkit.cli.{'import_' if name == 'import' else name}"
        import_module(module).add(commands)
    return parser


def _open_streams() -> None:
    """Open to nowhere what was closed (`>&-`): else the next file would get its number, and what is printed."""
    while (spare := os.open(os.devnull, os.O_RDWR)) <= _STDERR:
        pass
    os.close(spare)
    sys.stdin = sys.stdin or open(0, closefd=False)  # noqa: SIM115 - as long as the process
    sys.stdout = sys.stdout or open(1, "w", closefd=False)  # noqa: SIM115 - as above
    sys.stderr = sys.stderr or open(_STDERR, "w", closefd=False)  # noqa: SIM115 - as above


def _speak_utf8() -> None:
    """Titles are in any script: never let a console's encoding stop a message."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(encoding="utf-8", errors="backslashreplace")
