"""Pictures for pages, kept in the cache from one build to the next."""

from __future__ import annotations

import hashlib

from diagramkit import cache, files, pipeline
from diagramkit.batch import manifest
from diagramkit.graph import Pattern
from diagramkit.icons.packs import store
from diagramkit.pipeline import Options

_LONGEST_ALT = 200
_MOST = 2000  # Pictures in the cache.


def picture(pattern: Pattern, options: Options, form: str) -> bytes:
    """The picture, from the cache where the same diagramkit drew it before with the same options. Raises
    `DiagramError`."""
    theme = options.theme.lower().endswith((".yaml", ".yml"))
    own = hashlib.sha256(files.read(options.theme) or b"").hexdigest() if theme else ""
    packs = [store.read(folder).digest for folder in options.packs]
    said = [manifest.tool(), pattern.source_text, pattern.title, repr(pattern.icons), repr(pattern.look),
            repr(options), own, *packs, form]  # fmt: skip
    key = hashlib.sha256("\0".join(said).encode("utf-8", "replace")).hexdigest()
    if any(node.icon or node.image for node in pattern.graph.nodes) or pattern.icons:
        return pipeline.render(pattern, (form,), options).outputs[
            form
        ]  # Own files may have changed.

    def made() -> bytes:
        cache.trim("page-", _MOST)
        return pipeline.render(pattern, (form,), options).outputs[form]

    return cache.remember(f"page-{key[:32]}.{form}", made)


def alt_of(pattern: Pattern, options: Options) -> str:
    """What a picture shows, in words. Raises `DiagramError`."""
    if pattern.graph.spoken or pattern.graph.title:
        return alt_from(pattern, "")
    return alt_from(pattern, pipeline.draw(pattern, options).description)


def alt_from(pattern: Pattern, description: str) -> str:
    """The same, of a picture that was drawn and says so much."""
    text = " ".join((pattern.graph.spoken or pattern.graph.title or description).split())
    return text if len(text) <= _LONGEST_ALT else text[: _LONGEST_ALT - 1] + "…"
