"""What a source says: nodes, edges and groups, and where it says each of them.

A `Graph` knows nothing of pictures. Parsers make it, everything else reads it.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from diagramkit.diagnostics import Diagnostic, Span

Direction = Literal["TB", "BT", "LR", "RL"]
Stroke = Literal["normal", "thick", "dotted", "invisible"]
Head = Literal["none", "arrow", "circle", "cross"]
Style = tuple[tuple[str, str], ...]
Lines = Literal["orthogonal", "curved", "straight"]


class Node(Struct, frozen=True):
    """A thing in the diagram.

    `label` is the text as its source has it (Mermaid's may hold `<br/>`), with Markdown's
    marks where `markdown` is set. `shape` is the one to draw, by Mermaid's name of its brackets
    (`square`, `cylinder`, …); `written` is the shape as the source names it (`cyl`), where it
    names one. `group` is the id of the innermost group. `style` has CSS's names and values.
    """

    id: str
    label: str
    shape: str
    span: Span
    group: str | None = None
    classes: tuple[str, ...] = ()
    style: Style = ()
    link: str | None = None
    icon: str | None = None
    written: str | None = None
    markdown: bool = False
    tooltip: str | None = None
    target: str | None = None
    image: str | None = None


Side = Literal["right", "bottom", "left", "top"]


class Edge(Struct, frozen=True):
    """A line from `source` to `target`, each the id of a node or of a group.

    `sides` are those at which it leaves the one and reaches the other, where the source says so.
    """

    source: str
    target: str
    span: Span
    label: str = ""
    stroke: Stroke = "normal"
    tail: Head = "none"
    head: Head = "arrow"
    length: int = 1
    id: str | None = None
    style: Style = ()
    markdown: bool = False
    sides: tuple[Side, Side] | None = None


class Group(Struct, frozen=True):
    """A subgraph. `kind` is set where the source says it, else found from the label later."""

    id: str
    label: str
    span: Span
    parent: str | None = None
    kind: str | None = None
    direction: Direction | None = None
    style: Style = ()


class Graph(Struct, frozen=True, eq=False):
    """A whole diagram. `direction` is None where the source leaves it open.

    `title` is shown; `spoken` is a title for those who hear the picture (Mermaid's accTitle). Two are
    equal where they say the same, whatever was noticed (`warnings`) while they were read.
    """

    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()
    groups: tuple[Group, ...] = ()
    direction: Direction | None = None
    title: str | None = None
    description: str | None = None
    spoken: str | None = None
    warnings: tuple[Diagnostic, ...] = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Graph) and self._said == other._said

    def __hash__(self) -> int:
        return hash(self._said)

    @property
    def _said(self) -> tuple[object, ...]:
        said = self.nodes, self.edges, self.groups, self.direction
        return *said, self.title, self.description, self.spoken

    def members(self, group: str) -> tuple[str, ...]:
        """Ids of the nodes directly in `group`, in source order."""
        return tuple(node.id for node in self.nodes if node.group == group)


class PictureOptions(Struct, frozen=True):
    """How a picture is laid out and what stands around it; None for what is not said.

    `canvas`: what it is to fit (`16:9`, `1920x1080`, `natural`). `lines`: how edges run.
    `hops`: whether an edge at right angles hops over another where they cross.
    `frame`: a group around all that AWS runs (`aws-cloud`). `title`: whether to show it.
    `legend`: what to explain, as pairs of a sign (a kind of group, a stroke, a class) and its
    meaning; empty for the kinds of groups that there are. `steps`: numbers on edges and a list.
    """

    canvas: str | None = None
    lines: Lines | None = None
    hops: bool | None = None
    frame: str | None = None
    title: bool | None = None
    caption: str | None = None
    legend: tuple[tuple[str, str], ...] | None = None
    footer: str | None = None
    steps: bool | None = None

    def over(self, other: PictureOptions) -> PictureOptions:
        """What this look says, and what the other says where this one is silent."""
        said = {name: value for name in self.__struct_fields__ if (value := getattr(self, name)) is not None}
        return replace(other, **said)


class Pattern(Struct, frozen=True):
    """One picture to make: a graph, and what its source says beside the topology.

    `name` is the picture's file name without its ending, `folder` the folder below the
    output folder ('' for none), `source_text` the Mermaid as it stands, to be written
    out beside the pictures. `icons` holds overrides by node id.
    """

    graph: Graph
    name: str
    folder: str
    title: str
    source_text: str
    span: Span
    category: str | None = None
    provider: str = "aws"
    components: tuple[str, ...] = ()
    best_practices: tuple[str, ...] = ()
    icons: tuple[tuple[str, str, Span], ...] = ()
    look: PictureOptions = PictureOptions()

    @property
    def stem(self) -> str:
        """The path of the picture's files in an output folder, with `/`, without ending."""
        return "/".join(filter(None, (self.folder, self.name)))

    @property
    def lists(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """What a page or slide lists beside the picture: headings with their items, where there are any."""
        found = (("Components", self.components), ("Best practices", self.best_practices))
        return tuple((heading, items) for heading, items in found if items)
