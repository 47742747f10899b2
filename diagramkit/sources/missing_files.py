"""Says what may be wrong with the name of a file that does not exist."""

from __future__ import annotations

import glob
import os
import re
from pathlib import Path

from diagramkit.diagnostics import did_you_mean
from diagramkit.sources import foreign

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_WINDOWS_PATH = re.compile(r"[A-Za-z]:\\|.*\\")
_QUOTED_OPTION = re.compile(r"(--?[a-z][a-z-]*)[ =].")
_DASHED_OPTION = re.compile(r"[\u2010-\u2015\u2212]{1,2}-?([a-z].*)")
"""An option whose hyphens a word processor replaced by dashes."""


def message(name: str) -> str:
    """Return what to say about a file or folder that does not exist."""
    if not name:
        return "the path is empty; name a file or folder, such as '.' for this folder"
    if _ADDRESS.match(name):
        return "this is an address, not a file; download the file and name it"
    if "*" in name or "?" in name:
        matches = glob.glob(name)  # noqa: PTH207 - the pattern may be absolute
        # Some shells, such as those of Windows, leave patterns to programs.
        return "this pattern was not expanded; name its folder" if matches else "no file matches it; check the path"
    if _QUOTED_OPTION.match(name):
        return f"this is an option and its value in one word; write them without the quotes: {name}"
    return f"there is no such file or folder{_advice(name)}"


def _advice(name: str) -> str:
    """Return which file or which option may be meant."""
    if match := _DASHED_OPTION.match(name):
        return f"; an option begins with two hyphens: write '--{match[1]}'"
    if foreign.by_extension(f".{name.lower()}"):
        return f"; separate formats with commas, as in '-f svg,{name}'"
    if os.sep == "/" and _WINDOWS_PATH.match(name):
        other = name.replace("\\", "/")
        return (
            f"; did you mean '{other}'?" if Path(other).exists() else "; separate folders with '/', and check the path"
        )
    path = Path(name)
    return did_you_mean(path.name, _siblings(path)) or "; check the path"


def _siblings(path: Path) -> list[str]:
    try:
        return sorted(os.listdir(path.parent))
    except OSError:
        return []
