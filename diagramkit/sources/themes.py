"""The themes that the options for drawing name: built-in ones and theme files."""

from __future__ import annotations

from diagramkit.diagnostics import Span, fail
from diagramkit.options import Options
from diagramkit.style import theme
from diagramkit.style.theme import Theme


def themes_of(options: Options, span: Span) -> tuple[Theme, ...]:
    """Return the themes to draw a picture in: one, or for `auto` a light and a dark one.

    Raises `DiagramError` for an invalid theme file, or (theme-contrast, at `span`) if the theme is illegible on the
    requested background.
    """
    if options.theme == "auto":
        result: tuple[Theme, ...] = theme.light_and_dark()
    elif options.theme in theme.BASES:
        result = (theme.load(options.theme),)
    else:
        from diagramkit.sources import themefile  # Its imports take a while.

        result = (themefile.load(options.theme)[0],)
    if options.background:
        background = "none" if options.background == "transparent" else options.background
        try:
            result = tuple(base.on_background(background) for base in result)
        except ValueError as error:
            raise fail("theme-contrast", str(error), span) from None
    return result
