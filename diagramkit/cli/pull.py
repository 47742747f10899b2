"""`diagramkit pull`: write what was changed in draw.io or PowerPoint back into the source of the picture."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from diagramkit.cli import console, limit_options
from diagramkit.diagnostics import OK, PROBLEMS, Span

if TYPE_CHECKING:
    from diagramkit.batch.executor import Executor
    from diagramkit.pull.write_back import PullResult


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "pull",
        description="Read what somebody moved, renamed, added or deleted in a .drawio or .pptx file that diagramkit "
        "wrote, and write it into the source of the picture: labels, nodes, edges and groups, and positions as pins. "
        "What a source cannot express is listed. The exit code is 1 if something is listed.",
    )
    parser.add_argument("pictures", nargs="+", metavar="PICTURE", help="a .drawio or .pptx file that diagramkit wrote")
    parser.add_argument(
        "--source", metavar="FILE", help="the source to change (default: the file that the picture names)"
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="write nothing; print what would change, and exit with 1 if something would",
    )
    limit_options.add_options(parser)
    console.add_options(parser)
    parser.set_defaults(run=run, parser=parser, destinations=("source",), configured=limit_options.SETTINGS)


def run(options: argparse.Namespace) -> int:
    """Pull each picture, and return the exit code. Raises `DiagramError` for one that cannot be read."""
    code = OK
    for picture in options.pictures:
        code = max(code, _pull(picture, options))
    return code


def _pull(picture: str, options: argparse.Namespace) -> int:
    from diagramkit import files
    from diagramkit.pull import write_back

    executor: Executor = options.executor
    result: PullResult = executor.call(Span(picture), write_back.pull, picture, options.source)
    console.report(result.problems)
    is_changed = False
    for source in result.sources:
        for text in source.done:
            console.info(f"{source.path}: {text}")
        if source.text == source.before:
            console.info(f"unchanged: {source.path}")
            continue
        is_changed = True
        if not options.check:
            files.write(source.path, source.text.encode("utf-8"))
            console.info(f"wrote {source.path}; draw its pictures again to see the layout")
    return PROBLEMS if result.problems or (is_changed and options.check) else OK
