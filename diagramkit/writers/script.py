"""Writes a graph as a Python script for the package `diagrams`, with the same nodes, edges and clusters.

The script builds the same diagram as `compile.to_diagrams`; both use `objects.describe`. It contains literals and
names only: text from a source becomes a string literal, never code.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator, Mapping

from msgspec import Struct, field
from msgspec.structs import replace

from diagramkit.graph import Graph, Pattern
from diagramkit.icons.resolver import IconChoice
from diagramkit.objects import PLACEHOLDER, Anchor, EdgeObject, NodeObject, Objects, describe
from diagramkit.sources.mermaid.write_ids import unique_name


def write(pattern: Pattern, icons: Mapping[str, IconChoice]) -> str:
    """Return the script, which writes `NAME.png` and `NAME.svg` to the current directory when it runs."""
    pattern = replace(pattern, graph=pattern.graph.without_dangling_edges())
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
        diagram = self.objects.diagram
        imports = list(self._imports())
        self._assign_names()
        body = list(self._members(None, 1))
        body += [self._edge(edge) for edge in self.objects.edges]
        yield f'"""{_comment(self.pattern.title)}, drawn by diagrams."""'
        yield ""
        yield "from diagrams import Cluster, Diagram, Edge, Node"
        yield from imports
        yield ""
        yield "with Diagram("
        yield f"    {diagram.name!r}, filename={diagram.filename!r}, direction={diagram.direction!r}, show=False,"
        yield f'    outformat=["png", "svg"], graph_attr={_dict(diagram.attributes)},'
        yield "):"
        yield from body or ["    pass"]

    def _imports(self) -> Iterator[str]:
        """Yield an import for each class. If two classes have one name, the second gets its module's name as prefix."""
        used = {"Cluster", "Diagram", "Edge", "Node"}
        references = {node.reference for node in self.objects.nodes.values() if node.reference}
        for reference in sorted(references):
            module, _, name = reference.rpartition(".")
            alias = name if name not in used else module.rpartition(".")[2].title() + name
            while alias in used:
                alias += "_"
            used.add(alias)
            self.classes[reference] = alias
            yield f"from diagrams.{module} import {name}" + (f" as {alias}" if alias != name else "")

    def _assign_names(self) -> None:
        """Give each node and group a unique Python variable name, derived from its id."""
        used = {"Cluster", "Diagram", "Edge", "Node", *self.classes.values()}
        ids: list[tuple[Anchor, str]] = [(("node", node.id), node.id) for node in self.graph.nodes]
        ids += [(("group", group.id), f"dk.{group.id}") for group in self.graph.groups]
        for anchor, id_ in ids:
            base = re.sub(r"\W+", "_", id_, flags=re.ASCII).strip("_").lower() or "node"
            base = f"n_{base}" if base[0].isdigit() or keyword.iskeyword(base) else base
            self.names[anchor] = unique_name(base, used)

    def _members(self, group: str | None, depth: int) -> Iterator[str]:
        """Yield the lines of the nodes and clusters directly or indirectly inside a group (None: at the top level)."""
        pad = "    " * depth
        for node in self.graph.child_nodes(group):
            yield f"{pad}{self.names['node', node.id]} = {self._node(self.objects.nodes[node.id])}"
        for inner in self.graph.child_groups(group):
            cluster = self.objects.clusters[inner.id]
            attributes = f", graph_attr={_dict(cluster.attributes)}" if cluster.attributes else ""
            yield f"{pad}with Cluster({cluster.name!r}{attributes}):"
            # Graphviz drops a cluster without nodes, so an empty group gets an invisible one.
            placeholder = f"{pad}    {self.names['group', inner.id]} = {self._node(PLACEHOLDER)}"
            yield from list(self._members(inner.id, depth + 1)) or [placeholder]

    def _node(self, node: NodeObject) -> str:
        class_name = self.classes[node.reference] if node.reference else "Node"
        return f"{class_name}({', '.join([repr(node.label), *_keywords(node.attributes)])})"

    def _edge(self, edge: EdgeObject) -> str:
        reverse, forward = edge.reverse, edge.forward
        arguments = ", ".join(_keywords(edge.attributes))
        middle = f"Edge({arguments})" if arguments or (reverse and forward) else ""
        left = "<<" if reverse else "-" if not forward else ">>"
        right = ">>" if forward else "-"
        tail, head = self.names[edge.tail], self.names[edge.head]
        if not middle:
            return f"    {tail} {left} {head}"
        return f"    {tail} {left} {middle} {right} {head}"


def _keywords(attributes: Mapping[str, str]) -> list[str]:
    return [f"{name}={value!r}" for name, value in attributes.items()]


def _dict(attributes: Mapping[str, str]) -> str:
    return f"{{{', '.join(f'{name!r}: {value!r}' for name, value in attributes.items())}}}"


def _comment(text: str) -> str:
    """Return a text that cannot end the script's docstring."""
    return " ".join(repr(text)[1:-1].replace("\\", "").replace('"', "'").split())
