"""The command line: `diagramkit render`, `diagramkit check` and so on. Each command has its own module.

This module imports little, so that `diagramkit --help` is fast; the module of the requested command is imported on
demand.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from contextlib import contextmanager

from diagramkit import __version__

TYPE_CHECKING = False  # Importing `typing` takes longer than everything else here.
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any, NoReturn

_GROUPS = {
    "start": {
        "new": "write a diagram to start from",
        "config": "show the effective settings and where each is set",
        "completion": "print a script with which a shell completes commands and options",
    },
    "draw": {
        "render": "draw diagrams as SVG and PNG",
        "export": "convert a diagram to draw.io, a Python script, DOT, JSON or formatted Mermaid",
        "pull": "write what was changed in draw.io or PowerPoint back into the source",
        "deck": "make an editable PowerPoint deck of diagrams",
        "serve": "show all diagrams in a browser, with live updates and an editor",
    },
    "check": {
        "check": "find problems in diagrams, and fix them with --fix",
        "show": "show how a diagram is understood: nodes, icons and why they were chosen, edges, groups",
        "icons": "search icons, preview them, manage icon packs",
        "explain": "explain the code of a message, with its cause and an example",
    },
    "publish": {
        "embed": "embed pictures in Markdown files that contain Mermaid",
        "gallery": "write one page with all diagrams",
        "wiki": "print wiki markup for a diagram, to paste into a page",
    },
    "agents": {
        "mcp": "offer tools to an AI agent (Model Context Protocol)",
        "skill": "write the instructions for AI agents into a project",
    },
    "specs": {
        "import": "convert a Markdown pattern catalog, or infrastructure code, to specs",
        "schema": "print the JSON Schema of specs",
    },
}
"""The commands with their help texts, in the groups of the help text."""

COMMANDS = {name: text for commands in _GROUPS.values() for name, text in commands.items()}
"""The commands with their help texts. A command's module has its name and is imported when the command runs."""

_SYNONYMS = {
    **dict.fromkeys(("draw", "build", "generate", "make", "watch"), "render"),
    **dict.fromkeys(("validate", "lint", "fix", "verify"), "check"),
    **dict.fromkeys(("init", "create", "template"), "new"),
    **dict.fromkeys(("convert", "drawio", "save"), "export"),
    **dict.fromkeys(("slides", "pptx", "powerpoint"), "deck"),
    **dict.fromkeys(("preview", "live", "edit"), "serve"),
    **dict.fromkeys(("inspect", "list"), "show"),
    **dict.fromkeys(("settings", "options"), "config"),
}
"""The commands that other words probably mean."""

_STDERR = 2
_OK, _BAD_INPUT, _INTERRUPTED, _TERMINATED = 0, 2, 130, 143  # As in `diagnostics`, which takes longer to import.

_EPILOG = """examples:
  diagramkit new shop                    write shop.mmd, a diagram to start from
  diagramkit render shop.mmd -o shop.svg
  diagramkit check --fix shop.mmd
  diagramkit render --help               all options of a command, with examples

exit codes: 0 success; 1 findings (a missing, stale or orphaned file; with --strict also warnings and notes
about diagrams); 2 a source that cannot be read or drawn, or invalid usage; 130 interrupted; 143 terminated"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code. `arguments` defaults to those of the process."""
    if not (sys.stdin and sys.stdout and sys.stderr):
        _open_streams()
    _use_utf8()
    words = sys.argv[1:] if arguments is None else list(arguments)
    with _stopped_by_sigterm() as received:
        code = _run_to_end(words)
    return _TERMINATED if received else code


@contextmanager
def _stopped_by_sigterm() -> Iterator[list[int]]:
    """Let SIGTERM do within the block what Ctrl-C does, and yield a list that then contains its number.

    By default, SIGTERM ends the process at once and leaves temporary files behind.
    """
    received: list[int] = []

    def interrupt(number: int, _: object) -> None:
        if not received:  # A second signal must not interrupt the cleanup.
            received.append(number)
            raise KeyboardInterrupt

    try:
        previous = signal.signal(signal.SIGTERM, interrupt)
    except ValueError:  # Only the main thread can handle signals.
        yield received
        return
    try:
        yield received
    finally:
        signal.signal(signal.SIGTERM, previous)


def _run_to_end(words: list[str]) -> int:
    """Run a command and return its exit code, also if it is interrupted or nobody reads its output."""
    try:
        parser = _parser(next((word for word in words if word in COMMANDS), None))
        if not words:
            parser.print_help(sys.stderr)
            return _BAD_INPUT
        code = _run(parser, words)
        sys.stdout.flush()
    except KeyboardInterrupt:
        print("interrupted; finished files are kept", file=sys.stderr)
        return _INTERRUPTED
    except BrokenPipeError:
        # The reader of the output has exited, as in `diagramkit show ... | head`. That is not an error.
        _discard_stdout()
        return _OK
    except OSError as error:  # For example, a full disk behind `>`.
        _discard_stdout()
        return _report_error(error)
    return code


def _discard_stdout() -> None:
    """Discard output that is still buffered. Otherwise Python reports an error when it flushes the buffer at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(parser: argparse.ArgumentParser, words: list[str]) -> int:
    """Parse the command line, run the command and return its exit code."""
    try:
        options = parser.parse_args(words)
    except Exception as error:
        return _report_error(error)  # An error in the project's settings, which are read while parsing.
    from diagramkit import cache, write_scope
    from diagramkit.cli import console, limit_options

    scope = write_scope.limited(_project_root, getattr(options, "named", ()))
    cache.on_slow_preparation(console.announce)
    with console.configured(options), scope, limit_options.executor(options):
        try:
            return int(options.run(options))
        except Exception as error:
            return _report_error(error)


def _project_root() -> str:
    """Return the root of the project in the current folder. Raises `DiagramError` (bad-config)."""
    from diagramkit import project

    return str(project.find().root)


def _report_error(error: Exception) -> int:
    """Report an error that ends the command and return the exit code. Raises `BrokenPipeError` again."""
    from diagramkit.cli import console
    from diagramkit.diagnostics import Span, problems_of

    if isinstance(error, BrokenPipeError):
        raise error
    console.report(problems_of(error, Span("standard output" if isinstance(error, OSError) else "diagramkit")))
    return _BAD_INPUT


class _HelpFormatter(argparse.HelpFormatter):
    """Formats help texts in the same way in every version of Python.

    The usage line contains required options only, because all options are explained below it. A description that has
    several lines keeps them.
    """

    _options = argparse.Action((), "options", nargs="*", metavar="OPTION")

    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: Any = None) -> None:
        """Add the usage line, with `[OPTION ...]` for all options that are not required."""
        shown = [action for action in actions if action.required or not action.option_strings]
        if len(shown) < len(actions):
            shown.insert(0, self._options)
        super().add_usage(usage, shown, groups, prefix)

    def _format_action_invocation(self, action: argparse.Action) -> str:
        """Return an option with its value, which Python before 3.13 repeats behind each of the option's names."""
        if not action.option_strings or action.nargs == 0:
            return super()._format_action_invocation(action)
        return f"{', '.join(action.option_strings)} {self._format_args(action, action.dest.upper())}"

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return text if "\n" in text else super()._fill_text(text, width, indent)


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are one line, without the whole usage, and suggest the nearest option."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(formatter_class=_HelpFormatter, **settings)
        self.color = False  # Python 3.14 and newer would color a part of the help.

    def error(self, message: str) -> NoReturn:
        """Print an error about the command line and exit."""
        self.exit(_BAD_INPUT, f"{self.prog}: error: {message}; see '{self.prog} --help'\n")

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse the command line. Exit with an error for options that do not exist."""
        options, unknown = self.parse_known_args(args, namespace)
        if unknown:
            from diagramkit.diagnostics import did_you_mean

            parser: argparse.ArgumentParser = getattr(options, "parser", self)
            if not unknown[0].startswith("-"):
                parser.error(f"unexpected argument '{unknown[0]}'")
            known = [option for action in parser._actions for option in action.option_strings if option[:2] == "--"]
            hint = _value_as_option(unknown[0]) or did_you_mean(unknown[0].partition("=")[0], known)
            parser.error(f"there is no option '{unknown[0]}'{hint}")
        return options

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        """Check that a value is one of the choices of an argument, and suggest the nearest one if it is not."""
        if action.choices is None or value in action.choices:
            return
        from diagramkit.diagnostics import did_you_mean

        if isinstance(action, argparse._SubParsersAction):
            known = _SYNONYMS.get(str(value))
            hint = f"; did you mean '{known}'?" if known else did_you_mean(str(value), COMMANDS)
            if os.path.exists(value):
                from shlex import quote

                hint = f"; to draw this file, write 'diagramkit render {quote(value)}'"
            hint = hint or f"; the commands are {', '.join(COMMANDS)}"
            self.error(f"there is no command '{value}'{hint}")
        choices = [str(choice) for choice in action.choices]
        hint = did_you_mean(str(value), choices) or f": expected one of {', '.join(choices)}"
        raise argparse.ArgumentError(action, f"invalid value '{value}'{hint}")


def _value_as_option(option: str) -> str:
    """Return how to write an option that is the value of another, such as `--dark`, or "" if it is none."""
    from diagramkit.outputs import OUTPUTS
    from diagramkit.style.theme import THEMES

    name = option.lstrip("-")
    return f"; write '--theme {name}'" if name in THEMES else f"; write '-f {name}'" if name in OUTPUTS else ""


class _Command(_Parser):
    """The parser of a command. It accepts options before, between and after the sources."""

    _is_nested = False

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse like `argparse`, but accept options anywhere, and take defaults from the project's settings.

        `configured` are the names of the settings that apply to the command.
        `named` are the values of the command's `destinations` that the command line names, which exclude defaults.
        """
        if self._is_nested:  # `parse_known_intermixed_args` calls this method again.
            return super().parse_known_args(args, namespace)
        self._is_nested = True
        if names := self.get_default("configured"):
            from diagramkit.cli import settings

            settings.apply(self, names)
        destinations = self.get_default("destinations") or ()
        # `argparse` sets no default where there is a value already.
        namespace = argparse.Namespace(**dict.fromkeys(destinations))
        try:
            options, unknown = self.parse_known_intermixed_args(args, namespace)
        finally:
            self._is_nested = False
        options.named = [value for name in destinations if (value := getattr(options, name)) is not None]
        for value in options.named:
            if not value:
                self.error("the path of the output is empty; name a file or folder, such as '.' for this folder")
            if value == "~" or value.startswith("~/"):
                self.error(f"'{value}' would be a folder named '~'; write the path without quotes, or './{value}'")
        for name in destinations:
            if getattr(options, name) is None:
                setattr(options, name, self.get_default(name))
        return options, unknown


def _parser(command: str | None) -> argparse.ArgumentParser:
    """Return the parser with the options of `command`. It knows only the names of the other commands."""
    parser = _Parser(
        prog="diagramkit",
        usage="diagramkit COMMAND [OPTION ...]",
        description="Turns Mermaid and short YAML specs into AWS-style architecture diagrams.",
        epilog=_EPILOG,
    )
    parser.add_argument("--version", action="version", version=f"diagramkit {__version__}")
    commands = parser.add_subparsers(
        title="commands",
        description=_listed_commands(),
        prog="diagramkit",
        metavar="COMMAND",
        required=True,
        help=argparse.SUPPRESS,  # The description lists the commands.
        parser_class=_Command,
    )
    for name in COMMANDS:
        if name != command:
            commands.add_parser(name)
            continue
        from importlib import import_module

        from diagramkit.cli import examples

        module = f"diagramkit.cli.{'import_' if name == 'import' else name}"
        import_module(module).add(commands)
        commands.choices[name].epilog = examples.text(name)
    return parser


def command_parser(command: str) -> argparse.ArgumentParser:
    """Return the parser of one command."""
    (parsers,) = (action.choices for action in _parser(command)._actions if isinstance(action.choices, dict))
    parser: argparse.ArgumentParser = parsers[command]
    return parser


def _listed_commands() -> str:
    """Return the commands with their help texts, by group."""
    parts = []
    for group, commands in _GROUPS.items():
        lines = (f"    {name:<12}{text}" for name, text in commands.items())
        parts.append("\n".join((f"  {group}:", *lines)))
    return "\n".join(parts)


def _open_streams() -> None:
    """Open standard streams that were closed (`>&-`) to the null device.

    Otherwise the next file that is opened gets the descriptor of a standard stream, and printed text ends up in it.
    """
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= _STDERR:
        pass
    os.close(descriptor)
    sys.stdin = sys.stdin or open(0, closefd=False)  # noqa: SIM115 - open as long as the process
    sys.stdout = sys.stdout or open(1, "w", closefd=False)  # noqa: SIM115 - as above
    sys.stderr = sys.stderr or open(_STDERR, "w", closefd=False)  # noqa: SIM115 - as above


def _use_utf8() -> None:
    """Print in UTF-8: titles are in any script, and the console's encoding must not make a message fail."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(encoding="utf-8", errors="backslashreplace")
