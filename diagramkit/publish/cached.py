"""Draw pictures for pages, and keep them in the cache from one build to the next."""

from __future__ import annotations

import hashlib
import html
import re

from msgspec.structs import replace

from diagramkit import cache, pipeline
from diagramkit.batch import manifest
from diagramkit.graph import Pattern
from diagramkit.options import Options
from diagramkit.publish.gallery import GalleryEntry

_MAX_ALT_LENGTH = 200
_MAX_PICTURES = 2000  # In the cache.
_SVG_DESCRIPTION = re.compile(rb'<desc id="desc">(.*?)</desc>', re.S)


def picture(pattern: Pattern, options: Options, format: str) -> bytes:
    """Return the picture of a pattern.

    It comes from the cache if the same version of diagramkit has drawn it before with the same options. Raises
    `DiagramError`.
    """

    def draw() -> bytes:
        return pipeline.render(pattern, (format,), options).outputs[format]

    if _uses_icon_files(pattern):  # The key does not cover the content of these files.
        return draw()
    key_parts = [
        manifest.key_of(options),
        pattern.source_text,
        pattern.title,
        pattern.provider,
        repr([(group.id, group.kind) for group in pattern.graph.groups]),
        repr(pattern.icons),
        repr(pattern.options),
        format,
    ]
    key = hashlib.sha256("\0".join(key_parts).encode("utf-8", "replace")).hexdigest()
    return cache.get_or_create(f"page-{key[:32]}.{format}", draw, _MAX_PICTURES)


def _uses_icon_files(pattern: Pattern) -> bool:
    """Return whether a diagram shows icons that are files of its project."""
    icons = [icon for _, icon, _ in pattern.icons]
    icons += [icon for node in pattern.graph.nodes for icon in (node.icon, node.image) if icon]
    return any("/" in icon or icon.lower().endswith((".svg", ".png")) for icon in icons)


def gallery_entry(pattern: Pattern, options: Options, files: tuple[tuple[str, str], ...] = ()) -> GalleryEntry:
    """Return a pattern with its pictures, a light and a dark one if the theme has both; `files` as in `GalleryEntry`.

    Raises `DiagramError`.
    """
    has_title = _shows_title(pattern, options)
    light = dark = options = options.for_titled_page()
    if options.theme in ("auto", "light", "dark"):
        light, dark = replace(options, theme="light"), replace(options, theme="dark")
    svg = picture(pattern, light, "svg")
    return GalleryEntry(pattern, svg, picture(pattern, dark, "svg"), alt_text_of_svg(pattern, svg), files, has_title)


def _shows_title(pattern: Pattern, options: Options) -> bool:
    """Return whether `render` draws a title above the picture of a pattern."""
    look = options.picture_options.with_fallback(pattern.options)
    return look.title if look.title is not None else (look.title_text or pattern.graph.title) is not None


def alt_text_of_svg(pattern: Pattern, svg: bytes) -> str:
    """Return the alternative text for a picture, using the description in its SVG."""
    match = _SVG_DESCRIPTION.search(svg)
    return alt_text(pattern, html.unescape(match[1].decode("utf-8")) if match else "")


def alt_text(pattern: Pattern, description: str) -> str:
    """Return the alternative text for a picture.

    It is the accessible title (Mermaid's accTitle), the title, or `description`, whichever exists first.
    """
    text = " ".join((pattern.graph.accessible_title or pattern.graph.title or description).split())
    return text if len(text) <= _MAX_ALT_LENGTH else text[: _MAX_ALT_LENGTH - 1] + "…"
