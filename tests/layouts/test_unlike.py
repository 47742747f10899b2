"""Only edges that look alike share a line: the same color, width, dash and arrowheads."""

from __future__ import annotations

import random

import pytest
from msgspec.structs import replace

from tests.support import measures

_CHUNK = 20
_ICONS = (
    '  a["Depot"]\n  subgraph g ["Harbor"]\n    b["SQS letters"]\n    c["Lambda parcels"]\n    d["Weigh it"]\n  end\n'
)
_GATES = (
    '  a["Depot"]\n'
    '  b["Gate"]\n'
    '  c["Lambda parcels"]\n'
    '  d["Weigh it"]\n'
    '  subgraph g ["Harbor"]\n'
    '    e["SQS letters"]\n'
    "  end\n"
)
_KINDS = {
    "out": (_ICONS, ("a {} b", "a {} c", "a {} d")),
    "in": (_ICONS, ("b {} a", "c {} a", "d {} a")),
    "parallel": (_ICONS, ("a {} b", "a {} b", "a {} b", "c {} d")),
    "opposite": (_ICONS, ("a {} b", "b {} a", "c {} d", "d {} c")),
    "groups": (_GATES, ("a {} g", "b {} g", "g {} c", "g {} d")),
}
_STYLES = {
    "color": ("  linkStyle 1 stroke:#AA2211",),
    "width": ("  linkStyle 1 stroke-width:4px",),
    "dash": ("  linkStyle 1 stroke-dasharray:6 3",),
    "two": ("  linkStyle 0 stroke:#1155AA", "  linkStyle 1 stroke:#AA2211,stroke-width:3px"),
}
_LINKS = ("---", "-.->", "==>", "<-->", "--o", "--x")
_COLORS = ("#AA2211", "#1155AA", "#117733")


def one_different_edge(kind: str, direction: str, link: str, styles: tuple[str, ...]) -> str:
    """Return edges of a kind, the second of which has another link or style."""
    nodes, edges = _KINDS[kind]
    lines = [f"  {edge.format(link if index == 1 else '-->')}" for index, edge in enumerate(edges)]
    return "\n".join([f"flowchart {direction}", nodes + "\n".join(lines), *styles, ""])


def many_different_edges(seed: int) -> str:
    """Return random edges between a few nodes and groups, many of them with a different link or style."""
    dice = random.Random(seed)
    nodes, edges = dice.choice(list(_KINDS.values()))
    ends = [edge.split(" {} ") for edge in edges]
    for _ in range(dice.randint(1, 4)):
        first, second = dice.choice(ends)
        ends.append(dice.choice(([first, second], [second, first], [first, dice.choice("abcd")])))
    ends = [pair for pair in ends if pair[0] != pair[1]]
    links = [dice.choice(("-->",) * 6 + _LINKS) for _ in ends]
    lines = [f"  {first} {link} {second}" for (first, second), link in zip(ends, links, strict=True)]
    for index in range(len(lines)):
        style = []
        if dice.random() < 0.3:
            style.append(f"stroke:{dice.choice(_COLORS)}")
        if dice.random() < 0.2:
            style.append("stroke-width:3px")
        if dice.random() < 0.1:
            style.append("stroke-dasharray:6 3")
        if style:
            lines.append(f"  linkStyle {index} {','.join(style)}")
    return "\n".join([f"flowchart {dice.choice(('TB', 'LR'))}", nodes.rstrip(), *lines, ""])


def faults(text: str) -> list[str]:
    """Return descriptions of edges that look different but share a line, or that are missing or drawn differently."""
    drawing = measures.picture(text)
    expected = measures.expected_lines(measures.graph_of(text))
    return measures.different_edges_on_one_line(drawing) + measures.differences(expected, drawing)


@pytest.mark.parametrize("direction", ["TB", "LR"])
@pytest.mark.parametrize("style", list(_STYLES))
@pytest.mark.parametrize("kind", list(_KINDS))
def test_an_edge_with_a_different_style_has_a_separate_line(kind: str, style: str, direction: str) -> None:
    assert faults(one_different_edge(kind, direction, "-->", _STYLES[style])) == []


@pytest.mark.parametrize("direction", ["TB", "LR"])
@pytest.mark.parametrize("link", _LINKS)
@pytest.mark.parametrize("kind", list(_KINDS))
def test_an_edge_with_a_different_link_has_a_separate_line(kind: str, link: str, direction: str) -> None:
    assert faults(one_different_edge(kind, direction, link, ())) == []


@pytest.mark.parametrize("first", range(0, 200, _CHUNK))
def test_random_edges_that_look_different_share_no_line(first: int) -> None:
    messages = []
    for seed in range(first, first + _CHUNK):
        messages += [f"seed {seed}: {fault}" for fault in faults(many_different_edges(seed))]
    assert messages == []


def test_edges_of_topologies_that_look_different_share_no_line() -> None:
    messages = []
    for name, text in measures.styled_topologies().items():
        messages += [f"{name}: {message}" for message in measures.different_edges_on_one_line(measures.picture(text))]
    assert messages == []


@pytest.mark.parametrize(
    "change",
    [
        {"color": "#AA2211"},
        {"width": 4.0},
        {"dash": (6.0, 3.0)},
        {"stroke": "thick"},
        {"stroke": "dotted"},
        {"head": "circle"},
        {"tail": "arrow"},
    ],
    ids=str,
)
def test_edges_that_look_different_on_one_line_are_detected(change: dict[str, object]) -> None:
    drawing = measures.picture("flowchart LR\n  a[Depot] --> b[Yard]\n")
    (edge,) = drawing.edges
    assert measures.different_edges_on_one_line(replace(drawing, edges=(edge, edge))) == []
    other = replace(edge, **change)
    assert len(measures.different_edges_on_one_line(replace(drawing, edges=(edge, other)))) == 1
    shifted = replace(other, points=tuple((x, y + 1) for x, y in edge.points))
    assert measures.different_edges_on_one_line(replace(drawing, edges=(edge, shifted))) == []
