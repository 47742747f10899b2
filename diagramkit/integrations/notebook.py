"""Notebooks: `%load_ext diagramkit`, then a cell that begins with `%%diagramkit` is Mermaid (or a YAML spec).

Options of the look may stand behind it: `%%diagramkit --theme dark --canvas 4:3 --lines curved`.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from typing import Any, NoReturn

from diagramkit import sources
from diagramkit.api import Diagram
from diagramkit.cli import style_options
from diagramkit.diagnostics import DiagramError
from diagramkit.excerpts import excerpt
from diagramkit.pipeline import Options

_CELL = "<cell>"


def load_ipython_extension(shell: Any) -> None:
    """Register the magic with IPython."""
    shell.register_magic_function(cell, "cell", "diagramkit")


def cell(line: str, text: str) -> Diagram | None:
    """A cell's diagram, which a notebook shows; None where there is a mistake, which is told."""
    try:
        options = _parser().parse_args(shlex.split(line))
        pattern = sources.pattern_from_text(text, _CELL)
        how = Options(
            options.theme,
            background=options.background,
            outlines=options.text == "paths",
            look=style_options.read(options),
        )
        diagram = Diagram(pattern, how)
        diagram.render("svg")
    except DiagramError as error:
        for problem in error.problems:
            print("\n".join([str(problem), *excerpt(problem)]), file=sys.stderr)
        return None
    except ValueError as error:
        print(f"%%diagramkit: {error}", file=sys.stderr)
        return None
    return diagram


class _MagicParser(argparse.ArgumentParser):
    """A parser that does not end the notebook's process."""

    def error(self, message: str) -> NoReturn:
        """Tell a wrong option. Raises `ValueError`."""
        raise ValueError(message)


def _parser() -> argparse.ArgumentParser:
    parser = _MagicParser(prog="%%diagramkit", add_help=False)
    style_options.add(parser)
    return parser
