"""Returns the outlines of basic shapes and of node shapes as SVG path data, in points."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from diagramkit.drawing import Box, Point
from diagramkit.style import outlines, shapes


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
    """Return the path data of the outline of `shape` in `box`. Unknown shapes are rectangles."""
    return _path_data(shapes.get(shape).outline, box)


def lines(shape: str, box: Box) -> str:
    """Return the path data of the lines on `shape` in `box`; empty if it has none."""
    return _path_data(shapes.get(shape).lines, box)


def _path_data(path: str, box: Box) -> str:
    """Return the path data of an outline or of lines in the notation of `outlines`."""
    return "".join(
        name + " ".join(map(number, _moved(name, numbers, box.x, box.y)))
        for name, numbers in outlines.commands(path, box.w, box.h)
    )


def _moved(name: str, numbers: tuple[float, ...], x: float, y: float) -> Iterator[float]:
    """Yield the numbers of a command moved by `x` and `y`: all but the radii and flags of an arc."""
    fixed = 5 if name == "A" else 0
    yield from numbers[:fixed]
    offsets = (y, x) if name == "V" else (x, y)
    yield from (value + offsets[index % 2] for index, value in enumerate(numbers[fixed:]))


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


def _ellipse(box: Box) -> str:
    n, cy = number, box.center[1]
    rx, ry = box.w / 2, box.h / 2
    arc = f"A{n(rx)} {n(ry)} 0 0 1 "
    return f"M{n(box.x)} {n(cy)}{arc}{n(box.right)} {n(cy)}{arc}{n(box.x)} {n(cy)}Z"
