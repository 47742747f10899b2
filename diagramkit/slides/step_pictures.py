"""Emphasizes one numbered step of a drawing: everything that has no part in it is faded."""

from __future__ import annotations

from typing import TypeVar

from msgspec.structs import replace

from diagramkit.drawing import Badge, Drawing, EdgeDrawing, NodeDrawing, TextSpan
from diagramkit.style.colors import with_opacity

_FADED = 0.3  # The opacity of what is not part of the step.
_WIDER = 2.0  # The factor of the width of the step's edges.
_Color = TypeVar("_Color", str, str | None)


def emphasize(drawing: Drawing, step: int) -> Drawing:
    """Return the drawing with the edges of a step wider, and the others and the nodes that they do not meet faded."""
    in_step = {number for number, edge in enumerate(drawing.edges) if _step_of(edge) == str(step)}
    ends = {name for number in in_step for name in (drawing.edges[number].source, drawing.edges[number].target)}
    # All nodes in a group that an edge ends at belong to the step.
    boxes = [group.box for group in drawing.groups if group.id in ends]
    return replace(
        drawing,
        edges=tuple(
            replace(edge, width=drawing.pen_of(edge)[0] * _WIDER) if number in in_step else _faded_edge(edge)
            for number, edge in enumerate(drawing.edges)
        ),
        nodes=tuple(
            node if node.id in ends or any(box.contains(node.box) for box in boxes) else _faded_node(node)
            for node in drawing.nodes
        ),
    )


def _step_of(edge: EdgeDrawing) -> str | None:
    return edge.badge.text.text if edge.badge else None


def _fade(color: _Color) -> _Color:
    return with_opacity(color, _FADED) if color else color


def _faded_text(line: TextSpan) -> TextSpan:
    parts = tuple(
        replace(part, style=replace(part.style, color=_fade(part.style.color))) if part.style.color else part
        for part in line.parts
    )
    return replace(line, color=_fade(line.color), parts=parts)


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
        plate=_fade(node.plate),
        texts=tuple(map(_faded_text, node.texts)),
        opacity=node.opacity * _FADED,
    )
