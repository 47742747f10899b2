"""`diagramkit deck`: PowerPoint slides with editable diagrams."""

from __future__ import annotations

import argparse
from typing import Any

from msgspec.structs import replace

from diagramkit import files
from diagramkit.cli import console, limit_options, source_arguments, style_options
from diagramkit.diagnostics import Span, exit_code, fail, unreadable
from diagramkit.outputs import OUTPUTS
from diagramkit.project import SETTINGS


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "deck",
        description="Write a PowerPoint file with one slide per pattern: its diagram as editable shapes, with "
        "connectors that stay attached to them, and its lists in the notes. Needs the extra 'slides'.",
    )
    source_arguments.add(parser)
    parser.add_argument(
        "-o",
        "--output",
        dest="deck",
        default="patterns.pptx",
        metavar="FILE",
        help="the file to write (default: patterns.pptx)",
    )
    parser.add_argument("--deck-title", metavar="TEXT", help="the title of the deck (default: that of the catalog)")
    parser.add_argument(
        "--template", metavar="FILE", help="a .pptx file whose layouts and colors to use, without its slides"
    )
    parser.add_argument(
        "--aspect",
        choices=("16:9", "4:3"),
        default="16:9",
        help="the aspect ratio of the slides without a template (default: 16:9)",
    )
    parser.add_argument(
        "--panel",
        action="store_true",
        help="show components and best practices next to the diagram, not only in the notes",
    )
    parser.add_argument("--as-picture", action="store_true", help="insert each diagram as one picture, not as shapes")
    parser.add_argument(
        "--strict",
        action=argparse.BooleanOptionalAction,
        default=False,
        help="report components without an icon as errors",
    )
    limit_options.add_options(parser)
    style_options.add_options(
        parser,
        {"steps": "number the edges, and add one slide per step that highlights its edges"},
    )
    console.add_options(parser)
    parser.set_defaults(run=run, parser=parser, destinations=("deck",), configured=SETTINGS)


def run(options: argparse.Namespace) -> int:
    """Write the deck and return the exit code. If a diagram cannot be drawn, write the others.

    Raises `DiagramError`.
    """
    from diagramkit import files, sources
    from diagramkit.cli import inputs
    from diagramkit.publish import slides
    from diagramkit.slides.arrangement import SlideOptions
    from diagramkit.writers import pptx

    if not options.deck.lower().endswith(".pptx"):
        options.parser.error(f"invalid --output '{options.deck}': expected a file name that ends in .pptx")
    OUTPUTS["pptx"].check_package(Span(options.deck))
    style_options.check_theme(options)
    source_paths = source_arguments.chosen(options)
    slide_options = SlideOptions(
        options.aspect,
        _read_template(options.template),
        options.panel,
        options.as_picture,
        bool(options.steps),
    )
    draw_options = replace(style_options.read(options, inputs.current_packs()), strict=options.strict)
    loaded = inputs.load_inputs(source_paths, options.executor)
    catalog_title = sources.catalog_title(source_paths, options.executor.read_index)
    title = options.deck_title or catalog_title
    result = slides.deck(loaded.patterns, title, slide_options, draw_options, options.executor)
    console.report((*result.problems, *result.warnings))
    if result.deck.slides:
        changed = files.write(options.deck, pptx.write(result.deck))
        console.info(
            f"{options.deck}: {console.count(len(result.deck.slides), 'slide')}{'' if changed else ', current'}"
        )
    return exit_code((*loaded.problems, *result.problems), options.strict)


def run_for_render(options: argparse.Namespace) -> int:
    """Do what `diagramkit render -o slides.pptx` asks for: write a deck, with the appearance that `options` say.

    Raises `DiagramError`.
    """
    from diagramkit.cli import command_parser
    from diagramkit.sources.picture_options import PICTURE_OPTIONS

    deck_options = command_parser("deck").parse_args([*options.sources, "-o", options.output])
    for name in ("executor", "theme", "background", *(option.name for option in PICTURE_OPTIONS)):
        setattr(deck_options, name, getattr(options, name))
    return run(deck_options)


def _read_template(path: str | None) -> bytes | None:
    """Return the content of a PowerPoint template. Raises `DiagramError` (unreadable, bad-template)."""
    if path is None:
        return None
    from diagramkit.writers import pptx

    try:
        data = files.content(path)
        pptx.template_info(data)
    except OSError as error:
        raise unreadable(path, error) from None
    except ValueError:
        message = "is not a PowerPoint file that can be used; save the template as .pptx"
        raise fail("bad-template", message, Span(path)) from None
    return data
