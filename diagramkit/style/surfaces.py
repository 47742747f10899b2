"""The colors that are behind texts and lines, and colors that are readable on them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct

from diagramkit.graph import Graph, Group, Node
from diagramkit.style import colors, css, shapes
from diagramkit.style.theme import Theme

PLATE_COLOR = "#F2F4F5"
"""The plate of icons on a dark group, in a theme whose background is light."""


class Surfaces(Struct, frozen=True):
    """The opaque colors of the page (None) and of the groups by id.

    `own` are the colors of the theme that text may have behind it. Whoever made the theme has chosen its text for
    them, so only other backgrounds change the colors of text and lines.
    """

    theme: Theme
    by_group: Mapping[str | None, str]
    own: frozenset[str]

    def text(self, color: str, behind: Iterable[str]) -> str:
        """Return a color for text on all of the colors `behind`: `color` if it is readable there."""
        behind = set(behind)
        if behind <= self.own:
            return color
        return colors.readable((color, self.theme.text), sorted(behind)) or self.theme.text

    def shape_fill(self, node: Node) -> str:
        """Return the fill of the shape of a node, which is not one in the color of lines."""
        default = colors.NONE if shapes.get(node.shape).fill == "none" else self.theme.shape_fill
        return css.css_style(node.style).fill_or(default)

    def mark_color(self, node: Node) -> str:
        """Return the color of a shape in the color of lines, such as a filled circle, without that of the source."""
        return self.line(self.theme.edge, {self.by_group[node.group]}) or self.theme.edge

    def line(self, color: str, behind: Iterable[str]) -> str | None:
        """Return a color for a line on all of the colors `behind`, or None if no color is visible on all of them."""
        behind = set(behind)
        if behind <= self.own:
            return color
        candidates = color, self.theme.text
        return colors.readable(candidates, sorted(behind), colors.MIN_LINE_CONTRAST)

    def border(self, node: Node, inside: str) -> str:
        """Return a color for the border of a shape that is filled with `inside`.

        It is visible on one side of the border at least, and inside if the shape has lines there.
        """
        color, outside = self.theme.shape_border, self.by_group[node.group]
        sides = (inside,) if shapes.get(node.shape).lines else (outside, inside)
        if any(colors.contrast(color, side) >= colors.MIN_LINE_CONTRAST for side in sides):
            return color
        readable = (colors.readable((self.theme.text,), each, colors.MIN_LINE_CONTRAST) for each in (sides, sides[:1]))
        return next(filter(None, readable), color)

    def plate(self, group: str | None) -> str | None:
        """Return the color of the plates of icons in a group, or None if icons need no plate there."""
        surface = self.by_group[group]
        if surface in self.own:
            return self.theme.plate
        return PLATE_COLOR if colors.is_dark(surface) else None


def surfaces(graph: Graph, theme: Theme) -> Surfaces:
    """Return the colors behind everything in `graph`."""
    by_group: dict[str | None, str] = {None: theme.backdrop}
    for group in graph.outer_first():
        fill = group_fill(group, theme)
        by_group[group.id] = colors.blend(fill, by_group.get(group.parent, theme.backdrop))
    fills = (style.fill for style in theme.groups.values() if style.fill)
    own = {theme.backdrop, theme.shape_fill, *(colors.blend(fill, theme.backdrop) for fill in fills)}
    return Surfaces(theme, by_group, frozenset(own))


def group_fill(group: Group, theme: Theme) -> str:
    """Return the color of a group's area, or `none`."""
    style = css.css_style(group.style)
    return style.visible(style.fill_or(theme.group(group).fill or colors.NONE))
