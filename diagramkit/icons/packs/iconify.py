"""Iconify's sets: JSON with a prefix and, by name, the body of each icon's SVG.

Format: IconifyJSON, https://iconify.design/docs/types/iconify-json.html. What Mermaid's `logos:`
and `aws:` name are such sets.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any
from xml.sax.saxutils import quoteattr

Files = Sequence[tuple[str, bytes]]


def prefix(files: Files) -> str | None:
    """The prefix of the set in `files`, or None where they are no Iconify set."""
    found = _set(tuple(files))
    return str(found["prefix"]) if found else None


def icons(files: Files) -> Iterator[tuple[str, str, bytes]]:
    """Each icon's name, a name for messages, and its SVG. Those that an alias turns or mirrors are
    left out."""
    found = _set(tuple(files))
    assert found is not None
    for name, entry in found["icons"].items():
        yield name, f"{name}", _svg(found, entry)
    for name, alias in found.get("aliases", {}).items():
        parent = found["icons"].get(alias.get("parent"))
        if parent and not ({"rotate", "hFlip", "vFlip"} & set(alias)):
            yield name, f"{name}", _svg(found, {**parent, **alias})


def _svg(whole: dict[str, Any], entry: dict[str, Any]) -> bytes:
    def number(field: str, usual: float) -> str:
        value = entry.get(field, whole.get(field, usual))
        return f"{value:g}" if isinstance(value, (int, float)) else "0"

    box = " ".join((number("left", 0), number("top", 0), number("width", 16), number("height", 16)))
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f"viewBox={quoteattr(box)}>{entry.get('body', '')}</svg>"
    ).encode("utf-8", "replace")


@lru_cache(maxsize=2)
def _set(files: tuple[tuple[str, bytes], ...]) -> dict[str, Any] | None:
    jsons = [(path, raw) for path, raw in files if path.endswith(".json")]
    for path, raw in jsons:
        if PurePosixPath(path).name != "icons.json" and len(jsons) > 1:
            continue
        try:
            found = json.loads(raw)
        except ValueError:
            continue
        if _is_set(found):
            return dict(found)
    return None


def _is_set(found: Any) -> bool:
    return (
        isinstance(found, dict)
        and isinstance(found.get("icons"), dict)
        and isinstance(found.get("prefix"), str)
        and all(isinstance(icon, dict) for icon in found["icons"].values())
    )
