"""`diagramkit show`: the graph as diagramkit understands it, with each node's icon and why it was chosen."""

from __future__ import annotations

import argparse
from typing import Any

from diagramkit.sources.readers import KINDS


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "show",
        description="Show each diagram as diagramkit understands it, and why each icon was chosen.",
    )
    parser.add_argument("sources", nargs="+", metavar="SOURCE", help=f"{KINDS}, folders, or - for standard input")
    parser.add_argument("--json", action="store_true", help="print JSON; an array if there are several diagrams")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print every diagram that can be read, and return the exit code. Raises `DiagramError` if there is none."""
    from diagramkit.cli import console, inputs
    from diagramkit.diagnostics import OK, exit_code, printable, problems_of
    from diagramkit.icons import resolver
    from diagramkit.markup import json_text
    from diagramkit.options import Options
    from diagramkit.pipeline import catalog_of
    from diagramkit.writers import outline

    loaded = inputs.load_inputs(options.sources)
    code = exit_code(loaded.problems)
    draw_options = Options(packs=inputs.current_packs())
    resolved = []
    for pattern in loaded.patterns:
        try:
            resolved.append((pattern, resolver.resolve(pattern, catalog_of(pattern, draw_options))))
        except Exception as error:
            problems = problems_of(error, pattern.span)
            console.report(problems)
            code = max(code, exit_code(problems))
    if options.json:
        data = [outline.as_data(pattern, icons) for pattern, icons in resolved]
        is_single = len(data) == 1 and code == OK
        print(json_text(data[0] if is_single else data, 2))
        return code
    outlines = [map(printable, outline.as_lines(pattern, icons)) for pattern, icons in resolved]
    print("\n\n".join(map("\n".join, outlines)))
    return code
