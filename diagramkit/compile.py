"""Convert a graph to a `diagrams.Diagram` with its node classes, `Cluster`s and `Edge`s.

There are two kinds of diagrams. `to_diagram` creates one for a layout: it has sizes but no text, and `layout_input`
reads from it the record that layout engines take. `to_diagrams` creates one for users, with texts and icons.
`diagrams_builder` adds the objects of both in the order of the graph.

In a diagram for a layout every size is fixed and every name is a number (`n0`, `cluster_g0`), so that the layout
depends on no font and on no id.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import diagrams
from msgspec import Struct
from msgspec.structs import replace

from diagramkit import timing
from diagramkit.diagrams_builder import build
from diagramkit.graph import Direction, Edge, Graph, Group, Node, Pattern
from diagramkit.icons import library
from diagramkit.icons.resolver import IconChoice
from diagramkit.layout.layout_input import LayoutEdge, LayoutEnd, LayoutGroup, LayoutInput, LayoutNode
from diagramkit.measure.figures import Figure, Figures
from diagramkit.objects import PLACEHOLDER, Ends, NodeObject, Objects, describe
from diagramkit.style.theme import Sizes

_MANY_ELEMENTS = 400  # Nodes and edges together.
_HALF_GROUP_GAP = 8.0
"""Half of the minimum distance between two groups, in points."""
_MAX_EDGE_RANKS = 8  # Ranks that an edge may span at most: readers cannot tell longer edges apart.
_LABEL_PADDING = (8.0, 4.0)  # Added to the width and the height of a label, in points.

_FONT = "Courier"
_LETTER_WIDTH = 1229 / 2048
"""The width of a letter of `_FONT`, relative to its size, where Graphviz has no fonts."""
_LINE_HEIGHT = 1.2
"""The height that Graphviz assumes for a line, relative to the size of its letters."""
_MIN_LETTERS = 8  # In the first line of a label: the more letters, the smaller the error of the height.
_MAX_LINES = 12


class NodeBox(Struct, frozen=True):
    """The size of a node's box for Graphviz: width, height and the distance of its anchor from the top, in points."""

    w: float
    h: float
    up: float


class DotSpacing(Struct, frozen=True):
    """The minimum distance between neighbors in a rank and between ranks, in points."""

    node: float
    rank: float


class Names(Struct, frozen=True):
    """The names in a diagram for a layout.

    `nodes` and `groups` map the ids of the graph to names. `placeholders` maps the ids of empty groups to the names of
    the invisible nodes that reserve their space.
    """

    nodes: Mapping[str, str]
    groups: Mapping[str, str]
    placeholders: Mapping[str, str]


def dot_names(graph: Graph) -> Names:
    """Return the names that `to_diagram` uses: the index of each node and group in the graph."""
    return Names(
        {node.id: f"n{number}" for number, node in enumerate(graph.nodes)},
        {group.id: f"cluster_g{number}" for number, group in enumerate(graph.groups)},
        {group.id: f"e{number}" for number, group in enumerate(graph.groups)},
    )


def node_boxes(figures: Figures, direction: Direction | None) -> dict[str, NodeBox]:
    """Return the boxes of all nodes by id.

    Anchors in a row must be aligned, so all nodes have the same height above the anchor; in horizontal directions they
    have the same height below it too. Blocks keep their own boxes, and so does every node if there is no direction.
    """
    nodes = [figure for figure in figures.nodes.values() if not figure.block]
    if direction is None:
        nodes = []
    up = max((figure.up for figure in nodes), default=0)
    down = max((figure.down for figure in nodes), default=0)
    horizontal = direction in ("LR", "RL")
    aligned = {
        figure.node.id: NodeBox(2 * figure.half, up + (down if horizontal else figure.down), up) for figure in nodes
    }
    return {
        name: aligned.get(name) or NodeBox(2 * figure.half, figure.up + figure.down, figure.up)
        for name, figure in figures.nodes.items()
    }


# Diagrams for a layout


@timing.step("compile")
def to_diagram(
    graph: Graph, figures: Figures, sizes: Sizes, direction: Direction | None, gaps: DotSpacing
) -> diagrams.Diagram:
    """Return the graph as a `diagrams.Diagram` to be laid out in `direction` (None: the layout engine decides).

    It contains every node, group and edge of the graph, in the graph's order; `diagram.dot.source` is the DOT. A group
    without nodes contains an invisible one, so that Graphviz reserves space for it. Besides the attributes of Graphviz
    there are some that Graphviz ignores, all lengths in points: `up` and `down` of nodes (the extent above and below
    the anchor), `labelwidth` and `labelheight` of edges, `titlewidth` and `titleheight` of groups; `tailgroup` and
    `headgroup` of edges (see `objects.Ends.compound`). Raises `KeyError` for an edge with an end that is not in the
    graph.
    """
    diagram = diagrams.Diagram(
        "diagram",
        filename="diagram",
        show=False,
        graph_attr={
            # Graphviz places nodes the same with and without splines; edges are routed later.
            "splines": "none",
            "nodesep": _inches(gaps.node),
            "ranksep": _inches(gaps.rank),
            "compound": "true",
            "label": "",
            "newrank": "false",
            "fontname": _FONT,
            **_search_limits(graph),
        },
    )
    diagram.dot = _DotGraph("diagram", _with_direction(diagram.dot.graph_attr, direction))
    build(diagram, graph, _LayoutObjectMaker(graph, figures, sizes, node_boxes(figures, direction)))
    return diagram


def _with_direction(graph_attr: Mapping[str, str], direction: Direction | None) -> dict[str, str]:
    """Return the attributes of a graph with a direction in place of the one that `diagrams` has set."""
    others = {name: value for name, value in graph_attr.items() if name != "rankdir"}
    return others if direction is None else {**others, "rankdir": direction}


def _search_limits(graph: Graph) -> dict[str, str]:
    """Return the attributes that limit Graphviz' search for the best positions.

    In large graphs it continues for minutes after the positions have stopped improving: 158 s for 500 nodes and 1,000
    edges, where two iterations per node take 2 s and make the edges no longer.
    """
    large = len(graph.nodes) + len(graph.edges) > _MANY_ELEMENTS
    return {"nslimit": "2"} if large else {}


def layout_input(diagram: diagrams.Diagram, graph: Graph) -> LayoutInput:
    """Return the record that layout engines take, read from a diagram that `to_diagram` created from `graph`.

    The ids come from `graph`. Raises `TypeError` for a diagram that was created in another way.
    """
    if not isinstance(diagram.dot, _DotGraph):
        raise TypeError("the diagram must be one of compile.to_diagram")
    return _GraphReader(graph).read(diagram.dot)


class _Statement(Struct, frozen=True):
    """A DOT statement: a node, or an edge from `name` to `head`."""

    name: str
    attributes: Mapping[str, str]
    head: str | None = None


class _DotGraph:
    """A replacement for `graphviz.Digraph` under a diagram or cluster.

    It keeps the statements and writes DOT with nothing but what a layout depends on. Nothing needs quoting: all names
    and values are generated here.
    """

    def __init__(self, name: str, graph_attr: Mapping[str, str]) -> None:
        self.name, self.graph_attr = name, dict(graph_attr)
        self.statements: list[_Statement | _DotGraph] = []

    def node(self, name: str, label: str = "", **attributes: str) -> None:  # noqa: ARG002 - diagrams' own call
        """Add a node."""
        self.statements.append(_Statement(name, _select(_NODE_ATTRIBUTES, attributes)))

    def edge(self, tail: str, head: str, **attributes: str) -> None:
        """Add an edge."""
        names = _LABELED_EDGE_ATTRIBUTES if "label" in attributes else _EDGE_ATTRIBUTES
        self.statements.append(_Statement(tail, _select(names, attributes), head))

    def subgraph(self, subgraph: _DotGraph) -> None:
        """Add a finished cluster."""
        self.statements.append(subgraph)

    def lines(self) -> Iterator[str]:
        """Yield the lines between the braces."""
        yield f"graph[{_format_attributes(_select(_GRAPH_ATTRIBUTES, self.graph_attr))}]"
        for statement in self.statements:
            if isinstance(statement, _DotGraph):
                yield f'subgraph "{statement.name}"{{'
                yield from statement.lines()
                yield "}"
            else:
                subject = f'"{statement.name}"' if statement.head is None else f'"{statement.name}"->"{statement.head}"'
                yield f"{subject}[{_format_attributes(statement.attributes)}]"

    @property
    def source(self) -> str:
        """The graph as DOT."""
        defaults = f'node[shape=box,fixedsize=true,label=""]\nedge[fontname={_FONT}]'
        return "\n".join([f'digraph "{self.name}"{{', defaults, *self.lines(), "}"])


_GRAPH_ATTRIBUTES = (
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
_NODE_ATTRIBUTES = ("width", "height", "up", "down", "style")
_EDGE_ATTRIBUTES = ("minlen", "style", "ltail", "lhead", "tailgroup", "headgroup")
_LABELED_EDGE_ATTRIBUTES = ("label", "fontsize", "labelwidth", "labelheight", *_EDGE_ATTRIBUTES)


def _select(names: tuple[str, ...], attributes: Mapping[str, str]) -> dict[str, str]:
    """Return the given attributes with these names, in the order of the names."""
    return {name: attributes[name] for name in names if name in attributes}


def _format_attributes(attributes: Mapping[str, str]) -> str:
    """Return attributes as DOT."""
    return ",".join(f'{name}="{value}"' for name, value in attributes.items())


class _LayoutObjectMaker:
    """Creates the objects of a diagram for a layout: with sizes and without text."""

    def __init__(self, graph: Graph, figures: Figures, sizes: Sizes, boxes: Mapping[str, NodeBox]) -> None:
        self._figures, self._boxes = figures, boxes
        self._names, self._ends = dot_names(graph), Ends(graph)
        self._has_lanes = graph.lanes
        self._margin = f"{sizes.group_padding + _HALF_GROUP_GAP:g}"

    def node(self, node: Node) -> diagrams.Node:
        """Return a node with the size of its icon and label together."""
        figure, box = self._figures.nodes[node.id], self._boxes[node.id]
        return _node_class(figure)(
            "",
            nodeid=self._names.nodes[node.id],
            shape="box",
            fixedsize="true",
            image="",
            width=_inches(box.w),
            height=_inches(box.h),
            up=_points(figure.up),
            down=_points(figure.down),
        )

    def cluster(self, group: Group) -> diagrams.Cluster:
        """Return a cluster whose title is as large as the group's."""
        heading = self._figures.headings[group.id]
        cluster = diagrams.Cluster(
            "",
            graph_attr={
                **_sized_text(heading.width, heading.height),
                "labelloc": "t",
                "labeljust": "l",
                "margin": self._margin,
                "titlewidth": _points(heading.width),
                "titleheight": _points(heading.height),
            },
        )
        cluster.name = self._names.groups[group.id]
        lane = {"lane": "true"} if self._has_lanes and group.parent is None else {}
        attributes = _with_direction(cluster.dot.graph_attr, group.direction)
        cluster.dot = _DotGraph(cluster.name, {**attributes, **lane})
        return cluster

    def placeholder(self, group: Group) -> diagrams.Node:
        """Return the invisible node of an empty group, as wide as the group's title."""
        return diagrams.Node(
            "",
            nodeid=self._names.placeholders[group.id],
            style="invis",
            width=_inches(self._figures.headings[group.id].width),
            height="0.3",
        )

    def edge(self, number: int, edge: Edge) -> diagrams.Edge:
        """Return an edge whose label is as large as the edge's."""
        attributes: dict[str, str] = {}
        if label := self._figures.labels.get(number):
            extra_width, extra_height = _LABEL_PADDING
            attributes |= _sized_text(label.width + extra_width, label.height + extra_height)
            attributes |= {"labelwidth": _points(label.width), "labelheight": _points(label.height)}
        if edge.length > 1:
            attributes["minlen"] = str(min(edge.length, _MAX_EDGE_RANKS))
        if edge.stroke == "invisible":
            attributes["style"] = "invis"
        return diagrams.Edge(forward=True, **attributes, **self._ends.compound(edge, self._names.groups))


def _node_class(figure: Figure) -> Any:
    """Return the class of `diagrams` for a node."""
    return _without_icon_file(library.node_class(figure.icon.reference) if figure.icon else None)


@cache
def _without_icon_file(node_class: Any) -> Any:
    """Return a subclass of a node class that does not look for its icon file.

    Looking for the file takes most of the time of creating a node, and a layout does not show icons.
    """
    node_class = node_class or diagrams.Node
    return type(node_class.__name__, (node_class,), {"_icon": None, "__module__": node_class.__module__})


def _sized_text(width: float, height: float) -> dict[str, str]:
    """Return the attributes of a text with about the given size in points.

    Where Graphviz has no fonts, the text has exactly this width, and its height differs by less than a tenth; where
    Graphviz has fonts, `_FONT` is about the same. HTML-like labels, which have exact sizes, are not available
    everywhere: a Graphviz without expat replaces them with the name of the edge or cluster.
    """
    width, height = max(width, 1.0), max(height, 1.0)
    lines = min(_MAX_LINES, math.ceil(_MIN_LETTERS * height * _LETTER_WIDTH / (_LINE_HEIGHT * width)))
    letters = max(1, round(lines * width * _LINE_HEIGHT / (height * _LETTER_WIDTH)))
    text = "\\n".join(["x" * letters, *["x"] * (lines - 1)])
    return {"label": text, "fontname": _FONT, "fontsize": f"{width / (letters * _LETTER_WIDTH):.4f}"}


def _inches(points: float) -> str:
    """Return a length in inches, as Graphviz expects it."""
    return f"{points / 72:.6f}"


def _points(points: float) -> str:
    """Return a length in points, rounded to a thousandth."""
    return f"{round(points, 3)}"


class _GraphReader:
    """Reads the record for a layout from the statements of a diagram."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._nodes: dict[int, LayoutNode] = {}
        self._groups: dict[int, LayoutGroup] = {}
        self._edges: list[LayoutEdge] = []

    def read(self, root: _DotGraph) -> LayoutInput:
        """Return the record, in source order."""
        self._read_statements(root, -1)
        direction: Any = root.graph_attr.get("rankdir")
        return LayoutInput(
            tuple(self._nodes[number] for number in sorted(self._nodes)),
            tuple(self._groups[number] for number in sorted(self._groups)),
            tuple(self._edges),
            direction,
        )

    def _read_statements(self, dot_graph: _DotGraph, parent: int) -> None:
        for statement in dot_graph.statements:
            if isinstance(statement, _DotGraph):
                self._read_group(statement, parent)
            elif statement.head is not None:
                self._read_edge(statement, statement.head)
            elif statement.name.startswith("n"):
                self._read_node(statement, parent)

    def _read_group(self, dot_graph: _DotGraph, parent: int) -> None:
        number, attributes = _parse_index(dot_graph.name), dot_graph.graph_attr
        rankdir: Any = attributes.get("rankdir")
        self._groups[number] = LayoutGroup(
            dot_graph.name,
            self._graph.groups[number].id,
            parent,
            float(attributes["titlewidth"]),
            float(attributes["titleheight"]),
            rankdir,
            "lane" in attributes,
        )
        self._read_statements(dot_graph, number)

    def _read_node(self, node: _Statement, parent: int) -> None:
        number, attributes = _parse_index(node.name), node.attributes
        width = round(float(attributes["width"]) * 72, 3)
        up, down = float(attributes["up"]), float(attributes["down"])
        self._nodes[number] = LayoutNode(
            node.name, self._graph.nodes[number].id, parent, width, round(up + down, 3), width / 2, up, down
        )

    def _read_edge(self, edge: _Statement, head: str) -> None:
        attributes = edge.attributes
        self._edges.append(
            LayoutEdge(
                len(self._edges),
                _end(edge.name, attributes.get("ltail") or attributes.get("tailgroup")),
                _end(head, attributes.get("lhead") or attributes.get("headgroup")),
                float(attributes.get("labelwidth", 0)),
                float(attributes.get("labelheight", 0)),
                int(attributes.get("minlen", 1)),
                attributes.get("style") == "invis",
            )
        )


def _end(node: str, group: str | None) -> LayoutEnd:
    """Return the end of an edge: its group, if it ends at one, else its node."""
    return ("node", _parse_index(node)) if group is None else ("group", _parse_index(group))


def _parse_index(name: str) -> int:
    """Return the index in a name of `dot_names`."""
    return int(name.removeprefix("cluster_")[1:])


# Diagrams for users


def to_diagrams(pattern: Pattern, icons: Mapping[str, IconChoice]) -> diagrams.Diagram:
    """Return a pattern as the `diagrams.Diagram` that a user would write for it.

    It has classes with their icons, labels, clusters and edges; nothing is drawn. `icons` maps the id of each node to
    its choice of an icon.
    """
    pattern = replace(pattern, graph=pattern.graph.without_dangling_edges())
    objects = describe(pattern, icons)
    description = objects.diagram
    diagram = diagrams.Diagram(
        description.name,
        filename=description.filename,
        direction=description.direction,
        show=False,
        outformat=["png", "svg"],
        graph_attr=dict(description.attributes),
    )
    build(diagram, pattern.graph, _UserObjectMaker(pattern.graph, objects))
    return diagram


class _UserObjectMaker:
    """Creates the objects of a diagram for users."""

    def __init__(self, graph: Graph, objects: Objects) -> None:
        self._objects, self._names = objects, dot_names(graph)

    def node(self, node: Node) -> diagrams.Node:
        """Return a node of the icon's class, with its label."""
        return self._create(self._objects.nodes[node.id], self._names.nodes[node.id])

    def placeholder(self, group: Group) -> diagrams.Node:
        """Return the invisible node of an empty group."""
        return self._create(PLACEHOLDER, self._names.placeholders[group.id])

    @staticmethod
    def _create(description: NodeObject, name: str) -> diagrams.Node:
        node_class: Any = library.node_class(description.reference) if description.reference else diagrams.Node
        return node_class(description.label, nodeid=name, **description.attributes)

    def cluster(self, group: Group) -> diagrams.Cluster:
        """Return a cluster with the group's label."""
        description = self._objects.clusters[group.id]
        return diagrams.Cluster(description.name, graph_attr=dict(description.attributes))

    def edge(self, number: int, edge: Edge) -> diagrams.Edge:  # noqa: ARG002 - required by `ObjectMaker`
        """Return an edge with its label, style and arrowheads."""
        description = self._objects.edges[number]
        return diagrams.Edge(forward=description.forward, reverse=description.reverse, **description.attributes)
