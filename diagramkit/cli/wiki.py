"""`diagramkit wiki`: what to paste into a page."""

from __future__ import annotations

import argparse
import os
import sys
from typing import Any

from diagramkit.cli import style_options

_NAMES = ("confluence", "mediawiki", "github", "notion")


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "wiki",
        description="Print what to paste into a page of a wiki: the picture, the lists, the source folded "
        "away. The picture is written into a folder, to be attached.",
    )
    parser.add_argument("source", metavar="SOURCE", help="spec, .mmd or Markdown file with one diagram")
    parser.add_argument("--to", choices=_NAMES, required=True, help="which wiki")
    parser.add_argument(
        "-o", "--output", default="output", metavar="FOLDER", help="where the picture goes (default: output)"
    )
    style_options.add(parser)
    parser.set_defaults(run=run, parser=parser, configured=True)


def run(options: argparse.Namespace) -> int:
    """Print the page, write the picture, tell what to attach. Raises `DiagramError`."""
    from diagramkit import files, pipeline
    from diagramkit.cli import inputs
    from diagramkit.icons.packs import installed
    from diagramkit.pipeline import Options
    from diagramkit.publish import wiki

    pattern = inputs.only([options.source], options.parser)
    how = Options(
        options.theme,
        background=options.background,
        outlines=options.text == "paths",
        look=style_options.read(options),
        packs=installed.current_packs(),
    )
    write, form = wiki.WIKIS[options.to]
    data = pipeline.render(pattern, (form,), how).outputs[form]
    alt = pattern.graph.accessible_title or pipeline.draw(pattern, how).description
    name = f"{pattern.name}.{form}"
    path = os.path.join(options.output, name)
    files.write(path, data)
    print(write(wiki.WikiPage(pattern, name, alt)), end="")
    print(f"to attach: {path}", file=sys.stderr)
    return 0
