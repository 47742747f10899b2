"""`diagramkit wiki`: wiki markup for a diagram, to paste into a page."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING, Any

from diagramkit.cli import limit_options, style_options
from diagramkit.diagnostics import Diagnostic, exit_code, problems_of
from diagramkit.project import SETTINGS
from diagramkit.sources.readers import KINDS

if TYPE_CHECKING:
    from diagramkit.graph import Pattern
    from diagramkit.options import Options

_WIKIS = ("confluence", "mediawiki", "github", "notion")


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "wiki",
        description="Print the markup of a wiki page with the picture of each diagram, the pattern's lists, and the "
        "source, which is collapsed. The pictures are written to a folder, to be attached to the page.",
    )
    parser.add_argument("source", metavar="SOURCE", help=f"one of {KINDS}, or a folder of them")
    parser.add_argument("--to", choices=_WIKIS, required=True, help="the wiki")
    parser.add_argument(
        "-o", "--output", default="output", metavar="FOLDER", help="the folder for the pictures (default: output)"
    )
    limit_options.add_options(parser)
    style_options.add_options(parser)
    parser.set_defaults(run=run, parser=parser, destinations=("output",), configured=SETTINGS)


def run(options: argparse.Namespace) -> int:
    """Print the page, write the pictures, and print which files to attach. Return the exit code.

    A diagram that cannot be drawn is reported, and the page has the others. Raises `DiagramError`.
    """
    from diagramkit.cli import console, inputs
    from diagramkit.sources.slugs import claim_name

    loaded = inputs.load_inputs([options.source], options.executor)
    draw_options = style_options.read(options, inputs.current_packs()).for_titled_page()
    pages: list[str] = []
    problems: list[Diagnostic] = []
    owners: dict[str, str] = {}
    for pattern in loaded.patterns:
        if problem := claim_name(owners, pattern.name, pattern.span):
            problems.append(problem)
            continue
        try:
            pages.append(_page(pattern, options, draw_options))
        except Exception as error:
            problems += problems_of(error, pattern.span)
    print("\n".join(pages), end="")
    console.report(problems)
    return exit_code((*loaded.problems, *problems))


def _page(pattern: Pattern, options: argparse.Namespace, draw_options: Options) -> str:
    """Return the markup for a diagram, after writing its picture. Raises `DiagramError`."""
    from diagramkit import files, pipeline
    from diagramkit.publish import wiki

    write, picture_format = wiki.WIKIS[options.to]
    rendered = options.executor.call(pattern.span, pipeline.render, pattern, (picture_format,), draw_options)
    name = f"{pattern.name}.{picture_format}"
    path = os.path.join(options.output, name)
    files.write(path, rendered.outputs[picture_format])
    print(f"attach to the page: {path}", file=sys.stderr)
    return write(wiki.WikiPage(pattern, name, pattern.graph.accessible_title or rendered.description))
