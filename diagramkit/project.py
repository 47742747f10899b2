"""Projects and their settings.

The project of a folder is the nearest folder at or above it with a `diagramkit.toml`, a `pyproject.toml` that has
`[tool.diagramkit]`, or a `.git`. Outside of any project, a folder is a project of its own without settings. Nothing in
the user's folder changes a picture: a project looks the same on every machine.
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

from diagramkit import files
from diagramkit.diagnostics import Diagnostic, DiagramError, Span, did_you_mean, fail, os_error_reason
from diagramkit.options import PictureOptions

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
    *PictureOptions.__struct_fields__,
    "text",
    "jobs",
    "timeout",
    "memory",
    "engine",
    "strict",
    "gallery",
)
"""The settings that set defaults for command-line options of the same names."""

_KEYS = ("packs", "limits", "exclude", *SETTINGS, "infrastructure")
_PACK_KEYS = ("name", "version", "source", "digest", "integrity")
_REQUIRED_PACK_KEYS = _PACK_KEYS[:4]


class ListedPack(Struct, frozen=True):
    """An icon pack as the settings list it.

    `digest` identifies the pack's index. `integrity`, if it is known, identifies the archive that the pack was
    fetched from, in npm's notation.
    """

    name: str
    version: str
    source: str
    digest: str
    integrity: str | None = None


class Project(Struct, frozen=True):
    """A project: its folder, its settings file (which may not exist yet), its icon packs and its settings."""

    root: Path
    config: Path
    packs: tuple[ListedPack, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)


def find(start: Path | None = None) -> Project:
    """Return the project of a folder (default: the current one).

    Raises `DiagramError` (bad-config) if its settings cannot be read.
    """
    start_folder = (start or Path.cwd()).resolve()
    for folder in (start_folder, *start_folder.parents):
        if configured := _settings_in(folder):
            return configured
        if (folder / ".git").exists():
            return Project(folder, folder / CONFIG)
    return Project(start_folder, start_folder / CONFIG)


def ignored_settings(current: Project) -> Project | None:
    """Return settings that somebody may expect to apply to a project that has none, but that do not.

    They are in a folder above its repository, or in the user's folder, where earlier versions read them.
    """
    if current.config.exists():
        return None
    for folder in (*current.root.parents, user_folder()):
        try:
            configured = _settings_in(folder)
        except DiagramError:
            continue
        if configured:
            return configured
    return None


def _settings_in(folder: Path) -> Project | None:
    """Return the project whose settings file is in a folder, or None if there is none. Raises `DiagramError`."""
    for name in (CONFIG, _PYPROJECT):
        settings = _read_settings(folder / name)
        if settings is not None:
            return Project(folder, folder / name, _read_packs(settings, folder / name), settings)
    return None


def folder_of(file: str) -> Path:
    """Return the folder that contains a file, with symbolic links resolved."""
    return _folder_of(file, os.getcwd())  # noqa: PTH109 - called often


@lru_cache(maxsize=1)  # Consecutive calls often ask for the same file.
def _folder_of(file: str, cwd: str) -> Path:
    # `pathlib` interns every name, which costs memory for thousands of files, so only folders become paths.
    return Path(os.path.dirname(os.path.realpath(os.path.join(cwd, file))))  # noqa: PTH120


@lru_cache(maxsize=256)
def root_of(folder: Path) -> Path:
    """Return the folder that must contain all files a source refers to: its project, or else its own folder."""
    for candidate in (folder, *folder.parents):
        if any((candidate / name).exists() for name in (CONFIG, ".git")):
            return candidate
        if _read_settings(candidate / _PYPROJECT) is not None:
            return candidate
    return folder


def user_folder() -> Path:
    """Return the folder in which icon packs are installed.

    It is `DIAGRAMKIT_DATA` if that is set, otherwise the operating system's location for user data.
    """
    configured = os.environ.get("DIAGRAMKIT_DATA")
    if configured:
        return Path(configured)
    import platformdirs

    return Path(platformdirs.user_data_dir("diagramkit", appauthor=False))


def _read_settings(file: Path) -> dict[str, Any] | None:
    """Return the settings in a file, or None if it does not exist or is a `pyproject.toml` without settings."""
    try:
        text = files.content(file).decode("utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        reason = os_error_reason(error) if isinstance(error, OSError) else "it is not UTF-8"
        raise fail("bad-config", f"cannot be read: {reason}", Span(display_path(file))) from None
    if file.name == _PYPROJECT and "[tool.diagramkit" not in text:
        return None
    try:
        data = tomllib.loads(text)
    except RecursionError:
        raise fail("bad-config", "the values are nested too deeply", Span(display_path(file))) from None
    except tomllib.TOMLDecodeError as error:
        position = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
        line, column = (int(position[1]), int(position[2])) if position else (1, 1)
        reason = str(error).partition(" (at ")[0]
        message = f"invalid TOML: {reason[:1].lower()}{reason[1:]}; write settings as in 'theme = \"dark\"'"
        raise fail("bad-config", message, Span(display_path(file), line, column)) from None
    if file.name == _PYPROJECT:
        tool = data.get("tool", {})
        table = tool.get("diagramkit") if isinstance(tool, dict) else None
        return table if isinstance(table, dict) else None
    return data


def _read_packs(settings: dict[str, Any], file: Path) -> tuple[ListedPack, ...]:
    """Return the icon packs that the settings list. Raises `DiagramError` (bad-config), also for unknown settings."""
    span, problems = Span(display_path(file)), list[Diagnostic]()
    for key in settings:
        if key not in _KEYS:
            hint = did_you_mean(key, _KEYS) or f"; known settings: {', '.join(_KEYS)}"
            problems.append(Diagnostic("bad-config", f"there is no setting '{key}'{hint}", span))
    entries = settings.get("packs", [])
    packs: list[ListedPack] = []
    for number, entry in enumerate(entries if isinstance(entries, list) else [None], 1):
        fields = entry if isinstance(entry, dict) else {}
        invalid = [key for key in fields if key not in _PACK_KEYS or not isinstance(fields[key], str)]
        missing = [key for key in _REQUIRED_PACK_KEYS if key not in fields]
        if invalid or missing:
            message = (
                f"invalid entry {number} under 'packs': check '{(invalid or missing)[0]}' (expected name, version, "
                "source and digest, as text), or remove the entry and run 'diagramkit icons add'"
            )
            problems.append(Diagnostic("bad-config", message, span))
        else:
            packs.append(ListedPack(**fields))
    if problems:
        raise DiagramError(problems)
    return tuple(packs)


def display_path(path: Path) -> str:
    """Return a path as messages show it: relative to the current folder if it is inside, otherwise absolute."""
    try:
        return path.relative_to(Path.cwd()).as_posix()
    except ValueError:
        return str(path)
