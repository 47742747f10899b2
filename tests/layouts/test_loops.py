"""Every edge is drawn once, with its label: also loops, edges of groups, parallel and opposite edges."""

from __future__ import annotations

import random
from itertools import combinations

import pytest
from msgspec import Struct
from msgspec.structs import replace

from diagramkit.drawing import Drawing
from diagramkit.graph import Head, Stroke
from tests.support import measures
from tests.support.measures import Line

pytestmark = pytest.mark.slow

_CHUNK = 25
_LABELS = ("Depot", "Lambda parcels", "SQS letters", "Weigh each crate", "S3", "Customs desk")
_TITLES = ("Harbor", "VPC depot", "Yard of the northern canal")
_WORDS = ("", "", "", "parcels", "asks again", "writes every letter of the day")
_SHAPES = ('["{}"]', '["{}"]', '["{}"]', '{{"{}"}}', '[("{}")]', '(["{}"])', '(("{}"))')
_LINKS: tuple[tuple[str, Stroke, Head, Head], ...] = (
    ("-->", "normal", "none", "arrow"),
    ("-->", "normal", "none", "arrow"),
    ("-->", "normal", "none", "arrow"),
    ("<-->", "normal", "arrow", "arrow"),
    ("---", "normal", "none", "none"),
    ("-.->", "dotted", "none", "arrow"),
    ("==>", "thick", "none", "arrow"),
    ("--o", "normal", "none", "circle"),
    ("--x", "normal", "none", "cross"),
)


class RandomDiagram(Struct, frozen=True):
    """A random diagram: its Mermaid text, and what must be drawn of its edges."""

    text: str
    lines: tuple[Line, ...]


def random_diagram(seed: int) -> RandomDiagram:
    """Return the random diagram of a seed: up to 8 nodes and 3 groups, with edges between any of them."""
    dice = random.Random(seed)
    nodes = [f"n{number}" for number in range(dice.randint(2, 8))]
    groups = [f"g{number}" for number in range(dice.randint(0, min(3, len(nodes))))]
    parents: dict[str, str | None] = {}
    for number, group in enumerate(groups):
        parents[group] = dice.choice([None, *groups[:number]])
    for number, node in enumerate(nodes):  # No group is empty.
        parents[node] = groups[number] if number < len(groups) else dice.choice([None, *groups])
    lines = [f"flowchart {dice.choice(('TB', 'LR', 'BT', 'RL'))}", *_elements(dice, parents, None)]
    edges = []
    for first, second in _random_ends(dice, nodes, groups, parents):
        link, stroke, tail, head = dice.choice(_LINKS)
        label = dice.choice(_WORDS)
        lines.append(f'{first} {link}|"{label}"| {second}' if label else f"{first} {link} {second}")
        edges.append(Line(first, second, stroke, tail, head, measures.letters_of(label)))
    if dice.random() < 0.2:
        lines.append(f"{nodes[0]} ~~~ {nodes[1]}")
    return RandomDiagram("\n".join([*lines, ""]), tuple(edges))


def _elements(dice: random.Random, parents: dict[str, str | None], group: str | None) -> list[str]:
    """Return the lines of the nodes and groups in a group, or outside of all groups."""
    lines = []
    for name, parent in parents.items():
        if parent == group and name.startswith("n"):
            lines.append(f"{name}{dice.choice(_SHAPES).format(dice.choice(_LABELS))}")
        elif parent == group:
            inner = _elements(dice, parents, name)
            lines += [f'subgraph {name} ["{dice.choice(_TITLES)}"]', *inner, "end"]
    return lines


def _random_ends(
    dice: random.Random, nodes: list[str], groups: list[str], parents: dict[str, str | None]
) -> list[tuple[str, str]]:
    """Return the ends of the edges: any two, with loops, parallel and opposite edges, and edges to members."""
    pairs = []
    for _ in range(dice.randint(1, 6)):
        pairs.append((dice.choice([*nodes, *groups]), dice.choice([*nodes, *groups])))
    if dice.random() < 0.5:
        node = dice.choice(nodes)
        pairs += [(node, node)] * dice.randint(1, 4)
    if groups and dice.random() < 0.3:
        group = dice.choice(groups)
        pairs += [(group, group)] * dice.randint(1, 2)
    members = [(parent, name) for name, parent in parents.items() if parent]
    if members and dice.random() < 0.4:
        group, member = dice.choice(members)
        pairs.append(dice.choice(((group, member), (member, group))))
    if dice.random() < 0.4:
        pairs.append(dice.choice(pairs))
    if dice.random() < 0.4:
        first, second = dice.choice(pairs)
        pairs.append((second, first))
    dice.shuffle(pairs)
    return pairs


def overlapping_loops(drawing: Drawing) -> list[str]:
    """Return descriptions of nodes and groups with two loops on one line, or with overlapping labels of loops."""
    messages = []
    loops = [edge for edge in drawing.edges if edge.source == edge.target]
    for first, second in combinations(loops, 2):
        if first.source != second.source:
            continue
        if measures.overlap(measures.segments(first), measures.segments(second)) > 1:
            messages.append(f"two loops of {first.source} are on one line")
        first_label, second_label = measures.label_box(first), measures.label_box(second)
        if first_label and second_label and first_label.overlaps(second_label, 0.3):
            messages.append(f"two labels of loops of {first.source} overlap")
    return messages


@pytest.mark.parametrize("first", range(0, 1000, _CHUNK))
def test_every_edge_is_drawn_once_with_its_label(first: int) -> None:
    messages = []
    for seed in range(first, first + _CHUNK):
        diagram = random_diagram(seed)
        try:
            drawing = measures.picture(diagram.text)
        except Exception as error:
            raise AssertionError(f"seed {seed}: {error!r}\n{diagram.text}") from error
        faults = measures.differences(diagram.lines, drawing) + overlapping_loops(drawing)
        messages += [f"seed {seed}: {fault}" for fault in faults]
    assert messages == []


def test_seeds_cover_every_kind_of_edge() -> None:
    kinds: dict[str, int] = {}
    for seed in range(200):
        graph = measures.graph_of(random_diagram(seed).text)
        owners = {node.id: node.group for node in graph.nodes}
        owners |= {group.id: group.parent for group in graph.groups}
        ends = [(edge.source, edge.target) for edge in graph.edges]
        for first, second in ends:
            loop = f"{first[0]} loop x{ends.count((first, first))}" if first == second else ""
            kind = loop or (
                "to member" if owners[second] == first else "to own group" if owners[first] == second else ""
            )
            kinds[kind] = kinds.get(kind, 0) + 1
        kinds["parallel"] = kinds.get("parallel", 0) + (len(set(ends)) < len(ends))
        opposite = any(first != second and (second, first) in ends for first, second in ends)
        kinds["opposite"] = kinds.get("opposite", 0) + opposite
        kinds["nested"] = kinds.get("nested", 0) + any(group.parent for group in graph.groups)
    expected = (
        "n loop x1",
        "n loop x4",
        "g loop x1",
        "g loop x2",
        "to member",
        "to own group",
        "parallel",
        "opposite",
        "nested",
    )
    assert all(kinds.get(kind, 0) >= 5 for kind in expected), kinds


def test_the_source_contains_what_must_be_drawn() -> None:
    for seed in range(200):
        diagram = random_diagram(seed)
        lines = measures.expected_lines(measures.graph_of(diagram.text))
        assert sorted(lines) == sorted(diagram.lines), diagram.text


def test_missing_and_duplicate_edges_are_detected() -> None:
    text = 'flowchart LR\n  a["Depot"] -->|"parcels"| b["Yard"]\n  b --> c["Desk"]\n'
    drawing = measures.picture(text)
    expected = [
        Line("a", "b", "normal", "none", "arrow", "parcels"),
        Line("b", "c", "normal", "none", "arrow", ""),
    ]
    assert measures.differences(expected, drawing) == []
    first, second = drawing.edges
    for edges in (
        (first,),
        (second,),
        (first, second, second),
        (replace(first, texts=()), second),
        (replace(first, stroke="dotted"), second),
        (replace(first, source="c"), second),
    ):
        assert measures.differences(expected, replace(drawing, edges=edges)) != []


def test_only_opposite_edges_that_look_alike_may_be_merged() -> None:
    drawing = measures.picture('flowchart LR\n  a["Depot"] <--> b["Yard"]\n')
    forward = Line("a", "b", "normal", "none", "arrow", "")
    backward = replace(forward, source="b", target="a")
    assert measures.differences([forward, backward], drawing) == []
    assert measures.differences([forward], drawing) != []
    assert measures.differences([forward, forward], drawing) != []
    assert measures.differences([forward, backward, backward], drawing) != []
    assert measures.differences([forward, replace(backward, stroke="dotted")], drawing) != []
    assert measures.differences([forward, replace(backward, label="late")], drawing) != []
    assert measures.differences([forward, replace(backward, head="circle")], drawing) != []


def test_overlapping_loops_are_detected() -> None:
    drawing = measures.picture('flowchart LR\n  a["Depot"] -->|"asks"| a\n  a --> b["Yard"]\n')
    (loop,) = [edge for edge in drawing.edges if edge.source == edge.target]
    assert overlapping_loops(drawing) == []
    assert len(overlapping_loops(replace(drawing, edges=(loop, loop)))) == 2
