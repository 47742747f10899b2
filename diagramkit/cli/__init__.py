"""The command line: `diagramkit render`, `check`, `show`, `icons`, `export`, `import`, `schema`, `config`. A module a command."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import Any

from diagramkit import __version__
from diagramkit.cli import check, config, export, icons, import_, render, say, schema, show
from diagramkit.problems import BAD_INPUT, INTERRUPTED, DiagramError

_COMMANDS = (render, check, show, icons, export, import_, schema, config)

_EPILOG = """\
exit codes: 0 done; 1 findings (a mistake, a picture that is not current); 2 bad input or usage; 130 interrupted
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit code."""
    _speak_utf8()
    parser = _parser()
    try:
        options = parser.parse_args(arguments)
    except DiagramError as error:  # In the settings of the project.
        say.report(error.problems)
        return BAD_INPUT
    try:
        with say.speaking(options):
            return _run(options)
    except KeyboardInterrupt:
        print("interrupted; what was finished is kept", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read the output has gone: `diagramkit show … | head`. Nothing is wrong.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _run(options: argparse.Namespace) -> int:
    try:
        return int(options.run(options))
    except DiagramError as error:
        say.report(error.problems)
        return BAD_INPUT


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


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="diagramkit",
        description="Mermaid and short YAML in, the picture AWS would draw out.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"diagramkit {__version__}")
    commands = parser.add_subparsers(
        title="commands", metavar="COMMAND", required=True, parser_class=_Command
    )
    for command in _COMMANDS:
        command.add(commands)
    return parser


def _speak_utf8() -> None:
    """Titles are in any script: never let a console's encoding stop a message."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(encoding="utf-8", errors="backslashreplace")
