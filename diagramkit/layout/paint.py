"""A placed graph in a theme's colours: the last step to a `Drawing`."""

from __future__ import annotations

from dataclasses import replace

from diagramkit.drawing import (
    Box,
    Drawing,
    EdgeDrawing,
    GroupDrawing,
    NodeDrawing,
    Point,
    Text,
    around,
)
from diagramkit.graph import Graph, Group, Node
from diagramkit.icons import art
from diagramkit.layout.place import Placement
from diagramkit.layout.routing.scene import Path
from diagramkit.measure.figures import Figures, Heading
from diagramkit.measure.text import Block, parts
from diagramkit.style.theme import Theme

_CAPITAL = 0.33  # Half the height of a capital, as a part of the text size.


class Painter:
    """Makes the parts of a drawing; places are the placement's, not yet moved into the frame."""

    def __init__(self, graph: Graph, figures: Figures, placement: Placement, theme: Theme) -> None:
        self.graph, self.figures, self.placement, self.theme = graph, figures, placement, theme

    def nodes(self) -> tuple[NodeDrawing, ...]:
        """Every node, in source order."""
        made = []
        for node in self.graph.nodes:
            figure = self.figures.nodes[node.id]
            x, y = self.placement.anchors[node.id]
            box = Box(x - figure.w / 2, y - figure.h / 2, figure.w, figure.h)
            top = y + figure.down - figure.label.height
            if figure.icon is None:
                top = y - figure.label.height / 2 + (4 if node.shape == "cylinder" else 0)
            plate = self.theme.plate if figure.icon and art.load(figure.icon).dark else None
            made.append(
                NodeDrawing(
                    node.id, " ".join(parts(node.label)) or node.id, box,
                    self._lines(figure.label, x, top), figure.icon, node.shape,
                    self.theme.shape_fill, self.theme.shape_border, plate, node.link,
                )
            )  # fmt: skip
        return tuple(made)

    def groups(self) -> tuple[GroupDrawing, ...]:
        """Every group that has a place, outer ones first."""
        return tuple(
            self._group(group.id, group.label)
            for group in sorted(self.graph.groups, key=lambda group: self._depth(group.id))
            if group.id in self.placement.groups
        )

    def group_heads(self) -> list[tuple[str, Box]]:
        """What stands at the top of each group (its icon and title): edges go around it."""
        heads = []
        for group in self.groups():
            boxes = [text.box for text in group.texts] + ([group.tile] if group.tile else [])
            if boxes:
                heads.append((group.id, around(boxes)))
        return heads

    def edge(self, path: Path, spot: Box | None) -> EdgeDrawing:
        """An edge along `path`, its label (if any) in `spot`."""
        edge = path.wire.edge
        label = self.figures.labels.get(path.wire.number)
        texts = self._lines(label, spot.center[0], spot.y) if label and spot else ()
        return EdgeDrawing(
            edge.source, edge.target, tuple(path.points), edge.stroke, edge.tail, edge.head,
            self.theme.edge, texts,
        )  # fmt: skip

    def _depth(self, group: str) -> int:
        parents = {item.id: item.parent for item in self.graph.groups}
        depth, at = 0, parents.get(group)
        while at is not None and depth < len(parents):
            depth, at = depth + 1, parents.get(at)
        return depth

    def _group(self, group_id: str, label: str) -> GroupDrawing:
        heading = self.figures.headings[group_id]
        box = self.placement.groups[group_id]
        style = heading.style
        tile, texts = self._head(heading, box)
        return GroupDrawing(
            group_id, style.kind, " ".join(parts(label)) or group_id, box, texts, style.border,
            style.fill, style.dash, tile, style.tile if style.glyph else None, style.glyph,
            style.icon,
        )  # fmt: skip

    def _head(self, heading: Heading, box: Box) -> tuple[Box | None, tuple[Text, ...]]:
        """The icon's tile and the title's lines."""
        sizes, style, title = self.theme.sizes, heading.style, heading.title
        side = sizes.group_icon if style.has_icon else 0
        if style.centered:
            tile = Box(box.center[0] - side / 2, box.y, side, side) if side else None
            top = box.y + side + sizes.group_title_gap / 2
            return tile, self._lines(title, box.center[0], top)
        tile = Box(box.x, box.y, side, side) if side else None
        top = box.y + max((heading.height - title.height) / 2, 0)
        left = box.x + side + sizes.group_title_gap
        return tile, self._lines(title, left, top, centered=False)

    def _lines(self, block: Block, x: float, top: float, centered: bool = True) -> tuple[Text, ...]:
        made, y = [], top
        for line in block.lines:
            height = line.size * self.theme.sizes.line_height
            left = x - line.width / 2 if centered else x
            made.append(
                Text(
                    line.text, Box(left, y, line.width, height),
                    y + height / 2 + _CAPITAL * line.size, line.size,
                    self.theme.muted if line.muted else self.theme.text,
                )
            )  # fmt: skip
            y += height
        return tuple(made)


def framed(
    graph: Graph,
    groups: tuple[GroupDrawing, ...],
    edges: tuple[EdgeDrawing, ...],
    nodes: tuple[NodeDrawing, ...],
    theme: Theme,
) -> Drawing:
    """The parts as a drawing: moved so that the margin is even, in whole points."""
    sizes = theme.sizes
    boxes = [group.box for group in groups] + [node.solid for node in nodes]
    boxes += [text.box for node in nodes for text in node.texts]
    boxes += [text.box for edge in edges for text in edge.texts]
    boxes += [Box(x, y, 0, 0).grown(3) for edge in edges for x, y in edge.points]
    area = around(boxes) if boxes else Box(0, 0, sizes.icon, sizes.icon)
    dx, dy = sizes.margin - area.x, sizes.margin - area.y
    return Drawing(
        width=float(-(-(area.w + 2 * sizes.margin) // 1)),
        height=float(-(-(area.h + 2 * sizes.margin) // 1)),
        background=theme.background,
        title=graph.title or "Diagram",
        description=graph.description or _spoken(graph),
        groups=tuple(_moved_group(group, dx, dy) for group in groups),
        edges=tuple(_moved_edge(edge, dx, dy) for edge in edges),
        nodes=tuple(_moved_node(node, dx, dy) for node in nodes),
        edge_width=sizes.edge_width,
        corner=sizes.corner,
        head_length=sizes.head,
        label_background=theme.label_background,
    )


def _spoken(graph: Graph) -> str:
    """The diagram in words, for whoever cannot see it: `ALB to Service A, …`."""
    items: list[Node | Group] = [*graph.nodes, *graph.groups]
    names = {item.id: " ".join(parts(item.label)) or item.id for item in items}
    steps = [
        f"{names.get(edge.source, edge.source)} to {names.get(edge.target, edge.target)}"
        + (f" ({' '.join(parts(edge.label))})" if parts(edge.label) else "")
        for edge in graph.edges
        if edge.stroke != "invisible"
    ]
    return "; ".join(steps) + "." if steps else ", ".join(names[node.id] for node in graph.nodes)


def _moved_text(texts: tuple[Text, ...], dx: float, dy: float) -> tuple[Text, ...]:
    return tuple(
        Text(text.text, text.box.moved(dx, dy), text.baseline + dy, text.size, text.color)
        for text in texts
    )


def _moved_node(node: NodeDrawing, dx: float, dy: float) -> NodeDrawing:
    return replace(node, box=node.box.moved(dx, dy), texts=_moved_text(node.texts, dx, dy))


def _moved_group(group: GroupDrawing, dx: float, dy: float) -> GroupDrawing:
    tile = group.tile.moved(dx, dy) if group.tile else None
    return replace(
        group, box=group.box.moved(dx, dy), texts=_moved_text(group.texts, dx, dy), tile=tile
    )


def _moved_edge(edge: EdgeDrawing, dx: float, dy: float) -> EdgeDrawing:
    points: tuple[Point, ...] = tuple((x + dx, y + dy) for x, y in edge.points)
    return replace(edge, points=points, texts=_moved_text(edge.texts, dx, dy))
