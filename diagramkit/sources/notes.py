"""Notes about diagrams that can be read: empty ones, and what the source asks for and no picture shows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from diagramkit.diagnostics import Diagnostic, Span
from diagramkit.graph import Edge, Graph, Pattern, Style
from diagramkit.markup import safe_link
from diagramkit.sources.label_text import html_elements, plain_lines, tags
from diagramkit.sources.readers import Reader
from diagramkit.style import css

_MAX_LISTED = 12  # More items are only counted.
_MAX_CHARACTERS = 100  # Of one item.
_LAYOUT_PROPERTIES = re.compile(r"(text-align|white-space|line-height|(min-|max-)?(width|height)|padding|margin).*")
"""Properties that arrange text, which diagramkit does itself; reporting them would help nobody."""


def empty_diagram(pattern: Pattern, reader: Reader) -> Diagnostic | None:
    """Return a note if a diagram that `reader` read contains nothing, so that its picture would be blank."""
    if pattern.graph.nodes or pattern.graph.groups:
        return None
    message = f"this diagram contains no nodes, so that there is no picture of it; {reader.empty_advice}"
    return Diagnostic("empty-diagram", message, pattern.span, "note")


def not_drawn(patterns: Iterable[Pattern]) -> Diagnostic | None:
    """Return one note that lists what the diagrams of a file ask for and no picture shows, at the first of it.

    Configuration and statements come first, then elements and properties in labels and styles. What depends on icons
    and fonts is not known here.
    """
    graphs = [pattern.graph for pattern in patterns]
    first: dict[str, Span] = {}
    for name, span in (
        *((feature.name, feature.span) for graph in graphs for feature in (*graph.unsupported, *graph.dropped)),
        *(pair for graph in graphs for pair in _in_labels_and_styles(graph)),
    ):
        first.setdefault(name, span)
    if not first:
        return None
    message = f"diagramkit does not draw this: {shortened(list(first))}"
    if any(graph.unsupported for graph in graphs):
        message += "; it has its own layout and themes, and options such as --theme and --lines"
    return Diagnostic("not-drawn", message, next(iter(first.values())), "note")


def ignored_styles(patterns: Iterable[Pattern]) -> Diagnostic | None:
    """Return a note about styles that Mermaid ignores and diagramkit draws, at the first of them.

    Mermaid adds its own `!important` to the styles of nodes and groups, so that those with one are not valid there.
    """
    first: dict[str, Span] = {}
    for pattern in patterns:
        for feature in pattern.graph.ignored:
            first.setdefault(feature.name, feature.span)
        for element in pattern.graph.elements:
            for name, value in element.style:
                if value.rstrip().endswith("!important") and not isinstance(element, Edge):
                    first.setdefault(f"{name}:{value}", element.span)
    if not first:
        return None
    message = (
        f"Mermaid ignores styles that diagramkit draws: {shortened(list(first))}; remove them if that is not intended"
    )
    return Diagnostic("ignored-style", message, next(iter(first.values())), "note")


def shortened(texts: Sequence[str], limit: int = _MAX_LISTED) -> str:
    """Return texts separated by commas; only the first ones if there are more than `limit`."""
    short = (text if len(text) <= _MAX_CHARACTERS else f"{text[:_MAX_CHARACTERS]}…" for text in texts[:limit])
    more = len(texts) - limit
    return ", ".join(short) + (f" and {more} more" if more > 0 else "")


def _in_labels_and_styles(graph: Graph) -> Iterator[tuple[str, Span]]:
    """Yield a description of everything in labels and styles that is not drawn, with its place."""
    for element in graph.elements:
        if isinstance(element, Edge) and element.stroke == "invisible":
            text = " ".join(plain_lines(element.label, element.markdown))
            if text:
                yield f"the label '{text}' of the invisible edge {element.source} to {element.target}", element.span
        elif not isinstance(element, Edge) and element.link and not safe_link(element.link):
            link = " ".join(element.link.split())
            yield f"the link '{link}' of '{element.id}', which is no web, mail or relative address", element.span
        yield from ((name, element.span) for name in _in_label(element.label))
        yield from ((name, element.span) for name in _in_style(element.style))


def _in_label(label: str) -> Iterator[str]:
    for tag in tags(label):
        if tag.name == "a" and tag.attributes.get("href") and not tag.closes:
            yield "the link of <a>, for which there is 'click'"
        elif tag.name != "img" and not tag.closes and not html_elements().draws(tag.name):
            yield f"<{tag.name}>"
        yield from _in_style(tuple(css.declarations(tag.attributes.get("style", "")).items()))


def _in_style(style: Style) -> Iterator[str]:
    for name, value in style:
        key = name.strip().lower()
        if _LAYOUT_PROPERTIES.fullmatch(key):
            continue
        if key not in css.PROPERTIES:
            yield f"the property {key}"
        elif not css.is_drawn(key, value):
            yield f"the color {value.strip()}" if key in css.COLOR_PROPERTIES else f"{key}:{value.strip()}"
