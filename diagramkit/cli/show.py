"""`diagramkit show`: the graph as diagramkit understands it, with each node's icon and why it was chosen."""

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
    parser.add_argument("--json", action="store_true", help="print JSON; an array if there are several diagrams")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print every diagram that can be read, report the others, and return the exit code. Raises `DiagramError`."""
    from diagramkit.cli import console, inputs
    from diagramkit.diagnostics import exit_code, printable, problems_of
    from diagramkit.icons import resolver
    from diagramkit.options import Options
    from diagramkit.pipeline import catalog_of
    from diagramkit.writers import outline

    patterns, problems = inputs.load_inputs(options.sources)
    draw_options = Options(packs=inputs.current_packs())
    data, outlines = [], []
    for pattern in patterns:
        try:
            icons = resolver.resolve(pattern, catalog_of(pattern, draw_options))
            data.append(outline.as_data(pattern, icons))
            outlines.append("\n".join(map(printable, outline.as_lines(pattern, icons))))
        except Exception as error:
            problems += problems_of(error, pattern.span)
    console.report(problems)
    if options.json:
        print(json.dumps(data[0] if len(data) == 1 else data, indent=2, ensure_ascii=False))
    elif outlines:
        print("\n\n".join(outlines))
    return exit_code(problems)
