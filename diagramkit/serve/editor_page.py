"""The page of the editor, the files that it loads, and what it knows about the languages that it edits."""

from __future__ import annotations

import hashlib
import html
import os
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from string import Template
from typing import Any

from msgspec import Struct

from diagramkit import data
from diagramkit.outputs import OUTPUTS
from diagramkit.serve.option_edits import SETTINGS
from diagramkit.sources import spec, starters
from diagramkit.sources.picture_options import PICTURE_OPTIONS
from diagramkit.style.theme import THEMES

_SCRIPT, _STYLE, _FONT = "text/javascript; charset=utf-8", "text/css; charset=utf-8", "font/ttf"
_OWN_FILES = {"editor.js": _SCRIPT, "editor.css": _STYLE}
_SANS = ("Regular", "It", "Semibold", "Bold", "BoldIt")
_CODE = ("Regular", "It", "Bold", "BoldIt")


class Asset(Struct, frozen=True):
    """A file that the page loads."""

    content: bytes
    media_type: str


def page(title: str, host: str, root: Path) -> str:
    """Return the page of the editor. It runs only the script that the server at `host` has for it.

    `root` is the folder of the project.
    """
    return Template(data.text("serve", "editor.html").decode("utf-8")).substitute(
        title=html.escape(title), host=html.escape(host), project=project_id(root)
    )


def project_id(root: Path) -> str:
    """Return what tells the drafts of a project apart from those of others with the same address."""
    return hashlib.sha256(os.fsencode(root)).hexdigest()[:16]


@cache
def asset(name: str) -> Asset | None:
    """Return a file that the page loads, or None if there is no such file."""
    if name in _OWN_FILES:
        return Asset(data.text("serve", name), _OWN_FILES[name])
    path = _font_files().get(name)
    return Asset(path.read_bytes(), _FONT) if path else None


def _font_files() -> dict[str, Path]:
    """Return the font files of the page by name. They are those of the pictures."""
    package = find_spec("font_source_sans_pro")
    assert package is not None
    assert package.origin is not None
    sans = Path(package.origin).parent / "files"
    fonts = {f"sans-{style}.ttf": sans / f"SourceSansPro-{style}.ttf" for style in _SANS}
    code = data.folder("style") / "fonts"
    return fonts | {f"code-{style}.ttf": code / f"SourceCodePro-{style}.ttf" for style in _CODE}


def language_data() -> dict[str, Any]:
    """Return what the page completes and offers, as JSON data: keys of specs, shapes, templates, formats, options."""
    return {
        "schema": spec.json_schema(),
        "shapes": _shapes(),
        "templates": [
            {"name": name, "mermaid": starters.mermaid(name), "spec": starters.spec(name)}
            for name in starters.TEMPLATES
        ],
        "formats": [
            {"name": output.name, "title": output.title, "ending": output.ending}
            for output in OUTPUTS.values()
            if not output.module or find_spec(output.module)
        ],
        "options": [_option_data(name) for name in SETTINGS],
    }


def _shapes() -> list[str]:
    """Return the names of shapes that Mermaid's `@{ shape: … }` takes."""
    table = data.load("style", "shapes.yaml")
    return sorted({name for fields in table.values() for name in fields.get("names", ())})


def _option_data(name: str) -> dict[str, Any]:
    """Return an option that the page changes: its key in a spec ("" if a spec has none), and its values."""
    option = next((option for option in PICTURE_OPTIONS if option.name == name), None)
    if option is None:
        return {"name": name, "key": "", "values": list(THEMES)}
    schema = option.type.schema()
    values = schema.get("enum") or ([True, False] if schema.get("type") == "boolean" else [])
    return {"name": name, "key": option.key, "values": values, "help": option.description}
