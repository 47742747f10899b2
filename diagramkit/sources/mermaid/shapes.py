"""Node shapes: Mermaid's brackets and their names.

Source: Mermaid's flowchart grammar (`flow.jison`, rule `vertex`), whose names for the
shapes are kept, and its list of shapes for `@{ shape: … }`.
"""

from __future__ import annotations

from diagramkit import data

DEFAULT_SHAPE = "square"
"""The shape of a node that is only mentioned: Mermaid draws it as a rectangle."""

# The brackets before a label and behind it, as the lexer names them, and the shape they make.
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
"""What may close each opening bracket."""


def named() -> dict[str, str]:
    """Every name that `@{ shape: … }` takes, and the shape that is drawn for it."""
    listed: dict[str, list[str]] = data.load("sources.mermaid", "shapes.yaml")
    return {name: shape for shape, names in listed.items() for name in names}


def names() -> tuple[str, ...]:
    """Every name of a shape that a spec may use: those of `@{ shape: … }` and of brackets."""
    return tuple(sorted({*named(), *_OF_BRACKETS}))


def drawn(shape: str) -> str:
    """The shape to draw for a name of Mermaid's, from brackets or from `@{ shape: … }`."""
    if shape == "rect":
        return "square"
    return shape if shape in _OF_BRACKETS else named().get(shape, DEFAULT_SHAPE)


_OF_BRACKETS = frozenset(BRACKETS.values())
