"""Pictures for pages, kept in the cache from one build to the next."""

from __future__ import annotations

import hashlib
import html
import re

from diagramkit import cache, pipeline
from diagramkit.batch import manifest
from diagramkit.graph import Pattern
from diagramkit.pipeline import Options

_LONGEST_ALT = 200
_MOST = 2000  # Pictures in the cache.
_SPOKEN = re.compile(rb'<desc id="desc">(.*?)</desc>', re.S)


def picture(pattern: Pattern, options: Options, form: str) -> bytes:
    """The picture, from the cache where the same diagramkit drew it before with the same options. Raises
    `DiagramError`."""

    def drawn() -> bytes:
        return pipeline.render(pattern, (form,), options).outputs[form]

    if _has_own_files(pattern):  # They may have changed.
        return drawn()
    said = [
        manifest.key_of(options),
        pattern.source_text,
        pattern.title,
        repr(pattern.icons),
        repr(pattern.options),
        form,
    ]
    key = hashlib.sha256("\0".join(said).encode("utf-8", "replace")).hexdigest()

    def made() -> bytes:
        cache.trim("page-", _MOST)
        return drawn()

    return cache.remember(f"page-{key[:32]}.{form}", made)


def _has_own_files(pattern: Pattern) -> bool:
    """Whether a diagram shows icons that are files of its project."""
    named = [icon for _, icon, _ in pattern.icons]
    named += [icon for node in pattern.graph.nodes for icon in (node.icon, node.image) if icon]
    return any("/" in icon or icon.lower().endswith((".svg", ".png")) for icon in named)


def alt_of(pattern: Pattern, svg: bytes) -> str:
    """What a picture shows, in words: as its SVG says it."""
    spoken = _SPOKEN.search(svg)
    return alt_from(pattern, html.unescape(spoken[1].decode("utf-8")) if spoken else "")


def alt_from(pattern: Pattern, description: str) -> str:
    """The same, of a picture that says so much."""
    text = " ".join((pattern.graph.accessible_title or pattern.graph.title or description).split())
    return text if len(text) <= _LONGEST_ALT else text[: _LONGEST_ALT - 1] + "…"
