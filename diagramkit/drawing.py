"""The geometry of a picture: the position of every box, line, icon and text.

All lengths are in points, x to the right and y down, from the top left corner. Every output is written from a
`Drawing`, so that all outputs agree and tests can check them all at once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeVar

from msgspec import Struct, field, structs

from diagramkit.graph import Direction, Head, Stroke
from diagramkit.icons.icon import Icon
from diagramkit.style import shapes
from diagramkit.style.font import Face
from diagramkit.style.text_style import StyledLine, StyledText

Point = tuple[float, float]
Part = TypeVar("Part")
_COLOR = re.compile(r"#[0-9A-Fa-f]{6}(?:[0-9A-Fa-f]{2})?|none")
_THICK_FACTOR = 2.2  # The width of thick edges relative to normal ones.
_DOTS = (3.0, 4.0)
_CURVE_SEGMENTS = 12  # Straight segments that approximate one cubic curve.


class Box(Struct, frozen=True):
    """A rectangle: left, top, width, height."""

    x: float
    y: float
    w: float
    h: float

    @property
    def right(self) -> float:
        """The x of the right side."""
        return self.x + self.w

    @property
    def bottom(self) -> float:
        """The y of the lower side."""
        return self.y + self.h

    @property
    def center(self) -> Point:
        """The center point."""
        return self.x + self.w / 2, self.y + self.h / 2

    def moved(self, dx: float, dy: float) -> Box:
        """Return the box moved by `dx` and `dy`."""
        return Box(self.x + dx, self.y + dy, self.w, self.h)

    def grown(self, by: float) -> Box:
        """Return the box enlarged by `by` on each side; a negative number makes it smaller."""
        return Box(self.x - by, self.y - by, self.w + 2 * by, self.h + 2 * by)

    def overlaps(self, other: Box, slack: float = 0.01) -> bool:
        """Return whether two boxes overlap by more than `slack` points."""
        return (  # The hottest function of all: it uses fields, since properties are slower.
            self.x < other.x + other.w - slack
            and other.x < self.x + self.w - slack
            and self.y < other.y + other.h - slack
            and other.y < self.y + self.h - slack
        )

    def contains(self, other: Box, slack: float = 0.01) -> bool:
        """Return whether `other` is inside, up to `slack` points."""
        return (
            self.x <= other.x + slack
            and self.y <= other.y + slack
            and self.right >= other.right - slack
            and self.bottom >= other.bottom - slack
        )


def bounds(boxes: list[Box]) -> Box:
    """Return the smallest box that contains all of `boxes`, which must not be empty."""
    left, top = min(box.x for box in boxes), min(box.y for box in boxes)
    right, bottom = max(box.right for box in boxes), max(box.bottom for box in boxes)
    return Box(left, top, right - left, bottom - top)


class TextSpan(Struct, frozen=True):
    """One line of text. `box` is the area that it covers, and `baseline` the y of its baseline.

    Lines are positioned by their start, even if they are centered: the first letter begins at `box.x`. `parts` are the
    parts of a line with several styles, or with one; it is empty for plain text.
    """

    text: str
    box: Box
    baseline: float
    size: float
    color: str
    parts: StyledLine = ()

    @property
    def styled_parts(self) -> StyledLine:
        """The parts of the line; plain text has one."""
        return self.parts or (StyledText(self.text),)


PLATE = 4.0
"""How far a plate in the colors of the source extends beyond its icon, in points."""

PLATE_RADIUS = 6.0
"""The radius of the corners of a plate, in points."""

TILE_MARGIN = 0.1
"""The margin between an icon and the border of the square that a theme draws behind it, as a factor of the square."""


class NodeDrawing(Struct, frozen=True):
    """A node: an icon in `box`, or (if `icon` is None) Mermaid's `shape` filling `box`.

    `plate` is the color of a square behind an icon, or None, and `margin` how far it extends beyond the icon, in
    points. On a dark background, icons that do not fill a square have one; the fill and border that the source
    specifies for a node are shown there. `opacity` is that of the icon.
    """

    id: str
    title: str
    box: Box
    texts: tuple[TextSpan, ...]
    icon: Icon | None
    shape: str
    fill: str | None = None
    border: str | None = None
    plate: str | None = None
    link: str | None = None
    target: str | None = None
    tooltip: str | None = None
    width: float = 1.25
    dash: tuple[float, ...] = ()
    classes: tuple[str, ...] = ()
    margin: float = PLATE
    opacity: float = 1.0

    @property
    def solid(self) -> Box:
        """The area that the node covers without its label: the icon, including its plate if it has one."""
        return self.box.grown(self.margin) if self.plate else self.box

    @property
    def has_label_below(self) -> bool:
        """Whether the label is below the icon or shape, and not inside it."""
        return self.icon is not None or shapes.get(self.shape).label == "below"


class GroupDrawing(Struct, frozen=True):
    """A group: its border, and in its corner a glyph or an icon on a tile, followed by the title.

    `tile_fill` is the color behind the glyph, or behind an icon that the background would hide; None for no tile.
    `halo` is the color behind a title that edges run through: they pass behind it. `link`, `target` and `tooltip` are
    those of its border, its area and its title.
    """

    id: str
    kind: str
    title: str
    box: Box
    texts: tuple[TextSpan, ...]
    border: str
    fill: str | None
    dash: tuple[float, ...]
    tile: Box | None
    tile_fill: str | None
    glyph: str | None
    icon: Icon | None
    width: float = 1.25
    halo: str | None = None
    link: str | None = None
    target: str | None = None
    tooltip: str | None = None

    @property
    def heading(self) -> Box | None:
        """The area of the icon and the title; None if there is neither."""
        boxes = [text.box for text in self.texts] + ([self.tile] if self.tile else [])
        return bounds(boxes) if boxes else None

    @property
    def icon_box(self) -> Box | None:
        """The area of the icon: that of the tile, with a margin if the tile is visible."""
        return self.tile.grown(-TILE_MARGIN * self.tile.w) if self.tile and self.tile_fill else self.tile


class Badge(Struct, frozen=True):
    """A number in a circle that fills `box`."""

    box: Box
    text: TextSpan
    fill: str


class Swatch(Struct, frozen=True):
    """A sample in a legend: a rectangle, or a line if its height is 0."""

    box: Box
    stroke: str
    fill: str | None
    dash: tuple[float, ...]
    width: float


class Hop(Struct, frozen=True):
    """A half circle on a segment of an edge, with which the edge hops over others that cross it.

    `segment` is the segment's index, counted from the tail. `start` and `end` are the points where the hop leaves the
    segment and returns to it, from tail to head, and `radius` is its height; all are in points. A hop over several
    lines is longer: half an ellipse. `clockwise` is its direction of rotation as seen on the picture (to the right of a
    segment that runs down).
    """

    segment: int
    start: Point
    end: Point
    radius: float
    clockwise: bool


class EdgeDrawing(Struct, frozen=True):
    """An edge: the corners of its route from tail to head, and its arrowheads.

    `curve` is set if the edge is not a polyline: its start, then two control points and an end for each cubic Bezier.
    `width` and `dash` are set if the source specifies them; otherwise the stroke determines them. `badge` is the number
    of its step. `hops` are in the order of the route. `label_background` is the color behind its label. `casing` is the
    color of a wider line behind it, where no color of a line is visible on everything that it crosses.
    """

    source: str
    target: str
    points: tuple[Point, ...]
    stroke: Stroke
    tail: Head
    head: Head
    color: str
    texts: tuple[TextSpan, ...] = ()
    width: float | None = None
    dash: tuple[float, ...] | None = None
    curve: tuple[Point, ...] = ()
    badge: Badge | None = None
    hops: tuple[Hop, ...] = ()
    label_background: str = "none"
    casing: str | None = None

    def line(self) -> tuple[Point, ...]:
        """Return the route as a polyline; a curve is approximated by short segments."""
        return flattened(self.curve) if self.curve else self.points


class PageNotes(Struct, frozen=True):
    """Everything around the picture itself: title, caption, steps, legend, footer."""

    texts: tuple[TextSpan, ...] = ()
    badges: tuple[Badge, ...] = ()
    swatches: tuple[Swatch, ...] = ()


class Slot(Struct, frozen=True):
    """Where a node or group is within the group around it, or the picture.

    `rank` is its first rank along the flow, `rank_count` how many it has, and `line` its place across the flow among
    the members in this rank. Both count from 1, as in the layout hint `pin`.
    """

    rank: int
    rank_count: int
    line: int


class Drawing(Struct, frozen=True):
    """A whole picture. Groups are listed in the order in which they are drawn, outer ones first.

    A color is `#RRGGBB`, `#RRGGBBAA` or `none`, or two of them in a picture for light and dark themes. `pixels`
    is the width in pixels that a canvas requires, if any. `hops` says whether edges hop over others where they cross.
    `direction` is that of the flow, and `slots` are those of nodes and groups by id, if the layout engine knows them.
    """

    width: float
    height: float
    background: str
    title: str
    description: str
    groups: tuple[GroupDrawing, ...]
    edges: tuple[EdgeDrawing, ...]
    nodes: tuple[NodeDrawing, ...]
    edge_width: float
    corner: float
    head_length: float
    label_background: str
    face: Face
    notes: PageNotes = PageNotes()
    pixels: float | None = None
    hops: bool = False
    direction: Direction = "TB"
    slots: Mapping[str, Slot] = field(default_factory=dict)

    def pen_of(self, edge: EdgeDrawing) -> tuple[float, tuple[float, ...]]:
        """Return the width of an edge's line, and the lengths of its dashes and gaps (empty for a solid line)."""
        width, dash = self.pen(edge.stroke)
        return width if edge.width is None else edge.width, dash if edge.dash is None else edge.dash

    def pen(self, stroke: str) -> tuple[float, tuple[float, ...]]:
        """Return the width of lines with a stroke, and the lengths of their dashes and gaps."""
        return self.edge_width * (_THICK_FACTOR if stroke == "thick" else 1), _DOTS if stroke == "dotted" else ()

    def texts(self) -> tuple[TextSpan, ...]:
        """Return every line of text in the picture."""
        texts = [text for group in self.groups for text in group.texts]
        texts += [text for edge in self.edges for text in edge.texts]
        texts += [text for node in self.nodes for text in node.texts]
        texts += [edge.badge.text for edge in self.edges if edge.badge]
        texts += [*self.notes.texts, *(badge.text for badge in self.notes.badges)]
        return tuple(texts)


def flattened(curve: tuple[Point, ...]) -> tuple[Point, ...]:
    """Return points on a chain of cubic Bezier curves (a start, then two control points and an end for each)."""
    points = [curve[0]]
    for index in range(0, len(curve) - 1, 3):
        p, q, r, s = curve[index : index + 4]
        for step in range(1, _CURVE_SEGMENTS + 1):
            t = step / _CURVE_SEGMENTS
            u = 1 - t
            a, b, c, d = u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t
            points.append((a * p[0] + b * q[0] + c * r[0] + d * s[0], a * p[1] + b * q[1] + c * r[1] + d * s[1]))
    return tuple(points)


def moved(part: Part, dx: float, dy: float) -> Part:
    """Return any part of a drawing moved by `dx` and `dy`: all of its boxes, points and baselines."""
    return _move_value(part, dx, dy)  # type: ignore[no-any-return]  # It handles values of any type.


def _move_value(value: Any, dx: float, dy: float) -> Any:
    """Return a value with all positions in it moved; it recurses into tuples and parts of drawings."""
    value_type = type(value)
    if value_type is Box:
        return Box(value.x + dx, value.y + dy, value.w, value.h)
    if value_type is TextSpan:
        x, y, w, h = value.box.x + dx, value.box.y + dy, value.box.w, value.box.h
        return TextSpan(value.text, Box(x, y, w, h), value.baseline + dy, value.size, value.color, value.parts)
    if value_type is tuple:
        return tuple([_move_value(item, dx, dy) for item in value])
    changed: dict[str, Any] = {
        name: _move_value(item, dx, dy)
        for name in _POSITIONED_FIELDS.get(value_type, ())
        if (item := getattr(value, name))
    }
    if value_type is EdgeDrawing:
        changed["points"] = tuple([(x + dx, y + dy) for x, y in value.points])
        changed["curve"] = tuple([(x + dx, y + dy) for x, y in value.curve])
    if value_type is Hop:
        (ax, ay), (bx, by) = value.start, value.end
        changed = {"start": (ax + dx, ay + dy), "end": (bx + dx, by + dy)}
    return structs.replace(value, **changed) if changed else value


_POSITIONED_FIELDS: dict[type, tuple[str, ...]] = {
    NodeDrawing: ("box", "texts"),
    GroupDrawing: ("box", "texts", "tile"),
    EdgeDrawing: ("texts", "badge", "hops"),
    Badge: ("box", "text"),
    Swatch: ("box",),
    PageNotes: ("texts", "badges", "swatches"),
    Drawing: ("groups", "edges", "nodes", "notes"),
}
"""The fields of each type that contain positions, except points: those of edges and hops are handled separately."""


def with_both_themes(light: Part, dark: Part) -> Part:
    """Return one drawing for two that differ only in their colors: each color becomes `LIGHT DARK`.

    Raises `ValueError` if they differ in anything else.
    """
    return _pair_values(light, dark)  # type: ignore[no-any-return]  # As in `moved`.


def _pair_values(light: Any, dark: Any) -> Any:
    """Return a value with each color replaced by a pair of the two values' colors."""
    if light == dark:
        return light
    if isinstance(light, tuple) and isinstance(dark, tuple) and len(light) == len(dark):
        return tuple(_pair_values(a, b) for a, b in zip(light, dark, strict=True))
    if isinstance(light, Struct) and not isinstance(light, Icon):
        names = light.__struct_fields__
        return type(light)(*(_pair_values(getattr(light, name), getattr(dark, name)) for name in names))
    pair = light or "none", dark or "none"
    if all(isinstance(color, str) and _COLOR.fullmatch(color) for color in pair):
        return f"{pair[0]} {pair[1]}"
    raise ValueError(f"drawings differ in more than their colors: {light!r}, {dark!r}")
