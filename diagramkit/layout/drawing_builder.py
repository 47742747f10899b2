"""Turn a graph with a layout into a `Drawing` with the colors of a theme; `page.py` and `hops.py` complete it."""

from __future__ import annotations

import math
from collections.abc import Iterable

from diagramkit.drawing import (
    PLATE,
    Badge,
    Box,
    Drawing,
    EdgeDrawing,
    GroupDrawing,
    NodeDrawing,
    TextSpan,
    bounds,
    flattened,
    moved,
)
from diagramkit.graph import Graph, Group, Node
from diagramkit.icons import artwork
from diagramkit.layout.backgrounds import Backgrounds, bundles
from diagramkit.layout.result import Layout, RoutedEdge
from diagramkit.measure.figures import Figure, Figures, Heading
from diagramkit.measure.text_layout import TextBlock
from diagramkit.sources.label_text import names, one_line
from diagramkit.style import colors, css, shapes
from diagramkit.style.surfaces import surfaces
from diagramkit.style.theme import Theme

TextColors = tuple[str, str]
"""The colors of the names and of the details of a label."""

_LABEL_OPACITY = 0.85  # Of the background of an edge's label.
_CAPITAL_HALF_HEIGHT = 0.33  # Half the height of a capital letter, relative to the text size.


class DrawingBuilder:
    """Creates the parts of a drawing in the coordinates of the layout; `assemble` adds the margins."""

    def __init__(self, graph: Graph, figures: Figures, layout: Layout, theme: Theme) -> None:
        self.graph, self.figures, self.layout, self.theme = graph, figures, layout, theme
        self.surfaces = surfaces(graph, theme)
        self.backgrounds = Backgrounds(graph, layout, self.surfaces)
        self._line_colors = {} if self.backgrounds.is_plain else self._colors_of_bundles()

    def nodes(self) -> tuple[NodeDrawing, ...]:
        """Return every node, in source order."""
        return tuple(self._node(node) for node in self.graph.nodes)

    def groups(self) -> tuple[GroupDrawing, ...]:
        """Return every group that the layout contains, outer ones first."""
        return tuple(self._group(group) for group in self.graph.outer_first() if group.id in self.layout.groups)

    def edge(self, routed: RoutedEdge, badge: Badge | None = None) -> EdgeDrawing:
        """Return an edge with its route and label; if it has a `badge`, that replaces the label."""
        edge = self.graph.edges[routed.number]
        label = self.figures.labels.get(routed.number) if badge is None else None
        style = css.css_style(edge.style)
        line_color = self._line_colors.get(routed.number, self.theme.edge)
        texts: tuple[TextSpan, ...] = ()
        plate = colors.NONE
        if label and routed.label:
            plate, label_behind = self._label_background(routed.label)
            label_colors = (style.color, style.color) if style.color else self._text_colors(label_behind)
            texts = text_spans(label, routed.label.center[0], routed.label.y, self.theme, label_colors)
        return EdgeDrawing(
            edge.source,
            edge.target,
            routed.points,
            edge.stroke,
            edge.tail,
            edge.head,
            style.visible(style.stroke_or(line_color or self.theme.edge)),
            texts,
            style.width,
            style.dash,
            routed.curve,
            badge,
            label_background=plate,
            casing=self.theme.backdrop if line_color is None and not style.stroke and not style.is_hidden else None,
        )

    def _colors_of_bundles(self) -> dict[int, str | None]:
        """Return the color of each edge that is visible on everything behind it, or None if there is no such color.

        Edges that share a line have the same color if possible, so that they look alike.
        """
        line_colors: dict[int, str | None] = {}
        unstyled = [edge for edge in self.layout.edges if not css.css_style(self.graph.edges[edge.number].style).stroke]
        for bundle in bundles(unstyled):
            behind = {
                edge.number: self.backgrounds.behind_line(flattened(edge.curve) if edge.curve else edge.points)
                for edge in bundle
            }
            shared = self.surfaces.line(self.theme.edge, set().union(*behind.values()))
            for number, under in behind.items():
                line_colors[number] = shared or self.surfaces.line(self.theme.edge, under)
        return line_colors

    def _label_background(self, box: Box) -> tuple[str, set[str]]:
        """Return the color of the area behind an edge's label, and the colors that are behind its text."""
        surface, behind = self.backgrounds.behind_box(box)
        plate = self.theme.label_background if surface in self.surfaces.own else surface
        if behind <= self.surfaces.own:
            return colors.with_opacity(plate, _LABEL_OPACITY), behind
        # Over several colors, only an opaque background makes the text readable.
        if len(behind) > 1:
            return (surface, {surface}) if plate == colors.NONE else (plate, {plate})
        return colors.with_opacity(plate, _LABEL_OPACITY), behind

    def _text_colors(self, behind: Iterable[str]) -> TextColors:
        """Return the colors of the names and of the details on all of the colors `behind`."""
        behind = tuple(behind)
        return self.surfaces.text(self.theme.text, behind), self.surfaces.text(self.theme.muted, behind)

    def _node(self, node: Node) -> NodeDrawing:
        """Return a node with its label, in the colors that the source or the theme specifies."""
        figure, theme, style = self.figures.nodes[node.id], self.theme, css.css_style(node.style)
        surface = behind = self.surfaces.by_group[node.group]
        x, y = self.layout.anchors[node.id]
        box = Box(x - figure.w / 2, y - figure.h / 2, figure.w, figure.h).grown(-figure.icon_margin)
        top = y + figure.down - figure.label.height
        fill, border = style.fill or theme.shape_fill, style.stroke
        if figure.icon is None:
            fill, border = self._shape_colors(node, style, surface)
            if not figure.has_label_below:
                dx, dy = (offset.at(figure.w, figure.h) for offset in shapes.get(node.shape).offset)
                x, top = x + dx, y - figure.label.height / 2 + dy
                behind = colors.blend(style.visible(fill), surface)
        return NodeDrawing(
            node.id,
            one_line(node) or node.id,
            box,
            text_spans(figure.label, x, top, theme, self._node_text_colors(figure, style, behind)),
            figure.icon,
            node.shape,
            style.visible(fill),
            border and style.visible(border),
            self._plate(node, style, figure) if figure.icon else None,
            node.link,
            node.target,
            node.tooltip,
            1.25 if style.width is None else style.width,
            style.dash or (),
            node.classes,
            figure.icon_margin or PLATE,
            0.0 if style.is_hidden else style.opacity,
        )

    def _shape_colors(self, node: Node, style: css.CssStyle, surface: str) -> tuple[str, str]:
        """Return the colors of a shape's area and border, which is on the color `surface`."""
        if shapes.get(node.shape).fill == "line":
            color = self.surfaces.mark_color(node)
            return style.fill_or(color), style.stroke_or(style.fill or color)
        fill = self.surfaces.shape_fill(node)
        border = self.surfaces.border(node, colors.blend(style.visible(fill), surface))
        return fill, style.stroke_or(border)

    def _plate(self, node: Node, style: css.CssStyle, figure: Figure) -> str | None:
        """Return the color of the plate of an icon, or None if there is none."""
        if style.paints_plate:
            return style.visible(style.fill or self.surfaces.by_group[node.group])
        return style.visible(self.surfaces.plate(node.group) or colors.NONE) if figure.icon_margin else None

    def _node_text_colors(self, figure: Figure, style: css.CssStyle, behind: str) -> TextColors:
        """Return the colors of a node's label, which is on the color `behind`.

        A color in the source is for text on the node's fill. A label below an icon or shape is not on the fill: there,
        it has the color only if it is readable.
        """
        color = style.color
        if color and color != colors.NONE and figure.has_label_below and style.fill:
            color = colors.readable((color, self.theme.text), (behind,))
        elif style != css.EMPTY_STYLE and not color:
            color = self._text_colors((behind,))[0]
        return (color, color) if color else self._text_colors((behind,))

    def _group(self, group: Group) -> GroupDrawing:
        """Return a group with its title, in the colors that the source or the theme specifies."""
        box, title_layout = self.layout.groups[group.id], self.layout.titles[group.id]
        heading = self.figures.headings[group.id]
        heading = heading.narrow if title_layout.narrow and heading.narrow else heading
        style, own_style = self.theme.group(group, heading.service), css.css_style(group.style)
        surface = self.surfaces.by_group[group.id]
        color = own_style.color or self.surfaces.text(self.theme.text, {surface})
        tile, texts = self._title(heading, box, color, title_layout.shift)
        icon, glyph = heading.icon, None if heading.icon else style.glyph
        plate = None
        if icon and not artwork.traits(icon).is_tile:
            plate = self.surfaces.plate(group.id)
        if own_style.is_hidden:
            tile = icon = glyph = plate = None
        fill, around = (
            own_style.fill or (style.fill and own_style.fill_or(style.fill)),
            {self.surfaces.by_group[group.parent]},
        )
        border = own_style.stroke_or(self.surfaces.line(style.border, around) or style.border)
        return GroupDrawing(
            group.id,
            style.kind,
            one_line(group) or group.id,
            box,
            texts,
            own_style.visible(border),
            fill and own_style.visible(fill),
            style.dash if own_style.dash is None else own_style.dash,
            tile,
            style.tile if glyph else plate,
            glyph,
            icon,
            1.25 if own_style.width is None else own_style.width,
            surface if title_layout.crossed else None,
            group.link,
            group.target,
            group.tooltip,
        )

    def _title(self, heading: Heading, box: Box, color: str, shift: float) -> tuple[Box | None, tuple[TextSpan, ...]]:
        """Return the icon's tile and the lines of the title, moved `shift` points along the border."""
        sizes, style, title = self.theme.sizes, heading.style, heading.title
        side = sizes.group_icon if heading.has_icon else 0
        if style.centered:
            middle = box.center[0] + shift
            tile = Box(middle - side / 2, box.y, side, side) if side else None
            top = box.y + side + sizes.group_title_gap / 2
            return tile, text_spans(title, middle, top, self.theme, (color, color))
        tile = Box(box.x + shift, box.y, side, side) if side else None
        top = box.y + max((heading.height - title.height) / 2, 0)
        left = box.x + shift + side + sizes.group_title_gap
        return tile, text_spans(title, left, top, self.theme, (color, color), centered=False)


def text_spans(
    block: TextBlock,
    x: float,
    top: float,
    theme: Theme,
    text_colors: TextColors | None = None,
    *,
    centered: bool = True,
) -> tuple[TextSpan, ...]:
    """Return the lines of a block from `top` down, centered at `x` or beginning there.

    Without `text_colors`, the lines have the colors of the theme.
    """
    color, muted = text_colors or (theme.text, theme.muted)
    spans, y = [], top
    for line in block.lines:
        height = line.size * theme.sizes.line_height
        left = x - line.width / 2 if centered else x
        spans.append(
            TextSpan(
                line.text,
                Box(left, y, line.width, height),
                y + height / 2 + _CAPITAL_HALF_HEIGHT * line.size,
                line.size,
                muted if line.muted else color,
                line.parts,
            )
        )
        y += height
    return tuple(spans)


def assemble(
    graph: Graph,
    groups: tuple[GroupDrawing, ...],
    edges: tuple[EdgeDrawing, ...],
    nodes: tuple[NodeDrawing, ...],
    theme: Theme,
) -> Drawing:
    """Return a drawing of the parts, moved so that the margin is the same on all sides, in whole points."""
    sizes = theme.sizes
    boxes = [group.box for group in groups] + [node.solid for node in nodes]
    boxes += [text.box for node in nodes for text in node.texts]
    boxes += [text.box for edge in edges for text in edge.texts]
    boxes += [edge.badge.box for edge in edges if edge.badge]
    boxes += [Box(x, y, 0, 0).grown(3) for edge in edges for x, y in edge.line()]
    content = bounds(boxes) if boxes else Box(0, 0, sizes.icon, sizes.icon)
    dx, dy = sizes.margin - content.x, sizes.margin - content.y
    return Drawing(
        width=_round_up(content.w + 2 * sizes.margin),
        height=_round_up(content.h + 2 * sizes.margin),
        background=theme.background,
        title=graph.accessible_title or graph.title or "Diagram",
        description=graph.description or _text_description(graph),
        groups=moved(groups, dx, dy),
        edges=moved(edges, dx, dy),
        nodes=moved(nodes, dx, dy),
        edge_width=sizes.edge_width,
        corner=sizes.corner,
        head_length=sizes.head,
        label_background=theme.label_background,
        face=theme.face,
    )


def _round_up(length: float) -> float:
    """Return a length rounded up to whole points, up to a tolerance of a thousandth.

    Sums are not exact, and the same picture must have the same size wherever its layout is.
    """
    return float(math.ceil(length - 0.001))


def _text_description(graph: Graph) -> str:
    """Return the diagram in words for screen readers: `ALB to Service A, ...`."""
    known = names(graph)
    steps = [
        f"{known.get(edge.source, edge.source)} to {known.get(edge.target, edge.target)}"
        + (f" ({label})" if (label := one_line(edge)) else "")
        for edge in graph.edges
        if edge.stroke != "invisible"
    ]
    return "; ".join(steps) + "." if steps else ", ".join(known[node.id] for node in graph.nodes)
