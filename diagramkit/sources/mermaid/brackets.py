"""The brackets of nodes, and the shapes that they and the names of `@{ shape: … }` stand for.

Source: Mermaid's flowchart grammar (`flow.jison`, rule `vertex`), whose shape names are used here. The names
for `@{ shape: … }` are in the table of shapes (`style/data/shapes.yaml`).
"""

from __future__ import annotations

from diagramkit.style import shapes

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


def shape_names() -> tuple[str, ...]:
    """Return every shape name that a spec may use: those of `@{ shape: … }` and of brackets."""
    return tuple(sorted({*shapes.by_mermaid_name(), *_BRACKET_SHAPES}))


def drawn_shape(name: str) -> str:
    """Return the shape to draw for one of Mermaid's shape names, from brackets or from `@{ shape: … }`."""
    if name == "rect":
        return shapes.DEFAULT
    return name if name in _BRACKET_SHAPES else shapes.by_mermaid_name().get(name, shapes.DEFAULT)


_BRACKET_SHAPES = frozenset(BRACKETS.values())
