"""Node shapes: the brackets and the names that Mermaid has for them.

Source: Mermaid's flowchart grammar (`flow.jison`, rule `vertex`), whose shape names are used here, and its list of
shapes for `@{ shape: … }`.
"""

from __future__ import annotations

from diagramkit import data

DEFAULT_SHAPE = "square"
"""The shape of a node without brackets: Mermaid draws it as a rectangle."""

# The brackets before and after a label (token kinds of the lexer), and the shape that they stand for.
BRACKETS: dict[tuple[str, str], str] = {
    ("[", "]"): "square",
    ("(((", ")))"): "doublecircle",
    ("(-", "-)"): "ellipse",
    ("([", "])"): "stadium",
    ("[[", "]]"): "subroutine",
    ("[(", ")]"): "cylinder",
    ("(", ")"): "round",
    ("((", "))"): "circle",
    ("{", "}"): "diamond",
    ("{{", "}}"): "hexagon",
    (">", "]"): "odd",
    ("[/", "\\]"): "trapezoid",
    ("[\\", "/]"): "inv_trapezoid",
    ("[/", "/]"): "lean_right",
    ("[\\", "\\]"): "lean_left",
    ("[|", "]"): "rect",
}

CLOSINGS: dict[str, tuple[str, ...]] = {
    opening: tuple(closing for first, closing in BRACKETS if first == opening) for opening, _ in BRACKETS
}
"""The closing brackets that each opening bracket allows."""


def shapes_by_name() -> dict[str, str]:
    """Return every name that `@{ shape: … }` allows, with the shape that is drawn for it."""
    names_by_shape: dict[str, list[str]] = data.load("sources.mermaid", "shapes.yaml")
    return {name: shape for shape, names in names_by_shape.items() for name in names}


def shape_names() -> tuple[str, ...]:
    """Return every shape name that a spec may use: those of `@{ shape: … }` and of brackets."""
    return tuple(sorted({*shapes_by_name(), *_BRACKET_SHAPES}))


def drawn_shape(name: str) -> str:
    """Return the shape to draw for one of Mermaid's shape names, from brackets or from `@{ shape: … }`."""
    if name == "rect":
        return "square"
    return name if name in _BRACKET_SHAPES else shapes_by_name().get(name, DEFAULT_SHAPE)


_BRACKET_SHAPES = frozenset(BRACKETS.values())
