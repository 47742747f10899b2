"""Every edge is drawn once, with its label: also loops, edges of groups, parallel and opposite ones."""

from __future__ import annotations

import random
from itertools import combinations

import pytest
from msgspec import Struct
from msgspec.structs import replace

from diagramkit.drawing import Drawing
from diagramkit.graph import Head, Stroke
from tests.layouts import measures
from tests.layouts.measures import Line

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


class Made(Struct, frozen=True):
    """A random diagram: its Mermaid text, and what must be drawn of its edges."""

    text: str
    lines: tuple[Line, ...]


def made(seed: int) -> Made:
    """The random diagram of a seed: up to 8 nodes and 3 groups, with edges between any ends."""
    dice = random.Random(seed)
    nodes = [f"n{number}" for number in range(dice.randint(2, 8))]
    groups = [f"g{number}" for number in range(dice.randint(0, min(3, len(nodes))))]
    parents: dict[str, str | None] = {}
    for number, group in enumerate(groups):
        parents[group] = dice.choice([None, *groups[:number]])
    for number, node in enumerate(nodes):  # No group is empty.
        parents[node] = groups[number] if number < len(groups) else dice.choice([None, *groups])
    lines = [f"flowchart {dice.choice(('TB', 'LR', 'BT', 'RL'))}", *_things(dice, parents, None)]
    edges = []
    for one, other in _pairs(dice, nodes, groups, parents):
        link, stroke, tail, head = dice.choice(_LINKS)
        label = dice.choice(_WORDS)
        lines.append(f'{one} {link}|"{label}"| {other}' if label else f"{one} {link} {other}")
        edges.append(Line(one, other, stroke, tail, head, measures.words(label)))
    if dice.random() < 0.2:
        lines.append(f"{nodes[0]} ~~~ {nodes[1]}")
    return Made("\n".join([*lines, ""]), tuple(edges))


def _things(dice: random.Random, parents: dict[str, str | None], inside: str | None) -> list[str]:
    """The lines of the nodes and groups in a group, or outside of all."""
    found = []
    for name, parent in parents.items():
        if parent == inside and name.startswith("n"):
            found.append(f"{name}{dice.choice(_SHAPES).format(dice.choice(_LABELS))}")
        elif parent == inside:
            inner = _things(dice, parents, name)
            found += [f'subgraph {name} ["{dice.choice(_TITLES)}"]', *inner, "end"]
    return found


def _pairs(
    dice: random.Random, nodes: list[str], groups: list[str], parents: dict[str, str | None]
) -> list[tuple[str, str]]:
    """The ends of the edges: any two, with loops, edges of a group to a member and back, parallel and opposite ones."""
    found = []
    for _ in range(dice.randint(1, 6)):
        found.append((dice.choice([*nodes, *groups]), dice.choice([*nodes, *groups])))
    if dice.random() < 0.5:
        node = dice.choice(nodes)
        found += [(node, node)] * dice.randint(1, 4)
    if groups and dice.random() < 0.3:
        group = dice.choice(groups)
        found += [(group, group)] * dice.randint(1, 2)
    members = [(parent, name) for name, parent in parents.items() if parent]
    if members and dice.random() < 0.4:
        group, member = dice.choice(members)
        found.append(dice.choice(((group, member), (member, group))))
    if dice.random() < 0.4:
        found.append(dice.choice(found))
    if dice.random() < 0.4:
        one, other = dice.choice(found)
        found.append((other, one))
    dice.shuffle(found)
    return found


def loops_on_loops(drawing: Drawing) -> list[str]:
    """Nodes and groups with two loops that lie on one line, or with labels that overlap."""
    found = []
    loops = [edge for edge in drawing.edges if edge.source == edge.target]
    for one, other in combinations(loops, 2):
        if one.source != other.source:
            continue
        if measures.overlap(measures.segments(one), measures.segments(other)) > 1:
            found.append(f"two loops of {one.source} are on one line")
        its, another = measures.label_box(one), measures.label_box(other)
        if its and another and its.overlaps(another, 0.3):
            found.append(f"two labels of loops of {one.source} overlap")
    return found


@pytest.mark.parametrize("first", range(0, 1000, _CHUNK))
def test_every_edge_is_drawn_once_with_its_label(first: int) -> None:
    found = []
    for seed in range(first, first + _CHUNK):
        graph = made(seed)
        try:
            drawing = measures.picture(graph.text)
        except Exception as error:
            raise AssertionError(f"seed {seed}: {error!r}\n{graph.text}") from error
        faults = measures.differences(graph.lines, drawing) + loops_on_loops(drawing)
        found += [f"seed {seed}: {fault}" for fault in faults]
    assert found == []


def test_seeds_cover_every_kind_of_edge() -> None:
    kinds: dict[str, int] = {}
    for seed in range(200):
        graph = measures.graph_of(made(seed).text)
        owners = {node.id: node.group for node in graph.nodes}
        owners |= {group.id: group.parent for group in graph.groups}
        ends = [(edge.source, edge.target) for edge in graph.edges]
        for one, other in ends:
            loop = f"{one[0]} loop x{ends.count((one, one))}" if one == other else ""
            kind = loop or ("to member" if owners[other] == one else "to own group" if owners[one] == other else "")
            kinds[kind] = kinds.get(kind, 0) + 1
        kinds["parallel"] = kinds.get("parallel", 0) + (len(set(ends)) < len(ends))
        opposite = any(one != other and (other, one) in ends for one, other in ends)
        kinds["opposite"] = kinds.get("opposite", 0) + opposite
        kinds["nested"] = kinds.get("nested", 0) + any(group.parent for group in graph.groups)
    wanted = (
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
    assert all(kinds.get(kind, 0) >= 5 for kind in wanted), kinds


def test_the_source_holds_what_must_be_drawn() -> None:
    for seed in range(200):
        graph = made(seed)
        read = measures.lines_of(measures.graph_of(graph.text))
        assert sorted(read) == sorted(graph.lines), graph.text


def test_edges_that_are_missing_or_drawn_twice_are_found() -> None:
    text = 'flowchart LR\n  a["Depot"] -->|"parcels"| b["Yard"]\n  b --> c["Desk"]\n'
    drawing = measures.picture(text)
    wanted = [
        Line("a", "b", "normal", "none", "arrow", "parcels"),
        Line("b", "c", "normal", "none", "arrow", ""),
    ]
    assert measures.differences(wanted, drawing) == []
    first, second = drawing.edges
    for edges in (
        (first,),
        (second,),
        (first, second, second),
        (replace(first, texts=()), second),
        (replace(first, stroke="dotted"), second),
        (replace(first, source="c"), second),
    ):
        assert measures.differences(wanted, replace(drawing, edges=edges)) != []


def test_opposite_edges_may_be_one_only_where_they_look_alike() -> None:
    drawing = measures.picture('flowchart LR\n  a["Depot"] <--> b["Yard"]\n')
    there = Line("a", "b", "normal", "none", "arrow", "")
    back = replace(there, source="b", target="a")
    assert measures.differences([there, back], drawing) == []
    assert measures.differences([there], drawing) != []
    assert measures.differences([there, there], drawing) != []
    assert measures.differences([there, back, back], drawing) != []
    assert measures.differences([there, replace(back, stroke="dotted")], drawing) != []
    assert measures.differences([there, replace(back, label="late")], drawing) != []
    assert measures.differences([there, replace(back, head="circle")], drawing) != []


def test_loops_on_one_another_are_found() -> None:
    drawing = measures.picture('flowchart LR\n  a["Depot"] -->|"asks"| a\n  a --> b["Yard"]\n')
    (loop,) = [edge for edge in drawing.edges if edge.source == edge.target]
    assert loops_on_loops(drawing) == []
    assert len(loops_on_loops(replace(drawing, edges=(loop, loop)))) == 2
