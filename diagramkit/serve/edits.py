"""A node's icon, chosen on the page, written where its source has it: nothing else in the file changes."""

from __future__ import annotations

import re

from diagramkit import sources
from diagramkit.diagnostics import DiagramError
from diagramkit.graph import Pattern
from diagramkit.publish import marks
from diagramkit.sources import yamltree
from diagramkit.sources.mermaid import read
from diagramkit.sources.mermaid.source_text import Origin

_REFERENCE = re.compile(r"[\w.:-]+|none")


def with_icon(text: str, path: str, pattern: Pattern, node: str, icon: str) -> str:
    """A source's text in which a node has an icon. Raises `ValueError` where it cannot be written there."""
    if not _REFERENCE.fullmatch(icon):
        raise ValueError(f"'{icon}' is no icon")
    if node not in {one.id for one in pattern.graph.nodes}:
        raise ValueError(f"there is no node '{node}' in this diagram")
    end = "\r\n" if "\r\n" in text else "\n"
    ending = sources.file_extension(path)
    if ending in sources.SPEC_EXTENSIONS:
        made = _in_spec(text, path, node, icon, end)
    elif ending in sources.MERMAID_EXTENSIONS:
        made = _in_mermaid(text, node, icon, end)
    else:
        made = _in_markdown(text, path, pattern, node, icon, end)
    _check(made, path, pattern, node, icon)
    return made


def _in_spec(text: str, path: str, node: str, icon: str, end: str) -> str:
    """Under `icons:`, which comes at the end where there is none."""
    fields = yamltree.load(text, path).items()
    lines = re.findall(r"[^\n]*\n|[^\n]+", text)
    key = node if re.fullmatch(r"[A-Za-z_][\w-]*", node) else "'" + node.replace("'", "''") + "'"
    if "icons" not in fields:
        last = "" if not lines or lines[-1].endswith("\n") else end
        return f"{text}{last}icons:{end}  {key}: {icon}{end}"
    tree = fields["icons"]
    known = tree.items()
    if node in known:
        value = known[node]
        line, column = value.span.line - 1, value.span.column - 1
        rest = re.sub(
            r"\A('(?:[^']|'')*'|\"(?:[^\"\\]|\\.)*\"|[^\s,}#]+)",
            icon,
            lines[line][column:],
            count=1,
        )
        lines[line] = lines[line][:column] + rest
        return "".join(lines)
    if not known:
        raise ValueError("'icons' is empty; write the icon by hand")
    first = next(iter(known.values())).key
    assert first is not None
    line, column = first.line - 1, first.column - 1
    before = lines[line][:column]
    if before.strip():  # In braces.
        lines[line] = f"{before}{key}: {icon}, {lines[line][column:]}"
    else:
        lines.insert(line, f"{before}{key}: {icon}{end}")
    return "".join(lines)


def _in_mermaid(text: str, node: str, icon: str, end: str) -> str:
    """As `A@{ icon: "…" }` in a line of its own at the end; one that is there says the other icon then."""
    line = f'{node}@{{ icon: "{icon}" }}'
    own = re.compile(rf'^([ \t]*){re.escape(node)}@\{{ icon: "[^"\n]*" \}}[ \t]*(?=\r?$)', re.M)
    if own.search(text):
        return own.sub(lambda found: found[1] + line, text, count=1)
    body = text.rstrip()
    indent = re.findall(r"(?m)^([ \t]*)\S", body)[-1] if body else ""
    return f"{body}{end}{indent}{line}{text[len(body) :] or end}"


def _in_markdown(text: str, path: str, pattern: Pattern, node: str, icon: str, end: str) -> str:
    """In the fence that the pattern came from."""
    document = marks.read(text, path)
    for place in document.places:
        if place.first < pattern.span.line <= place.last and not place.gone:
            lines = document.lines
            body = "".join(lines[place.first + 1 : place.last - 1])
            made = _in_mermaid(body, node, icon, end)
            return "".join([document.bom, *lines[: place.first + 1], made, *lines[place.last - 1 :]])
    raise ValueError("the fence of this diagram is not there any more")


def _check(made: str, path: str, pattern: Pattern, node: str, icon: str) -> None:
    """Read it again: the icon is there, and nothing else is another."""
    try:
        again = _again(made, path, pattern)
    except DiagramError as error:
        raise ValueError(f"the icon cannot be written here ({error.problems[0].message})") from None
    one = next((found for found in again.graph.nodes if found.id == node), None)
    said = {name: reference for name, reference, _ in again.icons}
    if one is None or icon not in (said.get(node), one.icon):
        raise ValueError("the icon cannot be written here; write it by hand")
    same = [found.id for found in pattern.graph.nodes] == [found.id for found in again.graph.nodes]
    if not same or len(again.graph.edges) != len(pattern.graph.edges):
        raise ValueError("the icon cannot be written here without other changes; write it by hand")


def _again(made: str, path: str, pattern: Pattern) -> Pattern:
    ending = sources.file_extension(path)
    if ending in sources.SPEC_EXTENSIONS:
        return sources.load_spec(made, path)
    if ending in sources.MERMAID_EXTENSIONS:
        graph = read.parse(made.replace("\r\n", "\n").removeprefix("\ufeff"), Origin(path))
        return Pattern(graph, pattern.name, "", "", made, pattern.span)
    for found in sources.load_markdown(made, path).patterns:
        if found.name == pattern.name:
            return found
    raise ValueError("the fence of this diagram is not there any more")
