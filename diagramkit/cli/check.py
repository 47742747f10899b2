"""`diagramkit check`: say everything that is wrong with diagrams, and mend it on request."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from diagramkit.cli import console
from diagramkit.diagnostics import FINDINGS, OK, Diagnostic, DiagramError

if TYPE_CHECKING:
    from diagramkit.graph import Pattern
    from diagramkit.pipeline import Options
    from diagramkit.sources import SourceFile

_ROUNDS = 100


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "check",
        description="Read diagrams and say every mistake in them, with what to write instead, and "
        "every node without an icon, with the nearest ones. Exit with 1 where there is a mistake.",
    )
    parser.add_argument(
        "sources",
        nargs="*",
        metavar="SOURCE",
        help="specs, .mmd or Markdown files, folders, or - for standard input (default: specs)",
    )
    parser.add_argument("--fix", action="store_true", help="write the mend of each mistake that has one into its file")
    parser.add_argument(
        "--strict", action=argparse.BooleanOptionalAction, default=False, help="a node without an icon is a mistake too"
    )
    console.add(parser)
    parser.set_defaults(run=run, parser=parser, configured=True, usual_sources=["specs"])


def run(options: argparse.Namespace) -> int:
    """Check each file. Raises `DiagramError` where there is none."""
    from diagramkit import sources
    from diagramkit.icons.packs import installed
    from diagramkit.pipeline import Options

    if options.fix and sources.STDIN in options.sources:
        options.parser.error("--fix writes into files: it cannot mend standard input")
    files = sources.find(options.sources or options.usual_sources)
    how = Options(packs=installed.current_packs(), strict=options.strict)
    diagrams, without, code = 0, 0, OK
    for file in files:
        problems, patterns = _mend(file) if options.fix else _problems(file)
        missing = [problem for pattern in patterns for problem in _icons(pattern, how)]
        diagrams += len(patterns)
        without += sum(problem.code == "no-icon" for problem in missing)
        console.report([*problems, *missing])
        if any(problem.severity == "error" for problem in (*problems, *missing)):
            code = FINDINGS
    if code == OK:
        rest = f"; {without} node{'' if without == 1 else 's'} without an icon" if without else ""
        console.done(f"{diagrams} diagram{'' if diagrams == 1 else 's'}, no mistake found{rest}")
    return code


def _icons(pattern: Pattern, how: Options) -> tuple[Diagnostic, ...]:
    """What is wrong with a diagram's icons, and its nodes that have none."""
    from diagramkit.icons import resolver
    from diagramkit.pipeline import catalog_of, unresolved

    try:
        chosen = resolver.resolve(pattern, catalog_of(pattern, how))
    except DiagramError as error:
        return error.problems
    return unresolved(pattern, chosen, "error" if how.strict else "note")


def _problems(file: SourceFile) -> tuple[tuple[Diagnostic, ...], tuple[Pattern, ...]]:
    """What is wrong with a file, and the diagrams in it."""
    from diagramkit import sources

    try:
        loaded = sources.load(file)
    except DiagramError as error:
        return error.problems, ()
    warnings = [warning for pattern in loaded.patterns for warning in pattern.graph.warnings]
    return (*loaded.warnings, *warnings), loaded.patterns


def _mend(file: SourceFile) -> tuple[tuple[Diagnostic, ...], tuple[Pattern, ...]]:
    """Mend a file until nothing more can be mended; what is still wrong with it."""
    from diagramkit import files, sources
    from diagramkit.sources import fixes

    for _ in range(_ROUNDS):
        problems, patterns = _problems(file)
        if not any(problem.fix for problem in problems):
            break
        text, done = fixes.apply_fixes(sources.read_text(file.path), problems)
        if not done:
            break
        files.write(file.path, text.encode("utf-8"))
        for problem in done:
            console.done(f"{problem.span}: fixed[{problem.code}]: {problem.message}")
    return problems, patterns
