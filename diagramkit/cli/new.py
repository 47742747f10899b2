"""`diagramkit new`: write a first diagram, and settings for it, to start from."""

from __future__ import annotations

import argparse
import os
import shlex
from pathlib import Path
from typing import Any

from diagramkit.diagnostics import OK, Span, fail
from diagramkit.sources import starters

_MERMAID, _SPEC = (".mmd", ".mermaid"), (".yaml", ".yml")
_SCHEMA = "spec.schema.json"


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "new",
        description="Write a diagram to start from, and diagramkit.toml if the project has no settings yet. Files that "
        "exist are never changed.",
    )
    parser.add_argument(
        "name",
        nargs="?",
        default="architecture",
        metavar="NAME",
        help="the name of the file, with or without its extension (default: architecture)",
    )
    parser.add_argument(
        "--template",
        choices=starters.TEMPLATES,
        default=starters.TEMPLATES[0],
        help=f"the diagram to start from: {', '.join(starters.TEMPLATES)} (default: {starters.TEMPLATES[0]})",
    )
    parser.add_argument("--spec", action="store_true", help="write a YAML spec, and the JSON Schema of specs beside it")
    parser.set_defaults(run=run, parser=parser, destinations=("name",))


def run(options: argparse.Namespace) -> int:
    """Write the files that do not exist yet, print the command that draws the diagram, and return the exit code.

    Raises `DiagramError` (file-exists, unwritable).
    """
    from diagramkit import data, files, project
    from diagramkit.cli import console

    path = _path(options)
    if os.path.lexists(path):
        raise fail("file-exists", "this file exists already; choose another name: 'diagramkit new NAME'", Span(path))
    is_spec = path.endswith(_SPEC)
    text = starters.spec(options.template, _SCHEMA) if is_spec else starters.mermaid(options.template)
    files.write(path, files.as_bytes(text))
    console.info(f"{path}: written")
    if is_spec:
        _write_missing(str(Path(path).with_name(_SCHEMA)), _schema())
    current_project = project.find()
    _write_missing(project.display_path(current_project.config), data.text("cli", "diagramkit.toml"))
    picture = str(Path(path).with_suffix(".svg"))
    console.info(f"next: diagramkit render {shlex.quote(path)} -o {shlex.quote(picture)}")
    return OK


def _path(options: argparse.Namespace) -> str:
    """Return the file to write. Exit with a usage error if its extension is not one of the requested kind."""
    extension = Path(options.name).suffix.lower()
    if not extension:
        return f"{options.name}{'.yaml' if options.spec else '.mmd'}"
    allowed = _SPEC if options.spec else (*_MERMAID, *_SPEC)
    if extension not in allowed:
        options.parser.error(f"cannot write '{extension}' files: end NAME with {' or '.join(allowed)}, or with none")
    return str(options.name)


def _schema() -> bytes:
    import json

    from diagramkit.sources import spec

    return json.dumps(spec.json_schema(), indent=2).encode("utf-8") + b"\n"


def _write_missing(path: str, content: bytes) -> None:
    """Write a file unless it exists."""
    from diagramkit import files
    from diagramkit.cli import console

    if not os.path.lexists(path):
        files.write(path, content)
        console.info(f"{path}: written")
