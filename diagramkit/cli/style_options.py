"""The options that say how a picture looks: theme, canvas, what stands around it."""

from __future__ import annotations

import argparse
import re

from diagramkit.cli import console
from diagramkit.graph import PictureOptions


def add(parser: argparse.ArgumentParser, steps: str = "number the edges, and list what their labels say") -> None:
    """Add the options to a command; `steps` is what `--steps` does there."""
    look = parser.add_argument_group("how it looks (each stands above what a spec says)")
    look.add_argument(
        "--theme",
        type=_theme,
        default="light",
        metavar="THEME",
        help="light, dark, auto (an SVG that follows its reader), mono (for print), "
        "or a theme file such as house.yaml (default: light)",
    )
    look.add_argument("--background", type=_background, metavar="COLOUR", help="#RRGGBB or transparent")
    look.add_argument(
        "--canvas",
        type=_canvas,
        metavar="CANVAS",
        help="what to fit: 16:9, 4:3, a4, square, natural, or pixels as 1920x1080 (default: 16:9)",
    )
    look.add_argument(
        "--lines", choices=("orthogonal", "curved", "straight"), help="how edges run (default: orthogonal)"
    )
    look.add_argument(
        "--hops",
        action=argparse.BooleanOptionalAction,
        help="hop over an edge in a half circle where edges at right angles cross (default: on)",
    )
    look.add_argument("--frame", choices=("aws-cloud",), help="a frame around all that AWS runs")
    look.add_argument("--title", action=argparse.BooleanOptionalAction, help="show the title above the picture")
    look.add_argument("--caption", metavar="TEXT", help="a sentence below the picture")
    look.add_argument("--footer", metavar="TEXT", help="small print at the very bottom")
    look.add_argument(
        "--legend",
        action=argparse.BooleanOptionalAction,
        default=False,
        help="explain the kinds of groups",
    )
    look.add_argument("--steps", action=argparse.BooleanOptionalAction, help=steps)
    look.add_argument(
        "--text",
        choices=("font", "paths"),
        default="font",
        help="SVG text as text with its font inside, or as outlines",
    )


def check_theme(options: argparse.Namespace) -> None:
    """Read a theme file before anything is drawn, and tell what is hard to read in it.

    Raises `DiagramError`.
    """
    from diagramkit.style.theme import THEMES

    if options.theme not in THEMES:
        from diagramkit.sources import themefile

        console.report(themefile.load(options.theme)[1])


def read(options: argparse.Namespace) -> PictureOptions:
    """What the command line says of the look."""
    return PictureOptions(
        canvas=options.canvas,
        lines=options.lines,
        hops=options.hops,
        frame=options.frame,
        title=options.title,
        caption=options.caption,
        legend=() if options.legend else None,
        footer=options.footer,
        steps=options.steps,
    )


def _theme(text: str) -> str:
    from diagramkit.diagnostics import did_you_mean
    from diagramkit.style.theme import THEMES

    if text in THEMES or text.lower().endswith((".yaml", ".yml")):
        return text
    hint = did_you_mean(text, THEMES) or f"; choose from {', '.join(THEMES)}, or name a .yaml file"
    raise argparse.ArgumentTypeError(f"there is no theme '{text}'{hint}")


def _background(text: str) -> str:
    if text == "transparent" or re.fullmatch(r"#[0-9A-Fa-f]{6}", text):
        return text
    raise argparse.ArgumentTypeError(f"'{text}' is no background; write #RRGGBB or transparent")


def _canvas(text: str) -> str:
    from diagramkit.layout import canvas

    try:
        canvas.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return text
