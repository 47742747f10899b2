"""The color schemes of a site made with Material for MkDocs.

Source: Material for MkDocs, "Changing the colors": `theme.palette` is a color palette or a list of them, each with a
`scheme` (`default` is light, `slate` is dark, and sites define others) and the media query for which it is chosen.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct

_DARK_SCHEME = "slate"
_LIGHT_SCHEME = "default"


class Schemes(Struct, frozen=True):
    """The themes for which a site needs pictures, and its `dark` schemes."""

    themes: tuple[str, ...]
    dark: tuple[str, ...]


def read(palette: Any) -> Schemes:
    """Return the schemes in `theme.palette`, as `mkdocs.yml` has it.

    Without a palette, a site is light. Whether a scheme of the site's own is dark is only known in the browser, unless
    its media query tells it.
    """
    palettes = palette if isinstance(palette, (list, tuple)) else [palette]
    is_dark = dict(_scheme(each if isinstance(each, dict) else {}) for each in palettes) or {_LIGHT_SCHEME: False}
    themes = tuple(
        theme for theme, excluded in (("light", True), ("dark", False)) if set(is_dark.values()) != {excluded}
    )
    return Schemes(themes, tuple(name for name, dark in is_dark.items() if dark))


def _scheme(palette: dict[str, Any]) -> tuple[str, bool | None]:
    """Return the name of the scheme of a palette, and whether it is dark, or None if that is not known."""
    name = str(palette.get("scheme") or _LIGHT_SCHEME).replace(" ", "-")  # As Material writes it into pages.
    if name in (_DARK_SCHEME, _LIGHT_SCHEME):
        return name, name == _DARK_SCHEME
    media = str(palette.get("media") or "").replace(" ", "")
    modes = {mode: f"prefers-color-scheme:{mode}" in media for mode in ("light", "dark")}
    return name, modes["dark"] if modes["light"] != modes["dark"] else None
