"""`diagramkit wiki`: wiki markup for a diagram, to paste into a page."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING, Any

from diagramkit.cli import limit_options, style_options
from diagramkit.diagnostics import exit_code
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
        description="Print the markup of a wiki page with the picture, the pattern's lists, and the source, which is "
        "collapsed. The picture is written to a folder, to be attached to the page.",
    )
    parser.add_argument("source", metavar="SOURCE", help=f"one of {KINDS}, with one diagram")
    parser.add_argument("--to", choices=_WIKIS, required=True, help="the wiki")
    parser.add_argument(
        "-o", "--output", default="output", metavar="FOLDER", help="the folder for the picture (default: output)"
    )
    limit_options.add_options(parser)
    style_options.add_options(parser)
    parser.set_defaults(run=run, parser=parser, destinations=("output",), configured=SETTINGS)


def run(options: argparse.Namespace) -> int:
    """Print the page, write the picture, and print which file to attach. Return the exit code.

    Raises `DiagramError`.
    """
    from diagramkit import files
    from diagramkit.cli import inputs
    from diagramkit.options import Options
    from diagramkit.publish import wiki

    draw_options = Options(
        options.theme,
        background=options.background,
        outlines=options.text == "paths",
        picture_options=style_options.read(options),
        packs=inputs.current_packs(),
    )
    write, picture_format = wiki.WIKIS[options.to]
    loaded = inputs.load_single([options.source], options.parser, options.executor)
    (pattern,) = loaded.patterns
    data, alt = options.executor.call(pattern.span, _draw, pattern, picture_format, draw_options)
    name = f"{pattern.name}.{picture_format}"
    path = os.path.join(options.output, name)
    files.write(path, data)
    print(write(wiki.WikiPage(pattern, name, alt)), end="")
    print(f"attach to the page: {path}", file=sys.stderr)
    return exit_code(loaded.problems)


def _draw(pattern: Pattern, picture_format: str, draw_options: Options) -> tuple[bytes, str]:
    """Return the picture of a diagram and its alternative text. Raises `DiagramError`."""
    from diagramkit import pipeline

    rendered = pipeline.render(pattern, (picture_format,), draw_options)
    return rendered.outputs[picture_format], pattern.graph.accessible_title or rendered.description
