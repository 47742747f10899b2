"""A graph becomes a `diagrams.Diagram`: its node classes, `Cluster`s and `Edge`s.

This is the one module that makes objects of `diagrams`. Every size in the DOT it makes is
fixed, so that Graphviz measures no text and the layout depends on no font.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

import diagrams
from msgspec import Struct, field

from diagramkit import timing
from diagramkit.graph import Direction, Edge, Graph, Group
from diagramkit.icons import library
from diagramkit.measure.figures import Figure, Figures
from diagramkit.style.theme import Sizes

_PLAIN_ID = re.compile(r"[A-Za-z0-9_.-]+")
_LARGE = 400  # Nodes and edges.
_BETWEEN = 8.0
"""Half of the least distance between two groups, in points."""


class Room(Struct, frozen=True):
    """How large a node's box is for Graphviz, in points, and how far its anchor is from the top."""

    w: float
    h: float
    up: float


class Gaps(Struct, frozen=True):
    """The least distance between neighbours in a rank, and between ranks, in points."""

    node: float
    rank: float


def rooms_of(figures: Figures, way: Direction) -> dict[str, Room]:
    """The boxes of all nodes. Anchors in a row must meet: top-down, all have the same room
    above; left-right, below as well. Blocks stand as they are."""
    nodes = [figure for figure in figures.nodes.values() if not figure.block]
    up = max((figure.up for figure in nodes), default=0)
    down = max((figure.down for figure in nodes), default=0)
    level = way in ("LR", "RL")
    rooms = {
        figure.node.id: Room(2 * figure.half, up + (down if level else figure.down), up)
        for figure in nodes
    }
    return {
        name: rooms.get(name) or Room(figure.w, figure.h, figure.up)
        for name, figure in figures.nodes.items()
    }


class _Lean:
    """Stands where a `Digraph` of the package `graphviz` stands under a diagram or cluster, and writes DOT of what a
    layout depends on alone: sizes, labels' places, lengths (and the size of letters, which Graphviz counts for an
    empty line in a label). Half of the text, and nothing to quote: names are plain (`name_of`), values are
    numbers or our own markup."""

    def __init__(self, name: str, graph_attr: Mapping[str, str]) -> None:
        self.name, self.graph_attr = name, dict(graph_attr)
        self._lines: list[str] = []

    def node(self, name: str, label: str = "", **attributes: str) -> None:  # noqa: ARG002 - diagrams' own call
        """Add a node."""
        style = f',style="{attributes["style"]}"' if "style" in attributes else ""
        self._lines.append(
            f'"{name}"[width="{attributes["width"]}",height="{attributes["height"]}"{style}]'
        )

    def edge(self, tail: str, head: str, **attributes: str) -> None:
        """Add an edge."""
        label = f"label={attributes['label']}," if attributes.get("label") else ""
        length = f',minlen="{attributes["minlen"]}"' if "minlen" in attributes else ""
        self._lines.append(
            f'"{tail}"->"{head}"[{label}fontsize="{attributes["fontsize"]}"{length}]'
        )

    def subgraph(self, inner: _Lean) -> None:
        """Add a cluster that is done."""
        self._lines += [f'subgraph "{inner.name}"{{', *inner.lines(), "}"]

    def lines(self) -> list[str]:
        """What stands between the braces."""
        said = self.graph_attr
        listed = [
            f"{name}={said[name]}" if said[name][:1] == "<" else f'{name}="{said[name]}"'
            for name in _OF_GRAPHS if name in said
        ]  # fmt: skip
        return [f"graph[{','.join(listed)}]", *self._lines]

    @property
    def source(self) -> str:
        """The whole graph as DOT."""
        usual = 'node[shape=box,fixedsize=true,label=""]'
        return "\n".join([f'digraph "{self.name}"{{', usual, *self.lines(), "}"])


_OF_GRAPHS = ("rankdir", "splines", "nodesep", "ranksep", "compound", "newrank", "nslimit", "fontsize", "label", "labelloc",
              "labeljust", "margin")  # fmt: skip


@timing.step("compile")
def to_diagram(
    graph: Graph, figures: Figures, sizes: Sizes, way: Direction, gaps: Gaps
) -> diagrams.Diagram:
    """The graph as a `diagrams.Diagram` that lays out in direction `way`.

    Groups without a node hold an invisible one, of the id `dk:` and the group's, so that
    Graphviz keeps a place for them.
    """
    diagram = diagrams.Diagram(
        "diagram", filename="diagram", show=False, direction=way,
        graph_attr={
            # Of edges without a way the nodes stand as of others; ways are found later.
            "splines": "none", "nodesep": _inches(gaps.node), "ranksep": _inches(gaps.rank),
            "compound": "true", "label": "", "pad": "0", "newrank": "false", **_limits(graph),
        },
    )  # fmt: skip
    diagram.dot = _Lean("diagram", diagram.dot.graph_attr)
    with _context(diagram):
        nodes = _nodes(graph, figures, sizes, way)
        for number, edge in enumerate(graph.edges):
            _connect(graph, number, edge, nodes, figures)
    return diagram


def _limits(graph: Graph) -> dict[str, str]:
    """How long Graphviz may look for the best places. In large graphs it goes on for minutes after the
    places have become as good as they get: 158 s for 500 nodes and 1,000 edges, where two rounds
    a node take 2 s and make edges no longer."""
    large = len(graph.nodes) + len(graph.edges) > _LARGE
    return {"nslimit": "2"} if large else {}


def anchor_of(graph: Graph, end: str) -> str:
    """The node that stands for an edge's end in Graphviz: itself, or one inside the group."""
    if any(node.id == end for node in graph.nodes):
        return end
    inside = list(_inside(graph, end))
    for group in inside:
        members = graph.members(group)
        if members:
            return members[len(members) // 2]
    holders = {group.parent for group in graph.groups}
    return placeholder(next(group for group in inside if group not in holders))


def placeholder(group: str) -> str:
    """The id of the invisible node in a group that has none."""
    return f"dk.{group}"


def _inside(graph: Graph, group: str) -> Iterator[str]:
    """The group and the groups in it, outer first."""
    yield group
    for inner in graph.groups:
        if inner.parent == group:
            yield from _inside(graph, inner.id)


@contextmanager
def _context(diagram: diagrams.Diagram) -> Iterator[None]:
    """`diagrams` keeps the diagram being built in a context; leaving it draws nothing here."""
    diagrams.setdiagram(diagram)
    diagrams.setcluster(None)
    try:
        yield
    finally:
        diagrams.setcluster(None)
        diagrams.setdiagram(None)


def _nodes(
    graph: Graph, figures: Figures, sizes: Sizes, way: Direction
) -> dict[str, diagrams.Node]:
    nodes: dict[str | None, list[str]] = {}
    for node in graph.nodes:
        nodes.setdefault(node.group, []).append(node.id)
    groups: dict[str | None, list[Group]] = {}
    for group in graph.groups:
        groups.setdefault(group.parent, []).append(group)
    filling = _Filling(nodes, groups, figures, sizes.group_padding, way, rooms_of(figures, way))
    filling.fill(None)
    return filling.made


class _Filling(Struct):
    """Makes nodes and clusters, those in a cluster while it is the one that `diagrams` fills."""

    nodes: Mapping[str | None, list[str]]
    groups: Mapping[str | None, list[Group]]
    figures: Figures
    padding: float
    way: Direction
    rooms: Mapping[str, Room]
    made: dict[str, diagrams.Node] = field(default_factory=dict)

    def fill(self, parent: str | None) -> None:
        """Make what is in a group, or in none."""
        for node in self.nodes.get(parent, ()):
            self.made[node] = _node(self.figures.nodes[node], self.rooms[node])
        for group in self.groups.get(parent, ()):
            self._cluster(group)

    def _cluster(self, group: Group) -> None:
        heading = self.figures.headings[group.id]
        cluster = diagrams.Cluster(group.label, direction=self.way, graph_attr={
            "label": _space(heading.width, heading.height), "labelloc": "t",
            "margin": f"{self.padding + _BETWEEN:g}", "labeljust": "l",
        })  # fmt: skip
        cluster.name = f"cluster_{name_of(group.id)}"
        cluster.dot = _Lean(cluster.name, cluster.dot.graph_attr)
        with cluster:
            self.fill(group.id)
            if group.id not in self.nodes and group.id not in self.groups:
                spare = placeholder(group.id)
                self.made[spare] = diagrams.Node("", nodeid=name_of(spare), style="invis",
                                                width=_inches(heading.width), height="0.3")  # fmt: skip


def _node(figure: Figure, room: Room) -> diagrams.Node:
    kind: Any = library.node_class(figure.icon.reference) if figure.icon else None
    return _plain(kind or diagrams.Node)(
        "", nodeid=name_of(figure.node.id), shape="box", fixedsize="true", image="",
        width=_inches(room.w), height=_inches(room.h),
    )  # fmt: skip


@cache
def _plain(kind: Any) -> Any:
    """A node class that does not look for the file of its icon, which takes most of the time of a node: Graphviz
    shows none."""
    return type(kind.__name__, (kind,), {"_icon": None, "__module__": kind.__module__})


def _connect(
    graph: Graph, number: int, edge: Edge, nodes: Mapping[str, diagrams.Node], figures: Figures
) -> None:
    tail, head = (
        end if end in figures.nodes else anchor_of(graph, end) for end in (edge.source, edge.target)
    )
    if tail == head:
        return
    label = figures.labels.get(number)
    attributes = {"label": _space(label.width + 8, label.height + 4)} if label else {}
    if edge.length > 1:
        attributes["minlen"] = str(min(edge.length, 8))
    nodes[tail].connect(nodes[head], diagrams.Edge(forward=True, **attributes))


def _space(width: float, height: float) -> str:
    """An HTML-like label that takes a place and holds nothing."""
    return (
        f'<<TABLE BORDER="0" CELLBORDER="0" CELLPADDING="0" CELLSPACING="0" FIXEDSIZE="TRUE" '
        f'WIDTH="{max(1, round(width))}" HEIGHT="{max(1, round(height))}">'
        "<TR><TD></TD></TR></TABLE>>"
    )


def _inches(points: float) -> str:
    return f"{points / 72:.4f}"


def name_of(node_id: str) -> str:
    """A node's id as the DOT has it: itself where it is plain, else its bytes in hexadecimal.

    Graphviz parts an id at `:`, takes `<…>` for HTML and `\\` for an escape.
    """
    if _PLAIN_ID.fullmatch(node_id) and not node_id.startswith("x-"):
        return node_id
    return "x-" + node_id.encode("utf-8", "surrogatepass").hex()
