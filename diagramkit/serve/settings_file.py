"""The settings that the page tries out and writes into the settings file of the project."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from diagramkit import files, project
from diagramkit.options import Options
from diagramkit.serve.edits import EditError
from diagramkit.serve.live_project import LiveProject
from diagramkit.serve.option_edits import SETTINGS, in_settings
from diagramkit.sources.picture_options import validated


def with_values(options: Options, values: Any) -> Options:
    """Return options with values of the page, by name; what is not valid is left out."""
    if not isinstance(values, dict):
        return options
    for name, value in values.items():
        if name in SETTINGS:
            try:
                options = _with_value(options, name, value)
            except (ValueError, TypeError):
                continue
    return options


def _with_value(options: Options, name: str, value: Any) -> Options:
    """Return options with a value; None is unset. Raises `ValueError`."""
    if name == "theme":
        return replace(options, theme=validated("theme", value or "light"))
    picture_options = replace(options.picture_options, **{name: validated(name, value)})
    return replace(options, picture_options=picture_options)


def current(live: LiveProject) -> dict[str, Any]:
    """Return the values that apply now, as JSON data, and the name of the settings file."""
    current_project = project.find(live.root)
    options = live.options
    values = {name: getattr(options.picture_options, name) for name in SETTINGS if name != "theme"}
    return {"values": {"theme": options.theme, **values}, "file": project.display_path(current_project.config)}


def write(live: LiveProject, name: str, value: Any) -> str:
    """Write a setting into the settings file and use it; None removes it. Return a message.

    Raises `EditError`, and `DiagramError` (bad-config, unwritable).
    """
    if name not in SETTINGS:
        raise EditError("the page does not change this setting")
    current_project = project.find(live.root)
    try:
        options = _with_value(live.options, name, value)
    except (ValueError, TypeError) as error:
        raise EditError(str(error)) from None
    content = files.read(str(current_project.config)) or b""
    text = in_settings(content.decode("utf-8"), current_project, name, value)
    files.write(str(current_project.config), text.encode("utf-8"))
    live.options = options
    return f"updated {project.display_path(current_project.config)}"
