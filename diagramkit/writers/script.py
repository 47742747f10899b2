"""A graph as a script of `diagrams`: the same nodes with their classes, edges and clusters.

It makes what `compile.to_diagrams` makes: both read `objects.describe`. The script holds literals and names only: what
a source says becomes strings, never code.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator, Mapping

from msgspec import Struct, field

from diagramkit.graph import Graph, Pattern
from diagramkit.icons.resolver import IconChoice
from diagramkit.objects import PLACEHOLDER, Anchor, EdgeObject, NodeObject, Objects, describe


def write(pattern: Pattern, icons: Mapping[str, IconChoice]) -> str:
    """The script, which draws `NAME.png` and `NAME.svg` where it is run."""
    script = _Script(pattern, describe(pattern, icons))
    return "\n".join([*script.lines(), ""])


class _Script(Struct):
    pattern: Pattern
    objects: Objects
    names: dict[Anchor, str] = field(default_factory=dict)
    classes: dict[str, str] = field(default_factory=dict)

    @property
    def graph(self) -> Graph:
        return self.pattern.graph

    def lines(self) -> Iterator[str]:
        what = self.objects.diagram
        imports = list(self._imports())
        self._name()
        body = list(self._inside(None, 1))
        body += [self._edge(edge) for edge in self.objects.edges]
        yield f'"""{_comment(self.pattern.title)}, drawn by diagrams."""'
        yield ""
        yield "from diagrams import Cluster, Diagram, Edge, Node"
        yield from imports
        yield ""
        yield "with Diagram("
        yield f"    {what.name!r}, filename={what.filename!r}, direction={what.direction!r}, show=False,"
        yield f'    outformat=["png", "svg"], graph_attr={_dict(what.attributes)},'
        yield "):"
        yield from body or ["    pass"]

    def _imports(self) -> Iterator[str]:
        """A line for each class; one whose name another has is imported under its module's name too."""
        taken = {"Cluster", "Diagram", "Edge", "Node"}
        found = (node.reference for node in self.objects.nodes.values())
        for reference in sorted({one for one in found if one}):
            module, _, name = reference.rpartition(".")
            local = name if name not in taken else module.rpartition(".")[2].title() + name
            while local in taken:
                local += "_"
            taken.add(local)
            self.classes[reference] = local
            yield f"from diagrams.{module} import {name}" + (f" as {local}" if local != name else "")

    def _name(self) -> None:
        taken = {"Cluster", "Diagram", "Edge", "Node", *self.classes.values()}
        things: list[tuple[Anchor, str]] = [(("node", node.id), node.id) for node in self.graph.nodes]
        things += [(("group", group.id), f"dk.{group.id}") for group in self.graph.groups]
        for thing, wish in things:
            name = re.sub(r"\W+", "_", wish, flags=re.ASCII).strip("_").lower() or "node"
            name = f"n_{name}" if name[0].isdigit() or keyword.iskeyword(name) else name
            number, free = 1, name
            while free in taken:
                number += 1
                free = f"{name}_{number}"
            taken.add(free)
            self.names[thing] = free

    def _inside(self, group: str | None, depth: int) -> Iterator[str]:
        pad = "    " * depth
        for node in self.graph.nodes:
            if node.group == group:
                made = self._node(self.objects.nodes[node.id])
                yield f"{pad}{self.names['node', node.id]} = {made}"
        for inner in self.graph.groups:
            if inner.parent == group:
                cluster = self.objects.clusters[inner.id]
                more = f", graph_attr={_dict(cluster.attributes)}" if cluster.attributes else ""
                yield f"{pad}with Cluster({cluster.name!r}{more}):"
                holder = f"{pad}    {self.names['group', inner.id]} = {self._node(PLACEHOLDER)}"
                yield from list(self._inside(inner.id, depth + 1)) or [holder]

    def _node(self, node: NodeObject) -> str:
        made = self.classes[node.reference] if node.reference else "Node"
        return f"{made}({', '.join([repr(node.label), *_words(node.attributes)])})"

    def _edge(self, edge: EdgeObject) -> str:
        back, forth = edge.reverse, edge.forward
        details = ", ".join(_words(edge.attributes))
        middle = f"Edge({details})" if details or (back and forth) else ""
        left = "<<" if back else "-" if not forth else ">>"
        right = ">>" if forth else "-"
        a, b = self.names[edge.tail], self.names[edge.head]
        if not middle:
            return f"    {a} {left} {b}"
        return f"    {a} {left} {middle} {right} {b}"


def _words(attributes: Mapping[str, str]) -> list[str]:
    return [f"{name}={value!r}" for name, value in attributes.items()]


def _dict(attributes: Mapping[str, str]) -> str:
    return f"{{{', '.join(f'{name!r}: {value!r}' for name, value in attributes.items())}}}"


def _comment(text: str) -> str:
    return " ".join(repr(text)[1:-1].replace("\\", "").replace('"', "'").split())
