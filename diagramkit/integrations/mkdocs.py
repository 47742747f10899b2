"""A plugin for MkDocs: with `plugins: [diagramkit]`, the Mermaid fences of a site are drawn when it is built.

The pictures become files of the site. With Material for MkDocs there are two for each fence, for its light and dark
palettes (`#only-light`, `#only-dark`); with other themes there is one that follows the reader's system. A picture with
links becomes a part of its page instead, because links in an image cannot be followed. Other types of Mermaid diagrams
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
from diagramkit.integrations import pages
from diagramkit.markup import escape_html

_log = get_plugin_logger("diagramkit")
_FENCES = "pymdownx.superfences"
_FOLDER = "assets/diagramkit"
_NATIVE_FENCE = re.compile(r"(?:```|~~~)[ \t]*(?:\{[ \t]*\.)?mermaid")
_HIDING_SCHEME = {"light": "slate", "dark": "default"}
"""The color scheme of Material for MkDocs that hides the picture in a theme, as it does for `#only-light`."""
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
        self._inline_count = 0  # On the page.
        self._files: Files | None = None
        self._site_config: Any = None
        self._previous_formatter: _Formatter | None = None
        self._packs: tuple[str, ...] = ()

    def on_config(self, config: Any) -> Any:
        """Register the formatter for Mermaid fences, in place of an existing one, and find the project's icon packs.

        Raises `PluginError` if a pack is not available: a site must not be built with other icons than those listed.
        """
        self._site_config = config
        try:
            self._packs = pages.packs_of_site(Path(config.config_file_path or "mkdocs.yml").parent, _log.info)
        except DiagramError as error:
            raise PluginError(str(error)) from None
        if _FENCES not in config.markdown_extensions:
            config.markdown_extensions.append(_FENCES)
        fences = config.mdx_configs.setdefault(_FENCES, {}).setdefault("custom_fences", [])
        for fence in fences:
            if fence.get("name") == "mermaid":
                self._previous_formatter = fence["format"]
        fences[:] = [fence for fence in fences if fence.get("name") != "mermaid"]
        fences.append({"name": "mermaid", "class": "mermaid", "format": self._format_fence})
        return config

    def on_page_markdown(self, markdown: str, /, *, page: Any, config: Any, files: Files) -> str:  # noqa: ARG002 - as MkDocs calls it
        """Return a page in which all Mermaid is in fences that superfences reads.

        It is remembered which page is being built; MkDocs builds one page at a time.
        """
        self._page, self._files, self._inline_count = page, files, 0
        return pages.with_fences(markdown, "mermaid", _NATIVE_FENCE)

    def _format_fence(
        self, source: str, language: str, css_class: str, options: Any, md: Any, **attributes: Any
    ) -> str:
        """Return a fence as HTML. The parameters are those of a formatter of superfences."""
        span = Span(f"{PurePath(self._site_config.docs_dir).name}/{self._page.file.src_uri}", self._line(source))
        has_dark_variant = self._site_config.theme.name == "material" and self.config["theme"] == "auto"
        themes = ("light", "dark") if has_dark_variant else (self.config["theme"],)
        picture_options = pages.options_from_settings(self.config, self._packs)
        try:
            pattern = pages.fence_pattern(source, span)
            picture = pages.draw(pattern, picture_options, themes) if pattern else None
        except Exception as error:
            for problem in problems_of(error, span):
                _log.warning(str(problem))
            picture = None
        if picture is None:
            return self._fallback(source, language, css_class, options, md, **attributes)
        if picture.has_links:
            return self._inline(picture, themes)
        return "".join(self._image(picture, theme, has_dark_variant) for theme in themes)

    def _fallback(self, *arguments: Any, **attributes: Any) -> str:
        """Return the fence as it would be without this plugin."""
        if self._previous_formatter is not None:
            return self._previous_formatter(*arguments, **attributes)
        from pymdownx.superfences import fence_code_format

        return str(fence_code_format(*arguments, **attributes))

    def _image(self, picture: pages.EmbeddedPicture, theme: str, has_dark_variant: bool) -> str:
        """Return the HTML of the picture in a theme, after adding it to the files of the site."""
        name = f"{picture.name}{'-dark' if theme == 'dark' and has_dark_variant else ''}.svg"
        url = self._add_file(name, picture.pictures[theme])
        if has_dark_variant:
            url += f"#only-{theme}"
        return f'<img class="diagramkit" alt="{escape_html(picture.alt)}" src="{escape_html(url)}">'

    def _inline(self, picture: pages.EmbeddedPicture, themes: tuple[str, ...]) -> str:
        """Return the HTML of a picture that is a part of the page, in each of the themes.

        Its style sheets are files, because the search of MkDocs finds text in style elements.
        """
        self._inline_count += 1
        place = f"{self._page.file.src_uri} {self._inline_count}"
        html = ""
        for theme in themes:
            rule = f"[data-md-color-scheme={_HIDING_SCHEME[theme]}]" if len(themes) > 1 else ""
            svg = pages.inline(picture, theme, place, rule)
            url = self._add_file(f"{picture.name}-{theme}.css", svg.css.encode("utf-8"))
            html += f'<link rel="stylesheet" href="{escape_html(url)}">{svg.element}'
        return f'<div class="diagramkit">{html}</div>'

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
