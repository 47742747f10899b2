"""Returns the outlines of basic shapes and of Mermaid's node shapes as SVG path data, in points."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from diagramkit.drawing import SLANT, Box, Point


@lru_cache(maxsize=4096)  # The same coordinates occur many times in one picture.
def number(value: float) -> str:
    """Return a number for SVG with at most two decimals, without trailing zeros or a negative zero."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def hundredths(value: float) -> float:
    """Return a number rounded as `number` writes it."""
    return round(value, 2) + 0.0  # The sum turns a negative zero into zero.


def polygon(*points: tuple[float, float]) -> str:
    """Return the path data of a closed polygon."""
    return "M" + "L".join(f"{number(x)} {number(y)}" for x, y in points) + "Z"


def rectangle(box: Box) -> str:
    """Return the path data of a rectangle."""
    return f"M{number(box.x)} {number(box.y)}H{number(box.right)}V{number(box.bottom)}H{number(box.x)}Z"


def circle(center: Point, radius: float) -> str:
    """Return the path data of a circle."""
    return _ellipse(Box(center[0], center[1], 0, 0).grown(radius))


def outline(shape: str, box: Box) -> str:
    """Return the path data of `shape` filling `box`. Unknown shapes are rectangles."""
    return _SHAPES.get(shape, _square)(box)


def rounded(box: Box, radius: float) -> str:
    """Return the path data of a rectangle with rounded corners."""
    r = min(radius, box.w / 2, box.h / 2)
    n = number
    return (
        f"M{n(box.x + r)} {n(box.y)}H{n(box.right - r)}A{n(r)} {n(r)} 0 0 1 {n(box.right)} "
        f"{n(box.y + r)}V{n(box.bottom - r)}A{n(r)} {n(r)} 0 0 1 {n(box.right - r)} "
        f"{n(box.bottom)}H{n(box.x + r)}A{n(r)} {n(r)} 0 0 1 {n(box.x)} {n(box.bottom - r)}"
        f"V{n(box.y + r)}A{n(r)} {n(r)} 0 0 1 {n(box.x + r)} {n(box.y)}Z"
    )


def _square(box: Box) -> str:
    return rounded(box, 3)


def _round(box: Box) -> str:
    return rounded(box, 10)


def _stadium(box: Box) -> str:
    return rounded(box, box.h / 2)


def _subroutine(box: Box) -> str:
    bars = "".join(f"M{number(x)} {number(box.y)}V{number(box.bottom)}" for x in (box.x + 7, box.right - 7))
    return rounded(box, 0.01) + bars


def _cylinder(box: Box) -> str:
    n, depth = number, min(9.0, box.h / 5)
    half = box.w / 2
    top, bottom = box.y + depth, box.bottom - depth
    return (
        f"M{n(box.x)} {n(top)}A{n(half)} {n(depth)} 0 0 1 {n(box.right)} {n(top)}V{n(bottom)}"
        f"A{n(half)} {n(depth)} 0 0 1 {n(box.x)} {n(bottom)}Z"
        # The front edge of the lid runs forth and back, so that it encloses no area and is not filled.
        f"M{n(box.x)} {n(top)}A{n(half)} {n(depth)} 0 0 0 {n(box.right)} {n(top)}"
        f"A{n(half)} {n(depth)} 0 0 1 {n(box.x)} {n(top)}"
    )


def _document(box: Box) -> str:
    """Return a rectangle whose bottom side is a wave."""
    n, wave = number, min(8.0, box.h / 5)
    bottom, inset = box.bottom - wave / 2, box.w / 4
    return (
        f"M{n(box.x)} {n(box.y)}H{n(box.right)}V{n(bottom)}"
        f"C{n(box.right - inset)} {n(bottom - 2 * wave)} {n(box.x + inset)} {n(bottom + 2 * wave)} "
        f"{n(box.x)} {n(bottom)}Z"
    )


def _ellipse(box: Box) -> str:
    n, cy = number, box.center[1]
    rx, ry = box.w / 2, box.h / 2
    arc = f"A{n(rx)} {n(ry)} 0 0 1 "
    return f"M{n(box.x)} {n(cy)}{arc}{n(box.right)} {n(cy)}{arc}{n(box.x)} {n(cy)}Z"


def _double_circle(box: Box) -> str:
    return _ellipse(box) + _ellipse(box.grown(-4))


def _diamond(box: Box) -> str:
    cx, cy = box.center
    return polygon((cx, box.y), (box.right, cy), (cx, box.bottom), (box.x, cy))


def _hexagon(box: Box) -> str:
    cy, lean = box.center[1], min(SLANT, box.w / 4)
    return polygon(
        (box.x, cy),
        (box.x + lean, box.y),
        (box.right - lean, box.y),
        (box.right, cy),
        (box.right - lean, box.bottom),
        (box.x + lean, box.bottom),
    )


def _quadrilateral(top_left: float, top_right: float, bottom_right: float, bottom_left: float) -> Callable[[Box], str]:
    """Return a function for a shape whose corners are moved inward by these multiples of `SLANT`."""

    def draw(box: Box) -> str:
        return polygon(
            (box.x + SLANT * top_left, box.y),
            (box.right - SLANT * top_right, box.y),
            (box.right - SLANT * bottom_right, box.bottom),
            (box.x + SLANT * bottom_left, box.bottom),
        )

    return draw


def _odd(box: Box) -> str:
    return polygon(
        (box.x, box.y),
        (box.right, box.y),
        (box.right, box.bottom),
        (box.x, box.bottom),
        (box.x + SLANT, box.center[1]),
    )


_SHAPES: dict[str, Callable[[Box], str]] = {
    "square": _square,
    "round": _round,
    "stadium": _stadium,
    "subroutine": _subroutine,
    "cylinder": _cylinder,
    "circle": _ellipse,
    "ellipse": _ellipse,
    "junction": _ellipse,
    "doublecircle": _double_circle,
    "diamond": _diamond,
    "hexagon": _hexagon,
    "lean_right": _quadrilateral(1, 0, 1, 0),
    "lean_left": _quadrilateral(0, 1, 0, 1),
    "trapezoid": _quadrilateral(1, 1, 0, 0),
    "inv_trapezoid": _quadrilateral(0, 0, 1, 1),
    "odd": _odd,
    "document": _document,
}
