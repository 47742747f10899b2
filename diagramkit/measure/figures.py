"""The size of everything: nodes with their labels, group titles, edge labels.

Sizes are in points. A node is positioned by its anchor, the middle of its icon (or shape), where the edges at its sides
end.
"""

from __future__ import annotations

from collections.abc import Container, Mapping

from msgspec import Struct, structs

from diagramkit import timing
from diagramkit.drawing import PLATE, TILE_MARGIN
from diagramkit.graph import Direction, Edge, Graph, Group, Node
from diagramkit.icons import artwork
from diagramkit.icons.catalog import DEFAULT_CATALOG, IconCatalog
from diagramkit.icons.icon import Icon
from diagramkit.icons.resolver import IconChoice
from diagramkit.measure import text_layout
from diagramkit.measure.text_layout import TextBlock
from diagramkit.sources.label_text import plain_lines, styled_lines
from diagramkit.style import group_kinds, shapes
from diagramkit.style.css import CssStyle, css_style
from diagramkit.style.shapes import Shape
from diagramkit.style.surfaces import Surfaces, surfaces
from diagramkit.style.theme import GroupStyle, Sizes, Theme

_HORIZONTAL: tuple[Direction, ...] = ("LR", "RL")


# A title is broken into lines of about `_TARGET_WIDTH` times its width, but only if its width becomes at most
# `_MAX_BROKEN_WIDTH` times the original.
_TARGET_WIDTH = 0.62
_MAX_BROKEN_WIDTH = 0.8


class Figure(Struct, frozen=True):
    """The size of a node: its extents from the anchor, and its label.

    `w` and `h` are the size of the icon or shape; `up`, `down` and `half` are the extents of icon and label together,
    above, below and to each side of the anchor. `icon_margin` is the space between the icon and the square of its size,
    which has a plate if the space is not 0. `inset` is how far inside the icon's box edges end, at the left, top
    and right. A `block` is a group that is laid out already and stands for its content.
    """

    node: Node
    icon: Icon | None
    w: float
    h: float
    label: TextBlock
    up: float
    down: float
    half: float
    inset: tuple[float, float, float] = (0.0, 0.0, 0.0)
    icon_margin: float = 0.0
    block: bool = False

    @property
    def has_label_below(self) -> bool:
        """Whether the label is below the icon or shape, and not inside it."""
        return bool(self.label.lines) and is_label_below(self.node, self.icon is not None)


class Heading(Struct, frozen=True):
    """A group's title and its size, including the icon.

    The icon is the official icon of AWS for this kind of group if an icon pack contains it, or the one that the group's
    style names.
    """

    style: GroupStyle
    icon: Icon | None
    title: TextBlock
    width: float
    height: float
    narrow: Heading | None = None
    """The same heading with the title broken into more lines, if that makes it narrower."""

    @property
    def service(self) -> str | None:
        """The reference of the service that the group's title names, if the group shows its icon."""
        return self.style.icon if self.style.kind == group_kinds.SERVICE else None

    @property
    def has_icon(self) -> bool:
        """Whether there is an icon or a glyph in the group's corner, or above its centered title."""
        return self.icon is not None or self.style.glyph is not None


class Figures(Struct, frozen=True):
    """Everything that is measured: nodes and groups by id, edge labels by edge index."""

    nodes: Mapping[str, Figure]
    headings: Mapping[str, Heading]
    labels: Mapping[int, TextBlock]


@timing.step("measure")
def measure(
    graph: Graph,
    icons: Mapping[str, IconChoice],
    theme: Theme,
    steps: Container[int] = (),
    catalog: IconCatalog = DEFAULT_CATALOG,
) -> Figures:
    """Return the sizes of everything in `graph`. Edges in `steps` have a circle instead of a label.

    `icons` are the choices for the nodes, and for those groups that show a service's icon, by id.
    """
    behind = surfaces(graph, theme)
    return Figures(
        {
            node.id: _mark(node, direction_of(graph, node))
            if is_mark(node, icons[node.id])
            else _figure(node, icons[node.id], behind, catalog)
            for node in graph.nodes
        },
        {group.id: _heading(group, icons.get(group.id), theme, catalog) for group in graph.groups},
        {
            number: _step_circle(theme) if number in steps else _edge_label(edge, theme)
            for number, edge in enumerate(graph.edges)
            if plain_lines(edge.label, edge.markdown) and edge.stroke != "invisible"
        },
    )


def _edge_label(edge: Edge, theme: Theme) -> TextBlock:
    """Return the label of an edge; narrow for loops, whose labels would make the frames around them look empty."""
    sizes, style = theme.sizes, css_style(edge.style)
    size = _text_size(style, sizes.edge_label)
    lines = [(line, size, True) for line in styled_lines(edge.label, edge.markdown, style.text)]
    is_loop = edge.source == edge.target
    max_width = (sizes.loop_label_width if is_loop else sizes.label_width) * max(1.0, size / sizes.edge_label)
    if is_loop:
        max_width = max([max_width, *(text_layout.longest_word(theme.face, line, size) for line, *_ in lines)])
    return text_layout.text_block(theme.face, lines, max_width, sizes.line_height)


def _text_size(style: CssStyle, size: float) -> float:
    """Return the size of a text in points; `size` is that of the theme."""
    return style.text_size.points(size) if style.text_size else size


def _step_circle(theme: Theme) -> TextBlock:
    """Return an empty block with the size of a step's circle."""
    return TextBlock((), theme.sizes.badge, theme.sizes.badge)


def _figure(node: Node, choice: IconChoice, behind: Surfaces, catalog: IconCatalog) -> Figure:
    """Return the size of a node; `behind` determines whether its icon needs a plate."""
    theme, sizes, style = behind.theme, behind.theme.sizes, css_style(node.style)
    icon = catalog.find(choice.icon) if choice.icon else None
    lines = styled_lines(node.label, node.markdown, style.text)
    if node.icon_text and choice.reason != f"icon: {node.icon_text}":
        lines += styled_lines(node.icon_text, base=style.text)
    if icon:
        lines = tuple(map(text_layout.without_emoji, lines))
    text_sizes = _text_size(style, sizes.label), _text_size(style, sizes.detail)
    max_width = sizes.label_width * max(1.0, text_sizes[0] / sizes.label)
    label = text_layout.label_block(theme.face, lines, text_sizes, max_width, sizes.line_height)
    below = sizes.label_gap + label.height if label.lines else 0
    if icon is None:
        shape = shapes.get(node.shape)
        if shape.size is None:
            w, h = _shape_size(shape, label, sizes)
            return Figure(node, None, w, h, label, h / 2, h / 2, w / 2)
        w, h = shape.size
        return Figure(node, None, w, h, label, h / 2, h / 2 + below, max(w, label.width) / 2)
    down = sizes.icon / 2 + below
    half = max(sizes.icon, label.width) / 2
    traits, margin = artwork.traits(icon), 0.0
    inset = traits.inset[0] * sizes.icon, traits.inset[1] * sizes.icon, traits.inset[2] * sizes.icon
    if style.paints_plate:
        inset = -PLATE, -PLATE, -PLATE
    elif behind.plate(node.group) is not None and not traits.is_tile:
        inset, margin = (0.0, 0.0, 0.0), TILE_MARGIN * sizes.icon
    return Figure(node, icon, sizes.icon, sizes.icon, label, sizes.icon / 2, down, half, inset, margin)


def _shape_size(shape: Shape, label: TextBlock, sizes: Sizes) -> tuple[float, float]:
    """Return the width and height of a shape that its label fits into."""
    min_width, min_height = shape.min_size or (sizes.shape_width, sizes.shape_height)
    needed_width, needed_height = (length.at(label.width, label.height) for length in shape.needs)
    w = max(min_width, needed_width + 2 * sizes.shape_padding)
    h = max(min_height, needed_height + sizes.shape_padding)
    if shape.is_square:
        w = h = max(min(w, needed_width + sizes.shape_padding), h)
    return w, h


def is_label_below(node: Node, has_icon: bool) -> bool:
    """Return whether a node with or without an icon has its label below it."""
    return has_icon or shapes.get(node.shape).label == "below"


def is_mark(node: Node, choice: IconChoice) -> bool:
    """Return whether a node is drawn as a shape without its label, such as the bar of a fork."""
    return choice.icon is None and not shapes.get(node.shape).has_label


def depends_on_direction(graph: Graph, direction: Direction) -> bool:
    """Return whether a shape would have another size if the graph had this direction: a bar across the flow."""
    return (graph.direction in _HORIZONTAL) != (direction in _HORIZONTAL) and any(
        shapes.get(node.shape).along_flow and direction_of(graph, node) == graph.direction for node in graph.nodes
    )


def direction_of(graph: Graph, node: Node) -> Direction | None:
    """Return the direction of the flow around a node, as far as the source specifies it."""
    directions = (group.direction for group in graph.ancestors(node.group))
    return next(filter(None, directions), graph.direction)


def _mark(node: Node, direction: Direction | None) -> Figure:
    """Return the size of a shape without a label; `direction` is that of the flow around it."""
    shape = shapes.get(node.shape)
    w, h = shape.size or (0.0, 0.0)
    if shape.along_flow and direction in _HORIZONTAL:
        w, h = h, w
    return Figure(node, None, w, h, text_layout.EMPTY, h / 2, h / 2, w / 2)


def _heading(group: Group, choice: IconChoice | None, theme: Theme, catalog: IconCatalog) -> Heading:
    """Return the heading of a group; `choice` is the icon of the service that its title names."""
    sizes, style = theme.sizes, theme.group(group, choice.icon if choice else None)
    icon = catalog.group_icon(style.official) if style.official else None
    icon = icon or (catalog.find(style.icon) if style.icon else None)
    css = css_style(group.style)
    size = _text_size(css, sizes.group_title)
    texts = styled_lines(group.label, group.markdown, css.text)
    if icon or style.glyph:
        texts = tuple(map(text_layout.without_emoji, texts))
    lines = [(line, size, False) for line in texts]
    title = text_layout.text_block(theme.face, lines, 2 * sizes.label_width, sizes.line_height)
    longest = max((text_layout.longest_word(theme.face, line, size) for line, _, _ in lines), default=0.0)
    broken = text_layout.text_block(theme.face, lines, max(_TARGET_WIDTH * title.width, longest), sizes.line_height)
    heading = _with_title(style, icon, title, sizes)
    if broken.width > _MAX_BROKEN_WIDTH * title.width:
        return heading
    return structs.replace(heading, narrow=_with_title(style, icon, broken, sizes))


def _with_title(style: GroupStyle, icon: Icon | None, title: TextBlock, sizes: Sizes) -> Heading:
    """Return a heading for a title that is wrapped already."""
    tile = sizes.group_icon if icon or style.glyph else 0
    gap = sizes.group_title_gap
    if style.centered:
        return Heading(style, icon, title, max(title.width, tile) + 2 * gap, tile + title.height + gap)
    width = tile + gap + title.width + gap
    return Heading(style, icon, title, width, max(tile, title.height + gap))
