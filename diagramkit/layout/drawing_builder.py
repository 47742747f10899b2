"""A placed graph in a theme's colours: the last step to a `Drawing`."""

from __future__ import annotations

import math

from msgspec.structs import replace

from diagramkit.drawing import (
    Badge,
    Box,
    Drawing,
    EdgeDrawing,
    GroupDrawing,
    NodeDrawing,
    Point,
    TextSpan,
    bounds,
    moved,
)
from diagramkit.graph import Graph, Group, Node
from diagramkit.icons import artwork
from diagramkit.layout.result import Layout, RoutedEdge
from diagramkit.measure.figures import Figures, Heading
from diagramkit.measure.text_layout import TextBlock, plain_lines, without_markdown
from diagramkit.style import css
from diagramkit.style.theme import Theme

_CAPITAL = 0.33  # Half the height of a capital, as a part of the text size.


class DrawingBuilder:
    """Makes the parts of a drawing; positions are the layout's, not yet moved into the frame."""

    def __init__(self, graph: Graph, figures: Figures, layout: Layout, theme: Theme) -> None:
        self.graph, self.figures, self.layout, self.theme = graph, figures, layout, theme

    def nodes(self) -> tuple[NodeDrawing, ...]:
        """Every node, in source order."""
        return tuple(self._node(node) for node in self.graph.nodes)

    def groups(self) -> tuple[GroupDrawing, ...]:
        """Every group that has a place, outer ones first."""
        return tuple(
            self._group(group)
            for group in sorted(self.graph.groups, key=lambda group: self._depth(group.id))
            if group.id in self.layout.groups
        )

    def edge(self, routed: RoutedEdge, curve: tuple[Point, ...] = (), badge: Badge | None = None) -> EdgeDrawing:
        """An edge along its path, with its label, or with its step's number in a circle there."""
        edge = self.graph.edges[routed.number]
        label = self.figures.labels.get(routed.number) if badge is None else None
        look = css.css_style(edge.style, self.theme.ground)
        ground = self.theme.ground
        color = css.readable(look.color, ground, self.theme.muted) if look.color else None
        spot = routed.label
        texts = self._lines(label, spot.center[0], spot.y, color=color) if label and spot else ()
        return EdgeDrawing(
            edge.source,
            edge.target,
            routed.points,
            edge.stroke,
            edge.tail,
            edge.head,
            look.stroke or self.theme.edge,
            texts,
            look.width,
            look.dash,
            curve,
            badge,
        )

    def _node(self, node: Node) -> NodeDrawing:
        figure, theme = self.figures.nodes[node.id], self.theme
        look = css.css_style(node.style, theme.ground)
        x, y = self.layout.anchors[node.id]
        box = Box(x - figure.w / 2, y - figure.h / 2, figure.w, figure.h)
        top, plate = y + figure.down - figure.label.height, None
        ground, border = theme.ground, look.stroke
        if figure.icon is None:
            top = y - figure.label.height / 2 + (4 if node.shape == "cylinder" else 0)
            ground, border = look.fill or theme.shape_fill, look.stroke or theme.shape_border
            if node.shape == "junction":
                look = replace(look, fill=theme.edge)
                border = theme.edge
        elif look.framed:
            plate = look.fill or theme.ground
        elif artwork.look(figure.icon).dark:
            plate = theme.plate
        color = css.readable(look.color, ground, theme.text) if look != css.PLAIN else None
        return NodeDrawing(
            node.id,
            " ".join(plain_lines(without_markdown(node.label, node.markdown))) or node.id,
            box,
            self._lines(figure.label, x, top, color=color),
            figure.icon,
            node.shape,
            look.fill or theme.shape_fill,
            border,
            plate,
            node.link,
            node.target,
            node.tooltip,
            1.25 if look.width is None else look.width,
            look.dash or (),
            node.classes,
        )

    def _depth(self, group: str) -> int:
        parents = {item.id: item.parent for item in self.graph.groups}
        depth, at = 0, parents.get(group)
        while at is not None and depth < len(parents):
            depth, at = depth + 1, parents.get(at)
        return depth

    def _group(self, group: Group) -> GroupDrawing:
        box, place = self.layout.groups[group.id], self.layout.titles[group.id]
        heading = self.figures.headings[group.id]
        heading = heading.narrow if place.narrow and heading.narrow else heading
        style, look = self.theme.group(group), css.css_style(group.style, self.theme.ground)
        ground = look.fill or style.fill or self.theme.ground
        color = css.readable(look.color, ground, self.theme.text) if look != css.PLAIN else None
        tile, texts = self._head(heading, box, color, place.shift)
        glyph = None if heading.icon else style.glyph
        return GroupDrawing(
            group.id,
            style.kind,
            " ".join(plain_lines(group.label)) or group.id,
            box,
            texts,
            look.stroke or style.border,
            look.fill or style.fill,
            style.dash if look.dash is None else look.dash,
            tile,
            style.tile if glyph else None,
            glyph,
            heading.icon,
            1.25 if look.width is None else look.width,
            ground if place.crossed else None,
        )

    def _head(
        self, heading: Heading, box: Box, color: str | None, shift: float
    ) -> tuple[Box | None, tuple[TextSpan, ...]]:
        """The icon's tile and the title's lines, moved `shift` points along the border."""
        sizes, style, title = self.theme.sizes, heading.style, heading.title
        side = sizes.group_icon if style.has_icon else 0
        if style.centered:
            middle = box.center[0] + shift
            tile = Box(middle - side / 2, box.y, side, side) if side else None
            top = box.y + side + sizes.group_title_gap / 2
            return tile, self._lines(title, middle, top, color=color)
        tile = Box(box.x + shift, box.y, side, side) if side else None
        top = box.y + max((heading.height - title.height) / 2, 0)
        left = box.x + shift + side + sizes.group_title_gap
        return tile, self._lines(title, left, top, centered=False, color=color)

    def _lines(
        self,
        block: TextBlock,
        x: float,
        top: float,
        centered: bool = True,
        color: str | None = None,
    ) -> tuple[TextSpan, ...]:
        return text_spans(block, x, top, self.theme, centered=centered, color=color)


def text_spans(
    block: TextBlock,
    x: float,
    top: float,
    theme: Theme,
    *,
    centered: bool = True,
    color: str | None = None,
) -> tuple[TextSpan, ...]:
    """A block's lines from `top` down, around `x` or beginning there."""
    made, y = [], top
    for line in block.lines:
        height = line.size * theme.sizes.line_height
        left = x - line.width / 2 if centered else x
        made.append(
            TextSpan(
                line.text,
                Box(left, y, line.width, height),
                y + height / 2 + _CAPITAL * line.size,
                line.size,
                color or (theme.muted if line.muted else theme.text),
            )
        )
        y += height
    return tuple(made)


def assemble(
    graph: Graph,
    groups: tuple[GroupDrawing, ...],
    edges: tuple[EdgeDrawing, ...],
    nodes: tuple[NodeDrawing, ...],
    theme: Theme,
) -> Drawing:
    """The parts as a drawing: moved so that the margin is even, in whole points."""
    sizes = theme.sizes
    boxes = [group.box for group in groups] + [node.solid for node in nodes]
    boxes += [text.box for node in nodes for text in node.texts]
    boxes += [text.box for edge in edges for text in edge.texts]
    boxes += [edge.badge.box for edge in edges if edge.badge]
    boxes += [Box(x, y, 0, 0).grown(3) for edge in edges for x, y in edge.line()]
    area = bounds(boxes) if boxes else Box(0, 0, sizes.icon, sizes.icon)
    dx, dy = sizes.margin - area.x, sizes.margin - area.y
    return Drawing(
        width=_whole(area.w + 2 * sizes.margin),
        height=_whole(area.h + 2 * sizes.margin),
        background=theme.background,
        title=graph.accessible_title or graph.title or "Diagram",
        description=graph.description or _spoken(graph),
        groups=moved(groups, dx, dy),
        edges=moved(edges, dx, dy),
        nodes=moved(nodes, dx, dy),
        edge_width=sizes.edge_width,
        corner=sizes.corner,
        head_length=sizes.head,
        label_background=theme.label_background,
        face=theme.face,
    )


def _whole(length: float) -> float:
    """The whole points that hold a length, a thousandth forgiven: sums are not exact, and another place of the
    same picture is to give the same size."""
    return float(math.ceil(length - 0.001))


def _spoken(graph: Graph) -> str:
    """The diagram in words, for whoever cannot see it: `ALB to Service A, …`."""
    items: list[Node | Group] = [*graph.nodes, *graph.groups]
    names = {item.id: " ".join(plain_lines(item.label)) or item.id for item in items}
    steps = [
        f"{names.get(edge.source, edge.source)} to {names.get(edge.target, edge.target)}"
        + (f" ({' '.join(plain_lines(edge.label))})" if plain_lines(edge.label) else "")
        for edge in graph.edges
        if edge.stroke != "invisible"
    ]
    return "; ".join(steps) + "." if steps else ", ".join(names[node.id] for node in graph.nodes)
