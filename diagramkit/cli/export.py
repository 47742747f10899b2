"""`diagramkit export`: convert a diagram to another format."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from diagramkit.cli import limit_options, style_options
from diagramkit.diagnostics import Diagnostic, DiagramError, exit_code, problems_of
from diagramkit.outputs import OUTPUTS, Output, Rendering, output_of
from diagramkit.sources.readers import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from diagramkit.batch.executor import Executor
    from diagramkit.drawing import Drawing
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
    limit_options.add_options(parser)
    style_options.add_options(parser)
    parser.set_defaults(run=run, parser=parser, destinations=("output",), configured=limit_options.SETTINGS)


def run(options: argparse.Namespace) -> int:
    """Write the diagrams that can be read, and return the exit code. Raises `DiagramError` if there is none."""
    from diagramkit.cli import console, inputs

    to_stdout = options.output in (None, "-")
    output = _output(options, None if to_stdout else options.output)
    style_options.reject_unused(options, (output.name,))
    draw_options = style_options.read(options, inputs.current_packs())
    executor: Executor = options.executor
    if not to_stdout and (_is_folder(options.output) or output_of(options.output) is None):
        return _write_files(output, draw_options, options)
    if output.write_all:
        loaded = inputs.load_inputs(options.sources, executor)
        data, problems = _write_all(output.write_all, loaded.patterns, draw_options, executor)
    else:
        several = " or ".join(f"--to {name}" for name, one in OUTPUTS.items() if one.write_all)
        hint = f"name a source with one diagram, or a folder as in '-o exports' (one file takes several with {several})"
        loaded = inputs.load_single(options.sources, options.parser, executor, hint)
        (pattern,) = loaded.patterns
        data, problems = executor.call(pattern.span, _write, output.name, pattern, draw_options), []
    console.report(problems)
    code = exit_code((*loaded.problems, *problems))
    if to_stdout:
        _print(data, output)
        return code
    _save(options.output, data, output)
    return code


def _is_folder(path: str) -> bool:
    """Return whether an output path is certainly a folder."""
    return Path(path).is_dir() or path.endswith("/")


def _write_files(output: Output, draw_options: Options, options: argparse.Namespace) -> int:
    """Write a file for each diagram into a folder, or one without an extension, and return the exit code.

    Raises `DiagramError` if there is no diagram that can be read.
    """
    from diagramkit.cli import console, inputs
    from diagramkit.sources.slugs import claim_name

    loaded = inputs.load_inputs(options.sources, options.executor)
    is_file = len(loaded.patterns) == 1 and not _is_folder(options.output)
    owners, problems = dict[str, str](), list[Diagnostic]()
    for pattern in loaded.patterns:
        if problem := claim_name(owners, pattern.stem, pattern.span):
            problems.append(problem)
            continue
        path = options.output if is_file else os.path.join(options.output, f"{pattern.stem}.{output.extension}")
        try:
            _save(path, options.executor.call(pattern.span, _write, output.name, pattern, draw_options), output)
        except Exception as error:
            problems += problems_of(error, pattern.span)
    console.report(problems)
    return exit_code((*loaded.problems, *problems))


def _save(path: str, data: bytes, output: Output) -> None:
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


def _write(name: str, pattern: Pattern, options: Options) -> bytes:
    """Return a diagram in a format. Raises `DiagramError`."""
    from diagramkit import pipeline

    return OUTPUTS[name].write(pipeline.prepare(pattern, options))


def _write_all(
    write: Callable[[Sequence[Rendering]], bytes], patterns: Sequence[Pattern], options: Options, executor: Executor
) -> tuple[bytes, list[Diagnostic]]:
    """Return several diagrams in a format, and the problems of those that cannot be drawn.

    Raises `DiagramError` with these problems if none can be drawn.
    """
    from diagramkit import pipeline

    renderings: list[Rendering] = []
    problems: list[Diagnostic] = []
    for pattern in patterns:
        rendering = pipeline.prepare(pattern, options)
        try:
            rendering.drawings = executor.call(pattern.span, _drawings, write, pattern, options)
        except Exception as error:
            problems += problems_of(error, pattern.span)
        else:
            renderings.append(rendering)
    if not renderings:
        raise DiagramError(problems)
    return write(renderings), problems


def _drawings(write: Callable[[Sequence[Rendering]], bytes], pattern: Pattern, options: Options) -> tuple[Drawing, ...]:
    """Return the drawings of a diagram that can be written. Raises `DiagramError`."""
    from diagramkit import pipeline

    rendering = pipeline.prepare(pattern, options)
    write([rendering])
    return rendering.drawings


def _print(data: bytes, output: Output) -> None:
    if output.is_text:
        print(data.decode("utf-8"), end="")
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
