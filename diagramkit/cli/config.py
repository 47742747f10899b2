"""`diagramkit config`: the settings in force, and where each is from."""

from __future__ import annotations

import argparse
from typing import Any

from diagramkit import project
from diagramkit.diagnostics import OK


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "config",
        description="Show every setting that 'diagramkit render' has here, as TOML, and where it is from: the "
        "nearest diagramkit.toml or pyproject.toml with [tool.diagramkit] upwards, or the default.",
    )
    parser.set_defaults(run=run, parser=parser)


def run(options: argparse.Namespace) -> int:
    """Print the settings. Raises `DiagramError` (bad-config)."""
    from diagramkit.cli import render, settings

    here = project.find()
    there = here.config.is_file()
    print(f"# settings: {project.display_path(here.config)}{'' if there else ' (not there)'}")
    for setting in settings.effective_settings(render.parser()):
        if setting.shown:
            print(f"{setting.name} = {setting.shown}  # {setting.origin}")
        else:
            print(f"# {setting.name}  # {setting.origin}")
    for pack in here.packs:
        print(f"# pack: {pack.name} {pack.version} ({pack.source})")
    return OK
