"""Templates of infrastructure code as graphs that tests can compare."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from diagramkit import infrastructure, sources
from diagramkit.graph import Graph
from diagramkit.infrastructure import Drawn
from diagramkit.infrastructure.levels import View
from tests.support.project import ROOT

TEMPLATES = ROOT / "tests/data/infrastructure"


def load(path: Path | str, view: View | None = None) -> Drawn:
    """Return the graph of a file and the fates of its resources."""
    return infrastructure.load(sources.read_text(str(path)), str(path), sources.read_text, view)


def load_text(text: str, file: str = "template.yaml", view: View | None = None) -> Drawn:
    """Return the graph of a text and the fates of its resources."""
    return infrastructure.load(text, file, sources.read_text, view)


def label(text: str) -> str:
    """Return a label on one line."""
    return text.replace("<br>", " / ")


def edges(graph: Graph) -> list[str]:
    """Return the edges with the labels of their ends: `Users -> API Gateway`."""
    labels = {each.id: label(each.label) for each in graph.nodes_and_groups}
    return sorted(
        f"{labels[edge.source]} -> {labels[edge.target]}"
        + (f": {edge.label}" if edge.label else "")
        + (" (dotted)" if edge.stroke == "dotted" else "")
        for edge in graph.edges
    )


def groups(graph: Graph) -> dict[str, list[str]]:
    """Return the labels of the nodes in each group, by its title."""
    return {group.label: sorted(label(node.label) for node in graph.child_nodes(group.id)) for group in graph.groups}


def comparable(graph: Graph) -> dict[str, Any]:
    """Return a graph in the form of the files with the expected graphs, with labels in place of ids."""
    labels = {node.id: node.label for node in graph.nodes}
    titles = {group.id: group.label for group in graph.groups}
    return {
        "nodes": sorted(labels.values()),
        "edges": sorted([labels[edge.source], labels[edge.target], edge.label, edge.stroke] for edge in graph.edges),
        "groups": sorted(
            [
                group.label,
                group.kind,
                titles.get(group.parent or ""),
                sorted(labels[node.id] for node in graph.child_nodes(group.id)),
            ]
            for group in graph.groups
        ),
    }


def expected(raw: dict[str, Any]) -> dict[str, Any]:
    """Return the content of a file with an expected graph in the same form."""
    labels = dict(raw["nodes"])
    return {
        "nodes": sorted(labels.values()),
        "edges": sorted([labels[edge[0]], labels[edge[1]], edge[2], (*edge, "normal")[3]] for edge in raw["edges"]),
        "groups": sorted(
            [title, kind, parent, sorted(labels[node] for node in nodes)]
            for title, kind, parent, nodes in raw["groups"]
        ),
    }
