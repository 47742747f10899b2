"""`diagramkit check`: report all problems in diagrams and, on request, fix them."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from diagramkit.cli import console, limit_options, source_arguments
from diagramkit.diagnostics import OK, Diagnostic, Span, exit_code, problems_of
from diagramkit.project import SETTINGS

if TYPE_CHECKING:
    from diagramkit.batch.executor import Executor
    from diagramkit.graph import Pattern
    from diagramkit.options import Options
    from diagramkit.sources import SourceFile
    from diagramkit.sources.fixes import FixedText
    from diagramkit.sources.readers import LoadResult


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "check",
        description="Read diagrams and report all problems in them, with suggested fixes, and components without "
        "an icon, with similar icons to choose from. The exit code is 2 if a source has an error.",
    )
    source_arguments.add(parser, "folders, or - for standard input")
    parser.add_argument("--fix", action="store_true", help="apply fixes in place")
    parser.add_argument(
        "--strict",
        action=argparse.BooleanOptionalAction,
        default=False,
        help="report components without an icon as errors; the exit code is also 1 if there are warnings or notes "
        "about diagrams",
    )
    limit_options.add_options(parser)
    console.add_options(parser)
    parser.set_defaults(run=run, parser=parser, configured=SETTINGS)


def run(options: argparse.Namespace) -> int:
    """Check each file and return the exit code. Raises `DiagramError` if there is no file."""
    from diagramkit import sources, write_scope
    from diagramkit.cli import inputs
    from diagramkit.options import Options

    if options.fix and sources.STDIN in options.sources:
        options.parser.error("--fix changes files in place and cannot be used with standard input")
    executor: Executor = options.executor
    files = sources.find(source_arguments.chosen(options), executor.read_index)
    for source in options.sources:
        write_scope.allow(source)
    draw_options = Options(packs=inputs.current_packs(), strict=options.strict)
    diagram_count, missing_count, code = 0, 0, OK
    for file in files:
        loaded = _fix(file, executor) if options.fix else executor.load(file)
        icon_problems = [
            problem for pattern in loaded.patterns for problem in _icon_problems(pattern, draw_options, executor)
        ]
        diagram_count += len(loaded.patterns)
        missing_count += sum(problem.code == "no-icon" for problem in icon_problems)
        problems = [*loaded.problems, *icon_problems]
        console.report(problems)
        code = max(code, exit_code(problems, options.strict))
    if code == OK:
        missing = (
            f"; {missing_count} component{'' if missing_count == 1 else 's'} without an icon" if missing_count else ""
        )
        console.info(f"{diagram_count} diagram{'' if diagram_count == 1 else 's'}, no errors{missing}")
    return code


def _icon_problems(pattern: Pattern, draw_options: Options, executor: Executor) -> tuple[Diagnostic, ...]:
    """Return the problems with a diagram's icons, or those that prevent finding them."""
    try:
        return executor.call(pattern.span, _check_icons, pattern, draw_options)
    except Exception as error:
        return problems_of(error, pattern.span)


def _check_icons(pattern: Pattern, draw_options: Options) -> tuple[Diagnostic, ...]:
    """Return the problems with a diagram's icons, including components without an icon. Raises `DiagramError`."""
    from diagramkit.icons import resolver
    from diagramkit.icons.catalog import catalog_of
    from diagramkit.pipeline import picture_notes, unknown_icon_names, unresolved
    from diagramkit.sources import themes

    catalog = catalog_of(pattern, draw_options)
    choices = resolver.resolve(pattern, catalog)
    missing = unresolved(pattern, choices, "error" if draw_options.strict else "note")
    notes = picture_notes(pattern, choices, themes.themes_of(draw_options, pattern.span))
    return (*unknown_icon_names(pattern, choices, catalog), *notes, *missing)


def _fix(file: SourceFile, executor: Executor) -> LoadResult:
    """Apply fixes to a file and report them. Return the diagrams in it and the remaining problems."""
    from diagramkit import files, sources

    loaded = executor.load(file)
    if not any(problem.fix for problem in loaded.problems):
        return loaded  # The file may be one that cannot be read.
    text = sources.read_text(file.path)
    try:
        result, remaining = executor.call(Span(file.path), _fixed, file, text, loaded)
    except Exception as error:
        return replace(loaded, problems=(*loaded.problems, *problems_of(error, Span(file.path))))
    if result.text != text:
        files.write(file.path, result.text.encode("utf-8"))
    for problem in result.fixed:
        console.info(f"{problem.span}: fixed[{problem.code}]: {problem.message}")
    return remaining


def _fixed(file: SourceFile, text: str, loaded: LoadResult) -> tuple[FixedText, LoadResult]:
    """Return the result of fixing a text, and what is in the new text. `loaded` is what is in the old one."""
    from diagramkit import sources
    from diagramkit.sources import fixes

    results = {text: loaded}

    def problems_in(new_text: str) -> tuple[Diagnostic, ...]:
        if new_text not in results:
            results[new_text] = sources.load(file, new_text)
        return results[new_text].problems

    result = fixes.fix(text, problems_in)
    return result, results[result.text]
