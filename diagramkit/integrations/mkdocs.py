"""A plugin of MkDocs: `plugins: [diagramkit]` draws the Mermaid fences of a site when it is built.

Fences become pictures among the site's files. With Material for MkDocs there are two, for its light and its dark
palette (`#only-light`, `#only-dark`); with other themes one that follows the reader's system. What is no flowchart
or architecture diagram is left to whatever drew it before.
"""

from __future__ import annotations

import html
from collections.abc import Callable
from pathlib import PurePath
from typing import Any

from mkdocs.config import config_options
from mkdocs.config.base import Config
from mkdocs.plugins import BasePlugin, get_plugin_logger
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.utils import get_relative_url

from diagramkit.diagnostics import DiagramError, Span
from diagramkit.integrations import pages

_log = get_plugin_logger("diagramkit")
_FENCES = "pymdownx.superfences"
_FOLDER = "assets/diagramkit"
_Formatter = Callable[..., str]


class DiagramkitConfig(Config):
    """The plugin's settings: how pictures look, as of `diagramkit render`."""

    theme = config_options.Type(str, default="auto")
    canvas = config_options.Type(str, default="natural")
    lines = config_options.Choice(("orthogonal", "curved", "straight"), default="orthogonal")
    frame = config_options.Choice(("", "aws-cloud"), default="")
    background = config_options.Type(str, default="")


class DiagramkitPlugin(BasePlugin[DiagramkitConfig]):
    """Draws fences as pages are built."""

    def __init__(self) -> None:
        self._page: Any = None
        self._files: Files | None = None
        self._site: Any = None
        self._before: _Formatter | None = None

    def on_config(self, config: Any) -> Any:
        """Take over the fences of Mermaid, whoever has them now."""
        self._site = config
        if _FENCES not in config.markdown_extensions:
            config.markdown_extensions.append(_FENCES)
        fences = config.mdx_configs.setdefault(_FENCES, {}).setdefault("custom_fences", [])
        for fence in fences:
            if fence.get("name") == "mermaid":
                self._before = fence["format"]
        fences[:] = [fence for fence in fences if fence.get("name") != "mermaid"]
        fences.append({"name": "mermaid", "class": "mermaid", "format": self._fence})
        return config

    def on_page_markdown(self, markdown: str, /, *, page: Any, config: Any, files: Files) -> str:  # noqa: ARG002 - as MkDocs calls it
        """Note which page is being built."""
        self._page, self._files = page, files
        return markdown

    def _fence(self, source: str, language: str, css_class: str, options: Any, md: Any, **more: Any) -> str:
        """A fence as HTML, as superfences asks for it."""
        name = PurePath(self._site.docs_dir).name + "/" + self._page.file.src_uri
        material = self._site.theme.name == "material" and self.config.theme == "auto"
        themes = ("light", "dark") if material else (self.config.theme,)
        how = pages.options_from_settings({key: self.config[key] for key in ("theme", "canvas", "lines", "frame", "background")})
        try:
            found = pages.draw_fence(source, Span(name, self._line(source)), how, themes)
        except DiagramError as error:
            for problem in error.problems:
                _log.warning(str(problem))
            found = None
        if found is None:
            return self._otherwise(source, language, css_class, options, md, **more)
        return "".join(self._image(found, theme, material) for theme in themes)

    def _otherwise(self, *arguments: Any, **more: Any) -> str:
        """What the fence was before this plugin."""
        if self._before is not None:
            return self._before(*arguments, **more)
        from pymdownx.superfences import fence_code_format

        return str(fence_code_format(*arguments, **more))

    def _image(self, found: pages.EmbeddedPicture, theme: str, material: bool) -> str:
        path = f"{_FOLDER}/{found.name}{'-dark' if theme == 'dark' and material else ''}.svg"
        assert self._files is not None
        file = self._files.get_file_from_path(path)
        if file is None:
            file = File.generated(self._site, path, content=found.pictures[theme], inclusion=InclusionLevel.NOT_IN_NAV)
            self._files.append(file)
        address = get_relative_url(file.url, self._page.url)
        if material:
            address += f"#only-{theme}"
        return f'<img class="diagramkit" alt="{html.escape(found.alt)}" src="{html.escape(address)}">'

    def _line(self, source: str) -> int:
        """The line of a fence in its page, as far as its text tells."""
        lines = [line.strip() for line in (self._page.markdown or "").split("\n")]
        wanted = [line.strip() for line in source.split("\n")]
        for at in range(len(lines) - len(wanted) + 1):
            if lines[at : at + len(wanted)] == wanted:
                return at + 1
        return 1
