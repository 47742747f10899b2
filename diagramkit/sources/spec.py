"""Read a spec: one pattern as short YAML.

`SPEC` describes the fields of a spec. It validates specs and also prints their JSON Schema.
"""

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
        "title": value_types.Field(value_types.TextType(), "The title of the picture.", required=True),
        "category": value_types.Field(
            value_types.TextType(), "The category of the pattern, which also names the folder of its pictures."
        ),
        "description": value_types.Field(value_types.TextType(), "A sentence or two for screen readers."),
        "provider": value_types.Field(value_types.EnumType(PROVIDERS), "The cloud provider whose icons to prefer."),
        "direction": value_types.Field(
            value_types.EnumType(DIRECTIONS),
            "The direction of the main flow, where it suits the canvas; auto: the one that shows the picture largest.",
        ),
        "diagram": value_types.Field(value_types.TextType(), "The topology as a Mermaid flowchart."),
        **topology.FIELDS,
        **picture_options.FIELDS,
        "icons": value_types.Field(
            value_types.MapType(value_types.TextType()),
            "Icons by node id, such as 'aws.compute.Lambda', or 'none' for a neutral shape.",
        ),
        "links": value_types.Field(
            value_types.MapType(value_types.TextType()), "Links to open with a click on a node, by node id."
        ),
        "components": value_types.Field(value_types.ListType(value_types.TextType()), "The components, as Markdown."),
        "best_practices": value_types.Field(
            value_types.ListType(value_types.TextType()), "Best practices, as Markdown."
        ),
        "notes": value_types.Field(value_types.TextType(), "Anything else about the pattern, as Markdown."),
    },
)

_URL = re.compile(r"(?:https?://|mailto:|[./#]|[\w-]+(?:[./#]|$))", re.I)


def json_schema() -> dict[str, Any]:
    """Return the spec's JSON Schema (draft 2020-12), generated from `SPEC`."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "diagramkit spec",
        "description": "A diagram: 'diagram' with Mermaid, or 'nodes', 'edges' and 'groups'.",
        **SPEC.schema(),
        "oneOf": [{"required": ["diagram"]}, {"required": ["nodes"]}],
        "$defs": {name: kind.schema() for name, kind in topology.DEFINITIONS.items()},
    }


def load(tree: Tree, file: str, folder: str = "") -> Pattern:
    """Validate a spec and return its `Pattern`. `folder` is the folder of its pictures if it has no category.

    Raises `DiagramError` with every problem in the spec.
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
        graph=topology.with_title(graph, title, entries.get("description")),
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
    """Return the `Pattern` that a spec's text describes. Raises `DiagramError`, with fixes and source lines."""
    try:
        return load(yamltree.load(text, file), file, folder)
    except DiagramError as error:
        from diagramkit.sources import spec_problems

        problems = error.problems
        raise DiagramError(
            spec_problems.completed(text, problems, lambda new_text: _problems(new_text, file))
        ) from None


def _problems(text: str, file: str) -> tuple[Diagnostic, ...]:
    """Return the problems of a spec's text, without fixes for its keys."""
    try:
        load(yamltree.load(text, file), file)
    except DiagramError as error:
        return error.problems
    return ()


def _topology(tree: Tree, file: str) -> tuple[Graph, str]:
    """Return the graph and its Mermaid text, from `diagram:` or from `nodes:`, `edges:` and `groups:`."""
    entries = tree.items()
    yaml_fields = [name for name in topology.FIELDS if name in entries]
    if "diagram" in entries:
        if yaml_fields:
            raise fail(
                "two-topologies",
                f"the spec has both 'diagram' and '{yaml_fields[0]}'; remove one of them",
                entries[yaml_fields[0]].key or tree.span,
            )
        diagram = entries["diagram"]
        graph = mermaid.parse(diagram.text(), _origin(diagram, file))
        return topology.with_direction(graph, entries.get("direction")), diagram.text()
    if "nodes" not in entries:
        raise fail(
            "no-topology",
            "the spec has no diagram; add 'diagram: |' with Mermaid, or 'nodes:' and 'edges:'",
            tree.span,
        )
    graph = topology.build(entries, topology.parse_direction(entries.get("direction")))
    return graph, to_mermaid(graph)


def _origin(tree: Tree, file: str) -> Origin:
    """Return where the Mermaid of a `diagram:` begins in the file, for the spans of its problems."""
    if tree.block:
        return Origin(file, tree.span.line + 1, tree.indent + 1)
    return Origin(file, tree.span.line, tree.span.column, inexact_positions=True)


def _unknown_ids(graph: Graph, entries: dict[str, Tree]) -> list[Diagnostic]:
    """Return a problem for each id in `icons:` and `links:` that is not a node."""
    known = {node.id for node in graph.nodes}
    return [
        topology.unknown_node(name, known, entry.key or entry.span, section)
        for section in ("icons", "links")
        if section in entries
        for name, entry in entries[section].items().items()
        if name not in known
    ]


def _bad_links(links: Tree | None) -> list[Diagnostic]:
    """Return a problem for each link that is neither a web address, `mailto:` nor a relative path."""
    return [
        Diagnostic(
            "bad-link",
            f"'{link.text()}' is not a valid link; write an http(s) or mailto address or a relative path",
            link.span,
        )
        for link in (links.items().values() if links else ())
        if not _URL.match(link.text().strip())
    ]


def _texts(tree: Tree | None) -> tuple[str, ...]:
    return tuple(entry.text() for entry in tree.entries()) if tree else ()
