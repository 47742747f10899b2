"""An extension of Sphinx: `extensions = ["diagramkit.integrations.sphinx"]`.

    .. diagramkit::
       :caption: How an order is taken

       graph LR
         A[API Gateway] --> B[Lambda]

or `.. diagramkit:: order.mmd`; in MyST a fence `{diagramkit}`, and with `diagramkit_mermaid = True` every fence
`{mermaid}` (with `myst_fence_as_directive = ["mermaid"]` every fence `mermaid`) that is a flowchart or an
architecture diagram. Themes with a light and a dark side get a picture for each.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx import addnodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

import diagramkit
from diagramkit import files
from diagramkit.diagnostics import DiagramError, Span
from diagramkit.integrations import pages
from diagramkit.pipeline import Options

_log = logging.getLogger(__name__)
_TWO_SIDES = ("furo", "pydata_sphinx_theme", "sphinx_book_theme")
"""The themes that show what has the class `only-light` or `only-dark` on that side alone."""
_LIGHT = {"auto": "light"}  # Pixels know one side.
_SETTINGS = ("theme", "canvas", "lines", "frame", "background")


class DiagramDirective(SphinxDirective):
    """A diagram in a page."""

    has_content = True
    optional_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar[dict[str, Any]] = {
        "alt": directives.unchanged,
        "caption": directives.unchanged,
        "name": directives.unchanged,
        "width": directives.length_or_percentage_or_unitless,
        "align": directives.unchanged,
        "theme": directives.unchanged,
        "canvas": directives.unchanged,
        "lines": lambda text: directives.choice(text, ("orthogonal", "curved", "straight")),
        "frame": lambda text: directives.choice(text, ("aws-cloud",)),
        "background": directives.unchanged,
    }

    def run(self) -> list[nodes.Node]:
        """The pictures' nodes; for another kind of diagram, or one with a mistake, its text."""
        try:
            text, where = self._text()
            said = {name: getattr(self.config, f"diagramkit_{name}") for name in _SETTINGS}
            said |= {name: value for name, value in self.options.items() if name in _SETTINGS}
            two = self.config.html_theme in _TWO_SIDES and said["theme"] == "auto"
            themes = ("light", "dark") if two else (said["theme"],)
            how = pages.options_from_settings(said)
            found = pages.draw_fence(text, where, how, themes)
        except DiagramError as error:
            for problem in error.problems:
                _log.warning("%s", problem, location=self.get_location(), type="diagramkit")
            found = None
        if found is None:
            return [nodes.literal_block(self.block_text, "\n".join(self.content), language="text")]
        images = [self._image(found, text, how, theme, two) for theme in themes]
        caption = self.options.get("caption")
        if not caption:
            return images
        parsed, messages = self.state.inline_text(caption, self.lineno)
        figure = nodes.figure("", *images, nodes.caption(caption, "", *parsed))
        self.set_source_info(figure)
        self.add_name(figure)
        return [figure, *messages]

    def _text(self) -> tuple[str, Span]:
        """The diagram and where its first line stands. Raises `DiagramError`."""
        source, _ = self.get_source_info()
        if not self.arguments:
            return "\n".join(self.content), Span(os.path.relpath(source), self._first_line())
        from diagramkit.sources import read_text

        _, path = self.env.relfn2path(self.arguments[0])
        self.env.note_dependency(path)
        return read_text(path), Span(os.path.relpath(path), 1)

    def _first_line(self) -> int:
        """The line on which the content begins: reStructuredText and MyST count it from different places."""
        block = [line.strip() for line in self.block_text.split("\n")]
        first = self.content[0].strip() if self.content else ""
        at = block.index(first, 1) if first in block[1:] else 1
        return int(self.lineno) + at

    def _image(self, found: pages.EmbeddedPicture, text: str, how: Options, theme: str, two: bool) -> nodes.Node:
        """An image whose files are made in the build's own folder: each builder takes the kind it knows."""
        folder = Path(self.env.app.doctreedir) / "diagramkit"
        stem = f"{found.name}{'-dark' if two and theme == 'dark' else ''}"
        files.write(str(folder / f"{stem}.svg"), found.pictures[theme])
        pixels = pages.draw_fence(text, Span("<page>"), how, (_LIGHT.get(theme, theme),), "png")
        assert pixels is not None
        files.write(str(folder / f"{stem}.png"), next(iter(pixels.pictures.values())))
        uri = os.path.relpath(folder / f"{stem}.*", Path(self.env.doc2path(self.env.docname)).parent)
        image = nodes.image("", uri=Path(uri).as_posix(), alt=self.options.get("alt") or found.alt)
        image["classes"].append("diagramkit")
        for name in ("width", "align"):
            if name in self.options:
                image[name] = self.options[name]
        if two:
            image["classes"].append(f"only-{theme}")
        self.set_source_info(image)
        if not (two and theme == "dark"):
            return image
        return addnodes.only("", image, expr="html")  # Paper has one side.


def setup(app: Any) -> dict[str, Any]:
    """Register with Sphinx."""
    for name, usual in (
        ("theme", "auto"),
        ("canvas", "natural"),
        ("lines", ""),
        ("frame", ""),
        ("background", ""),
    ):
        app.add_config_value(f"diagramkit_{name}", usual, "env", [str])
    app.add_config_value("diagramkit_mermaid", False, "env", [bool])
    app.add_directive("diagramkit", DiagramDirective)
    app.connect("config-inited", _take_mermaid)
    return {
        "version": diagramkit.__version__,
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }


def _take_mermaid(app: Any, config: Any) -> None:
    """Draw what is called `mermaid` too, where it is asked for."""
    if config.diagramkit_mermaid:
        app.add_directive("mermaid", DiagramDirective, override=True)
