"""`diagramkit skill`: the instructions for AI agents, written into a project."""

from __future__ import annotations

import argparse
import os
from typing import Any

from diagramkit.diagnostics import OK, Span, fail

_FOLDER = ".claude/skills"
_STDOUT = "-"


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "skill",
        description="Write the instructions for AI agents into a project, as OUTPUT/diagramkit/SKILL.md, where agents "
        "find skills.",
    )
    parser.add_argument(
        "-o",
        "--output",
        default=_FOLDER,
        metavar="FOLDER",
        help=f"the folder of the project's skills, or - for standard output (default: {_FOLDER})",
    )
    parser.add_argument("--force", action="store_true", help="replace a skill that differs")
    parser.set_defaults(run=run, parser=parser, destinations=("output",))


def run(options: argparse.Namespace) -> int:
    """Write the skill and return the exit code. Raises `DiagramError` (file-exists, unwritable, outside)."""
    from diagramkit import data, files
    from diagramkit.cli import console

    text = data.text("agents", "SKILL.md")
    if options.output == _STDOUT:
        print(text.decode("utf-8"), end="")
        return OK
    path = os.path.join(options.output, "diagramkit", "SKILL.md")
    if os.path.lexists(path) and files.read(path) != text and not options.force:
        message = "this skill differs from the one of this version; compare them, and use --force to replace it"
        raise fail("file-exists", message, Span(path))
    console.info(f"{path}: {'written' if files.write(path, text) else 'current'}")
    return OK
