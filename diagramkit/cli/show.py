"""`diagramkit show`: the graph as diagramkit understands it, with each node's icon and why it was chosen."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from diagramkit.cli import limit_options
from diagramkit.sources.readers import KINDS

if TYPE_CHECKING:
    from diagramkit.batch.executor import Executor
    from diagramkit.graph import Pattern
    from diagramkit.icons.resolver import IconChoice
    from diagramkit.options import Options
    from diagramkit.sources.readers import LoadResult


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "show",
        description="Show each diagram as diagramkit understands it, and why each icon was chosen.",
    )
    parser.add_argument("sources", nargs="+", metavar="SOURCE", help=f"{KINDS}, folders, or - for standard input")
    parser.add_argument("--json", action="store_true", help="print JSON; an array if there are several diagrams")
    limit_options.add_options(parser)
    parser.set_defaults(run=run, parser=parser, configured=limit_options.SETTINGS)


def run(options: argparse.Namespace) -> int:
    """Print every diagram that can be read, and return the exit code. Raises `DiagramError` if there is none."""
    from diagramkit.cli import inputs
    from diagramkit.diagnostics import OK, exit_code, printable
    from diagramkit.markup import json_text
    from diagramkit.options import Options
    from diagramkit.writers import outline

    loaded = inputs.load_inputs(options.sources, options.executor)
    resolved, code = _resolve(loaded, Options(packs=inputs.current_packs()), options.executor)
    code = max(code, exit_code(loaded.problems))
    if options.json:
        data = [outline.as_data(pattern, icons) for pattern, icons in resolved]
        is_single = len(data) == 1 and code == OK
        print(json_text(data[0] if is_single else data, 2))
        return code
    outlines = [map(printable, outline.as_lines(pattern, icons)) for pattern, icons in resolved]
    print("\n\n".join(map("\n".join, outlines)))
    return code


def _resolve(
    loaded: LoadResult, draw_options: Options, executor: Executor
) -> tuple[list[tuple[Pattern, Mapping[str, IconChoice]]], int]:
    """Return the diagrams with their icons. Report those for which there are none; the exit code is about these."""
    from diagramkit import pipeline
    from diagramkit.cli import console
    from diagramkit.diagnostics import OK, exit_code, problems_of

    resolved, code = [], OK
    for pattern in loaded.patterns:
        try:
            resolved.append((pattern, executor.call(pattern.span, pipeline.choices, pattern, draw_options)))
        except Exception as error:
            problems = problems_of(error, pattern.span)
            console.report(problems)
            code = max(code, exit_code(problems))
    return resolved, code
