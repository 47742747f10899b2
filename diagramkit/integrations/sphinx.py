"""An extension for Sphinx: `extensions = ["diagramkit.integrations.sphinx"]`.

In reStructuredText::

    .. diagramkit::
       :caption: How an order is processed

       graph LR
         A[API Gateway] --> B[Lambda]

or `.. diagramkit:: order.mmd`; in MyST, a fence `{diagramkit}`. With `diagramkit_mermaid = True`, `{mermaid}` fences
are drawn too (`sphinx_mermaid`), as is Mermaid in the notations of Azure DevOps, Pandoc and HTML, and with
`myst_fence_as_directive = ["mermaid"]` also plain `mermaid` fences. In themes with a light and a dark mode, a diagram
has a picture for each. In HTML, a click opens a picture large, and a picture with links is a part of its page, because
links in an image cannot be followed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote

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
from diagramkit.sources.value_types import BooleanType, UnionType

_log = logging.getLogger(__name__)
_LIGHT_DARK_THEMES = ("furo", "pydata_sphinx_theme", "sphinx_book_theme")
"""The themes that show elements of the classes `only-light` and `only-dark` in that mode only."""
_PACKS = "diagramkit_packs"
"""The configuration value with the folders of the project's icon packs. The extension sets it; `conf.py` does not."""


def _parse_boolean(text: str | None) -> bool:
    """Return the value of an option such as `:steps:` or `:hops: false`."""
    return str(directives.choice(text or "true", ("true", "false"))) == "true"


def _directive_option(option: PictureOption) -> Any:
    """Return the function that validates an option of the directive."""
    return _parse_boolean if isinstance(option.type, (BooleanType, UnionType)) else option.type.parse


def _parse_align(text: str | None) -> str:
    """Return the value of the option `align`."""
    return str(directives.choice(text, ("left", "center", "right")))


class DiagramPicture(nodes.image):  # type: ignore[misc]  # docutils has no types.
    """An image with the attributes `frame_class` and `size`, in pixels. Builders except HTML's treat it as an image."""


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
        "align": _parse_align,
        "theme": parse_theme,
        "background": BACKGROUND.parse,
        **{option.name: _directive_option(option) for option in SITE_OPTIONS},
    }

    def run(self) -> list[nodes.Node]:
        """Return the nodes of the pictures, or those of `fallback` for a diagram with errors or of another type."""
        try:
            pattern = self.pattern()
            content = self._pictures(pattern) if pattern else None
        except Exception as error:
            for problem in problems_of(error, Span(os.path.relpath(self.get_source_info()[0]), self.lineno)):
                _log.warning("%s", problem, location=self.get_location(), type="diagramkit")
            content = None
        return self.fallback() if content is None else self._placed(content)

    def fallback(self) -> list[nodes.Node]:
        """Return what is shown in place of a diagram that cannot be drawn: its text."""
        text = "\n".join(self.content)
        return [nodes.literal_block(self.block_text, text, language="text")] if text else []

    def _placed(self, content: nodes.Element) -> list[nodes.Node]:
        """Return the pictures with their caption and name."""
        caption, messages = self.options.get("caption"), []
        if caption:
            parsed, messages = self.state.inline_text(caption, self.lineno)
            content = nodes.figure("", content, nodes.caption(caption, "", *parsed))
            if "align" in self.options:
                content["align"] = self.options["align"]
        self.set_source_info(content)
        self.add_name(content)
        return [content, *messages]

    def pattern(self) -> Pattern | None:
        """Return the diagram, which is in a file or in the page; None for another type. Raises `DiagramError`."""
        return pages.file_pattern(self.file()) if self.arguments else self.pattern_in_page()

    def file(self) -> str:
        """Return the path of the file that the argument names, and record that the page depends on it."""
        _, path = self.env.relfn2path(self.arguments[0])
        self.env.note_dependency(path)
        return os.path.relpath(path)

    def pattern_in_page(self) -> Pattern | None:
        """Return the diagram in the page, or None for another type. Raises `DiagramError`."""
        span = Span(os.path.relpath(self.get_source_info()[0]), self._first_line())
        return pages.fence_pattern("\n".join(self.content), span)

    def _pictures(self, pattern: Pattern) -> nodes.Element:
        """Return the container of the diagram's pictures. Raises `DiagramError`."""
        settings = {name: getattr(self.config, f"diagramkit_{name}") for name in pages.SETTINGS}
        own_settings = {name: value for name, value in self.options.items() if name in pages.SETTINGS}
        settings |= {name: value for name, value in own_settings.items() if name in ("theme", "background")}
        options = pages.options_from_settings(settings, tuple(self.config[_PACKS]))
        overrides = pages.page_options(own_settings)
        shown = (self.options.get("caption"), *self._headings())  # These say it already.
        if overrides.title is None and any(pages.is_same_text(pattern.title, text) for text in shown):
            overrides = replace(overrides, title=False)
        has_dark_variant = settings["theme"] == "auto"
        themes = ("light", "dark") if has_dark_variant else (settings["theme"],)
        picture = pages.draw(pattern, options, themes, overrides)
        pages.report_unsupported(pattern, _log.info)
        images = []
        for theme in themes:
            png = pages.draw(pattern, options, (theme,), overrides, "png").pictures[theme]
            images.append(self._image(picture, png, theme, has_dark_variant))
        if picture.has_links:
            images = [*(addnodes.only("", image, expr="not html") for image in images), self._inline(picture, themes)]
        align = self.options.get("align")
        return nodes.container("", *images, classes=["diagramkit", *([f"align-{align}"] if align else [])])

    def _headings(self) -> Iterator[str]:
        """Yield the titles of the sections that the directive is in."""
        node = self.state_machine.node
        while node is not None:
            if isinstance(node, nodes.section) and isinstance(node[0], nodes.title):
                yield node[0].astext()
            node = node.parent

    def _variant(self, theme: str) -> str:
        """Return the class of a picture that a page shows only in light or only in dark mode."""
        return f"{'only' if self.config.html_theme in _LIGHT_DARK_THEMES else 'diagramkit'}-{theme}"

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
        style = _width_style(self.options.get("width"))
        place, html = f"{self.env.docname} {self.env.new_serialno('diagramkit')}", ""
        for theme in themes:
            svg = pages.inline(picture, theme, place, self.options.get("alt"))
            element = svg.with_style.replace("max-width:100%", "width:100%", 1) if style else svg.with_style
            html += pages.frame(element, self._variant(theme) if len(themes) > 1 else "", style)
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
        image = DiagramPicture("", uri=Path(uri).as_posix(), alt=self.options.get("alt") or picture.alt)
        image["classes"] += [
            "diagramkit",
            "no-scaled-link",
        ]  # A click opens the picture, as it does those of other sizes.
        for name in ("width", "align"):
            if name in self.options:
                image[name] = self.options[name]
        image["size"] = picture.size
        image["frame_class"] = self._variant(theme) if has_dark_variant else ""
        self.set_source_info(image)
        if not (has_dark_variant and theme == "dark"):
            return image
        return addnodes.only("", image, expr="html")  # Paper has no dark mode.


def _width_style(width: str | None) -> str:
    """Return the style of the frame of a picture with the option `width`: pixels, or a number with a unit."""
    return f"width:{width}{'px' if width.isdigit() else ''}" if width else ""


def _visit_picture(translator: Any, node: DiagramPicture) -> None:
    """Write a picture to a page of HTML."""
    path = translator.builder.images.get(node["uri"])
    url = f"{translator.builder.imgpath}/{quote(path)}" if path else node["uri"]
    width, height = node["size"]
    style = _width_style(node.get("width"))
    fill = ' style="width:100%"' if style else ""
    image = (
        f'<img class="diagramkit" alt="{escape_html(node["alt"])}" src="{escape_html(url)}" width="{width}" '
        f'height="{height}"{fill}>'
    )
    translator.body.append(pages.frame(image, node["frame_class"], style))
    raise nodes.SkipNode


def setup(app: Any) -> dict[str, Any]:
    """Register the extension with Sphinx."""
    for name, default in pages.SETTINGS.items():
        app.add_config_value(f"diagramkit_{name}", default, "env", [str, bool, int, float])
    app.add_config_value("diagramkit_mermaid", False, "env", [bool])
    app.add_directive("diagramkit", DiagramDirective)
    # Sphinx reads all documents again if a value of kind "env" differs from that of the previous build.
    app.add_config_value(_PACKS, (), "env", [tuple, list])
    app.connect("config-inited", _validate_settings)
    app.add_node(DiagramPicture, html=(_visit_picture, None))
    app.connect("config-inited", _register_mermaid_directive)
    app.connect("config-inited", _find_packs)
    app.connect("builder-inited", _add_assets)
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
        from diagramkit.integrations import sphinx_mermaid

        sphinx_mermaid.register(app)


def _add_assets(app: Any) -> None:
    """Add the files that each page of HTML loads to the site."""
    if app.builder.format != "html":
        return
    folder = Path(app.doctreedir) / "diagramkit-assets"
    for name, content in pages.assets().items():
        files.write(str(folder / name), content)
    app.config.html_static_path.append(os.path.relpath(folder, app.confdir))
    app.add_js_file(pages.SCRIPT)
    app.add_css_file(pages.STYLE)


def _find_packs(app: Any, config: Any) -> None:
    """Find the icon packs of the project. Raises `ExtensionError` if one is not available."""
    try:
        config[_PACKS] = pages.packs_of_site(Path(app.srcdir), _log.info)
    except DiagramError as error:
        raise ExtensionError(str(error), modname=__name__) from None
