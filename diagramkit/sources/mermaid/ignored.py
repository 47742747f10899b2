"""Names the styles that Mermaid ignores and diagramkit draws, for a note."""

from __future__ import annotations

from collections.abc import Iterator

from diagramkit.graph import Group, Node, Style, UnsupportedFeature
from diagramkit.sources.label_text import tags
from diagramkit.style import css

_UNSTYLED_SHAPES = frozenset({"sm-circ"})


def ignored_styles(item: Node | Group, class_style: Style) -> Iterator[UnsupportedFeature]:
    """Yield the styles of a node or group and in its label that Mermaid ignores; `class_style` is that of its classes.

    Mermaid adds `!important` to the styles of classes and applies them to every `<span>` in labels.
    """
    if isinstance(item, Node) and item.shape in _UNSTYLED_SHAPES:
        for name, value in dict(item.style).items():
            yield UnsupportedFeature(f"{name}:{value} of '{item.id}', whose shape has no styles", item.span)
    if not class_style or "<" not in item.label:
        return
    of_class = dict(class_style)
    for tag in tags(item.label):
        if tag.name == "span" and not tag.closes:
            for name, value in css.declarations(tag.attributes.get("style", "")).items():
                if of_class.get(name, value) != value:
                    feature = f"{name}:{value} in the label of '{item.id}', whose class has {name}:{of_class[name]}"
                    yield UnsupportedFeature(feature, item.span)


def replaced_class(name: str, group: str) -> str:
    """Describe a class of a subgraph that precedes the first edge to it or its style."""
    return f"the class '{name}' of '{group}', which must be below the edges and the style of '{group}'"
