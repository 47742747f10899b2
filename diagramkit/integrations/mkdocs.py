"""A plugin for MkDocs: with `plugins: [diagramkit]`, the Mermaid fences of a site are drawn when it is built.

The pictures become files of the site. If the site has light and dark color schemes, there are two for each fence, of
which the page shows the one for its color. A picture with links becomes a part of its page
instead, because links in an image cannot be followed. A click opens a picture large. Other types of Mermaid diagrams
are left to their previous renderer.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path, PurePath
from typing import Any

from mkdocs.config.base import BaseConfigOption, LegacyConfig, ValidationError
from mkdocs.exceptions import PluginError
from mkdocs.plugins import BasePlugin, get_plugin_logger
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.utils import get_relative_url

from diagramkit.diagnostics import DiagramError, Span, problems_of
from diagramkit.graph import Pattern
from diagramkit.integrations import mkdocs_schemes, pages
from diagramkit.markup import escape_html
from diagramkit.options import UNSET, Options, PictureOptions

_log = get_plugin_logger("diagramkit")
_FENCES = "pymdownx.superfences"
_FOLDER = "assets/diagramkit"
_NATIVE_FENCE = re.compile(r"(?:```|~~~)[ \t]*(?:\{[ \t]*\.)?mermaid")
_Formatter = Callable[..., str]


class SiteSetting(BaseConfigOption[Any]):
    """A setting of the plugin."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def run_validation(self, value: object, /) -> Any:
        """Return the value of the setting. Raises `ValidationError`."""
        try:
            return pages.validated(self.name, value)
        except ValueError as error:
            raise ValidationError(str(error)) from None


class DiagramkitPlugin(BasePlugin[LegacyConfig]):
    """Draws Mermaid fences while MkDocs builds the pages. Its settings are those of `pages.SETTINGS`."""

    config_scheme = tuple((name, SiteSetting(name)) for name in pages.SETTINGS)

    def __init__(self) -> None:
        self._page: Any = None
        self._picture_count = 0  # On the page.
        self._files: Files | None = None
        self._site_config: Any = None
        self._previous_formatter: _Formatter | None = None
        self._packs: tuple[str, ...] = ()
        self._themes: tuple[str, ...] = ()
        self._dark_schemes: tuple[str, ...] = ()

    def on_config(self, config: Any) -> Any:
        """Register the formatter for Mermaid fences, in place of an existing one, and find the project's icon packs.

        Raises `PluginError` if a pack is not available: a site must not be built with other icons than those listed.
        """
        self._site_config = config
        try:
            self._packs = pages.packs_of_site(Path(config.config_file_path or "mkdocs.yml").parent, _log.info)
        except DiagramError as error:
            raise PluginError(str(error)) from None
        self._find_themes(config.theme)
        config.extra_javascript.append(f"{_FOLDER}/{pages.SCRIPT}")
        config.extra_css.append(f"{_FOLDER}/{pages.STYLE}")
        if _FENCES not in config.markdown_extensions:
            config.markdown_extensions.append(_FENCES)
        fences = config.mdx_configs.setdefault(_FENCES, {}).setdefault("custom_fences", [])
        previous = next((fence for fence in reversed(fences) if fence.get("name") == "mermaid"), None)
        if previous is not None:
            self._previous_formatter = previous["format"]
        fences[:] = [fence for fence in fences if fence.get("name") != "mermaid"]
        # With the class and the validator of the previous renderer, to which some fences are left.
        fences.append({"name": "mermaid", "class": "mermaid", **(previous or {}), "format": self._format_fence})
        return config

    def _find_themes(self, theme: Any) -> None:
        """Find the themes in which pictures are drawn, and the dark color schemes of the site."""
        self._themes, self._dark_schemes = (self.config["theme"],), ()
        if self.config["theme"] == "auto":
            schemes = mkdocs_schemes.read(theme)
            self._themes, self._dark_schemes = schemes.themes, schemes.dark

    def on_files(self, files: Files, /, *, config: Any) -> Files:
        """Add the files that each page loads to the site."""
        for name, content in pages.assets(self._dark_schemes).items():
            files.append(File.generated(config, f"{_FOLDER}/{name}", content=content))
        return files

    def on_page_markdown(self, markdown: str, /, *, page: Any, config: Any, files: Files) -> str:  # noqa: ARG002 - as MkDocs calls it
        """Return a page in which all Mermaid is in fences that superfences reads.

        It is remembered which page is being built; MkDocs builds one page at a time.
        """
        self._page, self._files, self._picture_count = page, files, 0
        return pages.with_fences(markdown, "mermaid", _NATIVE_FENCE)

    def _format_fence(
        self, source: str, language: str, css_class: str, options: Any, md: Any, **attributes: Any
    ) -> str:
        """Return a fence as HTML. The parameters are those of a formatter of superfences."""
        span = Span(f"{PurePath(self._site_config.docs_dir).name}/{self._page.file.src_uri}", self._line(source))
        picture_options = pages.options_from_settings(self.config, self._packs)
        pattern = picture = None
        try:
            pattern = pages.fence_pattern(source, span)
            picture = self._draw(pattern, picture_options) if pattern else None
        except Exception as error:
            for problem in problems_of(error, span):
                _log.warning(str(problem))
        if pattern is None or picture is None:
            return self._fallback(source, language, css_class, options, md, **attributes)
        pages.report_unsupported(pattern, _log.info)
        self._picture_count += 1
        frames = (
            pages.frame(self._html(picture, theme), f"diagramkit-{theme}" if len(self._themes) > 1 else "")
            for theme in self._themes
        )
        return f'<div class="diagramkit">{"".join(frames)}</div>'

    def _draw(self, pattern: Pattern, options: Options) -> pages.EmbeddedPicture:
        """Draw a diagram, without a title that the page has as a heading above it. Raises `DiagramError`."""
        above = (self._page.markdown or "").split("\n")[: pattern.span.line - 1]
        is_repeated = pages.is_heading(pattern.title, above) or pages.is_same_text(pattern.title, self._page.title)
        overrides = PictureOptions(title=False) if is_repeated else UNSET
        return pages.draw(pattern, options, self._themes, overrides)

    def _fallback(self, *arguments: Any, **attributes: Any) -> str:
        """Return the fence as it would be without this plugin."""
        if self._previous_formatter is not None:
            return self._previous_formatter(*arguments, **attributes)
        from pymdownx.superfences import fence_code_format

        return str(fence_code_format(*arguments, **attributes))

    def _html(self, picture: pages.EmbeddedPicture, theme: str) -> str:
        """Return the HTML of a picture in a theme, after adding its files to the site.

        A picture with links is a part of the page. Its style sheet is a file, because the search of MkDocs finds text
        in style elements.
        """
        name = f"{picture.name}-{theme}"
        if picture.has_links:
            svg = pages.inline(picture, theme, f"{self._page.file.src_uri} {self._picture_count}")
            url = self._add_file(f"{name}.css", svg.css.encode("utf-8"))
            return f'<link rel="stylesheet" href="{escape_html(url)}">{svg.element}'
        url = self._add_file(f"{name}.svg", picture.pictures[theme])
        width, height = picture.size
        return (
            f'<img class="diagramkit" alt="{escape_html(picture.alt)}" src="{escape_html(url)}" width="{width}" '
            f'height="{height}">'
        )

    def _add_file(self, name: str, content: bytes) -> str:
        """Add a file to the site if it is not there yet, and return its address as seen from the page."""
        assert self._files is not None
        path = f"{_FOLDER}/{name}"
        file = self._files.get_file_from_path(path)
        if file is None:
            file = File.generated(self._site_config, path, content=content, inclusion=InclusionLevel.NOT_IN_NAV)
            self._files.append(file)
        return get_relative_url(file.url, self._page.url)

    def _line(self, source: str) -> int:
        """Return the line of a fence in its page. Superfences does not pass it, so it is found by the fence's text."""
        page_lines = [line.strip() for line in (self._page.markdown or "").split("\n")]
        fence_lines = [line.strip() for line in source.split("\n")]
        for index in range(len(page_lines) - len(fence_lines) + 1):
            if page_lines[index : index + len(fence_lines)] == fence_lines:
                return index + 1
        return 1
