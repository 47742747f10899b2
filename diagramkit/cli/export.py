"""`diagramkit export`: convert a diagram to another format."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from diagramkit.cli import style_options
from diagramkit.diagnostics import Diagnostic, DiagramError, exit_code, problems_of
from diagramkit.outputs import OUTPUTS, Output, Rendering, output_of
from diagramkit.sources.readers import KINDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diagramkit.graph import Pattern
    from diagramkit.options import Options


def add(commands: Any) -> None:
    """Add the command to the parser."""
    formats = "; ".join(f"{output.name}, {output.summary}" for output in OUTPUTS.values())
    parser = commands.add_parser(
        "export",
        description=f"Write a diagram in another format to standard output or to a file. The formats are: {formats}.",
    )
    parser.add_argument(
        "sources",
        nargs="+",
        metavar="SOURCE",
        help=f"{KINDS}, or - for standard input; with --to drawio also several sources or folders",
    )
    parser.add_argument(
        "--to",
        choices=tuple(OUTPUTS),
        help="the format (default: by the extension of the output file, or else mermaid)",
    )
    parser.add_argument("-o", "--output", metavar="FILE", help="the file to write (default: standard output)")
    style_options.add_options(parser)
    parser.set_defaults(run=run, parser=parser, destinations=("output",))


def run(options: argparse.Namespace) -> int:
    """Write the diagrams that can be read, and return the exit code. Raises `DiagramError` if there is none."""
    from diagramkit import files
    from diagramkit.cli import console, inputs

    to_stdout = options.output in (None, "-")
    output = _output(options, None if to_stdout else options.output)
    style_options.reject_unused(options, (output.name,))
    draw_options = style_options.read(options, inputs.current_packs())
    if output.write_all:
        loaded = inputs.load_inputs(options.sources)
    else:
        several = " or ".join(f"--to {name}" for name, one in OUTPUTS.items() if one.write_all)
        hint = f"name a source with one diagram (only {several} accepts several)"
        loaded = inputs.load_single(options.sources, options.parser, hint)
    renderings, problems = _prepare(output, loaded.patterns, draw_options)
    if not renderings:
        raise DiagramError(problems)
    console.report(problems)
    code = exit_code((*loaded.problems, *problems))
    data = output.write_all(renderings) if output.write_all else output.write(renderings[0])
    if to_stdout:
        _print(data, output)
        return code
    changed = files.write(options.output, files.as_bytes(data.decode("utf-8")) if output.is_text else data)
    console.info(f"{options.output}: {'written' if changed else 'current'}")
    return code


def _output(options: argparse.Namespace, path: str | None) -> Output:
    """Return the requested format, or the one of the output file's extension, or else formatted Mermaid.

    Exit with a usage error if the extension belongs to another format, or to none.
    """
    by_extension = output_of(path) if path else None
    if options.to is not None:
        output = OUTPUTS[options.to]
        if by_extension is not None and by_extension.extension != output.extension:
            options.parser.error(f"'-o {path}' is {by_extension.name}, which differs from --to {output.name}")
        return output
    if path and by_extension is None:
        options.parser.error(f"the extension of '{path}' names no format; choose one with --to")
    # Whoever exports Mermaid to a .mmd file wants it formatted: the source exists already.
    return OUTPUTS["mermaid"] if by_extension is None or by_extension.name == "mmd" else by_extension


def _prepare(output: Output, patterns: Sequence[Pattern], options: Options) -> tuple[list[Rendering], list[Diagnostic]]:
    """Return what a writer needs of each diagram, and the problems of those that cannot be drawn."""
    from diagramkit import pipeline

    renderings: list[Rendering] = []
    problems: list[Diagnostic] = []
    for pattern in patterns:
        rendering = pipeline.prepare(pattern, options)
        try:
            if output.write_all:
                output.write_all([rendering])  # Draws the diagram, which the rendering remembers.
        except Exception as error:
            problems += problems_of(error, pattern.span)
        else:
            renderings.append(rendering)
    return renderings, problems


def _print(data: bytes, output: Output) -> None:
    if output.is_text:
        print(data.decode("utf-8"), end="")
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
