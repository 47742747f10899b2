"""Command-line options for the appearance of a picture: theme, canvas, title, legend and so on."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from diagramkit import outputs
from diagramkit.cli import console
from diagramkit.options import Options, PictureOptions
from diagramkit.sources.picture_options import BACKGROUND, PICTURE_OPTIONS, PictureOption, parse_theme
from diagramkit.sources.value_types import BooleanType, EnumType, NumberType, OptionType, TextType, UnionType

if TYPE_CHECKING:
    from diagramkit.diagnostics import Diagnostic


def add_options(
    parser: argparse.ArgumentParser,
    help_texts: Mapping[str, str] = MappingProxyType({}),
    read_theme: Callable[[str], str] | None = None,
) -> None:
    """Add the options to a command.

    `help_texts` has other help texts for some options, by name. `read_theme` reads the value of `--theme`, for a
    command that accepts more than one theme.
    """
    group = parser.add_argument_group("appearance (overrides the spec)")
    group.add_argument(
        "--theme",
        type=read_theme or _theme,
        default="light",
        metavar="THEME",
        help="light, dark, auto (an SVG that follows the reader's light or dark mode), mono (for print), or a theme "
        "file such as company.yaml (default: light)",
    )
    group.add_argument(
        "--background",
        type=_parser("background", BACKGROUND),
        metavar="COLOR",
        help=f"the background color: {BACKGROUND.description}",
    )
    for option in PICTURE_OPTIONS:
        _add_option(group, option, help_texts.get(option.name, option.help))
    group.add_argument(
        "--text",
        choices=("font", "paths"),
        default="font",
        help="SVG text as text with an embedded font, or as outlines (default: font)",
    )


def _add_option(group: argparse._ArgumentGroup, option: PictureOption, help_text: str) -> None:
    """Add one option of the table."""
    value_type = option.type
    if isinstance(value_type, (BooleanType, UnionType)):
        group.add_argument(option.flag, action=argparse.BooleanOptionalAction, help=help_text)
    elif isinstance(value_type, EnumType):
        group.add_argument(option.flag, choices=value_type.words, help=help_text)
    else:
        is_text, is_number = isinstance(value_type, TextType), isinstance(value_type, NumberType)
        metavar = "TEXT" if is_text else "N" if is_number else option.name.upper()
        group.add_argument(option.flag, type=_parser(option.name, value_type), metavar=metavar, help=help_text)


def _parser(name: str, value_type: OptionType) -> Callable[[str], Any]:
    """Return a function that reads the value of an option on the command line."""

    def parse(text: str) -> Any:
        try:
            return value_type.parse(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(f"invalid {name} '{text}': {error}") from None

    return parse


def check_theme(options: argparse.Namespace) -> None:
    """Read a theme file before anything is drawn, and report colors in it that are hard to read.

    Exit with a usage error if the theme cannot be read on the background. Raises `DiagramError`.
    """
    from diagramkit.diagnostics import DiagramError, Span
    from diagramkit.sources import themes
    from diagramkit.style.theme import THEMES

    if options.theme not in THEMES:
        console.report(options.executor.call(Span(options.theme), _theme_problems, options.theme))
    if options.background:
        try:
            themes.themes_of(Options(options.theme, background=options.background), Span(options.theme))
        except DiagramError as error:
            options.parser.error(f"--background: {error.problems[0].message}")


def _theme_problems(path: str) -> Sequence[Diagnostic]:
    """Return the problems of a theme file that can be used. Raises `DiagramError`."""
    from diagramkit.sources import themefile

    return themefile.load(path)[1]


def reject_unused(options: argparse.Namespace, formats: Sequence[str]) -> None:
    """Exit with a usage error if an option on the command line changes none of the requested files.

    Options from the settings apply to all commands, so these may be without effect.
    """
    actions: list[argparse.Action] = options.parser._actions
    unused = outputs.unused_options([action.dest for action in actions if _is_set(options, action)], formats)
    if unused:
        options.parser.error(f"--{unused[0]} has no effect on {', '.join(formats)}")


def _is_set(options: argparse.Namespace, action: argparse.Action) -> bool:
    """Whether the command line sets an option to something other than its default."""
    return hasattr(options, action.dest) and getattr(options, action.dest) != options.parser.get_default(action.dest)


def read(options: argparse.Namespace, packs: tuple[str, ...]) -> Options:
    """Return the options for drawing that the command line sets. `packs` are the folders of the icon packs."""
    values = {option.name: getattr(options, option.name) for option in PICTURE_OPTIONS}
    values["legend"] = () if options.legend else None  # The kinds of groups; on the command line it has no own entries.
    return Options(
        options.theme,
        background=options.background,
        outlines=options.text == "paths",
        picture_options=PictureOptions(**values),
        packs=packs,
    )


def _theme(text: str) -> str:
    """Return the value of `--theme`. Raises `ArgumentTypeError`."""
    try:
        return parse_theme(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def themes(text: str) -> str:
    """Return the value of `--theme` of a command that accepts several, separated by commas, without duplicates.

    Raises `ArgumentTypeError`.
    """
    return ",".join(dict.fromkeys(_theme(name.strip()) for name in text.split(",")))


def is_file(theme: str) -> bool:
    """Return whether a theme is a file of the user."""
    return theme.lower().endswith((".yaml", ".yml"))
