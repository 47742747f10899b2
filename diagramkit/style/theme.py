"""Themes: colors, sizes and the styles of groups, read from the YAML files in `style/data` into frozen records."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from diagramkit import data
from diagramkit.graph import Group
from diagramkit.style import font, group_kinds
from diagramkit.style.colors import MIN_CONTRAST, contrast
from diagramkit.style.font import Face

BASES = ("light", "dark", "mono")
THEMES = (*BASES, "auto")
"""The bundled themes; `auto` is light or dark, as the viewer of the picture prefers."""


class Sizes(Struct, frozen=True):
    """Lengths in points, except `line_height`, which is a factor of the text size."""

    icon: float
    label: float
    detail: float
    group_title: float
    edge_label: float
    line_height: float
    label_gap: float
    label_width: float
    loop_label_width: float
    shape_width: float
    shape_height: float
    shape_padding: float
    group_icon: float
    group_padding: float
    group_title_gap: float
    node_gap: float
    rank_gap: float
    row_gap: float
    component_gap: float
    margin: float
    edge_width: float
    title: float
    badge: float
    corner: float
    head: float


class GroupStyle(Struct, frozen=True):
    """The appearance of one kind of group.

    `dash` is empty for a solid border. `tile` is the color behind the glyph. `official` is AWS's name of
    the icon; if an icon pack has an icon of that name, it replaces the glyph or icon. `borders` are the colors of
    the border by prefix of the service's reference, for groups that contain a service.
    """

    kind: str
    name: str
    border: str
    tile: str
    fill: str | None = None
    dash: tuple[float, ...] = ()
    glyph: str | None = None
    icon: str | None = None
    official: str | None = None
    centered: bool = False
    borders: tuple[tuple[str, str], ...] = ()


class Theme(Struct, frozen=True):
    """Colors (#RRGGBB or `none`), sizes, group styles and the font.

    `plate` is the color of the square behind icons that are none themselves. If it is None, there is no square. If it
    is `none`, the square is invisible but takes its space: the theme `auto` shows it in dark mode only. `backdrop` is
    the color that is assumed behind the picture, even if `background` is `none`.
    """

    name: str
    background: str
    text: str
    muted: str
    edge: str
    shape_fill: str
    shape_border: str
    label_background: str
    badge: str
    badge_text: str
    plate: str | None
    sizes: Sizes
    groups: dict[str, GroupStyle]
    face: Face
    backdrop: str

    def group(self, group: Group, service: str | None = None) -> GroupStyle:
        """Return the style of a group, by the kind that its source declares or else by its title.

        `service` is the reference of the service that the title names, if the group shows its icon.
        """
        if group.kind in self.groups and group.kind != group_kinds.SERVICE:
            return self.groups[group.kind]
        if service is None:
            return self.groups[group.kind or group_kinds.of_title(group.label)]
        style = self.groups[group_kinds.SERVICE]
        border = next((color for prefix, color in style.borders if service.startswith(prefix)), style.border)
        return replace(style, border=border, icon=service)

    def on_background(self, background: str) -> Theme:
        """Return the theme with another background: a color, or `none` for a transparent one.

        Raises `ValueError` if the theme's text is not readable on that color.
        """
        if background == "none":
            return replace(self, background="none", label_background="none")
        if min(contrast(self.text, background), contrast(self.muted, background)) < MIN_CONTRAST:
            raise ValueError(
                f"the text of theme '{self.name}' cannot be read on {background}: "
                "choose another background, or a lighter or darker theme"
            )
        return replace(self, background=background, label_background=background, backdrop=background)


COLOR_KEYS = (
    "background",
    "text",
    "muted",
    "edge",
    "shape_fill",
    "shape_border",
    "label_background",
    "badge",
    "badge_text",
    "plate",
)
"""The color keys of a theme file."""


@cache
def load(name: str) -> Theme:
    """Return one of the themes `BASES`."""
    return build(name, {}, {}, {}, font.bundled(), name)


def light_and_dark() -> tuple[Theme, Theme]:
    """Return the two themes of `auto`, which differ in colors only."""
    return replace(load("light"), name="auto", plate="none"), load("dark")


def build(
    base: str,
    colors: Mapping[str, str],
    sizes: Mapping[str, float],
    groups: Mapping[str, Mapping[str, Any]],
    face: Face,
    name: str,
) -> Theme:
    """Return the theme `base` (one of `BASES`) with the given colors, sizes and group styles replaced."""
    fields = dict(data.load("style", f"{base}.yaml"))
    fields = {**fields, **colors}
    plate = fields.pop("plate")
    lengths = {**data.load("style", "sizes.yaml"), **sizes}
    return Theme(
        name=name,
        plate=None if plate == "none" else plate,
        sizes=Sizes(**{key: float(value) for key, value in lengths.items()}),
        groups={
            kind: _group_style(kind, {**entry, **entry.get(base, {})}, groups.get(kind, {}))
            for kind, entry in group_kinds.load().items()
        },
        face=face,
        backdrop=fields["background"],
        **fields,
    )


@cache
def glyph(name: str) -> str:
    """Return a glyph's SVG path data, on a grid of 24 by 24."""
    return str(data.load("style", "glyphs.yaml")[name])


def _group_style(kind: str, fields: dict[str, Any], replaced: Mapping[str, Any]) -> GroupStyle:
    """Return a style from the fields of group_kinds.yaml; `replaced` are those of a theme file."""
    if "border" in replaced:
        fields = {**fields, "borders": {}}
    fields = {**fields, **replaced}
    return GroupStyle(
        kind=kind,
        name=fields["name"],
        border=fields["border"],
        tile=fields.get("tile", fields["border"]),
        fill=None if fields.get("fill") == "none" else fields.get("fill"),
        dash=tuple(float(part) for part in fields.get("dash", ())),
        glyph=fields.get("glyph"),
        icon=fields.get("icon"),
        official=fields.get("official"),
        centered=fields.get("title") == "center",
        borders=tuple(fields.get("borders", {}).items()),
    )
