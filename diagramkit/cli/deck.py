"""`diagramkit deck`: slides of diagrams that can be edited."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from diagramkit.cli import console, style_options
from diagramkit.cli.inputs import none
from diagramkit.diagnostics import BAD_INPUT, OK, Diagnostic, DiagramError, Span, fail, os_error_reason

if TYPE_CHECKING:
    from diagramkit.graph import Pattern


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "deck",
        description="Write a PowerPoint file: a slide a pattern, its diagram as shapes that can be "
        "edited, with connectors that hold on to them; its lists in the notes. Needs the extra 'slides'.",
    )
    parser.add_argument(
        "sources", nargs="*", metavar="SOURCE", help="specs, .mmd or Markdown files, folders of them (default: specs)"
    )
    parser.add_argument(
        "-o",
        "--output",
        dest="deck",
        default="patterns.pptx",
        metavar="FILE",
        help="the file to write (default: patterns.pptx)",
    )
    parser.add_argument("--deck-title", metavar="TEXT", help="what the deck is called (default: as the catalogue)")
    parser.add_argument(
        "--template", metavar="FILE", help="a .pptx whose layouts and colours to use, without its slides"
    )
    parser.add_argument(
        "--aspect",
        choices=("16:9", "4:3"),
        default="16:9",
        help="the slides' proportions, without a template (default: 16:9)",
    )
    parser.add_argument(
        "--panel", action="store_true", help="components and best practices beside the diagram, not in the notes alone"
    )
    parser.add_argument("--as-picture", action="store_true", help="each diagram as one picture, not as shapes")
    parser.add_argument(
        "--strict", action=argparse.BooleanOptionalAction, default=False, help="a node without an icon is an error"
    )
    style_options.add(
        parser,
        steps="number the edges, and make a slide more for each step, its edges standing out",
    )
    console.add(parser)
    parser.set_defaults(run=run, parser=parser, engine="layered", configured=True, usual_sources=["specs"])


def run(options: argparse.Namespace) -> int:
    """Write the deck. Raises `DiagramError`; where a diagram cannot be drawn, the rest is written."""
    from diagramkit import files, sources
    from diagramkit.icons.packs import installed
    from diagramkit.pipeline import Options
    from diagramkit.publish import slides
    from diagramkit.writers import pptx

    where = Span(options.deck)
    if not options.deck.lower().endswith(".pptx"):
        options.parser.error(f"'{options.deck}' should end in .pptx")
    if not pptx.available():
        message = "slides need the package python-pptx; install it with pip install 'diagramkit[slides]'"
        raise fail("no-slides", message, where)
    style_options.check_theme(options)
    given = options.sources or options.usual_sources
    wish = slides.SlideOptions(
        options.aspect,
        _template(options.template),
        options.panel,
        options.as_picture,
        bool(options.steps),
    )
    how = Options(
        options.theme,
        None,
        options.engine,
        options.background,
        look=style_options.read(options),
        packs=installed.current_packs(),
        strict=options.strict,
    )
    patterns, problems = _patterns(given)
    if not patterns and not problems:
        raise none(given[0])
    title = options.deck_title or sources.catalog_title(given) or _usual(patterns)
    made = slides.deck(patterns, title, wish, how)
    problems += made.problems
    console.report(problems)
    failed = any(problem.severity == "error" for problem in problems)
    if made.deck.slides:
        changed = files.write(options.deck, pptx.write(made.deck))
        console.done(f"{options.deck}: {len(made.deck.slides)} slides{'' if changed else ', current'}")
    return BAD_INPUT if failed else OK


def _usual(patterns: list[Pattern]) -> str:
    return patterns[0].title if len(patterns) == 1 else "Architecture diagrams"


def _patterns(given: list[str]) -> tuple[list[Pattern], list[Diagnostic]]:
    """All that can be read, and what is wrong with the rest."""
    from diagramkit import sources

    patterns: list[Pattern] = []
    problems: list[Diagnostic] = []
    for file in sources.find(given):
        try:
            loaded = sources.load(file)
        except DiagramError as error:
            problems += error.problems
            continue
        problems += loaded.warnings
        patterns += loaded.patterns
    return patterns, problems


def _template(path: str | None) -> bytes | None:
    if path is None:
        return None
    from diagramkit.writers import pptx

    try:
        data = Path(path).read_bytes()
        pptx.template_info(data)
    except OSError as error:
        raise fail("unreadable", f"cannot be read: {os_error_reason(error)}", Span(path)) from None
    except ValueError:
        message = "is no PowerPoint file; save the house's template as .pptx"
        raise fail("bad-template", message, Span(path)) from None
    return data
