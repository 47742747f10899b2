"""Write options of the picture where they belong: into a spec, or into the settings of the project."""

from __future__ import annotations

from typing import Any

from diagramkit.project import Project
from diagramkit.serve.edits import EditError, keep_end
from diagramkit.sources.picture_options import PICTURE_OPTIONS
from diagramkit.sources.yaml_edits import YamlDocument, YamlEditError
from diagramkit.sources.yamltree import YamlError

SETTINGS = ("theme", "canvas", "lines", "frame", "title", "steps")
"""The settings that the page changes."""


def in_source(text: str, language: str, name: str, value: Any) -> str:
    """Return a spec in which the option `name` has a value; None removes it. Raises `EditError`."""
    option = next((option for option in PICTURE_OPTIONS if option.name == name), None)
    if language != "spec" or option is None:
        raise EditError("only a spec has a place for this; write it to the settings")
    try:
        document = YamlDocument(text)
        if value is None:
            document.remove((), [option.key] if document.has((option.key,)) else [])
        else:
            document.put((option.key,), value)
        return keep_end(text, document.text)
    except (YamlEditError, YamlError):
        raise EditError("this cannot be written here; write it by hand") from None


def in_settings(text: str, project: Project, name: str, value: Any) -> str:
    """Return the text of a project's settings file in which a setting has a value; None removes it.

    Raises `EditError`.
    """
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    is_crlf = "\r\n" in text
    try:
        document: Any = tomlkit.parse(text.replace("\r\n", "\n"))
        table = document["tool"]["diagramkit"] if project.config.name == "pyproject.toml" else document
        if value is None:
            table.pop(name, None)
        else:
            table[name] = value
        result = str(tomlkit.dumps(document))
    except (TOMLKitError, KeyError):
        raise EditError("the settings cannot be read; correct them first") from None
    return result.replace("\n", "\r\n") if is_crlf else result
