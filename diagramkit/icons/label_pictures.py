"""Reports the pictures in labels (`fa:fa-user`, `<img>`) that are not drawn, because there is no icon for them."""

from __future__ import annotations

from collections.abc import Mapping

from diagramkit.diagnostics import Diagnostic, Span
from diagramkit.graph import Edge, Graph, Group, Node
from diagramkit.icons import external
from diagramkit.icons.resolver import IconChoice
from diagramkit.sources.label_text import styled_lines
from diagramkit.sources.notes import shortened


def problems(graph: Graph, choices: Mapping[str, IconChoice]) -> tuple[Diagnostic, ...]:
    """Return a warning for each label that only a missing picture would fill, and one note about all other pictures."""
    warnings: list[Diagnostic] = []
    first: dict[str, Span] = {}
    for element in graph.elements:
        pictures = external.icons_in(element.label) + external.images_in(element.label)
        if not pictures:
            continue
        choice = None if isinstance(element, Edge) else choices.get(element.id)
        if styled_lines(element.label, element.markdown):
            for name in pictures:
                if choice is None or name not in choice.reason:
                    first.setdefault(name, element.span)
        elif choice is None or not choice.icon:
            warnings.append(_empty_label(element, pictures))
    if first:
        message = (
            f"there is no icon for these pictures in labels, which are left out: {shortened(list(first))}; find icons "
            "with 'diagramkit icons'"
        )
        warnings.append(Diagnostic("unknown-icon", message, next(iter(first.values())), "note"))
    return tuple(warnings)


def _empty_label(element: Node | Group | Edge, pictures: list[str]) -> Diagnostic:
    name = f"{element.source} to {element.target}" if isinstance(element, Edge) else element.id
    message = (
        f"the label of '{name}' is only a picture, and diagramkit has no icon for {shortened(pictures)}: "
        "the label is empty; write text, or find an icon with 'diagramkit icons'"
    )
    return Diagnostic("empty-label", message, element.span, "warning")
