"""Node shapes: Mermaid's brackets and their names.

Source: Mermaid's flowchart grammar (`flow.jison`, rule `vertex`), whose names for the
shapes are kept.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bracket:
    """An opening bracket and the closings it may have, each with the shape it makes."""

    opening: str
    closings: tuple[tuple[str, str], ...]


# Longest opening first: `(((` is not `((` and `(`.
BRACKETS: tuple[Bracket, ...] = (
    Bracket("(((", ((")))", "doublecircle"),)),
    Bracket("((", (("))", "circle"),)),
    Bracket("([", (("])", "stadium"),)),
    Bracket("(-", (("-)", "ellipse"),)),
    Bracket("(", ((")", "round"),)),
    Bracket("[[", (("]]", "subroutine"),)),
    Bracket("[(", ((")]", "cylinder"),)),
    Bracket("[/", (("/]", "lean_right"), ("\\]", "trapezoid"))),
    Bracket("[\\", (("\\]", "lean_left"), ("/]", "inv_trapezoid"))),
    Bracket("[", (("]", "square"),)),
    Bracket("{{", (("}}", "hexagon"),)),
    Bracket("{", (("}", "diamond"),)),
    Bracket(">", (("]", "odd"),)),
)

DEFAULT_SHAPE = "square"
"""The shape of a node that is only mentioned: Mermaid draws it as a rectangle."""

# `A@{ shape: … }`: the names a spec or a Mermaid 11+ source may use, and the shape drawn.
NAMED: dict[str, str] = {
    name: shape
    for shape, names in {
        "square": "rect rectangle proc process square",
        "round": "rounded event round",
        "stadium": "stadium pill terminal",
        "subroutine": "subroutine subproc subprocess framed-rectangle fr-rect",
        "cylinder": "cyl cylinder db database",
        "circle": "circle circ",
        "ellipse": "ellipse",
        "odd": "odd",
        "diamond": "diamond diam decision question",
        "hexagon": "hexagon hex prepare",
        "lean_right": "lean-r lean-right in-out lean_right",
        "lean_left": "lean-l lean-left out-in lean_left",
        "trapezoid": "trap-b trapezoid trapezoid-bottom priority",
        "inv_trapezoid": "trap-t inv-trapezoid trapezoid-top manual inv_trapezoid",
        "doublecircle": "dbl-circ double-circle doublecircle",
    }.items()
    for name in names.split()
}
