"""Outlines that depend on a width and a height, in a notation like SVG path data, and where straight lines meet them.

A path consists of the absolute commands M, L, H, V, A, C and Z. Each coordinate is a sum of lengths and of multiples of
the width `w` and of the height `h`: `M0 0.5h L w-12 0`. A coordinate that begins with a letter is separated from its
command by a space. Arcs (`A RX RY 0 LARGE SWEEP X Y`) are not rotated.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from functools import lru_cache

from msgspec import Struct

from diagramkit.graph import Side

Command = tuple[str, tuple[float, ...]]
"""A command of a path with its numbers, as in SVG path data."""

_TOKEN = re.compile(r"[MLHVACZ]|[-+.\dwh]+")
_TERM = re.compile(r"([-+]?(?:\d+\.?\d*|\.\d+)?)([wh]?)")
_TOLERANCE = 1e-6  # Points; also the part of a curve or angle that rounding may add.
_CURVE_SEGMENTS = 32  # Straight segments that stand for a curve where lines meet it.


class Length(Struct, frozen=True):
    """A length that depends on a width and a height: `w` and `h` are their factors, and `points` is added."""

    w: float
    h: float
    points: float

    def at(self, width: float, height: float) -> float:
        """Return the length for a width and a height, in points."""
        return self.w * width + self.h * height + self.points


@lru_cache(maxsize=1024)
def parse_length(text: str) -> Length:
    """Return a length such as `0.5w-3`."""
    sums = {"w": 0.0, "h": 0.0, "": 0.0}
    for number, unit in _TERM.findall(text):
        if number or unit:
            sums[unit] += float(f"{number}1" if number in ("", "+", "-") else number)
    return Length(sums["w"], sums["h"], sums[""])


@lru_cache(maxsize=256)
def _parse(path: str) -> tuple[tuple[str, tuple[Length, ...]], ...]:
    """Return the commands of a path with their lengths."""
    commands: list[tuple[str, list[Length]]] = []
    for token in _TOKEN.findall(path):
        if token.isupper():
            commands.append((token, []))
        else:
            commands[-1][1].append(parse_length(token))
    return tuple((name, tuple(lengths)) for name, lengths in commands)


@lru_cache(maxsize=1024)
def commands(path: str, w: float, h: float) -> tuple[Command, ...]:
    """Return the commands of a path for a width and a height, with the top left corner at 0, 0."""
    return tuple((name, tuple([length.at(w, h) for length in lengths])) for name, lengths in _parse(path))


def depth(path: str, w: float, h: float, side: Side, offset: float) -> float:
    """Return how far inside its box an outline begins, `offset` points from the middle of `side`.

    The result is 0 where the outline does not reach.
    """
    horizontal = side in ("top", "bottom")
    along, across = (w, h) if horizontal else (h, w)
    at = min(max(along / 2 + offset, 0.0), along)
    crossings = [hit for segment in _segments(path, w, h) for hit in segment.crossings(int(horizontal), at)]
    if not crossings:
        return 0.0
    return min(crossings) if side in ("top", "left") else across - max(crossings)


class _Line(Struct, frozen=True):
    """A straight segment between two points."""

    start: tuple[float, float]
    end: tuple[float, float]

    def crossings(self, axis: int, at: float) -> Iterator[float]:
        """Yield where the segment meets the line on which the other coordinate than `axis` is `at`."""
        a, b = self.start[1 - axis], self.end[1 - axis]
        if min(a, b) - _TOLERANCE <= at <= max(a, b) + _TOLERANCE:
            p, q = self.start[axis], self.end[axis]
            if abs(b - a) <= _TOLERANCE:
                yield p
                yield q
            else:
                yield p + (q - p) * min(max((at - a) / (b - a), 0.0), 1.0)


class _Arc(Struct, frozen=True):
    """A part of an ellipse: from the angle `start`, over `sweep` radians; clockwise is positive."""

    center: tuple[float, float]
    radii: tuple[float, float]
    start: float
    sweep: float

    def crossings(self, axis: int, at: float) -> Iterator[float]:
        """Yield where the arc meets the line on which the other coordinate than `axis` is `at`."""
        other = 1 - axis
        share = (at - self.center[other]) / self.radii[other]
        if abs(share) > 1 + _TOLERANCE:
            return
        share = min(max(share, -1.0), 1.0)
        rest = math.sqrt(1 - share * share)
        for sign in (-1.0, 1.0):
            x, y = (share, sign * rest) if axis else (sign * rest, share)
            turn = (math.atan2(y, x) - self.start) * math.copysign(1.0, self.sweep) % math.tau
            if turn <= abs(self.sweep) + 1e-4 or turn >= math.tau - 1e-4:
                yield self.center[axis] + sign * rest * self.radii[axis]


@lru_cache(maxsize=1024)
def _segments(path: str, w: float, h: float) -> tuple[_Line | _Arc, ...]:
    """Return the segments of an outline."""
    segments: list[_Line | _Arc] = []
    position = start = (0.0, 0.0)
    for name, numbers in commands(path, w, h):
        if name == "M":
            position = start = (numbers[0], numbers[1])
            continue
        end = _end(name, numbers, position, start)
        if name == "A":
            segments.append(_arc(position, numbers, end))
        elif name == "C":
            segments.extend(_curve(position, numbers))
        else:
            segments.append(_Line(position, end))
        position = end
    return tuple(segments)


def _end(
    name: str, numbers: tuple[float, ...], position: tuple[float, float], start: tuple[float, float]
) -> tuple[float, float]:
    """Return where a command ends that begins at `position`, in a part of the path that begins at `start`."""
    if name == "Z":
        return start
    if name == "H":
        return numbers[0], position[1]
    if name == "V":
        return position[0], numbers[0]
    return numbers[-2], numbers[-1]


def _arc(start: tuple[float, float], numbers: tuple[float, ...], end: tuple[float, float]) -> _Line | _Arc:
    """Return an arc from its end points (SVG 2, appendix B.2.4)."""
    rx, ry, _, large, sweeps, _, _ = numbers
    if not rx or not ry or start == end:
        return _Line(start, end)
    dx, dy = (start[0] - end[0]) / 2 / rx, (start[1] - end[1]) / 2 / ry
    square = dx * dx + dy * dy
    if square > 1:
        rx, ry = rx * math.sqrt(square), ry * math.sqrt(square)
        dx, dy, square = dx / math.sqrt(square), dy / math.sqrt(square), 1.0
    distance = math.sqrt(max(1 / square - 1, 0.0)) * (1 if large == sweeps else -1)
    # The center in the unit circle, relative to the middle between the points. SVG negates it where the flags agree.
    cx, cy = -distance * dy, distance * dx
    first, last = math.atan2(dy - cy, dx - cx), math.atan2(-dy - cy, -dx - cx)
    turn = (last - first) % math.tau if sweeps else -((first - last) % math.tau)
    center = (start[0] + end[0]) / 2 + cx * rx, (start[1] + end[1]) / 2 + cy * ry
    return _Arc(center, (rx, ry), first, turn)


def _curve(start: tuple[float, float], numbers: tuple[float, ...]) -> Iterator[_Line]:
    """Yield straight segments for a cubic Bezier curve."""
    x1, y1, x2, y2, x3, y3 = numbers
    previous = start
    for step in range(1, _CURVE_SEGMENTS + 1):
        t = step / _CURVE_SEGMENTS
        u = 1 - t
        a, b, c, d = u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t
        point = (a * start[0] + b * x1 + c * x2 + d * x3, a * start[1] + b * y1 + c * y2 + d * y3)
        yield _Line(previous, point)
        previous = point
