"""How large a source may be: beyond, it is refused before time and memory are spent on it.

The settings of a project may say other numbers (`[limits]` in `diagramkit.toml`).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from msgspec import Struct

from diagramkit import project
from diagramkit.diagnostics import Diagnostic, DiagramError, Span, did_you_mean, fail
from diagramkit.graph import Edge, Graph, Group, Node

_MOST = 10_000_000_000


class Limits(Struct, frozen=True):
    """The most bytes of a source; nodes, edges and groups of a diagram; levels of groups; characters of a
    label; pixels of a picture, and of a side of an icon; seconds and megabytes of one layout by Graphviz."""

    bytes: int = 5_000_000
    nodes: int = 5_000
    edges: int = 10_000
    groups: int = 1_000
    depth: int = 30
    label: int = 5_000
    pixels: int = 100_000_000
    icon: int = 4_096
    seconds: int = 120
    memory: int = 1_000


def for_file(path: str) -> Limits:
    """The limits of a file's project. Raises `DiagramError` (bad-config)."""
    return _for_folder(project.folder_of(path)) if path != "-" else current()


def current() -> Limits:
    """The limits of the project that this process works in. Raises `DiagramError` (bad-config)."""
    return _for_folder(Path.cwd())


@lru_cache(maxsize=256)
def _for_folder(folder: Path) -> Limits:
    found = project.find(folder)
    said = found.settings.get("limits", {})
    where, known = Span(project.display_path(found.config)), Limits.__struct_fields__
    if not isinstance(said, dict):
        raise fail("bad-config", "'limits' is a table, such as [limits] with nodes = 10000", where)
    for name, value in said.items():
        if name not in known:
            hint = did_you_mean(name, known) or f"; known: {', '.join(known)}"
            raise fail("bad-config", f"there is no limit '{name}'{hint}", where)
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= _MOST:
            message = f"the limit '{name}' must be a number from 1 to {_MOST:,}"
            raise fail("bad-config", message, where)
    return Limits(**said)


def check_size(size: int, path: str) -> None:
    """Refuse a source of too many bytes. Raises `DiagramError` (too-large)."""
    most = for_file(path).bytes
    if size > most:
        raise DiagramError([_problem("too-large", f"has {size:,} bytes", "bytes", most, Span(path))])


def check(graph: Graph, path: str, span: Span) -> None:
    """Refuse a diagram that is too large. Raises `DiagramError` (too-large, too-deep, label-too-long)."""
    if found := list(_problems(graph, for_file(path), span)):
        raise DiagramError(found)


def _problems(graph: Graph, limits: Limits, span: Span) -> Iterator[Diagnostic]:
    for name, count in (
        ("nodes", len(graph.nodes)),
        ("edges", len(graph.edges)),
        ("groups", len(graph.groups)),
    ):
        most = getattr(limits, name)
        if count > most:
            yield _problem("too-large", f"has {count:,} {name}", name, most, span)
    parents = {group.id: group for group in graph.groups}
    for group in graph.groups:
        if _depth(group, parents, limits.depth) > limits.depth:
            yield _problem("too-deep", "lies in too many groups", "depth", limits.depth, group.span)
            break
    things: tuple[Node | Edge | Group, ...] = (*graph.nodes, *graph.edges, *graph.groups)
    for thing in things:
        if len(thing.label) > limits.label:
            said = f"has a label of {len(thing.label):,} characters"
            yield _problem("label-too-long", said, "label", limits.label, thing.span)
            break


def _depth(group: Group, parents: dict[str, Group], most: int) -> int:
    depth, at = 1, group.parent
    while at in parents and depth <= most:
        depth, at = depth + 1, parents[at].parent
    return depth


def _problem(code: str, said: str, name: str, most: int, span: Span) -> Diagnostic:
    message = f"{said}; at most {most:,} are drawn: part it, or set '{name}' under [limits] in the settings"
    return Diagnostic(code, message, span)
