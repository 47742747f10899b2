"""Write an edit into the text of a source, and check that the result is what the edit should make."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from diagramkit.diagnostics import DiagramError
from diagramkit.graph import Graph, Pattern
from diagramkit.sources import readers
from diagramkit.sources.mermaid import preamble
from diagramkit.sources.source_edits import hint_comments, mermaid_edits, mermaid_region, spec_edits
from diagramkit.sources.source_edits.edit_kinds import (
    AddEdge,
    AddNode,
    Edit,
    MoveInto,
    Pin,
    Rename,
    SourceEditError,
    Unpin,
    result_of,
)
from diagramkit.sources.source_edits.flowchart_text import FlowchartText
from diagramkit.sources.yaml_edits import YamlEditError
from diagramkit.sources.yamltree import YamlError

_MAX_CANDIDATES = 20
_UNCOMPARED = ("span", "warnings", "unsupported", "dropped", "ignored")
_AUTOMATIC_ID = re.compile(r"subGraph\d+")
_LINE_BREAK = re.compile(r"(?<!\s)\s*(?:<br\s*/?>|\n)\s*", re.I)
_BY_HAND = "it cannot be changed here without other changes; change it by hand"


def apply(text: str, path: str, pattern: Pattern, edit: Edit) -> tuple[str, Pattern]:
    """Return the text of a source after an edit of one of its diagrams, and that diagram.

    `path` tells the format of the source. Raises `SourceEditError` if the edit cannot be written.
    """
    if pattern.resources:
        raise SourceEditError("the diagram of a template is not edited; import it as a spec first")
    expected = _content(result_of(pattern.graph, edit), edit)
    reason = _BY_HAND
    try:
        for number, candidate in enumerate(_candidates(text, path, pattern, edit)):
            try:
                new = _read(candidate, path, pattern)
            except DiagramError as error:
                reason = f"{_BY_HAND} ({error.problems[0].message})"
            else:
                if new is not None and _content(new.graph, edit) == expected and _rest(new) == _rest(pattern, edit):
                    return candidate, new
            if number == _MAX_CANDIDATES:
                break
    except (YamlEditError, YamlError, DiagramError) as error:
        raise SourceEditError(f"{_BY_HAND} ({error})") from None
    raise SourceEditError(reason)


def _candidates(text: str, path: str, pattern: Pattern, edit: Edit) -> Iterator[str]:
    """Yield the texts that an edit may make."""
    if readers.reader_of(path).name == readers.SPEC.name:
        region = _region_in_spec(text, path, pattern)
        if region is None:
            yield spec_edits.edited(text, pattern.graph, edit)
            return
        if isinstance(edit, Pin | Unpin) and not hint_comments.pin_of(region.text, edit.id):
            yield spec_edits.edited(text, pattern.graph, edit)
            return
        for candidate in _in_mermaid(region, pattern, edit):
            yield _without_references(candidate, pattern, edit)
        return
    yield from _in_mermaid(mermaid_region.find(text, path, pattern), pattern, edit)


def _region_in_spec(text: str, path: str, pattern: Pattern) -> mermaid_region.MermaidRegion | None:
    """Return the Mermaid of a spec, or None if its graph is in YAML."""
    if spec_edits.has_nodes(text):
        return None
    return mermaid_region.find(text, path, pattern)


def _without_references(text: str, pattern: Pattern, edit: Edit) -> str:
    """Return the text of a spec without what its other keys say about what the edit deletes."""
    before = {item.id for item in pattern.graph.nodes_and_groups}
    for name in sorted(before - {item.id for item in result_of(pattern.graph, edit).nodes_and_groups}):
        text = spec_edits.without_references(text, name)
    return text


def _in_mermaid(region: mermaid_region.MermaidRegion, pattern: Pattern, edit: Edit) -> Iterator[str]:
    if _is_architecture(region):
        from diagramkit.sources.source_edits import architecture_edits

        for changes in architecture_edits.candidates(region, pattern.graph, edit):
            yield region.with_changes(changes)
        return
    if isinstance(edit, Pin | Unpin):
        yield region.with_changes(hint_comments.changes(region.text, edit))
        return
    for changes in mermaid_edits.candidates(FlowchartText(region), pattern.graph, edit):
        yield region.with_changes(changes)


def _is_architecture(region: mermaid_region.MermaidRegion) -> bool:
    source = region.source()
    preamble.clean(source)
    return source.text.split(maxsplit=1)[:1] == [preamble.ARCHITECTURE]


def _read(text: str, path: str, pattern: Pattern) -> Pattern | None:
    """Return the diagram in a new text that corresponds to `pattern`."""
    reader = readers.reader_of(path)
    patterns = reader.read(text, path, pattern.folder).patterns
    if not reader.may_hold_several:
        return patterns[0]
    return next((each for each in patterns if each.name == pattern.name), None)


def _content(graph: Graph, edit: Edit) -> dict[str, Any]:
    """Return what an edit determines of a graph: everything but places, in an order of its own."""
    content: dict[str, Any] = _with_stable_ids(_plain(msgspec.to_builtins(graph)))
    if isinstance(edit, Rename | AddNode):  # Brackets that are added for a label are a shape.
        for node in content["nodes"]:
            if node["id"] == edit.id:
                node.update(markdown=False, source_shape=None)
                if isinstance(edit, AddNode):
                    node.update(shape=None, style=None)
    for group in content["groups"]:
        group["markdown"] = False
    if any(edge["sides"] for edge in content["edges"]) or not content["edges"]:
        content["direction"] = None  # That of architecture diagrams depends on their edges.
    for name in ("nodes", "groups"):
        content[name] = {each["id"]: each for each in content[name]}
    content["hints"] = sorted(map(repr, content["hints"]))
    content["edges"] = [{**each, "markdown": False} for each in content["edges"]]
    if isinstance(edit, MoveInto):  # A statement may have to be moved behind others.
        content["edges"] = sorted(content["edges"], key=repr)
    if isinstance(edit, AddEdge) and content["edges"]:
        # Architecture diagrams require sides, and `linkStyle default` gives a style.
        content["edges"][-1].update(sides=None, style=None)
    return content


def _with_stable_ids(content: dict[str, Any]) -> dict[str, Any]:
    """Return a graph whose groups without ids have numbers in their order.

    Mermaid numbers them in the order of their ends, so that each new group above gives them other ids.
    """
    automatic = [group["id"] for group in content["groups"] if _AUTOMATIC_ID.fullmatch(group["id"])]
    if not automatic:
        return content
    ids = {name: f"subGraph {number}" for number, name in enumerate(automatic)}
    for node in content["nodes"]:
        node["group"] = ids.get(node["group"], node["group"])
    for group in content["groups"]:
        group.update(id=ids.get(group["id"], group["id"]), parent=ids.get(group["parent"], group["parent"]))
    for edge in content["edges"]:
        edge.update(source=ids.get(edge["source"], edge["source"]), target=ids.get(edge["target"], edge["target"]))
    for hint in content["hints"]:
        hint["members"] = [ids.get(name, name) for name in hint["members"]]
    return content


def _plain(value: Any) -> Any:
    """Return a value without places, and with one notation of line breaks."""
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items() if name not in _UNCOMPARED}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return _LINE_BREAK.sub("<br/>", value).strip() if isinstance(value, str) else value


def _rest(pattern: Pattern, edit: Edit | None = None) -> tuple[Any, ...]:
    """Return what an edit does not concern: everything besides the graph, without the icons of what it deletes."""
    ids = {item.id for item in (result_of(pattern.graph, edit) if edit else pattern.graph).nodes_and_groups}
    icons = [(name, icon) for name, icon, _ in pattern.icons if name in ids]
    lists = pattern.components, pattern.best_practices, pattern.notes.strip()
    return pattern.title, pattern.category, pattern.provider, lists, icons, pattern.options
