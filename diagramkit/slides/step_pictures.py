"""Emphasizes one numbered step of a drawing: its edges are in color, its nodes stand out, and the rest is faded.

Icons are never faded or colored, because their licenses do not allow to change them. What surrounds them is: labels,
plates, the shapes of other nodes, edges and frames.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from msgspec.structs import replace

from diagramkit.drawing import Badge, Box, Drawing, EdgeDrawing, GroupDrawing, NodeDrawing, TextSpan, bounds
from diagramkit.style.colors import with_opacity

HIGHLIGHT = "#C2560C"
"""The color of a step: the accent color of the default design, dark enough for a line and for white text on it."""
_ON_HIGHLIGHT = "#FFFFFF"
_FADED = 0.3  # The opacity of what is not part of the step.
_FADED_TEXT = 0.45
_TINT = 0.2  # The opacity of the area behind the step's nodes.
_TINT_PADDING = 5.0  # Around a node, in points.
_WIDER = 2.0  # The factor of the width of the step's edges.
_Color = TypeVar("_Color", str, str | None)


def emphasize(drawing: Drawing, step: int) -> Drawing:
    """Return the drawing with a step emphasized: its edges, what is at their ends, and the frames around that."""
    in_step = {number for number, edge in enumerate(drawing.edges) if _step_of(edge) == str(step)}
    ends = {name for number in in_step for name in (drawing.edges[number].source, drawing.edges[number].target)}
    # All nodes in a group that an edge ends at belong to the step.
    end_boxes = [group.box for group in drawing.groups if group.id in ends]
    nodes = {node.id for node in drawing.nodes if node.id in ends or any(box.contains(node.box) for box in end_boxes)}
    shown = [*end_boxes, *(node.box for node in drawing.nodes if node.id in nodes)]
    tints = [_tint(box, step, number) for number, box in enumerate(_areas(drawing, ends))]
    return replace(
        drawing,
        edges=tuple(
            _highlighted(edge, drawing.pen_of(edge)[0]) if number in in_step else _faded_edge(edge)
            for number, edge in enumerate(drawing.edges)
        ),
        nodes=tuple(node if node.id in nodes else _faded_node(node) for node in drawing.nodes),
        groups=(
            *(
                group if any(group.box.contains(box) for box in shown) else _faded_group(group)
                for group in drawing.groups
            ),
            *tints,
        ),
    )


def _step_of(edge: EdgeDrawing) -> str | None:
    return edge.badge.text.text if edge.badge else None


def _areas(drawing: Drawing, ends: set[str]) -> Iterator[Box]:
    """Yield the areas of the nodes at the ends of a step, with their labels.

    They do not extend beyond the rest of the drawing: otherwise it would have another position on each slide.
    """
    boxes = {node.id: bounds([node.solid, *(text.box for text in node.texts)]) for node in drawing.nodes}
    limits = bounds([*boxes.values(), *(group.box for group in drawing.groups)])
    for name in sorted(boxes.keys() & ends):
        box = boxes[name].grown(_TINT_PADDING)
        left, top = max(box.x, limits.x), max(box.y, limits.y)
        yield Box(left, top, min(box.right, limits.right) - left, min(box.bottom, limits.bottom) - top)


def _tint(box: Box, step: int, number: int) -> GroupDrawing:
    """Return a tinted area, which is painted like a frame: above the other frames, and below edges and nodes."""
    fill = with_opacity(HIGHLIGHT, _TINT)
    return GroupDrawing(f"step {number}", "generic", f"Step {step}", box, (), "none", fill, (), None, None, None, None)


def _highlighted(edge: EdgeDrawing, width: float) -> EdgeDrawing:
    badge = edge.badge
    if badge:
        badge = replace(badge, fill=HIGHLIGHT, text=replace(badge.text, color=_ON_HIGHLIGHT))
    return replace(edge, width=width * _WIDER, color=HIGHLIGHT, badge=badge)


def _fade(color: _Color, opacity: float = _FADED) -> _Color:
    return with_opacity(color, opacity) if color else color


def _faded_text(line: TextSpan) -> TextSpan:
    parts = tuple(
        replace(part, style=replace(part.style, color=_fade(part.style.color, _FADED_TEXT)))
        if part.style.color
        else part
        for part in line.parts
    )
    return replace(line, color=_fade(line.color, _FADED_TEXT), parts=parts)


def _faded_badge(badge: Badge | None) -> Badge | None:
    return replace(badge, fill=_fade(badge.fill), text=_faded_text(badge.text)) if badge else None


def _faded_edge(edge: EdgeDrawing) -> EdgeDrawing:
    return replace(
        edge,
        color=_fade(edge.color),
        casing=_fade(edge.casing),
        texts=tuple(map(_faded_text, edge.texts)),
        badge=_faded_badge(edge.badge),
    )


def _faded_node(node: NodeDrawing) -> NodeDrawing:
    return replace(
        node,
        fill=_fade(node.fill),
        border=_fade(node.border),
        plate=node.plate if node.icon else _fade(node.plate),
        texts=tuple(map(_faded_text, node.texts)),
    )


def _faded_group(group: GroupDrawing) -> GroupDrawing:
    return replace(
        group,
        border=_fade(group.border),
        fill=_fade(group.fill),
        halo=_fade(group.halo),
        texts=tuple(map(_faded_text, group.texts)),
    )
