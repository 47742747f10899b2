"""`diagramkit export`: a diagram in another form."""

from __future__ import annotations

import argparse
from typing import Any


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "export", description="Write a diagram on standard output: as tidy Mermaid, which read again gives "
        "the same diagram, or as an architecture diagram of Mermaid's, which has icons.",
    )  # fmt: skip
    parser.add_argument("source", metavar="SOURCE",
                        help="spec, .mmd or Markdown file with one diagram, or - for standard "
                        "input")  # fmt: skip
    parser.add_argument("--to", choices=("mermaid", "architecture-beta"),
                        default="mermaid", help="the form (default: mermaid)")  # fmt: skip
    parser.set_defaults(run=run, parser=parser)


def run(options: argparse.Namespace) -> int:
    """Print the diagram. Raises `DiagramError`."""
    from diagramkit import sources
    from diagramkit.icons import foreign, resolver
    from diagramkit.pipeline import Options, shelf_of
    from diagramkit.sources.mermaid.write import to_mermaid
    from diagramkit.sources.mermaid.write_architecture import to_architecture

    patterns = [
        pattern
        for file in sources.find([options.source])
        for pattern in sources.load(file).patterns
    ]
    if len(patterns) != 1:
        options.parser.error(f"'{options.source}' holds {len(patterns)} diagrams; name one")
    pattern = patterns[0]
    if options.to == "mermaid":
        print(to_mermaid(pattern.graph), end="")
        return 0
    packs = foreign.logos()
    chosen = resolver.resolve(pattern, shelf_of(pattern, Options()))
    icons = {name: packs[c.icon] for name, c in chosen.items() if c.icon and c.icon in packs}
    print(to_architecture(pattern.graph, icons), end="")
    return 0
