"""Advice for people who do not know a feature yet. Each hint is shown once to each user, and only on a terminal."""

from __future__ import annotations

from diagramkit import files, project, write_scope
from diagramkit.cli import console
from diagramkit.diagnostics import DiagramError

_ICON_PACK = (
    "hint: these pictures have raster icons from 2019 to 2022. 'diagramkit icons add aws' adds AWS's current icons to "
    "this project, as vectors. (This hint is shown once.)"
)


def suggest_icon_pack() -> None:
    """Tell a user whose project lists no icon pack how to get AWS's current icons. Raises `DiagramError`."""
    if console.is_interactive() and not project.find().packs:
        _show_once("icon-pack", _ICON_PACK)


def _show_once(name: str, line: str) -> None:
    """Print a hint, unless the user's folder says that it was shown before."""
    marker = str(project.user_folder() / "hints" / name)
    write_scope.allow(marker)
    try:
        is_new = files.write(marker, b"")
    except DiagramError:  # Nothing can be stored, so it would be shown every time.
        return
    if is_new:
        console.progress(line)
