"""A graph as a script of `diagrams`: the same nodes with their classes, edges and clusters.

The script holds literals and names only: what a source says becomes strings, never code.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator, Mapping

from msgspec import Struct, field

from diagramkit.compile import anchor_of, placeholder
from diagramkit.graph import Edge, Graph, Node, Pattern
from diagramkit.icons import library, names
from diagramkit.icons.resolver import Choice
from diagramkit.measure.text import lined

_STYLES = {
    "thick": {"style": "bold"},
    "dotted": {"style": "dotted"},
    "invisible": {"style": "invis"},
}
_PLAIN = 'shape="box", style="rounded", labelloc="c", height="0.7"'


def write(pattern: Pattern, icons: Mapping[str, Choice]) -> str:
    """The script, which draws `NAME.png` and `NAME.svg` where it is run."""
    return "\n".join([*_Script(pattern, icons).lines(), ""])


class _Script(Struct):
    pattern: Pattern
    icons: Mapping[str, Choice]
    names: dict[str, str] = field(default_factory=dict)
    classes: dict[str, str] = field(default_factory=dict)

    @property
    def graph(self) -> Graph:
        return self.pattern.graph

    def lines(self) -> Iterator[str]:
        pattern, graph = self.pattern, self.graph
        imports = list(self._imports())
        self._name()
        body = list(self._inside(None, 1))
        body += [self._edge(edge) for edge in graph.edges]
        yield f'"""{_comment(pattern.title)}, drawn by diagrams."""'
        yield ""
        yield "from diagrams import Cluster, Diagram, Edge, Node"
        yield from imports
        yield ""
        yield "with Diagram("
        yield f"    {_label(pattern.title)}, filename={pattern.name!r}, direction={graph.direction or 'TB'!r}, show=False,"
        yield '    outformat=["png", "svg"], graph_attr={"compound": "true"},'
        yield "):"
        yield from body or ["    pass"]

    def _imports(self) -> Iterator[str]:
        """A line for each class; one whose name another has is imported under its module's name too."""
        taken = {"Cluster", "Diagram", "Edge", "Node"}
        wanted = sorted({found for node in self.graph.nodes if (found := self._reference(node))})
        for reference in wanted:
            module, _, name = reference.rpartition(".")
            local = name if name not in taken else module.rpartition(".")[2].title() + name
            while local in taken:
                local += "_"
            taken.add(local)
            self.classes[reference] = local
            yield f"from diagrams.{module} import {name}" + (
                f" as {local}" if local != name else ""
            )

    def _reference(self, node: Node) -> str | None:
        """The class of `diagrams` for a node: its own, or of the service that it is a part of."""
        reference = self.icons[node.id].icon
        if reference and library.node_class(reference) is None and reference in names.services():
            reference = names.services()[reference].instead
        return library.canonical(reference) if reference and library.node_class(reference) else None

    def _name(self) -> None:
        taken = {"Cluster", "Diagram", "Edge", "Node", *self.classes.values()}
        things = [node.id for node in self.graph.nodes]
        things += [placeholder(group.id) for group in self.graph.groups]
        for thing in things:
            name = re.sub(r"\W+", "_", thing, flags=re.ASCII).strip("_").lower() or "node"
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
                reference = self._reference(node)
                made = self.classes[reference] if reference else "Node"
                more = "" if reference else f", {_PLAIN}"
                yield f"{pad}{self.names[node.id]} = {made}({_label(lined(node.label, node.markdown))}{more})"
        for inner in self.graph.groups:
            if inner.parent == group:
                yield f"{pad}with Cluster({_label(lined(inner.label))}):"
                yield from list(self._inside(inner.id, depth + 1)) or self._hold(
                    inner.id, depth + 1
                )

    def _hold(self, group: str, depth: int) -> list[str]:
        """What keeps the place of an empty group, at which its edges end."""
        return [
            f'{"    " * depth}{self.names[placeholder(group)]} = Node("", shape="point", style="invis")'
        ]

    def _edge(self, edge: Edge) -> str:
        graph = self.graph
        tail, head = anchor_of(graph, edge.source), anchor_of(graph, edge.target)
        said: dict[str, str] = {}
        if text := lined(edge.label, edge.markdown):
            said["label"] = text
        said |= _STYLES.get(edge.stroke, {})
        if edge.length > 1:
            said["minlen"] = str(edge.length)
        groups = {group.id: group for group in graph.groups}
        for end, name in (("ltail", edge.source), ("lhead", edge.target)):
            if name in groups:
                said[end] = f"cluster_{lined(groups[name].label)}"
        back, forth = edge.tail != "none", edge.head != "none"
        details = ", ".join(f"{key}={_label(value)}" for key, value in said.items())
        middle = f"Edge({details})" if details or (back and forth) else ""
        left = "<<" if back else "-" if not forth else ">>"
        right = ">>" if forth else "-"
        a, b = self.names[tail], self.names[head]
        if not middle:
            return f"    {a} {left} {b}"
        return f"    {a} {left} {middle} {right} {b}"


def _label(text: str) -> str:
    """A text as a literal that Graphviz takes as it stands: it knows escapes, and takes `<…>` for markup."""
    safe = text.replace("\\", "\\\\")
    return repr(f"{safe} " if safe.startswith("<") and safe.endswith(">") else safe)


def _comment(text: str) -> str:
    return " ".join(repr(text)[1:-1].replace("\\", "").replace('"', "'").split())
