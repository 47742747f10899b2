"""Write the reference pages in `PAGES`, or with `--check` compare them: `python -m checks.references [--check]`.

The Python API is described by the signatures and docstrings of the public names, commands and settings by their help
texts, and the codes of messages by `diagramkit/cli/data/codes.yaml`. The documents for agents are parts of
`docs/agents.md`. With `--check`, nothing is written; the exit code
is 1 if a page is not current.
"""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any
from unittest.mock import patch

import msgspec
from msgspec import NODEFAULT, Struct

import diagramkit
from checks import agent_documents
from diagramkit import api, diagnostics, graph, options
from diagramkit.cli import COMMANDS, _parser, codes, command_parser, render, settings
from diagramkit.report import report_records
from tests.support.project import ROOT

FUNCTIONS: tuple[Callable[..., Any], ...] = (api.parse, api.load, api.load_all)
CLASSES: tuple[type, ...] = (api.Diagram, diagnostics.DiagramError)
RECORDS: tuple[type, ...] = tuple(
    item
    for module in (options, graph, diagnostics, report_records)
    for item in vars(module).values()
    if inspect.isclass(item) and issubclass(item, Struct) and item.__module__ == module.__name__
)
"""The types of what diagrams and errors contain."""

DEFINITIONS = ("Direction", "Stroke", "Head", "Side", "Style", "Lines", "DEFAULT_SCALE", "DEFAULT_MAX_PIXELS")
"""Short names of types, and constants, that the descriptions of records contain."""

_SETTINGS_INTRODUCTION = """\
# Settings

This page is generated from the help texts by `python -m checks.references`.

`diagramkit.toml`, or `pyproject.toml` under `[tool.diagramkit]`, sets options for a project: the nearest such file in
the current folder or above. The command line takes precedence; a spec's own keys apply where neither says anything.
`diagramkit new` writes a first file, and `diagramkit config` shows which settings apply. Paths are relative to the
file.
"""
_OTHER_SETTINGS = """
These settings are no options:

| Setting | Effect |
|---|---|
| `exclude` | files and folders that are left out of folders, as in a `.gitignore`: `["drafts/", "old-*.mmd"]` |
| `[infrastructure]` | what to show of [infrastructure code](infrastructure.md#choosing-what-is-shown) |
| `[limits]` | the [limits](decisions/0014-limits.md) of untrusted input |
| `[[packs]]` | the [icon packs](icons.md#icon-packs), which `diagramkit icons add` lists |
"""

_WIDTH = 100  # Columns of help texts and signatures.


def api_page() -> str:
    """Return the text of `docs/api.md`."""
    parts = [
        "# Python API",
        "This page is generated from docstrings by `python -m checks.references`.",
        inspect.getdoc(diagramkit) or "",
        "## Functions",
        *(text for function in FUNCTIONS for text in _function(f"diagramkit.{function.__name__}", function)),
        "## Classes",
        *(text for cls in CLASSES for text in _class(f"diagramkit.{cls.__name__}", cls)),
        "## Records",
        "Diagrams and errors consist of these records. `msgspec.structs.replace` returns a changed copy of one.",
        _code("\n".join(f"{name} = {_definition(name)}" for name in DEFINITIONS)),
        *(text for cls in RECORDS for text in _class(f"{cls.__module__}.{cls.__name__}", cls)),
    ]
    return "\n\n".join(parts) + "\n"


def commands_page() -> str:
    """Return the text of `docs/commands.md`."""
    parts = [
        "# Commands",
        "This page is generated from the help texts (`diagramkit COMMAND --help`) by `python -m checks.references`.",
        _code(help_text(None), "text"),
    ]
    for command in COMMANDS:
        parts += [f"## {command}", _code(help_text(command), "text")]
    return "\n\n".join(parts) + "\n"


def settings_page() -> str:
    """Return the text of `docs/settings.md`."""
    parser = render.build_parser()
    rows = ["| Setting | Effect |", "|---|---|"]
    for setting in settings.settings_of(parser, ()):
        (help_,) = (action.help for action in parser._actions if action.dest == setting.name)
        rows.append(f"| `{setting.name}` | {help_} |")
    table = "\n".join(rows)
    return f"{_SETTINGS_INTRODUCTION}\n{table}\n{_OTHER_SETTINGS}"


def help_text(command: str | None) -> str:
    """Return the help text of a command, or of the program for None, for a terminal with a fixed width."""
    parser = _parser(None) if command is None else command_parser(command)
    with patch.dict(os.environ, {"COLUMNS": str(_WIDTH)}):
        return parser.format_help().rstrip()


def _class(title: str, cls: type) -> Iterator[str]:
    """Yield the parts of a page about a class: its fields, its docstring, and its public methods and properties."""
    yield f"### {title}"
    if issubclass(cls, Struct):
        yield _code(_call(cls.__name__, [_field(cls, field) for field in msgspec.structs.fields(cls)], ""))
    yield _doc(cls)
    for name, member in vars(cls).items():
        if name.startswith("_"):
            continue
        if isinstance(member, (property, cached_property)):
            getter = member.fget if isinstance(member, property) else member.func
            yield f"#### {cls.__name__}.{name}: `{inspect.signature(getter).return_annotation}`"  # type: ignore[arg-type]
            yield _doc(getter)
        elif inspect.isfunction(member):
            yield from _function(f"{cls.__name__}.{name}", member, level=4)


def _function(title: str, function: Callable[..., Any], level: int = 3) -> Iterator[str]:
    """Yield the parts of a page about a function or method: its signature and its docstring."""
    signature = inspect.signature(function)
    parameters: list[str] = []
    for parameter in signature.parameters.values():
        if parameter.name == "self":
            continue
        if parameter.kind is parameter.KEYWORD_ONLY and "*" not in parameters:
            parameters.append("*")
        stars = "**" if parameter.kind is parameter.VAR_KEYWORD else ""
        default = "" if parameter.default is parameter.empty else f" = {_literal(parameter.default)}"
        parameters.append(f"{stars}{parameter.name}: {parameter.annotation}{default}")
    yield f"{'#' * level} {title}"
    yield _code(_call(function.__name__, parameters, f" -> {signature.return_annotation}"))
    yield _doc(function)


def _field(cls: type[Struct], field: msgspec.structs.FieldInfo) -> str:
    """Return a field of a record with its type and default."""
    if field.default_factory is not NODEFAULT:
        default = f" = {field.default_factory.__name__}()"
    elif isinstance(field.default, Struct):
        default = f" = {type(field.default).__name__}()"
    else:
        default = "" if field.default is NODEFAULT else f" = {_literal(field.default)}"
    return f"{field.name}: {inspect.get_annotations(cls)[field.name]}{default}"


def _call(name: str, parameters: list[str], result: str) -> str:
    """Return a signature on one line, or with one line for each parameter if that is too long."""
    line = f"{name}({', '.join(parameters)}){result}"
    if len(line) <= _WIDTH:
        return line
    return f"{name}(\n" + "".join(f"    {parameter},\n" for parameter in parameters) + f"){result}"


def _definition(name: str) -> str:
    """Return the value of a name in `graph` or `options`."""
    return _literal(getattr(graph, name, None) or getattr(options, name)).replace("typing.", "")


def _literal(value: object) -> str:
    """Return a value as it is written in code, with the quotes that the formatter of this project uses."""
    return repr(value).replace("'", '"')


def _doc(documented: object) -> str:
    return inspect.getdoc(documented) or ""


def _code(text: str, language: str = "python") -> str:
    return f"```{language}\n{text}\n```"


def messages_page() -> str:
    """Return the text of `docs/messages.md`."""
    parts = [
        "# Messages",
        "Every message about a source has the form `file:line:column: severity[code]: message`. The codes are stable.",
        "This page is generated by `python -m checks.references`.",
        "`diagramkit explain CODE` prints the same.",
        *(_explanation(code, known) for code, known in codes.explanations().items()),
    ]
    return "\n\n".join(parts) + "\n"


def _explanation(code: str, known: codes.Explanation) -> str:
    """Return the section about a code, whose example is a source that gets it."""
    parts = [f"## {code}", known.means, f"Cause: {known.cause}", f"Fix: {known.fix}"]
    if known.example:
        parts.append("Example:\n\n" + _code(known.example.rstrip("\n"), "text").replace("```mermaid", "~~~mermaid"))
    return "\n\n".join(parts)


PAGES = {
    "docs/api.md": api_page,
    "docs/commands.md": commands_page,
    "docs/messages.md": messages_page,
    "docs/settings.md": settings_page,
    "diagramkit/agents/data/SKILL.md": agent_documents.skill,
    "llms.txt": agent_documents.llms,
}


def main(arguments: list[str]) -> int:
    """Write the pages, or check that they are current; return the exit code."""
    stale = []
    for name, write in PAGES.items():
        path, text = ROOT / name, write()
        if path.is_file() and path.read_text("utf-8") == text:
            continue
        if "--check" not in arguments:
            path.write_text(text, "utf-8")
        stale.append(name)
    action = "is not current" if "--check" in arguments else "written"
    print("\n".join(f"{name}: {action}" for name in stale) or "all reference pages are current")
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
