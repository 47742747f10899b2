"""The spec: one pattern as short YAML. Its model, and the way from YAML to a `Pattern`."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import Any

from diagramkit.diagnostics import Diagnostic, DiagramError, fail
from diagramkit.graph import Graph, Pattern
from diagramkit.sources import picture_options, topology, value_types, yamltree
from diagramkit.sources.mermaid import read as mermaid
from diagramkit.sources.mermaid.source_text import Origin
from diagramkit.sources.mermaid.write import to_mermaid
from diagramkit.sources.slugs import slug
from diagramkit.sources.yamltree import Tree

DIRECTIONS = ("TB", "TD", "BT", "LR", "RL", "auto")
PROVIDERS = ("aws", "gcp", "azure")

SPEC = value_types.ObjectType(
    "the spec",
    {
        "title": value_types.Field(value_types.TextType(), "What the picture is called.", required=True),
        "category": value_types.Field(value_types.TextType(), "The pattern's family: the folder of its pictures."),
        "description": value_types.Field(value_types.TextType(), "A sentence or two, read aloud with the picture."),
        "provider": value_types.Field(value_types.EnumType(PROVIDERS), "Whose icons to prefer."),
        "direction": value_types.Field(
            value_types.EnumType(DIRECTIONS),
            "Which way the edges run; kept where it fits. auto: whichever shows largest.",
        ),
        "diagram": value_types.Field(value_types.TextType(), "The topology as a Mermaid flowchart."),
        **topology.FIELDS,
        **picture_options.FIELDS,
        "icons": value_types.Field(
            value_types.MapType(value_types.TextType()),
            "Icons by node id, as 'aws.compute.Lambda', or 'none' for the neutral shape.",
        ),
        "links": value_types.Field(
            value_types.MapType(value_types.TextType()), "Where a click on a node leads, by id."
        ),
        "components": value_types.Field(value_types.ListType(value_types.TextType()), "The parts, as Markdown."),
        "best_practices": value_types.Field(value_types.ListType(value_types.TextType()), "Advice, as Markdown."),
        "notes": value_types.Field(value_types.TextType(), "Anything else about the pattern, as Markdown."),
    },
)

_URL = re.compile(r"(?:https?://|mailto:|[./#]|[\w-]+(?:[./#]|$))", re.I)


def json_schema() -> dict[str, Any]:
    """The spec's JSON Schema (draft 2020-12), made from the model that validates."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "diagramkit spec",
        "description": "A diagram: 'diagram' with Mermaid, or 'nodes', 'edges' and 'groups'.",
        **SPEC.schema(),
        "oneOf": [{"required": ["diagram"]}, {"required": ["nodes"]}],
        "$defs": {name: kind.schema() for name, kind in topology.KINDS.items()},
    }


def load(tree: Tree, file: str, folder: str = "") -> Pattern:
    """A validated spec as a `Pattern`. `folder` is used where the spec names no category.

    Raises `DiagramError` with everything that is wrong with the spec.
    """
    problems = list(SPEC.check(tree, ""))
    if problems:
        raise DiagramError(problems)
    entries = tree.items()
    graph, text = _topology(tree, file)
    graph = topology.with_links(graph, entries.get("links"))
    problems = [*_unknown_ids(graph, entries), *_bad_links(entries.get("links"))]
    if problems:
        raise DiagramError(problems)
    title = entries["title"].text().strip()
    category = entries["category"].text().strip() if "category" in entries else None
    return Pattern(
        graph=topology.described(graph, title, entries.get("description")),
        name=slug(PurePath(file).stem),
        folder=slug(category) if category else folder,
        title=title,
        source_text=text,
        span=tree.span,
        category=category,
        provider=entries["provider"].text() if "provider" in entries else "aws",
        components=_texts(entries.get("components")),
        best_practices=_texts(entries.get("best_practices")),
        icons=tuple(
            (name, icon.text(), icon.span)
            for name, icon in (entries["icons"].items() if "icons" in entries else {}).items()
        ),
        options=picture_options.read(entries),
    )


def read(text: str, file: str, folder: str = "") -> Pattern:
    """A spec's text as a `Pattern`. Raises `DiagramError`."""
    return load(yamltree.load(text, file), file, folder)


def _topology(tree: Tree, file: str) -> tuple[Graph, str]:
    """The graph and its Mermaid text, from `diagram:` or from `nodes:` and its companions."""
    entries = tree.items()
    native = [name for name in topology.FIELDS if name in entries]
    if "diagram" in entries:
        if native:
            raise fail(
                "two-topologies",
                f"both 'diagram' and '{native[0]}' are given; keep one of the two",
                entries[native[0]].key or tree.span,
            )
        diagram = entries["diagram"]
        graph = mermaid.parse(diagram.text(), _origin(diagram, file))
        return topology.with_direction(graph, entries.get("direction")), diagram.text()
    if "nodes" not in entries:
        raise fail(
            "no-topology",
            "the spec draws nothing; add 'diagram: |' with Mermaid, or 'nodes:' and 'edges:'",
            tree.span,
        )
    graph = topology.build(entries, topology.direction(entries.get("direction")))
    return graph, to_mermaid(graph)


def _origin(tree: Tree, file: str) -> Origin:
    if tree.block:
        return Origin(file, tree.span.line + 1, tree.indent + 1)
    return Origin(file, tree.span.line, tree.span.column, folded=True)


def _unknown_ids(graph: Graph, entries: dict[str, Tree]) -> list[Diagnostic]:
    known = {node.id for node in graph.nodes}
    return [
        topology.unknown(name, known, entry.key or entry.span, section)
        for section in ("icons", "links")
        if section in entries
        for name, entry in entries[section].items().items()
        if name not in known
    ]


def _bad_links(links: Tree | None) -> list[Diagnostic]:
    return [
        Diagnostic(
            "bad-link",
            f"'{link.text()}' is not a web address; write http(s), mailto or a relative path",
            link.span,
        )
        for link in (links.items().values() if links else ())
        if not _URL.match(link.text().strip())
    ]


def _texts(tree: Tree | None) -> tuple[str, ...]:
    return tuple(entry.text() for entry in tree.entries()) if tree else ()
