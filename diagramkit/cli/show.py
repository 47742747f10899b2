"""`diagramkit show`: the graph as diagramkit understands it, with each node's icon and why it was chosen."""

from __future__ import annotations

import argparse
from typing import Any


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "show",
        description="Show each diagram as diagramkit understands it, and why each icon was chosen.",
    )
    parser.add_argument(
        "sources", nargs="+", metavar="SOURCE", help="spec, .mmd or Markdown file, folder, or - for standard input"
    )
    parser.add_argument("--json", action="store_true", help="print JSON; an array if there are several diagrams")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print every diagram. Raises `DiagramError`."""
    from diagramkit.cli import inputs
    from diagramkit.diagnostics import printable
    from diagramkit.icons import resolver
    from diagramkit.markup import json_text
    from diagramkit.options import Options
    from diagramkit.pipeline import catalog_of
    from diagramkit.writers import outline

    patterns = inputs.load_inputs(options.sources)
    draw_options = Options(packs=inputs.current_packs())
    resolved = [(pattern, resolver.resolve(pattern, catalog_of(pattern, draw_options))) for pattern in patterns]
    if options.json:
        data = [outline.as_data(pattern, icons) for pattern, icons in resolved]
        print(json_text(data[0] if len(data) == 1 else data, 2))
        return 0
    outlines = [map(printable, outline.as_lines(pattern, icons)) for pattern, icons in resolved]
    print("\n\n".join(map("\n".join, outlines)))
    return 0
