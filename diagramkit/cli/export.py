"""`diagramkit export`: a diagram in another form."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from diagramkit.cli import style_options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diagramkit.graph import Pattern
    from diagramkit.pipeline import Options

FORMS = ("mermaid", "architecture-beta", "drawio", "python", "dot", "json")


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "export",
        description="Write a diagram in another form, on standard output or into a file: tidy Mermaid, "
        "which read again gives the same diagram; an architecture diagram of Mermaid's, which has icons; a file of "
        "draw.io, with AWS's own shapes and a page for each diagram; a script of diagrams; DOT; JSON.",
    )
    parser.add_argument(
        "sources",
        nargs="+",
        metavar="SOURCE",
        help="spec, .mmd or Markdown file, or - for standard input; several, or a folder, with --to drawio",
    )
    parser.add_argument("--to", choices=FORMS, default="mermaid", help="the form (default: mermaid)")
    parser.add_argument("-o", "--output", metavar="FILE", help="the file to write (default: standard output)")
    style_options.add(parser)
    parser.set_defaults(run=run, parser=parser)


def run(options: argparse.Namespace) -> int:
    """Write the diagram. Raises `DiagramError`."""
    from diagramkit import files
    from diagramkit.cli import console, inputs
    from diagramkit.icons.packs import installed
    from diagramkit.pipeline import Options

    how = Options(
        options.theme,
        None,
        background=options.background,
        look=style_options.read(options),
        packs=installed.current_packs(),
    )
    if options.to == "drawio":
        text = _drawio(inputs.load_inputs(options.sources), how)
    else:
        hint = "name one (--to drawio takes them all)"
        text = _one(inputs.only(options.sources, options.parser, hint), options.to, how)
    if options.output is None or options.output == "-":
        print(text, end="")
        return 0
    changed = files.write(options.output, files.as_bytes(text))
    console.done(f"{options.output}: {'written' if changed else 'current'}")
    return 0


def _drawio(patterns: Sequence[Pattern], how: Options) -> str:
    from diagramkit import pipeline
    from diagramkit.writers import drawio

    return drawio.write([drawio.DrawioPage(one.title, pipeline.draw(one, how)) for one in patterns])


def _one(pattern: Pattern, form: str, how: Options) -> str:
    from diagramkit import pipeline
    from diagramkit.icons import external, resolver

    if form == "mermaid":
        from diagramkit.sources.mermaid.write import to_mermaid

        return to_mermaid(pattern.graph)
    if form == "dot":
        from diagramkit.writers import dot

        return dot.write(pattern)
    chosen = resolver.resolve(pattern, pipeline.catalog_of(pattern, how))
    if form == "python":
        from diagramkit.writers import script

        return script.write(pattern, chosen)
    if form == "json":
        from diagramkit.writers import structure

        return structure.write(pattern, chosen, pipeline.draw(pattern, how))
    from diagramkit.sources.mermaid.write_architecture import to_architecture

    packs = external.logos_by_icon()
    icons = {name: packs[c.icon] for name, c in chosen.items() if c.icon and c.icon in packs}
    return to_architecture(pattern.graph, icons)
