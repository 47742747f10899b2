"""The directive `mermaid` of Sphinx, with `diagramkit_mermaid = True`.

It takes the options of the directive `diagramkit` and those of the extension sphinxcontrib-mermaid, whose documentation
is their source. If that extension, or another one, has defined the directive too, it draws what diagramkit does not:
other types of diagrams, and diagrams with errors.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from msgspec.structs import replace
from sphinx.util import logging

from diagramkit.diagnostics import Span
from diagramkit.graph import Pattern
from diagramkit.integrations import pages
from diagramkit.integrations.sphinx import DiagramDirective
from diagramkit.sources import readers

_log = logging.getLogger(__name__)
_NATIVE_FENCE = re.compile(r"(?:```|~~~)[ \t]*\{?mermaid|:::[ \t]*\{mermaid\}")
_NAME = "mermaid"


class MermaidDirective(DiagramDirective):
    """The directive `mermaid`. `previous` is the class of another extension's directive of this name."""

    option_spec: ClassVar[dict[str, Any]] = {
        **DiagramDirective.option_spec,
        "config": directives.unchanged,
        "title": directives.unchanged,
        "zoom": directives.unchanged,
    }
    previous: ClassVar[Any] = None

    def run(self) -> list[nodes.Node]:
        """Return the nodes of the pictures, or those of the other directive."""
        self._own_options = dict(self.options)
        self.options.pop("zoom", None)  # All pictures can be zoomed.
        title = self.options.pop("title", None)
        if title in ("true", "false"):
            self.options["title"] = title == "true"
        self._settings = self._read_config(self.options.pop("config", None))
        return super().run()

    def _read_config(self, text: str | None) -> Any:
        """Return Mermaid's configuration in the option `config`. If it is not JSON, report it and ignore it."""
        try:
            return None if text is None else json.loads(text)
        except ValueError as error:
            del self._own_options["config"]
            message = "invalid option 'config': expected JSON: %s"
            _log.warning(message, error, location=self.get_location(), type="diagramkit")
            return None

    def pattern(self) -> Pattern | None:
        """Return the diagram with the title and the configuration of the options. Raises `DiagramError`."""
        pattern = self._pattern_in_file(self.file()) if self.arguments else self.pattern_in_page()
        if pattern is None:
            return None
        if self._settings is not None:
            pattern = self._configured(pattern)
        title = self._own_options.get("title")
        if pattern and title and title not in ("true", "false"):
            pattern = replace(pattern, title=title, graph=replace(pattern.graph, title=title))
        return pattern

    def _pattern_in_file(self, path: str) -> Pattern | None:
        """Return the diagram in a file: of any kind that diagramkit reads, or what the other directive would read."""
        other_kinds = (*readers.MARKDOWN.extensions, *readers.SPEC.extensions)
        if self.previous is None or Path(path).suffix.lower() in other_kinds or not Path(path).is_file():
            return pages.file_pattern(path)
        return pages.fence_pattern(Path(path).read_text("utf-8"), Span(path))

    def _configured(self, pattern: Pattern) -> Pattern | None:
        """Return a diagram with the configuration of the options. Raises `DiagramError`."""
        # A directive takes precedence over front matter, and at the end of the text it moves no line.
        text = f"{pattern.source_text.rstrip()}\n%%{{init: {json.dumps(self._settings)}}}%%\n"
        return pages.fence_pattern(text, pattern.span)

    def fallback(self) -> list[nodes.Node]:
        """Return what the other extension's directive does with the same options, or the text if there is none."""
        if self.previous is None:
            return super().fallback()
        known = {name: value for name, value in self._own_options.items() if name in self.previous.option_spec}
        for name in sorted(self._own_options.keys() - known.keys()):
            message = "option '%s' is for diagrams that diagramkit draws, and this one is left to '%s'"
            _log.warning(message, name, self.previous.__module__, location=self.get_location(), type="diagramkit")
        directive = self.previous(
            self.name,
            self.arguments,
            known,
            self.content,
            self.lineno,
            self.content_offset,
            self.block_text,
            self.state,
            self.state_machine,
        )
        result: list[nodes.Node] = directive.run()
        return result


def register(app: Any) -> None:
    """Draw the directive `mermaid`, and Mermaid that MyST does not read as a directive."""
    previous = directives._directives.get(_NAME)  # docutils and Sphinx have no public function for this.
    if isinstance(previous, type) and issubclass(previous, MermaidDirective):
        previous = previous.previous  # Of an earlier build in the same process.
    app.add_directive(_NAME, type("MermaidDirective", (MermaidDirective,), {"previous": previous}), override=True)
    app.connect("source-read", _read_other_notations)


def _read_other_notations(app: Any, name: str, content: list[str]) -> None:
    """Replace Mermaid that MyST does not read as a directive by directives."""
    if app.env.doc2path(name).suffix in readers.MARKDOWN.extensions:
        content[0] = pages.with_fences(content[0], "{mermaid}", _NATIVE_FENCE)
