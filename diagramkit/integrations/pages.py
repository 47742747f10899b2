"""A fence of a page, drawn: what MkDocs, Sphinx and notebooks share."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import cast

from msgspec import Struct
from msgspec.structs import replace

from diagramkit.diagnostics import DiagramError, Span
from diagramkit.graph import Lines, Pattern, PictureOptions
from diagramkit.pipeline import Options
from diagramkit.publish import cached
from diagramkit.sources.mermaid import read as mermaid
from diagramkit.sources.mermaid.source_text import Origin


class EmbeddedPicture(Struct, frozen=True):
    """A picture for a page: its bytes by theme, what it shows in words, and its name, which is its content's."""

    name: str
    alt: str
    pictures: Mapping[str, bytes]


def options_from_settings(look: Mapping[str, str]) -> Options:
    """How to draw, of settings in words: `theme`, `background`, `canvas`, `lines`, `frame`."""
    said = {name: value for name, value in look.items() if value}
    lines = said.get("lines")
    return Options(
        said.get("theme", "auto"),
        background=said.get("background", "transparent"),
        look=PictureOptions(
            canvas=said.get("canvas"),
            lines=cast("Lines | None", lines),  # Whoever reads the settings has checked.
            frame=said.get("frame"),
        ),
    )


def draw_fence(
    text: str, where: Span, options: Options, themes: tuple[str, ...], form: str = "svg"
) -> EmbeddedPicture | None:
    """Mermaid drawn in each theme; None for Mermaid's other diagrams. `where` is the place of the text's first
    line. Raises `DiagramError`."""
    text = text.replace("\r\n", "\n").strip("\n") + "\n"
    try:
        graph = mermaid.parse(text, Origin(where.file, where.line, where.column))
    except DiagramError as error:
        if error.problems[0].code == "unsupported-diagram":
            return None
        raise
    pattern = Pattern(graph, "diagram", "", graph.title or "", text, where)
    pictures: dict[str, bytes] = {}
    for theme in themes:
        how = replace(options, theme=theme)
        pictures[theme] = cached.picture(pattern, how, form)
    alt = cached.alt_text_of_svg(pattern, next(iter(pictures.values())))
    digest = hashlib.sha256(b"\0".join(pictures.values())).hexdigest()[:16]
    return EmbeddedPicture(f"diagram-{digest}", alt, pictures)
