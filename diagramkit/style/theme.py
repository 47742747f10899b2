"""Themes, sizes and AWS's groups: knowledge in YAML, read into frozen records."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from diagramkit import data
from diagramkit.graph import Group
from diagramkit.style import font
from diagramkit.style.css import READABLE, contrast
from diagramkit.style.font import Face

BASES = ("light", "dark", "mono")
THEMES = (*BASES, "auto")
"""The themes that diagramkit brings; `auto` is light and dark, as the reader prefers."""


class Sizes(Struct, frozen=True):
    """Lengths in points; `line_height` is a factor of the text size."""

    icon: float
    label: float
    detail: float
    group_title: float
    edge_label: float
    line_height: float
    label_gap: float
    label_width: float
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
    """How a kind of group looks. `dash` is empty for a solid border; `tile` is the colour
    behind its glyph; `official` is AWS's name of its icon, which stands above glyph and icon
    where a pack has it."""

    kind: str
    border: str
    tile: str
    fill: str | None = None
    dash: tuple[float, ...] = ()
    glyph: str | None = None
    icon: str | None = None
    official: str | None = None
    centered: bool = False

    @property
    def has_icon(self) -> bool:
        """Whether something stands in its corner (or above its centred title)."""
        return bool(self.glyph or self.icon)


class Theme(Struct, frozen=True):
    """Colours (#RRGGBB or `none`), sizes, group styles and the font.

    `plate` goes behind dark icons, or is None: they need none. Where it is `none`, its place is
    kept, for a picture that shows it to readers in dark alone.
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
    ground: str

    def group(self, group: Group) -> GroupStyle:
        """The style of a group: of the kind its source says, else of the kind its title says."""
        if group.kind in self.groups:
            return self.groups[group.kind]
        return self.groups[kind_of(group.label)]

    def on(self, background: str) -> Theme:
        """The theme on another background: a colour, or `none` for a clear one.

        Raises `ValueError` where its text could not be read there.
        """
        if background == "none":
            return replace(self, background="none", label_background="none")
        if min(contrast(self.text, background), contrast(self.muted, background)) < READABLE:
            raise ValueError(
                f"the text of the theme '{self.name}' cannot be read on {background}; "
                "choose another background, or a lighter or darker theme"
            )
        return replace(self, background=background, label_background=background, ground=background)


COLOURS = (
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
"""What a theme file may give a colour."""


@cache
def load(name: str) -> Theme:
    """One of `BASES`."""
    return build(name, {}, {}, {}, font.bundled(), name)


def for_readers() -> tuple[Theme, Theme]:
    """Light and dark as one: alike in all but colours."""
    return replace(load("light"), name="auto", plate="none"), load("dark")


def build(
    base: str,
    colours: Mapping[str, str],
    sizes: Mapping[str, float],
    groups: Mapping[str, Mapping[str, Any]],
    face: Face,
    name: str,
) -> Theme:
    """A theme like `base` (one of `BASES`), but for what is given."""
    own = dict(data.load("style", f"{base}.yaml"))
    changes = own.pop("groups", {})
    own = {**own, **colours}
    plate = own.pop("plate")
    points = {**data.load("style", "sizes.yaml"), **sizes}
    return Theme(
        name=name,
        plate=None if plate == "none" else plate,
        sizes=Sizes(**{key: float(value) for key, value in points.items()}),
        groups={
            kind: _group(kind, {**fields, **changes.get(kind, {}), **groups.get(kind, {})})
            for kind, fields in data.load("style", "groups.yaml").items()
        },
        face=face,
        ground=own["background"],
        **own,
    )


def kinds() -> tuple[str, ...]:
    """The kinds of groups, as a spec's `kind:` may say them."""
    return tuple(data.load("style", "groups.yaml"))


@cache
def kind_of(title: str) -> str:
    """The kind of group that a title names: `us-east-1` a region, `Hub` a generic group."""
    text = re.sub(r"<[^<>]*>", " ", title)
    text = re.sub(r"^[^\w(]+", "", text).strip()
    text = re.sub(r"\s+", " ", text)
    for kind, patterns in _patterns():
        if any(pattern.fullmatch(text) for pattern in patterns):
            return kind
    return "generic"


@cache
def glyph(name: str) -> str:
    """A glyph's SVG path data, on a grid of 24 by 24."""
    return str(data.load("style", "glyphs.yaml")[name])


@cache
def _patterns() -> tuple[tuple[str, tuple[re.Pattern[str], ...]], ...]:
    return tuple(
        (kind, tuple(re.compile(title, re.I | re.S) for title in fields["titles"]))
        for kind, fields in data.load("style", "groups.yaml").items()
    )


def _group(kind: str, fields: dict[str, Any]) -> GroupStyle:
    return GroupStyle(
        kind=kind,
        border=fields["border"],
        tile=fields.get("tile", fields["border"]),
        fill=None if fields.get("fill") == "none" else fields.get("fill"),
        dash=tuple(float(part) for part in fields.get("dash", ())),
        glyph=fields.get("glyph"),
        icon=fields.get("icon"),
        official=fields.get("official"),
        centered=fields.get("title") == "center",
    )
