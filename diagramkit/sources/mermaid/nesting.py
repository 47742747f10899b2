"""Finds the subgraph that each subgraph is in, and reports subgraphs that are merged or contain each other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from diagramkit.diagnostics import Diagnostic, Span
from diagramkit.sources.mermaid.entities import decode


def parents(groups: Iterable[str], owners: Mapping[str, str]) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """Return the parent of each group that has one, and the groups that are not put into their owners.

    If groups contain each other, the one that closes the circle stays outside of its owner.
    """
    result: dict[str, str] = {}
    left_out = []
    for name in groups:
        owner = owners.get(name)
        if owner is None:
            continue
        ancestor: str | None = owner
        while ancestor is not None and ancestor != name:
            ancestor = result.get(ancestor)
        if ancestor is None:
            result[name] = owner
        else:
            left_out.append((name, owner))
    return result, left_out


def merged(name: str, first: Span, second: Span) -> Diagnostic:
    """Return a note about two subgraphs with the same id, which are at `first` and `second`."""
    first, second = sorted((first, second), key=lambda span: (span.line, span.column))
    message = (
        f"this subgraph has the same id '{decode(name)}' as the one in line {first.line}, so Mermaid merges them; if "
        f"that is not intended, give it another id, as in 'subgraph {decode(name)}2 [Title]'"
    )
    return Diagnostic("merged-subgraphs", message, second, "note")


def circular(name: str, owner: str, span: Span) -> Diagnostic:
    """Return a note about a subgraph that contains its owner, so that it is not drawn in there."""
    message = (
        f"the subgraphs '{decode(name)}' and '{decode(owner)}' contain each other, which Mermaid cannot draw; here, "
        f"'{decode(name)}' is the outer one; mention '{decode(name)}' only outside of '{decode(owner)}'"
    )
    return Diagnostic("circular-subgraphs", message, span, "note")


def merged_node(name: str, label: str, title: str, span: Span) -> Diagnostic:
    """Return a warning about a node at `span` with the id of the subgraph that it is in."""
    message = (
        f"the subgraph that this node is in has its id '{decode(name)}', so Mermaid draws no node: its label "
        f"'{' '.join(label.split())}' is lost, and its links lead to the subgraph; give the subgraph another id, as in "
        f"'subgraph {decode(name)}_group [{' '.join(title.split())}]'"
    )
    return Diagnostic("merged-node", message, span, "warning")
