"""`diagramkit check`: say everything that is wrong with diagrams, and mend it on request."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from diagramkit.cli import say
from diagramkit.problems import FINDINGS, OK, DiagramError, Problem

if TYPE_CHECKING:
    from diagramkit.sources import SourceFile

_ROUNDS = 100


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "check", help="find mistakes in diagrams, and mend them with --fix",
        description="Read diagrams and say every mistake in them, with what to write instead. "
        "Exit with 1 where there is one.",
    )  # fmt: skip
    parser.add_argument("sources", nargs="*", metavar="SOURCE",
                        help="specs, .mmd or Markdown files, folders, or - for standard input "
                        "(default: specs)")  # fmt: skip
    parser.add_argument("--fix", action="store_true",
                        help="write the mend of each mistake that has one into its file")  # fmt: skip
    parser.set_defaults(run=run, parser=parser)


def run(options: argparse.Namespace) -> int:
    """Check each file. Raises `DiagramError` where there is none."""
    from diagramkit import sources

    if options.fix and sources.STDIN in options.sources:
        options.parser.error("--fix writes into files: it cannot mend standard input")
    files = sources.find(options.sources or ["specs"])
    diagrams, code = 0, OK
    for file in files:
        problems, count = _mend(file) if options.fix else _problems(file)
        diagrams += count
        say.report(problems)
        if any(problem.severity == "error" for problem in problems):
            code = FINDINGS
    if code == OK:
        print(f"{diagrams} diagram{'' if diagrams == 1 else 's'}, no mistake found")
    return code


def _problems(file: SourceFile) -> tuple[tuple[Problem, ...], int]:
    """What is wrong with a file, and how many diagrams are in it."""
    from diagramkit import sources

    try:
        loaded = sources.load(file)
    except DiagramError as error:
        return error.problems, 0
    warnings = [warning for pattern in loaded.patterns for warning in pattern.graph.warnings]
    return (*loaded.warnings, *warnings), len(loaded.patterns)


def _mend(file: SourceFile) -> tuple[tuple[Problem, ...], int]:
    """Mend a file until nothing more can be mended; what is still wrong with it."""
    from diagramkit import sources
    from diagramkit.batch import files
    from diagramkit.sources import mend

    for _ in range(_ROUNDS):
        problems, count = _problems(file)
        if not any(problem.fix for problem in problems):
            break
        text, done = mend.apply(sources.read_text(file.path), problems)
        if not done:
            break
        files.write(file.path, text.encode("utf-8"))
        for problem in done:
            print(f"{problem.span}: fixed[{problem.code}]: {problem.message}")
    return problems, count
