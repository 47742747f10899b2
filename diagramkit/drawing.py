"""A picture as geometry: where every box, line, icon and text is.

All lengths are in points, x to the right, y down, from the top left corner. Every output
is written from a `Drawing`, so that all of them agree and tests can check them all at once.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from msgspec import Struct, structs

from diagramkit.graph import Head, Stroke
from diagramkit.icons.icon import Icon
from diagramkit.style.font import Face

Point = tuple[float, float]
Part = TypeVar("Part")
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}|none")
_STRIP = 128.0  # Points; as wide as a label or a node and its gap.
_FEW = 60
_FLAT = 12  # Into how many straight pieces a curve is parted to be measured.


class Box(Struct, frozen=True):
    """A rectangle: left, top, width, height."""

    x: float
    y: float
    w: float
    h: float

    @property
    def right(self) -> float:
        """The x of its right side."""
        return self.x + self.w

    @property
    def bottom(self) -> float:
        """The y of its lower side."""
        return self.y + self.h

    @property
    def center(self) -> Point:
        """Its middle."""
        return self.x + self.w / 2, self.y + self.h / 2

    def moved(self, dx: float, dy: float) -> Box:
        """The box somewhere else."""
        return Box(self.x + dx, self.y + dy, self.w, self.h)

    def grown(self, by: float) -> Box:
        """The box with `by` more on each side (less, where it is negative)."""
        return Box(self.x - by, self.y - by, self.w + 2 * by, self.h + 2 * by)

    def overlaps(self, other: Box, slack: float = 0.01) -> bool:
        """Whether the two share more than a border, `slack` points forgiven."""
        return (  # Asked more often than all else: sides are not looked up by name.
            self.x < other.x + other.w - slack
            and other.x < self.x + self.w - slack
            and self.y < other.y + other.h - slack
            and other.y < self.y + self.h - slack
        )

    def holds(self, other: Box, slack: float = 0.01) -> bool:
        """Whether `other` lies inside."""
        return (
            self.x <= other.x + slack
            and self.y <= other.y + slack
            and self.right >= other.right - slack
            and self.bottom >= other.bottom - slack
        )

    def crossed_by(self, a: Point, b: Point, slack: float = 0.01) -> bool:
        """Whether the segment from `a` to `b` runs through the inside."""
        (ax, ay), (bx, by) = a, b
        left, right = self.x + slack, self.x + self.w - slack
        if (ax <= left and bx <= left) or (ax >= right and bx >= right):
            return False
        top, bottom = self.y + slack, self.y + self.h - slack
        if (ay <= top and by <= top) or (ay >= bottom and by >= bottom):
            return False
        if abs(ax - bx) < 0.01 or abs(ay - by) < 0.01:
            return True
        # A slanted one runs through where corners lie on both of its sides.
        sides = [
            (bx - ax) * (y - ay) - (by - ay) * (x - ax)
            for x, y in ((left, top), (right, top), (right, bottom), (left, bottom))
        ]
        return min(sides) < 0 < max(sides)


def bounds(boxes: list[Box]) -> Box:
    """The smallest box that holds all of `boxes`, of which there must be one."""
    left, top = min(box.x for box in boxes), min(box.y for box in boxes)
    right, bottom = max(box.right for box in boxes), max(box.bottom for box in boxes)
    return Box(left, top, right - left, bottom - top)


def overlapping_pairs(boxes: Sequence[Box], slack: float = 0.01) -> Iterator[tuple[int, int]]:
    """The numbers of those that overlap, each pair with the smaller number first, `slack` points forgiven.

    Boxes are swept along the axis on which they are less crowded: those further on than one ends are not
    compared with it.
    """
    level = [(box.x, box.x + box.w) for box in boxes]
    upright = [(box.y, box.y + box.h) for box in boxes]
    spans = min(level, upright, key=_crowding)
    order = sorted(range(len(boxes)), key=lambda number: spans[number][0])
    for place, one in enumerate(order, 1):
        box, end = boxes[one], spans[one][1] - slack
        for other in itertools.islice(order, place, None):
            if spans[other][0] >= end:
                break
            if box.overlaps(boxes[other], slack):
                yield min(one, other), max(one, other)


class SpatialIndex:
    """Boxes by where they are: those that may touch another one are found without looking at all.

    They lie in strips across the axis on which they reach further, a box in each strip that it touches; few of them
    are sooner looked through.
    """

    def __init__(self, boxes: Sequence[Box]) -> None:
        self._sides = [(box.x, box.y, box.x + box.w, box.y + box.h, number) for number, box in enumerate(boxes)]
        self._strips: dict[int, list[_Sides]] = {}
        if len(boxes) > _FEW:
            whole = bounds(list(boxes))
            self._level = whole.w >= whole.h
            for one in self._sides:
                for strip in self._touched(*one[:4]):
                    self._strips.setdefault(strip, []).append(one)

    def touching(self, box: Box, slack: float = 0.01) -> Sequence[int]:
        """The numbers of those that overlap a box, in order, `slack` points forgiven."""
        x, y = box.x + slack, box.y + slack
        right, bottom = box.x + box.w - slack, box.y + box.h - slack
        sides = self._beside(x, y, right, bottom) if self._strips else self._sides
        return [
            number for left, top, end, low, number in sides if left < right and end > x and top < bottom and low > y
        ]

    def _beside(self, x: float, y: float, right: float, bottom: float) -> Sequence[_Sides]:
        """All in the strips that are touched, each once and in order."""
        strips = [self._strips.get(strip, []) for strip in self._touched(x, y, right, bottom)]
        if len(strips) == 1:
            return strips[0]
        found = {one[4]: one for strip in strips for one in strip}
        return [found[number] for number in sorted(found)]

    def _touched(self, x: float, y: float, right: float, bottom: float) -> range:
        ends = (x, right) if self._level else (y, bottom)  # Of what is smaller than the slack, the wrong way round.
        return range(int(min(ends) // _STRIP), int(max(ends) // _STRIP) + 1)


_Sides = tuple[float, float, float, float, int]


def _crowding(spans: Sequence[tuple[float, float]]) -> float:
    """How many of the spans lie above a place, on average."""
    if not spans:
        return 0.0
    whole = max(end for _, end in spans) - min(start for start, _ in spans)
    return sum(end - start for start, end in spans) / whole if whole else float(len(spans))


class TextSpan(Struct, frozen=True):
    """One line of text. `box` is what it covers, `baseline` the y its letters stand on.

    Lines are placed by their start, whatever they are centred on: `box.x` is where the
    first letter begins.
    """

    text: str
    box: Box
    baseline: float
    size: float
    color: str


SLANT = 14.0
"""How far the slanted sides of leaning shapes lean, in points."""

PLATE = 4.0
"""How far the plate behind a dark icon reaches beyond it."""


class NodeDrawing(Struct, frozen=True):
    """A node: an icon in `box`, or (where `icon` is None) Mermaid's `shape` filling `box`.

    `plate` is the colour of a square behind an icon, or None: a dark icon needs one, and what
    the source says of a node's fill and border is shown there.
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

    @property
    def solid(self) -> Box:
        """What the node covers without its label: the icon, with its plate if it has one."""
        return self.box.grown(PLATE) if self.plate else self.box


class GroupDrawing(Struct, frozen=True):
    """A group: its border, and in its corner a glyph or an icon on a tile, with its title. `halo` is the color behind
    a title that edges run through: they pass behind it."""

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


class Badge(Struct, frozen=True):
    """A number in a circle that fills `box`."""

    box: Box
    text: TextSpan
    fill: str


class Swatch(Struct, frozen=True):
    """A sample in a legend: a rectangle, or a line where its height is nothing."""

    box: Box
    stroke: str
    fill: str | None
    dash: tuple[float, ...]
    width: float


class Hop(Struct, frozen=True):
    """A half circle by which an edge hops over others that cross it, off one of its segments.

    `segment` is the segment's number, from the tail; `start` and `end` are where the hop leaves it and comes
    back, from tail to head, `radius` how far it reaches out, all in points. Over several lines it is longer:
    half an ellipse. `clockwise`: which way it turns, as seen on the
    picture (to the right of a segment that runs down).
    """

    segment: int
    start: Point
    end: Point
    radius: float
    clockwise: bool


class EdgeDrawing(Struct, frozen=True):
    """An edge: the corners of its path, from tail to head, and the signs at its ends.

    `curve` is the path where it is no line through its corners: its start, then two control
    points and an end for each cubic Bézier. `width` and `dash` are set where the source says
    them; else the stroke decides. `badge` is its step's number. `hops` are in the order of the path.
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

    def line(self) -> tuple[Point, ...]:
        """The path as straight pieces; a curve in pieces so short that they lie on it."""
        return flattened(self.curve) if self.curve else self.points


class PageNotes(Struct, frozen=True):
    """What stands around the picture itself: title, caption, steps, legend, footer."""

    texts: tuple[TextSpan, ...] = ()
    badges: tuple[Badge, ...] = ()
    swatches: tuple[Swatch, ...] = ()


class Drawing(Struct, frozen=True):
    """A whole picture. Groups are listed outer first, as they are painted.

    A colour is `#RRGGBB` or `none`; in a picture for readers in light and dark two of them.
    `pixels` is the width in pixels that a canvas asks for, if one does. `hops`: whether edges hop over others
    where they cross.
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

    def texts(self) -> tuple[TextSpan, ...]:
        """Every line of text in the picture."""
        found = [text for group in self.groups for text in group.texts]
        found += [text for edge in self.edges for text in edge.texts]
        found += [text for node in self.nodes for text in node.texts]
        found += [edge.badge.text for edge in self.edges if edge.badge]
        found += [*self.notes.texts, *(badge.text for badge in self.notes.badges)]
        return tuple(found)


def flattened(curve: tuple[Point, ...]) -> tuple[Point, ...]:
    """Points on a chain of cubic Béziers (a start, then threes of control, control, end)."""
    found = [curve[0]]
    for at in range(0, len(curve) - 1, 3):
        p, q, r, s = curve[at : at + 4]
        for step in range(1, _FLAT + 1):
            t = step / _FLAT
            u = 1 - t
            a, b, c, d = u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t
            found.append((a * p[0] + b * q[0] + c * r[0] + d * s[0], a * p[1] + b * q[1] + c * r[1] + d * s[1]))
    return tuple(found)


def moved(thing: Part, dx: float, dy: float) -> Part:
    """Any part of a drawing somewhere else: its boxes, points and baselines all shift."""
    return _moved(thing, dx, dy)  # type: ignore[no-any-return]  # It walks any value.


def _moved(thing: Any, dx: float, dy: float) -> Any:
    kind = type(thing)
    if kind is Box:
        return Box(thing.x + dx, thing.y + dy, thing.w, thing.h)
    if kind is TextSpan:
        x, y, w, h = thing.box.x + dx, thing.box.y + dy, thing.box.w, thing.box.h
        return TextSpan(thing.text, Box(x, y, w, h), thing.baseline + dy, thing.size, thing.color)
    if kind is tuple:
        return tuple([_moved(part, dx, dy) for part in thing])
    changed: dict[str, Any] = {
        name: _moved(part, dx, dy) for name in _PLACED.get(kind, ()) if (part := getattr(thing, name))
    }
    if kind is EdgeDrawing:
        changed["points"] = tuple([(x + dx, y + dy) for x, y in thing.points])
        changed["curve"] = tuple([(x + dx, y + dy) for x, y in thing.curve])
    if kind is Hop:
        (ax, ay), (bx, by) = thing.start, thing.end
        changed = {"start": (ax + dx, ay + dy), "end": (bx + dx, by + dy)}
    return structs.replace(thing, **changed) if changed else thing


_PLACED: dict[type, tuple[str, ...]] = {
    NodeDrawing: ("box", "texts"),
    GroupDrawing: ("box", "texts", "tile"),
    EdgeDrawing: ("texts", "badge", "hops"),
    Badge: ("box", "text"),
    Swatch: ("box",),
    PageNotes: ("texts", "badges", "swatches"),
    Drawing: ("groups", "edges", "nodes", "notes"),
}
"""Which fields of a part of a drawing have a place, beside points: an edge's, a hop's."""


def with_both_themes(light: Part, dark: Part) -> Part:
    """One drawing of two that differ in colours alone: each colour becomes `light dark`."""
    return _paired(light, dark)  # type: ignore[no-any-return]  # As above.


def _paired(light: Any, dark: Any) -> Any:
    if light == dark:
        return light
    if isinstance(light, tuple) and isinstance(dark, tuple) and len(light) == len(dark):
        return tuple(_paired(a, b) for a, b in zip(light, dark, strict=True))
    if isinstance(light, Struct) and not isinstance(light, Icon):
        names = light.__struct_fields__
        return type(light)(*(_paired(getattr(light, name), getattr(dark, name)) for name in names))
    pair = light or "none", dark or "none"
    if all(isinstance(colour, str) and _COLOUR.fullmatch(colour) for colour in pair):
        return f"{pair[0]} {pair[1]}"
    raise ValueError(f"drawings differ in more than colours: {light!r}, {dark!r}")
