"""`diagramkit export`: a diagram in another form."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from diagramkit.cli import looks

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
    looks.add(parser)
    parser.set_defaults(run=run, parser=parser)


def run(options: argparse.Namespace) -> int:
    """Write the diagram. Raises `DiagramError`."""
    from diagramkit import files
    from diagramkit.cli import given, say
    from diagramkit.icons.packs import installed
    from diagramkit.pipeline import Options

    how = Options(
        options.theme,
        None,
        background=options.background,
        look=looks.read(options),
        packs=installed.here(),
    )
    if options.to == "drawio":
        text = _drawio(given.all_of(options.sources), how)
    else:
        hint = "name one (--to drawio takes them all)"
        text = _one(given.only(options.sources, options.parser, hint), options.to, how)
    if options.output is None or options.output == "-":
        print(text, end="")
        return 0
    changed = files.write(options.output, files.as_bytes(text))
    say.done(f"{options.output}: {'written' if changed else 'current'}")
    return 0


def _drawio(patterns: Sequence[Pattern], how: Options) -> str:
    from diagramkit import pipeline
    from diagramkit.writers import drawio

    return drawio.write([drawio.Page(one.title, pipeline.draw(one, how)) for one in patterns])


def _one(pattern: Pattern, form: str, how: Options) -> str:
    from diagramkit import pipeline
    from diagramkit.icons import foreign, resolver

    if form == "mermaid":
        from diagramkit.sources.mermaid.write import to_mermaid

        return to_mermaid(pattern.graph)
    if form == "dot":
        from diagramkit.writers import dot

        return dot.write(pattern)
    chosen = resolver.resolve(pattern, pipeline.shelf_of(pattern, how))
    if form == "python":
        from diagramkit.writers import script

        return script.write(pattern, chosen)
    if form == "json":
        from diagramkit.writers import structure

        return structure.write(pattern, chosen, pipeline.draw(pattern, how))
    from diagramkit.sources.mermaid.write_architecture import to_architecture

    packs = foreign.logos()
    icons = {name: packs[c.icon] for name, c in chosen.items() if c.icon and c.icon in packs}
    return to_architecture(pattern.graph, icons)
