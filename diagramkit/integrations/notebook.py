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
from diagramkit.diagnostics import DiagramError
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
        arguments = _parser().parse_args(shlex.split(line))
        pattern = readers.pattern_from_text(text, _CELL)
        diagram = Diagram(pattern, style_options.read(arguments, inputs.current_packs()))
        diagram.render("svg")  # To report errors here, not when the notebook displays the diagram.
    except DiagramError as error:
        for problem in error.problems:
            print("\n".join([str(problem), *excerpt(problem)]), file=sys.stderr)
        return None
    except ValueError as error:
        print(f"%%diagramkit: {error}", file=sys.stderr)
        return None
    return diagram


class _MagicParser(argparse.ArgumentParser):
    """A parser that does not exit on errors, which would end the notebook's process."""

    def error(self, message: str) -> NoReturn:
        """Raise `ValueError` for an invalid option."""
        raise ValueError(message)


def _parser() -> argparse.ArgumentParser:
    parser = _MagicParser(prog="%%diagramkit", add_help=False)
    style_options.add_options(parser)
    return parser
