"""The part of `diagramkit import` that reads infrastructure templates: one spec for each of them."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

from diagramkit.diagnostics import OK, PROBLEMS, Diagnostic, DiagramError, Span, exit_code

if TYPE_CHECKING:
    from diagramkit.batch.executor import Executor
    from diagramkit.graph import Pattern
    from diagramkit.sources import SourceFile

_LEVELS = ("overview", "default", "detail", "all")
_ZONES = ("merged", "each")


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options about templates to the command."""
    templates = parser.add_argument_group("templates")
    templates.add_argument("--level", choices=_LEVELS, help="how much to show (default: default)")
    templates.add_argument(
        "--focus",
        metavar="ADDRESS[:HOPS]",
        help="show only a resource and what is at most HOPS edges away (default: 1)",
    )
    templates.add_argument(
        "--show",
        action="append",
        metavar="GLOB",
        help="show resources whose address or type matches, whatever their level",
    )
    templates.add_argument(
        "--hide", action="append", metavar="GLOB", help="leave out resources whose address or type matches"
    )
    templates.add_argument(
        "--zones", choices=_ZONES, help="show subnets once for all zones, or each of them (default: merged)"
    )
    templates.add_argument("--strict", action="store_true", help="report unknown types of resources as errors")


def run(options: argparse.Namespace) -> int:
    """Write the specs of templates and return the exit code. Raises `DiagramError` if none of them can be read."""
    from diagramkit import sources
    from diagramkit.cli import console

    executor: Executor = options.executor
    files = _template_files(options.sources, executor)
    texts = [(file.path, sources.read_text(file.path)) for file in files if not file.problems]
    console.report([problem for file in files for problem in file.problems])
    code = max((exit_code(file.problems) for file in files), default=OK)
    written: set[str] = set()
    for path, text in texts:
        others = [
            (other, other_text)
            for other, other_text in texts
            if other != path and _is_stack(path, text) and _is_stack(other, other_text)
        ]
        try:
            pattern = _read(path, text, others, options)
        except DiagramError as error:
            console.report(error.problems)
            code = max(code, exit_code(error.problems))
            continue
        problems = _problems(pattern, options.strict)
        console.report(problems)
        code = max(code, exit_code(problem for problem in problems if problem.severity == "error"))
        if not exit_code(problem for problem in problems if problem.severity == "error"):
            code = max(code, _write(pattern, options, written))
    return code


def _template_files(named: list[str], executor: Executor) -> list[SourceFile]:
    """Return the files that the sources stand for, without those of folders that are no templates."""
    from diagramkit import sources

    files = sources.find(named, executor.read_index)
    return [file for file in files if not file.in_folder or _is_template(file.path)]


def _is_template(path: str) -> bool:
    from diagramkit import sources
    from diagramkit.sources import templates

    try:
        return templates.is_template(sources.read_text(path), path)
    except DiagramError:
        return False


def _is_stack(path: str, text: str) -> bool:
    """Return whether a file is a template of CloudFormation, which may import what others export."""
    from diagramkit.infrastructure.readers import detect

    return detect.kind(text, path) == "cloudformation"


def _read(path: str, text: str, others: list[tuple[str, str]], options: argparse.Namespace) -> Pattern:
    from diagramkit.sources import templates

    view = templates.view_for(
        path,
        level=options.level,
        focus=options.focus,
        show=tuple(options.show or ()),
        hide=tuple(options.hide or ()),
        zones=options.zones,
    )
    executor: Executor = options.executor
    return executor.call(Span(path), templates.pattern, text, path, "", view, others)


def _problems(pattern: Pattern, is_strict: bool) -> list[Diagnostic]:
    """Return the problems of a template; unknown types are errors if the import is strict."""
    from msgspec.structs import replace

    return [
        replace(problem, severity="error") if is_strict and problem.code == "unknown-type" else problem
        for problem in pattern.graph.warnings
    ]


def _write(pattern: Pattern, options: argparse.Namespace, written: set[str]) -> int:
    """Write the spec of a template, print what became of its resources, and return the exit code."""
    from diagramkit import files
    from diagramkit.cli import console
    from diagramkit.sources import templates

    counts = templates.summary(pattern.resources)
    if not pattern.graph.nodes and not pattern.graph.groups:
        message = f"nothing in this template is a component, so that there is no spec for it ({counts})"
        console.report([Diagnostic("empty-diagram", message, pattern.span, "note")])
        return OK
    name, number = pattern.name, 2
    while name in written:
        name, number = f"{pattern.name}-{number}", number + 1
    written.add(name)
    path = os.path.join(options.output, f"{name}.yaml")
    text = templates.spec_text(pattern)
    if not options.force and templates.was_edited(files.read(path), text):
        message = "was edited since it was imported and is left unchanged; use --force to replace it"
        print(Diagnostic("edited-spec", message, Span(path), "warning"), file=sys.stderr)
        return PROBLEMS
    state = "wrote" if files.write(path, text.encode("utf-8")) else "unchanged:"
    console.info(f"{state} {path}: {counts}")
    return OK
