"""The color schemes of a site made with MkDocs, by its theme.

Sources: Material for MkDocs, "Changing the colors": `theme.palette` is a color palette or a list of them, each with a
`scheme` (`default` is light, `slate` is dark, and sites define others) and the media query for which it is chosen.
MkDocs, "Choosing your Theme": the theme `mkdocs` has a `color_mode` and may let readers change it; `readthedocs` is
light.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct

_DARK_SCHEME = "slate"
_LIGHT_SCHEME = "default"
_COLOR_MODES = {"light": ("light",), "dark": ("dark",)}


class Schemes(Struct, frozen=True):
    """The themes for which a site needs pictures, and the `dark` schemes of Material that it uses."""

    themes: tuple[str, ...]
    dark: tuple[str, ...] = ()


BOTH = Schemes(("light", "dark"))
"""The schemes of a site whose colors only the browser knows: it shows the picture for the color of the page."""


def read(theme: Any) -> Schemes:
    """Return the schemes of a site by its theme, which is an object of MkDocs."""
    if theme.name == "material":
        return _of_palette(theme.get("palette"))
    if theme.name == "readthedocs":
        return Schemes(("light",))
    if theme.name == "mkdocs" and not theme.get("user_color_mode_toggle"):
        return Schemes(_COLOR_MODES.get(str(theme.get("color_mode") or "light"), BOTH.themes))
    return BOTH


def _of_palette(palette: Any) -> Schemes:
    """Return the schemes in `theme.palette` of Material, as `mkdocs.yml` has it.

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
