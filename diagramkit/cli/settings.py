"""What a project's settings say (`diagramkit.toml`, or `[tool.diagramkit]` in `pyproject.toml`), as defaults of the
command line's options. What the command line says stands above them."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from msgspec import Struct

from diagramkit import project
from diagramkit.diagnostics import Diagnostic, DiagramError, Span

_PATHS = ("sources", "output", "theme")
_LISTS = ("sources", "format")
_LATER = (*_LISTS, "scale", "width")
"""Options that the command fills in (from `usual_…`) once it knows what the command line says of others."""


class Setting(Struct, frozen=True):
    """A setting in force: its value as the option takes it, as TOML writes it, and from where it is."""

    name: str
    value: Any
    shown: str
    origin: str


def apply(parser: argparse.ArgumentParser) -> None:
    """Make what the settings say the defaults of a command's options. Raises `DiagramError` (bad-config)."""
    for setting in _said(parser, project.find()):
        name = f"usual_{setting.name}" if setting.name in _LATER else setting.name
        parser.set_defaults(**{name: setting.value})


def effective_settings(parser: argparse.ArgumentParser) -> Iterator[Setting]:
    """Every setting of a command, by name. Raises `DiagramError` (bad-config)."""
    said = {setting.name: setting for setting in _said(parser, project.find())}
    for name, action in sorted(_options(parser).items()):
        usual = parser.get_default(f"usual_{name}") if name in _LATER else action.default
        yield said.get(name) or Setting(name, usual, _toml(usual), "default")


def _options(parser: argparse.ArgumentParser) -> dict[str, argparse.Action]:
    return {action.dest: action for action in parser._actions if action.dest in project.SETTINGS}


def _said(parser: argparse.ArgumentParser, here: project.Project) -> list[Setting]:
    options, problems, found = _options(parser), list[Diagnostic](), list[Setting]()
    for name, value in here.settings.items():
        if name not in options:
            continue  # It is another command's.
        where = _place(here.config, name)
        try:
            taken = _taken(name, value, options[name], here.root)
        except (ValueError, argparse.ArgumentTypeError) as error:
            problems.append(Diagnostic("bad-config", f"'{name}': {error}", where))
        else:
            found.append(Setting(name, taken, _toml(value), f"{where.file}:{where.line}"))
    if problems:
        raise DiagramError(problems)
    return found


def _taken(name: str, value: Any, action: argparse.Action, root: Path) -> Any:
    """A value as the option's own reader takes it. Raises `ValueError`, `ArgumentTypeError`."""
    if name in _LISTS:
        values = [value] if isinstance(value, str) else value
        if not isinstance(values, list) or not all(isinstance(one, str) for one in values):
            raise ValueError("write a text, or a list of texts")
        return [_path(one, root) for one in values] if name in _PATHS else values
    if isinstance(action, argparse.BooleanOptionalAction):
        if not isinstance(value, bool):
            raise ValueError("write true or false")
        return value
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise ValueError("write one text or number")
    text = f"{value:g}" if isinstance(value, float) else str(value)
    if action.choices and text not in action.choices:
        raise ValueError(f"'{text}' is none of {', '.join(action.choices)}")
    taken = action.type(text) if callable(action.type) else text
    is_file = name == "output" or (name == "theme" and text.lower().endswith((".yaml", ".yml")))
    return _path(text, root) if is_file else taken


def _path(text: str, root: Path) -> str:
    """A path of the settings as seen from the current folder. Raises `ValueError` where it is outside of the
    project: settings come with what was checked out."""
    path = root / text
    if not path.resolve().is_relative_to(root.resolve()):
        raise ValueError(f"'{text}' is outside of the project; name a place in it")
    return os.path.relpath(path)


def _place(file: Path, name: str) -> Span:
    """Where a setting stands in its file."""
    lines = file.read_text("utf-8").split("\n")
    key = re.compile(rf"\s*[\"']?{re.escape(name)}[\"']?\s*=")
    ours = next((at for at, line in enumerate(lines) if "[tool.diagramkit" in line), 0)
    number = next((at for at, line in enumerate(lines, 1) if at > ours and key.match(line)), 1)
    return Span(project.display_path(file), number)


def _toml(value: Any) -> str:
    """A value as TOML writes it; nothing where it is unset."""
    import json

    return "" if value is None else json.dumps(value, ensure_ascii=False)
