"""The edges of a spec in a line, such as `a -> b: label`, and the fixes of lines that are written as in Mermaid."""

from __future__ import annotations

import itertools
import re
from collections.abc import Container, Iterator

from diagramkit.diagnostics import Diagnostic, Fix, Span
from diagramkit.graph import Edge, Stroke
from diagramkit.sources.yamltree import Tree

# An arrow in an edge such as `a <-.-> b`: an optional tail, a body that determines the stroke, an optional head. The
# lookbehind prevents a search at each character of a long space.
_ARROW = re.compile(r"(?<!\s)\s+(?P<tail><?)(?P<body>-\.+-|--+|==*|-)(?P<head>>?)\s+")
_MAX_LENGTH = 400
"""The length of the longest line that is examined for mistakes."""


def edges_of_line(tree: Tree, problems: list[Diagnostic]) -> Iterator[Edge]:
    """Yield the edges of an entry such as `a -> b` or `a -> b: label`, which may be in quotes.

    Add to `problems` what is wrong with it.
    """
    if isinstance(tree.value, str):
        line, label = _split(tree.text())
        yield from _one_liner(line, label, tree.span, problems)
    for key, value in tree.items().items():
        yield from _one_liner(key, value.text(), tree.span, problems)


def _split(text: str) -> tuple[str, str]:
    """Return the edge and the label of `a -> b: label`."""
    line, colon, label = text.partition(": ")
    return (line, label.strip()) if colon and _ARROW.search(line) else (text, "")


def _one_liner(line: str, label: str, span: Span, problems: list[Diagnostic]) -> Iterator[Edge]:
    """Yield the edges of a line such as `a -> b` or `a & b -> c -> d`.

    Each arrow connects all nodes on its left with all nodes on its right.
    """
    parts = [part.strip() for part in _ARROW.split(f" {line} ")]
    node_lists = [[name.strip() for name in part.split(" & ")] for part in parts[::4]]
    if len(node_lists) < 2 or not all(name for nodes in node_lists for name in nodes):
        problems.append(Diagnostic("edge-syntax", f"'{line}' is not an edge; write 'a -> b' or 'a -> b: label'", span))
        return
    for number, (sources, targets) in enumerate(itertools.pairwise(node_lists)):
        tail_mark, body, head_mark = parts[number * 4 + 1 : number * 4 + 4]
        stroke: Stroke = "dotted" if "." in body else "thick" if "=" in body else "normal"
        for source in sources:
            for target in targets:
                yield Edge(
                    source,
                    target,
                    span,
                    label,
                    stroke,
                    "arrow" if tail_mark else "none",
                    "arrow" if head_mark else "none",
                )


_OTHER_ARROW = re.compile(r"\s*(?:[→⟶➔➜]|(?<![-=.<])(?:[-–—−]+[>＞]|=+>)(?!>))\s*")
_LABELED = (
    re.compile(r"(?P<before>.*\S)\s*(?P<link><?(?:-+|=+|-\.+-?)>?)\s*\|\s*(?P<label>[^|]+?)\s*\|\s*(?P<after>[^|]+)"),
    re.compile(
        r"(?P<before>.*\S)\s+(?:--?|==?|-\.)\s+(?P<label>\S(?:.*?\S)?)\s+(?P<link>-+>|=+>|\.-+>)\s+(?P<after>\S+)"
    ),
    re.compile(r"(?P<before>.*\S)\s+(?P<link>-+>|=+>|-\.+->)\s+(?P<after>[^\s(\[]+)\s*[(\[](?P<label>.+)[)\]]"),
)
_COLON = re.compile(r"(?<![\s:])\s*+:(?=[^\s:])")
_ANY_ARROW = re.compile(r"[-=.]>|[→⟶➔➜]")
_NEEDS_QUOTES = re.compile(
    r"^[-?:,\[\]{}#&*!|>'\"%@`]|:(?:\s|$)|\s#|^(?:true|false|yes|no|on|off|null|~|[\d.]+)$", re.I
)


def misspelled(tree: Tree, known: Container[str]) -> Diagnostic | None:
    """Return an error with a fix for an edge that is written as in Mermaid, or None if it needs or has no fix.

    `known` has the ids of all nodes and groups. The fix is offered if all ends of the result are among them.
    """
    if isinstance(tree.value, str):
        span, line, label = tree.span, *_split(tree.text())
        old = tree.text()
    elif isinstance(tree.value, dict) and len(tree.value) == 1 and not {"from", "to"} & tree.value.keys():
        ((line, value),) = tree.value.items()
        span, label, old = value.key or tree.span, "", line
    else:
        return None
    if len(line) > _MAX_LENGTH or _is_valid(line, known):
        return None
    if not label and isinstance(tree.value, str) and (text := _with_space(line, known)):
        message = f"a space is missing behind the colon of the label; write '{text}'"
        return Diagnostic("edge-syntax", message, span, fix=Fix(span, old, text))
    for new, new_label in _readings(line):
        if _is_valid(new, known) and not (new_label and (label or isinstance(tree.value, dict))):
            text = f"{new}: {_quoted(new_label or label)}" if new_label or label else new
            message = f"'{line}' is not an edge; write '{text}'"
            return Diagnostic("edge-syntax", message, span, fix=Fix(span, old, text))
    return None


def _with_space(line: str, known: Container[str]) -> str | None:
    """Return `a -> b:label` or `a->b :label` with the space behind its colon, or None if it is not that.

    It is not if a node has this name with a colon in it, or if more than one colon may be that of the label.
    """
    spaced = _with_arrows(line)
    readings = []
    for match in _COLON.finditer(spaced):
        edge, label = spaced[: match.start()], spaced[match.end() :].rstrip("; ").strip("\"'“”")
        if _is_valid(edge, known) and not _ANY_ARROW.search(label):
            readings.append(f"{edge}: {_quoted(label)}")
    return readings[0] if len(readings) == 1 and not _is_valid(spaced, known) else None


def _is_valid(line: str, known: Container[str]) -> bool:
    problems: list[Diagnostic] = []
    edges = list(_one_liner(line, "", Span(""), problems))
    return not problems and all(edge.source in known and edge.target in known for edge in edges)


def _readings(line: str) -> Iterator[tuple[str, str]]:
    """Yield an edge and its label for each way to read a line with a mistake."""
    line = line.strip().rstrip(";, ")
    for text in (line, _with_arrows(line)):
        yield text, ""
        for pattern in _LABELED:
            if match := pattern.fullmatch(text):
                link = match["link"] if not match["link"].startswith(".") else "-.->"
                yield f"{match['before']} {link} {match['after'].strip()}", match["label"].strip("\"'“”")


def _with_arrows(line: str) -> str:
    """Return a line with the arrows of specs instead of those of other languages."""
    return _OTHER_ARROW.sub(lambda match: " => " if "=" in match.group() else " -> ", line)


def _quoted(label: str) -> str:
    """Return a label as YAML, in quotes if it needs them."""
    return '"' + label.replace("\\", "\\\\").replace('"', '\\"') + '"' if _NEEDS_QUOTES.search(label) else label
