"""`diagramkit export`: a diagram in another form."""

from __future__ import annotations

import argparse
from typing import Any


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "export", help="write a diagram as tidy Mermaid",
        description="Write a diagram as tidy Mermaid on standard output. Reading that again "
        "gives the same diagram.",
    )  # fmt: skip
    parser.add_argument("source", metavar="SOURCE",
                        help="spec, .mmd or Markdown file with one diagram, or - for standard "
                        "input")  # fmt: skip
    parser.add_argument("--to", choices=("mermaid",), default="mermaid", help="the form")
    parser.set_defaults(run=run, parser=parser)


def run(options: argparse.Namespace) -> int:
    """Print the diagram. Raises `DiagramError`."""
    from diagramkit import sources
    from diagramkit.sources.mermaid.write import to_mermaid

    patterns = [
        pattern
        for file in sources.find([options.source])
        for pattern in sources.load(file).patterns
    ]
    if len(patterns) != 1:
        options.parser.error(f"'{options.source}' holds {len(patterns)} diagrams; name one")
    print(to_mermaid(patterns[0].graph), end="")
    return 0
