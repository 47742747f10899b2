"""Advice for people who do not know a feature yet. Each hint is shown once to each user, and only on a terminal."""

from __future__ import annotations

from diagramkit import project
from diagramkit.cli import console

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
    marker = project.user_folder() / "hints" / name
    try:
        marker.parent.mkdir(parents=True, exist_ok=True)
        marker.touch(exist_ok=False)
    except OSError:  # It was shown before, or it would be shown every time, because nothing can be stored.
        return
    console.progress(line)
