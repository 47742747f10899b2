"""Node shapes: one table with their names, outlines, sizes and what other programs call them.

`data/shapes.yaml` explains the fields.
"""

from __future__ import annotations

from functools import cache
from typing import Literal

from msgspec import Struct, convert

from diagramkit import data
from diagramkit.graph import Side
from diagramkit.style.outlines import Length, parse_length

DEFAULT = "square"
"""The shape of nodes for which the source asks for none."""


class Shape(Struct, frozen=True):
    """A shape. Lengths are in points; `Length` is one that depends on a width and a height.

    - `name`: its name, which is that of a bracket for the shapes that Mermaid had first.
    - `names`: the names that Mermaid has for it in `@{ shape: … }`.
    - `outline`, `lines`: what is filled and where edges end, and the lines on it, in the notation of `outlines`.
    - `needs`: the width and height that a label needs.
    - `offset`: from the middle of the shape to the middle of its label.
    - `min_size`: the least width and height, or None for those of the theme.
    - `label`: whether the label is inside the shape, below it or not drawn.
    - `size`: the size of a shape that does not contain its label, or None.
    - `along_flow`: whether width and height are swapped where the flow runs to the right or left.
    - `is_square`: whether its width and height are the same.
    - `fill`: whether it has the fill of shapes, the color of lines, or none.
    - `has_border`: whether its outline is drawn.
    - `straight`: the sides on which edges may move up to `corner` points from the corners.
    - `movable`: the part of any other side on which they may move.
    - `like`: the shape that means the same.
    - `drawio`: the style of draw.io's own shape, or None. `dot`: its name in Graphviz, or None.
    """

    name: str
    names: tuple[str, ...]
    outline: str
    lines: str
    needs: tuple[Length, Length]
    offset: tuple[Length, Length]
    min_size: tuple[float, float] | None
    label: Literal["inside", "below", "none"]
    size: tuple[float, float] | None
    along_flow: bool
    is_square: bool
    fill: Literal["normal", "line", "none"]
    has_border: bool
    straight: tuple[Side, ...]
    corner: float
    movable: float
    like: str
    drawio: str | None
    dot: str | None

    @property
    def has_label(self) -> bool:
        """Whether the label of a node with this shape is drawn."""
        return self.label != "none"


class _Entry(Struct, frozen=True, forbid_unknown_fields=True):
    """An entry of the file."""

    outline: str
    names: tuple[str, ...] = ()
    lines: str = ""
    needs: tuple[str | float, str | float] = ("w", "h")
    offset: tuple[str | float, str | float] = (0, 0)
    min: tuple[float, float] | None = None
    label: Literal["inside", "below", "none"] = "inside"
    size: tuple[float, float] | None = None
    along_flow: bool = False
    square: bool = False
    fill: Literal["normal", "line", "none"] = "normal"
    border: bool = True
    straight: tuple[Side, ...] = ()
    corner: float = 10.0
    movable: float = 0.55
    like: str | None = None
    drawio: str | None = None
    dot: str | None = None


@cache
def table() -> dict[str, Shape]:
    """Return all shapes by name."""
    entries = convert(data.load("style", "shapes.yaml"), dict[str, _Entry])
    return {name: _shape(name, entry) for name, entry in entries.items()}


def get(name: str) -> Shape:
    """Return a shape by name, or the default shape for an unknown name."""
    shapes = table()
    return shapes.get(name) or shapes[DEFAULT]


def family(name: str) -> str:
    """Return the shape that means the same as the shape `name` to rules that know only a few: `cylinder` for a disk."""
    return get(name).like


@cache
def by_mermaid_name() -> dict[str, str]:
    """Return every name that `@{ shape: … }` allows, with the name of its shape."""
    return {alias: shape.name for shape in table().values() for alias in shape.names}


def _shape(name: str, entry: _Entry) -> Shape:
    needs_w, needs_h = map(parse_length, map(str, entry.needs))
    offset_x, offset_y = map(parse_length, map(str, entry.offset))
    return Shape(
        name,
        entry.names,
        entry.outline,
        entry.lines,
        (needs_w, needs_h),
        (offset_x, offset_y),
        entry.min,
        entry.label,
        entry.size,
        entry.along_flow,
        entry.square,
        entry.fill,
        entry.border,
        entry.straight,
        entry.corner,
        entry.movable,
        entry.like or name,
        entry.drawio,
        entry.dot,
    )
