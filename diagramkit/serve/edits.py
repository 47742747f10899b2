"""Write an icon that was chosen on the page into the source of its node.

Nothing else in the source changes, and its formatting and comments are kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from diagramkit.diagnostics import DiagramError
from diagramkit.graph import Graph, Pattern
from diagramkit.publish import marks
from diagramkit.sources import readers, yamltree
from diagramkit.sources.mermaid.write_text import yaml_quoted

_REFERENCE = re.compile(r"[\w.:-]+|none")
_NO_FENCE = "the fence of this diagram no longer exists"


class EditError(ValueError):
    """An icon cannot be written. The message says why."""


def with_icon(text: str, path: str, pattern: Pattern, node: str, icon: str) -> str:
    """Return a source's text in which the node with the id `node` has an icon.

    `path` tells the format of the source, and `pattern` is the diagram to change in it. Raises `EditError` if the icon
    cannot be written.
    """
    if not _REFERENCE.fullmatch(icon):
        raise EditError(f"'{icon}' is not an icon reference")
    if node not in {existing.id for existing in pattern.graph.nodes}:
        raise EditError(f"there is no node '{node}' in this diagram")
    line_end = "\r\n" if "\r\n" in text else "\n"
    result = ICON_WRITERS[readers.reader_of(path).name](text, path, pattern, node, icon, line_end)
    _check(result, path, pattern, node, icon)
    return result


def _in_spec(text: str, path: str, _: Pattern, node: str, icon: str, line_end: str) -> str:
    """Write the icon under `icons:`, which is added at the end if it is missing."""
    fields = yamltree.load(text, path).items()
    lines = re.findall(r"[^\n]*\n|[^\n]+", text)
    key = node if re.fullmatch(r"[A-Za-z_][\w-]*", node) else "'" + node.replace("'", "''") + "'"
    if "icons" not in fields:
        missing_end = "" if not lines or lines[-1].endswith("\n") else line_end
        return f"{text}{missing_end}icons:{line_end}  {key}: {icon}{line_end}"
    entries = fields["icons"].items()
    if node in entries:
        value = entries[node]
        line, column = value.span.line - 1, value.span.column - 1
        rest = re.sub(
            r"\A('(?:[^']|'')*'|\"(?:[^\"\\]|\\.)*\"|[^\s,}#]+)",
            icon,
            lines[line][column:],
            count=1,
        )
        lines[line] = lines[line][:column] + rest
        return "".join(lines)
    if not entries:
        raise EditError("'icons' is empty; add the icon by hand")
    first_key = next(iter(entries.values())).key
    assert first_key is not None
    line, column = first_key.line - 1, first_key.column - 1
    before = lines[line][:column]
    if before.strip():  # `icons: {...}` in one line.
        lines[line] = f"{before}{key}: {icon}, {lines[line][column:]}"
    else:
        lines.insert(line, f"{before}{key}: {icon}{line_end}")
    return "".join(lines)


def _in_mermaid(text: str, _path: str, pattern: Pattern, node: str, icon: str, line_end: str) -> str:
    """Write the icon as a line `A@{ icon: "..." }`: replace the existing line, or add one at the end.

    Mermaid shows the id of a node without a label, but not if the node has an icon; the line then contains the label.
    """
    is_bare = any(each.id == node == each.label for each in pattern.graph.nodes)
    label = f", label: {yaml_quoted(node)}" if is_bare else ""
    line = f'{node}@{{ icon: "{icon}"{label} }}'
    existing = re.compile(
        rf'^([ \t]*){re.escape(node)}@\{{ icon: "[^"\n]*"(?:, label: "[^"\n]*")? \}}[ \t]*(?=\r?$)', re.M
    )
    if existing.search(text):
        return existing.sub(lambda match: match[1] + line, text, count=1)
    body = text.rstrip()
    indent = re.findall(r"(?m)^([ \t]*)\S", body)[-1] if body else ""
    return f"{body}{line_end}{indent}{line}{text[len(body) :] or line_end}"


def _in_markdown(text: str, path: str, pattern: Pattern, node: str, icon: str, line_end: str) -> str:
    """Write the icon into the fence that the pattern was read from."""
    document = marks.read(text, path)
    for region in document.regions:
        if region.fence_start < pattern.span.line <= region.fence_end and not region.has_no_fence:
            lines = document.lines
            first, last = region.fence_start + 1, region.fence_end - 1
            body = _in_mermaid("".join(lines[first:last]), path, pattern, node, icon, line_end)
            return "".join([document.bom, *lines[:first], body, *lines[last:]])
    raise EditError(_NO_FENCE)


def _check(new_text: str, path: str, pattern: Pattern, node: str, icon: str) -> None:
    """Read the new text and check that the node has the icon and that nothing else changed.

    Raises `EditError` if that is not so.
    """
    try:
        new_pattern = _read_pattern(new_text, path, pattern)
    except DiagramError as error:
        raise EditError(f"the icon cannot be added here ({error.problems[0].message})") from None
    changed_node = next((candidate for candidate in new_pattern.graph.nodes if candidate.id == node), None)
    overrides = {name: reference for name, reference, _ in new_pattern.icons}
    if changed_node is None or icon not in (overrides.get(node), changed_node.icon):
        raise EditError("the icon cannot be added here; add it by hand")
    if _content(new_pattern.graph) != _content(pattern.graph):
        raise EditError("the icon cannot be added here without other changes; add it by hand")


def _content(graph: Graph) -> tuple[object, ...]:
    """Return what an edit must not change: ids, labels, groups and edges."""
    nodes = [(node.id, node.label, node.group) for node in graph.nodes]
    edges = [(edge.source, edge.target, edge.label) for edge in graph.edges]
    return nodes, edges, [(group.id, group.label, group.parent) for group in graph.groups]


def _read_pattern(text: str, path: str, pattern: Pattern) -> Pattern:
    """Return the diagram in a new text that corresponds to `pattern`."""
    reader = readers.reader_of(path)
    candidates = reader.read(text, path, "").patterns
    if not reader.may_hold_several:
        return candidates[0]
    for candidate in candidates:
        if candidate.name == pattern.name:
            return candidate
    raise EditError(_NO_FENCE)


ICON_WRITERS: Mapping[str, Callable[[str, str, Pattern, str, str, str], str]] = {
    "spec": _in_spec,
    "mermaid": _in_mermaid,
    "markdown": _in_markdown,
}
"""The function that writes an icon, by the name of the source's reader. It raises `EditError` if it cannot."""
