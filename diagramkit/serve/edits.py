"""Write an icon that was chosen on the page into the source of its node.

Nothing else in the source changes, and its formatting and comments are kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from diagramkit.diagnostics import DiagramError
from diagramkit.graph import Graph, Node, Pattern
from diagramkit.publish import marks
from diagramkit.sources import readers
from diagramkit.sources.mermaid.write_text import yaml_quoted
from diagramkit.sources.yaml_edits import YamlDocument, YamlEditError
from diagramkit.sources.yamltree import YamlError

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_REFERENCE = re.compile(r"[\w.:-]+|none|(?:\.\./)*(?:[\w][\w.() +-]*/)*[\w][\w.() +-]*\.(?:svg|png)", re.I)
_NO_FENCE = "the fence of this diagram no longer exists"


class EditError(ValueError):
    """Something cannot be written into a source. The message says why."""


def with_icon(text: str, path: str, pattern: Pattern, node: str, icon: str) -> str:
    """Return a source's text in which the node with the id `node` has an icon.

    `path` tells the format of the source, and `pattern` is the diagram to change in it. Raises `EditError` if the icon
    cannot be written.
    """
    if not _REFERENCE.fullmatch(icon):
        raise EditError(f"'{icon}' is not an icon reference")
    if node not in {existing.id for existing in pattern.graph.nodes}:
        raise EditError(f"there is no node '{node}' in this diagram")
    if pattern.resources:
        raise EditError(
            "the icons of a template come from a table of rules; write your own as docs/infrastructure.md says"
        )
    result = ICON_WRITERS[readers.reader_of(path).name](text, path, pattern, node, icon)
    _check(result, path, pattern, node, icon)
    return result


def _in_spec(text: str, _path: str, _: Pattern, node: str, icon: str) -> str:
    """Write the icon under `icons:`, which is added at the end if it is missing."""
    try:
        document = YamlDocument(text)
        if document.has(("icons", node)):
            document.put(("icons", node), icon)
        elif document.is_empty(("icons",)):
            raise EditError("'icons' is empty; add the icon by hand")
        else:
            document.insert(("icons",), {node: icon}, index=0)
        return keep_end(text, document.text)
    except (YamlEditError, YamlError):
        raise EditError("the icon cannot be added here; add it by hand") from None


def keep_end(text: str, changed: str) -> str:
    """Return a changed text without a line end at its end if the text had none there."""
    return changed if text.endswith("\n") else changed.removesuffix("\n").removesuffix("\r")


def _in_mermaid_file(text: str, path: str, pattern: Pattern, node: str, icon: str) -> str:
    return keep_end(text, _in_mermaid(text, path, pattern, node, icon))


def _in_mermaid(text: str, _path: str, pattern: Pattern, node: str, icon: str) -> str:
    """Write the icon as a line `A@{ icon: "..." }`: replace the existing line, or add one at the end.

    Mermaid gives a node with an icon no label unless it has one of its own, so one that only has an id gets it here.
    """
    existing = re.compile(rf'^([ \t]*{re.escape(node)}@\{{ icon: )"[^"\n]*"', re.M)
    if existing.search(text):
        return existing.sub(lambda match: f'{match[1]}"{icon}"', text, count=1)
    lines = lines_of(text)
    last = max((number for number, line in enumerate(lines) if line.strip()), default=-1)
    # Mermaid has more white space, but with that, the line would not be found when another icon is chosen.
    indent = lines[last][: len(lines[last]) - len(lines[last].lstrip(" \t"))] if lines else ""
    label = next((_label_field(each) for each in pattern.graph.nodes if each.id == node and each.label == node), "")
    return with_lines(lines, last + 1, [f'{indent}{node}@{{ icon: "{icon}"{label} }}'])


def _label_field(node: Node) -> str:
    """Return the field of `@{ }` that keeps a node's label; unlike other labels, it is Markdown unless stated."""
    is_plain = not re.search(r"[^\w ]|_", node.label)
    return f", label: {yaml_quoted(node.label)}" + ("" if node.markdown or is_plain else ", labelType: text")


def lines_of(text: str) -> list[str]:
    """Return the lines of a text with their line ends."""
    return _LINE.findall(text)


def with_lines(lines: list[str], index: int, new: list[str]) -> str:
    """Return a text with new lines before the line `index`; their line ends are those of the line above."""
    before, after = "".join(lines[:index]), "".join(lines[index:])
    line_end = "\r\n" if before.rpartition("\n")[0].endswith("\r") else "\n"
    missing_end = line_end if before and not before.endswith("\n") else ""
    return before + missing_end + "".join(line + line_end for line in new) + after


def _in_markdown(text: str, path: str, pattern: Pattern, node: str, icon: str) -> str:
    """Write the icon into the fence that the pattern was read from."""
    return in_fence(text, path, pattern, lambda body: _in_mermaid(body, path, pattern, node, icon))


def in_fence(text: str, path: str, pattern: Pattern, change: Callable[[str], str]) -> str:
    """Return a Markdown text with a change of the fence that a pattern was read from. Raises `EditError`."""
    document = marks.read(text, path)
    for region in document.regions:
        fence = region.fence
        if fence and fence.start < pattern.span.line <= fence.end:
            lines = document.lines
            first, last = fence.start + 1, fence.end - 1
            body = change("".join(lines[first:last]))
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
    others = {name: reference for name, reference, _ in pattern.icons if name != node}
    if _summary(pattern.graph) != _summary(new_pattern.graph) or others != {
        name: reference for name, reference in overrides.items() if name != node
    }:
        raise EditError("the icon cannot be added here without other changes; add it by hand")


def _summary(graph: Graph) -> tuple[object, ...]:
    """Return what an icon must not change in a diagram."""
    return (
        [(node.id, node.label, node.group, node.classes, node.style, node.link) for node in graph.nodes],
        [(edge.source, edge.target, edge.label) for edge in graph.edges],
        [(group.id, group.label, group.parent) for group in graph.groups],
    )


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


ICON_WRITERS: Mapping[str, Callable[[str, str, Pattern, str, str], str]] = {
    "spec": _in_spec,
    "mermaid": _in_mermaid_file,
    "markdown": _in_markdown,
}
"""The function that writes an icon, by the name of the source's reader. It raises `EditError` if it cannot."""
