"""A picture as geometry: where every box, line, icon and text is.

All lengths are in points, x to the right, y down, from the top left corner. Every output
is written from a `Drawing`, so that all of them agree and tests can check them all at once.
"""

from __future__ import annotations

from dataclasses import dataclass

from diagramkit.graph import Head, Stroke

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Box:
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
        return (
            self.x < other.right - slack
            and other.x < self.right - slack
            and self.y < other.bottom - slack
            and other.y < self.bottom - slack
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
        """Whether the segment from `a` to `b`, level or upright, runs through the inside."""
        return (
            max(a[0], b[0]) > self.x + slack
            and min(a[0], b[0]) < self.right - slack
            and max(a[1], b[1]) > self.y + slack
            and min(a[1], b[1]) < self.bottom - slack
        )


def around(boxes: list[Box]) -> Box:
    """The smallest box that holds all of `boxes`, of which there must be one."""
    left, top = min(box.x for box in boxes), min(box.y for box in boxes)
    right, bottom = max(box.right for box in boxes), max(box.bottom for box in boxes)
    return Box(left, top, right - left, bottom - top)


@dataclass(frozen=True, slots=True)
class Text:
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


@dataclass(frozen=True, slots=True)
class NodeDrawing:
    """A node: an icon in `box`, or (where `icon` is None) Mermaid's `shape` filling `box`.

    `plate` is the colour of a square behind an icon, or None: a dark icon needs one, and what
    the source says of a node's fill and border is shown there.
    """

    id: str
    title: str
    box: Box
    texts: tuple[Text, ...]
    icon: str | None
    shape: str
    fill: str | None = None
    border: str | None = None
    plate: str | None = None
    link: str | None = None
    target: str | None = None
    tooltip: str | None = None
    width: float = 1.25
    dash: tuple[float, ...] = ()

    @property
    def solid(self) -> Box:
        """What the node covers without its label: the icon, with its plate if it has one."""
        return self.box.grown(PLATE) if self.plate else self.box


@dataclass(frozen=True, slots=True)
class GroupDrawing:
    """A group: its border, and in its corner a glyph or an icon on a tile, with its title."""

    id: str
    kind: str
    title: str
    box: Box
    texts: tuple[Text, ...]
    border: str
    fill: str | None
    dash: tuple[float, ...]
    tile: Box | None
    tile_fill: str | None
    glyph: str | None
    icon: str | None
    width: float = 1.25


@dataclass(frozen=True, slots=True)
class EdgeDrawing:
    """An edge: the corners of its path, from tail to head, and the signs at its ends.

    `width` and `dash` are set where the source says them; else the stroke decides.
    """

    source: str
    target: str
    points: tuple[Point, ...]
    stroke: Stroke
    tail: Head
    head: Head
    color: str
    texts: tuple[Text, ...] = ()
    width: float | None = None
    dash: tuple[float, ...] | None = None


@dataclass(frozen=True, slots=True)
class Drawing:
    """A whole picture. Groups are listed outer first, as they are painted."""

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

    def texts(self) -> tuple[Text, ...]:
        """Every line of text in the picture."""
        found = [text for group in self.groups for text in group.texts]
        found += [text for edge in self.edges for text in edge.texts]
        found += [text for node in self.nodes for text in node.texts]
        return tuple(found)
