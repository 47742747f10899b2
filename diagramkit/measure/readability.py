"""Reports what is hard to read in a theme: colors with little contrast, and letters that its font lacks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from diagramkit.diagnostics import Diagnostic, Span
from diagramkit.graph import Edge, Graph, Group, Node
from diagramkit.icons.resolver import IconChoice
from diagramkit.measure.figures import is_label_below
from diagramkit.sources.label_text import styled_lines
from diagramkit.sources.notes import shortened
from diagramkit.style import colors, css, shapes
from diagramkit.style.surfaces import Surfaces, surfaces
from diagramkit.style.theme import Theme

_MAX_LISTED = 6  # More colors are only counted.


def problems(graph: Graph, choices: Mapping[str, IconChoice], theme: Theme) -> Iterator[Diagnostic]:
    """Yield notes about colors in the source with too little contrast in a theme, and letters that its font lacks."""
    if not any(element.style or element.markdown or "<" in element.label for element in graph.elements):
        return
    face = theme.face
    if not face.is_bundled and (span := _first_bold(graph)):
        message = f"the font {face.family} of the theme '{theme.name}' has no bold and italic letters"
        yield Diagnostic("missing-font", message, span, "note")
    check = _ContrastCheck(graph, choices, surfaces(graph, theme))
    low = [*check.low_texts(), *check.low_borders(), *check.low_lines()]
    if low:
        message = (
            f"colors in the source have little contrast in the theme '{theme.name}': "
            f"{shortened([description for description, _ in low], _MAX_LISTED)}; change 'color', 'stroke' or 'fill'"
        )
        yield Diagnostic("unreadable-color", message, low[0][1], "note")


def _first_bold(graph: Graph) -> Span | None:
    """Return the place of the first element whose label has bold or italic letters."""
    for element in graph.elements:
        lines = styled_lines(element.label, element.markdown, css.css_style(element.style).text)
        if any(part.style.bold or part.style.italic for line in lines for part in line):
            return element.span
    return None


def _name(element: Node | Group | Edge) -> str:
    return f"{element.source} to {element.target}" if isinstance(element, Edge) else element.id


class _ContrastCheck:
    """Finds colors in the source with too little contrast. Colors that diagramkit chooses need no check."""

    def __init__(self, graph: Graph, choices: Mapping[str, IconChoice], behind: Surfaces) -> None:
        self._graph, self._choices, self._behind = graph, choices, behind
        self._groups = {node.id: node.group for node in graph.nodes}
        self._groups |= {group.id: group.parent for group in graph.groups}

    def low_texts(self) -> Iterator[tuple[str, Span]]:
        """Yield the texts with a low contrast, each with its place."""
        for item in self._graph.elements:
            style = css.css_style(item.style)
            chosen = {part.style.color for line in styled_lines(item.label, item.markdown) for part in line}
            if not (isinstance(item, Node) and style.fill and self._is_label_below(item)):
                # The label of an icon is not on the fill for which the source chose its color.
                chosen.add(style.color)
            for color in sorted(color for color in chosen if color and color != colors.NONE):
                ratio = _contrast(color, self._behind_text(item, style))
                if ratio < colors.MIN_CONTRAST:
                    yield f"the text of '{_name(item)}' ({color}, {ratio:.1f}:1)", item.span

    def low_borders(self) -> Iterator[tuple[str, Span]]:
        """Yield the borders of nodes and groups that are hard to see on both sides, each with its place."""
        for item in self._graph.nodes_and_groups:
            style = css.css_style(item.style)
            border = style.visible(self._border(item, style) or colors.NONE)
            if border == colors.NONE:
                continue
            ratio = max(_contrast(border, {side}) for side in self._beside_border(item, style))
            if ratio < colors.MIN_LINE_CONTRAST:
                yield f"the border of '{item.id}' ({border}, {ratio:.1f}:1)", item.span

    def low_lines(self) -> Iterator[tuple[str, Span]]:
        """Yield the edges with a low contrast, each with its place."""
        for edge in self._graph.edges:
            style = css.css_style(edge.style)
            color = style.visible(style.stroke or colors.NONE)
            if color != colors.NONE and (ratio := _contrast(color, self._behind_edge(edge))) < colors.MIN_LINE_CONTRAST:
                yield f"the edge {_name(edge)} ({color}, {ratio:.1f}:1)", edge.span

    def _border(self, item: Node | Group, style: css.CssStyle) -> str | None:
        """Return the color that the source gives to the border of a node or group, or None."""
        if isinstance(item, Group) or self._has_icon(item):
            return style.stroke
        shape = shapes.get(item.shape)
        if shape.fill == "line":
            return style.stroke or style.fill
        return style.stroke if shape.has_border or shape.lines else None

    def _beside_border(self, item: Node | Group, style: css.CssStyle) -> tuple[str, str]:
        """Return the colors outside and inside of a border; only inside if the shape of a node has lines there."""
        if isinstance(item, Group):
            return self._behind.by_group[item.parent], self._behind.by_group[item.id]
        surface = self._behind.by_group[item.group]
        if self._has_icon(item):
            fill = style.fill or colors.NONE
        elif shapes.get(item.shape).fill == "line":
            fill = style.fill or self._behind.mark_color(item)
        else:
            fill = self._behind.shape_fill(item)
        inside = colors.blend(style.visible(fill), surface)
        return inside if shapes.get(item.shape).lines and not self._has_icon(item) else surface, inside

    def _behind_text(self, item: Node | Edge | Group, style: css.CssStyle) -> set[str]:
        """Return the colors behind a label."""
        if isinstance(item, Edge):
            return self._behind_edge(item)
        if isinstance(item, Group):
            return {self._behind.by_group[item.id]}
        surface = self._behind.by_group[item.group]
        if self._is_label_below(item):
            return {surface}
        return {colors.blend(style.visible(self._behind.shape_fill(item)), surface)}

    def _is_label_below(self, node: Node) -> bool:
        return is_label_below(node, self._has_icon(node))

    def _has_icon(self, node: Node) -> bool:
        return self._choices[node.id].icon is not None

    def _behind_edge(self, edge: Edge) -> set[str]:
        """Return the colors of the groups that an edge begins and ends in."""
        ends = {self._groups.get(edge.source), self._groups.get(edge.target)}
        return {self._behind.by_group[group] for group in ends}


def _contrast(color: str, backgrounds: set[str]) -> float:
    """Return the lowest contrast of a color with its backgrounds."""
    return min(colors.contrast(colors.blend(color, background), background) for background in backgrounds)
