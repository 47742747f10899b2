"""`diagramkit export`: convert a diagram to another format."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from diagramkit.cli import style_options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diagramkit.graph import Pattern
    from diagramkit.pipeline import Options

FORMATS = ("mermaid", "architecture-beta", "drawio", "python", "dot", "json")


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "export",
        description="Write a diagram in another format to standard output or to a file: formatted Mermaid, which "
        "gives the same diagram when read again; a Mermaid architecture diagram, which has icons; a draw.io file with "
        "AWS shapes and one page per diagram; a Python script that uses the package 'diagrams'; DOT; JSON.",
    )
    parser.add_argument(
        "sources",
        nargs="+",
        metavar="SOURCE",
        help="spec, .mmd or Markdown file, or - for standard input; with --to drawio also several sources or folders",
    )
    parser.add_argument("--to", choices=FORMATS, default="mermaid", help="the format (default: mermaid)")
    parser.add_argument("-o", "--output", metavar="FILE", help="the file to write (default: standard output)")
    style_options.add_options(parser)
    parser.set_defaults(run=run, parser=parser)


def run(options: argparse.Namespace) -> int:
    """Write the diagram. Raises `DiagramError`."""
    from diagramkit import files
    from diagramkit.cli import console, inputs
    from diagramkit.icons.packs import installed
    from diagramkit.pipeline import Options

    draw_options = Options(
        options.theme,
        None,
        background=options.background,
        picture_options=style_options.read(options),
        packs=installed.current_packs(),
    )
    if options.to == "drawio":
        text = _export_drawio(inputs.load_inputs(options.sources), draw_options)
    else:
        hint = "name a source with one diagram (only --to drawio accepts several)"
        text = _export(inputs.load_single(options.sources, options.parser, hint), options.to, draw_options)
    if options.output is None or options.output == "-":
        print(text, end="")
        return 0
    changed = files.write(options.output, files.as_bytes(text))
    console.info(f"{options.output}: {'written' if changed else 'current'}")
    return 0


def _export_drawio(patterns: Sequence[Pattern], draw_options: Options) -> str:
    """Return a draw.io file with one page per pattern."""
    from diagramkit import pipeline
    from diagramkit.writers import drawio

    return drawio.write(
        [drawio.DrawioPage(pattern.title, pipeline.draw(pattern, draw_options)) for pattern in patterns]
    )


def _export(pattern: Pattern, format: str, draw_options: Options) -> str:
    """Return the pattern in one of `FORMATS` other than `drawio`. Raises `DiagramError`."""
    from diagramkit import pipeline
    from diagramkit.icons import external, resolver

    if format == "mermaid":
        from diagramkit.sources.mermaid.write import to_mermaid

        return to_mermaid(pattern.graph)
    if format == "dot":
        from diagramkit.writers import dot

        return dot.write(pattern)
    choices = resolver.resolve(pattern, pipeline.catalog_of(pattern, draw_options))
    if format == "python":
        from diagramkit.writers import script

        return script.write(pattern, choices)
    if format == "json":
        from diagramkit.writers import structure

        return structure.write(pattern, choices, pipeline.draw(pattern, draw_options))
    from diagramkit.sources.mermaid.write_architecture import to_architecture

    logos = external.logos_by_icon()
    icons = {name: logos[choice.icon] for name, choice in choices.items() if choice.icon and choice.icon in logos}
    return to_architecture(pattern.graph, icons)
