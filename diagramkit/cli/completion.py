"""`diagramkit completion`: a script with which a shell completes commands, options and their values.

The scripts are made from the parsers of all commands, so that they know every option.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from typing import Any

from msgspec import Struct

from diagramkit.diagnostics import OK


class CompletedOption(Struct, frozen=True):
    """An option as shells complete it: its spellings, its help text and its possible values, if they are fixed."""

    flags: tuple[str, ...]
    help: str
    values: tuple[str, ...]


class CompletedCommand(Struct, frozen=True):
    """A command as shells complete it."""

    name: str
    help: str
    options: tuple[CompletedOption, ...]


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "completion",
        description="Print a script with which a shell completes commands, options and their values.",
    )
    parser.add_argument("shell", choices=tuple(_SHELLS), metavar="SHELL", help=", ".join(_SHELLS))
    parser.set_defaults(run=run, parser=parser)


def run(options: argparse.Namespace) -> int:
    """Print the script."""
    print(_SHELLS[options.shell](_commands()), end="")
    return OK


def _commands() -> list[CompletedCommand]:
    from diagramkit import cli

    return [
        CompletedCommand(name, text, tuple(_options(cli.command_parser(name)))) for name, text in cli.COMMANDS.items()
    ]


def _options(parser: argparse.ArgumentParser) -> Iterable[CompletedOption]:
    for action in parser._actions:
        if action.option_strings:
            values = tuple(str(choice) for choice in action.choices or ())
            yield CompletedOption(tuple(action.option_strings), _first_sentence(action.help or ""), values)


def _first_sentence(text: str) -> str:
    """Return the part of a help text before its details, without characters that shells interpret."""
    short = text.partition(" (")[0].partition(";")[0].partition(":")[0]
    return "".join(char for char in short if char not in "'\"`$\\[]")


def _bash(commands: list[CompletedCommand]) -> str:
    cases = []
    for command in commands:
        flags = " ".join(flag for option in command.options for flag in option.flags)
        cases.append(f"        {command.name}) words='{flags}' ;;")
    values = sorted({(option.flags[-1], option.values) for one in commands for option in one.options if option.values})
    value_cases = [f"        {flag}) words='{' '.join(choices)}' ;;" for flag, choices in values]
    return "\n".join(
        [
            "_diagramkit() {",
            '    local current="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD-1]}" words=""',
            "    COMPREPLY=()",
            '    if [ "$COMP_CWORD" -eq 1 ]; then',
            f'        COMPREPLY=($(compgen -W "{" ".join(one.name for one in commands)}" -- "$current"))',
            "        return",
            "    fi",
            '    case "$previous" in',
            *value_cases,
            "    esac",
            '    if [ -z "$words" ] && [ "${current#-}" = "$current" ]; then return; fi',
            '    [ -n "$words" ] || case "${COMP_WORDS[1]}" in',
            *cases,
            "    esac",
            '    COMPREPLY=($(compgen -W "$words" -- "$current"))',
            "}",
            "complete -o default -F _diagramkit diagramkit",
            "",
        ]
    )


def _zsh(commands: list[CompletedCommand]) -> str:
    lines = ["#compdef diagramkit", "_diagramkit() {", "    local -a commands options", "    commands=("]
    lines += [f"        '{command.name}:{_first_sentence(command.help)}'" for command in commands]
    lines += [
        "    )",
        "    if (( CURRENT == 2 )); then",
        "        _describe command commands",
        "        return",
        "    fi",
    ]
    lines += ['    case "$words[2]" in']
    for command in commands:
        lines.append(f"    {command.name})")
        lines.append("        options=(")
        for option in command.options:
            values = f":value:({' '.join(option.values)})" if option.values else ""
            lines += [f"            '*{flag}[{option.help}]{values}'" for flag in option.flags]
        lines += ["        ) ;;"]
    lines += ["    esac", '    _arguments $options "*:file:_files"', "}"]
    # The same file works in a folder of fpath, where it is the function, and when it is read with `source`.
    lines += ['if [ "$funcstack[1]" = "_diagramkit" ]; then _diagramkit "$@"; else compdef _diagramkit diagramkit; fi']
    return "\n".join([*lines, ""])


def _fish(commands: list[CompletedCommand]) -> str:
    lines = []
    for command in commands:
        description = _first_sentence(command.help)
        lines.append(f"complete -c diagramkit -n __fish_use_subcommand -f -a {command.name} -d '{description}'")
        condition = f"-n '__fish_seen_subcommand_from {command.name}'"
        for option in command.options:
            flags = " ".join(f"-l {flag[2:]}" if flag.startswith("--") else f"-s {flag[1:]}" for flag in option.flags)
            values = f" -x -a '{' '.join(option.values)}'" if option.values else ""
            lines.append(f"complete -c diagramkit {condition} {flags}{values} -d '{option.help}'")
    return "\n".join([*lines, ""])


_SHELLS: dict[str, Callable[[list[CompletedCommand]], str]] = {"bash": _bash, "zsh": _zsh, "fish": _fish}
