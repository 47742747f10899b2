"""Turn a graph with a layout into a `Drawing` with the colors of a theme; `page.py` and `hops.py` complete it."""

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

_CAPITAL_HALF_HEIGHT = 0.33  # Half the height of a capital letter, relative to the text size.


class DrawingBuilder:
    """Creates the parts of a drawing in the coordinates of the layout; `assemble` adds the margins."""

    def __init__(self, graph: Graph, figures: Figures, layout: Layout, theme: Theme) -> None:
        self.graph, self.figures, self.layout, self.theme = graph, figures, layout, theme

    def nodes(self) -> tuple[NodeDrawing, ...]:
        """Return every node, in source order."""
        return tuple(self._node(node) for node in self.graph.nodes)

    def groups(self) -> tuple[GroupDrawing, ...]:
        """Return every group that the layout contains, outer ones first."""
        return tuple(
            self._group(group)
            for group in sorted(self.graph.groups, key=lambda group: self.graph.depth(group.id))
            if group.id in self.layout.groups
        )

    def edge(self, routed: RoutedEdge, badge: Badge | None = None) -> EdgeDrawing:
        """Return an edge with its route and label; if it has a `badge`, that replaces the label."""
        edge = self.graph.edges[routed.number]
        label = self.figures.labels.get(routed.number) if badge is None else None
        style = css.css_style(edge.style, self.theme.backdrop)
        background = self.theme.backdrop
        color = css.readable_color(style.color, background, self.theme.muted) if style.color else None
        label_box = routed.label
        texts = self._text_spans(label, label_box.center[0], label_box.y, color=color) if label and label_box else ()
        return EdgeDrawing(
            edge.source,
            edge.target,
            routed.points,
            edge.stroke,
            edge.tail,
            edge.head,
            style.stroke or self.theme.edge,
            texts,
            style.width,
            style.dash,
            routed.curve,
            badge,
        )

    def _node(self, node: Node) -> NodeDrawing:
        """Return a node with its label, in the colors that the source or the theme specifies."""
        figure, theme = self.figures.nodes[node.id], self.theme
        style = css.css_style(node.style, theme.backdrop)
        x, y = self.layout.anchors[node.id]
        box = Box(x - figure.w / 2, y - figure.h / 2, figure.w, figure.h)
        top, plate = y + figure.down - figure.label.height, None
        background, border = theme.backdrop, style.stroke
        if figure.icon is None:
            top = y - figure.label.height / 2 + (4 if node.shape == "cylinder" else 0)
            background, border = style.fill or theme.shape_fill, style.stroke or theme.shape_border
            if node.shape == "junction":
                style = replace(style, fill=theme.edge)
                border = theme.edge
        elif style.has_fill_or_stroke:
            plate = style.fill or theme.backdrop
        elif artwork.traits(figure.icon).dark:
            plate = theme.plate
        color = css.readable_color(style.color, background, theme.text) if style != css.EMPTY_STYLE else None
        return NodeDrawing(
            node.id,
            " ".join(plain_lines(without_markdown(node.label, node.markdown))) or node.id,
            box,
            self._text_spans(figure.label, x, top, color=color),
            figure.icon,
            node.shape,
            style.fill or theme.shape_fill,
            border,
            plate,
            node.link,
            node.target,
            node.tooltip,
            1.25 if style.width is None else style.width,
            style.dash or (),
            node.classes,
        )

    def _group(self, group: Group) -> GroupDrawing:
        """Return a group with its title, in the colors that the source or the theme specifies."""
        box, title_layout = self.layout.groups[group.id], self.layout.titles[group.id]
        heading = self.figures.headings[group.id]
        heading = heading.narrow if title_layout.narrow and heading.narrow else heading
        style = self.theme.group(group, heading.service)
        own_style = css.css_style(group.style, self.theme.backdrop)
        background = own_style.fill or style.fill or self.theme.backdrop
        color = (
            css.readable_color(own_style.color, background, self.theme.text) if own_style != css.EMPTY_STYLE else None
        )
        tile, texts = self._title(heading, box, color, title_layout.shift)
        glyph = None if heading.icon else style.glyph
        plate = self.theme.plate if heading.icon and artwork.traits(heading.icon).dark else None
        return GroupDrawing(
            group.id,
            style.kind,
            " ".join(plain_lines(group.label)) or group.id,
            box,
            texts,
            own_style.stroke or style.border,
            own_style.fill or style.fill,
            style.dash if own_style.dash is None else own_style.dash,
            tile,
            style.tile if glyph else plate,
            glyph,
            heading.icon,
            1.25 if own_style.width is None else own_style.width,
            background if title_layout.crossed else None,
        )

    def _title(
        self, heading: Heading, box: Box, color: str | None, shift: float
    ) -> tuple[Box | None, tuple[TextSpan, ...]]:
        """Return the icon's tile and the lines of the title, moved `shift` points along the border."""
        sizes, style, title = self.theme.sizes, heading.style, heading.title
        side = sizes.group_icon if heading.has_icon else 0
        if style.centered:
            middle = box.center[0] + shift
            tile = Box(middle - side / 2, box.y, side, side) if side else None
            top = box.y + side + sizes.group_title_gap / 2
            return tile, self._text_spans(title, middle, top, color=color)
        tile = Box(box.x + shift, box.y, side, side) if side else None
        top = box.y + max((heading.height - title.height) / 2, 0)
        left = box.x + shift + side + sizes.group_title_gap
        return tile, self._text_spans(title, left, top, centered=False, color=color)

    def _text_spans(
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
    """Return the lines of a block from `top` down, centered at `x` or beginning there."""
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
                color or (theme.muted if line.muted else theme.text),
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
    items: list[Node | Group] = [*graph.nodes, *graph.groups]
    names = {item.id: " ".join(plain_lines(item.label)) or item.id for item in items}
    steps = [
        f"{names.get(edge.source, edge.source)} to {names.get(edge.target, edge.target)}"
        + (f" ({' '.join(plain_lines(edge.label))})" if plain_lines(edge.label) else "")
        for edge in graph.edges
        if edge.stroke != "invisible"
    ]
    return "; ".join(steps) + "." if steps else ", ".join(names[node.id] for node in graph.nodes)
