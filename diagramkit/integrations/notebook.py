"""A magic for notebooks: after `%load_ext diagramkit`, a cell that begins with `%%diagramkit` is drawn.

The cell contains Mermaid or a YAML spec. Options can follow the magic: `%%diagramkit --theme dark --canvas 4:3`.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from typing import Any, NoReturn

from diagramkit.api import Diagram
from diagramkit.cli import inputs, style_options
from diagramkit.diagnostics import Span, problems_of
from diagramkit.excerpts import excerpt
from diagramkit.sources import readers

_CELL = "<cell>"


def load_ipython_extension(shell: Any) -> None:
    """Register the magic with IPython."""
    shell.register_magic_function(cell, "cell", "diagramkit")


def cell(line: str, text: str) -> Diagram | None:
    """Return the diagram in a cell, which notebooks display. Print the problems and return None if it has errors.

    `line` is the rest of the first line, with the options.
    """
    try:
        arguments = _parse_options(line)
        pattern = readers.pattern_from_text(text, _CELL)
        diagram = Diagram(pattern, style_options.read(arguments, inputs.current_packs()))
        diagram.render("svg")  # To report errors here, not when the notebook displays the diagram.
    except _UsageError as error:
        print(f"%%diagramkit: {error}", file=sys.stderr)
        return None
    except Exception as error:
        for problem in problems_of(error, Span(_CELL)):
            print("\n".join([str(problem), *excerpt(problem)]), file=sys.stderr)
        return None
    return diagram


class _UsageError(Exception):
    """Options that are not valid."""


class _MagicParser(argparse.ArgumentParser):
    """A parser that does not exit on errors, which would end the notebook's process."""

    def error(self, message: str) -> NoReturn:
        """Raise `_UsageError` for an invalid option."""
        raise _UsageError(message)


def _parse_options(line: str) -> argparse.Namespace:
    """Return the options in a line. Raises `_UsageError`."""
    parser = _MagicParser(prog="%%diagramkit", add_help=False)
    style_options.add_options(parser)
    try:
        return parser.parse_args(shlex.split(line))
    except ValueError as error:  # Quotes without an end.
        raise _UsageError(str(error)) from None
