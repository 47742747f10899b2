"""The display list of a drawing: simple shapes in the order in which they are painted.

SVG, PNG and PDF are written from it, so that they agree. Only this module and `edge_shapes` know what groups, edges,
nodes and notes look like. Coordinates are in points, rounded to hundredths as SVG writes them; only lines of text
have their exact position. Colors are those of the drawing: #RRGGBB, #RRGGBBAA or `none`; None paints nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from diagramkit import timing
from diagramkit.drawing import (
    PLATE_RADIUS,
    Badge,
    Box,
    Drawing,
    EdgeDrawing,
    GroupDrawing,
    NodeDrawing,
    Point,
    Swatch,
    TextSpan,
)
from diagramkit.icons.icon import Icon
from diagramkit.style import shapes, theme
from diagramkit.writers import edge_shapes
from diagramkit.writers.svg_paths import hundredths, lines, number, outline, rounded

_HALO_PADDING = 2.0
_GLYPH_SIDE = 24.0  # The coordinates of a glyph are from 0 to this.
_GLYPH_COLOR = "#FFFFFF"
_GLYPH_WIDTH = 1.4
_CASING_WIDTH = 1.5  # On each side of an edge.
_MIN_ICON_SCALE = 3.0  # Pixels of an embedded icon per point, for high-density screens.


Placement = tuple[float, float, float]
"""The position x, y and the scale of a path that has coordinates of its own."""


class Pen(Struct, frozen=True):
    """How a line is drawn. `dash` has lengths of dashes and gaps. The default caps and joins are SVG's."""

    color: str
    width: float
    dash: tuple[float, ...] = ()
    cap: Literal["round"] | None = None
    join: Literal["miter", "round"] | None = None


class RectangleItem(Struct, frozen=True):
    """A rectangle."""

    box: Box
    fill: str | None
    pen: Pen | None = None


class PathItem(Struct, frozen=True):
    """A path in the syntax of SVG."""

    data: str
    fill: str | None
    pen: Pen | None = None
    placement: Placement | None = None


class CircleItem(Struct, frozen=True):
    """A circle around `center`."""

    center: Point
    radius: float
    fill: str
    pen: Pen | None = None


class IconItem(Struct, frozen=True):
    """An icon that fills `box` as far as its proportions allow."""

    icon: Icon
    box: Box
    opacity: float = 1.0


Item = RectangleItem | PathItem | CircleItem | IconItem | TextSpan

ElementKind = Literal["group", "casing", "edge", "title", "node", "label", "note"]


class Element(Struct, frozen=True):
    """The items of one element of the picture, from the lowest to the topmost.

    `ids` are the id of a group or node, or the ids of an edge's source and target. `tooltip` appears when a reader
    points at the element; `link` and `target` are those of a node or group, and `name` is what to call it.
    """

    kind: ElementKind
    items: tuple[Item, ...]
    ids: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    tooltip: str | None = None
    link: str | None = None
    target: str | None = None
    name: str = ""


@timing.step("draw")
def display_list(drawing: Drawing) -> tuple[Element, ...]:
    """Return the elements of a drawing without its background, in the order in which they are painted."""
    notes = drawing.notes
    return (
        *map(_group, drawing.groups),
        *(_casing(drawing, edge) for edge in drawing.edges if edge.casing),
        *(_edge(drawing, edge) for edge in drawing.edges),
        *(_heading(group) for group in drawing.groups if group.halo),
        *map(_node, drawing.nodes),
        *(Element("label", tuple(_label(edge))) for edge in drawing.edges if edge.texts or edge.badge),
        *(Element("note", (_swatch(swatch),)) for swatch in notes.swatches),
        *(Element("note", _badge(badge)) for badge in notes.badges),
        *(Element("note", (text,)) for text in notes.texts),
    )


def icon_pixels(drawing: Drawing, scale: float = 1.0) -> dict[Icon, int]:
    """Return the icons of a picture at `scale` pixels per point, each with the width in pixels to embed it with."""
    boxes = [(group.icon, group.tile) for group in drawing.groups if group.icon and group.tile]
    widths: dict[Icon, float] = {}
    for icon, box in (*boxes, *((node.icon, node.box) for node in drawing.nodes if node.icon)):
        widths[icon] = max(widths.get(icon, 0.0), box.w)
    return {icon: math.ceil(width * max(scale, _MIN_ICON_SCALE)) for icon, width in widths.items()}


def _group(group: GroupDrawing) -> Element:
    border = RectangleItem(_box(group.box), group.fill or "none", _pen(group.border, group.width, group.dash))
    heading = () if group.halo else (*_tile(group), *group.texts)
    tooltip = group.tooltip or group.title
    items = (border, *heading)
    return Element("group", items, (group.id,), (group.kind,), tooltip, group.link, group.target, group.title)


def _heading(group: GroupDrawing) -> Element:
    """Return the title of a group that edges run through, which is above them."""
    link = (group.link, group.target, group.title) if group.link else (None, None, "")
    return Element("title", tuple(_title(group)), (), (), None, *link)


def _tile(group: GroupDrawing) -> Iterator[Item]:
    """Yield what marks the kind of a group: a glyph or an icon, on a tile if it needs one."""
    if group.tile is None:
        return
    tile = _box(group.tile)
    if group.tile_fill:
        yield RectangleItem(tile, group.tile_fill)
    if group.glyph:
        pen = Pen(_GLYPH_COLOR, _GLYPH_WIDTH, cap="round", join="round")
        scale = hundredths(group.tile.w / _GLYPH_SIDE)
        yield PathItem(theme.glyph(group.glyph), "none", pen, (tile.x, tile.y, scale))
    elif group.icon and group.icon_box:
        yield IconItem(group.icon, _box(group.icon_box))


def _title(group: GroupDrawing) -> Iterator[Item]:
    """Yield a group's title on a background that hides the edges behind it."""
    boxes = [text.box.grown(_HALO_PADDING) for text in _visible(group.texts)] + ([group.tile] if group.tile else [])
    yield from (RectangleItem(_box(box), group.halo) for box in boxes)
    yield from _tile(group)
    yield from group.texts


def _node(node: NodeDrawing) -> Element:
    pen = _pen(node.border, node.width, node.dash) if node.border else None
    shape = shapes.get(node.shape)
    items: list[Item] = []
    if node.plate:
        items.append(PathItem(rounded(node.solid, PLATE_RADIUS), node.plate, pen))
    if node.icon and node.opacity:
        items.append(IconItem(node.icon, _box(node.box), node.opacity))
    elif not node.icon:
        items.append(PathItem(outline(node.shape, node.box), node.fill, pen if shape.has_border else None))
        if shape.lines and pen:
            items.append(PathItem(lines(node.shape, node.box), "none", pen))
    tooltip = node.tooltip or node.title
    return Element("node", (*items, *node.texts), (node.id,), node.classes, tooltip, node.link, node.target, node.title)


def _edge(drawing: Drawing, edge: EdgeDrawing) -> Element:
    width, dash = drawing.pen_of(edge)
    pen, path = _pen(edge.color, width, dash), edge_shapes.line_path(edge, drawing.corner)
    items: list[Item] = [PathItem(path, "none", pen)]
    for head, (tip, before) in zip((edge.tail, edge.head), edge_shapes.ends(edge), strict=True):
        length = edge_shapes.head_length(drawing, edge)
        if head == "arrow":
            wings = edge_shapes.arrow_path(tip, before, length)
            items.append(PathItem(wings, "none", Pen(pen.color, pen.width, join="miter")))
        elif head == "circle":
            center = edge_shapes.toward(tip, before, length / 2)
            fill = drawing.label_background if edge.color != "none" else "none"
            items.append(_circle(center, length / 2, fill, _pen(edge.color, drawing.edge_width)))
        elif head == "cross":
            strokes = edge_shapes.cross_path(tip, before, length)
            items.append(PathItem(strokes, "none", Pen(pen.color, pen.width)))
    return Element("edge", tuple(items), (edge.source, edge.target))


def _casing(drawing: Drawing, edge: EdgeDrawing) -> Element:
    """Return the wider line behind an edge and behind the arrowheads that consist of lines."""
    edge = replace(edge, color=edge.casing or "none", dash=())
    width, _ = drawing.pen_of(edge)
    items = [
        replace(item, pen=replace(item.pen, width=hundredths(width + 2 * _CASING_WIDTH), cap="round"))
        for item in _edge(drawing, edge).items
        if isinstance(item, PathItem) and item.pen
    ]
    return Element("casing", tuple(items))


def _visible(texts: Iterable[TextSpan]) -> Iterator[TextSpan]:
    """Yield the lines that are not transparent."""
    return (text for text in texts if text.color != "none")


def _label(edge: EdgeDrawing) -> Iterator[Item]:
    boxes = (_box(edge_shapes.label_background(text.box)) for text in _visible(edge.texts))
    yield from (RectangleItem(box, edge.label_background) for box in boxes)
    yield from edge.texts
    if edge.badge:
        yield from _badge(edge.badge)


def _badge(badge: Badge) -> tuple[Item, ...]:
    return _circle(badge.box.center, badge.box.w / 2, badge.fill), badge.text


def _swatch(swatch: Swatch) -> Item:
    box, pen = swatch.box, _pen(swatch.stroke, swatch.width, swatch.dash)
    if not box.h:
        return PathItem(f"M{number(box.x)} {number(box.y)}H{number(box.right)}", None, pen)
    return RectangleItem(_box(box), swatch.fill or "none", pen)


def _box(box: Box) -> Box:
    return Box(hundredths(box.x), hundredths(box.y), hundredths(box.w), hundredths(box.h))


def _circle(center: Point, radius: float, fill: str, pen: Pen | None = None) -> CircleItem:
    return CircleItem((hundredths(center[0]), hundredths(center[1])), hundredths(radius), fill, pen)


def _pen(color: str, width: float, dash: tuple[float, ...] = ()) -> Pen:
    return Pen(color, hundredths(width), tuple(map(hundredths, dash)))
