"""Read a spec: one pattern as short YAML.

`SPEC` describes the fields of a spec. It validates specs and also prints their JSON Schema.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any

from diagramkit.diagnostics import Diagnostic, DiagramError, did_you_mean
from diagramkit.excerpts import with_excerpts
from diagramkit.graph import Graph, Pattern
from diagramkit.options import PictureOptions
from diagramkit.sources import picture_options, topology, yamltree
from diagramkit.sources.imports import import_key
from diagramkit.sources.layout_hints import layout_key
from diagramkit.sources.mermaid import read as mermaid
from diagramkit.sources.mermaid.source_text import Origin
from diagramkit.sources.mermaid.write import to_mermaid
from diagramkit.sources.slugs import slug
from diagramkit.sources.value_types import EnumType, Field, ListType, MapType, ObjectType, TextType
from diagramkit.sources.yamltree import Tree
from diagramkit.style import group_kinds

DIRECTIONS = ("TB", "TD", "BT", "LR", "RL", "auto")
PROVIDERS = ("aws", "gcp", "azure")
_DIRECTION_NAMES = {
    **dict.fromkeys(("lefttoright", "leftright", "ltr", "horizontal", "right"), "LR"),
    **dict.fromkeys(("righttoleft", "rightleft", "rtl", "left"), "RL"),
    **dict.fromkeys(("toptobottom", "topbottom", "topdown", "vertical", "down"), "TB"),
    **dict.fromkeys(("bottomtotop", "bottomtop", "bottomup", "up"), "BT"),
}
_PROVIDER_NAMES = {
    **dict.fromkeys(("amazon", "amazonwebservices", "amazonaws"), "aws"),
    **dict.fromkeys(("google", "googlecloud", "googlecloudplatform"), "gcp"),
    **dict.fromkeys(("microsoftazure", "microsoft"), "azure"),
}
_OPTIONS = ("theme", "background", "format", "scale", "width", "output", "text")
"""What is set for a project or on the command line, not for a diagram."""

SPEC = ObjectType(
    "the spec",
    {
        "title": Field(TextType(), "The title of the diagram.", required=True),
        "category": Field(TextType(), "The category of the pattern, which also names the folder of its pictures."),
        "description": Field(TextType(), "A sentence or two for screen readers."),
        "provider": Field(EnumType(PROVIDERS, _PROVIDER_NAMES), "The cloud provider whose icons to prefer."),
        "import": Field(import_key.TYPE, "What it was imported from, and with which options."),
        "direction": Field(
            EnumType(DIRECTIONS, _DIRECTION_NAMES),
            "The direction of the main flow, where it suits the canvas; auto: the one that shows the picture largest.",
        ),
        "diagram": Field(TextType(), "The topology as a Mermaid flowchart."),
        **topology.FIELDS,
        layout_key.KEY: Field(layout_key.TYPE, "Hints about the arrangement of nodes and groups."),
        **picture_options.FIELDS,
        "icons": Field(
            MapType(TextType(), "{alb: aws.network.ELB}"),
            "Icons by node id, such as 'aws.compute.Lambda', or 'none' for a neutral shape.",
        ),
        "links": Field(
            MapType(TextType(), "{alb: https://example.com}"),
            "Links to open with a click on a node or group, by its id.",
        ),
        "components": Field(ListType(TextType()), "The components, as Markdown."),
        "best_practices": Field(ListType(TextType()), "Best practices, as Markdown."),
        "notes": Field(TextType(), "Anything else about the pattern, as Markdown."),
    },
    {name: f"write it into diagramkit.toml, or use --{name}" for name in _OPTIONS},
    {
        "name": "title",
        **dict.fromkeys(("mermaid", "flowchart", "graph"), "diagram"),
        **dict.fromkeys(("services", "resources", "vertices", "elements"), "nodes"),
        **dict.fromkeys(("connections", "relations", "relationships", "arrows", "flows"), "edges"),
        **dict.fromkeys(("clusters", "subgraphs", "boundaries", "containers"), "groups"),
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
    entries = _valid_entries(tree) if problems else tree.items()
    topology_result = _topology(tree, entries, file, problems)
    graph_or_none = topology_result[0] if topology_result else None
    described = set() if topology_result else _described_words(tree)
    problems += [*_unknown_ids(graph_or_none, entries, described), *_bad_links(entries.get("links"))]
    problems += _unknown_symbols(graph_or_none, entries.get("legend"), described)
    if problems or topology_result is None:
        raise DiagramError(sorted(problems, key=lambda problem: (problem.span.line, problem.span.column)))
    graph, text = topology_result
    # The title of a spec names it in lists of diagrams. It is shown only if the spec or its Mermaid asks for a title.
    options = picture_options.read(entries).with_fallback(PictureOptions(title=graph.title is not None))
    graph = topology.with_links(graph, entries.get("links"))
    title = entries["title"].text().strip()
    category = entries["category"].text().strip() if "category" in entries else None
    return Pattern(
        graph=topology.with_title(graph, title, entries["title"].span, entries.get("description")),
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
        options=options,
        notes=entries["notes"].text().strip() if "notes" in entries else "",
    )


def read(text: str, file: str, folder: str = "") -> Pattern:
    """Return the `Pattern` that a spec's text describes. Raises `DiagramError` with all problems and fixes."""
    try:
        return _read(text, file, folder)
    except DiagramError as error:
        from diagramkit.sources import spec_problems

        raise DiagramError(spec_problems.with_fixes(text, error.problems, lambda new: _problems(new, file))) from None


def _read(text: str, file: str, folder: str) -> Pattern:
    tree, problems = yamltree.parse(text, file)
    try:
        pattern = load(tree, file, folder)
    except DiagramError as error:
        # A value that YAML rejects is a text, which may be no valid value of its field either.
        rejected = {problem.span for problem in problems}
        problems += [problem for problem in error.problems if problem.span not in rejected]
    if problems:
        raise DiagramError(with_excerpts(sorted(problems, key=lambda problem: problem.span.line), text))
    return pattern


def _problems(text: str, file: str) -> tuple[Diagnostic, ...]:
    """Return the problems of a spec's text, without verified fixes for its YAML."""
    try:
        _read(text, file, "")
    except DiagramError as error:
        return error.problems
    return ()


def _valid_entries(tree: Tree) -> dict[str, Tree]:
    """Return the entries of a spec whose values have no problems."""
    return {
        name: entry
        for name, entry in tree.items().items()
        if name in SPEC.fields and not any(SPEC.fields[name].value_type.check(entry, name))
    }


def _topology(tree: Tree, entries: dict[str, Tree], file: str, problems: list[Diagnostic]) -> tuple[Graph, str] | None:
    """Return the graph and its Mermaid text, from `diagram:` or from `nodes:`, `edges:` and `groups:`.

    `entries` are the valid entries of the spec. Returns None if there is no valid graph, after adding the reasons to
    `problems`; with another problem, a missing graph is not reported.
    """
    present = tree.items()
    yaml_fields = [name for name in topology.FIELDS if name in present]
    if "diagram" in present and yaml_fields:
        message = f"the spec has both 'diagram' and '{yaml_fields[0]}'; remove one of them"
        problems.append(Diagnostic("two-topologies", message, present[yaml_fields[0]].key or tree.span))
    elif "diagram" not in present and "nodes" not in present and not problems:
        message = "the spec has no diagram; add 'diagram: |' with Mermaid, or 'nodes:' and 'edges:'"
        problems.append(Diagnostic("no-topology", message, tree.span))
    direction = entries.get("direction")
    try:
        if diagram := entries.get("diagram"):
            graph = topology.with_direction(mermaid.parse(diagram.text(), _origin(diagram, file)), direction)
            return layout_key.with_hints(graph, present.get(layout_key.KEY)), diagram.text()
        if "nodes" in entries and all(name in entries for name in yaml_fields):
            graph = topology.build(entries, topology.parse_direction(direction))
            graph = layout_key.with_hints(graph, present.get(layout_key.KEY))
            return graph, to_mermaid(graph)
    except DiagramError as error:
        problems += error.problems
    return None


def _origin(tree: Tree, file: str) -> Origin:
    """Return where the Mermaid of a `diagram:` begins in the file, for the spans of its problems."""
    if tree.block:
        return Origin(file, tree.span.line + 1, tree.indent + 1)
    return Origin(file, tree.span.line, tree.span.column, inexact_positions=True)


def _described_words(tree: Tree) -> set[str]:
    """Return the words of a spec's graph that is not valid: any of them may be an id or a class."""
    present = tree.items()
    texts = (text for name in ("diagram", *topology.FIELDS) if name in present for text in _all_texts(present[name]))
    return {word for text in texts for word in (text, *re.findall(r"[\w-]+", text))}


def _unknown_ids(graph: Graph | None, entries: dict[str, Tree], described: set[str]) -> list[Diagnostic]:
    """Return a problem for each id that is not in the graph.

    The ids in `icons:` are those of nodes, and the ids in `links:` those of nodes and groups. If there is no valid
    graph, all words that describe it may be ids.
    """
    nodes = {node.id for node in graph.nodes} if graph else set(entries["nodes"].items() if "nodes" in entries else ())
    groups = {group.id for group in graph.groups} if graph else set[str]()
    return [
        topology.unknown_node(name, known, entry.key or entry.span, section)
        for section, known in (("icons", nodes), ("links", nodes | groups))
        if section in entries
        for name, entry in entries[section].items().items()
        if name not in known | described
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


def _unknown_symbols(graph: Graph | None, legend: Tree | None, described: set[str]) -> list[Diagnostic]:
    """Return a problem for each symbol in `legend:` that nothing in a picture can look like.

    If there is no valid graph, all words that describe it may be classes.
    """
    if legend is None:
        return []
    known = {*picture_options.LEGEND_STROKES, *group_kinds.load()}
    if graph:
        known |= {name for item in graph.elements for name in item.classes}
    return [
        Diagnostic(
            "unknown-symbol",
            f"'legend' refers to '{name}', which is not a stroke, a kind of group or a class in the diagram"
            f"{did_you_mean(name, known) or '; give an element this class, or remove the entry'}",
            entry.key or entry.span,
        )
        for name, entry in legend.items().items()
        if name not in known | described
    ]


def _all_texts(tree: Tree) -> Iterator[str]:
    """Yield every key and every value in a tree."""
    for key, entry in tree.items().items():
        yield key
        yield from _all_texts(entry)
    for entry in tree.entries():
        yield from _all_texts(entry)
    if not isinstance(tree.value, dict | list):
        yield tree.text()


def _texts(tree: Tree | None) -> tuple[str, ...]:
    return tuple(entry.text() for entry in tree.entries()) if tree else ()
