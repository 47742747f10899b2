"""`diagramkit export`: convert a diagram to another format."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
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
        description=f"Write a diagram in another format to standard output or to a file, or several into a folder. The "
        f"formats are: {formats}.",
    )
    parser.add_argument(
        "sources",
        nargs="+",
        metavar="SOURCE",
        help=f"{KINDS}, or - for standard input; with a folder as output or --to drawio also several and folders",
    )
    parser.add_argument(
        "--to",
        choices=tuple(OUTPUTS),
        help="the format (default: by the extension of the output file, or else mermaid)",
    )
    parser.add_argument(
        "-o",
        "--output",
        metavar="PATH",
        help="the file to write, or with --to a folder for one file per diagram (default: standard output)",
    )
    style_options.add_options(parser)
    parser.set_defaults(run=run, parser=parser, destinations=("output",))


def run(options: argparse.Namespace) -> int:
    """Write the diagrams that can be read, and return the exit code. Raises `DiagramError` if there is none."""
    from diagramkit.cli import console, inputs

    to_stdout = options.output in (None, "-")
    output = _output(options, None if to_stdout else options.output)
    style_options.reject_unused(options, (output.name,))
    draw_options = style_options.read(options, inputs.current_packs())
    is_named_file = not to_stdout and output_of(options.output) is not None and not _is_folder(options.output)
    if output.write_all or not (to_stdout or is_named_file):
        loaded = inputs.load_inputs(options.sources)
    else:
        several = " or ".join(f"--to {name}" for name, one in OUTPUTS.items() if one.write_all)
        hint = f"name a source with one diagram, or a folder as in '-o exports' (one file takes several with {several})"
        loaded = inputs.load_single(options.sources, options.parser, hint)
    renderings, problems = _prepare(output, loaded.patterns, draw_options)
    if not renderings:
        raise DiagramError(problems)
    console.report(problems)
    code = exit_code((*loaded.problems, *problems))
    if not to_stdout and (_is_folder(options.output) or not (is_named_file or len(renderings) == 1)):
        return max(code, _write_each(output, renderings, options.output))
    data = output.write_all(renderings) if output.write_all else output.write(renderings[0])
    if to_stdout:
        _print(data, output)
        return code
    _write(options.output, data, output)
    return code


def _is_folder(path: str) -> bool:
    """Return whether an output path is certainly a folder."""
    return Path(path).is_dir() or path.endswith("/")


def _write_each(output: Output, renderings: Sequence[Rendering], folder: str) -> int:
    """Write one file for each diagram into a folder, below its category, and return the exit code.

    Raises `DiagramError` (unwritable, outside).
    """
    from diagramkit.cli import console
    from diagramkit.sources.slugs import claim_name

    owners, problems = dict[str, str](), list[Diagnostic]()
    for rendering in renderings:
        pattern = rendering.pattern
        name = pattern.stem
        if problem := claim_name(owners, name, pattern.span):
            problems.append(problem)
            continue
        try:
            _write(os.path.join(folder, f"{name}.{output.extension}"), output.write(rendering), output)
        except Exception as error:
            problems += problems_of(error, pattern.span)
    console.report(problems)
    return exit_code(problems)


def _write(path: str, data: bytes, output: Output) -> None:
    """Write a file and print whether it changed. Raises `DiagramError` (unwritable, outside)."""
    from diagramkit import files
    from diagramkit.cli import console

    changed = files.write(path, files.as_bytes(data.decode("utf-8")) if output.is_text else data)
    console.info(f"{path}: {'written' if changed else 'current'}")


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
    if path and (by_extension is None or _is_folder(path)):
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
