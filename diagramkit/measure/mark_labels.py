"""Reports the labels of nodes that are drawn as a shape without its label, such as the bar of a fork."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from diagramkit.diagnostics import Diagnostic
from diagramkit.graph import Graph
from diagramkit.icons.resolver import IconChoice
from diagramkit.measure.figures import is_mark
from diagramkit.sources.label_text import plain_lines
from diagramkit.sources.notes import shortened


def problems(graph: Graph, choices: Mapping[str, IconChoice]) -> Iterator[Diagnostic]:
    """Yield a note that lists these labels, at the first of them. A label that is only the node's id is none."""
    undrawn = {
        f"the label '{' '.join(lines)}' of '{node.id}', whose shape has none": node.span
        for node in graph.nodes
        if is_mark(node, choices[node.id]) and node.label != node.id
        if (lines := plain_lines(node.label, node.markdown))
    }
    if undrawn:
        message = f"diagramkit does not draw this: {shortened(list(undrawn))}"
        yield Diagnostic("not-drawn", message, next(iter(undrawn.values())), "note")
