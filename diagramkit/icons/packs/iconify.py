"""Reads Iconify icon sets: JSON with a prefix and, by name, the body of each icon's SVG.

Format: IconifyJSON, https://iconify.design/docs/types/iconify-json.html. Mermaid's `logos:` and `aws:` icons come
from such sets.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any
from xml.sax.saxutils import quoteattr

from diagramkit.files import parse_json

Files = Sequence[tuple[str, bytes]]


def prefix(files: Files) -> str | None:
    """Return the prefix of the icon set in `files`, or None if they contain no Iconify set."""
    icon_set = _icon_set(tuple(files))
    return str(icon_set["prefix"]) if icon_set else None


def icons(files: Files) -> Iterator[tuple[str, str, bytes]]:
    """Yield each icon's name, its name for messages, and its SVG.

    Aliases that rotate or flip another icon are skipped.
    """
    icon_set = _icon_set(tuple(files))
    assert icon_set is not None
    for name, entry in icon_set["icons"].items():
        yield name, f"{name}", _svg(icon_set, entry)
    aliases = icon_set.get("aliases")
    for name, alias in aliases.items() if isinstance(aliases, dict) else ():
        parent = icon_set["icons"].get(str(alias.get("parent"))) if isinstance(alias, dict) else None
        if parent and not ({"rotate", "hFlip", "vFlip"} & set(alias)):
            yield name, f"{name}", _svg(icon_set, {**parent, **alias})


def _svg(icon_set: dict[str, Any], entry: dict[str, Any]) -> bytes:
    """Return the SVG of an icon; sizes that it lacks are those of its set, then those of the format (16 x 16)."""

    def number(field: str, default: float) -> str:
        value = entry.get(field, icon_set.get(field, default))
        return f"{value:g}" if isinstance(value, (int, float)) else "0"

    box = " ".join((number("left", 0), number("top", 0), number("width", 16), number("height", 16)))
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f"viewBox={quoteattr(box)}>{entry.get('body', '')}</svg>"
    ).encode("utf-8", "replace")


@lru_cache(maxsize=2)
def _icon_set(files: tuple[tuple[str, bytes], ...]) -> dict[str, Any] | None:
    """Return the set in `files`: in a package with several JSON files, the one in icons.json."""
    json_files = [(path, raw) for path, raw in files if path.endswith(".json")]
    for path, raw in json_files:
        if PurePosixPath(path).name != "icons.json" and len(json_files) > 1:
            continue
        try:
            content = parse_json(raw)
        except ValueError:
            continue
        if _is_icon_set(content):
            return dict(content)
    return None


def _is_icon_set(content: Any) -> bool:
    return (
        isinstance(content, dict)
        and isinstance(content.get("icons"), dict)
        and isinstance(content.get("prefix"), str)
        and all(isinstance(icon, dict) for icon in content["icons"].values())
    )
