"""A graph becomes a `diagrams.Diagram`: its node classes, `Cluster`s and `Edge`s.

Objects of `diagrams` are made here and in `diagrams_builder`: for a layout with sizes alone (`to_diagram`, of which
`layout_input` reads the record that layout engines take), and for users with texts and icons (`to_diagrams`).

In a layout's Diagram every size is fixed and every name is a number (`n0`, `cluster_g0`): the layout depends on no
font and on no id.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import diagrams
from msgspec import Struct

from diagramkit import timing
from diagramkit.diagrams_builder import build
from diagramkit.graph import Direction, Edge, Graph, Group, Node, Pattern
from diagramkit.icons import library
from diagramkit.icons.resolver import IconChoice
from diagramkit.layout.layout_input import LayoutEdge, LayoutEnd, LayoutGroup, LayoutInput, LayoutNode
from diagramkit.measure.figures import Figure, Figures
from diagramkit.objects import PLACEHOLDER, Ends, NodeObject, Objects, describe
from diagramkit.style.theme import Sizes

_LARGE = 400  # Nodes and edges.
_BETWEEN = 8.0
"""Half of the least distance between two groups, in points."""
_LONGEST = 8  # Ranks that one edge may span: more say nothing that a reader sees.
_LABEL_MARGIN = (8.0, 4.0)  # What a label gets beside its own width and height, in points.

_FONT = "Courier"
_ADVANCE = 1229 / 2048
"""The width of a letter of `_FONT` where Graphviz knows no fonts, as a part of their size."""
_LINE = 1.2
"""The height of a line as Graphviz counts it, as a part of the letters' size."""
_LEAST_LETTERS = 8  # In the first line of a label: the more, the nearer its height comes.
_MOST_LINES = 12


class NodeBox(Struct, frozen=True):
    """How large a node's box is for Graphviz, in points, and how far its anchor is from the top."""

    w: float
    h: float
    up: float


class DotSpacing(Struct, frozen=True):
    """The least distance between neighbours in a rank, and between ranks, in points."""

    node: float
    rank: float


class Names(Struct, frozen=True):
    """The names in a layout's Diagram: of nodes and groups by id, and of the nodes that hold the places of empty
    groups, by the group's id."""

    nodes: Mapping[str, str]
    groups: Mapping[str, str]
    holders: Mapping[str, str]


def dot_names(graph: Graph) -> Names:
    """The names that `to_diagram` gives: by the number of each node and group in the graph."""
    return Names(
        {node.id: f"n{number}" for number, node in enumerate(graph.nodes)},
        {group.id: f"cluster_g{number}" for number, group in enumerate(graph.groups)},
        {group.id: f"e{number}" for number, group in enumerate(graph.groups)},
    )


def node_boxes(figures: Figures, way: Direction | None) -> dict[str, NodeBox]:
    """The boxes of all nodes. Anchors in a row must meet: top-down, all have the same room
    above; left-right, below as well. Blocks stand as they are, and so do all without a direction."""
    nodes = [figure for figure in figures.nodes.values() if not figure.block]
    if way is None:
        nodes = []
    up = max((figure.up for figure in nodes), default=0)
    down = max((figure.down for figure in nodes), default=0)
    level = way in ("LR", "RL")
    rooms = {figure.node.id: NodeBox(2 * figure.half, up + (down if level else figure.down), up) for figure in nodes}
    return {
        name: rooms.get(name) or NodeBox(2 * figure.half, figure.up + figure.down, figure.up)
        for name, figure in figures.nodes.items()
    }


# For a layout


@timing.step("compile")
def to_diagram(
    graph: Graph, figures: Figures, sizes: Sizes, way: Direction | None, gaps: DotSpacing
) -> diagrams.Diagram:
    """The graph as a `diagrams.Diagram` to be laid out in direction `way`, or as its engine likes (None).

    Every node, group and edge of the graph is in it, in the graph's order; `diagram.dot.source` is the DOT. Groups
    without a node hold an invisible one, so that Graphviz keeps a place for them. Beside attributes of Graphviz there
    are some that mean nothing to it: `up` and `down` of nodes, how far they reach above and below their anchor;
    `labelwidth` and `labelheight` of edges, `titlewidth` and `titleheight` of groups, all in points; `tailgroup` and
    `headgroup` of edges (`objects.Ends.compound`). Raises `KeyError` for an edge that ends at nothing in the graph.
    """
    direction = {} if way is None else {"rankdir": way}
    diagram = diagrams.Diagram(
        "diagram",
        filename="diagram",
        show=False,
        graph_attr={
            # Of edges without a way the nodes stand as of others; ways are found later.
            "splines": "none",
            "nodesep": _inches(gaps.node),
            "ranksep": _inches(gaps.rank),
            "compound": "true",
            "label": "",
            "newrank": "false",
            "fontname": _FONT,
            **_limits(graph),
        },
    )
    diagram.dot.graph_attr.pop("rankdir")
    diagram.dot = _Lean("diagram", {**diagram.dot.graph_attr, **direction})
    build(diagram, graph, _Measured(graph, figures, sizes, node_boxes(figures, way)))
    return diagram


def _limits(graph: Graph) -> dict[str, str]:
    """How long Graphviz may look for the best places. In large graphs it goes on for minutes after the
    places have become as good as they get: 158 s for 500 nodes and 1,000 edges, where two rounds
    a node take 2 s and make edges no longer."""
    large = len(graph.nodes) + len(graph.edges) > _LARGE
    return {"nslimit": "2"} if large else {}


def layout_input(diagram: diagrams.Diagram, graph: Graph) -> LayoutInput:
    """What a layout engine takes, read from the Diagram that `to_diagram` made of `graph`, which gives the ids.

    Raises `TypeError` for a Diagram that was made in another way.
    """
    if not isinstance(diagram.dot, _Lean):
        raise TypeError("the diagram must be one of compile.to_diagram")
    return _GraphReader(graph).read(diagram.dot)


class _Statement(Struct, frozen=True):
    """A node, or an edge from `name` to `head`, as DOT states it."""

    name: str
    attributes: Mapping[str, str]
    head: str | None = None


class _Lean:
    """Stands where a `Digraph` of the package `graphviz` stands under a diagram or cluster: keeps what is stated, and
    writes DOT of what a layout depends on alone. There is nothing to quote: names and values are our own."""

    def __init__(self, name: str, graph_attr: Mapping[str, str]) -> None:
        self.name, self.graph_attr = name, dict(graph_attr)
        self.statements: list[_Statement | _Lean] = []

    def node(self, name: str, label: str = "", **attributes: str) -> None:  # noqa: ARG002 - diagrams' own call
        """Add a node."""
        self.statements.append(_Statement(name, _only(_OF_NODES, attributes)))

    def edge(self, tail: str, head: str, **attributes: str) -> None:
        """Add an edge."""
        names = _OF_LABELED if "label" in attributes else _OF_EDGES
        self.statements.append(_Statement(tail, _only(names, attributes), head))

    def subgraph(self, inner: _Lean) -> None:
        """Add a cluster that is done."""
        self.statements.append(inner)

    def lines(self) -> Iterator[str]:
        """What stands between the braces."""
        yield f"graph[{_listed(_only(_OF_GRAPHS, self.graph_attr))}]"
        for one in self.statements:
            if isinstance(one, _Lean):
                yield f'subgraph "{one.name}"{{'
                yield from one.lines()
                yield "}"
            else:
                path = f'"{one.name}"' if one.head is None else f'"{one.name}"->"{one.head}"'
                yield f"{path}[{_listed(one.attributes)}]"

    @property
    def source(self) -> str:
        """The whole graph as DOT."""
        usual = f'node[shape=box,fixedsize=true,label=""]\nedge[fontname={_FONT}]'
        return "\n".join([f'digraph "{self.name}"{{', usual, *self.lines(), "}"])


_OF_GRAPHS = (
    "rankdir",
    "splines",
    "nodesep",
    "ranksep",
    "compound",
    "newrank",
    "nslimit",
    "fontname",
    "fontsize",
    "label",
    "labelloc",
    "labeljust",
    "margin",
    "titlewidth",
    "titleheight",
)
_OF_NODES = ("width", "height", "up", "down", "style")
_OF_EDGES = ("minlen", "style", "ltail", "lhead", "tailgroup", "headgroup")
_OF_LABELED = ("label", "fontsize", "labelwidth", "labelheight", *_OF_EDGES)


def _only(names: tuple[str, ...], attributes: Mapping[str, str]) -> dict[str, str]:
    return {name: attributes[name] for name in names if name in attributes}


def _listed(attributes: Mapping[str, str]) -> str:
    return ",".join(f'{name}="{value}"' for name, value in attributes.items())


class _Measured:
    """Makes the objects of a layout's Diagram: sizes, and no text."""

    def __init__(self, graph: Graph, figures: Figures, sizes: Sizes, rooms: Mapping[str, NodeBox]) -> None:
        self._figures, self._rooms = figures, rooms
        self._names, self._ends = dot_names(graph), Ends(graph)
        self._margin = f"{sizes.group_padding + _BETWEEN:g}"

    def node(self, node: Node) -> diagrams.Node:
        """A node with the size of its icon and label together."""
        figure, room = self._figures.nodes[node.id], self._rooms[node.id]
        return _class_of(figure)(
            "",
            nodeid=self._names.nodes[node.id],
            shape="box",
            fixedsize="true",
            image="",
            width=_inches(room.w),
            height=_inches(room.h),
            up=_points(figure.up),
            down=_points(figure.down),
        )

    def cluster(self, group: Group) -> diagrams.Cluster:
        """A cluster with a title of the size of the group's."""
        heading = self._figures.headings[group.id]
        cluster = diagrams.Cluster(
            "",
            graph_attr={
                **_space(heading.width, heading.height),
                "labelloc": "t",
                "labeljust": "l",
                "margin": self._margin,
                "titlewidth": _points(heading.width),
                "titleheight": _points(heading.height),
            },
        )
        cluster.dot.graph_attr.pop("rankdir")
        direction = {} if group.direction is None else {"rankdir": group.direction}
        cluster.name = self._names.groups[group.id]
        cluster.dot = _Lean(cluster.name, {**cluster.dot.graph_attr, **direction})
        return cluster

    def holder(self, group: Group) -> diagrams.Node:
        """The invisible node of an empty group, as wide as its title."""
        return diagrams.Node(
            "",
            nodeid=self._names.holders[group.id],
            style="invis",
            width=_inches(self._figures.headings[group.id].width),
            height="0.3",
        )

    def edge(self, number: int, edge: Edge) -> diagrams.Edge:
        """An edge with a label of the size of its own."""
        attributes: dict[str, str] = {}
        if label := self._figures.labels.get(number):
            across, along = _LABEL_MARGIN
            attributes |= _space(label.width + across, label.height + along)
            attributes |= {"labelwidth": _points(label.width), "labelheight": _points(label.height)}
        if edge.length > 1:
            attributes["minlen"] = str(min(edge.length, _LONGEST))
        if edge.stroke == "invisible":
            attributes["style"] = "invis"
        return diagrams.Edge(forward=True, **attributes, **self._ends.compound(edge, self._names.groups))


def _class_of(figure: Figure) -> Any:
    return _plain(library.node_class(figure.icon.reference) if figure.icon else None)


@cache
def _plain(kind: Any) -> Any:
    """A node class that does not look for the file of its icon, which takes most of the time of a node: Graphviz
    shows none."""
    kind = kind or diagrams.Node
    return type(kind.__name__, (kind,), {"_icon": None, "__module__": kind.__module__})


def _space(width: float, height: float) -> dict[str, str]:
    """A text that is about as large: exactly as wide, and less than a tenth higher or lower, where Graphviz knows no
    fonts; where it does, `_FONT` is much the same.

    Markup, which has exact sizes, is not to be had everywhere: a Graphviz without expat takes the name of the edge
    or cluster in its place.
    """
    width, height = max(width, 1.0), max(height, 1.0)
    lines = min(_MOST_LINES, math.ceil(_LEAST_LETTERS * height * _ADVANCE / (_LINE * width)))
    letters = max(1, round(lines * width * _LINE / (height * _ADVANCE)))
    text = "\\n".join(["x" * letters, *["x"] * (lines - 1)])
    return {"label": text, "fontname": _FONT, "fontsize": f"{width / (letters * _ADVANCE):.4f}"}


def _inches(points: float) -> str:
    return f"{points / 72:.6f}"


def _points(points: float) -> str:
    return f"{round(points, 3)}"


class _GraphReader:
    """Reads the record of a layout from the statements of its Diagram."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._nodes: dict[int, LayoutNode] = {}
        self._groups: dict[int, LayoutGroup] = {}
        self._edges: list[LayoutEdge] = []

    def read(self, whole: _Lean) -> LayoutInput:
        """The record, in source order."""
        self._inside(whole, -1)
        direction: Any = whole.graph_attr.get("rankdir")
        return LayoutInput(
            tuple(self._nodes[number] for number in sorted(self._nodes)),
            tuple(self._groups[number] for number in sorted(self._groups)),
            tuple(self._edges),
            direction,
        )

    def _inside(self, lean: _Lean, around: int) -> None:
        for one in lean.statements:
            if isinstance(one, _Lean):
                self._group(one, around)
            elif one.head is not None:
                self._edge(one, one.head)
            elif one.name.startswith("n"):
                self._node(one, around)

    def _group(self, lean: _Lean, around: int) -> None:
        number, said = _index(lean.name), lean.graph_attr
        direction: Any = said.get("rankdir")
        self._groups[number] = LayoutGroup(
            lean.name,
            self._graph.groups[number].id,
            around,
            float(said["titlewidth"]),
            float(said["titleheight"]),
            direction,
        )
        self._inside(lean, number)

    def _node(self, node: _Statement, around: int) -> None:
        number, said = _index(node.name), node.attributes
        width = round(float(said["width"]) * 72, 3)
        up, down = float(said["up"]), float(said["down"])
        self._nodes[number] = LayoutNode(
            node.name, self._graph.nodes[number].id, around, width, round(up + down, 3), width / 2, up, down
        )

    def _edge(self, edge: _Statement, head: str) -> None:
        said = edge.attributes
        self._edges.append(
            LayoutEdge(
                len(self._edges),
                _end(edge.name, said.get("ltail") or said.get("tailgroup")),
                _end(head, said.get("lhead") or said.get("headgroup")),
                float(said.get("labelwidth", 0)),
                float(said.get("labelheight", 0)),
                int(said.get("minlen", 1)),
                said.get("style") == "invis",
            )
        )


def _end(node: str, group: str | None) -> LayoutEnd:
    return ("node", _index(node)) if group is None else ("group", _index(group))


def _index(name: str) -> int:
    """The number in a name of `names_of`."""
    return int(name.removeprefix("cluster_")[1:])


# For users


def to_diagrams(pattern: Pattern, icons: Mapping[str, IconChoice]) -> diagrams.Diagram:
    """A pattern as the `diagrams.Diagram` that somebody would write for it: classes with their icons, labels,
    clusters, edges. Nothing is drawn. `icons`: the choice for each node's id."""
    objects = describe(pattern, icons)
    what = objects.diagram
    diagram = diagrams.Diagram(
        what.name,
        filename=what.filename,
        direction=what.direction,
        show=False,
        outformat=["png", "svg"],
        graph_attr=dict(what.attributes),
    )
    build(diagram, pattern.graph, _Written(pattern.graph, objects))
    return diagram


class _Written:
    """Makes the objects of a Diagram for users."""

    def __init__(self, graph: Graph, objects: Objects) -> None:
        self._objects, self._names = objects, dot_names(graph)

    def node(self, node: Node) -> diagrams.Node:
        """A node of its class, with its label."""
        return self._made(self._objects.nodes[node.id], self._names.nodes[node.id])

    def holder(self, group: Group) -> diagrams.Node:
        """The invisible node of an empty group."""
        return self._made(PLACEHOLDER, self._names.holders[group.id])

    @staticmethod
    def _made(what: NodeObject, name: str) -> diagrams.Node:
        kind: Any = library.node_class(what.reference) if what.reference else diagrams.Node
        return kind(what.label, nodeid=name, **what.attributes)

    def cluster(self, group: Group) -> diagrams.Cluster:
        """A cluster with the group's label."""
        what = self._objects.clusters[group.id]
        return diagrams.Cluster(what.name, graph_attr=dict(what.attributes))

    def edge(self, number: int, edge: Edge) -> diagrams.Edge:  # noqa: ARG002 - as `ObjectMaker` has it
        """An edge with its label, style and heads."""
        what = self._objects.edges[number]
        return diagrams.Edge(forward=what.forward, reverse=what.reverse, **what.attributes)
