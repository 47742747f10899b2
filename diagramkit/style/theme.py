"""Themes, sizes and AWS's groups: knowledge in YAML, read into frozen records."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from diagramkit import data
from diagramkit.graph import Group
from diagramkit.style import font
from diagramkit.style.font import Face

THEMES = ("light", "dark")
"""The themes that diagramkit brings."""


@dataclass(frozen=True, slots=True)
class Sizes:
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
    edge_gap: float
    corner: float
    head: float


@dataclass(frozen=True, slots=True)
class GroupStyle:
    """How a kind of group looks. `dash` is empty for a solid border; `tile` is the colour
    behind its glyph."""

    kind: str
    border: str
    tile: str
    fill: str | None = None
    dash: tuple[float, ...] = ()
    glyph: str | None = None
    icon: str | None = None
    centered: bool = False

    @property
    def has_icon(self) -> bool:
        """Whether something stands in its corner (or above its centred title)."""
        return bool(self.glyph or self.icon)


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours (#RRGGBB), sizes and group styles. `plate` goes behind dark icons, or is None."""

    name: str
    background: str
    text: str
    muted: str
    edge: str
    shape_fill: str
    shape_border: str
    label_background: str
    plate: str | None
    sizes: Sizes
    groups: dict[str, GroupStyle]
    face: Face

    def group(self, group: Group) -> GroupStyle:
        """The style of a group: of the kind its source says, else of the kind its title says."""
        if group.kind in self.groups:
            return self.groups[group.kind]
        return self.groups[kind_of(group.label)]


@cache
def load(name: str) -> Theme:
    """One of `THEMES`."""
    colours = dict(data.load("style", f"{name}.yaml"))
    changes = colours.pop("groups", {})
    plate = colours.pop("plate")
    return Theme(
        name=name,
        plate=None if plate == "none" else plate,
        sizes=Sizes(
            **{key: float(value) for key, value in data.load("style", "sizes.yaml").items()}
        ),
        groups={
            kind: _group(kind, {**fields, **changes.get(kind, {})})
            for kind, fields in data.load("style", "groups.yaml").items()
        },
        face=font.carried(),
        **colours,
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
        fill=fields.get("fill"),
        dash=tuple(float(part) for part in fields.get("dash", ())),
        glyph=fields.get("glyph"),
        icon=fields.get("icon"),
        centered=fields.get("title") == "center",
    )
