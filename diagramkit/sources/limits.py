"""Limits on the size of a source, so that a huge one is rejected before it takes much time and memory.

A project can change them under `[limits]` in `diagramkit.toml`.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from msgspec import Struct

from diagramkit import project
from diagramkit.diagnostics import Diagnostic, DiagramError, Span, did_you_mean, fail
from diagramkit.graph import Edge, Graph, Group, Node

_MAX_SETTING = 10_000_000_000


class Limits(Struct, frozen=True):
    """The limits of a project. The names of the fields are the keys of `[limits]`.

    `bytes`: size of a source. `nodes`, `edges`, `groups`: their number in a diagram. `depth`: levels of nested groups.
    `label`: characters of a label. `pixels`: area of a picture. `icon`: width and height of an icon in pixels.
    `seconds`, `memory`: time and megabytes for one layout by Graphviz.
    """

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
    """Return the limits of the project that a file belongs to. Raises `DiagramError` (bad-config)."""
    return _for_folder(project.folder_of(path))  # For "-" (standard input), that is the current folder.


def current() -> Limits:
    """Return the limits of the project that the working directory belongs to. Raises `DiagramError` (bad-config)."""
    return _for_folder(Path.cwd())


@lru_cache(maxsize=256)
def _for_folder(folder: Path) -> Limits:
    settings_file = project.find(folder)
    settings = settings_file.settings.get("limits", {})
    span, known = Span(project.display_path(settings_file.config)), Limits.__struct_fields__
    if not isinstance(settings, dict):
        raise fail("bad-config", "'limits' must be a table, such as [limits] with nodes = 10000", span)
    for name, value in settings.items():
        if name not in known:
            hint = did_you_mean(name, known) or f"; known: {', '.join(known)}"
            raise fail("bad-config", f"there is no limit '{name}'{hint}", span)
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= _MAX_SETTING:
            message = f"the limit '{name}' must be a whole number from 1 to {_MAX_SETTING:,}"
            raise fail("bad-config", message, span)
    return Limits(**settings)


def check_size(size: int, path: str) -> None:
    """Check the size of a source in bytes. Raises `DiagramError` (too-large)."""
    limit = for_file(path).bytes
    if size > limit:
        raise DiagramError([_problem("too-large", f"has {size:,} bytes", "bytes", limit, Span(path))])


def check(graph: Graph, path: str, span: Span) -> None:
    """Check the size of a diagram. Raises `DiagramError` (too-large, too-deep, label-too-long)."""
    if problems := list(_problems(graph, for_file(path), span)):
        raise DiagramError(problems)


def _problems(graph: Graph, limits: Limits, span: Span) -> Iterator[Diagnostic]:
    for name, count in (
        ("nodes", len(graph.nodes)),
        ("edges", len(graph.edges)),
        ("groups", len(graph.groups)),
    ):
        limit = getattr(limits, name)
        if count > limit:
            yield _problem("too-large", f"has {count:,} {name}", name, limit, span)
    for group in graph.groups:
        if graph.depth(group.id) >= limits.depth:
            yield _problem("too-deep", "is nested in too many groups", "depth", limits.depth, group.span)
            break
    elements: tuple[Node | Edge | Group, ...] = (*graph.nodes, *graph.edges, *graph.groups)
    for element in elements:
        if len(element.label) > limits.label:
            excess = f"has a label of {len(element.label):,} characters"
            yield _problem("label-too-long", excess, "label", limits.label, element.span)
            break


def _problem(code: str, excess: str, name: str, limit: int, span: Span) -> Diagnostic:
    message = f"{excess}; the limit is {limit:,}: split the diagram or raise limits.{name}"
    return Diagnostic(code, message, span)
