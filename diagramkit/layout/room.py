"""Makes room where a label has none: the picture is cut open and moved apart there.

Everything beyond a straight cut moves away from it by the same length. Right angles stay right,
what stood in line stays in line, and no edge changes its way; only stretches across the cut and
groups around it grow. Two cuts, one along each axis, leave an empty rectangle where they meet.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from diagramkit.drawing import Box, Point
from diagramkit.layout.place import Placement
from diagramkit.layout.routing.scene import Path
from diagramkit.measure.text import Block

_SPARE = 8.0  # How much more room than its own size a label gets, in points.
_NEAR = 0.75  # How near to a stretch it is cut open, beside it.
_SHARES = (0.5, 0.3, 0.7, 0.15, 0.85)


@dataclass(frozen=True, slots=True)
class Cut:
    """Where the picture is parted: across `axis` (0: x, 1: y) at `at`, `by` points apart."""

    axis: int
    at: float
    by: float


def cuts(path: Path, label: Block) -> Iterator[tuple[Cut, ...]]:
    """The cuts that may give a path's label its room, the smallest first."""
    found: list[tuple[float, tuple[Cut, ...]]] = []
    w, h = label.width + _SPARE, label.height + _SPARE
    for a, b in zip(path.points, path.points[1:], strict=False):
        axis = 0 if abs(a[1] - b[1]) < 0.01 else 1  # Along which axis the stretch runs.
        along, beside = (w, h) if axis == 0 else (h, w)
        length = abs(a[axis] - b[axis])
        lack = max(along - length, 0.0)
        for share in _SHARES:
            at = a[axis] + (b[axis] - a[axis]) * share
            for side in (-_NEAR, _NEAR):
                aside = Cut(1 - axis, a[1 - axis] + side, beside)
                found.append((beside, (aside,)))
                found.append((beside + along, (Cut(axis, at, along), aside)))
                if 0 < lack < along:
                    found.append((beside + lack, (Cut(axis, at, lack), aside)))
            found.append((along, (Cut(axis, at, along),)))
    seen: set[tuple[Cut, ...]] = set()
    for _, some in sorted(found, key=lambda pair: pair[0]):
        if some not in seen:
            seen.add(some)
            yield some


def opened(
    placement: Placement, paths: list[Path], some: tuple[Cut, ...]
) -> tuple[Placement, list[Path]] | None:
    """Placement and paths behind the cuts; None where one would tear an edge from its node."""
    for cut in some:
        moved = [_moved_path(placement, path, cut) for path in paths]
        whole = [path for path in moved if path is not None]
        if len(whole) < len(paths):
            return None
        placement, paths = _moved_placement(placement, cut), whole
    return placement, paths


def _moved_placement(placement: Placement, cut: Cut) -> Placement:
    return Placement(
        {name: _moved_point(at, cut) for name, at in placement.anchors.items()},
        {name: _moved_box(box, cut) for name, box in placement.groups.items()},
        _moved_box(placement.bounds, cut),
        {name: _moved_point(at, cut) for name, at in placement.spare.items()},
    )


def _moved_point(point: Point, cut: Cut) -> Point:
    if point[cut.axis] <= cut.at:
        return point
    x, y = point
    return (x + cut.by, y) if cut.axis == 0 else (x, y + cut.by)


def _moved_box(box: Box, cut: Cut) -> Box:
    """Each of its two borders moves if it lies beyond the cut."""
    left, top = _moved_point((box.x, box.y), cut)
    right, bottom = _moved_point((box.right, box.bottom), cut)
    return Box(left, top, right - left, bottom - top)


def _moved_path(placement: Placement, path: Path, cut: Cut) -> Path | None:
    """A path's corners move by where they are, its ends with their nodes."""
    points = [_moved_point(point, cut) for point in path.points]
    edge = path.wire.edge
    for end, at, side in ((edge.source, 0, path.tail_side), (edge.target, -1, path.head_side)):
        anchor = placement.anchors.get(end)
        if anchor is None:
            continue
        point, beyond = path.points[at], anchor[cut.axis] > cut.at
        if (side in ("left", "right")) == (cut.axis == 0):
            shift = cut.by if beyond else 0.0
            x, y = point
            points[at] = (x + shift, y) if cut.axis == 0 else (x, y + shift)
        elif (point[cut.axis] > cut.at) != beyond:
            return None
    return replace(path, points=points)
