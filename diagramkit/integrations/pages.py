"""Find and draw the Mermaid of a page: what the integrations with MkDocs and Sphinx share."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from diagramkit import project
from diagramkit.diagnostics import DiagramError, Span
from diagramkit.graph import Pattern
from diagramkit.icons.packs import installed
from diagramkit.options import Options, PictureOptions
from diagramkit.publish import cached, marks
from diagramkit.sources.markdown import Fence, fence_text
from diagramkit.sources.mermaid import read as mermaid
from diagramkit.sources.mermaid.preamble import OtherTypeError
from diagramkit.sources.mermaid.source_text import Origin
from diagramkit.sources.picture_options import PAGE_OPTIONS

SETTINGS = ("theme", "background", *(option.name for option in PAGE_OPTIONS))
"""The settings of a site."""


class EmbeddedPicture(Struct, frozen=True):
    """A picture for a page: its bytes by theme, and its alternative text. `name` contains a digest of the bytes."""

    name: str
    alt: str
    pictures: Mapping[str, bytes]


def packs_of_site(folder: Path, announce: installed.Announce) -> tuple[str, ...]:
    """Return the folders of the icon packs of the project that a site's folder belongs to.

    Packs that are not installed yet are installed; `announce` shows which. Raises `DiagramError`.
    """
    return installed.folders(project.find(folder), announce)


def options_from_settings(settings: Mapping[str, Any], packs: tuple[str, ...]) -> Options:
    """Return the options for drawing from the settings of a site: `theme`, `background` and `PAGE_OPTIONS`.

    A setting that is missing or empty has its default. The caller has validated the values. `packs` are the folders of
    the icon packs.
    """
    values = {name: value for name, value in settings.items() if value not in ("", None)}
    if values.get("title"):
        del values["title"]  # Titles are not turned off: a picture shows the one that its source asks for.
    return Options(
        values.get("theme", "auto"),
        background=values.get("background", "transparent"),
        picture_options=PictureOptions(**{option.name: values.get(option.name) for option in PAGE_OPTIONS}),
        packs=packs,
    )


def with_fences(text: str, info: str, native: re.Pattern[str]) -> str:
    """Return a Markdown text in which the Mermaid that the site does not recognize is in fences with `info`.

    `native` matches the first line of the Mermaid that it does recognize. Other types of diagrams in HTML stay as they
    are, for Mermaid's own script.
    """
    document = marks.read(text, "")
    lines = document.lines
    for region in reversed(document.regions):
        fence = region.fence
        if fence is None or native.search(lines[fence.start]) or (fence.is_html and _is_other_type(fence)):
            continue
        new_lines = fence_text(fence.mermaid.strip("\n"), info).split("\n")
        new_lines += [""] * (fence.end - fence.start - len(new_lines))  # The text below keeps its line numbers.
        first_prefix = region.prefix if region.name else region.first_prefix
        prefixes = [first_prefix, *[region.prefix] * (len(new_lines) - 1)]
        lines[fence.start : fence.end] = [
            f"{prefix}{line}".rstrip() + "\n" for prefix, line in zip(prefixes, new_lines, strict=True)
        ]
    return document.bom + "".join(lines)


def _is_other_type(fence: Fence) -> bool:
    try:
        mermaid.parse(fence.mermaid, Origin(""))
    except OtherTypeError:
        return True
    except DiagramError:
        return False  # Drawing it reports the error.
    return False


def draw_fence(
    text: str, span: Span, options: Options, themes: tuple[str, ...], format: str = "svg"
) -> EmbeddedPicture | None:
    """Draw Mermaid in each theme, or return None if it is another type of diagram.

    `span` is the position of the first line of `text`. Raises `DiagramError`.
    """
    text = text.replace("\r\n", "\n").strip("\n") + "\n"
    try:
        graph = mermaid.parse(text, Origin(span.file, span.line, span.column))
    except OtherTypeError:
        return None
    pattern = Pattern(graph, "diagram", "", graph.title or "", text, span)
    pictures = {theme: cached.picture(pattern, replace(options, theme=theme), format) for theme in themes}
    alt = cached.alt_text_of_svg(pattern, next(iter(pictures.values())))
    digest = hashlib.sha256(b"\0".join(pictures.values())).hexdigest()[:16]
    return EmbeddedPicture(f"diagram-{digest}", alt, pictures)
