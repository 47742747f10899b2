"""`diagramkit check`: report all problems in diagrams and, on request, fix them."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from diagramkit.cli import console
from diagramkit.diagnostics import OK, Diagnostic, Span, exit_code, problems_of

if TYPE_CHECKING:
    from diagramkit.graph import Pattern
    from diagramkit.options import Options
    from diagramkit.sources import SourceFile

_MAX_ROUNDS = 100
"""How often fixes are applied to one file. A fix can reveal the next problem."""


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "check",
        description="Read diagrams and report all problems in them, with suggested fixes, and components without "
        "an icon, with similar icons to choose from. The exit code is 2 if a source has an error.",
    )
    parser.add_argument(
        "sources",
        nargs="*",
        metavar="SOURCE",
        help="specs, .mmd or Markdown files, folders, or - for standard input (default: specs)",
    )
    parser.add_argument("--fix", action="store_true", help="apply fixes in place")
    parser.add_argument(
        "--strict",
        action=argparse.BooleanOptionalAction,
        default=False,
        help="report components without an icon as errors; the exit code is also 1 if there are warnings or notes",
    )
    console.add_options(parser)
    parser.set_defaults(run=run, parser=parser, configured=True, default_sources=["specs"])


def run(options: argparse.Namespace) -> int:
    """Check each file and return the exit code. Raises `DiagramError` if there is no file."""
    from diagramkit import sources
    from diagramkit.cli import inputs
    from diagramkit.options import Options

    if options.fix and sources.STDIN in options.sources:
        options.parser.error("--fix changes files in place and cannot be used with standard input")
    files = sources.find(options.sources or options.default_sources)
    draw_options = Options(packs=inputs.current_packs(), strict=options.strict)
    diagram_count, missing_count, code = 0, 0, OK
    for file in files:
        problems, patterns = _fix(file) if options.fix else _check(file)
        icon_problems = [problem for pattern in patterns for problem in _icon_problems(pattern, draw_options)]
        diagram_count += len(patterns)
        missing_count += sum(problem.code == "no-icon" for problem in icon_problems)
        console.report([*problems, *icon_problems])
        code = max(code, exit_code((*problems, *icon_problems), options.strict))
    if code == OK:
        missing = (
            f"; {missing_count} component{'' if missing_count == 1 else 's'} without an icon" if missing_count else ""
        )
        console.info(f"{diagram_count} diagram{'' if diagram_count == 1 else 's'}, no errors{missing}")
    return code


def _icon_problems(pattern: Pattern, draw_options: Options) -> tuple[Diagnostic, ...]:
    """Return the problems with a diagram's icons, or those that prevent finding them."""
    try:
        return _check_icons(pattern, draw_options)
    except Exception as error:
        return problems_of(error, pattern.span)


def _check_icons(pattern: Pattern, draw_options: Options) -> tuple[Diagnostic, ...]:
    """Return the problems with a diagram's icons, including components without an icon. Raises `DiagramError`."""
    from diagramkit.icons import resolver
    from diagramkit.pipeline import catalog_of, unknown_icon_names, unresolved

    catalog = catalog_of(pattern, draw_options)
    choices = resolver.resolve(pattern, catalog)
    missing = unresolved(pattern, choices, "error" if draw_options.strict else "note")
    return (*unknown_icon_names(pattern, choices, catalog), *missing)


def _check(file: SourceFile) -> tuple[tuple[Diagnostic, ...], tuple[Pattern, ...]]:
    """Return the problems in a file, and its diagrams if it can be read."""
    from diagramkit import sources

    try:
        loaded = sources.load(file)
    except Exception as error:
        return problems_of(error, Span(file.path)), ()
    warnings = [warning for pattern in loaded.patterns for warning in pattern.graph.warnings]
    return (*loaded.warnings, *warnings), loaded.patterns


class _Round(Struct, frozen=True):
    """One application of fixes: the text before it, and the problems whose fixes were applied."""

    text: str
    fixed: tuple[Diagnostic, ...]

    def unresolved(self, text: str, problems: Iterable[Diagnostic]) -> set[tuple[str, str, int]]:
        """Return the keys of the fixed problems that `text`, in which there are `problems`, still has.

        If less of the line follows a problem than before, it is another one of the kind.
        """
        before, after = _lengths_after(self.text, self.fixed), _lengths_after(text, problems)
        return {key for key, length in before.items() if after.get(key, -1) >= length}


def _fix(file: SourceFile) -> tuple[tuple[Diagnostic, ...], tuple[Pattern, ...]]:
    """Apply fixes to a file until no more can be applied. Return the remaining problems, and the diagrams.

    A fix that does not resolve its problem is undone and not applied again, so that a second run changes nothing.
    """
    from diagramkit import files, sources
    from diagramkit.sources import fixes

    rounds: list[_Round] = []
    useless: set[tuple[str, str, int]] = set()
    for _ in range(_MAX_ROUNDS):
        problems, patterns = _check(file)
        text = sources.read_text(file.path)
        failed = next((number for number, earlier in enumerate(rounds) if earlier.unresolved(text, problems)), None)
        if failed is not None:
            useless |= rounds[failed].unresolved(text, problems)
            files.write(file.path, rounds[failed].text.encode("utf-8"))
            del rounds[failed:]
            continue
        text_after, fixed = fixes.apply_fixes(text, (problem for problem in problems if _key(problem) not in useless))
        if not fixed:
            break
        rounds.append(_Round(text, fixed))
        files.write(file.path, text_after.encode("utf-8"))
    for problem in (problem for one in rounds for problem in one.fixed):
        console.info(f"{problem.span}: fixed[{problem.code}]: {problem.message}")
    return problems, patterns


def _key(problem: Diagnostic) -> tuple[str, str, int]:
    """Return what identifies a problem: its code, message and line."""
    return problem.code, problem.message, problem.span.line


def _lengths_after(text: str, problems: Iterable[Diagnostic]) -> dict[tuple[str, str, int], int]:
    """Return how many characters of the line follow each kind of problem, at most."""
    lines, lengths = text.split("\n"), dict[tuple[str, str, int], int]()
    for problem in problems:
        if problem.span.line <= len(lines):
            length = len(lines[problem.span.line - 1]) - problem.span.column + 1
            lengths[_key(problem)] = max(lengths.get(_key(problem), 0), length)
    return lengths
