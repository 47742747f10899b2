"""`diagramkit show`: the graph as understood, with each node's icon and the reason for it."""

from __future__ import annotations

import argparse
import json
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
    parser.add_argument("--json", action="store_true", help="as JSON; an array where there are several diagrams")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print every diagram. Raises `DiagramError`."""
    from diagramkit.cli import inputs
    from diagramkit.diagnostics import printable
    from diagramkit.icons import resolver
    from diagramkit.icons.packs import installed
    from diagramkit.pipeline import Options, catalog_of
    from diagramkit.writers import outline

    found = inputs.load_inputs(options.sources)
    how = Options(packs=installed.current_packs())
    shown = [(one, resolver.resolve(one, catalog_of(one, how))) for one in found]
    if options.json:
        data = [outline.as_data(pattern, icons) for pattern, icons in shown]
        print(json.dumps(data[0] if len(data) == 1 else data, indent=2, ensure_ascii=False))
        return 0
    outlines = [map(printable, outline.as_lines(pattern, icons)) for pattern, icons in shown]
    print("\n\n".join(map("\n".join, outlines)))
    return 0
