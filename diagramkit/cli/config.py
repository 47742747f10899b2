"""`diagramkit config`: the effective settings and where each is set."""

from __future__ import annotations

import argparse
from typing import Any

from diagramkit import project
from diagramkit.diagnostics import OK, printable
from diagramkit.markup import json_text


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "config",
        description="Show every setting that applies to 'diagramkit render' in this folder, as TOML, and where it is "
        "set: in the nearest diagramkit.toml or pyproject.toml with [tool.diagramkit] in this folder or above, or by "
        "default.",
    )
    parser.set_defaults(run=run, parser=parser)


def run(options: argparse.Namespace) -> int:
    """Print the settings. Raises `DiagramError` (bad-config)."""
    from diagramkit.cli import render, settings

    current_project = project.find()
    missing = "" if current_project.config.is_file() else " (does not exist)"
    print(printable(f"# settings: {project.display_path(current_project.config)}{missing}"))
    for setting in settings.effective_settings(render.build_parser()):
        if setting.toml:
            print(printable(f"{setting.name} = {setting.toml}  # {setting.origin}"))
        else:
            print(f"# {setting.name}  # {setting.origin}")
    if exclude := current_project.settings.get("exclude"):
        print(printable(f"exclude = {json_text(exclude)}  # {project.display_path(current_project.config)}"))
    for pack in current_project.packs:
        print(printable(f"# pack: {pack.name} {pack.version} ({pack.source})"))
    return OK
