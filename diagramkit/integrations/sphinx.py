"""An extension for Sphinx: `extensions = ["diagramkit.integrations.sphinx"]`.

In reStructuredText::

    .. diagramkit::
       :caption: How an order is processed

       graph LR
         A[API Gateway] --> B[Lambda]

or `.. diagramkit:: order.mmd`; in MyST, a fence `{diagramkit}`. With `diagramkit_mermaid = True`, `{mermaid}` fences
are drawn too, as is Mermaid in the notations of Azure DevOps, Pandoc and HTML, and with
`myst_fence_as_directive = ["mermaid"]` also plain `mermaid` fences. In themes with a light and a dark mode, a diagram
has a picture for each. In HTML, a picture with links is a part of its page, because links in an image cannot be
followed.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from msgspec.structs import replace
from sphinx import addnodes
from sphinx.errors import ExtensionError
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

import diagramkit
from diagramkit import files
from diagramkit.diagnostics import DiagramError, Span, problems_of
from diagramkit.graph import Pattern
from diagramkit.integrations import pages
from diagramkit.markup import escape_html
from diagramkit.sources.picture_options import BACKGROUND, SITE_OPTIONS, PictureOption, parse_theme
from diagramkit.sources.readers import MARKDOWN
from diagramkit.sources.value_types import BooleanType, UnionType

_log = logging.getLogger(__name__)
_LIGHT_DARK_THEMES = ("furo", "pydata_sphinx_theme", "sphinx_book_theme")
"""The themes that show elements of the classes `only-light` and `only-dark` in that mode only."""
_NATIVE_FENCE = re.compile(r"(?:```|~~~)[ \t]*\{?mermaid|:::[ \t]*\{mermaid\}")
_PACKS = "diagramkit_packs"
"""The configuration value with the folders of the project's icon packs. The extension sets it; `conf.py` does not."""
_PNG_THEMES = {"auto": "light"}  # A PNG cannot switch between light and dark.


def _parse_boolean(text: str | None) -> bool:
    """Return the value of an option such as `:steps:` or `:hops: false`."""
    return str(directives.choice(text or "true", ("true", "false"))) == "true"


def _directive_option(option: PictureOption) -> Any:
    """Return the function that validates an option of the directive."""
    return _parse_boolean if isinstance(option.type, (BooleanType, UnionType)) else option.type.parse


class DiagramDirective(SphinxDirective):
    """The directive `diagramkit`: a diagram in a page."""

    has_content = True
    optional_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar[dict[str, Any]] = {
        "alt": directives.unchanged,
        "caption": directives.unchanged,
        "name": directives.unchanged,
        "width": directives.length_or_percentage_or_unitless,
        "align": directives.unchanged,
        "theme": parse_theme,
        "background": BACKGROUND.parse,
        **{option.name: _directive_option(option) for option in SITE_OPTIONS},
    }

    def run(self) -> list[nodes.Node]:
        """Return the nodes of the pictures, or the text of a diagram that has errors or is of another type."""
        try:
            pattern = self._pattern()
            images = self._images(pattern) if pattern else None
        except Exception as error:
            for problem in problems_of(error, Span(os.path.relpath(self.get_source_info()[0]), self.lineno)):
                _log.warning("%s", problem, location=self.get_location(), type="diagramkit")
            images = None
        if images is None:
            text = "\n".join(self.content)
            return [nodes.literal_block(self.block_text, text, language="text")] if text else []
        caption = self.options.get("caption")
        if not caption:
            return images
        parsed, messages = self.state.inline_text(caption, self.lineno)
        figure = nodes.figure("", *images, nodes.caption(caption, "", *parsed))
        self.set_source_info(figure)
        self.add_name(figure)
        return [figure, *messages]

    def _pattern(self) -> Pattern | None:
        """Return the diagram, which is in a file or in the page; None for another type. Raises `DiagramError`."""
        if not self.arguments:
            span = Span(os.path.relpath(self.get_source_info()[0]), self._first_line())
            return pages.fence_pattern("\n".join(self.content), span)
        _, path = self.env.relfn2path(self.arguments[0])
        self.env.note_dependency(path)
        return pages.file_pattern(os.path.relpath(path))

    def _images(self, pattern: Pattern) -> list[nodes.Node]:
        """Return the nodes of the diagram's pictures. Raises `DiagramError`."""
        settings = {name: getattr(self.config, f"diagramkit_{name}") for name in pages.SETTINGS}
        own_settings = {name: value for name, value in self.options.items() if name in pages.SETTINGS}
        settings |= {name: value for name, value in own_settings.items() if name in ("theme", "background")}
        options = pages.options_from_settings(settings, tuple(self.config[_PACKS]))
        overrides = pages.page_options(own_settings)
        if overrides.title is None and self.options.get("caption", "").split() == pattern.title.split():
            overrides = replace(overrides, title=False)  # The caption says it.
        has_dark_variant = self.config.html_theme in _LIGHT_DARK_THEMES and settings["theme"] == "auto"
        themes = ("light", "dark") if has_dark_variant else (settings["theme"],)
        picture = pages.draw(pattern, options, themes, overrides)
        images = []
        for theme in themes:
            png_theme = (_PNG_THEMES.get(theme, theme),)
            png = pages.draw(pattern, options, png_theme, overrides, "png").pictures[png_theme[0]]
            images.append(self._image(picture, png, theme, has_dark_variant))
        if not picture.has_links:
            return images
        return [*(addnodes.only("", image, expr="not html") for image in images), self._inline(picture, themes)]

    def _first_line(self) -> int:
        """Return the line on which the content begins.

        It is searched for in the directive's text, because the `content_offset` of reStructuredText and that of MyST
        count from different lines.
        """
        block = [line.strip() for line in self.block_text.split("\n")]
        first = self.content[0].strip() if self.content else ""
        index = block.index(first, 1) if first in block[1:] else 1
        return int(self.lineno) + index

    def _inline(self, picture: pages.EmbeddedPicture, themes: tuple[str, ...]) -> nodes.Node:
        """Return the picture as a part of an HTML page, in each theme."""
        width, align = str(self.options.get("width", "")), self.options.get("align", "")
        style = f"width:{width}{'px' if width.isdigit() else ''};" if width else ""
        style += "margin-left:auto;margin-right:auto" if align == "center" else ""
        place, html = f"{self.env.docname} {self.env.new_serialno('diagramkit')}", ""
        for theme in themes:
            classes = (
                "diagramkit" + (f" only-{theme}" if len(themes) > 1 else "") + (f" align-{align}" if align else "")
            )
            svg = pages.inline(picture, theme, place, label=self.options.get("alt"))
            element = svg.with_style.replace("max-width:100%", "width:100%", 1) if width else svg.with_style
            html += f'<div class="{escape_html(classes)}" style="{escape_html(style)}">{element}</div>'
        node = nodes.raw("", html, format="html")
        self.set_source_info(node)
        return node

    def _image(self, picture: pages.EmbeddedPicture, png: bytes, theme: str, has_dark_variant: bool) -> nodes.Node:
        """Write the picture as SVG and PNG to the build's folder, and return its node.

        The address in the node ends in `.*`, from which each builder chooses the format it supports.
        """
        folder = Path(self.env.app.doctreedir) / "diagramkit"
        stem = f"{picture.name}{'-dark' if has_dark_variant and theme == 'dark' else ''}"
        files.write(str(folder / f"{stem}.svg"), picture.pictures[theme])
        files.write(str(folder / f"{stem}.png"), png)
        uri = os.path.relpath(folder / f"{stem}.*", Path(self.env.doc2path(self.env.docname)).parent)
        image = nodes.image("", uri=Path(uri).as_posix(), alt=self.options.get("alt") or picture.alt)
        image["classes"].append("diagramkit")
        for name in ("width", "align"):
            if name in self.options:
                image[name] = self.options[name]
        if has_dark_variant:
            image["classes"].append(f"only-{theme}")
        self.set_source_info(image)
        if not (has_dark_variant and theme == "dark"):
            return image
        return addnodes.only("", image, expr="html")  # Paper has no dark mode.


def setup(app: Any) -> dict[str, Any]:
    """Register the extension with Sphinx."""
    for name, default in pages.SETTINGS.items():
        app.add_config_value(f"diagramkit_{name}", default, "env", [str, bool, int, float])
    app.add_config_value("diagramkit_mermaid", False, "env", [bool])
    app.add_directive("diagramkit", DiagramDirective)
    # Sphinx reads all documents again if a value of kind "env" differs from that of the previous build.
    app.add_config_value(_PACKS, (), "env", [tuple, list])
    app.connect("config-inited", _validate_settings)
    app.connect("config-inited", _register_mermaid_directive)
    app.connect("config-inited", _find_packs)
    return {
        "version": diagramkit.__version__,
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }


def _validate_settings(_: Any, config: Any) -> None:
    """Replace each setting by its validated value. Raises `ExtensionError`."""
    for key, name in ((f"diagramkit_{name}", name) for name in pages.SETTINGS):
        try:
            config[key] = pages.validated(name, config[key])
        except ValueError as error:
            raise ExtensionError(f"{key}: {error}", modname=__name__) from None


def _register_mermaid_directive(app: Any, config: Any) -> None:
    """Draw the directive `mermaid` too, and Mermaid in other notations, if `diagramkit_mermaid` is set."""
    if config.diagramkit_mermaid:
        app.add_directive("mermaid", DiagramDirective, override=True)
        app.connect("source-read", _read_other_notations)


def _read_other_notations(app: Any, name: str, content: list[str]) -> None:
    """Replace Mermaid that MyST does not read as a directive by directives."""
    if app.env.doc2path(name).suffix in MARKDOWN.extensions:
        content[0] = pages.with_fences(content[0], "{mermaid}", _NATIVE_FENCE)


def _find_packs(app: Any, config: Any) -> None:
    """Find the icon packs of the project. Raises `ExtensionError` if one is not available."""
    try:
        config[_PACKS] = pages.packs_of_site(Path(app.srcdir), _log.info)
    except DiagramError as error:
        raise ExtensionError(str(error), modname=__name__) from None
