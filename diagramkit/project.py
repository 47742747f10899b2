"""The project that a folder belongs to, and what its settings say.

A project is the nearest folder upwards that has `diagramkit.toml`, a `pyproject.toml` with
`[tool.diagramkit]`, or `.git`. Outside of any, the user's own settings count.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from diagramkit.diagnostics import Diagnostic, DiagramError, Span, did_you_mean, fail, os_error_reason

CONFIG = "diagramkit.toml"
_PYPROJECT = "pyproject.toml"
SETTINGS = (
    "sources",
    "output",
    "format",
    "scale",
    "width",
    "palette",
    "theme",
    "background",
    "canvas",
    "lines",
    "hops",
    "frame",
    "title",
    "caption",
    "footer",
    "legend",
    "steps",
    "text",
    "jobs",
    "timeout",
    "memory",
    "engine",
    "strict",
    "gallery",
)
"""What settings may say beside `packs`: the names of options of the command line."""

_KEYS = ("packs", "limits", *SETTINGS)
_PACK_KEYS = ("name", "version", "source", "digest", "integrity")


class ListedPack(Struct, frozen=True):
    """A pack as the settings list it. `digest` is that of its list, `integrity` of what it was
    brought from (as npm writes it), where that is known."""

    name: str
    version: str
    source: str
    digest: str
    integrity: str | None = None


class Project(Struct, frozen=True):
    """A project's folder, the file with its settings (which may not be there yet), its packs, and what else
    the settings say, by name."""

    root: Path
    config: Path
    packs: tuple[ListedPack, ...] = ()
    is_users: bool = False
    settings: Mapping[str, Any] = field(default_factory=dict)


def find(start: Path | None = None) -> Project:
    """The project of a folder (the current one), or the user's own settings outside of any.

    Raises `DiagramError` (bad-config) where the settings cannot be read.
    """
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        for name in (CONFIG, _PYPROJECT):
            settings = _settings(folder / name)
            if settings is not None:
                return _project(folder, folder / name, settings)
        if (folder / ".git").exists():
            return Project(folder, folder / CONFIG)
    own = users_folder() / CONFIG
    return replace(_project(here, own, _settings(own) or {}), is_users=True)


def _project(root: Path, config: Path, settings: dict[str, Any]) -> Project:
    others = {name: value for name, value in settings.items() if name != "packs"}
    return Project(root, config, _packs(settings, config), settings=others)


def folder_of(file: str) -> Path:
    """The folder that a file is in, links followed."""
    return _folder_of(file, os.getcwd())  # noqa: PTH109 - asked often


@lru_cache(maxsize=1)  # One file is asked for several times, then another.
def _folder_of(file: str, here: str) -> Path:
    # `pathlib` keeps a place for each name for ever: it is asked for folders alone.
    return Path(os.path.dirname(os.path.realpath(os.path.join(here, file))))  # noqa: PTH120


@lru_cache(maxsize=256)
def root_of(folder: Path) -> Path:
    """The folder that a source's own files must be in: its project's, or its own folder."""
    for place in (folder, *folder.parents):
        if any((place / name).exists() for name in (CONFIG, ".git")):
            return place
        if _settings(place / _PYPROJECT) is not None:
            return place
    return folder


def users_folder() -> Path:
    """Where what the user keeps is (packs, settings): `DIAGRAMKIT_DATA`, else the system's place."""
    chosen = os.environ.get("DIAGRAMKIT_DATA")
    if chosen:
        return Path(chosen)
    import platformdirs

    return Path(platformdirs.user_data_dir("diagramkit", appauthor=False))


def _settings(file: Path) -> dict[str, Any] | None:
    """The settings in a file; None where it is not there, or is a pyproject without any."""
    try:
        text = file.read_text("utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        said = os_error_reason(error) if isinstance(error, OSError) else "it is not UTF-8"
        raise fail("bad-config", f"cannot be read: {said}", Span(display_path(file))) from None
    if file.name == _PYPROJECT and "[tool.diagramkit" not in text:
        return None
    try:
        read = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        where = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
        line, column = (int(where[1]), int(where[2])) if where else (1, 1)
        said = str(error).partition(" (at ")[0]
        message = f"this is not TOML: {said[:1].lower()}{said[1:]}"
        raise fail("bad-config", message, Span(display_path(file), line, column)) from None
    if file.name == _PYPROJECT:
        tool = read.get("tool", {})
        found = tool.get("diagramkit") if isinstance(tool, dict) else None
        return found if isinstance(found, dict) else None
    return read


def _packs(settings: dict[str, Any], file: Path) -> tuple[ListedPack, ...]:
    span, problems = Span(display_path(file)), list[Diagnostic]()
    for key in settings:
        if key not in _KEYS:
            hint = did_you_mean(key, _KEYS) or f"; known: {', '.join(_KEYS)}"
            problems.append(Diagnostic("bad-config", f"there is no setting '{key}'{hint}", span))
    listed = settings.get("packs", [])
    found: list[ListedPack] = []
    for number, entry in enumerate(listed if isinstance(listed, list) else [None], 1):
        fields = entry if isinstance(entry, dict) else {}
        wrong = [key for key in fields if key not in _PACK_KEYS or not isinstance(fields[key], str)]
        missing = [key for key in _PACK_KEYS[:4] if not isinstance(fields.get(key), str)]
        if wrong or missing:
            message = (
                f"pack {number} is not listed as 'diagramkit icons add' lists it (name, version, "
                f"source, digest): see '{(wrong or missing)[0]}'; add it again"
            )
            problems.append(Diagnostic("bad-config", message, span))
        else:
            found.append(ListedPack(**fields))
    if problems:
        raise DiagramError(problems)
    return tuple(found)


def display_path(path: Path) -> str:
    """A path as messages name it: relative to the current folder where it is below it."""
    try:
        return path.relative_to(Path.cwd()).as_posix()
    except ValueError:
        return str(path)
