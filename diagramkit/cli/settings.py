"""Settings as defaults of command-line options.

The settings are in `diagramkit.toml` or in `[tool.diagramkit]` in `pyproject.toml`. The command line overrides them.
"""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

from msgspec import Struct

from diagramkit import project
from diagramkit.cli import style_options
from diagramkit.diagnostics import Diagnostic, DiagramError, Span
from diagramkit.markup import json_text

_PATHS = ("sources", "output", "theme")
_LISTS = ("sources", "format")
_DEFERRED = (*_LISTS, "scale", "width")
"""Options whose default (`default_...`) the command applies itself, after looking at other options."""


class Setting(Struct, frozen=True):
    """An effective setting: its value as the option expects it, as TOML, and where it is set."""

    name: str
    value: Any
    toml: str
    origin: str


def apply(parser: argparse.ArgumentParser, names: Collection[str]) -> None:
    """Make the settings of these names the defaults of a command's options. Raises `DiagramError` (bad-config)."""
    for setting in _project_settings(parser, project.find(), names):
        name = f"default_{setting.name}" if setting.name in _DEFERRED else setting.name
        parser.set_defaults(**{name: setting.value})


def effective_settings(parser: argparse.ArgumentParser) -> Iterator[Setting]:
    """Yield every setting of a command, sorted by name. Raises `DiagramError` (bad-config)."""
    yield from settings_of(parser, _project_settings(parser, project.find(), project.SETTINGS))


def settings_of(parser: argparse.ArgumentParser, configured_settings: Iterable[Setting]) -> Iterator[Setting]:
    """Yield every setting of a command, sorted by name: as configured, or with its default."""
    configured = {setting.name: setting for setting in configured_settings}
    for name, action in sorted(_options(parser, project.SETTINGS).items()):
        default = parser.get_default(f"default_{name}") if name in _DEFERRED else action.default
        yield configured.get(name) or Setting(name, default, _toml(default), "default")


def _options(parser: argparse.ArgumentParser, names: Collection[str]) -> dict[str, argparse.Action]:
    """Return the options of a command that the settings of these names can set, by name."""
    return {action.dest: action for action in parser._actions if action.dest in names}


def _project_settings(
    parser: argparse.ArgumentParser, current_project: project.Project, names: Collection[str]
) -> list[Setting]:
    """Return those of the settings `names` in the project's file that apply to a command.

    Raises `DiagramError` (bad-config).
    """
    options, problems, result = _options(parser, names), list[Diagnostic](), list[Setting]()
    for name, value in current_project.settings.items():
        if name not in options:
            continue  # A setting of another command.
        span = _find_key(current_project.config, name)
        try:
            converted = _convert(name, value, options[name], current_project.root)
        except (ValueError, argparse.ArgumentTypeError) as error:
            problems.append(Diagnostic("bad-config", f"'{name}': {error}", span))
        else:
            result.append(Setting(name, converted, _toml(value), f"{span.file}:{span.line}"))
    if problems:
        raise DiagramError(problems)
    return result


def _convert(name: str, value: Any, action: argparse.Action, root: Path) -> Any:
    """Return a setting's value as its option converts it. Raises `ValueError`, `ArgumentTypeError`."""
    if name in _LISTS:
        values = [value] if isinstance(value, str) else value
        if not isinstance(values, list) or not all(isinstance(item, str) for item in values):
            raise ValueError("expected a string or a list of strings")
        return [_relative_path(item, root) for item in values] if name in _PATHS else values
    if isinstance(action, argparse.BooleanOptionalAction):
        if not isinstance(value, bool):
            raise ValueError("expected true or false")
        return value
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise ValueError("expected one string or number")
    text = f"{value:g}" if isinstance(value, float) else str(value)
    if action.choices and text not in action.choices:
        raise ValueError(f"invalid value '{text}': expected one of {', '.join(action.choices)}")
    converted = action.type(text) if callable(action.type) else text
    if name == "theme":
        names = str(converted).split(",")
        return ",".join(_relative_path(one, root) if style_options.is_file(one) else one for one in names)
    return _relative_path(text, root) if name == "output" else converted


def _relative_path(text: str, root: Path) -> str:
    """Return a path in the settings, which is relative to the project, as a path relative to the current folder.

    Raises `ValueError` if it is outside of the project: settings may come with untrusted files.
    """
    if text.startswith("~"):
        raise ValueError(f"'~' does not stand for the home folder in '{text}'; use a path inside the project")
    path = root / text
    if not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root)):
        raise ValueError(f"'{text}' is outside of the project; use a path inside it")
    return os.path.relpath(path)


def _find_key(file: Path, name: str) -> Span:
    """Return the position of a setting in its file, or of the first line if it is not found."""
    lines = file.read_text("utf-8").split("\n")
    key = re.compile(rf"\s*[\"']?{re.escape(name)}[\"']?\s*=")
    # In a pyproject.toml, the setting is below the header of our table.
    table = next((index for index, line in enumerate(lines) if "[tool.diagramkit" in line), 0)
    number = next((number for number, line in enumerate(lines, 1) if number > table and key.match(line)), 1)
    return Span(project.display_path(file), number)


def _toml(value: Any) -> str:
    """Return a value as TOML, or "" if it is unset. JSON's notation of these values is valid TOML."""
    return "" if value is None else json_text(value)
