"""Only edges that look alike share a line: the same color, width, dash and signs at the ends."""

from __future__ import annotations

import random

import pytest
from msgspec.structs import replace

from tests.layouts import measures

_CHUNK = 20
_ICONS = (
    '  a["Depot"]\n  subgraph g ["Harbor"]\n    b["SQS letters"]\n    c["Lambda parcels"]\n    d["Weigh it"]\n  end\n'
)
_GATES = '  a["Depot"]\n  b["Gate"]\n  c["Lambda parcels"]\n  d["Weigh it"]\n  subgraph g ["Harbor"]\n    e["SQS letters"]\n  end\n'
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


def one_unlike(kind: str, direction: str, link: str, styles: tuple[str, ...]) -> str:
    """Edges of a kind, the second of which has another link or style."""
    nodes, edges = _KINDS[kind]
    lines = [f"  {edge.format(link if at == 1 else '-->')}" for at, edge in enumerate(edges)]
    return "\n".join([f"flowchart {direction}", nodes + "\n".join(lines), *styles, ""])


def many_unlike(seed: int) -> str:
    """Random edges between a few nodes and groups, many of them with a link or style of their own."""
    dice = random.Random(seed)
    nodes, edges = dice.choice(list(_KINDS.values()))
    ends = [edge.split(" {} ") for edge in edges]
    for _ in range(dice.randint(1, 4)):
        one, other = dice.choice(ends)
        ends.append(dice.choice(([one, other], [other, one], [one, dice.choice("abcd")])))
    ends = [pair for pair in ends if pair[0] != pair[1]]
    links = [dice.choice(("-->",) * 6 + _LINKS) for _ in ends]
    lines = [f"  {one} {link} {other}" for (one, other), link in zip(ends, links, strict=True)]
    for at in range(len(lines)):
        style = []
        if dice.random() < 0.3:
            style.append(f"stroke:{dice.choice(_COLORS)}")
        if dice.random() < 0.2:
            style.append("stroke-width:3px")
        if dice.random() < 0.1:
            style.append("stroke-dasharray:6 3")
        if style:
            lines.append(f"  linkStyle {at} {','.join(style)}")
    return "\n".join([f"flowchart {dice.choice(('TB', 'LR'))}", nodes.rstrip(), *lines, ""])


def faults(text: str) -> list[str]:
    """Unlike edges on one line, and edges that are missing or have another look."""
    drawing = measures.picture(text)
    wanted = measures.lines_of(measures.graph_of(text))
    return measures.unlike_on_one_line(drawing) + measures.differences(wanted, drawing)


@pytest.mark.parametrize("direction", ["TB", "LR"])
@pytest.mark.parametrize("style", list(_STYLES))
@pytest.mark.parametrize("kind", list(_KINDS))
def test_an_edge_with_a_style_of_its_own_has_its_own_line(kind: str, style: str, direction: str) -> None:
    assert faults(one_unlike(kind, direction, "-->", _STYLES[style])) == []


@pytest.mark.parametrize("direction", ["TB", "LR"])
@pytest.mark.parametrize("link", _LINKS)
@pytest.mark.parametrize("kind", list(_KINDS))
def test_an_edge_with_a_link_of_its_own_has_its_own_line(kind: str, link: str, direction: str) -> None:
    assert faults(one_unlike(kind, direction, link, ())) == []


@pytest.mark.parametrize("first", range(0, 200, _CHUNK))
def test_random_unlike_edges_share_no_line(first: int) -> None:
    found = []
    for seed in range(first, first + _CHUNK):
        found += [f"seed {seed}: {fault}" for fault in faults(many_unlike(seed))]
    assert found == []


def test_unlike_edges_of_topologies_share_no_line() -> None:
    found = []
    for name, text in measures.styled().items():
        found += [f"{name}: {one}" for one in measures.unlike_on_one_line(measures.picture(text))]
    assert found == []


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
def test_unlike_edges_on_one_line_are_found(change: dict[str, object]) -> None:
    drawing = measures.picture("flowchart LR\n  a[Depot] --> b[Yard]\n")
    (edge,) = drawing.edges
    assert measures.unlike_on_one_line(replace(drawing, edges=(edge, edge))) == []
    other = replace(edge, **change)
    assert len(measures.unlike_on_one_line(replace(drawing, edges=(edge, other)))) == 1
    aside = replace(other, points=tuple((x, y + 1) for x, y in edge.points))
    assert measures.unlike_on_one_line(replace(drawing, edges=(edge, aside))) == []
