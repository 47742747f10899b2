"""Reports what a source says about texts and styles and a picture does not show, or shows unreadably."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from diagramkit.diagnostics import Diagnostic, Span
from diagramkit.graph import Edge, Graph, Group, Node, Style
from diagramkit.icons import external
from diagramkit.icons.resolver import IconChoice
from diagramkit.measure.figures import is_mark
from diagramkit.measure.label_text import html_elements, plain_text, styled_lines, tags
from diagramkit.style import colors, css
from diagramkit.style.font import Face
from diagramkit.style.surfaces import Surfaces, surfaces
from diagramkit.style.theme import Theme

_MAX_LISTED = 6  # More items are only counted.
_MAX_CHARACTERS = 60  # Of one item.
_LAYOUT_PROPERTIES = re.compile(r"(text-align|white-space|line-height|(min-|max-)?(width|height)|padding|margin).*")
"""Properties that arrange text, which diagramkit does itself; reporting them would help nobody."""


class _Labeled(Struct, frozen=True):
    """A node, an edge or a group as far as its label and style are concerned.

    `is_mark` says that it is drawn as a shape without its label.
    """

    name: str
    label: str
    markdown: bool
    style: Style
    span: Span
    choice: IconChoice | None = None
    is_mark: bool = False
    is_invisible_edge: bool = False


def undrawn(graph: Graph, choices: Mapping[str, IconChoice], face: Face) -> tuple[Diagnostic, ...]:
    """Return a warning for each label that only a missing picture would fill, and a note about everything else.

    `face` is the font of the picture.
    """
    items = _items(graph, choices)
    problems = [problem for item in items if (problem := _picture_label(item))]
    first: dict[str, Span] = {}
    for item in items:
        for description in _undrawn_parts(item, face):
            first.setdefault(description, item.span)
    if first:
        message = f"not drawn: {_list(list(first))}"
        problems.append(Diagnostic("not-drawn", message, next(iter(first.values())), "note"))
    return (*problems, *_important(graph))


def _important(graph: Graph) -> Iterator[Diagnostic]:
    """Yield a note about declarations that Mermaid ignores, because it adds its own `!important` to them."""
    first: dict[str, Span] = {}
    items: list[Node | Group] = [*graph.nodes, *graph.groups]
    for item in items:
        for name, value in item.style:
            if value.rstrip().endswith("!important"):
                first.setdefault(f"{name}:{value}", item.span)
    if first:
        message = f"Mermaid ignores styles with '!important', which diagramkit draws: {_list(list(first))}; remove it"
        yield Diagnostic("important-style", message, next(iter(first.values())), "note")


def unreadable(graph: Graph, choices: Mapping[str, IconChoice], theme: Theme) -> tuple[Diagnostic, ...]:
    """Return a note about the colors in the source that have too little contrast with their background in a theme."""
    if not any(item.style or "<" in item.label for item in _all(graph)):
        return ()
    check = _ContrastCheck(graph, choices, surfaces(graph, theme))
    low = [*check.low_texts(), *check.low_lines()]
    if not low:
        return ()
    message = (
        f"colors in the source have little contrast in the theme '{theme.name}': "
        f"{_list([description for description, _ in low])}; change 'color', 'stroke' or 'fill'"
    )
    return (Diagnostic("unreadable-color", message, low[0][1], "note"),)


def _items(graph: Graph, choices: Mapping[str, IconChoice]) -> list[_Labeled]:
    return [
        _Labeled(
            _name(item),
            item.label,
            item.markdown,
            item.style,
            item.span,
            None if isinstance(item, Edge) else choices.get(item.id),
            isinstance(item, Node) and is_mark(item, choices[item.id]),
            isinstance(item, Edge) and item.stroke == "invisible",
        )
        for item in _all(graph)
    ]


def _all(graph: Graph) -> list[Node | Edge | Group]:
    return [*graph.nodes, *graph.edges, *graph.groups]


def _name(item: Node | Edge | Group) -> str:
    return f"{item.source} to {item.target}" if isinstance(item, Edge) else item.id


def _picture_label(item: _Labeled) -> Diagnostic | None:
    """Return a warning if a label consists of pictures of which none is drawn."""
    pictures = _pictures(item.label)
    if not pictures or (item.choice and item.choice.icon) or styled_lines(item.label, item.markdown):
        return None
    message = (
        f"the label of '{item.name}' is only a picture, and diagramkit has no icon for {_list(pictures)}: "
        f"the label is empty; write text, or find an icon with 'diagramkit icons'"
    )
    return Diagnostic("empty-label", message, item.span, "warning")


def _pictures(label: str) -> list[str]:
    """Return the pictures in a label: Font Awesome icons and images."""
    return external.icons_in(label) + external.images_in(label)


def _undrawn_parts(item: _Labeled, face: Face) -> Iterator[str]:
    """Yield a description of everything in a label and a style that is not drawn."""
    lines = styled_lines(item.label, item.markdown, css.css_style(item.style).text)
    if item.is_mark:
        if lines and item.label != item.name:
            yield f"the label '{plain_text(item.label, item.markdown)}' of '{item.name}', whose shape has none"
        return
    if not face.is_bundled and any(part.style.bold or part.style.italic for line in lines for part in line):
        yield f"bold and italic letters, which the font {face.family} of the theme lacks"
    if item.is_invisible_edge and lines:
        yield f"the label '{plain_text(item.label, item.markdown)}' of the invisible edge {item.name}"
    reason = item.choice.reason if item.choice else ""
    if lines:
        yield from (f"the picture {name}" for name in _pictures(item.label) if name not in reason)
    for tag in tags(item.label):
        if tag.name == "a" and tag.attributes.get("href") and not tag.closes:
            yield "the link of <a>, for which there is 'click'"
        elif tag.name != "img" and not tag.closes and not html_elements().draws(tag.name):
            yield f"<{tag.name}>"
        yield from _undrawn_properties(tuple(css.declarations(tag.attributes.get("style", "")).items()))
    yield from _undrawn_properties(item.style)


def _undrawn_properties(style: Style) -> Iterator[str]:
    for name, value in style:
        key = name.strip().lower()
        if _LAYOUT_PROPERTIES.fullmatch(key):
            continue
        if key not in css.PROPERTIES:
            yield f"the property {key}"
        elif key in css.COLOR_PROPERTIES and colors.parse(value.removesuffix("!important")) is None:
            yield f"the color {value.strip()}"


class _ContrastCheck:
    """Finds colors in the source with too little contrast. Colors that diagramkit chooses need no check."""

    def __init__(self, graph: Graph, choices: Mapping[str, IconChoice], behind: Surfaces) -> None:
        self._graph, self._choices, self._behind = graph, choices, behind
        self._groups = {node.id: node.group for node in graph.nodes}
        self._groups |= {group.id: group.parent for group in graph.groups}

    def low_texts(self) -> Iterator[tuple[str, Span]]:
        """Yield the texts with a low contrast, each with its place."""
        for item in _all(self._graph):
            style = css.css_style(item.style)
            chosen = {part.style.color for line in styled_lines(item.label, item.markdown) for part in line}
            if not (isinstance(item, Node) and style.fill and self._choices[item.id].icon):
                # The label of an icon is not on the fill for which the source chose its color.
                chosen.add(style.color)
            for color in sorted(color for color in chosen if color and color != colors.NONE):
                ratio = _contrast(color, self._behind_text(item, style))
                if ratio < colors.MIN_CONTRAST:
                    yield f"the text of '{_name(item)}' ({color}, {ratio:.1f}:1)", item.span

    def low_lines(self) -> Iterator[tuple[str, Span]]:
        """Yield the edges with a low contrast, each with its place."""
        for edge in self._graph.edges:
            style = css.css_style(edge.style)
            color = style.visible(style.stroke or colors.NONE)
            if color != colors.NONE and (ratio := _contrast(color, self._behind_edge(edge))) < colors.MIN_LINE_CONTRAST:
                yield f"the edge {_name(edge)} ({color}, {ratio:.1f}:1)", edge.span

    def _behind_text(self, item: Node | Edge | Group, style: css.CssStyle) -> set[str]:
        """Return the colors behind a label."""
        if isinstance(item, Edge):
            return self._behind_edge(item)
        if isinstance(item, Group):
            return {self._behind.by_group[item.id]}
        surface = self._behind.by_group[item.group]
        if self._choices[item.id].icon:
            return {surface}
        return {colors.blend(style.visible(self._behind.shape_fill(item)), surface)}

    def _behind_edge(self, edge: Edge) -> set[str]:
        """Return the colors of the groups that an edge begins and ends in."""
        ends = {self._groups.get(edge.source), self._groups.get(edge.target)}
        return {self._behind.by_group[group] for group in ends}


def _contrast(color: str, backgrounds: set[str]) -> float:
    """Return the lowest contrast of a color with its backgrounds."""
    return min(colors.contrast(colors.blend(color, background), background) for background in backgrounds)


def _list(texts: Sequence[str]) -> str:
    """Return texts separated by commas; only the first ones if there are many."""
    short = (text if len(text) <= _MAX_CHARACTERS else f"{text[:_MAX_CHARACTERS]}…" for text in texts[:_MAX_LISTED])
    shown = ", ".join(short)
    more = len(texts) - _MAX_LISTED
    return f"{shown} and {more} more" if more > 0 else shown
